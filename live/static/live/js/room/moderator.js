/* What those who work in the room see besides: the queue of held messages with its keys, and the tools on a message. */
import { hhmm } from "../clock.js";

export function moderator(room) {
  const queue = room.querySelector("[data-queue]");
  const list = queue.querySelector("[data-held]");
  const chat = room.querySelector("[data-chat-list]");
  const count = queue.querySelector("[data-held-count]");
  const known = (id) => list.querySelector(`[data-message="${id}"]`);

  function draw() {
    count.textContent = list.children.length;
    queue.hidden = !list.children.length;
  }

  function hold(item) {
    if (known(item.id)) return;
    const row = document.getElementById("held-template").content.firstElementChild.cloneNode(true);
    row.dataset.message = item.id;
    row.querySelector("b").textContent = item.name;
    row.querySelector("time").textContent = hhmm(item.at);
    row.querySelector(".chat__text").textContent = item.text;
    row.querySelector(".hold-queue__why").textContent = item.reason;
    row.querySelector("[name=message]").value = item.id;
    list.append(row);
    draw();
  }

  function decided(id) {
    const row = known(id);
    const next = row?.nextElementSibling ?? row?.previousElementSibling;
    const focused = row?.contains(document.activeElement);
    row?.remove();
    if (focused) next?.focus();
    draw();
  }

  function tools(row) {
    chat.querySelector(".chat__tools")?.remove();
    for (const other of chat.querySelectorAll("[data-selected]")) delete other.dataset.selected;
    if (!row) return;
    row.dataset.selected = "";
    const box = document.getElementById("tools-template").content.firstElementChild.cloneNode(true);
    box.querySelector("[name=message]").value = row.dataset.message;
    row.append(box);
  }

  /* Each message can be reached by the keyboard: Enter opens its tools. */
  const reach = (row) => { row.tabIndex = 0; };
  chat.querySelectorAll("[data-message]").forEach(reach);
  chat.addEventListener("click", (event) => {
    if (!event.target.closest(".chat__tools")) tools(event.target.closest("[data-message]"));
  });
  chat.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-message]")) {
      tools(event.target);
      event.target.querySelector(".chat__tools button").focus();
    }
    if (event.key === "Escape") tools(null);
  });
  chat.addEventListener("deed:done", () => tools(null));

  queue.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-message]") ?? list.firstElementChild;
    if (event.target.matches("input, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const go = { j: row?.nextElementSibling, k: row?.previousElementSibling }[event.key];
    if (go) go.focus();
    const verb = { a: "approve", d: "refuse" }[event.key];
    if (verb) row?.querySelector(`[value=${verb}]`).click();
  });
  queue.tabIndex = -1;

  return (kind, item) => {
    if (kind === "held") hold(item);
    if (kind === "decided") decided(item.id);
    if (kind === "room") rules(room, item);
    if (kind === "message" && !item.question) queueMicrotask(() => { const row = chat.querySelector(`[data-message="${item.id}"]`); if (row) reach(row); });
  };
}

/* Another moderator changed the rules: the form shows what holds now, unless somebody is working in it. */
function rules(room, item) {
  const form = room.querySelector("[data-rules]");
  if (!form || form.contains(document.activeElement)) return;
  const choose = (name, value) => { const found = form.querySelector(`[name=${name}][value="${value}"]`); if (found) found.checked = true; };
  choose("mode", item.mode);
  choose("slow_seconds", item.slow_seconds);
  for (const name of ["checked_first", "links_allowed", "overlay"]) form.elements[name].checked = item[name];
}
