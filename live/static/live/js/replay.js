/* The replay: the film where the picture was, and the chat running along on the timeline of the recording. */
import { deeds } from "./room/deeds.js";
import { tabs } from "./room/tabs.js";

const room = document.querySelector("[data-room]");
const facts = JSON.parse(document.getElementById("room-facts").textContent);
const video = room.querySelector(".room__film video");
const scroller = room.querySelector("[data-chat]");
const rows = [...room.querySelectorAll("[data-chat-list] > [data-media]")].map((row) => ({ row, at: Number(row.dataset.media) - facts.from_ms }));
let last = null;

/* Before the film has begun everything can be read; from then on what had been said by that moment. */
function follow() {
  const at = video.currentTime * 1000;
  let newest = null;
  for (const { row, at: said } of rows) {
    row.hidden = said > at;
    if (said <= at) newest = row;
  }
  if (newest !== last) scroller.scrollTop = scroller.scrollHeight;
  last = newest;
}

if (video) for (const kind of ["timeupdate", "seeked"]) video.addEventListener(kind, follow);
tabs(room);
deeds(room);
