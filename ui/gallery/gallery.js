// The gallery: puts journal, shelf, grid, keys, palette and large view together; selection and the bar are here.

const SAVED_QUIET_MS = 1000;
const LOWEST_PX = 360;
const BELOW_PX = 12;
const SAID_MS = 4000;
const WHEEL_STEP = 1.15;
const galleries = new WeakMap();
const memories = new Map(); // where one was in a list, for coming back to the page

export default function (component) {
  const root = component.parentElement.querySelector(".gallery");
  if (!root) return undefined;
  if (!galleries.has(root)) galleries.set(root, new Gallery(root));
  galleries.get(root).update(component.data, component.setTriggerValue);
  return () => galleries.get(root).leave();
}

class Gallery {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(name);
    this.scroller = this.part(".scroller");
    this.grid = new Grid(this.scroller, this.part(".sheet"), (place) => this.look(place));
    this.grid.onDraw = (first, last) => this.drawn(first, last);
    this.palette = new Palette(this.part(".palette"), (classId) => this.decide("class", classId));
    this.large = new Large(this.part(".large"), (place) => this.pictured(place));
    this.selected = new Set();
    this.focus = 0;
    this.anchor = 0;
    this.ahead = new Set();
    this.shelf = null;
    this.onSize = () => this.fitHeight();
    this.keys = new Keys(this);
    window.addEventListener("resize", this.onSize);
    this.listen();
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.scroller);
  }

  // Called with each run of the page's script; only a new question to the catalogue changes what is shown.
  update(data, setTriggerValue) {
    this.trigger = setTriggerValue;
    const asked = JSON.stringify([data.api, data.workspace, data.who, data.where, data.order, data.fresh]);
    const sized = this.data?.tile !== data.tile;
    if (asked !== this.asked) this.remember();
    this.data = data;
    this.classes = data.classes.map((each, index) => ({ ...each, key: index < 9 ? String(index + 1) : "" }));
    this.decider?.classes.clear();
    for (const each of data.classes) this.decider?.classes.set(each.class_id, each.name);
    this.fitHeight();
    for (const wait of [200, 1000]) setTimeout(() => this.fitHeight(), wait);
    if (asked !== this.asked) {
      this.asked = asked;
      this.open();
    } else if (sized) {
      this.grid.arrange({ tilePx: data.tile });
    }
  }

  async open() {
    const { api, workspace, who, where, order, tile, classes } = this.data;
    const asked = this.asked;
    this.decider?.close();
    if (this.shelf) this.shelf.closed = true;
    this.journal?.listeners.delete(this.onNews);
    this.journal = journalOf(api, workspace, who);
    this.onNews = (news) => this.heard(news);
    this.journal.listeners.add(this.onNews);
    this.shelf = new Shelf(
      api,
      { where, order },
      () => this.journal.version,
      (tiles, version) => this.arrived(tiles, version)
    );
    const names = new Map(classes.map((each) => [each.class_id, each.name]));
    this.decider = new Decider(this.journal, this.shelf, names, (ids) => this.paint(ids));
    this.selected.clear();
    this.ahead.clear();
    this.root.classList.add("loading");
    const shelf = this.shelf;
    while (asked === this.asked && !shelf.closed) {
      try {
        await shelf.open();
        break;
      } catch (problem) {
        this.sayEmpty(`${problem.message} Trying again.`);
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
    }
    if (asked !== this.asked || shelf.closed) return;
    const memory = memories.get(asked);
    this.focus = Math.min(memory?.focus ?? 0, Math.max(0, shelf.size - 1));
    this.anchor = this.focus;
    this.root.classList.remove("loading");
    this.sayEmpty(shelf.size ? "" : this.data.empty);
    this.scroller.scrollTop = 0;
    this.grid.arrange({ size: shelf.size, tilePx: memory?.wished === tile ? memory.tilePx : tile });
    if (memory) this.scroller.scrollTop = memory.scrollTop;
    this.bar();
  }

  leave() {
    this.remember();
    this.keys.close();
    window.removeEventListener("resize", this.onSize);
    this.watch.disconnect();
    this.decider?.close();
    this.journal?.listeners.delete(this.onNews);
    clearTimeout(this.quiet);
    if (this.shelf) this.shelf.closed = true;
    this.asked = null;
    galleries.delete(this.root);
  }

  remember() {
    if (!this.asked) return;
    const { focus, data, scroller, grid } = this;
    memories.set(this.asked, { focus, scrollTop: scroller.scrollTop, wished: data.tile, tilePx: grid.tilePx });
  }

  // ---- what is seen

  look(place) {
    const id = this.shelf.ids[place];
    const tile = this.shelf.tiles.get(id);
    return {
      tile,
      selected: this.selected.has(id),
      focused: place === this.focus,
      thumb: tile && `${this.data.api}/thumb/${tile.id}/${tile.version}`,
    };
  }

  pictured(place) {
    const tile = place >= 0 && place < this.shelf.size ? this.shelf.at(place) : undefined;
    if (!tile) return null;
    const { api } = this.data;
    return { tile, full: `${api}/image/${tile.id}?${tile.version}`, thumb: `${api}/thumb/${tile.id}/${tile.version}` };
  }

  drawn(first, last) {
    const screen = this.grid.screenful;
    this.shelf?.want(first - screen, last + 2 * screen);
    this.fetchAhead(last + 1, last + screen);
    this.pointAt();
  }

  // The next screen's thumbnails, so that they are there before one scrolls.
  fetchAhead(first, last) {
    for (let place = first; place <= Math.min(last, this.shelf.size - 1); place += 1) {
      const tile = this.shelf.at(place);
      if (!tile || this.ahead.has(tile.id)) continue;
      this.ahead.add(tile.id);
      const image = new Image();
      image.fetchPriority = "low";
      image.src = `${this.data.api}/thumb/${tile.id}/${tile.version}`;
    }
  }

  arrived(tiles, version) {
    this.decider.settle(tiles, version);
    this.grid.paintAll();
    if (this.large.open) this.large.paint();
    if (!tiles.length) this.grid.draw();
    else this.fetchAhead(...this.beyond());
  }

  beyond() {
    const [, last] = this.grid.range(1);
    return [last + 1, last + this.grid.screenful];
  }

  paint(ids) {
    if (ids.length > this.grid.nodes.size) this.grid.paintAll();
    else for (const id of ids) this.grid.paint(this.shelf.placeOf(id));
    if (this.large.open) this.large.paint();
  }

  sayEmpty(text) {
    const note = this.part(".empty");
    note.textContent = text;
    note.hidden = !text;
  }

  pointAt() {
    const node = this.grid.nodes.get(this.focus);
    if (node) this.scroller.setAttribute("aria-activedescendant", node.id);
    else this.scroller.removeAttribute("aria-activedescendant");
  }

  resized() {
    const inside = this.scroller.clientWidth;
    if (inside && this.shelf && inside !== this.insidePx) this.grid.arrange();
    else this.grid.later();
    this.insidePx = inside;
  }

  // As high as the window lets it be, with its own scroll bar, so that the page itself stands still.
  fitHeight() {
    if (!this.root.isConnected) return;
    const main = this.root.getRootNode().host?.closest('[data-testid="stMain"]');
    const top = this.root.getBoundingClientRect().top + (main?.scrollTop ?? 0);
    const lowest = Math.min(LOWEST_PX, window.innerHeight * 0.8);
    this.root.style.height = `${Math.max(lowest, window.innerHeight - top - BELOW_PX)}px`;
  }

  // ---- selection

  select(place, { range = false, add = false } = {}) {
    if (!this.shelf.size) return;
    const before = this.focus;
    const id = this.shelf.ids[place];
    if (range) {
      if (!add) this.selected.clear();
      const [first, last] = [Math.min(this.anchor, place), Math.max(this.anchor, place)];
      for (const each of this.shelf.ids.subarray(first, last + 1)) this.selected.add(each);
    } else {
      const was = this.selected.has(id);
      if (!add) this.selected.clear();
      if (add && was) this.selected.delete(id);
      else this.selected.add(id);
      this.anchor = place;
    }
    this.focus = place;
    if (range || !add) this.grid.paintAll();
    else for (const each of [before, place]) this.grid.paint(each);
    this.pointAt();
    this.bar();
  }

  clearSelection() {
    this.selected.clear();
    this.grid.paintAll();
    this.bar();
  }

  go(place, { range = false } = {}) {
    const target = Math.min(Math.max(place, 0), this.shelf.size - 1);
    if (target < 0) return;
    if (range) {
      this.select(target, { range: true });
    } else {
      this.focus = this.anchor = target;
      this.selected.clear();
      this.grid.paintAll();
      this.bar();
    }
    this.grid.reveal(target);
    this.pointAt();
  }

  // ---- decisions

  targets() {
    if (this.large.open) return [this.shelf.ids[this.large.place]];
    if (this.selected.size) return Array.from(this.selected);
    return this.shelf.size ? [this.shelf.ids[this.focus]] : [];
  }

  decide(action, classId) {
    const ids = this.targets();
    if (!ids.length) return;
    const single = ids.length === 1;
    const place = single ? this.shelf.placeOf(ids[0]) : this.focus;
    this.selected.clear();
    this.decider.decide(action, ids, classId);
    this.grid.paintAll();
    if (this.large.open) this.step(1);
    else if (single) this.go(place + 1);
    this.bar();
  }

  walk(action) {
    const changed = this.decider.walk(action);
    const word = action === "undo" ? "Undone" : "Redone";
    this.say(changed === null ? `${word} on the server` : `${word}: ${plural(changed)}`);
    this.grid.paintAll();
  }

  step(by) {
    const place = Math.min(Math.max(this.large.place + by, 0), this.shelf.size - 1);
    this.focus = this.anchor = place;
    this.grid.reveal(place);
    this.grid.paintAll();
    this.large.show(place);
  }

  // ---- the bar

  heard(news) {
    for (const { reason } of news.refused ?? []) this.say(reason);
    this.bar();
    if (!news.emptied) return;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.trigger?.("saved", this.journal.version), SAVED_QUIET_MS);
  }

  say(text) {
    this.said = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.said = "";
      this.bar();
    }, SAID_MS);
    this.bar();
  }

  bar() {
    const total = this.shelf?.size ?? 0;
    const chosen = this.selected.size;
    this.part(".chosen").textContent = chosen ? `${chosen.toLocaleString("en")} selected` : plural(total);
    const saved = this.part(".saved");
    const { unsaved = 0, trouble = null } = this.journal ?? {};
    saved.classList.toggle("trouble", Boolean(trouble && unsaved));
    saved.dataset.unsaved = unsaved;
    if (trouble && unsaved) {
      const count = unsaved === 1 ? "1 decision is" : `${unsaved.toLocaleString("en")} decisions are`;
      saved.textContent = `Not saved: ${trouble} ${count} kept in this browser and sent again.`;
    } else if (unsaved) {
      saved.textContent = `saving ${unsaved.toLocaleString("en")}`;
    } else {
      saved.textContent = this.said || "saved ✓";
    }
  }

  does(what) {
    const deeds = {
      keep: () => this.decide("keep"),
      reject: () => this.decide("reject"),
      unreview: () => this.decide("unreview"),
      move: () => this.targets().length && this.palette.open(this.classes),
      undo: () => this.walk("undo"),
      redo: () => this.walk("redo"),
      look: () => this.shelf.size && this.large.show(this.focus),
      help: () => this.part(".help").showModal(),
      previous: () => this.step(-1),
      next: () => this.step(1),
      close: () => (this.large.open ? this.closeLarge() : this.part(".help").close()),
    };
    deeds[what]?.();
  }

  closeLarge() {
    this.large.close();
    this.scroller.focus({ preventScroll: true });
  }

  // ---- pointer

  listen() {
    const sheet = this.part(".sheet");
    let touched = false;
    sheet.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"));
    sheet.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
    sheet.addEventListener("click", (event) => {
      const node = event.target.closest(".tile");
      if (!node) return;
      this.root.classList.remove("by-key");
      this.scroller.focus({ preventScroll: true });
      this.select(Number(node.dataset.place), { range: event.shiftKey, add: touched || event.ctrlKey || event.metaKey });
    });
    sheet.addEventListener("dblclick", (event) => {
      const node = event.target.closest(".tile");
      if (node && !event.shiftKey && !event.ctrlKey) this.large.show(Number(node.dataset.place));
    });
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-does]");
      if (button && this.shelf) this.does(button.dataset.does);
    });
    this.part(".bar").addEventListener("mousedown", (event) => event.preventDefault());
    this.part(".large").addEventListener("close", () => (this.large.shown = null));
    this.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.grid.arrange({ tilePx: this.grid.tilePx * (event.deltaY < 0 ? WHEEL_STEP : 1 / WHEEL_STEP) });
  }

  selectAll() {
    this.selected = new Set(this.shelf.ids);
    this.grid.paintAll();
    this.bar();
  }
}

function plural(count) {
  return count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`;
}
