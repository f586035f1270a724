// What the filter lets through: the numbers of all images at once (4 bytes each), and what is shown of them by need.
//
// The list stays as it was when the filter was set, so that nothing moves under the pointer while decisions change
// which images the filter would let through now.

const BLOCK = 200;
const AGAIN_MS = 1500;

class Shelf {
  constructor(api, { where, order }, versionOf, onTiles) {
    this.api = api;
    this.query = new URLSearchParams({ where, order });
    this.versionOf = versionOf; // of the decisions, when a question is asked
    this.onTiles = onTiles; // (rows, version): an answer has come; no rows: ask again
    this.ids = new Uint32Array(0);
    this.places = null;
    this.tiles = new Map();
    this.blocks = new Set();
    this.revision = null;
    this.closed = false;
  }

  async open() {
    const response = await fetch(`${this.api}/ids?${this.query}`);
    if (!response.ok) throw new Error((await response.json().catch(() => null))?.error ?? `error ${response.status}`);
    this.revision = Number(response.headers.get("X-Revision"));
    this.ids = new Uint32Array(await response.arrayBuffer());
  }

  get size() {
    return this.ids.length;
  }

  at(place) {
    return this.tiles.get(this.ids[place]);
  }

  placeOf(id) {
    this.places ??= new Map(Array.from(this.ids, (each, place) => [each, place]));
    return this.places.get(id);
  }

  // Fetch what is shown of these places, if that has not been asked for.
  want(first, last) {
    for (let block = Math.floor(first / BLOCK); block <= Math.floor(last / BLOCK); block += 1) {
      if (block < 0 || block * BLOCK >= this.size || this.blocks.has(block)) continue;
      this.blocks.add(block);
      this.load(block);
    }
  }

  async load(block) {
    const version = this.versionOf();
    const rows = await this.fetch(this.ids.subarray(block * BLOCK, (block + 1) * BLOCK));
    if (this.closed) return;
    if (rows) {
      this.put(rows, version);
    } else {
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

  // The rows of these images as the server has them now; null when it does not answer.
  async fetch(ids) {
    try {
      const response = await fetch(`${this.api}/tiles?ids=${Array.from(ids).join(",")}`);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  // What changed on the server since the last look; null when nobody can tell (the server is away).
  async changes() {
    try {
      const response = await fetch(`${this.api}/changes?since=${this.revision}&counts=false`);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
