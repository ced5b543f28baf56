/* Sends a stream to the ingest process: a recorder, a socket, and both anew after every break, because the head of a
   recording is in its first piece only.

   on(kind, detail): "open"; "down" {tries, seconds}; "refused" {message}; "stats" {kbps, segments, keyframe_ms, warning};
   "behind" when the line does not carry what is recorded. */
import { csrfToken } from "../../../js/csrf.js";

const TYPES = [
  'video/webm;codecs="h264,opus"', "video/webm;codecs=h264", 'video/webm;codecs="avc1.42E01E,opus"',
  'video/webm;codecs="vp8,opus"', "video/webm", 'video/mp4;codecs="avc1.42E01E,mp4a.40.2"', "video/mp4",
];
const PIECE = 250; // milliseconds of a piece
const KEYFRAMES = 1000; // milliseconds: pieces of two seconds are cut at key frames
const RATES = [1_500_000, 800_000, 400_000]; // bits a second; a slow line goes down one step
const SOUND = 96_000;
const FINAL = [1000, 4001, 4003]; // codes of a socket that is closed for good
const FULL = 2 * 1024 * 1024; // bytes that wait in the socket: more is a line that does not carry it
const FRESH = 10 * 60 * 1000; // milliseconds that a ticket is used again
const PAUSES = [1, 2, 4, 6, 8, 10]; // seconds before each try

export const mime = () => TYPES.find((type) => window.MediaRecorder?.isTypeSupported(type)) ?? "";

export class Sender {
  wanted = false;
  open = false;
  rehearsal = false;
  step = 0;

  constructor({ ticketUrl, socket, on }) {
    Object.assign(this, { ticketUrl, socket, on });
    addEventListener("online", () => this.again());
  }

  begin(stream, { rehearsal }) {
    this.drop();
    Object.assign(this, { stream, rehearsal, wanted: true, tries: 0, lostAt: Date.now() });
    return this.connect();
  }

  end() {
    this.wanted = false;
    if (!this.rehearsal && this.line?.readyState === WebSocket.OPEN) this.line.send('{"stop": true}');
    this.drop();
  }

  /* Other sources: the same broadcast, a new run. */
  use(stream) {
    this.stream = stream;
    if (this.wanted) this.again();
  }

  /* A ticket that came over the socket itself is good for coming back while the web process is away. */
  async connect() {
    clearTimeout(this.waiting);
    if (this.ticket && Date.now() - this.ticketAt < FRESH) return this.dial(this.ticket);
    try {
      const answer = await fetch(this.ticketUrl, { method: "POST", headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
      const told = await answer.json();
      if (answer.status === 409) return this.refuse(told.message);
      if (!answer.ok) throw new Error(answer.status);
      return this.dial(told.ticket);
    } catch {
      return this.lost();
    }
  }

  dial(ticket) {
    const line = new WebSocket(this.socket);
    const { width, height } = this.stream.getVideoTracks()[0].getSettings();
    line.binaryType = "arraybuffer";
    line.onopen = () => {
      line.send(JSON.stringify({ ticket, mime: mime(), width: width || 1280, height: height || 720, rehearsal: this.rehearsal }));
      if (line === this.line) this.record(line);
    };
    line.onmessage = ({ data }) => this.hear(line, JSON.parse(data));
    line.onclose = ({ code }) => { if (this.line === line) this.closed(code); };
    this.line = line;
  }

  hear(line, told) {
    if (line !== this.line) return;
    if (told.ticket) Object.assign(this, { ticket: told.ticket, ticketAt: Date.now() });
    if (told.state === "open") this.opened();
    else if (told.state === "refused") this.refuse(told.words);
    else if (told.state === "renew") this.begin(this.stream, { rehearsal: false });
    else if (told.state === "closed") this.on("closed", told);
    else this.on("stats", told);
  }

  /* Ended, taken over by another page, or stopped by the bureau: coming back would only disturb. */
  closed(code) {
    this.ticket = FINAL.includes(code) ? null : this.ticket;
    if (FINAL.includes(code)) this.end();
    else this.lost();
  }

  record(line) {
    const recorder = new MediaRecorder(this.stream, {
      mimeType: mime(), videoBitsPerSecond: RATES[this.step], audioBitsPerSecond: SOUND, videoKeyFrameIntervalDuration: KEYFRAMES,
    });
    recorder.ondataavailable = ({ data }) => this.send(line, data);
    recorder.onerror = () => this.again();
    recorder.start(PIECE);
    this.recorder = recorder;
  }

  opened() {
    Object.assign(this, { open: true, tries: 0 });
    this.on("open");
  }

  send(line, piece) {
    if (line.readyState !== WebSocket.OPEN || !piece.size) return;
    if (line.bufferedAmount > FULL) {
      this.step = Math.min(this.step + 1, RATES.length - 1);
      this.on("behind");
      this.again();
    } else line.send(piece);
  }

  /* At once, with a recorder of its own. */
  again() {
    if (!this.wanted) return;
    this.drop();
    this.connect();
  }

  lost() {
    this.drop();
    if (!this.wanted) return;
    const seconds = PAUSES[Math.min(this.tries, PAUSES.length - 1)];
    this.tries += 1;
    this.on("down", { tries: this.tries, seconds });
    this.waiting = setTimeout(() => this.connect(), seconds * 1000);
  }

  refuse(message) {
    if (this.ticket) { // an old one: ask for another before giving up
      this.ticket = null;
      return this.lost();
    }
    this.wanted = false;
    this.drop();
    return this.on("refused", { message });
  }

  drop() {
    clearTimeout(this.waiting);
    if (this.open) this.lostAt = Date.now();
    this.open = false;
    if (this.recorder?.state === "recording") this.recorder.stop(); // its last piece still goes out below
    this.recorder = null;
    const line = this.line;
    this.line = null;
    if (line) setTimeout(() => line.close(1000), 50);
  }
}
