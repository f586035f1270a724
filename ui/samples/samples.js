const REST_MS = 350;
const FRAME_MS = 140;
const views = new WeakMap();

class View {
  constructor(node) {
    this.node = node;
    this.bar = node.querySelector(".bar");
    this.slider = node.querySelector("input");
    this.output = node.querySelector("output");
    this.button = node.querySelector(".play");
    this.image = node.querySelector(".drawn img");
    this.words = node.querySelector(".drawn figcaption");
    this.real = node.querySelector(".real");
    this.epochs = [];
    this.place = -1;
    this.shown = "";
    this.slider.addEventListener("input", () => {
      this.pause();
      this.go(Number(this.slider.value));
      this.rest();
    });
    this.slider.addEventListener("keydown", (event) => event.stopPropagation());
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
  }

  update(data) {
    const following = this.place < 0 || this.place === this.epochs.length - 1;
    const looked = this.place < 0 ? data.start : this.epochs[this.place][0];
    const first = this.place < 0;
    this.epochs = data.epochs;
    const kept = this.epochs.findIndex(([epoch]) => epoch === looked);
    const newest = this.epochs.length - 1;
    this.bar.hidden = newest < 1;
    this.slider.max = String(newest);
    this.real.hidden = !data.real;
    const real = this.real.querySelector("img");
    if (data.real && real.getAttribute("src") !== data.real) real.src = data.real;
    this.go(kept >= 0 && (first || !following) ? kept : newest);
  }

  go(place) {
    this.place = place;
    this.slider.value = String(place);
    const [epoch, address] = this.epochs[place];
    this.output.textContent = `epoch ${epoch} of ${this.epochs.at(-1)[0]}`;
    this.slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
    this.show(epoch, address);
  }

  async show(epoch, address) {
    if (this.shown === address) return;
    const next = new Image();
    next.src = address;
    try {
      await next.decode();
    } catch {
      // A grid that cannot be read leaves the one before, and its words say which that is.
      return;
    }
    if (this.epochs[this.place][1] !== address) return;
    this.shown = address;
    this.image.src = address;
    this.image.alt = `Drawn after epoch ${epoch}`;
    this.words.textContent = `Drawn after epoch ${epoch}`;
    const neighbour = this.epochs[this.place + 1];
    if (neighbour) new Image().src = neighbour[1];
  }

  play() {
    let place = this.place === this.epochs.length - 1 ? 0 : this.place;
    this.button.textContent = "❚❚";
    this.timer = setInterval(() => {
      if (!this.node.isConnected) return this.pause();
      this.go(place);
      place += 1;
      if (place >= this.epochs.length) {
        this.pause();
        this.rest();
      }
      return undefined;
    }, FRAME_MS);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.button.textContent = "▶";
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.tell?.(this.epochs[this.place][0]), REST_MS);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const node = parentElement.querySelector(".samples");
  if (!node || !data.epochs.length) return undefined;
  let view = views.get(node);
  if (!view) {
    view = new View(node);
    views.set(node, view);
  }
  view.tell = (epoch) => setStateValue("epoch", epoch);
  view.update(data);
  return () => view.pause();
}
