/* How a player stays near the edge. `lowLatencyMode` asks for no shorter pieces where the playlist has none, but without
   it hls.js never plays faster. A stall costs it half a second of delay for good, not a whole one. */
export const EDGE = {
  enableWorker: false, lowLatencyMode: true, liveSyncDuration: 3.25, liveSyncOnStallIncrease: 0.5, liveMaxLatencyDuration: 12,
  maxLiveSyncPlaybackRate: 1.1, backBufferLength: 60, manifestLoadingMaxRetry: 4, levelLoadingMaxRetry: 6, fragLoadingMaxRetry: 6,
};
const LEAST = 1; // seconds that are kept in hand
const WORTH = 0.3; // seconds that a leap must gain

/* hls.js begins two pieces behind the edge, and by the time the picture is there it is further away. In its first moments
   it leaps to where it is meant to be; later it only plays a little faster. */
export function near(hls, video) {
  const stop = () => video.removeEventListener("timeupdate", leap);
  function leap() {
    if (hls.media !== video) return stop(); // another player has taken its place
    const list = hls.latestLevelDetails;
    if (!list || video.paused || !video.buffered.length) return undefined;
    const wanted = list.edge + list.age - hls.targetLatency;
    const last = video.buffered.end(video.buffered.length - 1) - LEAST;
    if (last < Math.min(wanted, list.edge - LEAST - WORTH)) return undefined; // its pieces are still on their way
    const at = Math.min(wanted, last);
    if (at > video.currentTime + WORTH) video.currentTime = at;
    return stop();
  }
  video.addEventListener("timeupdate", leap);
}
