/* The keyboard. Keys work wherever on the page nothing else listens to them; arrows up and down only within the player,
   for elsewhere they scroll. What the controls of media-chrome do by themselves is left to them. */
import { clock } from "./say.js";

const ELSEWHERE = "input, textarea, select, a, summary, dialog, [contenteditable], [role=tab], [role=slider]";
const PRESSED = "button, [tabindex]"; // what a space presses, and arrows may move
const THEIRS = ["m", "c", "f", "p"]; // as media-chrome does them
const STEPS = { j: -10, l: 10, ArrowLeft: -5, ArrowRight: 5 };
const LOUDER = { ArrowUp: 0.1, ArrowDown: -0.1 };
const FASTER = { "<": -1, ">": 1 };

export function keys(player, video, { say, faster, seek }) {
  const controller = player.querySelector("media-controller");
  const dialog = player.querySelector("[data-keys]");
  const words = player.dataset;

  const louder = (step) => {
    video.volume = Math.min(1, Math.max(0, Math.round((video.volume + step) * 10) / 10));
    video.muted = video.volume === 0;
    say(`${words.textVolume} ${Math.round(video.volume * 100)} %`, { seconds: 1.5 });
  };
  const tenth = (number) => { if (seek((video.duration * number) / 10)) say(clock((video.duration * number) / 10), { seconds: 1.5 }); };
  const help = () => { if (!dialog.open) dialog.showModal(); };
  /* media-chrome's own answer to these keys goes by what the film was when it last spoke: two quick keys would both start it. */
  const playOrPause = () => controller.dispatchEvent(new Event(video.paused ? "mediaplayrequest" : "mediapauserequest"));
  const act = (event, key) => {
    if (key === " " || key === "k") playOrPause();
    else if (THEIRS.includes(key)) controller.keyboardShortcutHandler(event);
    else if (STEPS[key]) seek(video.currentTime + STEPS[key]);
    else if (LOUDER[key]) louder(LOUDER[key]);
    else if (FASTER[key]) say(`${words.textSpeed} ${faster(FASTER[key])}×`, { seconds: 1.5 });
    else if (key === "?") help();
    else if (/^\d$/.test(key)) tenth(Number(key))
    else return false;
    return true;
  };
  const within = (event) => player.contains(event.target) || document.fullscreenElement;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const inRange = event.target.matches?.("media-time-range, media-volume-range");
    if (event.target.closest(ELSEWHERE) && !inRange) return;
    if (inRange && (key.startsWith("Arrow"))) return;
    if (key === " " && event.target.closest(PRESSED) && event.target !== controller && !inRange) return;
    if (key.startsWith("Arrow") && !player.contains(event.target) && event.target.closest("[tabindex]")) return; // a box that scrolls
    if (LOUDER[key] && !within(event)) return;
    if (act(event, key)) event.preventDefault();
  });

  for (const opener of document.querySelectorAll("[data-open-keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", help);
  }
}
