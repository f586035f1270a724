// The keys of the groups: one group is in focus; moving the focus and deciding need no run of the script.

const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="slider"], [role="combobox"], [role="listbox"], ' +
  '[role="menu"], [role="tab"], [role="radio"], [role="grid"], iframe';
const ring = document.createElement("style"); // Streamlit would take an attribute of our own off again
let groups = [];
let focused = "";
let turning = false; // the next page was asked for: its first group is to be seen

const place = () => groups.findIndex(([name]) => name === focused);
const node = () => document.querySelector(`.${CSS.escape(focused)}`);
const nextOpen = (from) => groups.slice(from).find(([, open]) => open);

function focus(name) {
  focused = name;
  const color = "outline: 2px solid var(--specimen-accent); outline-offset: -1px; scroll-margin: 5rem 0 1rem;";
  ring.textContent = name ? `@media (hover: hover) { .${CSS.escape(name)} { ${color} } }` : "";
}

function move(steps) {
  const next = groups[Math.max(0, place() + steps)];
  if (!next) turnPage();
  if (!next) return;
  focus(next[0]);
  node()?.scrollIntoView({ block: "nearest" });
}

// From the last group of a page on to the next page; elsewhere there is none.
function turnPage() {
  const next = document.querySelector('.st-key-page [data-testid="stPaginationNext"]:not(:disabled)');
  turning = Boolean(next);
  next?.click();
}

function press(selector, number = 0) {
  const button = node()?.querySelectorAll(`${selector} button`)[number];
  button?.click();
  return Boolean(button);
}

function decide(selector, number) {
  if (!press(selector, number)) return;
  const next = nextOpen(place() + 1);
  if (next) move(groups.indexOf(next) - place());
}

function deed(event) {
  if (event.key === "ArrowRight" || event.key === "j") return () => move(1);
  if (event.key === "ArrowLeft" || event.key === "k") return () => move(-1);
  if (event.repeat) return null; // a key held down decides once
  if (event.key === "Enter") return () => decide('[class*="st-key-accept-"]', 0);
  if (event.key === "r") return () => decide('[class*="st-key-none-"]', 0);
  if (event.key === "d") return () => press('[class*="st-key-compare-"]');
  if (/^[1-9]$/.test(event.key)) return () => keepTile(Number(event.key) - 1);
  return null;
}

// The n-th picture of the group: the proposed one has no button of its own, keeping it is accepting.
function keepTile(number) {
  const tile = node()?.querySelectorAll('[class*="st-key-tile_"]')[number];
  if (!tile) return;
  const own = [...tile.classList].find((name) => name.startsWith("st-key-tile_"));
  const button = `.${CSS.escape(own)} [class*="st-key-keep-"]`;
  decide(tile.querySelector('[class*="st-key-keep-"] button') ? button : '[class*="st-key-accept-"]', 0);
}

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (document.querySelector('[data-testid="stDialog"]') || document.activeElement?.closest(TAKES_KEYS)) return;
  if (event.key === "Enter" && document.activeElement?.closest("button, a, summary")) return;
  const does = deed(event);
  if (!does) return;
  event.preventDefault();
  event.stopPropagation();
  does();
}

export default function ({ data }) {
  groups = data.groups;
  if (place() < 0) {
    focus((groups.find(([, , sure]) => sure) ?? nextOpen(0) ?? groups[0] ?? [""])[0]);
    if (turning) node()?.scrollIntoView({ block: "nearest" });
    turning = false;
  }
  document.head.append(ring);
  window.addEventListener("keydown", onKey, true);
  return () => {
    window.removeEventListener("keydown", onKey, true);
    ring.remove();
  };
}
