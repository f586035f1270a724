// One picture as large as the window: wheel or + and - zoom, dragging moves, a double click fits it again.

const ZOOM_STEP = 1.2;
const ZOOM_MOST = 16;

class Large {
  constructor(dialog, source) {
    this.dialog = dialog;
    this.source = source; // place -> { tile, full, thumb } or null
    this.stage = dialog.querySelector(".stage");
    this.image = dialog.querySelector("img");
    this.words = dialog.querySelector(".words");
    this.place = 0;
    this.shown = null;
    this.image.addEventListener("error", () => this.fall());
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("dblclick", () => this.fit());
    this.stage.addEventListener("pointerdown", (event) => this.drag(event));
  }

  get open() {
    return this.dialog.open;
  }

  show(place) {
    if (!this.dialog.open) this.dialog.showModal();
    this.place = place;
    this.paint();
  }

  paint() {
    const now = this.source(this.place);
    if (!now) return;
    const { tile, full } = now;
    if (this.shown !== full) {
      this.shown = full;
      this.image.src = full;
      this.fit();
      for (const near of [this.place + 1, this.place - 1]) {
        const next = this.source(near);
        if (next) new Image().src = next.full;
      }
    }
    const said = { keep: "✓ kept", reject: "✕ rejected", unreviewed: "not reviewed" }[tile.verdict];
    this.dialog.dataset.verdict = tile.verdict;
    this.image.alt = tile.path;
    this.image.classList.toggle("see-through", (tile.transparent ?? 0) > 0);
    this.words.textContent = `${tile.class} · ${said} · ${tile.width} × ${tile.height} · ${tile.path}`;
  }

  // The browser cannot show the original (TIFF, or the file is gone): the thumbnail then.
  fall() {
    const now = this.source(this.place);
    if (now && this.image.getAttribute("src") !== now.thumb) this.image.src = now.thumb;
  }

  close() {
    this.dialog.close();
    this.shown = null;
    this.image.removeAttribute("src");
  }

  fit() {
    this.move(1, 0, 0);
  }

  move(zoom, x, y) {
    this.zoom = Math.min(Math.max(zoom, 1), ZOOM_MOST);
    [this.x, this.y] = this.zoom === 1 ? [0, 0] : [x, y];
    this.image.style.transform = `translate(${this.x}px,${this.y}px) scale(${this.zoom})`;
  }

  // Zoom so that what is under the pointer stays there.
  wheel(event) {
    event.preventDefault();
    this.scale(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, event.clientX, event.clientY);
  }

  scale(factor, clientX, clientY) {
    const box = this.stage.getBoundingClientRect();
    const [fromX, fromY] = [
      (clientX ?? box.left + box.width / 2) - box.left - box.width / 2,
      (clientY ?? box.top + box.height / 2) - box.top - box.height / 2,
    ];
    const zoom = Math.min(Math.max(this.zoom * factor, 1), ZOOM_MOST);
    const ratio = zoom / this.zoom;
    this.move(zoom, fromX - (fromX - this.x) * ratio, fromY - (fromY - this.y) * ratio);
  }

  drag(event) {
    if (this.zoom === 1) return;
    const [startX, startY, x, y] = [event.clientX, event.clientY, this.x, this.y];
    const follow = (move) => this.move(this.zoom, x + move.clientX - startX, y + move.clientY - startY);
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", follow);
    this.stage.addEventListener("pointerup", () => this.stage.removeEventListener("pointermove", follow), { once: true });
  }
}
