// All classes and how far each is, to go to one of them.

class Ladder {
  constructor(dialog, onGo) {
    this.dialog = dialog;
    this.list = dialog.querySelector("ol");
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      dialog.close();
      onGo(Number(button.dataset.class));
    });
  }

  open(standing, { wanted, only }) {
    this.list.replaceChildren(...[...standing.classes.values()].map((row) => this.rung(row, wanted, only)));
    this.dialog.showModal();
    this.list.querySelector('[aria-current="true"]')?.focus();
  }

  rung(row, wanted, only) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.class = row.class_id;
    if (row.class_id === only) button.setAttribute("aria-current", "true");
    const [name, words, bar] = ["span", "span", "progress"].map((tag) => document.createElement(tag));
    const total = row.keep + row.unreviewed + row.reject;
    name.textContent = row.name;
    name.className = "ladder-name";
    words.className = "ladder-words";
    words.textContent = `${figure(total - row.unreviewed)} of ${figure(total)} · ${classWords(row, wanted)}`;
    bar.max = Math.max(total, 1);
    bar.value = total - row.unreviewed;
    bar.setAttribute("aria-label", `${row.name}: looked at`);
    button.append(name, bar, words);
    item.append(button);
    return item;
  }
}

// What a class has kept, against what it needs at least and what is wanted of it.
function classWords(row, { minimum, target }) {
  const kept = `${figure(row.keep)} kept`;
  if (row.keep >= target) return `${kept}, enough`;
  if (row.keep >= minimum) return `${kept} of ${figure(target)} wanted`;
  if (row.keep + row.unreviewed >= minimum) return `${kept}, ${figure(minimum - row.keep)} to the minimum`;
  return `${kept}, ${figure(minimum - row.keep - row.unreviewed)} short of the minimum`;
}
