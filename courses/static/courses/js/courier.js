/* Brings what was played to the server: one beat at a time, the same one again until it is acknowledged, kept in this
   browser meanwhile. Whatever was played and is not yet credited is claimed again, also by the player after it and
   after a reload; the server counts nothing twice.
   Beats go over a socket where there is one, otherwise over HTTP, as everything else does.

   Tells `opened` (the player as the server sees it), `receipt`, `offline`, and `refused` ({code, message}). */
import { csrfToken } from "../../js/csrf.js";
import { Line } from "./line.js";
import { subtract, union } from "./spans.js";
import { Unsent, final, sameFilm } from "./unsent.js";

const PAUSES = [2000, 4000, 8000, 15000, 30000];
const PATIENCE = 15000;
const MOST = 200; // stretches in one beat
const AGAIN = [408, 425, 429]; // not now

/* What may still be claimed of it. The stream may have some frames more than the film has on record: nobody takes them. */
const owed = (spans, { intervals, duration_ms: end }) => subtract(spans, [...intervals, [end, Infinity]]);

export class Courier extends EventTarget {
  #urls;
  #recorder;
  #state;
  #owner;
  #unsent;
  #player = null; // what the server answered when it opened
  #sequence = 0;
  #played = []; // on this page, all of it
  #since = []; // since the last beat was written
  #coverage = { intervals: [], duration_ms: Infinity }; // as the server last said
  #unanswered = null;
  #working = null;
  #wanted = false;
  #failures = 0;
  #timer = 0;
  #line = new Line();

  /* `urls.owner` is the account that the page was made for: it sends nothing for another. `state()` gives {position,
     rate, visible} of this moment, the position in milliseconds. */
  constructor(urls, recorder, state) {
    super();
    this.#urls = urls;
    this.#recorder = recorder;
    this.#state = state;
    this.#owner = urls.owner;
    this.#unsent = new Unsent(urls.owner, urls.player);
    addEventListener("online", () => { this.#failures = 0; this.send(); });
    this.#line.addEventListener("superseded", () => { if (this.#player) this.send(); }); // its answer says so in words
  }

  get player() {
    return this.#player;
  }

  /* Furthest place that was watched, in milliseconds. */
  get furthest() {
    this.#collect();
    return union(this.#played, this.#coverage.intervals).at(-1)?.[1] ?? 0;
  }

  /* Open a player if none is, then say what was played. Called while it works, it goes once more afterwards. */
  send() {
    clearTimeout(this.#timer);
    this.#wanted = true;
    this.#working ??= this.#work().finally(() => { this.#working = null; });
    return this.#working;
  }

  async #work() {
    while (this.#wanted) {
      this.#wanted = false;
      const again = this.#unanswered !== null;
      const request = await this.#next();
      const { status, reply } = await this.#carry(...request);
      if (!status || status >= 500 || AGAIN.includes(status)) return this.#later();
      this.#failures = 0;
      if (request[0] === this.#urls.player) this.#opening(status, reply);
      else if (request[1].token === this.#player?.token) this.#answered(status, reply); // dropped meanwhile: see unsent
      // What was played while nobody answered follows at once: a film that has ended meanwhile gives no other occasion.
      this.#wanted ||= again && this.#player !== null;
    }
  }

  async #next() {
    // One that claims nothing is not sent again: arriving late, it would tell that nothing was played until then.
    if (!this.#unanswered?.intervals.length) this.#unanswered = null;
    if (this.#player) return [this.#urls.beat, this.#unanswered ??= this.#compose()];
    await this.#deliverUnsent();
    return [this.#urls.player, { owner: this.#owner }];
  }

  async #carry(url, body) {
    const told = url === this.#urls.beat ? await this.#line.ask(body) : null;
    return told ?? this.#post(url, body);
  }

  /* Returns {status: 0} when nobody answered. */
  async #post(url, body) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Accept-Language": document.documentElement.lang,
          "X-CSRFToken": csrfToken(),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE),
      });
      return { status: response.status, reply: response.status === 204 ? {} : await response.json() };
    } catch {
      return { status: 0, reply: {} }; // no network, no answer in time, or no JSON from something in between
    }
  }

  #collect() {
    const fresh = this.#recorder.take();
    this.#since = union(this.#since, fresh);
    this.#played = union(this.#played, fresh);
  }

  #compose() {
    this.keep();
    this.#sequence += 1;
    const intervals = union(this.#since, owed(this.#played, this.#coverage)).slice(0, MOST);
    this.#since = [];
    return { token: this.#player.token, sequence: this.#sequence, intervals, ...this.#state() };
  }

  #opening(status, reply) {
    if (status >= 400) return this.#tell("refused", reply);
    this.#player = reply;
    this.#line.use(reply);
    this.#sequence = 0;
    this.#unanswered = null;
    this.#coverage = reply.coverage;
    this.#takeOver();
    return this.#tell("opened", reply);
  }

  #answered(status, reply) {
    this.#unanswered = null;
    if (status < 400) {
      this.#coverage = reply.coverage;
      this.keep();
      return this.#tell("receipt", reply);
    }
    if (status === 422) return null; // one that cannot be read is dropped; what it claimed is claimed anew
    this.#player = null; // the next play opens another one
    if (status !== 404) return this.#tell("refused", reply);
    this.#wanted = true; // unknown to the server: at once
    return null;
  }

  #later() {
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] * (0.75 + Math.random() / 2); // not all at once
    this.#failures += 1;
    this.#timer = setTimeout(() => this.send(), pause);
    this.keep();
    this.#tell("offline");
  }

  /* Write down what is not acknowledged, in case this page dies. */
  keep() {
    if (!this.#player) return;
    this.#collect();
    const intervals = owed(this.#played, this.#coverage).slice(0, MOST);
    const { position } = this.#state();
    const { token } = this.#player;
    this.#unsent.keep({ token, ...this.#film, sequence: this.#sequence + 1, intervals, position, at: Date.now() });
  }

  /* What earlier visits of this account could not send, or their last words that are still on their way; the newest
     first. */
  get leftOver() {
    return this.#unsent.all;
  }

  /* The clocks of those visits have stopped, so this comes before a new player opens. */
  async #deliverUnsent() {
    for (const entry of this.leftOver.filter(({ told }) => !told)) {
      const { token, sequence, intervals, position } = entry;
      const { status, reply } = await this.#post(this.#urls.beat, { token, sequence: sequence + 1, intervals, position });
      if (status && status < 400) this.#unsent.keep({ ...entry, told: true, intervals: owed(intervals, reply.coverage) });
      else if (status === 409 && reply.code === "superseded") this.#unsent.keep({ ...entry, told: true });
      else if (final(status)) this.#unsent.drop(entry);
    }
  }

  get #film() {
    return { run: this.#player.run, duration: this.#coverage.duration_ms };
  }

  /* The new player claims what the earlier ones could not credit: time held for an answer, for one. Not of a film that
     was replaced since. */
  #takeOver() {
    const earlier = this.leftOver.filter(({ token }) => token !== this.#player.token);
    const fits = (entry) => sameFilm(entry, this.#film);
    this.#played = union(this.#played, ...earlier.filter(fits).map(({ intervals }) => intervals));
    this.keep();
    earlier.forEach((entry) => {
      if (entry.told || (fits(entry) && !owed(entry.intervals, this.#coverage).length)) this.#unsent.drop(entry);
    });
  }

  /* Another film is on the page: what was played of the old one is said, and no part of the new one. */
  replace() {
    this.leave();
    this.forget();
  }

  /* Nothing of what was played here is to be claimed of the film that this player feeds. */
  forget() {
    if (this.#player) this.#unsent.drop(this.#player);
    this.#player = this.#unanswered = null;
    this.#line.close();
    this.#recorder.take();
    this.#played = this.#since = [];
    this.#coverage = { intervals: [], duration_ms: Infinity };
  }

  /* The page goes away, perhaps to come back from the browser's memory: then the next play opens a new player. */
  leave() {
    if (!this.#player) return;
    const beat = this.#compose();
    navigator.sendBeacon(this.#urls.leave, new Blob([JSON.stringify(beat)], { type: "application/json" }));
    this.#player = this.#unanswered = null;
    this.#line.close();
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
