/* The level of the microphone, as bars for the eye and as words for everybody. */
const BARS = 24;
const [WARM, HOT] = [17, 21]; // from this bar on
const FLOOR = -60; // decibels
const SVG = "http://www.w3.org/2000/svg";
const CALM = 700; // milliseconds between two changes of the words

export class Meter {
  level = FLOOR;
  heard = false;

  constructor(picture, words, texts) {
    Object.assign(this, { words, texts });
    this.bars = Array.from({ length: BARS }, (_, i) => {
      const bar = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ x: i * 10, y: 0, width: 8, height: 12 })) bar.setAttribute(name, value);
      bar.classList.add("level-meter__bar", `level-meter__bar--${i >= HOT ? "hot" : i >= WARM ? "warm" : "fine"}`, "level-meter__bar--off");
      picture.append(bar);
      return bar;
    });
  }

  listen(stream) {
    this.context?.close();
    this.context = new AudioContext();
    this.context.resume().catch(() => {});
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      this.show(power ? Math.max(FLOOR, 10 * Math.log10(power)) : FLOOR);
    }, 80);
  }

  show(level) {
    this.level = Math.max(level, this.level - 2); // falls slowly, so that the eye can follow
    if (level > -45) this.heard = true;
    const lit = Math.round(((this.level - FLOOR) / -FLOOR) * BARS);
    this.bars.forEach((bar, i) => bar.classList.toggle("level-meter__bar--off", i >= lit));
    if (performance.now() - (this.said ?? 0) < CALM) return;
    this.said = performance.now();
    const text = this.level > -6 ? "textLoud" : this.level > -40 ? "textFine" : this.level > -55 ? "textLow" : "textQuiet";
    if (this.words.textContent !== this.texts[text]) this.words.textContent = this.texts[text];
  }
}
