/* What the server does not have yet, in this browser: notes that wait, and the one being written. A browser may refuse
   storage (private window, full disk): then this page alone remembers, and `lasting` is false. */
export class Shelf {
  #key;
  #waiting;
  lasting = true;

  constructor(key) {
    this.#key = key;
    this.#waiting = this.#read("waiting") ?? [];
  }

  get waiting() {
    return [...this.#waiting];
  }

  get(uuid) {
    return this.#waiting.find((note) => note.uuid === uuid);
  }

  put(note) {
    this.#waiting = [...this.#waiting.filter((each) => each.uuid !== note.uuid), note];
    this.#write("waiting", this.#waiting);
  }

  drop(uuid) {
    this.#waiting = this.#waiting.filter((note) => note.uuid !== uuid);
    this.#write("waiting", this.#waiting.length ? this.#waiting : null);
  }

  get draft() {
    return this.#read("draft");
  }

  set draft(draft) {
    this.#write("draft", draft);
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
