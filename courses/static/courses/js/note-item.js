/* One note in the list. Words come from the page's pattern; only times and the learner's own text are filled in. */
export function shownTime(ms) {
  const seconds = Math.floor(ms / 1000);
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

export function drawNote(item, { uuid, position, text }, { trouble, waiting }) {
  const [link, words, state] = [".note__time", ".note__text", ".note__state"].map((name) => item.querySelector(name));
  Object.assign(item.dataset, { note: uuid, position });
  link.href = `#t=${Math.floor(position / 1000)}`;
  link.textContent = shownTime(position);
  words.textContent = text;
  for (const of of item.querySelectorAll("[data-note-of]")) of.textContent = ` ${shownTime(position)}`;
  state.hidden = !trouble;
  state.querySelector("span").textContent = trouble;
  item.toggleAttribute("aria-busy", waiting && !trouble);
}
