// Unsaved decisions: kept in this browser until the server says that they are on its disk.
//
// A journal lives as long as the tab, longer than the gallery on the page: leaving the page must not stop it. Each
// decision has a number that grows within the tab (client, seq), so sending one twice changes nothing, and a tab may
// send what another one, closed or crashed, has left behind.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
const ANSWER_MS = 30000;
const MOST_AT_ONCE = 500;
const FAREWELL_BYTES = 60000; // browsers refuse keepalive bodies over 64 KB
const ABANDONED_MS = 10000;
const LARGE = 2000;
const KEEP_LARGE_MS = 1000;
const STORE = "specimen.unsaved.";
const journals = new Map();

function journalOf(api, workspace, who) {
  const name = JSON.stringify([api, workspace, who]);
  if (!journals.has(name)) journals.set(name, new Journal(api, workspace, who));
  return journals.get(name);
}

function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function stored(area, name) {
  try {
    return area.getItem(name);
  } catch {
    return null;
  }
}

// Without `touched`, which only this page has a use for.
function plainJson(value) {
  return JSON.stringify(value, (name, each) => (name === "touched" ? undefined : each));
}

class Journal {
  constructor(api, workspace, who) {
    this.api = api;
    this.workspace = workspace;
    this.client = randomName();
    this.seq = 0;
    this.batch = 0;
    this.version = 0; // grows with each decision and each acknowledgement
    this.trouble = null;
    this.kept = true; // whether what is unsaved outlives this tab
    this.waitMs = FIRST_WAIT_MS;
    this.most = MOST_AT_ONCE;
    this.running = false;
    this.wake = () => {};
    this.pending = new Map(); // image -> its unsaved operations, oldest first
    this.undone = []; // what undo and redo show at once, before the server has answered
    this.done = [];
    this.listeners = new Set();
    this.own = { client: this.client, who, operations: [] };
    this.parcels = [this.own];
    const before = stored(sessionStorage, STORE + workspace);
    this.adopt(before);
    try {
      sessionStorage.setItem(STORE + workspace, this.client);
    } catch {
      // without storage a reload loses what is unsaved, and nothing else
    }
    addEventListener("pagehide", () => this.farewell());
    addEventListener("online", () => this.hurry());
    setInterval(() => {
      this.adopt(null);
      this.start();
    }, ABANDONED_MS);
    this.start();
  }

  get unsaved() {
    return this.parcels.reduce((sum, parcel) => sum + parcel.operations.length, 0);
  }

  get walking() {
    return this.own.operations.some((operation) => operation.image === undefined);
  }

  push(operations) {
    for (const operation of operations) {
      operation.seq = ++this.seq;
      this.own.operations.push(operation);
      this.expect(operation);
    }
    this.version += 1;
    this.keep(this.own);
    this.start();
    this.tell({});
  }

  expect(operation) {
    if (operation.image === undefined) return;
    if (!this.pending.has(operation.image)) this.pending.set(operation.image, []);
    this.pending.get(operation.image).push(operation);
  }

  // Take over what this tab (before a reload) or a closed one could not send.
  adopt(mine) {
    const prefix = `${STORE}${this.workspace}.`;
    const known = new Set(this.parcels.map((parcel) => parcel.client));
    const names = [];
    try {
      for (let index = 0; index < localStorage.length; index += 1) names.push(localStorage.key(index));
    } catch {
      return;
    }
    for (const name of names.filter((each) => each.startsWith(prefix))) {
      const client = name.slice(prefix.length);
      if (known.has(client)) continue;
      const left = this.readKept(client);
      if (!left || (client !== mine && Date.now() - left.at < ABANDONED_MS)) continue;
      this.parcels.unshift({ client, who: left.who, operations: left.operations });
      for (const operation of left.operations) this.expect(operation);
    }
  }

  readKept(client) {
    try {
      const left = JSON.parse(stored(localStorage, `${STORE}${this.workspace}.${client}`));
      return Array.isArray(left?.operations) && left.operations.length ? left : null;
    } catch {
      return null;
    }
  }

  // Write down what is unsaved: at once as a rule, now and then while a large selection goes its way.
  keep(parcel) {
    clearTimeout(parcel.keeping);
    const due = (parcel.kept ?? 0) + KEEP_LARGE_MS - Date.now();
    if (parcel.operations.length > LARGE && due > 0) parcel.keeping = setTimeout(() => this.write(parcel), due);
    else this.write(parcel);
  }

  write(parcel) {
    parcel.kept = Date.now();
    const name = `${STORE}${this.workspace}.${parcel.client}`;
    try {
      if (!parcel.operations.length) localStorage.removeItem(name);
      else localStorage.setItem(name, plainJson({ who: parcel.who, at: Date.now(), operations: parcel.operations }));
      this.kept = true;
    } catch {
      this.kept = false; // a full or forbidden store: the decisions stay in memory and go on being sent
    }
  }

  start() {
    if (this.running || !this.unsaved) return;
    this.running = true;
    queueMicrotask(() => this.run()); // what is decided in one go travels together
  }

  hurry() {
    this.waitMs = FIRST_WAIT_MS;
    this.wake();
  }

  async run() {
    for (;;) {
      const parcel = this.parcels.find((each) => each.operations.length);
      if (!parcel) break;
      const some = parcel.operations.slice(0, this.most);
      const answer = await this.post(parcel, some);
      if (answer.acknowledged !== undefined) {
        this.settle(parcel, answer);
      } else if (answer.poison && some.length > 1) {
        this.most = 1; // find the one that the server cannot read
      } else if (answer.poison) {
        const refused = [{ seq: some[0].seq, reason: answer.trouble }];
        this.settle(parcel, { acknowledged: some[0].seq, refused });
      } else {
        await this.pause(answer.trouble);
      }
    }
    this.most = MOST_AT_ONCE;
    this.running = false;
    this.tell({ emptied: true });
  }

  async pause(trouble) {
    this.trouble = trouble;
    this.tell({});
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, this.waitMs);
    });
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }

  settle(parcel, { acknowledged, refused }) {
    const settled = parcel.operations.filter((operation) => operation.seq <= acknowledged);
    parcel.operations = parcel.operations.filter((operation) => operation.seq > acknowledged);
    for (const operation of settled) this.forget(operation);
    if (parcel !== this.own) {
      const left = this.readKept(parcel.client)?.operations ?? [];
      this.keep({ ...parcel, operations: left.filter((operation) => operation.seq > acknowledged) });
      if (!parcel.operations.length) this.parcels = this.parcels.filter((each) => each !== parcel);
    }
    if (parcel === this.own) this.keep(parcel);
    this.trouble = null;
    this.waitMs = FIRST_WAIT_MS;
    this.version += 1;
    const numbers = new Map(settled.map((operation) => [operation.seq, operation]));
    const turned = refused.map(({ seq, reason }) => ({ reason, operation: numbers.get(seq) }));
    this.tell({ settled, refused: turned, adopted: parcel !== this.own });
  }

  forget(operation) {
    if (operation.image === undefined) return;
    const left = this.pending.get(operation.image)?.filter((each) => each !== operation) ?? [];
    if (left.length) this.pending.set(operation.image, left);
    else this.pending.delete(operation.image);
  }

  body(parcel, operations) {
    return plainJson({ client: parcel.client, who: parcel.who, workspace: this.workspace, operations });
  }

  async post(parcel, operations) {
    const patience = new AbortController();
    const clock = setTimeout(() => patience.abort(), ANSWER_MS);
    try {
      const response = await fetch(`${this.api}/decisions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: this.body(parcel, operations),
        signal: patience.signal,
      });
      const answer = await response.json().catch(() => null);
      if (response.ok && Number.isInteger(answer?.acknowledged)) return answer;
      const poison = [400, 413, 422].includes(response.status);
      return { poison, trouble: answer?.error ?? `The server answered ${response.status}.` };
    } catch {
      return { trouble: "Specimen does not answer." };
    } finally {
      clearTimeout(clock);
    }
  }

  // The tab goes away: send once more all that is unsaved, the batch under way included, since it may be cut off.
  farewell() {
    const operations = [];
    let bytes = 200;
    for (const operation of this.own.operations) {
      bytes += plainJson(operation).length + 1;
      if (bytes > FAREWELL_BYTES) break;
      operations.push(operation);
    }
    if (!operations.length) return;
    fetch(`${this.api}/decisions`, {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: this.body(this.own, operations),
    }).catch(() => {});
  }

  tell(news) {
    for (const listener of this.listeners) listener(news);
  }
}
