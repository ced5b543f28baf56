/* Says to the school that this page shows the picture: every half minute, and at each change. The school counts. A picture
   that does not move is not shown, whatever its player believes, and who watches is told so.
   Where the socket does not get through it is posted. */
import { csrfToken } from "../../../js/csrf.js";
import { motion } from "./motion.js";

const EVERY = 30000; // milliseconds
const LOOK = 2000;
const BELIEVED = 75000; // as far back as the school takes a page at its word
const STRETCHES = 8;

export function beats(line, video, { url, isCounting, isExcused, onStill }) {
  const key = crypto.randomUUID(); // of this page
  const picture = motion(video, isExcused);
  let stretches = []; // [from, to] in which it played of late, on this page's clock
  let said = false;
  let still = false; // stays so while the player is opened anew
  const playing = () => isCounting() && !video.paused && picture.isThere();

  function tell(told) {
    if (line.tell(told) || !line.away || !csrfToken()) return;
    const headers = { "X-CSRFToken": csrfToken(), "Content-Type": "application/json", Accept: "application/json" };
    fetch(url, { method: "POST", keepalive: true, headers, body: JSON.stringify(told) }).catch(() => {}); // the next beat says when it has played
  }

  function beat() {
    const is = playing();
    tell({ do: "beat", key, playing: is, hidden: document.hidden, muted: video.muted, played: remember(is) });
    mark(is);
  }

  /* A process that ended before it wrote them down does not know them, and the next one may ask. Told as ages, since the
     clocks differ. */
  function remember(is) {
    const at = performance.now();
    const last = stretches.at(-1);
    if (said && at - last[1] <= BELIEVED) last[1] = at;
    else if (is) stretches.push([at, at]);
    said = is;
    stretches = stretches.filter(([, to]) => at - to < BELIEVED).slice(-STRETCHES);
    return stretches.map(([from, to]) => [Math.min(Math.round(at - from), BELIEVED), Math.round(at - to)]);
  }

  function mark(is) {
    if (is || !isCounting() || isExcused()) still = false;
    else if (!video.paused && picture.isMissed()) still = true;
    onStill(still);
  }

  function look() {
    const is = playing();
    if (is === said) mark(is);
    else beat();
  }

  video.addEventListener("pause", () => { still = false; });
  for (const kind of ["playing", "pause", "waiting", "ended", "emptied"]) video.addEventListener(kind, beat);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => tell({ do: "leave", key }));
  setInterval(beat, EVERY);
  setInterval(look, LOOK);
  return { beat, key, hear: (kind) => { if (kind === "ready") beat(); } };
}
