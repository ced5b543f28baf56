/* The socket of a room. Comes back by itself, with what was said last, and not at the same moment as everybody else.
   on(kind, item) for each item that the school sends, and for "lost" and "closed" {code}. */
import { jitter, setNow } from "../clock.js";

const FINAL = [4001, 4003]; // signed out, removed: coming back makes no sense
const LONGEST = 30000; // milliseconds between two tries
const language = document.documentElement.lang.startsWith("en") ? "en" : "zh-hans";

export class Line {
  ready = false;

  constructor(path, { since, on }) {
    Object.assign(this, { path, since, on, tries: 0, later: [] });
    addEventListener("online", () => { if (!this.socket) this.open(); });
  }

  open() {
    clearTimeout(this.waiting);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${this.path}?language=${language}&since=${this.since || ""}`);
    socket.onmessage = ({ data }) => JSON.parse(data).forEach((item) => this.hear(item));
    socket.onclose = ({ code }) => this.closed(socket, code);
    this.socket = socket;
  }

  hear(item) {
    if (item.type === "hello") setNow(item.now);
    if (item.type === "message") this.since = Math.max(this.since || 0, item.id);
    if (item.type === "ready") Object.assign(this, { ready: true, tries: 0 });
    this.on(item.type, item);
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
