/* The choice of the picture: by itself, a height, the smallest, or the sound alone. Each says what an hour of it costs. */
import { memory } from "./memory.js";
import { choice } from "./settings.js";
import { AUTO, SAVING, SOUND } from "./source.js";

const STALLED = 8000; // milliseconds without a picture before a height that was asked for is given up
const SOUND_BITRATE = 80_000;

/* What was chosen here before; else what the browser says about paying for data. */
export function wanted(player) {
  const kept = memory.get("quality");
  if (kept === SOUND && !player.dataset.audioSrc) return SAVING;
  return kept ?? (navigator.connection?.saveData ? SAVING : AUTO);
}

export function quality(player, video, say) {
  const group = player.querySelector("[data-quality]");
  const words = player.dataset;
  let source;
  let levels = [];

  const anHour = (bitrate) => {
    const megabytes = (bitrate * 3600) / 8 / 1e6;
    return words.textHour.replace("{size}", Math.max(5, Math.round(megabytes / 5) * 5));
  };
  const draw = () => {
    if (source.levels.length) levels = source.levels; // the sound alone has none, and the others can still be asked for
    const heights = new Map(levels.map(({ height, bitrate }) => [height, bitrate]));
    const [smallest] = levels;
    const known = [AUTO, SAVING, SOUND].includes(source.choice) || heights.has(Number(source.choice));
    const lines = [
      { value: AUTO, text: words.textAuto, hint: words.textAutoHint },
      ...[...heights].reverse().map(([height, bitrate]) => ({ value: String(height), text: `${height}P`, hint: anHour(bitrate) })),
      smallest && { value: SAVING, text: words.textSaving, hint: `${smallest.height}P · ${anHour(smallest.bitrate)}` },
      words.audioSrc && { value: SOUND, text: words.textSound, hint: anHour(SOUND_BITRATE) },
    ];
    const chosen = known ? source.choice : AUTO;
    const focused = group.contains(document.activeElement);
    group.querySelector("[data-choices]").replaceChildren(...lines.filter(Boolean).map((line) => choice("quality", line, chosen)));
    group.hidden = !source.hls;
    if (focused) group.querySelector(":checked").focus();
    show();
  };
  const show = () => {
    player.toggleAttribute("data-sound-only", source.soundOnly);
  };
  const set = (value, keep = true) => {
    if (keep) memory.set("quality", value);
    source.choose(value);
    show();
  };
  group.addEventListener("change", ({ target }) => set(target.value));

  let stalled;
  for (const kind of ["waiting", "seeking"]) {
    video.addEventListener(kind, () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => giveUp(), STALLED);
    });
  }
  for (const kind of ["playing", "pause", "seeked"]) video.addEventListener(kind, () => clearTimeout(stalled));
  const giveUp = () => {
    if (video.paused || !navigator.onLine || !(Number(source.choice) > levels[0]?.height)) return;
    set(AUTO, false); // only here and now: the choice itself is remembered
    source.beginLow();
    draw();
    say(words.textSlow);
  };
  return { use(made) { source = made; }, draw };
}
