/* The question whether somebody is there. The markup:

   <dialog data-attention data-attention-url data-attention-title> with a [data-attention-timer], a
   [data-attention-said] that is read aloud, a [data-attention-late] and one button.

   The server asks and the server's clock runs; this page only shows the question, above the full screen too, and
   carries the answer. An answer that cannot travel is kept and tried again: the school waits for who had no network.
   One that the school does not take from this page (signed out meanwhile, say) is asked for again. */
import { csrfToken } from "../../js/csrf.js";
import { final, store } from "./unsent.js";

const PAUSES = [1000, 2000, 4000, 8000, 15000];
const PATIENCE = 10000;
const REMIND = 30; // seconds before the end, said aloud once more
const NOT_NOW = [408, 425, 429];

const session = () => sessionStorage;

class Attention {
  #dialog;
  #timer;
  #button;
  #said;
  #late;
  #url;
  #kept; // under this name, for this account alone
  #open = null; // the uuid of the question on the screen
  #answered = new Set(); // on this page; a receipt that was on its way does not ask again
  #remembered = [];
  #sending = null;
  #until = 0; // on the page's own clock, only for showing
  #ticking = 0;
  #title = "";
  #failures = 0;

  constructor(dialog, owner) {
    this.#dialog = dialog;
    this.#url = dialog.dataset.attentionUrl;
    this.#kept = `watch:answer:${owner}`;
    [this.#timer, this.#said, this.#late] = ["timer", "said", "late"].map((name) => dialog.querySelector(`[data-attention-${name}]`));
    this.#button = dialog.querySelector("button");
    this.#button.addEventListener("click", () => this.#answer());
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.#answer(); }); // Escape: somebody is there
    dialog.addEventListener("keydown", (event) => { if (event.key === "Tab") this.#stay(event); });
    document.addEventListener("keydown", (event) => this.#stray(event), true);
    addEventListener("online", () => this.#deliver());
    this.#deliver(); // what the visit before could not send
  }

  /* What the server last said: {uuid, seconds, stopped}, or null. */
  hear(question) {
    if (!question) return this.#close();
    if (this.#answered.has(question.uuid)) return this.#deliver();
    this.#until = performance.now() + question.seconds * 1000;
    const justStopped = question.stopped && this.#late.hidden;
    this.#late.hidden = !question.stopped;
    this.#dialog.setAttribute("aria-describedby", question.stopped ? "attention-late" : "attention-text");
    if (this.#open !== question.uuid) this.#show(question);
    if (justStopped) this.#said.textContent = this.#late.textContent;
    return this.#tick();
  }

  /* The button is all there is to reach: Tab would leave it for the page that lies behind, where no key answers. */
  #stay(event) {
    event.preventDefault();
    this.#button.focus();
  }

  /* A press beside the button takes the focus off it; the next key finds it there again. */
  #stray(event) {
    if (!this.#dialog.open || this.#dialog.contains(event.target)) return;
    this.#button.focus();
    if (event.key === "Tab") event.preventDefault();
  }

  /* The player was closed by another one: its question went with it. */
  drop() {
    this.#close();
  }

  #show(question) {
    this.#open = question.uuid;
    this.#title ||= document.title;
    document.title = this.#dialog.dataset.attentionTitle;
    if (document.pictureInPictureElement) document.exitPictureInPicture().catch(() => {}); // it is answered in the page
    if (document.fullscreenElement?.matches("video")) document.exitFullscreen().catch(() => {}); // a bare film shows nothing above it
    if (!this.#dialog.open) this.#dialog.showModal(); // in the top layer: above the full screen and the captions
    this.#said.textContent = question.stopped ? "" : this.#words("first");
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#tick(), 1000);
  }

  #tick() {
    const left = Math.max(0, Math.round((this.#until - performance.now()) / 1000));
    this.#timer.textContent = this.#late.hidden ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "";
    if (left === REMIND && this.#late.hidden) this.#said.textContent = this.#words("last");
  }

  #words(which) {
    const left = Math.max(0, Math.round((this.#until - performance.now()) / 1000));
    return this.#said.dataset[which].replace("{seconds}", left);
  }

  #answer() {
    if (!this.#open) return;
    this.#keep([...this.#waiting, this.#open]);
    this.#answered.add(this.#open);
    this.#close();
    this.#deliver();
  }

  #close() {
    clearInterval(this.#ticking);
    this.#open = null;
    this.#said.textContent = "";
    this.#late.hidden = true;
    if (this.#title) [document.title, this.#title] = [this.#title, ""];
    if (this.#dialog.open) this.#dialog.close(); // the focus goes back to where it was
  }

  /* Answers that have not arrived yet. */
  get #waiting() {
    return JSON.parse(store((storage) => storage.getItem(this.#kept), session) ?? "null") ?? this.#remembered;
  }

  #keep(prompts) {
    this.#remembered = prompts;
    const write = (storage) => (prompts.length ? storage.setItem(this.#kept, JSON.stringify(prompts)) : storage.removeItem(this.#kept));
    store(write, session);
  }

  #deliver() {
    this.#sending ??= this.#deliverAll().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  async #deliverAll() {
    for (let [prompt] = this.#waiting; prompt; [prompt] = this.#waiting) {
      const status = await this.#post(prompt);
      if (!status || status >= 500 || NOT_NOW.includes(status)) return this.#later();
      this.#failures = 0;
      this.#keep(this.#waiting.filter((each) => each !== prompt));
      if (status >= 400 && !final(status)) this.#answered.delete(prompt); // the next receipt asks again
      else if (status < 400) this.#dialog.dispatchEvent(new CustomEvent("answered"));
    }
    return null;
  }

  #later() {
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)];
    this.#failures += 1;
    setTimeout(() => this.#deliver(), pause);
  }

  /* 0 when nobody answered. */
  async #post(prompt) {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Accept-Language": document.documentElement.lang,
          "X-CSRFToken": csrfToken(),
        },
        body: JSON.stringify({ prompt }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      return response.status;
    } catch {
      return 0; // no network, or no answer in time
    }
  }
}

/* Listens to a courier; `answered` lets it ask the server at once how things stand. */
export function attend(courier, owner) {
  const dialog = document.querySelector("[data-attention]");
  if (!dialog) return; // this course does not ask
  const attention = new Attention(dialog, owner);
  for (const kind of ["opened", "receipt"]) courier.addEventListener(kind, ({ detail }) => attention.hear(detail.question));
  courier.addEventListener("refused", () => attention.drop());
  dialog.addEventListener("answered", () => { if (courier.player) courier.send(); });
}
