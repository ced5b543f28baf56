/* Finds words in a row of texts as if they were one: full and half width, capitals and spaces make no difference, and what
   begins in one text may end in the next. What is found stands in <mark>. */

function fold(text) {
  const kept = [];
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at));
    for (const each of character.normalize("NFKC").toLowerCase()) if (each.trim()) kept.push([each, at]);
    at += character.length;
  }
  return kept;
}

export class Finder {
  constructor(elements) {
    this.elements = elements;
    this.texts = elements.map((element) => element.textContent);
    this.characters = []; // [character, which text, where in it]
    this.texts.forEach((text, n) => { for (const [each, at] of fold(text)) this.characters.push([each, n, at]); });
    this.marked = new Set();
    this.found = [];
    this.now = 0;
  }

  get all() { return this.found.length; }

  /* The text in which the present place begins. */
  get line() { return this.characters[this.found[this.now]][1]; }

  look(words) {
    const needle = fold(words).map(([each]) => each).join("");
    this.length = [...needle].length;
    this.found = needle ? this.places([...needle]) : [];
    this.now = 0;
    this.draw();
  }

  places(needle) {
    const found = [];
    for (let at = 0; at + needle.length <= this.characters.length; at += 1) {
      if (needle.every((each, n) => this.characters[at + n][0] === each)) {
        found.push(at);
        at += needle.length - 1;
      }
    }
    return found;
  }

  step(by) {
    if (!this.all) return;
    this.now = (this.now + by + this.all) % this.all;
    this.draw();
  }

  draw() {
    const pieces = new Map(); // text → [from, to, whether it is the present place]
    this.found.forEach((start, n) => {
      for (const [, text, at] of this.characters.slice(start, start + this.length)) {
        const own = pieces.get(text) ?? pieces.set(text, []).get(text);
        const last = own.at(-1);
        if (last?.[2] === n) last[1] = at;
        else own.push([at, at, n]);
      }
    });
    for (const text of this.marked) if (!pieces.has(text)) this.elements[text].textContent = this.texts[text];
    for (const [text, own] of pieces) this.mark(text, own);
    this.marked = new Set(pieces.keys());
  }

  mark(number, pieces) {
    const text = this.texts[number];
    const parts = [];
    let done = 0;
    for (const [from, last, which] of pieces) {
      const to = last + String.fromCodePoint(text.codePointAt(last)).length;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      if (which === this.now) mark.dataset.now = "";
      parts.push(text.slice(done, from), mark);
      done = to;
    }
    this.elements[number].replaceChildren(...parts, text.slice(done));
  }
}
