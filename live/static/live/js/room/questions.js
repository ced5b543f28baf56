/* Questions in the order of how many want to hear them, the answered ones last. */
import { csrfToken } from "../../../js/csrf.js";

export function questions(room, line, { texts, role }) {
  const list = room.querySelector("[data-questions]");
  const count = room.querySelector("[data-question-count]");
  const known = (id) => list.querySelector(`[data-question="${id}"]`);
  const voteUrl = list.dataset.voteUrl;

  function sort() {
    const rows = [...list.children];
    const weight = (row) => (row.dataset.state === "done" ? -1 : Number(row.dataset.votes));
    rows.sort((one, other) => weight(other) - weight(one) || Number(one.dataset.question) - Number(other.dataset.question));
    const focused = document.activeElement;
    list.append(...rows);
    if (list.contains(focused)) focused.focus();
    count.textContent = rows.filter((row) => row.dataset.state !== "done").length;
  }

  function add(item) {
    if (known(item.id)) return;
    const row = document.getElementById("question-template").content.firstElementChild.cloneNode(true);
    row.dataset.question = item.id;
    row.querySelector(".question-list__text").textContent = item.text;
    row.querySelector("[data-by]").textContent = item.name;
    const form = row.querySelector("[data-vote]");
    if (form) form.action = voteUrl.replace("/0/", `/${item.id}/`);
    const about = row.querySelector("[data-deed] [name=message]");
    if (about) about.value = item.id;
    list.append(row);
    votes(item.id, item.votes ?? 0);
    if (item.answered_at) answered(item.id, true);
  }

  function votes(id, n) {
    const row = known(id);
    if (!row) return;
    row.dataset.votes = n;
    row.querySelector(".question-list__votes b").textContent = n;
    sort();
  }

  function answered(id, is) {
    const row = known(id);
    if (!row) return;
    if (is) row.dataset.state = "done";
    else delete row.dataset.state;
    row.querySelector("[data-answered]").hidden = !is;
    row.querySelector("[data-deed]")?.toggleAttribute("hidden", is);
    sort();
  }

  list.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-vote]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const taken = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!taken));
    const told = { do: taken ? "unvote" : "vote", id: Number(form.closest("[data-question]").dataset.question) };
    if (!line.tell(told)) await fetch(form.action, { method: "POST", headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
  });

  return (kind, item) => {
    if (kind === "message" && item.question) add(item);
    if (kind === "votes") votes(item.id, item.votes);
    if (kind === "answered") answered(item.id, Boolean(item.at));
    if (kind === "deleted") { known(item.id)?.remove(); sort(); }
  };
}
