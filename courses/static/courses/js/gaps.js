/* Fills what was left out: a press on a gap, in the list or on the bar, plays it; at its end one is asked, or led to the
   next where one wants them all. Whoever goes elsewhere in the film has left the gap. The server alone says what is
   covered; the list comes from it and may be some seconds old, so a gap just played is not offered again. */
import { shownTime } from "./note-item.js";
import { subtract } from "./spans.js";

const BEYOND = 250; // ms past its end, so that nothing is left of it
const AROUND = 2000; // ms: further away one has gone elsewhere
const REACH = 14; // pixels beside a gap that still mean it
const ELSEWHERE = "input, textarea, select, dialog, [contenteditable]";

class Gaps {
  #current = null; // {from, to} in ms while it is being filled
  #all = false;
  #played = [];

  constructor(section, player) {
    this.box = section.querySelector("[data-coverage-gaps]");
    this.chart = section.querySelector("[data-coverage-chart]");
    this.button = this.box.querySelector("[data-fill-gaps]");
    this.player = player;
    this.video = player.querySelector("video");
    this.listen(section);
    this.offer();
  }

  listen(section) {
    section.addEventListener("click", (event) => this.press(event));
    section.addEventListener("coverage:drawn", () => this.offer());
    this.button.addEventListener("click", () => this.begin(this.left[0], true));
    for (const kind of ["timeupdate", "ended"]) this.video.addEventListener(kind, () => this.step());
    this.video.addEventListener("seeking", () => this.moved());
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "g" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target.closest(ELSEWHERE) || !this.next) return;
      event.preventDefault();
      this.begin(this.next, this.#all);
    });
  }

  get listed() {
    return [...this.box.querySelectorAll("[data-from]")].map(({ dataset: { from, to } }) => ({ from: Number(from), to: Number(to) }));
  }

  /* Gaps of which something is left. */
  get left() {
    return this.listed.filter(({ from, to }) => subtract([[from, to]], this.#played).some(([start, end]) => end - start > 1000));
  }

  /* The first one behind this moment, else the first of all. */
  get next() {
    const now = (this.#current?.to ?? this.video.currentTime * 1000) - 1000;
    return this.left.find(({ from }) => from > now) ?? this.left[0];
  }

  offer() {
    this.button.hidden = this.listed.length < 2;
  }

  press(event) {
    const link = event.target.closest("[data-from]");
    const gap = link ? { from: Number(link.dataset.from), to: Number(link.dataset.to) } : this.under(event);
    if (!gap) return;
    event.preventDefault();
    event.stopPropagation();
    this.begin(gap, false);
  }

  under({ clientX, clientY }) {
    if (!this.chart) return null;
    const { left, width, top, bottom } = this.chart.getBoundingClientRect();
    if (clientY < top - REACH || clientY > bottom + REACH) return null;
    const pixel = (ms) => left + (ms / 1000 / this.video.duration) * width;
    return this.listed.find(({ from, to }) => clientX >= pixel(from) - REACH && clientX <= pixel(to) + REACH);
  }

  begin(gap, all) {
    [this.#current, this.#all] = [gap, all];
    this.video.currentTime = Math.floor(gap.from / 1000);
    this.video.play().catch(() => {}); // a browser that wants a tap first shows the play button
    this.player.scrollIntoView({ block: "nearest" });
    this.say(this.words("filling", gap), { seconds: 4 });
  }

  moved() {
    const [now, gap] = [this.video.currentTime * 1000, this.#current];
    if (gap && (now < gap.from - AROUND || now > gap.to + AROUND)) [this.#current, this.#all] = [null, false];
  }

  step() {
    const gap = this.#current;
    if (!gap || this.video.seeking || (this.video.currentTime * 1000 < gap.to + BEYOND && !this.video.ended)) return;
    this.#played.push([gap.from, gap.to]);
    const next = this.next;
    this.#current = null;
    if (next && this.#all) this.begin(next, true);
    else this.ask(next);
  }

  ask(next) {
    this.video.pause();
    const [all, furthest] = [this.#all, Math.max(...this.listed.map(({ to }) => to), this.video.currentTime * 1000)];
    const goOn = { text: this.words("on", { time: furthest }), run: () => { this.video.currentTime = furthest / 1000; this.video.play().catch(() => {}); } };
    const onward = next && { text: this.words("next", next), run: () => this.begin(next, all) };
    this.say(this.words(next ? "filled" : "all"), { actions: [onward, goOn].filter(Boolean) });
  }

  words(name, times = {}) {
    const text = this.box.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`];
    return text.replace(/\{(\w+)\}/g, (_, key) => shownTime(times[key]));
  }

  say(text, more) {
    this.player.dispatchEvent(new CustomEvent("player:say", { detail: { text, ...more } }));
  }
}

const [section, player] = ["[data-coverage]", "[data-player]"].map((name) => document.querySelector(name));
if (section && player) new Gaps(section, player);
