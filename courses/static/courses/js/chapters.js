/* The chapters of the film: marks on the time range, the one that is playing now, and what was seen of each, anew with
   every receipt. The list itself needs no script. */
import { shownTime } from "./note-item.js";
import { subtract } from "./spans.js";

const SHOWN_GAP = 1000; // ms, as courses.coverage has it
const video = document.querySelector("[data-player] video");
const list = document.querySelector("[data-chapters]");

function rows() {
  return [...list.querySelectorAll("[data-chapter]")].map((item) => ({
    item,
    start: Number(item.dataset.chapter),
    end: Number(item.dataset.end) / 1000,
    title: item.querySelector(".chapter__title").textContent,
  }));
}

/* media-chrome draws the parts of its range from a track of chapters, and names them above the pointer. */
function mark(chapters) {
  const track = video.addTextTrack("chapters", "", document.documentElement.lang);
  track.mode = "hidden";
  for (const { start, end, title } of chapters) track.addCue(new VTTCue(start, end, title));
}

function follow(chapters) {
  const said = document.querySelector("[data-chapter-now]");
  let current;
  return () => {
    const now = chapters.findLast((chapter) => chapter.start <= video.currentTime + 0.05);
    if (now === current) return;
    current?.item.removeAttribute("aria-current");
    now?.item.setAttribute("aria-current", "true");
    if (now && !video.paused) said.textContent = now.title;
    current = now;
  };
}

/* As courses.chapters puts it for the page; the words come from there. */
function seen([start, end], { intervals }) {
  const holes = subtract([[start, end]], intervals);
  const missing = holes.filter(([from, to]) => to - from >= SHOWN_GAP);
  if (!missing.length) return ["all", {}];
  if (holes.length === 1 && holes[0][0] === start && holes[0][1] === end) return ["none", {}];
  const [[from, to]] = missing;
  return from < (intervals.at(-1)?.[1] ?? 0) ? ["gap", { from, to }] : ["part", { time: from }];
}

function renew(coverage) {
  if (!coverage.duration_ms) return;
  for (const state of list.querySelectorAll("[data-chapter-state]")) {
    const { start, end } = state.closest("[data-chapter]").dataset;
    const [kind, times] = seen([Number(start), Math.min(Number(end), coverage.duration_ms)], coverage);
    const words = list.dataset[`text${kind[0].toUpperCase()}${kind.slice(1)}`];
    state.className = `chapter__state chapter__state--${kind}`;
    state.textContent = words.replace(/\{(\w+)\}/g, (_, key) => shownTime(times[key]));
  }
}

if (list) document.addEventListener("coverage:drawn", ({ detail }) => renew(detail));
if (video && list) {
  const chapters = rows();
  mark(chapters);
  video.addEventListener("timeupdate", follow(chapters));
}
