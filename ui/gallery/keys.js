// The keys of the gallery, and what each does there.

const TAKES_KEYS =
  'input, textarea, select, [contenteditable="true"], [role="slider"], [role="combobox"], [role="listbox"], ' +
  '[role="menu"], [role="tab"], [role="radio"], [role="grid"], iframe';

class Keys {
  constructor(gallery) {
    this.gallery = gallery;
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true);
  }

  close() {
    window.removeEventListener("keydown", this.onKey, true);
  }

  // Ours are the keys pressed in the gallery, and elsewhere on the page those that nothing there has a use for.
  hears(event) {
    const gallery = this.gallery;
    if (event.isComposing || !gallery.shelf?.size || !gallery.root.isConnected) return false;
    if (gallery.palette.dialog.open || gallery.part(".help").open) return false;
    if (event.composedPath().includes(gallery.root)) return true;
    if (document.querySelector('[role="dialog"]')) return false;
    return !document.activeElement?.closest(TAKES_KEYS);
  }

  key(event) {
    if (!this.hears(event)) return;
    const inside = event.composedPath()[0];
    this.gallery.root.classList.add("by-key");
    if (inside.closest?.("button, a, summary") && /^( |Enter|Arrow.*)$/.test(event.key)) return;
    const deed = this.gallery.large.open ? this.largeKey(event) : this.gridKey(event);
    if (!deed) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Streamlit reruns the page on R
    deed();
  }

  commonKey(event) {
    const gallery = this.gallery;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return () => gallery.walk(event.shiftKey ? "redo" : "undo");
      return key === "y" ? () => gallery.walk("redo") : null;
    }
    if (event.altKey || event.repeat) return null; // a key held down decides once
    if (key === "z") return () => gallery.walk(event.shiftKey ? "redo" : "undo");
    if (/^[1-9]$/.test(key)) {
      const chosen = gallery.classes[Number(key) - 1];
      return chosen ? () => gallery.decide("class", chosen.class_id) : null;
    }
    const deeds = { k: "keep", r: "reject", delete: "reject", backspace: "reject", u: "unreview", m: "move", "?": "help" };
    return deeds[key] ? () => gallery.does(deeds[key]) : null;
  }

  gridKey(event) {
    const gallery = this.gallery;
    const range = event.shiftKey;
    const row = gallery.grid.columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row };
    const pages = { PageUp: -gallery.grid.screenful, PageDown: gallery.grid.screenful };
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") return () => gallery.selectAll();
    const by = steps[event.key] ?? pages[event.key];
    if (by && !event.ctrlKey && !event.altKey) return () => gallery.go(gallery.focus + by, { range });
    if (event.key === "Home") return () => gallery.go(0, { range });
    if (event.key === "End") return () => gallery.go(gallery.shelf.size - 1, { range });
    if (event.key === " " || event.key === "Enter") return () => gallery.does("look");
    if (event.key === "Escape") return () => gallery.clearSelection();
    return this.commonKey(event);
  }

  largeKey(event) {
    const gallery = this.gallery;
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
    const zooms = { "+": ZOOM_STEP, "=": ZOOM_STEP, "-": 1 / ZOOM_STEP };
    if (steps[event.key]) return () => gallery.step(steps[event.key]);
    if (zooms[event.key] && !event.ctrlKey) return () => gallery.large.scale(zooms[event.key]);
    if ([" ", "Escape", "Enter"].includes(event.key)) return () => gallery.closeLarge();
    return this.commonKey(event);
  }
}
