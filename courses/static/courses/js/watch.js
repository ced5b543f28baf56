/* Makes watching count. The markup:

   [data-watch data-owner data-player-url data-beat-url data-leave-url] holds the <video>;
   [data-coverage] shows what is covered, see coverage.js; [data-coverage-saved] in it says what became of the record.

   Credit is the server's: this page only tells what it played. That it holds back seeking ahead where the course asks
   for it, and pauses while hidden, are courtesies. */
import { attend } from "./attention.js";
import { draw } from "./coverage.js";
import { Courier } from "./courier.js";
import { Recorder } from "./recorder.js";
import { sameFilm } from "./unsent.js";

const TICK = 1000;
const KEEP = 5; // ticks between two notes in this browser
const AT_THE_END = 5; // seconds: who left here begins again
const AHEAD = 1000; // ms beyond the furthest place that a seek may land on

function start(box) {
  const video = box.querySelector("video");
  if (!video) return; // the film is not ready yet
  const section = document.querySelector("[data-coverage]");
  const { owner, playerUrl: player, beatUrl: beat, leaveUrl: leave, heard } = box.dataset;
  const recorder = new Recorder(video);
  let seen = !document.hidden; // at any time since the last receipt: what was played before the page was hidden counts
  document.addEventListener("visibilitychange", () => { seen ||= !document.hidden; });
  const courier = new Courier({ owner, player, beat, leave }, recorder, () => ({
    position: Math.round(video.currentTime * 1000),
    rate: Math.round(video.playbackRate * 100) / 100,
    visible: seen,
  }));
  courier.addEventListener("receipt", () => { seen = !document.hidden; });
  renewFilm(box.querySelector("[data-player]"), courier);
  goOn(video, courier.leftOver.find((entry) => entry.at > Number(heard) && sameFilm(entry, filmOf(box))));
  beatWhilePlaying(video, recorder, courier);
  holdBack(video, courier);
  tell(video, courier, box, section);
  attend(courier, owner);
}

const filmOf = (box) => {
  const { run, duration } = box.querySelector("[data-player]").dataset;
  return { run, duration: Number(duration) * 1000 };
};

/* After a reload the page may be older than the last words of the visit before it; what the school heard since, perhaps
   from another device, is newer. */
function goOn(video, leftOver) {
  if (!leftOver || location.hash.startsWith("#t=") || new URLSearchParams(location.search).has("t")) return;
  const go = () => { if (video.paused && leftOver.position < (video.duration - AT_THE_END) * 1000) video.currentTime = leftOver.position / 1000; };
  if (video.readyState) go();
  else video.addEventListener("loadedmetadata", go, { once: true });
}

function beatWhilePlaying(video, recorder, courier) {
  let [ticks, last] = [0, 0];
  const send = () => { last = ticks; courier.send(); };
  const open = () => { if (!courier.player && !video.paused) send(); };
  video.addEventListener("play", open);
  addEventListener("pageshow", open); // come back from the browser's memory
  open();
  courier.addEventListener("opened", () => { last = ticks; });
  for (const kind of ["pause", "seeking", "ended"]) video.addEventListener(kind, () => { if (courier.player) send(); });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !courier.player) return;
    if (courier.player.pause_when_hidden) video.pause();
    send();
  });
  addEventListener("pagehide", () => courier.leave());
  setInterval(() => {
    ticks += 1;
    if (!recorder.playing || !courier.player) return;
    if (ticks - last >= courier.player.next_beat) send();
    else if (ticks % KEEP === 0) courier.keep();
  }, TICK);
}

/* Whoever replaces the file of a film does so while pages are open. Each film has a player of its own. */
function renewFilm(player, courier) {
  const look = () => player.dispatchEvent(new CustomEvent("player:look"));
  const film = (src) => src.split("/")[3]; // /videos/<token>/<film>/…
  player.addEventListener("player:replaced", () => courier.replace());
  courier.addEventListener("opened", ({ detail: { src, run } }) => {
    if (!run || run === player.dataset.run || film(src) !== film(player.dataset.src)) return;
    courier.forget();
    look();
  });
  courier.addEventListener("refused", ({ detail }) => { if (detail.code === "film_replaced") look(); });
}

function holdBack(video, courier) {
  video.addEventListener("seeking", () => {
    const { no_skip: asked, coverage } = courier.player ?? {};
    if (!asked || coverage.complete) return;
    if (video.currentTime * 1000 > courier.furthest + AHEAD) video.currentTime = courier.furthest / 1000;
  });
}

function tell(video, courier, box, section) {
  const saved = section.querySelector("[data-coverage-saved]");
  const [icon, line] = ["use", "span"].map((name) => saved.querySelector(name));
  const drawing = (name) => icon.getAttribute("href").replace(/#.*/, `#${name}`);
  const alarm = makeAlarm(saved, drawing("info"));
  box.append(alarm);
  const say = (text, name) => {
    saved.hidden = !text;
    if (line.textContent !== text) line.textContent = text; // said aloud once, not with every beat
    icon.setAttribute("href", drawing(name));
  };
  let words = {};
  let finished = "complete" in section.dataset;
  let elsewhere = false; // another page or device has the film
  const note = (complete) => {
    if (complete && !finished) renewOutline();
    finished = complete;
  };
  courier.addEventListener("opened", ({ detail }) => {
    ({ words } = detail);
    draw(section, detail.coverage);
    note(detail.coverage.complete); // perhaps by another page meanwhile
    elsewhere = false;
    alarm.hidden = true;
  });
  courier.addEventListener("receipt", ({ detail }) => {
    draw(section, detail.coverage);
    say(words.saved.replace("{time}", detail.recorded_at), "check");
    note(detail.complete);
  });
  courier.addEventListener("offline", () => say(words.offline ?? "", "wifi-off"));
  courier.addEventListener("refused", ({ detail }) => {
    video.pause();
    say("", "check"); // it was answered, so the network is back; what the answer says stands in the alarm
    if (detail.coverage) draw(section, detail.coverage);
    elsewhere = detail.code === "superseded";
    alarm.querySelector("p").textContent = detail.message;
    alarm.hidden = false;
  });
  document.addEventListener("visibilitychange", () => { if (elsewhere && !document.hidden) renewOutline(); });
}

function makeAlarm(saved, drawing) {
  const alarm = Object.assign(document.createElement("div"), { className: "notice notice--due", hidden: true });
  const icon = saved.querySelector("svg").cloneNode(true);
  icon.querySelector("use").setAttribute("href", drawing);
  alarm.setAttribute("role", "alert");
  alarm.append(icon, document.createElement("p"));
  return alarm;
}

/* The next lesson may be open now, and the list shows what is done. */
async function renewOutline() {
  const response = await fetch(location.href).catch(() => null); // without it, the list is as old as the page
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const [old, fresh] = [document, page].map((from) => from.querySelector(".lesson__side"));
  if (old && fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
}

document.querySelectorAll("[data-watch]").forEach(start);
