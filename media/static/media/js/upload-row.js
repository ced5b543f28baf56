/* One file in the list of uploads: its bar, its words, its buttons. */
const WINDOW = 5000; // milliseconds over which the speed is taken
const TELL = 500; // milliseconds between two changes of the words

export class Row {
  state = "unfinished";
  tries = 0;
  marks = [];
  told = 0;

  constructor(uploader, element) {
    this.uploader = uploader;
    this.words = uploader.words;
    this.element = element ?? this.make();
    this.find = (name) => this.element.querySelector(`[data-${name}]`);
    const { url, name, length, offset, stamp, target } = this.element.dataset;
    if (url) Object.assign(this, { url, name, length: Number(length), offset: Number(offset), stamp, target });
    this.press("pause", () => uploader.pause(this));
    this.press("resume", () => (this.file ? uploader.start(this) : uploader.input.click()));
    this.press("cancel", () => uploader.cancel(this));
    const decided = this.element.dataset.state === "duplicate";
    if (url && !decided) this.show("unfinished");
    if (decided) for (const form of this.element.querySelectorAll("[data-decide] form")) this.decideHere(form);
    if (decided) return; // its forms do all that is left to do, taking it back among them
    this.element.querySelectorAll("[data-plain]").forEach((plain) => { plain.hidden = true; });
  }

  make() {
    const copy = this.uploader.root.querySelector("template").content.cloneNode(true).firstElementChild;
    this.uploader.list.append(copy);
    return copy;
  }

  /* A question left from an earlier visit is answered by its own form. */
  decideHere(form) {
    form.hidden = false;
    form.closest("[data-decide]").hidden = false;
    this.state = "asked";
  }

  press(name, action) {
    this.find(name).addEventListener("click", action);
  }

  get isBusy() {
    return ["sending", "lost", "checking"].includes(this.state);
  }

  /* Whether no byte has gone out for so long; at the end the server is at work, and silence means nothing. */
  isStill(milliseconds) {
    return this.state === "sending" && this.offset < this.length && performance.now() - this.moved > milliseconds;
  }

  isOf(file) {
    if (this.file) return this.file.name === file.name && this.file.size === file.size && this.isOpen;
    return this.url && this.state === "unfinished" && this.name === file.name && this.length === file.size && (!this.stamp || this.stamp === String(file.lastModified));
  }

  get isOpen() {
    return !["refused", "done"].includes(this.state);
  }

  take(file) {
    Object.assign(this, { file, name: file.name, length: file.size });
    this.find("name").textContent = file.name;
    this.show("waiting");
  }

  show(state) {
    this.state = state;
    this.moved = performance.now();
    this.element.dataset.state = state;
    if (state !== "sending") this.marks = [];
    this.find("pause").hidden = !["sending", "lost", "waiting"].includes(state);
    this.find("resume").hidden = !["paused", "unfinished", "stopped"].includes(state);
    this.find("cancel").hidden = ["done", "refused", "cancelling", "checking"].includes(state);
    this.find("bar").hidden = ["done", "refused"].includes(state);
    if (this.words[state]) this.say(this.words[state]);
    if (state === "sending" && !this.offset) this.say(this.words.starting);
    if (["sending", "paused", "unfinished", "lost"].includes(state) && this.offset) this.reached(this.offset, true);
  }

  say(text) {
    this.find("words").textContent = text;
  }

  reached(offset, now = false) {
    const time = performance.now();
    if (offset !== this.offset) this.moved = time;
    this.offset = offset;
    this.marks = [...this.marks.filter(([at]) => time - at < WINDOW), [time, offset]];
    this.find("bar").max = this.length || 1;
    this.find("bar").value = offset;
    if (!now && time - this.told < TELL) return;
    this.told = time;
    this.say([this.words[this.state], this.measure(), this.pace()].filter(Boolean).join(" · "));
  }

  measure() {
    return `${Math.floor((100 * this.offset) / (this.length || 1))} % (${size(this.offset)} / ${size(this.length)})`;
  }

  /* Speed and the time that is left, once both can be told. */
  pace() {
    const [[first, from], [last, to]] = [this.marks[0], this.marks.at(-1)];
    if (this.state !== "sending" || last - first < 1000 || to <= from) return "";
    const speed = (1000 * (to - from)) / (last - first);
    const seconds = (this.length - this.offset) / speed;
    const left = seconds < 60 ? this.words.seconds.replace("%d", Math.ceil(seconds)) : this.words.minutes.replace("%d", Math.ceil(seconds / 60));
    return `${size(speed)}/s · ${left}`;
  }

  offer(film, { reuse, keep }) {
    this.show("asked");
    this.say(film.title ? this.words.twin.replace("%s", () => film.title) : this.words.hidden_twin);
    const choice = this.find("decide");
    choice.hidden = false;
    const answer = (name, act) => {
      this.find(name).onclick = async () => {
        choice.hidden = true;
        this.show("sending");
        await act();
      };
    };
    answer("reuse", reuse);
    answer("keep", keep);
    choice.querySelector("button").focus({ preventScroll: true });
  }

  refuse(message) {
    this.show("refused");
    this.find("words").setAttribute("role", "alert");
    this.say(message);
  }

  stop(message) {
    this.show("stopped");
    this.say(message);
  }

  finish(state, film) {
    this.show("done");
    this.say(state === "reused" ? this.words.reused : this.words.kept);
    const link = this.find("open");
    const address = this.uploader.root.dataset.open;
    if (!film?.id || !address) return;
    link.href = address.replace("/0/", `/${film.id}/`);
    link.hidden = false;
  }
}

function size(bytes) {
  for (const [unit, power, digits] of [["GB", 3, 2], ["MB", 2, 1], ["KB", 1, 0]]) {
    if (bytes >= 1024 ** power) return `${(bytes / 1024 ** power).toFixed(digits)} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}
