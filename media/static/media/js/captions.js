/* Captions: on or off, in which language, as this device remembers it. */
import { memory } from "./memory.js";
import { choice } from "./settings.js";

export function captions(player, video) {
  const all = () => [...video.textTracks].filter((track) => track.kind === "captions");
  const showing = () => all().find((track) => track.mode === "showing")?.language ?? "";
  const favourite = () => memory.get("language") ?? document.documentElement.lang;
  const show = (language) => {
    for (const track of all()) track.mode = track.language === language ? "showing" : "disabled";
  };
  const group = player.querySelector("[data-captions]");
  let before = "";

  const changed = () => {
    const now = showing();
    if (now && !before && now !== favourite() && all().some((track) => track.language === favourite())) return show(favourite());
    before = now;
    if (now) memory.set("language", now);
    memory.set("captions", now);
    for (const input of group?.querySelectorAll("input") ?? []) input.checked = input.value === now;
    return undefined;
  };

  const kept = memory.get("captions") ?? "";
  if (kept) show(all().some((track) => track.language === kept) ? kept : all()[0]?.language);
  before = showing();
  if (group) {
    const languages = all().map(({ language, label }) => ({ value: language, text: label }));
    const lines = [{ value: "", text: player.dataset.textOff }, ...languages];
    group.querySelector("[data-choices]").replaceChildren(...lines.map((line) => choice("captions", line, showing())));
    group.addEventListener("change", ({ target }) => { if (target.value) memory.set("language", target.value); show(target.value); });
  }
  video.textTracks.addEventListener("change", changed);
  player.querySelector("media-captions-button")?.setAttribute("role", "switch"); // it says aria-checked, which a button may not
}
