/* Says to the school that this page shows the picture: every half minute, and at each change. The school counts.
   Where the socket does not get through it is posted. */
import { csrfToken } from "../../../js/csrf.js";

const EVERY = 30000; // milliseconds

export function beats(line, video, { url, isCounting }) {
  const key = crypto.randomUUID(); // of this page
  let since = null; // since when it plays without a break, on this page's clock
  const playing = () => isCounting() && !video.paused && video.readyState >= 2;

  function tell(told) {
    if (line.tell(told) || !line.away || !csrfToken()) return;
    const headers = { "X-CSRFToken": csrfToken(), "Content-Type": "application/json", Accept: "application/json" };
    fetch(url, { method: "POST", keepalive: true, headers, body: JSON.stringify(told) }).catch(() => {}); // the next beat says how long it has played
  }

  function beat() {
    const is = playing();
    if (is) since ??= performance.now();
    else since = null;
    tell({ do: "beat", key, playing: is, hidden: document.hidden, muted: video.muted, played_ms: since === null ? 0 : Math.round(performance.now() - since) });
  }

  for (const kind of ["playing", "pause", "waiting", "ended", "emptied"]) video.addEventListener(kind, beat);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => tell({ do: "leave", key }));
  setInterval(beat, EVERY);
  return { beat, key, hear: (kind) => { if (kind === "ready") beat(); } };
}
