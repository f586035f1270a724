// Decisions as the page shows them: at once, before the server has answered; undo and redo alike.

const POLL_MS = 2000;
const VERDICT_AFTER = { keep: "keep", reject: "reject", unreview: "unreviewed" };

class Decider {
  constructor(journal, shelf, classes, onChange) {
    this.journal = journal;
    this.shelf = shelf;
    this.classes = classes; // class_id -> name
    this.onChange = onChange; // (ids) => paint them
    this.looking = false;
    this.stale = new Set(); // images whose looks must be asked for again
    this.walked = false; // undo or redo may have changed more than is known here
    this.hear = (news) => this.heard(news);
    journal.listeners.add(this.hear);
    this.clock = setInterval(() => document.visibilityState === "visible" && this.look(), POLL_MS);
  }

  look() {
    if (this.stale.size && !this.journal.unsaved) this.freshen();
    this.follow();
  }

  close() {
    this.journal.listeners.delete(this.hear);
    clearInterval(this.clock);
  }

  // Returns how many images were decided on.
  decide(action, ids, classId) {
    const batch = ++this.journal.batch;
    const operations = ids.map((image) =>
      action === "class" ? { image, action, class_id: classId, batch } : { image, action, batch }
    );
    const changes = [];
    for (const operation of operations) {
      const tile = this.shelf.tiles.get(operation.image);
      const before = tile && { verdict: tile.verdict, class_id: tile.class_id, class: tile.class };
      if (tile) this.show(tile, operation);
      if (!before || before.verdict !== tile.verdict || before.class_id !== tile.class_id) {
        const after = tile && { verdict: tile.verdict, class_id: tile.class_id, class: tile.class };
        changes.push({ id: operation.image, before, after });
      }
    }
    this.onChange(ids);
    if (changes.length) {
      this.journal.done.push(changes);
      this.journal.undone = [];
    }
    this.journal.push(operations);
    return ids.length;
  }

  // Undo or redo one's last batch; returns how many images this tab knows to change, or null when it cannot tell.
  walk(action) {
    const [from, to] =
      action === "undo" ? [this.journal.done, this.journal.undone] : [this.journal.undone, this.journal.done];
    const changes = from.pop();
    const side = action === "undo" ? "before" : "after";
    if (changes) {
      to.push(changes);
      for (const change of changes) {
        const tile = this.shelf.tiles.get(change.id);
        if (tile && change[side]) Object.assign(tile, change[side]);
      }
      this.onChange(changes.map((change) => change.id));
    }
    this.journal.push([{ action, touched: changes?.map((change) => change.id) ?? [] }]);
    return changes ? changes.length : null;
  }

  show(tile, operation) {
    if (operation.action === "class") {
      tile.class_id = operation.class_id;
      tile.class = this.classes.get(operation.class_id) ?? tile.class;
    } else {
      tile.verdict = VERDICT_AFTER[operation.action] ?? tile.verdict;
    }
  }

  // What the server says of images, with what it cannot know yet on top. An answer that crossed one of our own undos
  // may be old already: those images are asked for once more when all is saved.
  settle(tiles, version) {
    if (version !== this.journal.version || this.journal.walking) for (const { id } of tiles) this.stale.add(id);
    for (const tile of tiles) {
      for (const operation of this.journal.pending.get(tile.id) ?? []) this.show(tile, operation);
    }
  }

  heard({ settled = [], refused = [], adopted = false, emptied = false }) {
    for (const operation of settled) for (const image of operation.touched ?? []) this.stale.add(image);
    const walked = adopted || settled.some((operation) => operation.image === undefined);
    if (walked) this.walked = true;
    for (const { operation } of refused) if (operation?.image !== undefined) this.stale.add(operation.image);
    if (!emptied || !(this.stale.size || this.walked)) return; // what others decided is looked for by the clock
    this.walked = false;
    this.freshen();
    this.follow();
  }

  async freshen() {
    const ids = Array.from(this.stale).filter((id) => this.shelf.tiles.has(id));
    this.stale.clear();
    for (let start = 0; start < ids.length; start += BLOCK) {
      const some = ids.slice(start, start + BLOCK);
      const version = this.journal.version;
      const rows = await this.shelf.fetch(some);
      if (this.shelf.closed) return;
      if (rows && version === this.journal.version) this.shelf.put(rows, version);
      else for (const id of some) this.stale.add(id);
    }
  }

  // Take in what others decided; an answer that crossed one of our own decisions is asked for again later.
  async follow() {
    if (this.looking || this.journal.unsaved || this.shelf.revision === null) return;
    this.looking = true;
    const version = this.journal.version;
    const news = await this.shelf.changes();
    this.looking = false;
    if (!news || version !== this.journal.version || news.workspace !== this.journal.workspace) return;
    this.shelf.revision = news.revision;
    if (news.reload) {
      for (const id of this.shelf.tiles.keys()) this.stale.add(id);
      this.freshen();
      return;
    }
    const changed = [];
    for (const change of news.changes) {
      const tile = this.shelf.tiles.get(change.image);
      if (!tile) continue;
      if (tile.verdict === change.verdict && tile.class_id === change.class_id && tile.class === change.class) continue;
      Object.assign(tile, { verdict: change.verdict, class_id: change.class_id, class: change.class });
      changed.push(tile.id);
    }
    if (changed.length) this.onChange(changed);
  }
}
