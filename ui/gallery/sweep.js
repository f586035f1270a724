// What was looked at: pictures that stood in view for a moment with nothing over them. In a sweep, those that are
// scrolled past without a click are kept.

const GLANCE_MS = 200; // in view at two glances in a row
const REST_MS = 300;
const MOST_WAITING = 60;

class Sweep {
  constructor(gallery) {
    this.gallery = gallery;
    this.seen = new Set(); // places looked at that nobody has decided on
    this.glimpsed = [0, -1];
    this.scrolled = 0;
    this.batch = null;
    this.clock = setInterval(() => this.glance(), GLANCE_MS);
    gallery.scroller.addEventListener("scroll", () => (this.scrolled = Date.now()), { passive: true });
  }

  close() {
    clearInterval(this.clock);
  }

  reset() {
    this.seen.clear();
    this.glimpsed = [0, -1];
    this.batch = null;
  }

  glance() {
    const { gallery } = this;
    if (!gallery.shelf?.size || gallery.covered || document.visibilityState !== "visible") return;
    const before = this.seen.size;
    const [first, last] = gallery.grid.inView();
    for (let place = Math.max(first, this.glimpsed[0]); place <= Math.min(last, this.glimpsed[1]); place += 1) {
      if (gallery.shelf.isOpen(place) && gallery.grid.isShown(place)) this.seen.add(place);
    }
    this.glimpsed = [first, last];
    this.forget();
    if (gallery.mode === "sweep") this.pass(first);
    if (this.seen.size !== before) gallery.bar.draw();
  }

  forget() {
    for (const place of this.seen) if (!this.gallery.shelf.isOpen(place)) this.seen.delete(place);
  }

  // Keep what lies above the view, when the scrolling rests or much has gathered; one stretch is one step of undo.
  pass(first) {
    const resting = Date.now() - this.scrolled > REST_MS;
    const passed = Array.from(this.seen).filter((place) => place < first);
    if (passed.length && (resting || passed.length >= MOST_WAITING)) {
      const { journal } = this.gallery;
      if (this.batch !== journal.batch) this.batch = ++journal.batch;
      this.keep(passed, this.batch);
    }
    if (resting) this.batch = null;
  }

  keep(places, batch) {
    const ids = places.sort((one, other) => one - other).map((place) => this.gallery.shelf.ids[place]);
    for (const place of places) this.seen.delete(place);
    this.gallery.deeds.take("keep", ids, { batch });
  }

  // Returns how many were kept.
  keepSeen() {
    this.forget();
    const places = Array.from(this.seen);
    if (places.length) this.keep(places);
    return places.length;
  }
}
