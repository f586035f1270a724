window.gallery = () => {
  if (!window.galleryRoot?.isConnected) {
    const host = [...document.querySelectorAll(".st-key-gallery *")].find((node) => node.shadowRoot);
    window.galleryRoot = host?.shadowRoot.querySelector(".gallery") ?? null;
  }
  return window.galleryRoot;
};

// Every tile of which one pixel is in view; one that the grid has not even made is blank too.
window.tiles = () => {
  const root = window.gallery();
  const any = root?.querySelector(".tile");
  if (!any || root.classList.contains("loading")) return [];
  const scroller = root.querySelector(".scroller");
  const [width, height] = [parseFloat(any.style.width), parseFloat(any.style.height)];
  const columns = Math.round(scroller.clientWidth / width);
  const first = Math.floor(scroller.scrollTop / height) * columns;
  const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) * columns;
  const found = [];
  for (let place = first; place < Math.min(last, any.ariaSetSize); place += 1) {
    const frame = root.getRootNode().getElementById(`tile-${place}`)?.children[0];
    found.push([place, Boolean(frame?.firstElementChild?.hidden === false)]);
  }
  return found;
};

window.tileIs = (place, look) =>
  Boolean(window.gallery().getRootNode().getElementById(`tile-${place}`)?.classList.contains(look));
