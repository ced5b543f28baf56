/* Pieces of film that cannot be had or read. Each is asked for again; one that fails every time is left out when the film
   comes to it, so that a damaged minute does not cost the hour behind it. */
const TRIES = 3; // answers without the piece, in whatever size; the first may be for an old address
const MENDS = 2; // errors of the decoder in a row that no piece is to blame for
const MOST = 8; // pieces left out: beyond that the film itself is broken
const PAUSE = 1500;
const CLOSE = 0.5; // seconds before the hole at which playing stops
const HOLE = 1; // seconds of film that are worth a word

export class Pieces {
  #hls;
  #video;
  #on;
  #tries = new Map();
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
    const { frag, fatal, details } = data;
    const { FRAG_LOAD_ERROR, BUFFER_STALLED_ERROR, BUFFER_SEEK_OVER_HOLE } = Hls.ErrorDetails;
    if (details === BUFFER_SEEK_OVER_HOLE && frag?.duration > HOLE) return this.#told(frag.start + frag.duration); // it ends where the hole begins
    if (!frag?.url || frag.sn === "initSegment") return false;
    if (details === FRAG_LOAD_ERROR && data.response?.code >= 400) return this.#missing(frag, fatal);
    if (this.#damaged.has(this.#name(frag.url))) return this.#leaveOut(frag);
    if (!fatal || data.type !== Hls.ErrorTypes.MEDIA_ERROR || details === BUFFER_STALLED_ERROR) return false;
    if (this.#count(this.#name(frag.url)) >= TRIES - 1) this.#damaged.add(this.#name(frag.url));
    this.#hls.recoverMediaError();
    return true;
  }

  #count(name) {
    this.#tries.set(name, (this.#tries.get(name) ?? 0) + 1);
    return this.#tries.get(name);
  }

  /* The server answered, but not with the piece. The library tries other sizes by itself. */
  #missing(frag, fatal) {
    if (this.#count(frag.sn) >= TRIES) return this.#leaveOut(frag);
    if (fatal) setTimeout(() => this.#hls.startLoad(-1), PAUSE);
    return false;
  }

  /* Play up to the hole, jump over it, go on. True as long as that may help. */
  #leaveOut({ start, duration }) {
    this.#watching.abort();
    if (this.#left >= MOST) return false;
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const step = () => this.#step(start, start + duration);
    for (const kind of ["timeupdate", "waiting", "seeked"]) this.#video.addEventListener(kind, step, { signal });
    this.#video.addEventListener("seeking", () => this.#hls.startLoad(-1), { signal });
    step();
    return true;
  }

  #step(start, end) {
    const now = this.#video.currentTime;
    if (now >= end || this.#has(start + CLOSE)) return this.#goOn();
    if (now < start - CLOSE) return undefined;
    this.#left += 1;
    this.#told(start);
    if (end >= this.#video.duration - CLOSE) { // it was the last one
      this.#watching.abort();
      return this.#video.pause();
    }
    this.#video.currentTime = end + 0.05;
    return this.#goOn();
  }

  /* It has come after all. */
  #has(moment) {
    const { buffered } = this.#video;
    return Array.from(buffered, (_, at) => at).some((at) => buffered.start(at) <= moment && buffered.end(at) > moment);
  }

  #told(at) {
    this.#on("skipped", { at });
    return true;
  }

  #goOn() {
    this.#watching.abort();
    this.#hls.startLoad(-1);
  }
}
