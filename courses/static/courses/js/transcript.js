/* The words beside the film: the line that is spoken, finding words, and the keyboard. The lines are links, which seek.js
   follows; without a script they are plain text with times. */
import { Finder } from "./finder.js";

const PAGE = 10; // lines
const QUIET = 5000; // ms after the reader has moved the lines before they follow the film again

const memory = {
  get: () => { try { return localStorage.getItem("transcript.follow") !== "no"; } catch { return true; } },
  set: (on) => { try { localStorage.setItem("transcript.follow", on ? "yes" : "no"); } catch { /* a private window forgets */ } },
};

function show(box, line) {
  const [frame, here] = [box.getBoundingClientRect(), line.getBoundingClientRect()];
  if (here.top >= frame.top && here.bottom <= frame.bottom) return;
  box.scrollTop += here.top - frame.top - (frame.height - here.height) / 2;
}

/* One line at a time is on the way of the tab key; arrows go from line to line. */
class Lines {
  constructor(box) {
    this.box = box;
    this.links = [...box.querySelectorAll("[data-cue]")];
    this.starts = this.links.map((link) => Number(link.dataset.cue));
    for (const link of this.links) link.tabIndex = -1;
    box.removeAttribute("tabindex");
    this.stopAt(0);
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("focusin", (event) => {
      const at = this.links.indexOf(event.target);
      if (at >= 0) this.stopAt(at);
    });
  }

  stopAt(at) {
    if (this.stop !== undefined) this.links[this.stop].tabIndex = -1;
    this.stop = at;
    this.links[at].tabIndex = 0;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.links.length - 1;
    const to = {
      ArrowDown: this.stop + 1, ArrowUp: this.stop - 1, PageDown: this.stop + PAGE, PageUp: this.stop - PAGE, Home: 0, End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.stopAt(Math.max(0, Math.min(last, to)));
    this.links[this.stop].focus({ preventScroll: true });
    show(this.box, this.links[this.stop].closest(".cue"));
  }
}

function follow(lines, video, box) {
  let current;
  let moved = -QUIET;
  for (const kind of ["wheel", "touchmove", "keydown"]) {
    lines.box.addEventListener(kind, () => { moved = performance.now(); }, { passive: true });
  }
  box.checked = memory.get();
  box.addEventListener("change", () => { memory.set(box.checked); moved = -QUIET; step(true); });
  function step(again) {
    const at = lines.starts.findLastIndex((start) => start <= video.currentTime + 0.1);
    if (at === current && !again) return;
    lines.links[current]?.closest(".cue").removeAttribute("aria-current");
    current = at;
    if (at < 0) return;
    const line = lines.links[at].closest(".cue");
    line.setAttribute("aria-current", "true");
    if (!lines.box.contains(document.activeElement)) lines.stopAt(at);
    if (box.checked && performance.now() - moved > QUIET) show(lines.box, line);
  }
  for (const kind of ["timeupdate", "seeked"]) video.addEventListener(kind, () => step(false));
}

function find(lines, form) {
  const finder = new Finder(lines.links.map((link) => link.closest(".cue").querySelector(".cue__text")));
  const input = form.querySelector("input[type=search]");
  const count = form.querySelector("[data-count]");
  const steps = [...form.querySelectorAll("[data-step]")];
  function tell() {
    const { all, now } = finder;
    for (const button of steps) button.disabled = all === 0;
    count.textContent = !input.value.trim() ? "" : all === 0 ? count.dataset.none
      : count.dataset.found.replace("{now}", now + 1).replace("{all}", all);
    if (all === 0) return;
    const at = finder.line;
    lines.stopAt(at);
    show(lines.box, lines.links[at].closest(".cue"));
  }
  const go = (by) => { finder.step(by); tell(); };
  input.addEventListener("input", () => { finder.look(input.value); tell(); });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); go(1); });
  for (const button of steps) if (button.type === "button") button.addEventListener("click", () => go(Number(button.dataset.step)));
}

const panel = document.querySelector("[data-transcript]");
if (panel) {
  const lines = new Lines(panel.querySelector("[data-lines]"));
  const form = panel.querySelector("[data-transcript-tools]");
  const video = document.querySelector("[data-player] video");
  form.hidden = false;
  find(lines, form);
  if (video) follow(lines, video, form.querySelector("[data-follow]"));
}
