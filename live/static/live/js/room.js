/* The room of a broadcast: the picture, what is said beside it, and going from the waiting room to the replay by itself. */
import { fill, jitter } from "./clock.js";
import { beats } from "./room/beats.js";
import { chat } from "./room/chat.js";
import { danmaku } from "./room/danmaku.js";
import { deeds } from "./room/deeds.js";
import { Line } from "./room/line.js";
import { minutes } from "./room/minutes.js";
import { moderator } from "./room/moderator.js";
import { polls } from "./room/polls.js";
import { questions } from "./room/questions.js";
import { signIns } from "./room/signins.js";
import { Stage } from "./room/stage.js";
import { tabs } from "./room/tabs.js";
import { testSound } from "./sound.js";

const POLL = 10000; // milliseconds between two looks without a socket
const SPREAD = 5000; // within which all pages ask for the picture when it begins
const RENEWAL = 30000; // within which all pages go to the replay when it can be seen
const TURNED_AWAY = ["full", "crowded"];
const LATER = 5000; // milliseconds for which somebody who writes is left alone

const room = document.querySelector("[data-room]");
const facts = JSON.parse(document.getElementById("room-facts").textContent);
const texts = room.dataset;
const now = { state: facts.state, version: facts.version, isPublic: facts.public, connected: false };

async function ask() {
  const query = now.place ? `?place=${encodeURIComponent(now.place)}` : "";
  const answer = await fetch(facts.stateUrl + query, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  const told = await answer.json();
  if (told.shut === "banned") location.reload(); // the page that comes says why
  return told.shut === "full" ? { ...told, state: "full" } : told;
}

const stage = new Stage(room, { askAddress: ask });
const isOnAir = (state) => ["live", "interrupted"].includes(state);

/* The room turned: at the beginning everybody asks where the picture is, each at a moment of its own. */
function turn(state) {
  const before = now.state;
  now.state = room.dataset.state = state;
  badge(state);
  silence(state);
  if (isOnAir(state) && !isOnAir(before)) {
    stage.show(state, "");
    setTimeout(load, jitter(SPREAD));
  } else if (isOnAir(state)) load();
  else stage.show(state, "");
}

/* The replay can be seen from now on: everybody goes there, but nobody who writes. */
function opened() {
  now.isPublic = true;
  setTimeout(renew, jitter(RENEWAL));
}

function renew() {
  const fields = [...room.querySelectorAll("textarea, input:not([type=hidden])")];
  const isWritten = (field) => field.value !== field.defaultValue || (field.closest("[data-composer]") && field.value.trim());
  if (fields.some(isWritten)) setTimeout(renew, LATER);
  else location.reload();
}

function changed(told) {
  if (told.state !== now.state) turn(told.state);
  if (told.public && !now.isPublic) opened();
}

async function load() {
  try {
    const told = await ask();
    stage.show(told.state, told.stream);
    if (isOnAir(told.state) && !told.stream) setTimeout(load, 2000);
  } catch {
    setTimeout(load, 3000 + jitter(2000));
  }
}

/* Nobody talks any more after the end; what was typed stays. */
function silence(state) {
  const talks = state === "ready" || isOnAir(state);
  for (const form of room.querySelectorAll("[data-composer]")) form.hidden = !talks && !form.elements.text.value.trim();
}

function badge(state) {
  const node = room.querySelector("[data-badge]");
  const words = texts[`text${state[0].toUpperCase()}${state.slice(1)}`] ?? texts.textEnded;
  node.textContent = words;
  node.className = `badge${isOnAir(state) ? " badge--live" : state === "ready" ? " badge--due" : ""}`;
}

function news(kind, item) {
  if (kind === "state" && item.version >= now.version) {
    now.version = item.version;
    changed(item);
  }
  if (kind === "count") {
    const node = room.querySelector("[data-count]");
    node.hidden = false;
    node.textContent = fill(texts.textPeople, { n: (item.people + item.anonymous).toLocaleString() });
  }
  if (kind === "room") {
    room.querySelector("[data-pin]").hidden = !item.notice;
    room.querySelector("[data-pin-text]").textContent = item.notice;
  }
  if (kind === "hello" && item.role !== facts.role) setTimeout(renew); // the page is made for another role
  if (kind === "ready" || kind === "lost") connected(kind === "ready");
  if (kind === "hello") now.place = item.place;
  if (kind === "error" && TURNED_AWAY.includes(item.code)) now.turnedAway = item.message;
  if (kind === "error" && item.code === "full") turn("full"); // the socket tries on; with a place, its greeting turns it back
  if (kind === "closed" && item.code === 4003) location.reload(); // the page that comes says why
  if (kind === "closed" && item.code === 4009) connected(false, texts.textPages); // goes on without its socket
}

function connected(is, why = now.turnedAway || texts.textLost) {
  Object.assign(now, { connected: is, turnedAway: is ? "" : now.turnedAway });
  offline(is ? "" : why);
}

function offline(words) {
  const node = room.querySelector("[data-offline]");
  node.hidden = !words;
  node.textContent = words;
}

async function look() {
  if (!now.connected) {
    try {
      changed(await ask());
      if (line.away) await line.catchUp(line.since);
    } catch {
      offline(texts.textLost);
    }
  }
  setTimeout(look, POLL + jitter(POLL / 2));
}

/* Who verified a mobile number on another page may talk when she comes back to this one. */
async function lookAgain() {
  if (document.hidden || !room.querySelector("[data-unverified]")) return;
  const told = await ask().catch(() => ({})); // the next return finds out
  if (told.may_talk) renew();
}

document.addEventListener("visibilitychange", lookAgain);
addEventListener("focus", lookAgain);

const last = room.querySelector("[data-chat-list] > [data-message]:last-child");
const listeners = [];
const line = new Line(facts.socket, { since: Number(last?.dataset.message ?? 0), messages: facts.messagesUrl, on: (kind, item) => listeners.forEach((hear) => hear(kind, item)) });
const said = { me: facts.me, role: facts.role, texts };
const here = beats(line, room.querySelector("[data-video]"), {
  url: facts.presenceUrl,
  isCounting: () => isOnAir(now.state),
  isExcused: () => now.state === "interrupted",
  onStill: (is) => { room.querySelector("[data-still]").hidden = !is; },
});
const show = tabs(room);

listeners.push(news, chat(room, line, said), questions(room, line, said), polls(room, line, said), here.hear, danmaku(room));
minutes(room, facts.stateUrl);
listeners.push(signIns(room, line, { ...said, session: here.key, show }));
if (facts.role) listeners.push(moderator(room));
deeds(room);
room.querySelectorAll("[data-test-sound]").forEach((button) => button.addEventListener("click", testSound));
stage.show(now.state, facts.stream);
line.open();
setTimeout(look, POLL);
