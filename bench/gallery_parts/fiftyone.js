window.grid = () => document.querySelector("[data-cy=fo-grid]")?.firstElementChild;

window.tiles = () => {
  const frame = window.grid()?.getBoundingClientRect();
  if (!frame) return [];
  return [...document.querySelectorAll("[data-cy=fo-grid] [data-cy=looker]")]
    .map((tile) => [tile, tile.getBoundingClientRect()])
    .filter(([, box]) => box.top < frame.bottom && box.bottom > frame.top)
    .map(([tile]) => [tile, tile.querySelector("canvas")?.getAttribute("canvas-loaded") === "true"]);
};

window.inView = (place) => window.tiles()[place]?.[0];
window.isChecked = (place) => Boolean(window.inView(place)?.querySelector("input[type=checkbox]")?.checked);
