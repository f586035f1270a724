// "Move to class": type a few letters, Enter. Names appear as text only.

const MOST_SHOWN = 200;

class Palette {
  constructor(dialog, onChoose) {
    this.dialog = dialog;
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("ul");
    this.onChoose = onChoose;
    this.classes = [];
    this.shown = [];
    this.current = 0;
    this.input.addEventListener("input", () => this.fill());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) this.choose(Number(item.dataset.index));
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  // `wordsOf` says of a class how many pictures it has.
  open(classes, wordsOf) {
    this.classes = classes;
    this.wordsOf = wordsOf;
    this.input.value = "";
    this.dialog.showModal();
    this.fill();
    this.input.focus();
  }

  fill() {
    const words = folded(this.input.value).split(/\s+/).filter(Boolean);
    const rank = ({ name }) => (folded(name).startsWith(words[0] ?? "") ? 0 : 1);
    this.shown = this.classes
      .filter(({ name }) => words.every((word) => folded(name).includes(word)))
      .sort((one, other) => rank(one) - rank(other))
      .slice(0, MOST_SHOWN);
    this.current = 0;
    this.list.replaceChildren(...this.shown.map((each, index) => this.item(each, index)));
    this.mark();
  }

  item({ class_id, name, key }, index) {
    const item = document.createElement("li");
    item.id = `palette-${index}`;
    item.dataset.index = index;
    item.setAttribute("role", "option");
    const label = document.createElement("span");
    label.textContent = name;
    const hint = document.createElement("kbd");
    hint.textContent = [this.wordsOf(class_id), key].filter(Boolean).join("  ·  ");
    item.append(label, hint);
    return item;
  }

  mark() {
    Array.from(this.list.children).forEach((item, index) => {
      item.setAttribute("aria-selected", index === this.current ? "true" : "false");
      if (index === this.current) item.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-activedescendant", this.shown.length ? `palette-${this.current}` : "");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.shown.length) {
      this.current = (this.current + step + this.shown.length) % this.shown.length;
      this.mark();
      event.preventDefault();
    } else if (event.key === "Enter") {
      this.choose(this.current);
      event.preventDefault();
    }
  }

  choose(index) {
    const chosen = this.shown[index];
    if (!chosen) return;
    this.dialog.close();
    this.onChoose(chosen.class_id);
  }
}

function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
