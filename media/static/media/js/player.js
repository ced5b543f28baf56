/* The player: media-chrome's controls around a <video> that Source feeds. Whoever wants to know what is being watched
   listens to the <video> itself; trouble is told on the [data-player] element as `player:lost`, `player:refused`,
   `player:broken`, `player:replaced` and `player:well`. */
import "./language.js";
import "../../js/player-elements.js";
import { Source } from "./source.js";

const AT_THE_END = 5; // seconds: who left here begins again
const ELSEWHERE = "input, textarea, select, button, a, summary, dialog, [contenteditable], [tabindex], [role=tab], media-controller";
const KEYS = [" ", "k", "c", "f", "m", "j", "l", "ArrowLeft", "ArrowRight"];

const memory = {
  get(name) { try { return localStorage.getItem(`player.${name}`); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(`player.${name}`, value); } catch { /* a private window remembers nothing */ } },
};

function position(player) {
  const asked = Number(player.dataset.position) || 0;
  return asked > Number(player.dataset.duration) - AT_THE_END ? 0 : asked;
}

/* The menu ends at the course's cap; a rate set past the menu falls back to it. The server credits no more in any case. */
function limitRate(player, video) {
  const menu = player.querySelector("[data-rate]");
  const most = Number(player.dataset.maxRate);
  const set = (rate) => { video.playbackRate = video.defaultPlaybackRate = Math.min(rate, most); };
  menu.addEventListener("change", () => { set(Number(menu.value)); memory.set("rate", menu.value); });
  for (const kind of ["keydown", "keyup"]) menu.addEventListener(kind, (event) => event.stopPropagation());
  video.addEventListener("ratechange", () => {
    if (video.playbackRate > most) set(most);
    menu.value = String(video.playbackRate);
  });
  set(Number(memory.get("rate")) || 1);
}

function rememberCaptions(video) {
  const captions = () => [...video.textTracks].filter((track) => track.kind === "captions");
  const wanted = memory.get("captions");
  for (const track of captions()) if (track.language === wanted) track.mode = "showing";
  video.textTracks.addEventListener("change", () => {
    memory.set("captions", captions().find((track) => track.mode === "showing")?.language ?? "");
  });
}

/* Keys work wherever on the page nothing else listens to them. */
function listenToKeys(controller) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!KEYS.includes(event.key) || event.target.closest(ELSEWHERE)) return;
    event.preventDefault();
    controller.keyboardShortcutHandler(event);
  });
}

function showProblems(player) {
  const box = player.querySelector(".player__problem");
  const words = box.querySelector("[data-problem]");
  const again = box.querySelector("[data-again]");
  return (kind) => {
    const text = player.dataset[`text${kind[0].toUpperCase()}${kind.slice(1)}`];
    if (box.hidden !== (kind === "well") || words.textContent !== (text ?? "")) {
      player.dispatchEvent(new CustomEvent(`player:${kind}`, { bubbles: true }));
    }
    box.hidden = kind === "well";
    again.hidden = kind === "replaced";
    words.textContent = text ?? "";
  };
}

function start(player) {
  const video = player.querySelector("video");
  const source = new Source(video, {
    src: player.dataset.src,
    run: player.dataset.run,
    renewUrl: player.dataset.renewUrl,
    position: position(player),
    on: showProblems(player),
  });
  player.querySelector("[data-again]").addEventListener("click", () => source.retry());
  player.querySelector("media-captions-button")?.setAttribute("role", "switch"); // it says aria-checked, which a button may not
  limitRate(player, video);
  rememberCaptions(video);
  listenToKeys(player.querySelector("media-controller"));
}

document.querySelectorAll("[data-player]").forEach(start);
