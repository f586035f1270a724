// One picture as large as the window.

class Large {
  constructor(dialog, source, onSwipe = null) {
    this.dialog = dialog;
    this.source = source; // place -> { tile, full, thumb } or null
    this.stage = new Stage(dialog.querySelector(".stage"), onSwipe);
    this.words = dialog.querySelector(".words");
    this.place = 0;
    dialog.addEventListener("close", () => this.stage.clear());
  }

  get open() {
    return this.dialog.open;
  }

  show(place) {
    if (!this.dialog.open) this.dialog.showModal();
    this.place = place;
    this.paint();
  }

  paint() {
    const now = this.source(this.place);
    if (!now) return;
    const { tile } = now;
    const said = { keep: "✓ kept", reject: "✕ rejected", unreviewed: "not reviewed" }[tile.verdict];
    this.dialog.dataset.verdict = tile.verdict;
    this.stage.show(now);
    this.stage.ahead([this.place + 1, this.place - 1].map((place) => this.source(place)).filter(Boolean));
    const facts = [tile.class, said, `${tile.width} × ${tile.height}`, tile.path, tile.origin];
    this.say(facts.filter(Boolean).join(" · "));
  }

  say(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  close() {
    this.dialog.close();
  }
}
