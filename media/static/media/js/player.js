/* The player: media-chrome's controls around a <video> that Source feeds. Whoever wants to know what is being watched
   listens to the <video> itself; trouble is told on the [data-player] element as `player:lost`, `player:refused`,
   `player:broken`, `player:replaced` and `player:well`. Who wants something said over the film sends it a `player:say`,
   who knows that it plays an old film a `player:look`. */
import "./language.js";
import "../../js/player-elements.js";
import { captions } from "./captions.js";
import { keys } from "./keys.js";
import { memory } from "./memory.js";
import { quality, wanted } from "./quality.js";
import { clock, makeSay } from "./say.js";
import { settings } from "./settings.js";
import { Source } from "./source.js";

const AT_THE_END = 5; // seconds: who left here begins again
const WORTH_SAYING = 5; // seconds: who goes on from here may want the beginning
const TROUBLE = ["lost", "refused", "broken", "replaced", "well"];

function position(player) {
  const asked = Number(player.dataset.position) || 0;
  return asked > Number(player.dataset.duration) - AT_THE_END ? 0 : asked;
}

/* The menu ends at the course's cap; a rate set past the menu falls back to it. The server credits no more in any case. */
function rates(player, video) {
  const menu = player.querySelector("[data-rate]");
  const all = [...menu.options].map((option) => Number(option.value));
  const most = Number(player.dataset.maxRate);
  const set = (rate) => { video.playbackRate = video.defaultPlaybackRate = Math.min(rate, most); };
  const keep = (rate) => { set(rate); memory.set("rate", rate); };
  menu.addEventListener("change", () => keep(Number(menu.value)));
  for (const kind of ["keydown", "keyup"]) menu.addEventListener(kind, (event) => event.stopPropagation());
  video.addEventListener("ratechange", () => {
    if (video.playbackRate > most) set(most);
    menu.value = String(video.playbackRate);
  });
  set(Number(memory.get("rate")) || 1);
  return (step) => {
    const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(video.playbackRate) + step))];
    keep(next);
    return next;
  };
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

/* What the source tells besides trouble. */
function listen(player, video, { say, menu, problems }) {
  const making = player.querySelector("[data-making]");
  const percent = (made) => Math.min(99, Math.floor((made / Number(player.dataset.duration)) * 100)) || 0;
  const rest = {
    levels: () => menu.draw(),
    skipped: ({ at }) => say(player.dataset.textSkipped.replace("{time}", clock(at)), { seconds: 12 }),
    growing: ({ made }) => {
      making.hidden = false;
      making.querySelector("span").textContent = player.dataset.textMaking.replace("{percent}", percent(made)).replace("{time}", clock(made));
    },
    whole: () => { making.hidden = true; },
    renewed: ({ thumbnails, run, duration }) => {
      Object.assign(player.dataset, { run, duration });
      player.querySelector("[label=thumbnails]")?.setAttribute("src", thumbnails);
    },
  };
  return (kind, detail) => (TROUBLE.includes(kind) ? problems(kind) : rest[kind]?.(detail));
}

/* Nobody is led beyond what has been made so far: it would only stand there. */
function seeker(player, video, source, say) {
  const beyond = (moment) => {
    if (!source.growing || moment < source.made - 1) return false;
    say(player.dataset.textNotYet.replace("{time}", clock(source.made)));
    return true;
  };
  player.querySelector("media-controller").addEventListener("mediaseekrequest", (event) => {
    if (beyond(event.detail)) event.stopImmediatePropagation();
  }, { capture: true });
  return (moment) => {
    if (beyond(moment)) return false;
    video.currentTime = Math.max(0, Math.min(moment, video.duration || 0));
    return true;
  };
}

function sayWhereItGoesOn(player, video, from, say) {
  if (from < WORTH_SAYING || location.hash.startsWith("#t=")) return;
  const begin = { text: player.dataset.textBeginning, run: () => { video.currentTime = 0; video.play().catch(() => {}); } };
  say(player.dataset.textContinued.replace("{time}", clock(from)), { actions: [begin], seconds: 10 });
}

function start(player) {
  const video = player.querySelector("video");
  const say = makeSay(player);
  const from = position(player);
  const menu = quality(player, video, say);
  const { src, audioSrc, run, renewUrl, duration } = player.dataset;
  const on = listen(player, video, { say, menu, problems: showProblems(player) });
  let source = null;
  const later = (...told) => (source ? on(...told) : queueMicrotask(() => on(...told))); // a browser without any HLS says so at once
  source = new Source(video, { src, audioSrc, run, renewUrl, position: from, duration: Number(duration), choice: wanted(player), on: later });
  menu.use(source);
  player.querySelector("[data-again]").addEventListener("click", () => source.retry());
  player.addEventListener("player:look", () => source.look());
  player.querySelector("media-controller").fullscreenElement = player; // with its panel and its messages
  settings(player);
  captions(player, video);
  keys(player, video, { say, faster: rates(player, video), seek: seeker(player, video, source, say) });
  sayWhereItGoesOn(player, video, from, say);
  player.dataset.ready = "";
}

document.querySelectorAll("[data-player]").forEach(start);
