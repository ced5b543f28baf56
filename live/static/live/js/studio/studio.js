/* The studio: sources, the level, the sender and the one big button, whose words are always the next step. */
import "../../../js/copy.js";
import { csrfToken } from "../../../js/csrf.js";
import { deeds } from "../room/deeds.js";
import { chat } from "../room/chat.js";
import { Line } from "../room/line.js";
import { fill } from "../clock.js";
import { Board } from "./board.js";
import { Meter } from "./meter.js";
import { phase as phaseOf } from "./phases.js";
import { Preflight } from "./preflight.js";
import { mime, Sender } from "./sender.js";
import { mixes, Sources } from "./sources.js";

const LOOK = 2000; // milliseconds between two looks at the state of the line

const studio = document.querySelector("[data-studio]");
const facts = JSON.parse(document.getElementById("studio-facts").textContent);
const texts = studio.dataset;
const at = (name) => studio.querySelector(`[data-${name}]`);
const board = new Board(studio, facts);
const meter = new Meter(at("meter"), at("meter-say"), texts);
const preflight = new Preflight(at("preflight"), texts, { uploadUrl: facts.addresses.upload, bytes: facts.test_bytes });
const sources = new Sources((kind) => kind === "gone" && turnOn());
const sender = new Sender({ ticketUrl: facts.addresses.ticket, socket: facts.socket, on: heard });
const now = { state: facts.state, people: 0, line: facts.line, down: null, starting: false };

const phase = () => phaseOf(now, sender, Boolean(sources.stream));
const draw = () => board.show(phase(), now, { sender, hasStream: Boolean(sources.stream) });

function heard(kind, detail) {
  if (kind === "down") now.down = { ...detail, at: Date.now(), since: sender.lostAt };
  if (kind === "open") now.down = null;
  if (kind === "refused") board.warn(detail.message || texts.textRefused);
  if (kind === "closed" && detail.words) board.warn(detail.words);
  if (kind === "behind") board.warn(texts.textBehind);
  if (kind === "stats") board.line(detail.warning);
  draw();
}

async function turnOn() {
  board.warn("");
  try {
    const stream = await sources.open();
    at("preview").srcObject = stream;
    at("preview-empty").hidden = true;
    meter.listen(stream);
    sender.use(stream);
    await sources.fill({ videoinput: at("camera"), audioinput: at("microphone") });
    at("screen-note").textContent = sources.screenName && fill(texts.textShared, { name: sources.screenName });
  } catch (error) {
    const words = { NotAllowedError: texts.textDenied, NotFoundError: texts.textNone, OverconstrainedError: texts.textNone };
    board.warn(words[error.name] ?? texts.textBusy);
  }
  draw();
}

async function post(url) {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) board.warn(told.message);
  else now.state = told.state;
  return answer.ok;
}

async function begin() {
  board.warn("");
  if (!(await post(facts.addresses.start))) return draw();
  now.starting = !sources.stream; // then an encoder sends, and its next piece opens the broadcast
  if (sources.stream) sender.begin(sources.stream, { rehearsal: false });
  return draw();
}

async function end(event) {
  if (event.submitter?.value !== "end") return;
  event.preventDefault();
  if (!(await post(facts.addresses.end))) return draw();
  sender.end();
  location.reload(); // to the summary
}

const steps = {
  off: turnOn,
  broken: turnOn,
  elsewhere: turnOn,
  ready: begin,
  encoder: begin,
  rehearsing: begin,
  resume: begin,
  takeover: begin,
  reconnecting: () => sender.again(),
  live: () => openEnd(),
};

function openEnd() {
  document.querySelector("[data-end-summary]").textContent = fill(texts.textReadyMore.length ? "{clock}" : "", { clock: at("clock").textContent });
  document.getElementById("end-dialog").showModal();
}

async function look() {
  try {
    const answer = await fetch(facts.addresses.line, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const told = await answer.json();
      if (told.state === "live") now.starting = false;
      Object.assign(now, told);
      preflight.school(told.disk_ok);
      board.health(told);
    }
  } catch {
    board.health(null);
  }
  preflight.sound(meter.heard);
  draw();
  setTimeout(look, LOOK);
}

function wire() {
  at("button")?.addEventListener("click", () => steps[phase()]?.());
  at("end")?.addEventListener("click", openEnd);
  at("rehearse").addEventListener("click", () => {
    if (sender.wanted) sender.end();
    else sender.begin(sources.stream, { rehearsal: true });
    draw();
  });
  document.querySelector("[data-end-form]").addEventListener("submit", end);
  for (const [name, field] of [["camera", "camera"], ["microphone", "microphone"]]) {
    at(name).addEventListener("change", (event) => { sources[field] = event.target.value; turnOn(); });
  }
  at("source-kind").addEventListener("change", (event) => {
    sources.kind = event.target.value;
    if (sources.stream || sources.kind !== "camera") turnOn();
  });
  at("screen").addEventListener("click", () => {
    if (sources.kind === "camera") studio.querySelector("[value=screen]").checked = Boolean((sources.kind = "screen"));
    turnOn();
  });
  at("check-again").addEventListener("click", check);
  if (!mixes) studio.querySelector("[value=both]").disabled = true;
  addEventListener("beforeunload", (event) => { if (sender.wanted && !sender.rehearsal) event.preventDefault(); });
}

function check() {
  preflight.browser();
  preflight.network();
}

wire();
check();
look();
setInterval(draw, 1000);
const line = new Line(facts.room, { since: 0, messages: facts.messages, on: (kind, told) => listeners.forEach((hear) => hear(kind, told)) });
const listeners = [chat(studio, line, { me: facts.me, texts })];
deeds(studio);
if (!mime()) board.warn(texts.textNoRecorder);
line.open();
