/* What was played and is not yet acknowledged, kept in this browser until it is: by account, lesson and player. Another
   account on this device neither sends it nor sees it. */

/* Answers after which the same words may still be taken: signed out, a page too old to be let in, too many at once, a
   player that another one has taken over from (what that one could not credit is claimed again by the next). */
const NOT_FINAL = [401, 403, 408, 425, 429];

export const final = (status) => status >= 400 && status < 500 && !NOT_FINAL.includes(status);

const SAME_FILM = 1000; // ms: a film replaced by one of this length, more or less, is the same film exported again

/* Whether moments of the one {run, duration} are moments of the other. */
export const sameFilm = (one, other) => one.run === other.run || Math.abs(one.duration - other.duration) <= SAME_FILM;

/* A browser may refuse storage (private window, full disk): then this page alone remembers. */
export function store(use, where = () => localStorage) {
  try {
    return use(where());
  } catch (refused) {
    if (refused instanceof DOMException) return null;
    throw refused;
  }
}

export class Unsent {
  #prefix;

  constructor(owner, lesson) {
    this.#prefix = `watch:${owner}:${lesson}:`;
  }

  /* In place of what was kept of that player; nothing to claim is nothing to keep. */
  keep(entry) {
    if (!entry.intervals.length) return this.drop(entry);
    return store((storage) => storage.setItem(this.#prefix + entry.token, JSON.stringify(entry)));
  }

  drop({ token }) {
    return store((storage) => storage.removeItem(this.#prefix + token));
  }

  /* [{token, run, duration, sequence, intervals, position, at, told}], the newest first. `told`: its player has been
     told, and could not credit all of it. */
  get all() {
    const found = store((storage) => Object.entries(storage).filter(([key]) => key.startsWith(this.#prefix))) ?? [];
    return found.map(([, text]) => JSON.parse(text)).sort((one, other) => other.at - one.at);
  }
}
