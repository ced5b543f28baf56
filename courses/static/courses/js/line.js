/* The socket of an open lesson. It answers as HTTP would, {status, reply}; where it cannot, it says null and keeps away
   for a while, and the beat goes over HTTP. Tells `superseded` when the school says so unasked. */

const OPENING = 5000; // ms for a handshake
const PATIENCE = 10000; // for an answer
const PAUSES = [5000, 15000, 60000, 300000]; // between attempts
const AGAIN_ELSEWHERE = [408, 413, 429]; // the socket has had enough, the beat has not been read

export class Line extends EventTarget {
  #path = "";
  #token = "";
  #language = document.documentElement.lang;
  #socket = null;
  #greeted = ""; // the token that the open socket knows
  #greeting = null; // one at a time
  #waiting = null;
  #failures = 0;
  #notBefore = 0;

  constructor() {
    super();
    addEventListener("offline", () => this.#drop());
    addEventListener("online", () => { this.#failures = this.#notBefore = 0; });
  }

  /* Speak for this player from now on. The socket opens at once: the school may have something to tell before the first
     beat is due. */
  use({ socket, token }) {
    this.#path = socket;
    this.#token = token;
    this.#attempt(() => this.#ready());
  }

  async ask({ token, ...beat }) {
    if (token !== this.#token) return null;
    return this.#attempt(async () => {
      await this.#ready();
      const told = await this.#exchange(beat);
      return AGAIN_ELSEWHERE.includes(told.status) ? null : told;
    });
  }

  async #attempt(act) {
    if (!this.#path || !navigator.onLine || performance.now() < this.#notBefore) return null;
    try {
      const told = await act();
      this.#failures = 0;
      return told;
    } catch (lost) {
      if (!(lost instanceof Lost)) throw lost;
      this.#drop();
      this.#keepAway();
      return null;
    }
  }

  #keepAway() {
    if (performance.now() < this.#notBefore) return; // told already
    this.#notBefore = performance.now() + PAUSES[Math.min(this.#failures, PAUSES.length - 1)] * (0.5 + Math.random());
    this.#failures += 1;
  }

  close() {
    this.#drop();
  }

  async #ready() {
    while (this.#socket?.readyState !== WebSocket.OPEN || this.#greeted !== this.#token) {
      this.#greeting ??= this.#greet().finally(() => { this.#greeting = null; });
      await this.#greeting;
    }
  }

  async #greet() {
    const token = this.#token;
    if (this.#socket?.readyState !== WebSocket.OPEN) await this.#open();
    const { status } = await this.#exchange({ token, language: this.#language });
    if (status !== 200) throw new Lost(); // HTTP says why
    this.#greeted = token;
  }

  #open() {
    this.#drop();
    const url = new URL(this.#path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.#socket = new WebSocket(url));
    socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Lost()), OPENING);
      socket.addEventListener("open", () => { clearTimeout(timer); resolve(); });
      socket.addEventListener("close", () => {
        clearTimeout(timer);
        reject(new Lost());
        if (this.#socket === socket) this.#drop();
      });
    });
  }

  #exchange(message) {
    return new Promise((resolve, reject) => {
      if (!this.#socket) return reject(new Lost());
      const timer = setTimeout(() => reject(new Lost()), PATIENCE);
      const settle = (how) => (told) => { clearTimeout(timer); this.#waiting = null; how(told); };
      this.#waiting = { resolve: settle(resolve), reject: settle(reject) };
      return this.#socket.send(JSON.stringify(message));
    });
  }

  #heard(told) {
    if (told.superseded) this.dispatchEvent(new Event("superseded"));
    else this.#waiting?.resolve(told);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = "";
    socket?.close();
    this.#waiting?.reject(new Lost());
  }
}

class Lost extends Error {}
