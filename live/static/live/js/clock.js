/* Time as the school's pages show it, and the random pauses that keep thousands of pages from asking at once. */
export const jitter = (most) => Math.random() * most;

let drift = 0;
export const setNow = (server) => { drift = server - Date.now(); };
export const now = () => Date.now() + drift;

const zone = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" };
export const hhmm = (moment) => new Intl.DateTimeFormat("zh-CN", zone).format(moment);

export const fill = (words, values) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words ?? "");
