/* Films on their way into the library: several at once, with pause, after a lost network, a closed tab or a restarted
   server from the byte that the server has. What is unfinished stands on the server, so it goes on in any browser. */
import "../../vendor/tus/tus.js";
import { csrfToken } from "../../js/csrf.js";
import { Row } from "./upload-row.js";

const HEAD = 64 * 1024; // bytes that tell the server what the file is
const AT_ONCE = 2;
const FINAL = [400, 401, 403, 404, 410, 413, 415, 422, 507]; // trying again by itself would change nothing
const LONGEST_WAIT = 15000; // milliseconds
const STILL = 45000; // milliseconds without a byte after which the connection is taken for dead

const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

class Uploader {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.door = root.dataset.door;
    this.list = root.querySelector("[data-list]");
    this.rows = [];
    this.input = root.querySelector("input[type=file]");
    this.input.addEventListener("change", () => { this.add([...this.input.files]); this.input.value = ""; });
    this.takeDrops();
    for (const element of this.list.querySelectorAll("[data-upload]")) this.rows.push(new Row(this, element));
    addEventListener("beforeunload", (event) => { if (this.rows.some((row) => row.state === "sending")) event.preventDefault(); });
    addEventListener("offline", () => this.rows.filter((row) => row.state === "sending").forEach((row) => this.drop(row)));
    setInterval(() => this.rows.filter((row) => row.isStill(STILL)).forEach((row) => this.drop(row)), 5000);
    addEventListener("online", () => this.rows.filter((row) => row.state === "lost").forEach((row) => this.start(row)));
    root.hidden = false;
    root.dataset.ready = "";
  }

  takeDrops() {
    const zone = this.root.querySelector("[data-drop]");
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.dataset.over = ""; });
    zone.addEventListener("dragleave", () => delete zone.dataset.over);
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      delete zone.dataset.over;
      this.add([...event.dataTransfer.files]);
    });
  }

  add(files) {
    for (const file of this.root.dataset.target ? files.slice(0, 1) : files) {
      const known = this.rows.find((row) => row.isOf(file));
      if (known?.file) continue; // chosen twice
      const row = known ?? new Row(this);
      if (!known) this.rows.push(row);
      row.take(file);
    }
    this.next();
  }

  next() {
    const busy = this.rows.filter((row) => row.isBusy).length;
    for (const row of this.rows.filter((each) => each.state === "waiting").slice(0, Math.max(0, AT_ONCE - busy))) this.start(row);
  }

  async start(row) {
    clearTimeout(row.timer);
    row.show("sending");
    try {
      if (!row.url && !(await this.isWanted(row))) return;
      if (!row.opened) await this.open(row);
      if (row.state === "sending") this.send(row);
    } catch (error) {
      this.fail(row, error instanceof Refused ? error.status : 0, error.message);
    }
  }

  /* The library may have a film of this name and size: a question before anything is sent. */
  async isWanted(row) {
    if (row.anyway || this.root.dataset.purpose !== "film") return true;
    const query = new URLSearchParams({ name: row.file.name, length: row.file.size });
    const { similar } = await this.ask(`${this.door}?${query}`);
    if (!similar) return true;
    row.offer(similar, { reuse: () => row.finish("reused", similar), keep: () => { row.anyway = true; this.start(row); } });
    this.next();
    return false;
  }

  async open(row) {
    const head = row.file.slice(0, HEAD);
    const { purpose, target = "" } = this.root.dataset;
    const facts = { filename: row.file.name, stamp: String(row.file.lastModified), purpose, target };
    const metadata = Object.entries(facts).filter(([, value]) => value).map(([key, value]) => `${key} ${base64(value)}`).join(",");
    const headers = {
      "Tus-Resumable": "1.0.0", "Upload-Length": String(row.file.size), "Upload-Metadata": metadata,
      ...(row.file.size ? { "Content-Type": "application/offset+octet-stream" } : {}),
    };
    const answer = await this.ask(this.door, { method: "POST", headers, body: row.file.size ? head : undefined });
    row.opened = true;
    row.url = answer.url;
    if (answer.offset > HEAD) row.say(this.words.resumed);
    row.reached(answer.offset);
  }

  send(row) {
    row.upload = new globalThis.tus.Upload(row.file, {
      uploadUrl: row.url,
      chunkSize: Number(this.root.dataset.chunk),
      retryDelays: null,
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => {
        request.setHeader("X-CSRFToken", csrfToken());
        request.setHeader("Accept-Language", document.documentElement.lang);
      },
      onProgress: (sent) => { row.tries = 0; row.reached(sent); },
      onError: (error) => this.fail(row, error.originalResponse?.getStatus() ?? 0, messageOf(error.originalResponse?.getBody())),
      onSuccess: () => this.conclude(row),
    });
    row.upload.start();
  }

  async conclude(row) {
    row.show("checking");
    try {
      this.tell(row, await this.ask(row.url));
    } catch (error) {
      this.fail(row, error instanceof Refused ? error.status : 0, error.message);
    }
  }

  tell(row, facts) {
    if (facts.state === "duplicate") {
      const decide = (action) => this.decide(row, action);
      row.offer(facts.video ?? { title: facts.file }, { reuse: () => decide("reuse"), keep: () => decide("keep") });
    } else if (facts.state === "refused") row.refuse(facts.message);
    else if (facts.state === "receiving") this.fail(row, 0, "");
    else row.finish(facts.state, facts.video);
    this.next();
  }

  /* Where the school cannot take the decision now, the question is asked again; the other files go on meanwhile. */
  async decide(row, action) {
    try {
      this.tell(row, await this.ask(`${row.url}?action=${action}`, { method: "POST" }));
    } catch (error) {
      this.fail(row, error instanceof Refused ? error.status : 0, error.message);
    }
  }

  /* A refusal is shown beside the file. A lost network or a restarting server is waited for. */
  async fail(row, status, message) {
    if (!row.isBusy) return;
    if (!status && !(await isReadable(row.file))) {
      row.refuse(this.words.unreadable);
      this.next();
      return;
    }
    if (!row.isBusy) return; // paused meanwhile
    if (FINAL.includes(status)) {
      if ([401, 403, 507].includes(status)) row.stop(message);
      else row.refuse(message || this.words.gone);
      this.next();
      return;
    }
    row.show("lost");
    row.tries += 1;
    row.timer = setTimeout(() => this.start(row), Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(row.tries, 5)));
  }

  /* A dead connection can take minutes to say so. */
  drop(row) {
    row.upload?.abort();
    this.fail(row, 0, "");
  }

  pause(row) {
    clearTimeout(row.timer);
    row.upload?.abort();
    row.show("paused");
    this.next();
  }

  async cancel(row) {
    clearTimeout(row.timer);
    await row.upload?.abort();
    row.show("cancelling");
    for (let tries = 0; row.url && tries < 5; tries += 1) {
      const answer = await fetch(row.url, { method: "DELETE", headers: this.headers({ "Tus-Resumable": "1.0.0" }) }).catch(() => null);
      if (answer && answer.status !== 423) break;
      await new Promise((resolve) => setTimeout(resolve, 1000)); // the server is still at the last piece
    }
    this.rows = this.rows.filter((each) => each !== row);
    row.element.remove();
    this.next();
  }

  headers(more = {}) {
    return { "X-CSRFToken": csrfToken(), "Accept-Language": document.documentElement.lang, Accept: "application/json", ...more };
  }

  async ask(address, { headers, ...options } = {}) {
    const answer = await fetch(address, { ...options, headers: this.headers(headers) });
    const text = await answer.text();
    if (!answer.ok) throw new Refused(answer.status, messageOf(text));
    return JSON.parse(text);
  }
}

/* A file that was changed, moved or unplugged since it was chosen. */
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function messageOf(text) {
  try {
    return JSON.parse(text).message ?? "";
  } catch {
    return ""; // a proxy's own page
  }
}

for (const root of document.querySelectorAll("[data-uploader]")) new Uploader(root);
