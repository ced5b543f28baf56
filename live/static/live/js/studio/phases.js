/* Where the trainer stands, as one word: everything that the studio shows follows from it.

   off          nothing is open yet                     broken       on air, and nobody sends: go on from here
   encoder      an encoder or another page rehearses    resume       the same, with the camera open
   ready        the camera is open                      elsewhere    on air, and another device sends
   rehearsing   hosts see the picture                   takeover     the same, with the camera open
   starting     the first piece is on its way           live, reconnecting   on air from this page
   ended */
const OVER = ["ended", "processing", "replay", "replay_failed", "cancelled", "blocked"];
const QUIET = 5; // seconds of silence after which a publisher makes room for another one

/* Whether something arrives at the school now. */
export const sends = (line) => Boolean(line?.open && (line.seconds_since_heard ?? 0) <= QUIET);

export function phase({ state, line, down, starting }, { wanted, rehearsal, open }, hasStream) {
  if (OVER.includes(state)) return "ended";
  if (wanted && !rehearsal) return down ? "reconnecting" : state === "live" && open ? "live" : "starting";
  if (["live", "interrupted"].includes(state)) {
    if (sends(line)) return hasStream ? "takeover" : "elsewhere";
    return hasStream ? "resume" : "broken";
  }
  if (starting) return "starting";
  if (wanted) return "rehearsing";
  if (hasStream) return "ready";
  return line?.open ? "encoder" : "off";
}
