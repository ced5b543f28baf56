/* The paper: one question at a time, every choice sent at once, the server's clock, handing in.
   Without this script the page is one long form with a button that saves. */
import { Clock } from "./exam-clock.js";
import { forget, Outbox } from "./outbox.js";

const LAST_WORDS = 4000; // ms to send what is left when time is over; the server waits a little longer

const form = document.querySelector("[data-exam]");
const say = form.dataset;
const questions = [...form.querySelectorAll("[data-question]")];
const cells = new Map([...document.querySelectorAll("[data-cell]")].map((cell) => [Number(cell.dataset.cell), cell]));
const one = (name) => document.querySelector(`[data-${name}]`);
const [saved, waiting, problem, alarm] = ["saved", "exam-waiting", "exam-problem", "exam-alarm"].map(one);
const dialog = document.getElementById("submit");
const handIn = dialog.querySelector("form");
const outbox = new Outbox(say.exam, say.answerUrl);
const clock = new Clock(form.action);
let current = questions[0];

/* --- what is answered --- */

const numberOf = (question) => Number(question.dataset.question);
const chosenOf = (question) => [...question.querySelectorAll(".option input:checked")].map((input) => input.value);
const markOf = (question) => question.querySelector(".exam__mark input");
const stateOf = (question) => ({ position: numberOf(question), chosen: chosenOf(question), marked: markOf(question).checked });

function restore({ position, chosen, marked }) {
  const question = questions.find((each) => numberOf(each) === position);
  if (!question) return;
  if (chosen) question.querySelectorAll(".option input").forEach((input) => { input.checked = chosen.includes(input.value); });
  markOf(question).checked = marked ?? markOf(question).checked;
  return question;
}

function draw(question) {
  const { position, chosen, marked } = stateOf(question);
  const cell = cells.get(position);
  cell.toggleAttribute("data-answered", chosen.length > 0);
  cell.toggleAttribute("data-marked", marked);
  const words = [chosen.length ? say.textAnswered : say.textOpen, marked && say.textMarked].filter(Boolean);
  cell.querySelector(".visually-hidden").textContent = `, ${words.join(", ")}`;
}

const open = () => questions.filter((question) => !chosenOf(question).length).map(numberOf);
const marked = () => questions.filter((question) => markOf(question).checked).map(numberOf);

function count() {
  one("count-answered").textContent = questions.length - open().length;
  one("count-marked").textContent = marked().length;
}

/* Only the side that was touched: this page may be older than what another one has saved. */
form.addEventListener("change", (event) => {
  const question = event.target.closest("[data-question]");
  draw(question);
  count();
  const { position, chosen, marked } = stateOf(question);
  outbox.put(event.target === markOf(question) ? { position, marked } : { position, chosen, at: Date.now() });
});

/* --- one question at a time --- */

function show(question, { focus } = {}) {
  current = question;
  questions.forEach((each) => { each.hidden = each !== question; });
  cells.forEach((cell, number) => {
    if (number === numberOf(question)) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
  });
  if (!focus) return;
  question.focus({ preventScroll: true });
  if (form.getBoundingClientRect().top < 0) form.scrollIntoView();
}

const named = () => questions.find((question) => `#${question.id}` === location.hash);
addEventListener("hashchange", () => show(named() ?? questions[0], { focus: true }));

function step(by) {
  const next = questions[questions.indexOf(current) + by];
  if (next) location.hash = next.id;
}

/* 1–9 or A–I choose, arrows and Enter turn the page; only while the focus is inside the question. */
form.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const onInput = event.target.matches("input");
  const turn = { ArrowLeft: onInput ? 0 : -1, ArrowRight: onInput ? 0 : 1, Enter: onInput ? 1 : 0 }[event.key];
  if (turn) {
    event.preventDefault();
    step(turn);
    return;
  }
  const index = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : "abcdefghi".indexOf(event.key.toLowerCase());
  const option = event.key.length === 1 && index >= 0 && current.querySelectorAll(".option input")[index];
  if (!option) return;
  event.preventDefault();
  option.focus();
  option.click();
});

form.addEventListener("submit", (event) => event.preventDefault()); // all has been sent already

/* --- what became of it --- */

const status = (words, state) => {
  saved.querySelector("span").textContent = words;
  saved.dataset.state = state;
};
const result = ({ detail }) => {
  forget(say.exam);
  location.replace(detail.result || handIn.action);
};

function trouble(words, { signIn = false } = {}) {
  problem.querySelector(".notice__title").textContent = words;
  problem.querySelector("[data-exam-sign-in]").hidden = !signIn;
  problem.hidden = !words;
}

outbox.addEventListener("saving", () => { if (waiting.hidden) status(say.textSaving, "saving"); });
outbox.addEventListener("saved", ({ detail }) => {
  waiting.hidden = true;
  trouble("");
  status(say.textSaved.replace("{time}", detail.saved_clock), "saved");
  clock.set(detail.left_ms);
});
outbox.addEventListener("stands", ({ detail }) => {
  const question = restore(detail);
  if (question) draw(question);
  count();
});
outbox.addEventListener("waiting", () => {
  waiting.hidden = false;
  status(say.textKept, "waiting");
});
outbox.addEventListener("stranger", ({ detail }) => {
  trouble(detail.message ?? say.textUnsent, { signIn: true });
  status(say.textKept, "waiting");
});
outbox.addEventListener("refused", ({ detail }) => trouble(detail.message));
outbox.addEventListener("closed", result);
clock.addEventListener("closed", result);

/* --- time --- */

function tell() {
  one("clock").textContent = clock.words;
  one("clock").parentElement.toggleAttribute("data-low", clock.seconds < 300);
  one("sum-left").textContent = clock.words;
}
clock.addEventListener("tick", tell);
clock.addEventListener("warn", ({ detail }) => { alarm.textContent = say.textLeft.replace("{minutes}", detail); });
clock.addEventListener("over", async () => {
  alarm.textContent = say.textOver;
  trouble(say.textOver);
  await outbox.flush(LAST_WORDS);
  while (!(await clock.ask())) await new Promise((done) => setTimeout(done, 3000)); // the server hands in by itself
  handIn.submit();
});
if (say.leftMs) {
  one("clock-until").hidden = true;
  one("clock-label").hidden = one("clock").hidden = false;
  clock.set(Number(say.leftMs));
}

/* --- handing in --- */

function ranges(numbers) {
  const runs = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && run.at(-1) === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(say.textComma);
}

function summary(name, numbers) {
  one(`sum-${name}`).textContent = numbers.length;
  one(`sum-${name}-list`).textContent = numbers.length ? say.textList.replace("{list}", ranges(numbers)) : "";
}

document.querySelectorAll("[data-open-submit]").forEach((link) =>
  link.addEventListener("click", (event) => {
    event.preventDefault();
    one("sum-answered").textContent = questions.length - open().length;
    summary("open", open());
    summary("marked", marked());
    one("submit-problem").hidden = true;
    dialog.showModal();
  }),
);

handIn.addEventListener("submit", async (event) => {
  if (event.submitter?.formMethod === "dialog") return;
  event.preventDefault();
  event.submitter?.setAttribute("aria-busy", "true");
  const all = await outbox.flush(8000);
  event.submitter?.removeAttribute("aria-busy");
  if (all) return handIn.submit();
  one("submit-problem").textContent = say.textUnsent;
  one("submit-problem").hidden = false;
});

/* --- begin: what never arrived comes first --- */

outbox.waiting.forEach(restore);
questions.forEach(draw);
count();
document.querySelectorAll("[data-without-script]").forEach((part) => { part.hidden = true; });
show(named() ?? questions[0]);
form.dataset.ready = "";
if (outbox.waiting.length) outbox.send();
