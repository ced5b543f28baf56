/* My minutes in this broadcast, as the school counts them. Nothing is guessed in between. */
import { fill, jitter } from "../clock.js";

const EVERY = 60000; // milliseconds between two looks
const SPREAD = 10000; // within which all pages look first

export function minutes(room, stateUrl) {
  const box = room.querySelector("[data-minutes]");
  if (!box) return;
  const say = box.querySelector("[data-minutes-say]");
  const { threshold } = box.dataset;

  function draw({ present_ms: present, missing_ms: missing }) {
    const needed = present + missing;
    box.querySelector("[data-minutes-here]").textContent = Math.floor(present / 60000);
    box.querySelector("[data-minutes-bar]").value = missing ? Math.floor((present / needed) * 100) : 100;
    if (present < 60000 && missing) say.textContent = say.dataset.textWait; // what was written a moment ago
    else say.textContent = missing
      ? fill(say.dataset.textMissing, { n: Math.ceil(missing / 60000), p: threshold })
      : fill(say.dataset.textReached, { p: threshold });
  }

  async function look() {
    try {
      const answer = await fetch(`${stateUrl}?mine=1`, { headers: { Accept: "application/json" } });
      if (answer.ok) draw((await answer.json()).minutes);
    } catch {
      return; // the next look finds out
    } finally {
      setTimeout(look, EVERY + jitter(EVERY / 4));
    }
  }

  setTimeout(look, jitter(SPREAD));
}
