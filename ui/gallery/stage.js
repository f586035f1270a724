// One picture on a stage: the thumbnail at once, the original when it is there; wheel, + and -, or two fingers zoom,
// dragging and arrows move what is zoomed; one finger across a picture that fits is a swipe.

const ZOOM_STEP = 1.2;
const ZOOM_MOST = 16;
const LEAST_PX = 640; // small pictures are drawn this large where there is room
const SWIPE_PX = 56;

class Stage {
  constructor(node, onSwipe = null) {
    this.node = node;
    this.image = node.querySelector("img");
    this.onSwipe = onSwipe; // "left" or "right"
    this.shown = null;
    this.fingers = new Map();
    this.near = [];
    node.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    node.addEventListener("dblclick", () => this.move(1, 0, 0));
    node.addEventListener("pointerdown", (event) => this.down(event));
    node.addEventListener("pointermove", (event) => this.follow(event));
    for (const name of ["pointerup", "pointercancel"]) node.addEventListener(name, (event) => this.up(event));
    new ResizeObserver(() => this.size()).observe(node);
  }

  // `picture` is { tile, full, thumb }.
  show(picture) {
    const { tile, full, thumb } = picture;
    this.image.alt = tile.path;
    this.image.classList.toggle("see-through", (tile.transparent ?? 0) > SEE_THROUGH);
    if (this.shown === full) return;
    this.shown = full;
    this.picture = picture;
    this.size();
    this.move(1, 0, 0);
    this.image.src = thumb;
    const original = new Image();
    original.src = full;
    const hang = () => this.shown === full && (this.image.src = full);
    // What the browser cannot show (TIFF, or the file is gone) stays a thumbnail.
    original.decode().then(hang, () => {});
  }

  // Have the originals of these pictures at hand.
  ahead(pictures) {
    const known = new Map(this.near.map((image) => [image.getAttribute("src"), image]));
    this.near = pictures.map(({ full }) => {
      const image = known.get(full) ?? new Image();
      if (!image.src) image.src = full;
      return image;
    });
  }

  clear() {
    this.shown = null;
    this.near = [];
    this.image.removeAttribute("src");
  }

  size() {
    if (!this.picture) return;
    const { width, height } = this.picture.tile;
    const [roomX, roomY] = [this.node.clientWidth, this.node.clientHeight];
    const most = Math.max(1, LEAST_PX / Math.max(width, height, 1));
    const scale = Math.min(roomX / Math.max(width, 1), roomY / Math.max(height, 1), most);
    this.image.style.width = `${width * scale}px`;
    this.image.style.height = `${height * scale}px`;
  }

  get zoomed() {
    return this.zoom > 1;
  }

  move(zoom, x, y) {
    this.zoom = Math.min(Math.max(zoom, 1), ZOOM_MOST);
    [this.x, this.y] = this.zoom === 1 && !this.swiping ? [0, 0] : [x, y];
    this.image.style.transform = `translate(${this.x}px,${this.y}px) scale(${this.zoom})`;
    this.node.classList.toggle("zoomed", this.zoomed);
  }

  pan(right, down) {
    const [stepX, stepY] = [this.node.clientWidth / 5, this.node.clientHeight / 5];
    this.move(this.zoom, this.x - right * stepX, this.y - down * stepY);
  }

  wheel(event) {
    event.preventDefault();
    this.scale(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, event.clientX, event.clientY);
  }

  // Zoom so that what is under the pointer, or in the middle, stays there.
  scale(factor, clientX, clientY) {
    const box = this.node.getBoundingClientRect();
    const [middleX, middleY] = [box.left + box.width / 2, box.top + box.height / 2];
    const [fromX, fromY] = [(clientX ?? middleX) - middleX, (clientY ?? middleY) - middleY];
    const zoom = Math.min(Math.max(this.zoom * factor, 1), ZOOM_MOST);
    const ratio = zoom / this.zoom;
    this.move(zoom, fromX - (fromX - this.x) * ratio, fromY - (fromY - this.y) * ratio);
  }

  down(event) {
    if (event.button > 0) return;
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    this.node.setPointerCapture(event.pointerId);
    this.swiping = this.fingers.size === 1 && !this.zoomed && this.onSwipe !== null;
    this.start = [event.clientX, event.clientY];
  }

  follow(event) {
    const was = this.fingers.get(event.pointerId);
    if (!was) return;
    const gapBefore = this.gap();
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.fingers.size === 2) {
      const [one, other] = [...this.fingers.values()];
      if (gapBefore) this.scale(this.gap() / gapBefore, (one[0] + other[0]) / 2, (one[1] + other[1]) / 2);
    } else if (this.zoomed) {
      this.move(this.zoom, this.x + event.clientX - was[0], this.y + event.clientY - was[1]);
    } else if (this.swiping) {
      this.move(1, event.clientX - this.start[0], 0);
      this.node.dataset.leaning = this.lean(event.clientX) ?? "";
    }
  }

  gap() {
    if (this.fingers.size !== 2) return 0;
    const [one, other] = [...this.fingers.values()];
    return Math.hypot(one[0] - other[0], one[1] - other[1]);
  }

  lean(clientX) {
    const far = clientX - this.start[0];
    return Math.abs(far) < SWIPE_PX ? null : far < 0 ? "left" : "right";
  }

  up(event) {
    if (!this.fingers.delete(event.pointerId)) return;
    const swiped = this.swiping && event.type === "pointerup" ? this.lean(event.clientX) : null;
    if (this.swiping) {
      this.swiping = false;
      this.move(1, 0, 0);
      this.node.dataset.leaning = "";
    }
    if (swiped) this.onSwipe(swiped);
  }
}
