// Which pictures are selected, which one has the focus, and where a range starts.

class Selection {
  constructor() {
    this.ids = new Set();
    this.focus = 0;
    this.anchor = 0;
  }

  has(id) {
    return this.ids.has(id);
  }

  get size() {
    return this.ids.size;
  }

  at(place) {
    this.focus = this.anchor = place;
  }

  clear() {
    this.ids.clear();
  }

  // Click, with Shift a range from where the last one was, with Ctrl one more or less.
  pick(shelfIds, place, { range = false, add = false } = {}) {
    if (range) {
      if (!add) this.clear();
      const [first, last] = [Math.min(this.anchor, place), Math.max(this.anchor, place)];
      for (const id of shelfIds.subarray(first, last + 1)) this.ids.add(id);
    } else {
      const id = shelfIds[place];
      const was = this.ids.has(id);
      if (!add) this.clear();
      if (add && was) this.ids.delete(id);
      else this.ids.add(id);
      this.anchor = place;
    }
    this.focus = place;
  }

  all(shelfIds) {
    this.ids = new Set(shelfIds);
  }
}
