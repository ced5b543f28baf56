/* A poll as a small form above the chat; results as bars with their numbers. */
import { csrfToken } from "../../../js/csrf.js";
import { fill } from "../clock.js";

export function polls(room, line, { texts, role }) {
  const place = room.querySelector("[data-poll]");
  let shown = null;
  const answeredKey = (id) => `poll-${id}`;

  function option(poll, each, total) {
    const label = document.createElement("label");
    label.className = "room-poll__option";
    const input = document.createElement("input");
    Object.assign(input, { type: poll.several ? "checkbox" : "radio", name: "keys", value: each.key, disabled: Boolean(poll.closed_at) });
    input.checked = (sessionStorage.getItem(answeredKey(poll.id)) ?? "").includes(each.key);
    const words = document.createElement("span");
    words.textContent = each.text;
    const bar = document.createElement("progress");
    bar.className = "progress";
    Object.assign(bar, { max: Math.max(1, total), value: poll.tally[each.key] ?? 0 });
    bar.setAttribute("aria-label", each.text);
    const number = document.createElement("b");
    number.textContent = poll.tally[each.key] ?? 0;
    label.append(input, words, bar, number);
    return label;
  }

  function draw(poll) {
    if (shown === poll.id && place.contains(document.activeElement)) return update(poll);
    shown = poll.id;
    const form = document.createElement("form");
    form.className = "room-poll";
    form.method = "post";
    form.dataset.pollId = poll.id;
    const title = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = poll.question;
    const total = Object.values(poll.tally).reduce((sum, n) => sum + n, 0);
    title.append(legend, ...poll.options.map((each) => option(poll, each, total)));
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    said.textContent = fill(texts.textVotes, { n: total });
    form.append(title, said);
    if (!poll.closed_at) {
      form.addEventListener("change", () => cast(poll, form));
      form.addEventListener("submit", (event) => event.preventDefault());
      if (role) form.append(closing(poll));
    }
    place.replaceChildren(form);
    return undefined;
  }

  function update(poll) {
    const total = Object.values(poll.tally).reduce((sum, n) => sum + n, 0);
    for (const label of place.querySelectorAll(".room-poll__option")) {
      const n = poll.tally[label.querySelector("input").value] ?? 0;
      label.querySelector("b").textContent = n;
      Object.assign(label.querySelector("progress"), { max: Math.max(1, total), value: n });
      label.querySelector("input").disabled = Boolean(poll.closed_at);
    }
    place.querySelector("[role=status]").textContent = fill(texts.textVotes, { n: total });
  }

  function closing(poll) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: texts.textClosePoll });
    button.addEventListener("click", () => line.tellLater({ do: "close_poll", poll: poll.id }));
    return button;
  }

  async function cast(poll, form) {
    const keys = [...form.querySelectorAll("input:checked")].map((input) => input.value);
    if (!keys.length) return;
    sessionStorage.setItem(answeredKey(poll.id), keys.join(""));
    if (line.tell({ do: "ballot", poll: poll.id, keys })) return;
    const body = new URLSearchParams(keys.map((key) => ["keys", key]));
    await fetch(place.dataset.ballotUrl.replace("/0/", `/${poll.id}/`), { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
  }

  return (kind, item) => { if (kind === "poll") draw(item); };
}
