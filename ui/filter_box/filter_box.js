// The box for a filter: the server says what fits at the cursor, what is wrong and how many pictures it shows; the
// page's script runs only when a whole, right condition is applied.

const TYPING_MS = 120;
const boxes = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".specimen-filter");
  if (!root) return undefined;
  if (!boxes.has(root)) boxes.set(root, new Box(root));
  boxes.get(root).update(data, setStateValue);
  return () => boxes.get(root)?.leave();
}

class Box {
  constructor(root) {
    this.input = root.querySelector("input");
    this.list = root.querySelector("ul");
    this.said = root.querySelector(".said");
    this.clear = root.querySelector(".clear");
    this.options = [];
    this.active = -1;
    this.turn = 0;
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("click", () => this.look(true));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.left());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(Number(event.target.closest("li")?.dataset.place)));
    this.clear.addEventListener("click", () => this.empty());
  }

  update(data, setStateValue) {
    const fresh = this.data?.text !== data.text;
    const moved = this.data?.base !== data.base;
    this.data = data;
    this.apply = (text) => setStateValue("text", text);
    this.input.setAttribute("aria-label", data.label);
    this.input.placeholder = data.placeholder;
    if (fresh) this.input.value = this.applied = data.text;
    if (fresh || moved) this.look(false);
  }

  leave() {
    clearTimeout(this.waiting);
    this.turn += 1;
  }

  later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(true), TYPING_MS);
  }

  async look(open) {
    clearTimeout(this.waiting);
    this.clear.hidden = !this.input.value;
    const turn = (this.turn += 1);
    const where = this.input.value;
    const at = this.input.selectionStart ?? where.length;
    const query = new URLSearchParams({ where, at, base: this.data.base });
    let answer;
    try {
      const response = await fetch(`${this.data.api}/filter?${query}`);
      answer = await response.json();
      if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}.`);
    } catch (trouble) {
      if (turn === this.turn) this.say(trouble.message, true);
      return null;
    }
    if (turn !== this.turn) return null;
    this.answer = answer;
    this.tell(where);
    if (open && document.activeElement === this.input) this.show(answer.options);
    return answer;
  }

  // While a word is being typed at the end, what is still missing there is no fault yet.
  tell(where) {
    const { problem, total } = this.answer;
    const unfinished = problem && problem.to >= where.length && document.activeElement === this.input;
    this.input.setAttribute("aria-invalid", problem && !unfinished ? "true" : "false");
    if (unfinished) this.say(where.trim() ? "…" : "");
    else if (problem) this.blame(problem, where);
    else if (!where.trim()) this.say("");
    else this.say(`${total === 1 ? "1 picture" : `${total.toLocaleString("en")} pictures`}${this.hint()}`);
  }

  hint() {
    return this.input.value.trim() === (this.applied ?? "").trim() ? "" : " · Enter shows them";
  }

  say(text, wrong = false) {
    this.said.classList.toggle("wrong", wrong);
    this.said.textContent = text;
  }

  blame({ message, from, to }, where) {
    this.say(`${message} `, true);
    if (to <= from) return;
    const mark = document.createElement("mark");
    mark.textContent = where.slice(from, to);
    this.said.append(where.slice(Math.max(0, from - 20), from), mark, where.slice(to, to + 20));
  }

  show(options) {
    this.options = options;
    this.active = -1;
    this.list.replaceChildren(...options.map((option, place) => entry(option, place)));
    this.list.hidden = !options.length;
    this.input.setAttribute("aria-expanded", options.length ? "true" : "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.show([]);
  }

  move(steps) {
    const count = this.options.length;
    this.active = (this.active + steps + (this.active < 0 && steps < 0 ? 1 : 0) + count) % count;
    for (const [place, node] of Array.from(this.list.children).entries()) {
      node.setAttribute("aria-selected", place === this.active ? "true" : "false");
    }
    const node = this.list.children[this.active];
    node.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", node.id);
  }

  take(place) {
    const option = this.options[place];
    if (!option) return;
    const { from, to } = this.answer;
    const after = this.input.value.slice(to);
    const gap = option.insert.endsWith("(") || after.startsWith(" ") ? "" : " ";
    this.input.setRangeText(option.insert + gap, from, to, "end");
    this.look(true);
  }

  async commit() {
    if (this.data.at_once) this.settle();
    const answer = await this.look(false);
    this.hide();
    if (!answer) return;
    if (answer.problem) {
      this.input.setAttribute("aria-invalid", "true");
      this.blame(answer.problem, this.input.value);
      return;
    }
    this.settle();
    this.tell(this.input.value);
  }

  settle() {
    const text = this.input.value.trim();
    if (text === (this.applied ?? "").trim()) return;
    this.applied = text;
    this.apply(text);
  }

  left() {
    this.hide();
    this.commit();
  }

  empty() {
    this.input.value = "";
    this.input.focus();
    this.commit();
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const deeds = {
      ArrowDown: () => (open ? this.move(1) : this.look(true)),
      ArrowUp: () => open && this.move(-1),
      Enter: () => (open && this.active >= 0 ? this.take(this.active) : this.commit()),
      Tab: () => open && this.active >= 0 && this.take(this.active),
      Escape: () => open && this.hide(),
      " ": () => event.ctrlKey && this.look(true),
    };
    const deed = deeds[event.key];
    const does = event.key === "Tab" ? open && this.active >= 0 : event.key !== " " || event.ctrlKey;
    if (deed && does && deed() !== false) event.preventDefault();
    event.stopPropagation();
  }
}

function entry(option, place) {
  const node = document.createElement("li");
  node.id = `specimen-filter-option-${place}`;
  node.role = "option";
  node.dataset.place = place;
  node.setAttribute("aria-selected", "false");
  const word = document.createElement("code");
  word.textContent = option.insert;
  const meaning = document.createElement("span");
  meaning.textContent = option.meaning;
  node.append(word, meaning);
  return node;
}
