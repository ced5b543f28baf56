/* Feeds a <video> from a signed HLS address, asks for a new address when the old one has expired, and goes on by itself
   after a lost network or a damaged piece. hls.js where it works, the browser's own HLS elsewhere (Safari, WeChat on iOS).

   on(kind, detail): "lost", "refused", "broken", "replaced", and "well" when it goes on; "levels" when the choice of
   pictures is known; "skipped" {at} when a damaged piece was left out; "growing" {made} while the rest of the film is
   still being made, and "whole" when it is there; "renewed" with the new offer. Times in seconds. */
import Hls from "../../vendor/hls/hls.light.min.mjs";
import { Pieces } from "./pieces.js";

const TOKEN = /\/videos\/[^/]+\//;
const REFUSED = [403, 410];
const TRIES = 3; // new addresses in a row without a single piece of film
const PATIENCE = 5000; // milliseconds between two looks for the network
const SAME_FILM = 1; // second: a file of this length, more or less, is the same film exported again
/* Seconds of film loaded ahead: little until somebody presses play, and never so much that a phone pays for what is not watched. */
const AHEAD = {
  waiting: { maxBufferLength: 6, maxMaxBufferLength: 6 },
  playing: { maxBufferLength: 30, maxMaxBufferLength: 60 },
};
const HLS_TYPE = "application/vnd.apple.mpegurl";
export const [AUTO, SAVING, SOUND] = ["auto", "save", "sound"];

export class Source {
  growing = false;
  made = Infinity; // how far the film can be played, while it grows

  constructor(video, { src, audioSrc, run, position, duration, renewUrl, choice, on }) {
    Object.assign(this, { video, src, audioSrc, run, renewUrl, on, choice });
    this.position = position;
    this.known = duration; // as the library says; the stream itself may not have all of it yet
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

  get soundOnly() {
    return this.choice === SOUND && Boolean(this.audioSrc);
  }

  /* Where to load from. */
  get address() {
    return this.soundOnly ? this.fresh(this.audioSrc) : this.src;
  }

  openHls() {
    this.hls = new Hls({
      enableWorker: false,
      capLevelToPlayerSize: true,
      ...AHEAD.waiting,
      startPosition: this.position, // also 0: a film that still grows would begin at its end
      xhrSetup: async (xhr, url) => {
        this.pieces.refuse(url);
        if (this.stale) await this.renew();
        xhr.open("GET", this.fresh(url), true);
      },
    });
    this.pieces = new Pieces(this.hls, this.video, this.on);
    this.hls.on(Hls.Events.ERROR, (_, data) => this.hlsFailed(data));
    this.hls.on(Hls.Events.FRAG_LOADED, () => this.well());
    this.hls.on(Hls.Events.MANIFEST_PARSED, () => { this.level(); this.on("levels"); });
    this.hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => this.grow(details));
    this.video.addEventListener("play", () => Object.assign(this.hls.config, AHEAD.playing), { once: true });
    this.hls.loadSource(this.address);
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

  /* The pictures there are, smallest first: {height, bitrate}. None where the browser itself decides. */
  get levels() {
    return this.soundOnly ? [] : (this.hls?.levels ?? []).map(({ height, bitrate }) => ({ height, bitrate }));
  }

  /* The height that is playing now, 0 while nobody knows. */
  get height() {
    return this.soundOnly ? 0 : this.hls?.levels[this.hls.currentLevel]?.height ?? 0;
  }

  /* AUTO, SAVING, SOUND, or a height. */
  choose(choice) {
    const before = this.soundOnly;
    this.choice = choice;
    if (!this.hls) return;
    if (before === this.soundOnly) this.level();
    else this.reopen(this.address);
  }

  level() {
    const lowest = this.hls.levels.findLastIndex(({ height }) => height <= Number(this.choice));
    this.hls.nextLevel = this.soundOnly || this.choice === AUTO ? -1 : Math.max(0, this.choice === SAVING ? 0 : lowest);
  }

  /* As if the network carried the smallest picture only; what it really carries is measured from there. */
  beginLow() {
    if (this.levels.length) this.hls.bandwidthEstimate = this.levels[0].bitrate;
  }

  /* A film that is still being made: its playlist has no end yet. It is no broadcast: its length is known, and it begins
     at its beginning. */
  grow({ live, edge }) {
    if (live) {
      this.made = edge;
      if (!this.growing && this.known) Object.defineProperty(this.video, "duration", { configurable: true, get: () => this.known });
    } else if (this.growing) {
      this.made = Infinity;
      delete this.video.duration;
    }
    if (live || this.growing) {
      this.growing = live;
      this.video.dispatchEvent(new Event("durationchange"));
      this.on(live ? "growing" : "whole", { made: edge });
    }
  }

  well() {
    if (this.refused) return; // a piece that was on its way already
    this.tries = 0;
    clearTimeout(this.waiting);
    this.on("well");
  }

  hlsFailed(data) {
    const { NETWORK_ERROR, MEDIA_ERROR } = Hls.ErrorTypes;
    const code = data.response?.code;
    if (this.refused || this.pieces.failed(data, Hls)) return;
    if (REFUSED.includes(code)) {
      this.stale = true;
      if (data.fatal) this.again();
    } else if (data.type === NETWORK_ERROR && (data.fatal || !code)) this.wait(data.fatal);
    else if (data.fatal && data.type === MEDIA_ERROR && this.pieces.mend()) this.hls.recoverMediaError();
    else if (data.fatal) this.on("broken");
  }

  nativeFailed() {
    if (this.video.error?.code === MediaError.MEDIA_ERR_DECODE) this.on("broken");
    else if (navigator.onLine) this.stale = true, this.again();
    else this.wait();
  }

  /* hls.js itself goes on for a while; after that it is on us to ask. */
  wait(ask = true) {
    this.on("lost");
    if (!ask) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.again(), PATIENCE);
  }

  /* Somebody pressed the button. */
  retry() {
    this.tries = 0;
    this.refused = false;
    this.pieces?.forget();
    return this.again();
  }

  /* Somebody knows that the film is another one by now. */
  look() {
    this.stale = true;
    return this.retry();
  }

  /* Try to go on from where the film stands. */
  async again() {
    if (this.refused) return;
    if (this.stale && !(await this.renew().then(() => true, () => false))) return;
    if (!this.hls) this.begin(this.src, this.video.currentTime || this.position, !this.video.paused);
    else if (this.hls.levels.length) this.hls.startLoad(-1);
    else this.hls.loadSource(this.address);
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
    [this.src, this.audioSrc] = [offer.src, offer.audio_src];
    if (offer.run !== this.run) this.replace(offer);
    this.on("renewed", offer);
    return offer;
  }

  give(kind) {
    this.refused = true;
    this.hls?.stopLoad();
    this.on(kind);
    throw new Error(kind);
  }

  /* Another ladder has taken the place of this one: its pieces do not fit. A film of another length has other moments. */
  replace(offer) {
    const another = Math.abs(offer.duration - this.known) > SAME_FILM;
    [this.run, this.known] = [offer.run, offer.duration];
    this.on("replaced");
    if (another) this.video.currentTime = this.position = 0;
    this.pieces?.forget();
    if (this.hls) this.reopen(this.address);
  }

  /* Begin anew at the same moment. */
  reopen(address) {
    const playing = !this.video.paused;
    this.hls.config.startPosition = this.video.currentTime;
    this.hls.loadSource(address);
    if (playing) this.hls.once(Hls.Events.MANIFEST_PARSED, () => this.video.play().catch(() => {}));
  }
}
