// What buttons and keys do.

const QUIET_MS = 1000;
const IN_BULK = new Set(["sweep", "keep-seen", "reject-rest"]);

class Deeds {
  constructor(gallery) {
    this.gallery = gallery;
    this.all = {
      keep: () => this.decide("keep"),
      reject: () => this.decide("reject"),
      unreview: () => this.decide("unreview"),
      move: () => this.move(),
      undo: () => this.walk("undo"),
      redo: () => this.walk("redo"),
      "keep-seen": () => this.keepSeen(),
      "reject-rest": () => this.rejectRest(),
      look: () => this.gallery.shelf.size && this.gallery.large.show(this.gallery.selection.focus),
      grid: () => this.gallery.setMode("grid"),
      sweep: () => this.gallery.setMode(this.gallery.mode === "sweep" ? "grid" : "sweep"),
      one: () => this.showOne(),
      previous: () => this.step(-1),
      next: () => this.step(1),
      "next-class": () => this.nextClass(),
      classes: () => this.showClasses(),
      name: () => this.gallery.ask.open(this.gallery.who),
      unnamed: () => this.gallery.ask.done(""),
      dismiss: () => this.dismiss(),
      help: () => this.gallery.part(".help").showModal(),
      close: () => this.shut(),
    };
  }

  close() {
    clearTimeout(this.quiet);
  }

  does(what) {
    const { shelf, data } = this.gallery;
    if (shelf && !(data.bin && IN_BULK.has(what))) this.all[what]?.();
  }

  get view() {
    return [this.gallery.large, this.gallery.one].find((view) => view.open);
  }

  targets() {
    const { shelf, selection } = this.gallery;
    if (!shelf.size || this.view?.finished) return [];
    if (this.view) return [shelf.ids[this.view.place]];
    return selection.size ? Array.from(selection.ids) : [shelf.ids[selection.focus]];
  }

  take(action, ids, how) {
    const { decider, pace, grid } = this.gallery;
    const fresh = decider.decide(action, ids, how);
    // What is decided beyond the view was not looked at one by one.
    pace.note(Math.min(Math.max(0, fresh), grid.screenful));
  }

  decide(action, classId) {
    const { gallery } = this;
    if (!gallery.decider) gallery.bar.say("Still opening: press again when the pictures are there.");
    const ids = gallery.decider ? this.targets() : [];
    if (!ids.length) return;
    const place = ids.length === 1 ? gallery.shelf.placeOf(ids[0]) : gallery.selection.focus;
    gallery.selection.clear();
    this.take(action, ids, { classId });
    if (gallery.one.open) this.goOn(action);
    else if (gallery.large.open) this.step(1);
    else if (ids.length === 1) gallery.go(place + 1);
    else gallery.clearSelection();
  }

  walk(action) {
    const { gallery } = this;
    if (!gallery.decider) return;
    const touched = gallery.decider.walk(action);
    const word = action === "undo" ? "Undone" : "Redone";
    gallery.bar.say(touched === null ? `${word} on the server` : `${word}: ${plural(touched.length)}`);
    gallery.grid.paintAll();
    const place = touched?.length ? gallery.shelf.placeOf(touched[0]) : undefined;
    if (gallery.one.open && place !== undefined) this.show(gallery.one, place);
  }

  move() {
    const { gallery } = this;
    if (!this.targets().length) return;
    gallery.palette.open(gallery.classes, (classId) => {
      const row = gallery.standing.of(classId);
      if (!row) return "";
      const usable = row.keep + row.unreviewed;
      const { minimum } = gallery.data.wanted;
      return usable < minimum ? `${figure(usable)}, ${figure(minimum - usable)} short` : plural(usable);
    });
  }

  keepSeen() {
    const count = this.gallery.sweep.keepSeen();
    if (!count) return;
    this.gallery.bar.say(`Kept: ${plural(count)}`);
    this.turnPage();
  }

  rejectRest() {
    const { grid, shelf, bar } = this.gallery;
    const [first, last] = grid.inView();
    const ids = [];
    for (let place = first; place <= last; place += 1) if (shelf.isOpen(place)) ids.push(shelf.ids[place]);
    if (!ids.length || !this.gallery.decider) return;
    this.take("reject", ids);
    bar.say(`Rejected: ${plural(ids.length)}`);
    this.turnPage();
  }

  // On to the first picture from here that nobody has decided on.
  turnPage() {
    const { grid, shelf } = this.gallery;
    const place = shelf.marks.indexOf(0, grid.inView()[0]);
    if (place >= 0) grid.turnTo(place);
  }

  // ---- one picture

  show(view, place) {
    const { gallery } = this;
    gallery.selection.at(place);
    gallery.grid.reveal(place);
    gallery.grid.paintAll();
    view.show(place);
  }

  step(by) {
    const { view } = this;
    if (view) this.show(view, Math.min(Math.max(view.place + by, 0), this.gallery.shelf.size - 1));
  }

  showOne() {
    const { shelf, selection, one, bar } = this.gallery;
    if (!shelf.size) {
      one.finish(bar.finishWords() || this.gallery.data.empty);
      return;
    }
    const next = shelf.nextOpen(selection.focus);
    this.show(one, next < 0 ? selection.focus : next);
  }

  // After a verdict to the next picture that has none.
  goOn(action) {
    const { shelf, one, bar } = this.gallery;
    if (action !== "keep" && action !== "reject") return;
    const next = shelf.nextOpen(one.place + 1);
    if (next >= 0) this.show(one, next);
    else one.finish(bar.finishWords() || `All ${plural(shelf.size)} here are looked at.`);
  }

  shut() {
    this.gallery.root.querySelector("dialog[open]")?.close();
    this.gallery.scroller.focus({ preventScroll: true });
    this.gallery.bar.draw();
  }

  // ---- classes

  nextClass() {
    const { standing, only } = this.gallery;
    const next = standing.next(only);
    if (next) this.goToClass(next.class_id);
  }

  // A run of the script asked for meanwhile would still carry the class of before.
  goToClass(classId) {
    if (!this.gallery.data.goes) return;
    clearTimeout(this.quiet);
    this.going = true;
    this.gallery.trigger?.("go", classId);
  }

  showClasses() {
    const { ladder, standing, only, data } = this.gallery;
    if (standing.classes.size) ladder.open(standing, { wanted: data.wanted, only });
  }

  dismiss() {
    this.gallery.dismissed = true;
    this.gallery.bar.draw();
  }

  // ---- what the journal says

  heard(news) {
    const { gallery } = this;
    for (const { reason } of news.refused ?? []) gallery.bar.say(reason);
    gallery.bar.draw();
    if (!news.emptied) return;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.going || gallery.trigger?.("saved", gallery.journal.version), QUIET_MS);
  }
}
