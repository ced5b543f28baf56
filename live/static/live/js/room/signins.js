/* 签到: asked above the chat, so that picture and messages stay; the button has the focus, a tone is heard, and the time
   that is left is said at its end only, because a number that is read out every second hides everything else. */
import { fill, hhmm, jitter, now } from "../clock.js";
import { clock } from "../../../media/js/say.js";
import { csrfToken } from "../../../js/csrf.js";

const REF = "sign-in"; // comes back with the answer

export function signIns(room, line, { texts, session, show, role }) {
  const prompt = room.querySelector("[data-prompt]");
  if (!prompt) return () => {};
  const due = room.querySelector("[data-sign-due]");
  const left = prompt.querySelector("[data-prompt-left]");
  const log = room.querySelector("[data-sign-log]");
  const asked = new Set();
  let open = null;

  function ask(item) {
    if (asked.has(item.uuid) || item.closes_at <= now()) return;
    asked.add(item.uuid);
    open = item;
    setTimeout(() => {
      if (open !== item) return;
      line.tellLater({ do: "nonce", key: session, roll_call: item.uuid });
      prompt.querySelector("h2").textContent = item.title || prompt.dataset.title;
      prompt.show();
      prompt.querySelector("[data-prompt-here]").focus();
      due.hidden = false;
      tick();
    }, jitter((item.jitter ?? 0) * 1000));
  }

  function tick() {
    if (!open) return;
    const seconds = Math.ceil((open.closes_at - now()) / 1000);
    if (seconds <= 0) return done("");
    left.textContent = seconds < 100 ? fill(texts.textLeft, { s: seconds }) : fill(texts.textLeftTime, { time: clock(seconds) });
    setTimeout(tick, 1000);
    return undefined;
  }

  function done(words) {
    if (words) note(words);
    open = null;
    due.hidden = true;
    if (prompt.open) prompt.close();
  }

  function note(words) {
    const row = document.createElement("li");
    row.className = "sign-in-log__item";
    row.dataset.state = "done";
    for (const [tag, text, css] of [["b", hhmm(now()), ""], ["span", open?.title ?? "", ""], ["span", words, "sign-in-log__result"]]) {
      const node = document.createElement(tag);
      Object.assign(node, { textContent: text, className: css });
      row.append(node);
    }
    log.append(row);
  }

  prompt.addEventListener("cancel", (event) => event.preventDefault());
  prompt.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (open?.nonce) line.tellLater({ do: "sign_in", roll_call: open.uuid, key: session, nonce: open.nonce, ref: REF });
  });

  room.querySelector("[data-code-form]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
    const told = await answer.json().catch(() => ({}));
    form.querySelector("[data-code-said]").textContent = answer.ok ? texts.textSigned : told.message;
    if (answer.ok) done(texts.textSigned);
  });

  return (kind, item) => {
    if (kind === "roll_call" && !role) ask(item);
    if (kind === "nonce" && open?.uuid === item.roll_call) open.nonce = item.nonce;
    if (kind === "ready" && open) line.tell({ do: "nonce", key: session, roll_call: open.uuid });
    if (kind === "done" && item.ref === REF) done(texts.textSigned);
    if (kind === "error" && item.ref === REF) left.textContent = item.message;
  };
}
