// The gallery: puts journal, shelf, grid, keys, palette and the other views together.

const LOWEST_PX = 360;
const BELOW_PX = 12;
const NEWS_MS = 2500;
const MOST_AHEAD = 2000;
const AHEAD_MS = 120;
const ROWS_AHEAD = 2 * BLOCK;
const TILE = "specimen.tile";
const galleries = new WeakMap();
const memories = new Map(); // where one was in a list, for coming back to the page
const pace = new Pace(); // of this tab, whatever list is shown
let lastMode = "grid";

export default function (component) {
  const root = component.parentElement.querySelector(".gallery");
  if (!root) return undefined;
  if (!galleries.has(root)) galleries.set(root, new Gallery(root));
  galleries.get(root).update(component.data, component.setTriggerValue);
  return () => galleries.get(root)?.leave();
}

class Gallery {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(name);
    this.scroller = this.part(".scroller");
    this.selection = new Selection();
    this.standing = new Standing();
    this.pace = pace;
    this.shelf = null;
    this.ahead = new Set();
    this.news = new Set();
    this.grid = new Grid(this.scroller, this.part(".sheet"), (place) => this.look(place));
    this.grid.onDraw = (first, last) => this.drawn(first, last);
    this.deeds = new Deeds(this);
    this.palette = new Palette(this.part(".palette"), (classId) => this.decide("class", classId));
    this.ladder = new Ladder(this.part("dialog.classes"), (classId) => this.deeds.goToClass(classId));
    this.ask = new Ask(this.part(".ask"), () => this.named());
    this.large = new Large(this.part(".large"), (place) => this.pictured(place));
    this.one = new OneByOne(this.part(".one"), (place) => this.pictured(place), {
      onSwipe: (side) => this.decide(side === "right" ? "keep" : "reject"),
      upcoming: (place, count) => this.upcoming(place, count),
    });
    this.sweep = new Sweep(this);
    this.bar = new Bar(this);
    this.away = new Away(this);
    this.keys = new Keys(this);
    this.hands = new Hands(this);
    this.onSize = () => this.fitHeight();
    window.addEventListener("resize", this.onSize);
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.scroller);
    this.above = new ResizeObserver(() => requestAnimationFrame(this.onSize));
  }

  // Called with each run of the page's script; only a new question to the catalogue changes what is shown.
  update(data, setTriggerValue) {
    this.trigger = setTriggerValue;
    const list = JSON.stringify([data.api, data.workspace, data.where, data.order]);
    const asked = `${list} ${data.fresh}`;
    // A restarted server counts from nothing again: that is nobody's wish for a new list.
    if (this.decider && list === this.list && data.fresh < this.data.fresh) this.asked = asked;
    this.list = list;
    if (asked !== this.asked) this.remember();
    const first = !this.data;
    this.data = data;
    this.only = data.only ?? undefined;
    this.classes = data.classes.map((each, index) => ({ ...each, key: index < 9 ? String(index + 1) : "" }));
    this.decider?.classes.clear();
    for (const each of data.classes) this.decider?.classes.set(each.class_id, each.name);
    this.standing.stale = true;
    this.deeds.going = false;
    this.who = nameHere(data.who);
    this.root.classList.toggle("bin", data.bin);
    if (first) this.setMode(data.bin ? "grid" : lastMode);
    if (first) this.ask.offer(this.who);
    this.fitHeight();
    if (this.main) this.above.observe(this.main.firstElementChild);
    if (asked !== this.asked) {
      this.asked = asked;
      this.open();
    } else {
      this.bar.draw();
    }
  }

  async open() {
    const { workspace } = this.data;
    const asked = this.asked;
    this.decider?.close();
    if (this.shelf) this.shelf.closed = true;
    const { api, where, order } = this.data;
    const shelf = new Shelf(
      api,
      workspace,
      { where, order },
      () => this.journal.version,
      (tiles, version) => this.arrived(tiles, version)
    );
    this.shelf = shelf;
    this.decider = null;
    this.takeJournal();
    this.selection.clear();
    this.ahead.clear();
    this.sweep.reset();
    this.dismissed = false;
    this.root.classList.add("loading");
    if (!(await this.opened(shelf, asked))) return;
    this.began = shelf.unreviewed > 0;
    const memory = memories.get(asked);
    this.selection.at(Math.min(memory?.focus ?? 0, Math.max(0, shelf.size - 1)));
    this.root.classList.remove("loading");
    this.sayEmpty(shelf.size ? "" : this.data.empty);
    this.listen();
    this.scroller.scrollTop = 0;
    this.grid.arrange({ size: shelf.size, tilePx: Number(stored(localStorage, TILE)) || this.data.tile });
    if (memory) this.scroller.scrollTop = memory.scrollTop;
    this.showSize();
    this.keys.take();
    if (this.one.open) this.deeds.showOne();
    this.bar.draw();
  }

  // Ask until the list is there; false when something else is asked meanwhile.
  async opened(shelf, asked) {
    for (;;) {
      try {
        await shelf.open();
        break;
      } catch (problem) {
        if (asked !== this.asked || shelf.closed) return false;
        const more = problem instanceof Elsewhere ? "Load this page again." : "Trying again.";
        this.sayEmpty(`${problem.message} ${more}`);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
      if (asked !== this.asked || shelf.closed) return false;
    }
    return asked === this.asked && !shelf.closed;
  }

  takeJournal() {
    this.journal?.listeners.delete(this.onNews);
    this.journal = journalOf(this.data.api, this.data.workspace, this.who);
    this.onNews = (news) => this.deeds.heard(news);
    this.journal.listeners.add(this.onNews);
  }

  listen() {
    this.decider?.close();
    this.decider = new Decider(this.journal, this.shelf, {
      standing: this.standing,
      classes: new Map(this.data.classes.map((each) => [each.class_id, each.name])),
      onChange: (ids) => this.paint(ids),
      onNews: (news) => this.others(news),
    });
  }

  leave() {
    this.remember();
    for (const part of [this.keys, this.away, this.sweep, this.bar]) part.close();
    window.removeEventListener("resize", this.onSize);
    for (const each of [this.watch, this.above]) each.disconnect();
    this.decider?.close();
    this.journal?.listeners.delete(this.onNews);
    this.deeds.close();
    clearTimeout(this.resting);
    if (this.shelf) this.shelf.closed = true;
    this.asked = null;
    galleries.delete(this.root);
  }

  remember() {
    if (this.asked) memories.set(this.asked, { focus: this.selection.focus, scrollTop: this.scroller.scrollTop });
  }

  // ---- what is seen

  get covered() {
    return [this.large, this.one].some((view) => view.open);
  }

  addresses(tile) {
    const { api } = this.data;
    return { full: `${api}/image/${tile.id}?version=${tile.version}`, thumb: `${api}/thumb/${tile.id}/${tile.version}` };
  }

  look(place) {
    const id = this.shelf.ids[place];
    const tile = this.shelf.tiles.get(id);
    const focused = place === this.selection.focus;
    const looks = { tile, selected: this.selection.has(id), focused, news: this.news.has(id) };
    // In a list of one class its name says nothing, and takes the room of what the order says.
    const named = tile && !(tile.caption && tile.class_id === this.only);
    return tile ? { ...looks, named, ...this.addresses(tile) } : looks;
  }

  pictured(place) {
    const tile = place >= 0 && place < this.shelf.size ? this.shelf.at(place) : undefined;
    return tile ? { tile, ...this.addresses(tile) } : null;
  }

  upcoming(place, count) {
    const places = [];
    for (let next = place + 1; places.length < count; next = places.at(-1) + 1) {
      const found = this.shelf.nextOpen(next);
      if (found < 0 || found === place || places.includes(found)) break;
      places.push(found);
      this.shelf.want(found, found);
    }
    return places;
  }

  drawn(first, last) {
    const screen = this.grid.screenful;
    this.shelf?.want(first - screen, last + Math.max(2 * screen, ROWS_AHEAD));
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.fetchAhead(last + 1, last + screen), AHEAD_MS);
    this.pointAt();
  }

  // The next screen's thumbnails, so that they are there before one scrolls; while one does, those in view go first.
  fetchAhead(first, last) {
    if (this.ahead.size > MOST_AHEAD) this.ahead.clear();
    for (let place = first; place <= Math.min(last, this.shelf.size - 1); place += 1) {
      const tile = this.shelf.at(place);
      if (!tile || this.ahead.has(tile.id)) continue;
      this.ahead.add(tile.id);
      const image = new Image();
      image.fetchPriority = "low";
      image.src = this.addresses(tile).thumb;
    }
  }

  arrived(tiles, version) {
    this.decider?.settle(tiles, version);
    this.grid.paintAll();
    this.paintViews();
    if (!tiles.length) this.grid.draw();
    else this.drawn(...this.grid.range(1));
  }

  paint(ids) {
    if (ids.length > this.grid.nodes.size) this.grid.paintAll();
    else for (const id of ids) this.grid.paint(this.shelf.placeOf(id));
    this.paintViews();
    this.bar.draw();
  }

  paintViews() {
    if (this.large.open) this.large.paint();
    if (this.one.open && !this.one.finished) this.one.paint();
  }

  // Somebody else decided: the tiles say so for a moment, and nothing moves.
  others({ ids = [], people = [] }) {
    this.bar.meet(people);
    for (const id of ids) this.news.add(id);
    if (ids.length) {
      setTimeout(() => {
        for (const id of ids) this.news.delete(id);
        this.paint(ids);
      }, NEWS_MS);
    }
    this.bar.draw();
  }

  sayEmpty(text) {
    const note = this.part(".empty");
    note.textContent = text;
    note.hidden = !text;
  }

  pointAt() {
    const node = this.grid.nodes.get(this.selection.focus);
    if (node) this.scroller.setAttribute("aria-activedescendant", node.id);
    else this.scroller.removeAttribute("aria-activedescendant");
  }

  resized() {
    const inside = this.scroller.clientWidth;
    if (inside && this.shelf && inside !== this.insidePx) this.grid.arrange();
    else this.grid.later();
    if (inside !== this.insidePx) this.showSize();
    this.insidePx = inside;
  }

  get main() {
    return this.root.getRootNode().host?.closest('[data-testid="stMain"]');
  }

  // As high as the window lets it be, with its own scroll bar, so that the page itself stands still.
  fitHeight() {
    if (!this.root.isConnected) return;
    const top = this.root.getBoundingClientRect().top + (this.main?.scrollTop ?? 0);
    const lowest = Math.min(LOWEST_PX, window.innerHeight * 0.8);
    this.root.style.height = `${Math.max(lowest, window.innerHeight - top - BELOW_PX)}px`;
  }

  resize(tilePx, still) {
    this.grid.arrange({ tilePx, still });
    this.showSize();
    try {
      localStorage.setItem(TILE, Math.round(this.grid.tilePx));
    } catch {
      // the size is then chosen anew with the next visit
    }
  }

  showSize() {
    const slider = this.part(".size input");
    slider.max = Math.min(LARGEST_PX, Math.floor(this.scroller.clientWidth / FEWEST_COLUMNS) || LARGEST_PX);
    slider.value = this.grid.tilePx;
  }

  setMode(mode) {
    this.mode = mode;
    if (!this.data.bin) lastMode = mode;
    this.root.dataset.mode = mode;
    for (const each of ["grid", "sweep"]) {
      this.part(`[data-does="${each}"]`).setAttribute("aria-pressed", String(each === mode));
    }
    // In a sweep the last row too can be scrolled past.
    this.grid.beyond = mode === "sweep" ? 1 : 0;
    this.grid.stretch();
    this.bar.draw();
  }

  // From now on decisions carry the name that this browser keeps.
  named() {
    this.who = nameHere(this.data.who);
    this.takeJournal();
    if (this.decider) this.listen();
    this.trigger?.("named", this.who);
    this.bar.draw();
  }

  // ---- decisions and selection

  does(what) {
    this.deeds.does(what);
  }

  decide(action, classId) {
    this.deeds.decide(action, classId);
  }

  select(place, how = {}) {
    if (!this.shelf.size) return;
    const before = this.selection.focus;
    this.selection.pick(this.shelf.ids, place, how);
    if (how.range || !how.add) this.grid.paintAll();
    else for (const each of [before, place]) this.grid.paint(each);
    this.pointAt();
    this.bar.draw();
  }

  clearSelection() {
    this.selection.clear();
    this.grid.paintAll();
    this.bar.draw();
  }

  selectAll() {
    this.selection.all(this.shelf.ids);
    this.grid.paintAll();
    this.bar.draw();
  }

  go(place, { range = false } = {}) {
    const target = Math.min(Math.max(place, 0), this.shelf.size - 1);
    if (target < 0) return;
    if (range) {
      this.select(target, { range: true });
    } else {
      const [before, had] = [this.selection.focus, this.selection.size];
      this.selection.at(target);
      this.selection.clear();
      if (had) this.grid.paintAll();
      else for (const each of [before, target]) this.grid.paint(each);
      this.bar.draw();
    }
    this.grid.reveal(target);
    this.pointAt();
  }

  // A screen on or back: what stood in the last row is above the view then.
  leaf(by, how) {
    const { grid, scroller, selection } = this;
    const rows = grid.screenful / grid.columns;
    const row = Math.max(0, Math.round(scroller.scrollTop / grid.rowPx) + by * rows);
    this.go(row * grid.columns + (selection.focus % grid.columns), how);
    grid.turnTo(selection.focus);
  }
}
