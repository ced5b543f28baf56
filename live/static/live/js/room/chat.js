/* The list of messages, and the lines to write in. A message is written once by its key, whatever the network does;
   what was typed stays until the school has it. */
import { csrfToken } from "../../../js/csrf.js";
import { fill, hhmm, now } from "../clock.js";

const KEPT = 300; // lines on the page
const UNNAMED = ["sign_in", "bad_request", "too_long", "too_fast"]; // refusals that do not say of what
const NEAR = 80; // pixels from the end that still count as being there

/* A line of the list. */
export function build(item, { me, texts }) {
  const row = document.getElementById("message-template").content.firstElementChild.cloneNode(true);
  row.dataset.message = item.id;
  if (item.role) row.classList.add(item.role === "trainer" ? "chat__message--trainer" : "chat__message--staff");
  if (item.name === me) row.classList.add("chat__message--mine");
  row.querySelector("b").textContent = item.name;
  if (item.role) {
    const role = document.createElement("span");
    role.className = "chat__role";
    role.textContent = texts[`text${item.role[0].toUpperCase()}${item.role.slice(1)}`] ?? item.role;
    row.querySelector("b").after(role);
  }
  const time = row.querySelector("time");
  time.textContent = hhmm(item.at);
  time.dateTime = new Date(item.at).toISOString();
  row.querySelector(".chat__text").textContent = item.text;
  return row;
}

export function chat(box, line, { me, texts, onMessage = () => {} }) {
  const list = box.querySelector("[data-chat-list]");
  const scroller = box.querySelector("[data-chat]");
  const known = (id) => list.querySelector(`[data-message="${id}"]`);
  const composers = [...box.querySelectorAll("[data-composer]")].map((form) => composer(form, line, texts));
  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
  const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };

  /* Before the first of the later ones at the end; what is no message belongs to what stands before it. */
  function place(id) {
    let next = null;
    for (let each = list.lastElementChild; each && id; each = each.previousElementSibling) {
      const other = Number(each.dataset.message);
      if (other && other < id) break;
      if (other) next = each;
    }
    return next;
  }

  function add(row) {
    const follow = atEnd();
    box.querySelector("[data-chat-empty]")?.remove();
    list.insertBefore(row, place(Number(row.dataset.message)));
    while (list.children.length > KEPT) list.firstElementChild.remove();
    if (follow) toEnd();
  }

  function notice(words) {
    const row = document.createElement("li");
    row.className = "chat__notice";
    row.textContent = words;
    add(row);
  }

  toEnd();
  return (kind, item) => {
    if (kind === "message" && !item.question && !known(item.id)) {
      const row = build(item, { me, texts });
      add(row);
      onMessage(item, row);
    }
    if (kind === "deleted") known(item.id)?.remove();
    if (kind === "more" && item.count) notice(fill(texts.textMore, { n: item.count }));
    composers.forEach((each) => each(kind, item));
  };
}

function composer(form, line, texts) {
  const field = form.elements.text;
  const button = form.querySelector("[type=submit]");
  const state = form.querySelector("[data-composer-state]");
  const wait = form.querySelector("[data-wait]");
  const question = form.dataset.composer === "ask";
  const rules = { mode: "open", until: null, muted: false };
  let sent = null; // waits for its answer
  let freed = null; // was refused without its key being named: may have been taken all the same
  let posting = false;
  let ready = 0; // the moment of the next message

  const say = (words) => {
    state.hidden = !words;
    state.querySelector("span").textContent = words ?? "";
  };

  function closedWords() {
    if (rules.muted && !(rules.until && rules.until <= now())) return rules.until ? fill(texts.textMuted, { time: hhmm(rules.until) }) : texts.textMutedLong;
    if (rules.mode === "off") return texts.textOff;
    return rules.mode === "questions" && !question ? texts.textQuestions : "";
  }

  function draw() {
    const left = Math.ceil((ready - now()) / 1000);
    wait.hidden = left <= 0;
    wait.textContent = left > 0 ? left : "";
    const closed = closedWords();
    button.disabled = left > 0 || Boolean(closed) || Boolean(sent);
    if (closed) say(closed);
    else if (left > 0) say(fill(texts.textSlow, { s: left }));
    else if (state.dataset.passing) say("");
    state.dataset.passing = closed || left > 0 ? "1" : "";
    if (left > 0) setTimeout(draw, 1000);
  }

  function send() {
    const text = field.value.trim();
    if (!text || button.disabled) return;
    sent = { do: "say", key: freed?.text === text ? freed.key : crypto.randomUUID(), text, question };
    if (!line.tell(sent)) post();
    draw();
  }

  /* The same message by its form, where the socket does not get through. */
  async function post() {
    if (posting) return;
    posting = true;
    const mine = sent;
    try {
      const body = new URLSearchParams({ key: mine.key, text: mine.text, question: question ? "1" : "" });
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
      if (answer.status >= 500) throw new Error(answer.status);
      const told = await answer.json().catch(() => ({ message: texts.textLost })); // a page instead: signed out
      if (sent === mine) answered(answer.ok && told.id ? "said" : "refused", told);
      if (!line.ready) line.catchUp(line.since);
    } catch {
      if (sent === mine) say(texts.textLost); // it goes out with the next try of the socket
    } finally {
      posting = false;
      if (sent && sent !== mine && !line.ready) post();
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });

  function answered(kind, item) {
    if (kind === "said") {
      if (field.value.trim() === (sent ?? freed).text) field.value = "";
      say(item.status === "held" ? texts.textHeld : "");
    } else {
      say(item.message);
      if (item.wait) ready = now() + item.wait * 1000;
    }
    freed = kind === "error" ? sent : null;
    sent = null;
    draw();
  }

  return (kind, item) => {
    if (["said", "refused"].includes(kind) && sent && item.key === sent.key) answered(kind, item);
    if (kind === "said" && !sent && freed && item.key === freed.key) answered(kind, item);
    if (kind === "error" && sent && UNNAMED.includes(item.code) && !item.ref) answered(kind, item);
    if (kind === "closed" && sent) post();
    if (kind === "ready" && sent) line.tell(sent); // the same key: said twice it is one message
    if (kind === "room") { rules.mode = item.mode; draw(); }
    if (kind === "hello") { Object.assign(rules, { muted: item.muted, until: item.muted_until }); draw(); }
    if (kind === "muted") { Object.assign(rules, { muted: true, until: item.until }); draw(); }
    if (kind === "unmuted") { rules.muted = false; say(""); draw(); }
  };
}
