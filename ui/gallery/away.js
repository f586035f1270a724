// Streamlit covers the page with a notice when its server does not answer, and takes the keys. The gallery goes on
// without the server and says itself what is not saved, so it closes the notice; Streamlit shows it once an outage.

const NOTICE = "Connection error";

function isNotice(dialog) {
  return dialog?.querySelector("h2")?.textContent === NOTICE;
}

class Away {
  constructor(gallery) {
    this.gallery = gallery;
    this.onLeave = (event) => this.left(event);
    gallery.root.addEventListener("focusout", this.onLeave);
    this.watch = new MutationObserver(() => this.look());
    this.watch.observe(document.body, { childList: true });
    this.look();
  }

  close() {
    this.gallery.root.removeEventListener("focusout", this.onLeave);
    this.watch.disconnect();
  }

  get notice() {
    return Array.from(document.querySelectorAll('[role="dialog"]')).find(isNotice);
  }

  look() {
    const { notice } = this;
    if (notice) notice.querySelector("button")?.click();
    else if (this.from) requestAnimationFrame(() => this.comeBack());
  }

  left(event) {
    if (isNotice(event.relatedTarget?.closest?.('[role="dialog"]'))) this.from = event.target;
  }

  // Streamlit cannot give the focus back to what lies inside a component.
  comeBack() {
    if (this.notice) return;
    const from = this.from;
    this.from = null;
    if (from?.isConnected && document.activeElement === document.body) from.focus({ preventScroll: true });
  }
}
