/* Links such as #t=490 move the film there; the cue being spoken is marked. */
const video = document.querySelector("[data-player] video");
const cues = [...document.querySelectorAll("[data-cue]")];

function go(hash) {
  const seconds = Number(hash.match(/^#t=(\d+)$/)?.[1] ?? NaN);
  if (!video || Number.isNaN(seconds)) return false;
  video.currentTime = seconds;
  video.play().catch(() => {}); // a browser that wants a tap first shows the play button
  video.closest("[data-player]").scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#t=']");
  if (link && go(link.hash)) event.preventDefault();
});

function follow() {
  const now = cues.findLast((cue) => Number(cue.dataset.cue) <= video.currentTime + 0.1);
  for (const cue of cues) {
    const line = cue.closest(".cue");
    if (cue === now) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
}

if (video) {
  if (cues.length) video.addEventListener("timeupdate", follow);
  if (location.hash.startsWith("#t=")) video.addEventListener("loadedmetadata", () => go(location.hash), { once: true });
}
