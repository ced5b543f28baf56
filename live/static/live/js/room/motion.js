/* Whether the picture moves. One that stands for less than STILL has not stopped: a slow line costs nothing. A leap is no
   movement, since players leap to the edge though nothing has come. While the broadcast is interrupted no picture can
   move, and when it is back each has STILL to follow. Sound alone moves as well. */
const STILL = 10000; // milliseconds

export function motion(video, isExcused) {
  let place = video.currentTime;
  let moved = -Infinity; // when it last did, on this page's clock
  let asked = -Infinity; // when it was last told to play
  let excused = false;

  function look() {
    const at = performance.now();
    const is = isExcused();
    if ((!video.seeking && video.currentTime > place) || ((is || excused) && moved > -Infinity)) moved = at;
    place = video.currentTime;
    excused = is;
    return at;
  }

  for (const kind of ["seeking", "seeked", "emptied"]) video.addEventListener(kind, () => { place = video.currentTime; });
  video.addEventListener("timeupdate", look); // timers are slow in a hidden page, and this is not
  video.addEventListener("playing", () => { moved = performance.now(); });
  video.addEventListener("play", () => { asked = performance.now(); });
  return {
    isThere: () => look() - moved < STILL,
    isMissed: () => look() - Math.max(moved, asked) >= STILL,
  };
}
