/* The server's clock on the page: counts down from what the server last said was left, corrects itself with every
   reply, and asks when the page comes back to the front or a minute has passed. */
const ASK_EVERY = 60000;
const WARN_AT = [5, 1]; // minutes

const two = (number) => String(number).padStart(2, "0");

function hhmmss(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
}

export class Clock extends EventTarget {
  #end = null;
  #warned = new Set();
  #over = false;

  constructor(url) {
    super();
    this.url = url;
    setInterval(() => this.#tick(), 1000);
    setInterval(() => document.hidden || this.ask(), ASK_EVERY);
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
    addEventListener("online", () => this.ask());
  }

  /* Milliseconds until the deadline; null for a paper without one. */
  set(leftMs) {
    this.#end = leftMs === null ? null : performance.now() + leftMs;
    this.#tick();
  }

  get limited() {
    return this.#end !== null;
  }

  get seconds() {
    return Math.max(0, Math.ceil((this.#end - performance.now()) / 1000));
  }

  get words() {
    return hhmmss(this.seconds);
  }

  /* True if the server answered. */
  async ask() {
    let state;
    try {
      const response = await fetch(this.url, { headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) return false;
      state = await response.json();
    } catch {
      return false; // no network: the clock goes on by itself
    }
    this.set(state.left_ms);
    if (state.result) this.dispatchEvent(new CustomEvent("closed", { detail: state }));
    return true;
  }

  #tick() {
    if (!this.limited || this.#over) return;
    const minutes = Math.ceil(this.seconds / 60);
    this.dispatchEvent(new CustomEvent("tick"));
    const due = WARN_AT.find((mark) => minutes === mark && !this.#warned.has(mark));
    if (due && this.seconds) {
      this.#warned.add(due);
      this.dispatchEvent(new CustomEvent("warn", { detail: due }));
    }
    if (!this.seconds) {
      this.#over = true;
      this.dispatchEvent(new CustomEvent("over"));
    }
  }
}
