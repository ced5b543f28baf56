/* What this device remembers of the player. A private window may refuse: then it remembers nothing. */
export const memory = {
  get(name) { try { return localStorage.getItem(`player.${name}`); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(`player.${name}`, value); } catch { /* see above */ } },
};
