// What the filter lets through: number and verdict of all images at once (5 bytes each), and what is shown of them by
// need, as much as fits a bounded memory.
//
// The list stays as it was when the filter was set, so that nothing moves under the pointer while decisions change
// which images the filter would let through now.

const BLOCK = 200;
const MOST_BLOCKS = 60;
const AGAIN_MS = 1500;
const VERDICTS = ["unreviewed", "keep", "reject"]; // by the byte that stands for each
const PLACES = 2 ** 21; // number and place share the 53 bits that a double holds exactly

class Elsewhere extends Error {}

class Shelf {
  constructor(api, workspace, { where, order }, versionOf, onTiles) {
    this.api = api;
    this.workspace = workspace;
    this.query = new URLSearchParams({ where, order });
    this.versionOf = versionOf; // of the decisions, when a question is asked
    this.onTiles = onTiles; // (rows, version): an answer has come; no rows: ask again
    this.ids = new Uint32Array(0);
    this.marks = new Uint8Array(0);
    this.index = null;
    this.tiles = new Map();
    this.blocks = new Map(); // by when each was wanted last
    this.revision = null;
    this.reviewed = 0;
    this.closed = false;
  }

  async open() {
    const response = await fetch(`${this.api}/ids?${this.query}`);
    if (!response.ok) throw new Error((await response.json().catch(() => null))?.error ?? `error ${response.status}`);
    this.refuseForeign(response);
    const bytes = await response.arrayBuffer();
    const count = bytes.byteLength / 5;
    this.revision = Number(response.headers.get("X-Revision"));
    this.ids = new Uint32Array(bytes, 0, count);
    this.marks = new Uint8Array(bytes, 4 * count, count);
    this.reviewed = this.marks.reduce((sum, mark) => sum + (mark ? 1 : 0), 0);
  }

  // The same number is another picture in another workspace.
  refuseForeign(response) {
    const there = response.headers.get("X-Workspace");
    if (there && there !== this.workspace) throw new Elsewhere("Specimen has another workspace open now.");
  }

  get size() {
    return this.ids.length;
  }

  get unreviewed() {
    return this.size - this.reviewed;
  }

  at(place) {
    return this.tiles.get(this.ids[place]);
  }

  placeOf(id) {
    this.index ??= Float64Array.from(this.ids, (each, place) => each * PLACES + place).sort();
    let [low, high] = [0, this.index.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = Math.floor(this.index[middle] / PLACES);
      if (found === id) return this.index[middle] % PLACES;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  // The first place from `place` on that nobody has decided on, the beginning after the end; -1 when there is none.
  nextOpen(place) {
    const found = this.marks.indexOf(0, place);
    return found >= 0 ? found : this.marks.indexOf(0);
  }

  isOpen(place) {
    return this.marks[place] === 0;
  }

  // How an image looks as far as that is known: of one that is not loaded the verdict alone.
  lookOf(id) {
    const tile = this.tiles.get(id);
    if (tile) return { verdict: tile.verdict, class_id: tile.class_id, class: tile.class };
    const place = this.placeOf(id);
    return place === undefined ? null : { verdict: VERDICTS[this.marks[place]] };
  }

  wear(id, look) {
    const tile = this.tiles.get(id);
    if (tile) Object.assign(tile, look);
    const place = this.placeOf(id);
    if (place !== undefined && look.verdict) this.mark(place, VERDICTS.indexOf(look.verdict));
  }

  mark(place, mark) {
    this.reviewed += (mark ? 1 : 0) - (this.marks[place] ? 1 : 0);
    this.marks[place] = mark;
  }

  // Fetch what is shown of these places, if it is not here or on its way.
  want(first, last) {
    const ends = [Math.max(0, Math.floor(first / BLOCK)), Math.floor(Math.min(last, this.size - 1) / BLOCK)];
    for (let block = ends[0]; block <= ends[1]; block += 1) {
      const known = this.blocks.delete(block);
      this.blocks.set(block, true);
      if (!known) this.load(block);
    }
    for (const block of this.blocks.keys()) {
      if (this.blocks.size <= MOST_BLOCKS) break;
      this.blocks.delete(block);
      for (const id of this.idsOf(block)) this.tiles.delete(id);
    }
  }

  idsOf(block) {
    return this.ids.subarray(block * BLOCK, (block + 1) * BLOCK);
  }

  async load(block) {
    const version = this.versionOf();
    const rows = await this.fetch(this.idsOf(block));
    if (this.closed) return;
    if (rows && this.blocks.has(block)) {
      this.put(rows, version);
    } else if (!rows) {
      setTimeout(() => {
        this.blocks.delete(block);
        this.onTiles([], version);
      }, AGAIN_MS);
    }
  }

  put(rows, version) {
    for (const row of rows) this.tiles.set(row.id, row);
    this.onTiles(rows, version);
  }

  // The rows of these images as the server has them now; null when it does not answer, or for another workspace.
  async fetch(ids) {
    try {
      const response = await fetch(`${this.api}/tiles?ids=${Array.from(ids).join(",")}&${this.query}`);
      if (response.ok) this.refuseForeign(response);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  // What changed on the server since the last look; null when nobody can tell (the server is away).
  async changes(counts) {
    try {
      const response = await fetch(`${this.api}/changes?since=${this.revision}&counts=${counts}`);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
