// The stopwatch inside a measured page. Every time begins at the timeStamp that the browser gave the input event.
//
// Painted: a loop of animation frames asks before each frame whether the change is in the document; the frame in which
// it first is has been drawn when a task posted in it runs. Committed: seen by a MutationObserver, or, for requests, by
// the browser's own record of when their answer had come.
window.stopwatch = {
  begun: {}, // when the last event of each kind came
  look: (text) => new Function(`return (${text})`),

  afterThisFrame(does) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => does(performance.now());
    port2.postMessage(null);
  },

  whenPainted(look, does) {
    const frame = () => (look() ? this.afterThisFrame(does) : requestAnimationFrame(frame));
    requestAnimationFrame(frame);
  },

  // `committed`: text of an expression that turns false with the event and true with the commit, in the node `within`.
  arm({ event, painted, committed = null, within = "document.body" }) {
    this.begun[event] = undefined;
    const look = this.look(painted);
    const startOf = () => this.begun[event];
    const waits = [
      new Promise((found) => this.whenPainted(() => startOf() && look(), (at) => found(["painted", at - startOf()]))),
    ];
    if (committed) waits.push(this.commit(this.look(committed), this.look(within)(), startOf));
    this.found = Promise.all(waits).then(Object.fromEntries);
  },

  commit(look, node, startOf) {
    return new Promise((found) => {
      let under_way = false;
      const watch = new MutationObserver(() => {
        if (startOf() === undefined) return;
        if (!look()) under_way = true;
        else if (under_way) {
          watch.disconnect();
          found(["committed", performance.now() - startOf()]);
        }
      });
      watch.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
    });
  },

  // From the event to the end of the answer to the next request whose address ends so.
  answer({ event, ending }) {
    this.begun[event] = undefined;
    this.found = new Promise((found) => {
      const watch = new PerformanceObserver((list) => {
        const start = this.begun[event] ?? Infinity;
        const entry = list.getEntries().find((each) => each.name.endsWith(ending) && each.startTime >= start);
        if (!entry) return;
        watch.disconnect();
        found({ committed: entry.responseEnd - start });
      });
      watch.observe({ type: "resource" });
    });
  },

  // How long each tile in view has stood blank at the most.
  watchBlanks() {
    const since = new Map();
    const seen = new Set();
    const blanks = [];
    let [longestFrame, before, going] = [0, performance.now(), true];
    const end = (name, now) => {
      blanks.push(now - since.get(name));
      since.delete(name);
    };
    const frame = () => {
      const now = performance.now();
      longestFrame = Math.max(longestFrame, now - before);
      before = now;
      const view = new Map(window.tiles());
      for (const [name, shown] of view) {
        seen.add(name);
        if (!shown && !since.has(name)) since.set(name, now);
        if (shown && since.has(name)) end(name, now);
      }
      for (const name of [...since.keys()]) if (!view.has(name)) end(name, now);
      if (going || since.size) requestAnimationFrame(frame);
      else this.blanksEnded?.({ longest: Math.max(0, ...blanks), blanks: blanks.length, tiles: seen.size, longestFrame });
    };
    requestAnimationFrame(frame);
    this.stopBlanks = () => {
      going = false;
      return new Promise((found) => (this.blanksEnded = found));
    };
  },
};
// Before the page's own listeners, which may end an event's way.
for (const kind of ["keydown", "click"])
  addEventListener(kind, (input) => (window.stopwatch.begun[kind] = input.timeStamp), { capture: true });
