/* Pieces of film that cannot be had or read. Each is asked for again; one that fails every time is left out when the film
   comes to it, so that a damaged minute does not cost the hour behind it. */
const TRIES = 2;
const MENDS = 2; // errors of the decoder in a row that no piece is to blame for
const MOST = 8; // pieces left out: beyond that the film itself is broken
const PAUSE = 1500;
const CLOSE = 0.5; // seconds before the hole at which playing stops
const REFUSED = [403, 410]; // the first time that may be an old address

export class Pieces {
  #hls;
  #video;
  #on;
  #tries = new Map();
  #refusals = new Map();
  #damaged = new Set();
  #left = 0;
  #mends = 0;
  #watching = new AbortController();

  constructor(hls, video, on) {
    [this.#hls, this.#video, this.#on] = [hls, video, on];
    hls.on("hlsFragBuffered", () => { this.#mends = 0; });
  }

  forget() {
    this.#tries.clear();
    this.#refusals.clear();
    this.#damaged.clear();
    this.#left = this.#mends = 0;
  }

  mend() {
    this.#mends += 1;
    return this.#mends <= MENDS;
  }

  /* Bytes that broke the decoder do not come near it again. */
  refuse(url) {
    if (this.#damaged.has(this.#name(url))) throw new Error("damaged piece");
  }

  #name(url) {
    return url.split("/").slice(-2).join("/");
  }

  /* Whether this error was about one piece and is being dealt with here. */
  failed(data, Hls) {
    const { frag, fatal } = data;
    if (!frag?.url || frag.sn === "initSegment") return false;
    const name = this.#name(frag.url);
    if (this.#damaged.has(name)) {
      if (fatal) this.#leaveOut(frag);
      return true;
    }
    const unreadable = data.type === Hls.ErrorTypes.MEDIA_ERROR && data.details !== Hls.ErrorDetails.BUFFER_STALLED_ERROR;
    const missing = data.details === Hls.ErrorDetails.FRAG_LOAD_ERROR && this.#missing(name, data.response?.code);
    if (!fatal || !(unreadable || missing)) return false;
    this.#again(frag, name, unreadable);
    return true;
  }

  /* The server answered, but not with the piece. */
  #missing(name, code) {
    if (!REFUSED.includes(code)) return code >= 400;
    this.#refusals.set(name, (this.#refusals.get(name) ?? 0) + 1);
    return this.#refusals.get(name) >= TRIES;
  }

  #again(frag, name, unreadable) {
    const tries = (this.#tries.get(name) ?? this.#refusals.get(name) ?? 0) + 1;
    this.#tries.set(name, tries);
    if (tries >= TRIES) this.#damaged.add(name);
    if (unreadable) this.#hls.recoverMediaError();
    else if (tries < TRIES) setTimeout(() => this.#hls.startLoad(-1), PAUSE);
    else this.#leaveOut(frag);
  }

  /* Play up to the hole, jump over it, go on. */
  #leaveOut({ start, duration }) {
    const { signal } = this.#begin();
    const end = start + duration;
    if (this.#left > MOST) return this.#on("broken");
    const step = () => {
      const now = this.#video.currentTime;
      if (now >= end) return this.#goOn();
      return now >= start - CLOSE ? this.#jump(start, end) : undefined;
    };
    for (const kind of ["timeupdate", "waiting", "seeked"]) this.#video.addEventListener(kind, step, { signal });
    this.#video.addEventListener("seeking", () => this.#hls.startLoad(-1), { signal });
    return step();
  }

  #begin() {
    this.#watching.abort();
    this.#watching = new AbortController();
    return this.#watching;
  }

  #jump(start, end) {
    this.#watching.abort();
    this.#left += 1;
    this.#on("skipped", { at: start });
    if (end >= this.#video.duration - CLOSE) return this.#video.pause(); // it was the last one
    this.#video.currentTime = end + 0.05;
    return this.#goOn();
  }

  #goOn() {
    this.#watching.abort();
    this.#hls.startLoad(-1);
  }
}
