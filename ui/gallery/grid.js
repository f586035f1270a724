// The tiles in view, and one screen more on either side; a hundred thousand others are only a height.

const CAPTION_PX = 22;
const FEWEST_COLUMNS = 3;
const SMALLEST_PX = 48;
const LARGEST_PX = 480;
const HIGHEST_PX = 30e6; // browsers draw nothing below some 33 million pixels
const THUMB_TRIES = 5;
const SEE_THROUGH = 0.001; // share of pixels
const MOST_ORIGINAL_PIXELS = 4e6;

class Grid {
  constructor(scroller, sheet, look) {
    this.scroller = scroller;
    this.sheet = sheet;
    this.look = look; // place -> how its tile looks now
    this.nodes = new Map();
    this.spare = [];
    this.size = 0;
    this.tilePx = 144;
    this.columns = FEWEST_COLUMNS;
    this.sidePx = 144;
    this.beyond = 0; // screens of room behind the last picture
    this.topPx = 0; // where the view was, and how high, when it was drawn last: asking again costs a layout
    this.highPx = 0;
    this.asked = 0;
    this.template = document.createElement("template");
    this.template.innerHTML =
      '<div class="tile" role="option"><span class="frame"></span><span class="mark" aria-hidden="true"></span>' +
      '<span class="name"></span><span class="told"></span></div>';
    scroller.addEventListener("scroll", () => this.later(), { passive: true });
  }

  get rowPx() {
    return this.sidePx + CAPTION_PX;
  }

  get screenful() {
    return this.columns * Math.max(1, Math.floor(this.highPx / this.rowPx));
  }

  // Columns from the wished tile size. The place at the top stays at the top, or `still`, a place, where it is.
  arrange({ size = this.size, tilePx = this.tilePx, still } = {}) {
    const inside = this.scroller.clientWidth;
    if (!inside) return;
    const held = still ?? Math.floor(this.scroller.scrollTop / this.rowPx) * this.columns;
    const away = Math.floor(held / this.columns) * this.rowPx - this.scroller.scrollTop;
    const share = away / this.rowPx;
    const before = this.columns;
    this.size = size;
    this.tilePx = Math.min(Math.max(tilePx, SMALLEST_PX), LARGEST_PX);
    this.columns = Math.max(FEWEST_COLUMNS, Math.round(inside / this.tilePx));
    while ((Math.ceil(size / this.columns) * inside) / this.columns > HIGHEST_PX) this.columns += 1;
    this.sidePx = inside / this.columns;
    this.stretch();
    if (before !== this.columns && size) {
      const top = Math.floor(held / this.columns) * this.rowPx;
      this.scroller.scrollTop = top - (still === undefined ? share * this.rowPx : away);
    }
    this.clear();
    this.draw();
  }

  stretch() {
    const rows = Math.ceil(this.size / this.columns);
    this.sheet.style.height = `${rows * this.rowPx + this.beyond * this.scroller.clientHeight}px`;
  }

  clear() {
    for (const node of this.nodes.values()) this.put(node);
    this.nodes.clear();
  }

  put(node) {
    node.remove();
    node.children[0].firstElementChild?.removeAttribute("src"); // what is not here yet need not come
    node.children[0].replaceChildren();
    for (const place of [2, 3]) node.children[place].textContent = "";
    for (const name of ["aria-label", "title", "data-image", "data-thumb"]) node.removeAttribute(name);
    this.spare.push(node);
  }

  later() {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.draw();
    });
  }

  range(screens = 0) {
    const height = this.scroller.clientHeight;
    const first = Math.floor((this.scroller.scrollTop - screens * height) / this.rowPx) * this.columns;
    const last = (Math.floor((this.scroller.scrollTop + (1 + screens) * height) / this.rowPx) + 1) * this.columns - 1;
    return [Math.max(0, first), Math.min(this.size - 1, last)];
  }

  // The places whose pictures can be seen: at least half of each.
  inView() {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.ceil((scrollTop - this.sidePx / 2) / this.rowPx) * this.columns;
    const last = (Math.floor((scrollTop + clientHeight - this.sidePx / 2) / this.rowPx) + 1) * this.columns - 1;
    return [Math.max(0, first), Math.min(this.size - 1, last)];
  }

  draw() {
    [this.topPx, this.highPx] = [this.scroller.scrollTop, this.scroller.clientHeight];
    const [first, last] = this.range(1);
    for (const [place, node] of this.nodes) {
      if (place < first || place > last) {
        this.put(node);
        this.nodes.delete(place);
      }
    }
    const fresh = document.createDocumentFragment();
    for (let place = first; place <= last; place += 1) {
      if (!this.nodes.has(place)) fresh.append(this.make(place));
    }
    this.sheet.append(fresh);
    this.onDraw?.(first, last);
  }

  make(place) {
    const node = this.spare.pop() ?? this.template.content.firstElementChild.cloneNode(true);
    const [row, column] = [Math.floor(place / this.columns), place % this.columns];
    node.id = `tile-${place}`;
    node.dataset.place = place;
    node.style.cssText =
      `width:${this.sidePx}px;height:${this.rowPx}px;` +
      `transform:translate(${column * this.sidePx}px,${row * this.rowPx}px)`;
    node.setAttribute("aria-posinset", place + 1);
    node.setAttribute("aria-setsize", this.size);
    this.nodes.set(place, node);
    this.paint(place);
    return node;
  }

  // Bring one tile, if it is drawn, up to date; names are only ever set as text.
  paint(place) {
    const node = this.nodes.get(place);
    if (!node) return;
    const { tile, selected, focused, news, named, thumb, full } = this.look(place);
    const verdict = tile ? tile.verdict : "waiting";
    node.className =
      `tile ${verdict}${selected ? " selected" : ""}${focused ? " focused" : ""}${news ? " news" : ""}`;
    node.setAttribute("aria-selected", selected ? "true" : "false");
    node.children[1].textContent = { keep: "✓", reject: "✕" }[verdict] ?? "";
    if (!tile) return;
    const said = { keep: "kept", reject: "rejected", unreviewed: "not reviewed" }[verdict];
    node.setAttribute("aria-label", [tile.path, tile.class, said, tile.caption].filter(Boolean).join(", "));
    node.title = [tile.path, tile.caption].filter(Boolean).join("\n");
    node.dataset.image = tile.id;
    const name = named ? tile.class : "";
    if (node.children[2].textContent !== name) node.children[2].textContent = name;
    node.children[3].textContent = tile.caption ?? "";
    // Thumbnails lie on white: only the original shows what can be seen through.
    const clear = (tile.transparent ?? 0) > SEE_THROUGH;
    const shown = clear && tile.width * tile.height <= MOST_ORIGINAL_PIXELS ? full : thumb;
    node.children[0].classList.toggle("see-through", clear);
    if (node.dataset.thumb !== shown) this.hang(node, shown);
  }

  // An image that does not come is asked for again for as long as its tile is drawn: the server may be restarting.
  hang(node, thumb, tries = 1) {
    node.dataset.thumb = thumb;
    const image = new Image();
    image.alt = "";
    image.draggable = false;
    image.decoding = "async";
    image.hidden = true;
    image.addEventListener("load", () => {
      image.hidden = false;
      node.children[0].classList.remove("blank");
    });
    image.addEventListener("error", () => {
      if (!image.isConnected) return;
      node.children[0].classList.toggle("blank", tries >= THUMB_TRIES);
      const wait = 500 * 2 ** Math.min(tries, THUMB_TRIES);
      setTimeout(() => image.isConnected && this.hang(node, thumb, tries + 1), wait);
    });
    image.src = thumb;
    node.children[0].classList.remove("blank");
    node.children[0].replaceChildren(image);
  }

  // Whether its picture can be seen, or is known not to come.
  isShown(place) {
    const frame = this.nodes.get(place)?.children[0];
    return Boolean(frame && (frame.classList.contains("blank") || frame.firstElementChild?.hidden === false));
  }

  paintAll() {
    for (const place of this.nodes.keys()) this.paint(place);
  }

  reveal(place) {
    const top = Math.floor(place / this.columns) * this.rowPx;
    if (!this.asked && top >= this.topPx && top + this.rowPx <= this.topPx + this.highPx) return;
    const height = this.scroller.clientHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + this.rowPx > this.scroller.scrollTop + height) this.scroller.scrollTop = top + this.rowPx - height;
    this.draw();
  }

  // Scroll so that the row of `place` is the first one in view.
  turnTo(place) {
    this.scroller.scrollTop = Math.floor(place / this.columns) * this.rowPx;
    this.draw();
  }
}
