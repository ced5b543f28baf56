/* Keeps parts of a page marked `data-refresh` up to date while films are being prepared; each has an id. */
const EVERY = 3000;

async function refresh() {
  const parts = [...document.querySelectorAll("[data-refresh]")];
  if (!parts.length || document.hidden) return;
  const response = await fetch(location.href);
  if (!response.ok || response.redirected) return;
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of parts) {
    if (part.contains(document.activeElement)) continue; // not under somebody's hands
    const fresh = next.getElementById(part.id);
    if (fresh) part.replaceWith(fresh);
  }
}

setInterval(() => refresh().catch(() => {}), EVERY); // the next turn asks again
