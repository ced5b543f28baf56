/* The socket of a room. Comes back by itself, with what was said last, and not at the same moment as everybody else.
   on(kind, item) for each item that the school sends, and for "lost" and "closed" {code}. What was said meanwhile and is
   not in the greeting is fetched, and marked as `late`. */
import { jitter, setNow } from "../clock.js";

const FINAL = [4001, 4003, 4009]; // signed out, removed, one page too many: coming back makes no sense
const LONGEST = 30000; // milliseconds between two tries
const PATIENCE = 10000; // milliseconds for the first try, until other ways are taken
const language = document.documentElement.lang.startsWith("en") ? "en" : "zh-hans";

export class Line {
  ready = false;

  constructor(path, { since, messages, on }) {
    Object.assign(this, { path, since, messages, on, tries: 0, later: [], began: performance.now() });
    addEventListener("online", () => { if (!this.socket) this.open(); });
  }

  open() {
    clearTimeout(this.waiting);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${this.path}?language=${language}&since=${this.since || ""}`);
    socket.onmessage = ({ data }) => JSON.parse(data).forEach((item) => this.hear(item));
    socket.onclose = ({ code }) => this.closed(socket, code);
    Object.assign(this, { socket, from: this.since });
  }

  /* Whether the socket does not get through, and what must be told has to go another way. */
  get away() {
    return !this.ready && (this.tries > 0 || performance.now() - this.began > PATIENCE);
  }

  hear(item) {
    if (item.type === "hello") setNow(item.now);
    if (item.type === "message") this.since = Math.max(this.since || 0, item.id);
    if (item.type === "ready") Object.assign(this, { ready: true, tries: 0 });
    this.on(item.type, item);
    if (item.type === "ready" && item.gap) this.catchUp(this.from);
    if (item.type === "ready") this.later.splice(0).forEach((told) => this.tell(told));
  }

  closed(socket, code) {
    if (socket !== this.socket) return;
    Object.assign(this, { socket: null, ready: false });
    this.on("closed", { code });
    if (FINAL.includes(code)) return;
    this.on("lost", {});
    const pause = Math.min(LONGEST, 1000 * 2 ** this.tries);
    this.tries += 1;
    this.waiting = setTimeout(() => this.open(), pause / 2 + jitter(pause));
  }

  /* What was said after that message, or the last ones; false when it could not be asked for. */
  async catchUp(since) {
    try {
      for (let last = since, more = true; more; ) {
        const answer = await fetch(last ? `${this.messages}?since=${last}` : this.messages, { headers: { Accept: "application/json" } });
        if (!answer.ok) return false;
        const told = await answer.json();
        for (const item of told.messages) this.hear({ ...item, type: "message", late: true });
        more = Boolean(last) && told.more;
        last = told.messages.at(-1)?.id;
      }
      return true;
    } catch {
      return false;
    }
  }

  /* False when it could not leave; what must not be lost is told again by the caller. */
  tell(told) {
    if (!this.ready || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(told));
    return true;
  }

  /* Now, or as soon as the room is there again. */
  tellLater(told) {
    if (!this.tell(told)) this.later.push(told);
  }
}
