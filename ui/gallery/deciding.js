// Decisions as the page shows them: at once, before the server has answered; undo and redo alike; and what others decide.

const POLL_MS = 1000;
const HIDDEN_MS = 15000;
const AWAY_MS = 8000;
const CROSSED_MS = 200;
const VERDICT_AFTER = { keep: "keep", reject: "reject", unreview: "unreviewed" };

class Decider {
  constructor(journal, shelf, { standing, classes, onChange, onNews }) {
    this.journal = journal;
    this.shelf = shelf;
    this.standing = standing;
    this.classes = classes; // class_id -> name
    this.onChange = onChange; // (ids) => paint them
    this.onNews = onNews; // ({ ids, people }) => somebody else decided; nothing: counts have come
    this.stale = new Set(); // images whose looks must be asked for again
    this.walked = false; // undo or redo may have changed more than is known here
    this.failures = 0;
    this.hear = (news) => this.heard(news);
    journal.listeners.add(this.hear);
    this.wake = () => document.visibilityState === "visible" && this.look();
    document.addEventListener("visibilitychange", this.wake);
    this.look();
  }

  close() {
    this.closed = true;
    this.journal.listeners.delete(this.hear);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.clock);
  }

  // One look at a time, and the next one later: soon when an answer crossed a decision, seldom while nobody looks.
  async look() {
    clearTimeout(this.clock);
    if (this.looking || this.closed) return;
    this.looking = true;
    if (this.stale.size && !this.journal.unsaved) await this.freshen();
    const came = await this.follow();
    this.looking = false;
    if (this.closed) return;
    this.note(came === "away" ? this.failures + 1 : 0);
    const hidden = document.visibilityState !== "visible";
    const away = Math.min(AWAY_MS, POLL_MS * 2 ** this.failures);
    const waits = { crossed: CROSSED_MS, away, elsewhere: AWAY_MS, done: POLL_MS };
    this.clock = setTimeout(() => this.look(), hidden ? HIDDEN_MS : waits[came]);
  }

  // How often the server was asked in vain; what is shown of that changes.
  note(failures) {
    const changed = failures !== this.failures;
    this.failures = failures;
    if (changed) this.onNews({});
  }

  // Returns how many images were new to a verdict. `batch`: decisions with one number are undone together.
  decide(action, ids, { classId, batch = ++this.journal.batch } = {}) {
    const before = this.shelf.reviewed;
    const operations = [];
    const changes = [];
    for (const image of ids) {
      operations.push(action === "class" ? { image, action, class_id: classId, batch } : { image, action, batch });
      const [was, is] = this.show(image, action, classId);
      if (!was || was.verdict !== is.verdict || was.class_id !== is.class_id) {
        changes.push({ id: image, before: was, after: is });
      }
    }
    if (changes.length) this.remember(batch, changes);
    this.onChange(ids);
    this.journal.push(operations);
    return this.shelf.reviewed - before;
  }

  remember(batch, changes) {
    const last = this.journal.done.at(-1);
    if (last?.batch === batch) last.changes.push(...changes);
    else this.journal.done.push({ batch, changes });
    this.journal.undone = [];
  }

  show(image, action, classId) {
    const before = this.shelf.lookOf(image);
    const wished =
      action === "class"
        ? { class_id: classId, class: this.classes.get(classId) ?? before?.class }
        : { verdict: VERDICT_AFTER[action] };
    this.wear(image, before, wished);
    return [before, { ...before, ...wished }];
  }

  wear(image, before, look) {
    this.shelf.wear(image, look);
    if (before) this.standing.turn(before, { ...before, ...look });
    else this.standing.stale = true;
  }

  // Undo or redo one's last batch; the images that this tab knows to change, or null when it cannot tell.
  walk(action) {
    const [from, to] =
      action === "undo" ? [this.journal.done, this.journal.undone] : [this.journal.undone, this.journal.done];
    const step = from.pop();
    const side = action === "undo" ? "before" : "after";
    const touched = step?.changes.map((change) => change.id);
    if (step) {
      to.push(step);
      for (const change of step.changes) {
        if (change[side]) this.wear(change.id, this.shelf.lookOf(change.id), change[side]);
      }
      this.onChange(touched);
    } else {
      this.standing.stale = true;
    }
    this.journal.push([{ action, touched: touched ?? [] }]);
    return touched ?? null;
  }

  // What the server says of images, with what it cannot know yet on top. An answer that crossed one of our own undos
  // may be old already: those images are asked for once more when all is saved.
  settle(tiles, version) {
    if (version !== this.journal.version || this.journal.walking) for (const { id } of tiles) this.stale.add(id);
    for (const tile of tiles) {
      for (const operation of this.journal.pending.get(tile.id) ?? []) {
        if (operation.action === "class") {
          tile.class_id = operation.class_id;
          tile.class = this.classes.get(operation.class_id) ?? tile.class;
        } else {
          tile.verdict = VERDICT_AFTER[operation.action] ?? tile.verdict;
        }
      }
      this.shelf.wear(tile.id, { verdict: tile.verdict });
    }
  }

  heard({ settled = [], refused = [], adopted = false, emptied = false }) {
    if (settled.length) this.note(0);
    for (const operation of settled) for (const image of operation.touched ?? []) this.stale.add(image);
    const walked = adopted || settled.some((operation) => operation.image === undefined);
    if (walked) this.walked = true;
    for (const { operation } of refused) if (operation?.image !== undefined) this.stale.add(operation.image);
    if (refused.length) this.standing.stale = true;
    if (!emptied || !(this.stale.size || this.walked)) return; // what others decided is looked for by the clock
    this.walked = false;
    this.look();
  }

  async freshen() {
    const ids = Array.from(this.stale).filter((id) => this.shelf.tiles.has(id));
    this.stale.clear();
    for (let start = 0; start < ids.length; start += BLOCK) {
      const some = ids.slice(start, start + BLOCK);
      const version = this.journal.version;
      const rows = await this.shelf.fetch(some);
      if (this.closed) return;
      if (rows && version === this.journal.version) this.shelf.put(rows, version);
      else for (const id of some) this.stale.add(id);
    }
  }

  // Take in what others decided; an answer that crossed one of our own decisions is asked for again.
  async follow() {
    if (this.journal.unsaved) return this.journal.trouble ? "away" : "crossed";
    const version = this.journal.version;
    const news = await this.shelf.changes(this.standing.stale);
    if (this.closed) return "done";
    if (!news) return "away";
    if (version !== this.journal.version) return "crossed";
    if (news.workspace !== this.journal.workspace) return "elsewhere";
    this.shelf.revision = news.revision;
    if (news.classes) {
      this.standing.take(news.classes);
      this.onNews({});
    }
    if (news.reload) {
      for (const id of this.shelf.tiles.keys()) this.stale.add(id);
      return "crossed";
    }
    const changed = news.changes.filter((change) => this.takeIn(change)).map((change) => change.image);
    if (changed.length) {
      this.onNews({ ids: changed, people: news.people });
      this.onChange(changed);
    }
    return "done";
  }

  takeIn({ image, verdict, class_id, class: name }) {
    const before = this.shelf.lookOf(image);
    if (!before) {
      this.standing.stale = true; // of an image that this list does not show
      return false;
    }
    const same = before.verdict === verdict && (before.class_id ?? class_id) === class_id && (before.class ?? name) === name;
    if (same) return false;
    this.standing.stale = true;
    this.shelf.wear(image, { verdict, class_id, class: name });
    return true;
  }
}
