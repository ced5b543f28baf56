/* How a player stays near the edge. `lowLatencyMode` asks for no shorter pieces where the playlist has none, but without
   it hls.js never plays faster: it begins two pieces behind the edge and would stay there. A stall costs it half a second
   of delay for good, not a whole one. */
export const EDGE = {
  enableWorker: false, lowLatencyMode: true, liveSyncDuration: 3.25, liveSyncOnStallIncrease: 0.5, liveMaxLatencyDuration: 12,
  maxLiveSyncPlaybackRate: 1.1, backBufferLength: 60, manifestLoadingMaxRetry: 4, levelLoadingMaxRetry: 6, fragLoadingMaxRetry: 6,
};
