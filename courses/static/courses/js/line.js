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
  #waiting = null;
  #failures = 0;
  #notBefore = 0;

  constructor() {
    super();
    addEventListener("offline", () => this.#drop());
    addEventListener("online", () => { this.#failures = this.#notBefore = 0; });
  }

  /* Speak for this player from now on; the socket is opened with its first beat. */
  use({ socket, token }) {
    this.#path = socket;
    this.#token = token;
  }

  async ask({ token, ...beat }) {
    if (!this.#path || token !== this.#token || !navigator.onLine || performance.now() < this.#notBefore) return null;
    try {
      await this.#ready();
      const told = await this.#exchange(beat);
      this.#failures = 0;
      return AGAIN_ELSEWHERE.includes(told.status) ? null : told;
    } catch (lost) {
      if (!(lost instanceof Lost)) throw lost;
      this.#drop();
      this.#notBefore = performance.now() + PAUSES[Math.min(this.#failures, PAUSES.length - 1)] * (0.5 + Math.random());
      this.#failures += 1;
      return null;
    }
  }

  close() {
    this.#drop();
  }

  async #ready() {
    if (this.#socket?.readyState !== WebSocket.OPEN) await this.#open();
    if (this.#greeted === this.#token) return;
    const { status } = await this.#exchange({ token: this.#token, language: this.#language });
    if (status !== 200) throw new Lost(); // HTTP says why
    this.#greeted = this.#token;
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
