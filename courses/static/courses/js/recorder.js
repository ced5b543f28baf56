/* What a <video> really played. It listens to the element and knows nothing of the network. */
import { union } from "./spans.js";

const SLACK = 1.5; // seconds that a step of the film may be ahead of the clock before it is taken for a jump

export class Recorder {
  #video;
  #played = [];
  #from = null; // where the present stretch began, in seconds; null while nothing plays
  #to = 0;
  #at = 0; // the page's own clock at #to; it judges jumps here and is never sent

  constructor(video) {
    this.#video = video;
    if (!video.paused) this.#begin();
    video.addEventListener("playing", () => this.#begin());
    video.addEventListener("timeupdate", () => this.#step());
    video.addEventListener("ratechange", () => this.#step());
    video.addEventListener("seeking", () => this.#close()); // currentTime is already the place where it goes
    video.addEventListener("seeked", () => { if (!video.paused) this.#begin(); });
    for (const kind of ["pause", "ended"]) video.addEventListener(kind, () => { this.#step(); this.#close(); });
    video.addEventListener("emptied", () => this.#close());
  }

  get playing() {
    return this.#from !== null;
  }

  /* Everything played since the last call, in milliseconds. What plays now goes on without a hole. */
  take() {
    this.#step();
    if (this.playing) {
      this.#note();
      this.#from = this.#to;
    }
    const taken = this.#played;
    this.#played = [];
    return taken;
  }

  #begin() {
    if (this.playing) return;
    this.#from = this.#to = this.#video.currentTime;
    this.#at = performance.now();
  }

  #step() {
    if (!this.playing || this.#video.seeking) return;
    const here = this.#video.currentTime;
    const could = ((performance.now() - this.#at) / 1000) * Math.max(1, this.#video.playbackRate) + SLACK;
    if (here < this.#to || here - this.#to > could) {
      this.#close();
      this.#begin();
      return;
    }
    this.#to = here;
    this.#at = performance.now();
  }

  #close() {
    if (!this.playing) return;
    this.#note();
    this.#from = null;
  }

  #note() {
    this.#played = union(this.#played, [[Math.round(this.#from * 1000), Math.round(this.#to * 1000)]]);
  }
}
