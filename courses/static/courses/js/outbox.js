/* Answers on their way to the server: one request at a time, the newest choice per question, kept in this browser
   until the server says that they are stored. Sending one twice is harmless. */
import { csrfToken } from "../../js/csrf.js";

const PAUSES = [1000, 2000, 4000, 8000, 15000];
const PATIENCE = 10000;

const prefix = (paper) => `exam:${paper}:`;

export function forget(paper) {
  kept(paper).forEach(([key]) => store((storage) => storage.removeItem(key)));
}

/* A browser may refuse storage (private window, full disk): then this page alone remembers. */
function store(use) {
  try {
    return use(localStorage);
  } catch (refused) {
    if (refused instanceof DOMException) return null;
    throw refused;
  }
}

function kept(paper) {
  const found = store((storage) => Object.entries(storage).filter(([key]) => key.startsWith(prefix(paper))));
  return (found ?? []).map(([key, value]) => [key, JSON.parse(value)]);
}

/* How long ago, since the clock of a device may be wrong: the server reckons back from its own. */
function aged({ at, ...entry }) {
  return { ...entry, age_ms: at ? Math.max(0, Date.now() - at) : 0 };
}

export class Outbox extends EventTarget {
  #paper;
  #url;
  #unsent = new Map();
  #sending = null;
  #timer = null;
  #failures = 0;
  #closed = false;

  constructor(paper, url) {
    super();
    this.#paper = paper;
    this.#url = url;
    kept(paper).forEach(([, entry]) => this.#unsent.set(entry.position, entry));
    addEventListener("online", () => this.send());
    addEventListener("pagehide", () => this.#parting());
  }

  /* [{position, chosen, marked, at}] from an earlier visit that never arrived; `at` is when it was chosen. */
  get waiting() {
    return [...this.#unsent.values()];
  }

  put(changed) {
    const entry = { ...this.#unsent.get(changed.position), ...changed };
    this.#unsent.set(entry.position, entry);
    store((storage) => storage.setItem(prefix(this.#paper) + entry.position, JSON.stringify(entry)));
    this.#tell("saving");
    this.send();
  }

  /* True when all has arrived within that time. */
  async flush(milliseconds) {
    const until = performance.now() + milliseconds;
    while (this.#unsent.size && !this.#closed && performance.now() < until) {
      await Promise.race([this.send(), new Promise((done) => setTimeout(done, until - performance.now()))]);
      if (this.#unsent.size) await new Promise((done) => setTimeout(done, 800));
    }
    return !this.#unsent.size;
  }

  send() {
    clearTimeout(this.#timer);
    this.#sending ??= this.#drain().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  async #drain() {
    while (this.#unsent.size && !this.#closed) {
      const [entry] = this.#unsent.values();
      let response, reply;
      try {
        response = await this.#post(entry, AbortSignal.timeout(PATIENCE));
        reply = response.headers.get("content-type")?.includes("json") ? await response.json() : {};
      } catch {
        return this.#later("waiting");
      }
      if (response.ok) this.#arrived(entry, reply);
      else if (response.status === 409) return this.#close(reply);
      else if (response.status === 400) this.#drop(entry, reply);
      else if ([401, 403, 404].includes(response.status)) return this.#later("stranger", reply);
      else return this.#later("waiting");
    }
  }

  #post(entry, signal) {
    return fetch(this.#url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(aged(entry)),
      keepalive: true,
      signal,
    });
  }

  #arrived(entry, reply) {
    this.#failures = 0;
    this.#remove(entry);
    if (reply.stands && !this.#unsent.has(entry.position)) this.#tell("stands", reply.stands);
    this.#tell(this.#unsent.size ? "saving" : "saved", reply);
  }

  #drop(entry, reply) {
    this.#remove(entry);
    this.#tell("refused", reply);
  }

  #remove(entry) {
    if (this.#unsent.get(entry.position) !== entry) return; // changed again while it was under way
    this.#unsent.delete(entry.position);
    store((storage) => storage.removeItem(prefix(this.#paper) + entry.position));
  }

  #close(reply) {
    this.#closed = true;
    this.#unsent.clear();
    forget(this.#paper);
    this.#tell("closed", reply);
  }

  #later(why, reply = {}) {
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.send(), pause);
    this.#tell(why, reply);
  }

  /* The page goes away: try once more without waiting. What fails is still in storage. */
  #parting() {
    if (this.#closed) return;
    this.waiting.forEach((entry) => this.#post(entry).catch(() => {}));
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
