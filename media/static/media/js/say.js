/* Short messages over the film, one at a time: [data-say]. Anybody may ask for one by a `player:say` event on the player:
   {text, actions: [{text, run}], seconds}. Without seconds it stays until an action or the next message; text "" ends it. */
const SECONDS = 6;

export function makeSay(player) {
  const box = player.querySelector("[data-say]");
  const [words, row] = [box.querySelector("[data-say-text]"), box.querySelector("[data-say-actions]")];
  let timer;
  let open = false; // stays until somebody answers

  const close = () => { open = false; box.hidden = true; words.textContent = ""; row.replaceChildren(); };
  const closeLater = (seconds) => {
    timer = setTimeout(() => (box.contains(document.activeElement) ? closeLater(seconds) : close()), seconds * 1000);
  };
  const button = ({ text, run }) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "player__action", textContent: text });
    made.addEventListener("click", () => { close(); run(); });
    return made;
  };
  const say = (text, { actions = [], seconds = actions.length ? 0 : SECONDS } = {}) => {
    clearTimeout(timer);
    if (!text) return close();
    words.textContent = text;
    row.replaceChildren(...actions.map(button));
    row.hidden = !actions.length;
    box.hidden = false;
    open = !seconds;
    return seconds ? closeLater(seconds) : undefined;
  };

  player.querySelector("video").addEventListener("play", () => { if (open) close(); }); // that is an answer too
  player.addEventListener("player:say", ({ detail: { text, ...more } }) => say(text, more));
  return say;
}

export function clock(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}
