/* What the server does not have yet, in this browser: notes that wait, and the one being written. A browser may refuse
   storage (private window, full disk): then this page alone remembers, and `lasting` is false. Each note lies under a key
   of its own, and so does the draft of each page: other pages of the same lesson keep theirs here, too. */
export class Shelf {
  #key;
  #waiting;
  #draft; // the name of this page's
  lasting = true;

  constructor(key) {
    this.#key = key;
    this.#waiting = this.#names("note:").map((name) => this.#read(name));
    this.#draft = this.#names("draft:")[0] ?? `draft:${Date.now()}-${Math.random()}`;
  }

  get waiting() {
    return [...this.#waiting];
  }

  get(uuid) {
    return this.#waiting.find((note) => note.uuid === uuid);
  }

  put(note) {
    this.#waiting = [...this.#waiting.filter((each) => each.uuid !== note.uuid), note];
    this.#write(`note:${note.uuid}`, note);
  }

  drop(uuid) {
    this.#waiting = this.#waiting.filter((note) => note.uuid !== uuid);
    this.#write(`note:${uuid}`, null);
  }

  get draft() {
    return this.#read(this.#draft);
  }

  set draft(draft) {
    this.#write(this.#draft, draft);
  }

  #names(kind) {
    const before = `${this.#key}:`;
    const keys = this.#use((storage) => Object.keys(storage)) ?? [];
    return keys.filter((key) => key.startsWith(before + kind)).map((key) => key.slice(before.length));
  }

  #read(name) {
    return this.#use((storage) => JSON.parse(storage.getItem(`${this.#key}:${name}`) ?? "null"));
  }

  #write(name, value) {
    this.#use((storage) => (value === null ? storage.removeItem(`${this.#key}:${name}`) : storage.setItem(`${this.#key}:${name}`, JSON.stringify(value))));
  }

  #use(act) {
    try {
      return act(localStorage);
    } catch (refused) {
      if (!(refused instanceof DOMException)) throw refused;
      this.lasting = false;
      return null;
    }
  }
}
