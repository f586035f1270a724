// The keys of the gallery, and what each does there.

const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="slider"], [role="combobox"], [role="listbox"], ' +
  '[role="menu"], [role="tab"], [role="radio"], [role="grid"], iframe';
const DEEDS = {
  k: "keep", r: "reject", delete: "reject", backspace: "reject", u: "unreview", m: "move", z: "undo",
  g: "grid", s: "sweep", o: "one", n: "next-class", c: "classes", "?": "help",
};
const SHIFTED = { k: "keep-seen", r: "reject-rest", z: "redo" };
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAGES = { PageUp: -1, PageDown: 1 };
const ZOOMS = { "+": ZOOM_STEP, "=": ZOOM_STEP, "-": 1 / ZOOM_STEP };

class Keys {
  constructor(gallery) {
    this.gallery = gallery;
    this.onKey = (event) => this.key(event);
    this.onPointer = () => (this.pointed = true);
    window.addEventListener("keydown", this.onKey, true);
    window.addEventListener("pointerdown", this.onPointer, true);
  }

  close() {
    window.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("pointerdown", this.onPointer, true);
  }

  // Ours are the keys pressed in the gallery, and elsewhere on the page those that nothing there has a use for.
  hears(event) {
    const gallery = this.gallery;
    if (event.isComposing || !gallery.shelf || !gallery.root.isConnected) return false;
    if (gallery.palette.dialog.open || gallery.part(".help").open || gallery.ladder.dialog.open) return false;
    const path = event.composedPath();
    if (path.includes(gallery.root)) return !path[0].matches?.('input:not([type="range"])');
    if (Array.from(document.querySelectorAll('[role="dialog"]')).some((each) => !isNotice(each))) return false;
    return !document.activeElement?.closest(TAKES_KEYS);
  }

  // Who picked an order with the mouse goes on with keys that are meant for the pictures, not for that list.
  take() {
    if (this.pointed && document.activeElement?.closest('[data-testid="stSelectbox"]')) this.comeHere();
  }

  comeHere() {
    this.gallery.scroller.focus({ preventScroll: true });
  }

  key(event) {
    this.pointed = false;
    if (!this.hears(event)) return;
    const inside = event.composedPath()[0];
    this.gallery.root.classList.add("by-key");
    if (inside.closest?.("button, a, summary, input") && /^( |Enter|Arrow.*|Home|End|Page.*)$/.test(event.key)) return;
    const open = [this.gallery.large, this.gallery.one].find((view) => view.open);
    const deed = open ? this.viewKey(event, open) : this.gridKey(event);
    if (!deed) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Streamlit reruns the page on R
    if ([document.body, this.gallery.main].includes(document.activeElement)) this.comeHere();
    deed();
  }

  commonKey(event) {
    const gallery = this.gallery;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return () => gallery.does(event.shiftKey ? "redo" : "undo");
      return key === "y" ? () => gallery.does("redo") : null;
    }
    if (event.altKey || event.repeat) return null; // a key held down decides once
    if (/^[1-9]$/.test(key)) {
      const chosen = gallery.classes[Number(key) - 1];
      return chosen ? () => gallery.decide("class", chosen.class_id) : null;
    }
    const deed = event.shiftKey && key !== "?" ? SHIFTED[key] : DEEDS[key];
    return deed ? () => gallery.does(deed) : null;
  }

  gridKey(event) {
    const gallery = this.gallery;
    const range = event.shiftKey;
    const page = PAGES[event.key];
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") return () => gallery.selectAll();
    const [right, down] = STEPS[event.key] ?? [0, 0];
    const by = right + down * gallery.grid.columns;
    if (page && !event.ctrlKey && !event.altKey) return () => gallery.leaf(page, { range });
    if (by && !event.ctrlKey && !event.altKey) return () => gallery.go(gallery.selection.focus + by, { range });
    if (event.key === "Home") return () => gallery.go(0, { range });
    if (event.key === "End") return () => gallery.go(gallery.shelf.size - 1, { range });
    if (event.key === " " || event.key === "Enter") return () => gallery.does("look");
    if (event.key === "Escape") return () => gallery.clearSelection();
    return this.commonKey(event);
  }

  // In the large view and one by one: arrows move what is zoomed, else they go to another picture.
  viewKey(event, view) {
    const gallery = this.gallery;
    const [right, down] = STEPS[event.key] ?? [0, 0];
    if (right || down) return () => (view.stage.zoomed ? view.stage.pan(right, down) : gallery.deeds.step(right || down));
    if (ZOOMS[event.key] && !event.ctrlKey) return () => view.stage.scale(ZOOMS[event.key]);
    if (event.key === "0" && !event.ctrlKey) return () => view.stage.move(1, 0, 0);
    if ([" ", "Escape", "Enter"].includes(event.key)) return () => gallery.does("close");
    if (event.shiftKey && event.key.toLowerCase() !== "z" && event.key !== "?") return null;
    return this.commonKey(event);
  }
}
