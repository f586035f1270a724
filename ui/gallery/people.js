// Who decides: a name that is asked once a browser. The cookie tells it to the app's other pages.

const NAME = "specimen.name";
const ASKED = "specimen.name.asked";
const COOKIE_SECONDS = 365 * 24 * 3600;

function nameHere(fallback) {
  return stored(localStorage, NAME) || fallback;
}

function nameWasAsked() {
  return Boolean(stored(localStorage, NAME) || stored(localStorage, ASKED));
}

function setName(name) {
  try {
    if (name) localStorage.setItem(NAME, name);
    localStorage.setItem(ASKED, "yes");
  } catch {
    // without storage the name holds until the page is loaded anew
  }
  if (name) document.cookie = `specimen_name=${encodeURIComponent(name)}; path=/; max-age=${COOKIE_SECONDS}; samesite=strict`;
}

// The line that asks, once; what is decided meanwhile carries the usual name.
class Ask {
  constructor(form, onName) {
    this.form = form;
    this.input = form.querySelector("input");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.done(this.input.value.trim());
      onName();
    });
    this.input.addEventListener("keydown", (event) => event.key === "Escape" && this.done(""));
  }

  open(name) {
    this.input.value = name;
    this.form.hidden = false;
    this.input.focus();
    this.input.select();
  }

  offer(name) {
    if (nameWasAsked()) return;
    this.input.value = name;
    this.form.hidden = false;
  }

  done(name) {
    setName(name);
    this.form.hidden = true;
  }
}
