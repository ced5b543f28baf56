/* Links such as #t=490 move the film there, and so does an address with ?t=490. Only the picture moves: what counts is
   what is played afterwards, and the server decides it. */
const video = document.querySelector("[data-player] video");

function go(text) {
  const seconds = Number(text?.match(/^\d{1,6}(\.\d{1,3})?$/)?.[0] ?? NaN);
  if (!video || Number.isNaN(seconds)) return false;
  video.currentTime = seconds;
  video.play().catch(() => {}); // a browser that wants a tap first shows the play button
  video.closest("[data-player]").scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#t=']");
  if (link && go(link.hash.slice(3))) event.preventDefault();
});

const asked = location.hash.startsWith("#t=") ? location.hash.slice(3) : new URLSearchParams(location.search).get("t");
if (video && asked !== null) {
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) go(asked);
  else video.addEventListener("loadedmetadata", () => go(asked), { once: true });
}
