/* My minutes in this broadcast, as the school counts them. Nothing is guessed in between. */
import { fill, jitter } from "../clock.js";

const EVERY = 60000; // milliseconds between two looks
const SPREAD = 10000; // within which all pages look first

export function minutes(room, stateUrl) {
  const box = room.querySelector("[data-minutes]");
  if (!box) return;
  const say = box.querySelector("[data-minutes-say]");
  const { planned, threshold } = box.dataset;

  function draw({ present_ms: present, on_air_ms: onAir }) {
    const whole = Math.floor(present / 60000);
    const need = Math.ceil((Math.max(Number(planned) * 60000, onAir ?? 0) * Number(threshold)) / 100 / 60000);
    box.querySelector("[data-minutes-here]").textContent = whole;
    box.querySelector("[data-minutes-bar]").value = Math.min(100, (whole / Math.max(1, need)) * 100);
    say.textContent = whole >= need ? fill(say.dataset.textReached, { p: threshold }) : fill(say.dataset.textMissing, { n: need - whole, p: threshold });
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
