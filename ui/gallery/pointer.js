// Mouse and fingers on the grid and the buttons.

const WHEEL_STEP = 1.15;

class Hands {
  constructor(gallery) {
    this.gallery = gallery;
    this.touched = false;
    const sheet = gallery.part(".sheet");
    sheet.addEventListener("pointerdown", (event) => (this.touched = event.pointerType === "touch"));
    sheet.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
    sheet.addEventListener("click", (event) => this.click(event));
    sheet.addEventListener("dblclick", (event) => this.doubleClick(event));
    gallery.root.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-does]");
      if (button) gallery.does(button.dataset.does);
    });
    gallery.part(".bar").addEventListener("mousedown", (event) => event.preventDefault());
    gallery.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    gallery.part(".size input").addEventListener("input", (event) => gallery.resize(Number(event.target.value)));
  }

  click(event) {
    const { gallery } = this;
    const node = event.target.closest(".tile");
    if (!node) return;
    gallery.root.classList.remove("by-key");
    gallery.scroller.focus({ preventScroll: true });
    const place = Number(node.dataset.place);
    const [range, add] = [event.shiftKey, event.ctrlKey || event.metaKey];
    if (gallery.mode === "sweep" && !range && !add) this.turn(place);
    else gallery.select(place, { range, add: this.touched || add });
  }

  // In a sweep a click is the verdict itself, and a second one takes it back.
  turn(place) {
    const { gallery } = this;
    const id = gallery.shelf.ids[place];
    const before = gallery.selection.focus;
    gallery.selection.clear();
    gallery.selection.at(place);
    const back = gallery.shelf.lookOf(id).verdict === "reject";
    gallery.deeds.take(back ? "unreview" : "reject", [id]);
    if (back) gallery.sweep.seen.add(place);
    for (const each of [before, place]) gallery.grid.paint(each);
    gallery.pointAt();
  }

  doubleClick(event) {
    const node = event.target.closest(".tile");
    if (node && !event.shiftKey && !event.ctrlKey) this.gallery.large.show(Number(node.dataset.place));
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const place = event.target.closest(".tile")?.dataset.place;
    const factor = event.deltaY < 0 ? WHEEL_STEP : 1 / WHEEL_STEP;
    this.gallery.resize(this.gallery.grid.tilePx * factor, place && Number(place));
  }
}
