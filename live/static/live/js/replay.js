/* The replay: the film where the picture was, and the chat running along on the timeline of the recording. */
import { build } from "./room/chat.js";
import { deeds } from "./room/deeds.js";
import { tabs } from "./room/tabs.js";

const room = document.querySelector("[data-room]");
const facts = JSON.parse(document.getElementById("room-facts").textContent);
const video = room.querySelector(".room__film video");
const scroller = room.querySelector("[data-chat]");
const list = room.querySelector("[data-chat-list]");
let rows = [...list.querySelectorAll(":scope > [data-media]")].map((row) => ({ row, id: Number(row.dataset.message), at: Number(row.dataset.media) - facts.from_ms }));
let last = null;

/* Before the film has begun everything can be read; from then on what had been said by that moment. */
function follow() {
  const at = video.currentTime * 1000;
  let newest = null;
  for (const { row, at: said } of rows) {
    if (row.hidden !== (said > at)) row.hidden = said > at;
    if (said <= at) newest = row;
  }
  if (newest !== last) scroller.scrollTop = scroller.scrollHeight;
  last = newest;
}

/* The page brings the last messages; all before them are fetched, piece by piece. */
async function fetchAll() {
  const known = new Set(rows.map(({ id }) => id));
  for (let query = "", more = true; more; ) {
    const answer = await fetch(facts.replayChat + query, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const told = await answer.json();
    show(told.messages.filter((item) => !item.question && !known.has(item.id)));
    more = told.more;
    if (more) query = `?after=${told.messages.at(-1).at}&id=${told.messages.at(-1).id}`;
  }
}

function show(items) {
  if (!items.length) return;
  const more = items.map((item) => ({ row: build({ ...item, at: item.said_at }, { me: facts.me, texts: room.dataset }), id: item.id, at: item.at }));
  rows = [...rows, ...more].sort((one, other) => one.at - other.at || one.id - other.id);
  room.querySelector("[data-chat-empty]")?.remove();
  list.append(...rows.map(({ row }) => row));
  if (video?.currentTime) follow();
}

if (video) for (const kind of ["timeupdate", "seeked"]) video.addEventListener(kind, follow);
tabs(room);
deeds(room);
scroller.setAttribute("aria-busy", "true"); // what was said long ago is not read out
fetchAll().catch(() => {}).finally(() => scroller.removeAttribute("aria-busy")); // without a network the last messages stay
