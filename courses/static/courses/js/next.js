/* At the end of the film: the next lesson, when it is open. Only who turned that on in the settings is taken there, after
   some seconds and not behind a hidden page. */
import { memory } from "../../media/js/memory.js";

const WAIT = 10; // seconds
const LOOKS = 6; // at the list of lessons, which is renewed when this one has been completed
const pattern = document.querySelector("[data-next-lesson]");
const player = document.querySelector("[data-player]");
const video = player?.querySelector("video");
let [card, timer] = [null, 0];

function close() {
  clearInterval(timer);
  card?.remove();
  card = null;
}

function go(link) {
  memory.set("play-on", link.href);
  location.assign(link.href);
}

function count(link) {
  let left = WAIT;
  const tell = () => { card.querySelector("[data-next-soon]").textContent = pattern.dataset.textSoon.replace("{seconds}", left); };
  tell();
  card.querySelector("[data-next-soon]").setAttribute("aria-live", "off"); // said once, not every second
  timer = setInterval(() => {
    if (document.hidden) return;
    left -= 1;
    if (left > 0) tell();
    else go(link);
  }, 1000);
}

function show(link) {
  close();
  card = pattern.content.firstElementChild.cloneNode(true);
  card.querySelector("[data-next-title]").textContent = link.textContent.trim();
  card.querySelector("[data-next-go]").href = link.href;
  card.querySelector("[data-next-go]").addEventListener("click", (event) => { event.preventDefault(); go(link); });
  card.querySelector("[data-next-stay]").addEventListener("click", close);
  player.append(card);
  if (memory.get("plays-on") === "1") count(link);
}

function look(times = LOOKS) {
  const link = document.querySelector(".lesson__next a");
  if (link) show(link);
  else if (times && video.ended) setTimeout(() => look(times - 1), 1000);
}

function listen() {
  video.addEventListener("ended", () => look());
  for (const kind of ["play", "seeking"]) video.addEventListener(kind, close);
  const box = player.querySelector("[data-plays-on]");
  if (!box) return;
  box.checked = memory.get("plays-on") === "1";
  box.addEventListener("change", () => memory.set("plays-on", box.checked ? "1" : ""));
}

/* Come here from the lesson before, one wants it to play; a browser that wants a press first shows the button. */
function playOn() {
  const asked = memory.get("play-on");
  memory.set("play-on", "");
  if (asked !== location.href) return;
  const play = () => video.play().catch(() => {});
  if (video.readyState) play();
  else video.addEventListener("loadedmetadata", play, { once: true });
}

if (pattern && video) listen();
if (video) playOn();
