// The lines above and below the pictures: how far one is, what is selected, whether all is saved.

const SAID_MS = 4000;
const COMPANY_MS = 120000;
const TICK_MS = 5000; // the time left runs on without a decision
const SILENT_LOOKS = 2;

class Bar {
  constructor(gallery) {
    this.gallery = gallery;
    this.part = gallery.part;
    this.said = "";
    this.company = new Map(); // name -> when that person decided last, as far as this browser saw
    this.clock = setInterval(() => this.draw(), TICK_MS);
  }

  close() {
    clearInterval(this.clock);
    clearTimeout(this.saying);
  }

  say(text) {
    this.said = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => {
      this.said = "";
      this.draw();
    }, SAID_MS);
    this.draw();
  }

  meet(people) {
    for (const name of people) if (name !== this.gallery.who) this.company.set(name, Date.now());
  }

  draw() {
    const { shelf, selection, sweep } = this.gallery;
    const total = shelf?.size ?? 0;
    const chosen = selection.size;
    const sweeping = this.gallery.mode === "sweep";
    const idle = sweeping ? "Click the bad ones; what you scroll past is kept" : plural(total);
    this.text(".chosen", chosen ? `${figure(chosen)} selected` : idle);
    this.text(".seen", figure(sweep.seen.size));
    this.part('[data-does="keep-seen"]').classList.toggle("primary", sweeping);
    this.part('[data-does="keep-seen"]').disabled = !sweep.seen.size;
    this.text(".name-button", [this.gallery.who, ...this.present()].join(", "));
    this.drawStanding();
    this.drawFinish();
    this.drawSaved();
  }

  text(selector, words) {
    const node = this.part(selector);
    if (node.textContent !== words) node.textContent = words;
  }

  present() {
    const since = Date.now() - COMPANY_MS;
    return [...this.company].filter(([, at]) => at > since).map(([name]) => name);
  }

  drawStanding() {
    const words = this.standingWords();
    const { shelf } = this.gallery;
    for (const node of this.gallery.root.querySelectorAll(".pace")) {
      if (node.textContent !== words) node.textContent = words;
    }
    for (const node of this.gallery.root.querySelectorAll(".standing progress, .one-top progress")) {
      node.max = Math.max(shelf?.size ?? 0, 1);
      node.value = shelf?.reviewed ?? 0;
    }
  }

  standingWords() {
    const { shelf, standing, pace, data, only } = this.gallery;
    if (!shelf?.size) return "";
    const words = [`${figure(shelf.reviewed)} of ${figure(shelf.size)} looked at`];
    const rate = pace.perMinute;
    if (rate) words.push(`${figure(Math.round(rate))} a minute`);
    if (rate && shelf.unreviewed) words.push(`${shortSpan(shelf.unreviewed / rate)} left`);
    const row = standing.of(only);
    if (row) words.push(classWords(row, data.wanted));
    return words.join(" · ");
  }

  // "Class finished, next class": where all that the list holds is looked at, and it was not from the start.
  drawFinish() {
    const words = this.finishWords();
    const strip = this.part(".finish");
    strip.hidden = !words || this.gallery.dismissed || this.gallery.one.open;
    this.text(".finish-words", words);
    const next = this.gallery.standing.next(this.gallery.only);
    for (const button of this.gallery.root.querySelectorAll('[data-does="next-class"]')) {
      button.hidden = !next || !this.gallery.data.goes;
      button.textContent = next ? `Next class: ${next.name}, ${figure(next.unreviewed)} to look at` : "";
    }
  }

  finishWords() {
    const { shelf, standing, data, only, began } = this.gallery;
    if (!shelf || shelf.unreviewed || this.gallery.root.classList.contains("loading")) return "";
    const row = standing.of(only);
    if (row && !row.unreviewed) {
      const rejected = row.reject ? `, ${figure(row.reject)} rejected` : "";
      return `${row.name} is finished: ${classWords(row, data.wanted)}${rejected}.`;
    }
    return began ? `All ${plural(shelf.size)} here ${shelf.size === 1 ? "is" : "are"} looked at.` : "";
  }

  drawSaved() {
    const saved = this.part(".saved");
    const { unsaved = 0, trouble = null, kept = true } = this.gallery.journal ?? {};
    const away = (this.gallery.decider?.failures ?? 0) >= SILENT_LOOKS;
    saved.classList.toggle("trouble", Boolean(trouble && unsaved) || away);
    saved.dataset.unsaved = unsaved;
    this.text(".saved", this.savedWords(unsaved, trouble, { kept, away }));
  }

  savedWords(unsaved, trouble, { kept, away }) {
    if (trouble && unsaved) {
      const count = unsaved === 1 ? "1 decision is" : `${figure(unsaved)} decisions are`;
      const where = kept ? "kept in this browser" : "kept in this tab only, leave it open,";
      return `Not saved: ${trouble} ${count} ${where} and sent again.`;
    }
    if (unsaved) return `saving ${figure(unsaved)}`;
    if (away && kept) return "Specimen does not answer. What you decide now is kept in this browser and sent later.";
    return this.said || "saved ✓";
  }
}
