/* The lobby and the plan of a broadcast: copy buttons, the try of the sound, and going into the room when it begins. */
import "../../js/copy.js";
import { testSound } from "./sound.js";
import { jitter } from "./clock.js";

const LOOK = 15000; // milliseconds between two looks, plus a random part: many wait here

document.querySelectorAll("[data-test-sound]").forEach((button) => button.addEventListener("click", testSound));

const picture = document.querySelector("[data-picture]");
if (picture) {
  const plays = Boolean(document.createElement("video").canPlayType('video/mp4; codecs="avc1.64001f, mp4a.40.2"'));
  picture.textContent = plays ? picture.dataset.ok : picture.dataset.no;
  document.querySelector("[data-picture-ok]").hidden = !plays;
}

const plan = document.querySelector("[data-plan]");
const ENTER = ["ready", "live", "interrupted"];

async function look() {
  try {
    const answer = await fetch(plan.dataset.stateUrl, { headers: { Accept: "application/json" } });
    if (answer.ok) changed(await answer.json());
  } catch {
    return; // without a network the next look finds out
  } finally {
    setTimeout(look, LOOK + jitter(5000));
  }
}

function changed({ state, shut }) {
  if (state === plan.dataset.state && shut === plan.dataset.shut) return;
  const enter = document.querySelector("[data-enter]");
  if (enter && ENTER.includes(state)) enter.hidden = false;
  Object.assign(plan.dataset, { state, shut });
  // The page of the room is another one: everybody goes there within five seconds, not all at once.
  setTimeout(() => location.reload(), jitter(5000));
}

if (plan && (plan.dataset.state === "scheduled" || plan.dataset.shut)) setTimeout(look, jitter(LOOK));
