/* The picture: hls.js where it works, the browser's own HLS elsewhere. Shows what stands in its place while there is none.
   The short playlist at the edge, the long one only for who goes back: it grows with the lecture. */
import "../../../media/js/language.js";
import "../../../js/player-elements.js";
import { jitter } from "../clock.js";
import Hls from "../../../vendor/hls/hls.light.min.mjs";
import { EDGE, near } from "./edge.js";

const HLS_TYPE = "application/vnd.apple.mpegurl";
const AGAIN = 3000; // milliseconds to the next try after trouble, and as many again by chance: thousands try
const FROZEN = 15000; // milliseconds without a movement after which a picture that should move is opened anew
const BEHIND = 12; // seconds behind the edge from which the way back to it is offered

export class Stage {
  constructor(room, { askAddress }) {
    this.box = room.querySelector("[data-stage]");
    this.player = this.box.querySelector("[data-player-box]");
    this.video = this.box.querySelector("[data-video]");
    this.edge = this.box.querySelector("[data-edge]");
    this.askAddress = askAddress;
    this.box.querySelector("[data-retry]").addEventListener("click", () => this.reload());
    this.edge.addEventListener("click", () => this.toEdge());
    this.back = this.box.querySelector("[data-rewind]");
    this.back.addEventListener("click", () => this.rewind());
    this.video.addEventListener("timeupdate", () => this.look());
    this.video.addEventListener("playing", () => this.trouble(false));
    setInterval(() => this.watch(), FROZEN);
  }

  /* The state of the broadcast, and where its picture is. */
  show(state, stream) {
    this.state = state;
    const onAir = ["live", "interrupted"].includes(state);
    for (const card of this.box.querySelectorAll("[data-when]")) {
      if (card.dataset.when !== "trouble") card.hidden = !card.dataset.when.split(" ").includes(state) || (state === "live" && this.playing);
    }
    if (onAir && stream && (!this.src || this.broken)) this.open(stream);
    if (!onAir && this.src && !this.isReplay) this.close();
  }

  get playing() {
    return Boolean(this.src) && this.video.readyState >= 2;
  }

  open(src, { replay = false } = {}) {
    Object.assign(this, { src, isReplay: replay, broken: false, rewound: false });
    this.player.hidden = false;
    this.back.hidden = replay;
    if (Hls.isSupported()) this.openHls(src, replay);
    else if (this.video.canPlayType(HLS_TYPE)) this.video.src = src;
    else this.trouble(true);
    this.video.addEventListener("loadeddata", () => this.show(this.state), { once: true });
    if (!replay) this.play();
  }

  openHls(src, replay) {
    this.hls?.destroy();
    this.hls = new Hls(replay ? { enableWorker: false } : EDGE);
    this.hls.on(Hls.Events.ERROR, (_, data) => this.failed(data));
    this.hls.loadSource(src);
    this.hls.attachMedia(this.video);
    if (!replay) near(this.hls, this.video);
  }

  /* With sound where the browser allows it, else without, and the button to turn it on is there. */
  async play() {
    try {
      await this.video.play();
    } catch {
      this.video.muted = true;
      this.video.play().catch(() => {}); // then the big button waits for a click
    }
  }

  failed({ fatal, type }) {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !this.recovered) {
      this.recovered = true;
      this.hls.recoverMediaError();
      return;
    }
    this.broken = true;
    this.later();
  }

  later() {
    this.trouble(true);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.reload(), AGAIN + jitter(AGAIN));
  }

  /* Where the picture is now; asked until somebody answers, since the school itself may be away. */
  async reload() {
    clearTimeout(this.again);
    try {
      const { state, stream } = await this.askAddress();
      this.close();
      this.show(state, stream);
      if (["live", "interrupted"].includes(state) && !stream) this.later();
    } catch {
      this.later();
    }
  }

  /* A picture that stands still though nobody stopped it; hls.js does not always call that an error. */
  watch() {
    const { currentTime, paused } = this.video;
    const stands = currentTime === this.seen && !paused && !this.isReplay && this.state === "live";
    if (stands && this.src && !document.hidden) this.reload();
    this.seen = currentTime;
  }

  close() {
    clearTimeout(this.again);
    this.hls?.destroy();
    this.hls = null;
    if (!Hls.isSupported()) this.video.removeAttribute("src");
    Object.assign(this, { src: "", recovered: false, isReplay: false, broken: false, rewound: false });
    this.player.hidden = true;
    this.trouble(false);
  }

  trouble(is) {
    this.box.querySelector('[data-when="trouble"]').hidden = !is || this.state === "interrupted";
    if (!is) this.recovered = false;
  }

  look() {
    const behind = this.hls ? this.hls.latency : 0;
    this.edge.hidden = this.isReplay || !(behind > BEHIND || this.rewound);
    if (this.state === "live" && this.playing) this.box.querySelector('[data-when="live"]').hidden = true;
  }

  toEdge() {
    if (this.rewound) {
      this.rewound = false;
      this.openHls(this.src);
    } else if (this.hls?.liveSyncPosition) this.video.currentTime = this.hls.liveSyncPosition;
    this.play();
  }

  /* From the beginning of the broadcast: the long playlist, which nobody loads who did not ask for it. */
  rewind() {
    if (!this.hls || this.rewound) return;
    this.rewound = true;
    this.hls.destroy();
    this.hls = new Hls({ ...EDGE, liveMaxLatencyDuration: Infinity, liveSyncDuration: 4, maxLiveSyncPlaybackRate: 1 });
    this.hls.on(Hls.Events.ERROR, (_, data) => this.failed(data));
    this.hls.loadSource(this.src.replace("live.m3u8", "rewind.m3u8"));
    this.hls.attachMedia(this.video);
    this.play();
  }
}
