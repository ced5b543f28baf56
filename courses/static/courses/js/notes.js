/* Notes beside the film. Each is kept in this browser until the server has it, under a number that the page chooses: what
   was sent twice is one note. A refused one stays in the list with the reason, to be changed or deleted.

   [data-notes] holds the address of the API; everything else about the markup is in includes/lesson_notes.html. */
import { csrfToken } from "../../js/csrf.js";
import { drawNote, shownTime } from "./note-item.js";
import { Shelf } from "./note-shelf.js";

const PAUSE = 15000;
const ELSEWHERE = "input, textarea, select, dialog, [contenteditable]";

function number() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // pages without TLS have no randomUUID
  bytes[6] = bytes[6] & 15 | 64;
  bytes[8] = bytes[8] & 63 | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

class Notes {
  #timer = 0;
  #working = null;

  constructor(box) {
    const find = (name) => box.querySelector(`[data-note-${name}]`);
    Object.assign(this, { box, list: find("list"), none: find("none"), said: find("said"), undo: find("undo") });
    Object.assign(this, { form: find("form"), pattern: find("pattern"), editor: find("editor"), time: find("time") });
    this.url = box.dataset.notes;
    this.video = document.querySelector("[data-player] video");
    this.shelf = new Shelf(`notes:${box.dataset.owner}:${this.url}`);
    this.text = this.form.elements.text;
    this.prepare(find);
    this.takeUp();
    this.listen();
  }

  prepare(find) {
    find("when").hidden = true;
    if (this.video) [find("plain").hidden, find("at").hidden] = [true, false];
    for (const button of this.box.querySelectorAll("[data-note-delete]")) button.hidden = false;
    this.pattern.content.querySelector("[data-note-delete]").hidden = false;
  }

  /* What an earlier visit could not send, and what was being written. */
  takeUp() {
    for (const note of this.shelf.waiting) this.show(note);
    const draft = this.shelf.draft;
    if (draft) [this.text.value, this.moment] = [draft.text, draft.position];
    this.tellTime();
    this.send();
  }

  listen() {
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.add(); });
    this.text.addEventListener("input", () => this.keepDraft());
    this.text.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit(); });
    this.video?.addEventListener("timeupdate", () => this.tellTime());
    this.undo.addEventListener("click", () => this.bringBack());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[data-note]");
      if (event.target.closest("[data-note-delete]")) this.delete(item);
      else if (event.target.closest("[data-note-edit]")) { event.preventDefault(); this.edit(item); }
    });
    addEventListener("online", () => this.send());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest(ELSEWHERE) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (document.fullscreenElement) document.exitFullscreen();
    document.querySelector(`.tabs__tab[href="#${this.box.id}"]`)?.click();
    this.text.focus();
  }

  /* The moment stays where it was when the first letter was written. */
  get position() {
    return this.moment ?? Math.round((this.video?.currentTime ?? 0) * 1000);
  }

  tellTime() {
    const shown = shownTime(this.position);
    if (this.time.textContent !== shown) this.time.textContent = shown;
  }

  keepDraft() {
    this.moment = this.text.value ? this.position : null;
    this.shelf.draft = this.text.value ? { text: this.text.value, position: this.moment } : null;
    this.tellTime();
  }

  add() {
    const text = this.text.value.trim();
    if (!text) return;
    this.put({ uuid: number(), position: this.position, text, known: false });
    this.text.value = "";
    this.keepDraft();
    this.text.focus();
  }

  /* `known`: the server has an earlier wording of it. */
  put(note) {
    this.shelf.put(note);
    this.show(note);
    this.send();
  }

  say(text) {
    this.said.textContent = text;
    this.undo.hidden = true;
  }

  send() {
    clearTimeout(this.#timer);
    this.#working ??= this.#work().finally(() => { this.#working = null; });
  }

  async #work() {
    const tried = new Set();
    for (let note; (note = this.shelf.waiting.find((each) => !tried.has(each)));) {
      tried.add(note);
      const { status, reply } = await this.#deliver(note);
      if (!status || status >= 500) return this.#later(note);
      if (this.shelf.get(note.uuid) !== note) continue; // written anew meanwhile
      if (status < 400 && !note.known && reply.text !== note.text) this.shelf.put({ ...note, known: true });
      else if (status < 400) this.#arrived(note, reply);
      else this.show(note, reply.message);
    }
  }

  #arrived(note, reply) {
    this.shelf.drop(note.uuid);
    this.show({ ...note, ...reply });
    this.say(this.box.dataset.textSaved);
  }

  #later(note) {
    const { textOffline, textForgetful } = this.box.dataset;
    this.show(note, this.shelf.lasting ? textOffline : textForgetful);
    this.#timer = setTimeout(() => this.send(), PAUSE);
  }

  #deliver({ uuid, position, text, known }) {
    return known ? this.#ask("PUT", `${this.url}/${uuid}`, { text }) : this.#ask("POST", this.url, { uuid, position, text });
  }

  /* {status: 0} when nobody answered */
  async #ask(method, url, body) {
    try {
      const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang, "X-CSRFToken": csrfToken() };
      const response = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(PAUSE) });
      return { status: response.status, reply: response.status === 204 ? {} : await response.json() };
    } catch {
      return { status: 0, reply: {} }; // no network, no answer in time, or no JSON from something in between
    }
  }

  item(uuid) {
    return this.list.querySelector(`[data-note="${uuid}"]`);
  }

  show(note, trouble = "") {
    const item = this.item(note.uuid) ?? this.pattern.content.firstElementChild.cloneNode(true);
    drawNote(item, note, { trouble, waiting: Boolean(this.shelf.get(note.uuid)) });
    if (!item.isConnected) {
      const after = [...this.list.children].find((each) => Number(each.dataset.position) > note.position);
      this.list.insertBefore(item, after ?? null);
    }
    this.none.hidden = true;
  }

  edit(item) {
    if (item.querySelector("form")) return;
    const form = this.editor.content.firstElementChild.cloneNode(true);
    const [area, body] = [form.querySelector("textarea"), item.querySelector(".note__body")];
    const close = () => { form.remove(); body.hidden = false; item.querySelector("[data-note-edit]").focus(); };
    form.querySelector("label").htmlFor = area.id = `edit-${item.dataset.note}`;
    area.value = item.querySelector(".note__text").textContent;
    body.hidden = true;
    item.append(form);
    area.focus();
    form.querySelector("button[type=button]").addEventListener("click", close);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      close();
      const known = this.shelf.get(item.dataset.note)?.known ?? true;
      this.put({ uuid: item.dataset.note, position: Number(item.dataset.position), text: area.value.trim(), known });
    });
  }

  async delete(item) {
    const uuid = item.dataset.note;
    const note = { uuid, position: Number(item.dataset.position), text: item.querySelector(".note__text").textContent, known: false };
    const { status, reply } = await this.#ask("DELETE", `${this.url}/${uuid}`);
    if (status >= 400 && status !== 404) return this.say(reply.message ?? "");
    if (!status) return this.say(this.box.dataset.textOffline);
    this.shelf.drop(uuid);
    item.remove();
    this.none.hidden = this.list.childElementCount > 0;
    this.deleted = note;
    this.say(this.box.dataset.textDeleted);
    this.undo.hidden = false;
    return this.undo.focus();
  }

  bringBack() {
    this.put(this.deleted);
    this.item(this.deleted.uuid).querySelector("a").focus();
  }
}

document.querySelectorAll("[data-notes]").forEach((box) => new Notes(box));
