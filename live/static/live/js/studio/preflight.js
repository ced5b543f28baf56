/* What must be right before going on air, looked at one by one; nothing here forbids to begin. */
import { csrfToken } from "../../../js/csrf.js";
import { fill } from "../clock.js";
import { mime } from "./sender.js";

const ENOUGH = 2.5; // Mbit/s
const STATES = { met: "check-circle", due: "warning", open: "info" };

export class Preflight {
  constructor(box, texts, { uploadUrl, bytes }) {
    Object.assign(this, { box, texts, uploadUrl, bytes });
  }

  mark(name, state, note) {
    const item = this.box.querySelector(`[data-check="${name}"]`);
    for (const each of Object.keys(STATES)) item.classList.toggle(`checklist__item--${each}`, each === state);
    const use = item.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${STATES[state]}`));
    item.querySelector("[data-note]").textContent = note ?? "";
    item.dataset.result = state;
  }

  browser() {
    const type = mime();
    if (!type || !navigator.mediaDevices) return this.mark("browser", "due", this.texts.textNoRecorder);
    return this.mark("browser", "met", /h264|avc1/i.test(type) ? this.texts.textCopies : this.texts.textEncodes);
  }

  sound(heard) {
    this.mark("sound", heard ? "met" : "open", heard ? this.texts.textHeard : this.texts.textSpeak);
  }

  async network() {
    const block = crypto.getRandomValues(new Uint8Array(65536)); // what chance made cannot be packed on the way
    const body = new Blob(Array(Math.ceil(this.bytes / block.length)).fill(block));
    const from = performance.now();
    try {
      const answer = await fetch(this.uploadUrl, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), "Content-Type": "application/octet-stream" } });
      if (!answer.ok) throw new Error(answer.status);
      const speed = (body.size * 8) / (performance.now() - from) / 1000;
      this.mark("network", speed >= ENOUGH ? "met" : "due", fill(this.texts.textSpeed, { n: speed.toFixed(1) }));
    } catch {
      this.mark("network", "due", this.texts.textUntested);
    }
  }

  school(hasRoom) {
    this.mark("school", hasRoom ? "met" : "due", hasRoom ? this.texts.textSpace : this.texts.textNoSpace);
  }
}
