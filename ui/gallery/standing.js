// How far one is: counts of each class, and the pace of the person at this browser.

const PAUSE_MS = 20000; // longer without a decision is a pause, not slow work
const FEWEST_EVENTS = 4;
const SHORTEST_MS = 5000;
const MOST_EVENTS = 300;
const FIGURES = new Intl.NumberFormat("en"); // toLocaleString looks its language up at each call

class Standing {
  constructor() {
    this.classes = new Map(); // class_id -> { class_id, name, keep, unreviewed, reject }
    this.stale = true; // the server must be asked for the counts
  }

  take(rows) {
    this.classes = new Map(
      rows.map(({ class_id, name, kept, unreviewed, rejected }) => [
        class_id,
        { class_id, name, keep: kept, unreviewed, reject: rejected },
      ])
    );
    this.stale = false;
  }

  // An image went from one look to another; without a known class the server has to count again.
  turn(before, after) {
    const [from, to] = [this.classes.get(before?.class_id), this.classes.get(after?.class_id)];
    if (!from || !to) {
      this.stale = true;
      return;
    }
    from[before.verdict] -= 1;
    to[after.verdict] += 1;
  }

  of(classId) {
    return this.classes.get(classId);
  }

  // The next class that waits to be looked at: after this one in the list, then from the beginning.
  next(classId) {
    const waiting = [...this.classes.values()].filter((row) => row.unreviewed > 0 && row.class_id !== classId);
    return waiting.find((row) => classId === undefined || row.class_id > classId) ?? waiting[0];
  }
}

class Pace {
  constructor() {
    this.events = [];
  }

  note(count, now = Date.now()) {
    if (count) this.events.push([now, count]);
    if (this.events.length > MOST_EVENTS) this.events.shift();
  }

  // Pictures a minute of work, pauses left out; null before that can be said.
  get perMinute() {
    if (this.events.length < FEWEST_EVENTS) return null;
    let [worked, done] = [0, 0];
    for (let index = 1; index < this.events.length; index += 1) {
      worked += Math.min(this.events[index][0] - this.events[index - 1][0], PAUSE_MS);
      done += this.events[index][1];
    }
    return worked < SHORTEST_MS || done <= 0 ? null : (done * 60000) / worked;
  }
}

function shortSpan(minutes) {
  if (minutes < 1) return "under a minute";
  if (minutes < 60) return `${Math.round(minutes)} min`;
  const hours = Math.floor(Math.round(minutes) / 60);
  const rest = Math.round(minutes) % 60;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

function figure(number) {
  return FIGURES.format(number);
}

function plural(count, noun = "picture") {
  return `${figure(count)} ${count === 1 ? noun : `${noun}s`}`;
}
