// One large picture after the other: keep or reject by key, button or swipe, and the next one is there already.

const AT_HAND = 3;

class OneByOne extends Large {
  constructor(dialog, source, { onSwipe, upcoming }) {
    super(dialog, source, onSwipe);
    this.upcoming = upcoming; // (place, count) -> the next places that nobody has decided on
    this.over = dialog.querySelector(".over");
    this.pictures = [dialog.querySelector(".stage"), this.words, dialog.querySelector(".deeds")];
  }

  paint() {
    this.finish("");
    super.paint();
    const next = this.upcoming(this.place, AT_HAND).map((place) => this.source(place));
    this.stage.ahead([...next, this.source(this.place - 1)].filter(Boolean));
  }

  // Nothing is left to decide on: say so in place of a picture; "" shows pictures again.
  finish(words) {
    this.finished = Boolean(words);
    this.over.hidden = !words;
    this.over.querySelector("p").textContent = words;
    for (const part of this.pictures) part.hidden = Boolean(words);
  }
}
