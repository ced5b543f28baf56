/* Feeds a <video> from a signed HLS address, asks for a new address when the old one has expired, and goes on by itself
   after a lost network. hls.js where it works, the browser's own HLS elsewhere (Safari, WeChat on iOS). */
import Hls from "../../vendor/hls/hls.light.min.mjs";

const TOKEN = /\/videos\/[^/]+\//;
const REFUSED = [403, 410];
const TRIES = 3; // new addresses in a row without a single piece of film
const PATIENCE = 5000; // milliseconds between two looks for the network
/* Seconds of film loaded ahead: little until somebody presses play, and never so much that a phone pays for what is not watched. */
const AHEAD = {
  waiting: { maxBufferLength: 6, maxMaxBufferLength: 6 },
  playing: { maxBufferLength: 30, maxMaxBufferLength: 60 },
};
const HLS_TYPE = "application/vnd.apple.mpegurl";

export class Source {
  /* on(kind): "lost", "refused", "broken", "replaced", and "well" when it goes on */
  constructor(video, { src, run, position, renewUrl, on }) {
    Object.assign(this, { video, src, run, renewUrl, on });
    this.position = position;
    this.stale = this.refused = false;
    this.tries = 0;
    addEventListener("online", () => this.again());
    if (Hls.isSupported()) this.openHls();
    else if (video.canPlayType(HLS_TYPE)) this.openNative();
    else on("broken");
  }

  /* The same piece of film under the newest address. */
  fresh(url) {
    return url.replace(TOKEN, this.src.match(TOKEN)[0]);
  }

  openHls() {
    this.hls = new Hls({
      enableWorker: false,
      capLevelToPlayerSize: true,
      ...AHEAD.waiting,
      startPosition: this.position || -1,
      xhrSetup: async (xhr, url) => {
        if (this.stale) await this.renew();
        xhr.open("GET", this.fresh(url), true);
      },
    });
    this.hls.on(Hls.Events.ERROR, (_, data) => this.hlsFailed(data));
    this.hls.on(Hls.Events.FRAG_LOADED, () => this.well());
    this.video.addEventListener("play", () => Object.assign(this.hls.config, AHEAD.playing), { once: true });
    this.hls.loadSource(this.src);
    this.hls.attachMedia(this.video);
  }

  openNative() {
    this.video.addEventListener("error", () => this.nativeFailed());
    this.video.addEventListener("timeupdate", () => this.well());
    this.begin(this.src, this.position, false);
  }

  begin(src, position, playing) {
    this.video.src = src;
    this.video.addEventListener("loadedmetadata", () => {
      if (position) this.video.currentTime = position;
      if (playing) this.video.play().catch(() => {}); // the browser wants a click first: the button is there
    }, { once: true });
  }

  well() {
    this.tries = 0;
    this.mended = 0;
    clearTimeout(this.waiting);
    this.on("well");
  }

  hlsFailed(data) {
    if (this.refused) return;
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR && !data.response?.code) this.on("lost");
    if (REFUSED.includes(data.response?.code)) {
      this.stale = true;
      if (data.fatal) this.again();
    } else if (data.fatal && data.type === Hls.ErrorTypes.NETWORK_ERROR) this.wait();
    else if (data.fatal && data.type === Hls.ErrorTypes.MEDIA_ERROR && (this.mended = (this.mended ?? 0) + 1) < 3) this.hls.recoverMediaError();
    else if (data.fatal) this.on("broken");
  }

  nativeFailed() {
    if (this.video.error?.code === MediaError.MEDIA_ERR_DECODE) this.on("broken");
    else if (navigator.onLine) this.stale = true, this.again();
    else this.wait();
  }

  wait() {
    this.on("lost");
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.again(), PATIENCE);
  }

  /* Somebody pressed the button. */
  retry() {
    this.tries = 0;
    this.refused = false;
    return this.again();
  }

  /* Try to go on from where the film stands. */
  async again() {
    if (this.refused) return;
    if (this.stale && !(await this.renew().then(() => true, () => false))) return;
    if (!this.hls) this.begin(this.src, this.video.currentTime || this.position, !this.video.paused);
    else if (this.hls.levels.length) this.hls.startLoad(-1);
    else this.hls.loadSource(this.src);
  }

  /* One request at a time, however many pieces wait for it. */
  renew() {
    this.renewing ??= this.ask().finally(() => { this.renewing = null; });
    return this.renewing;
  }

  async ask() {
    if (this.refused || !this.renewUrl || ++this.tries > TRIES) return this.give("refused");
    let response;
    try {
      response = await fetch(this.renewUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    } catch {
      this.wait();
      throw new Error("lost");
    }
    if (!response.ok || response.redirected) return this.give("refused");
    const offer = await response.json();
    this.stale = false;
    this.src = offer.src;
    if (offer.run !== this.run) this.replace(offer);
    return offer;
  }

  give(kind) {
    this.refused = true;
    this.hls?.stopLoad();
    this.on(kind);
    throw new Error(kind);
  }

  /* Another ladder has taken the place of this one: its pieces do not fit, so it starts anew at the same moment. */
  replace(offer) {
    this.run = offer.run;
    this.on("replaced");
    if (!this.hls) return;
    const playing = !this.video.paused;
    this.hls.config.startPosition = this.video.currentTime;
    this.hls.loadSource(this.src);
    if (playing) this.hls.once(Hls.Events.MANIFEST_PARSED, () => this.video.play().catch(() => {}));
  }
}
