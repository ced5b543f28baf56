/* Keeps the editors' library up to date while films are being prepared, without a reload under somebody's hands. */
const EVERY = 3000;

async function refreshList() {
  const results = document.getElementById("listing-results");
  const note = results?.querySelector("[data-unfinished]");
  if (!note || document.hidden) return;
  const response = await fetch(note.dataset.unfinished + location.search, { headers: { "X-Requested-With": "XMLHttpRequest" } });
  if (response.ok && !response.redirected) results.innerHTML = await response.text();
}

/* The page of one film: loaded again when its state changes, unless somebody has begun to write captions. */
async function refreshPage() {
  const page = document.querySelector("[data-unfinished-page]");
  const writing = [...document.querySelectorAll("textarea, input[type=file]")].some((field) => field.value !== field.defaultValue);
  if (!page || document.hidden || writing) return;
  const response = await fetch(location.href);
  if (!response.ok || response.redirected) return;
  const next = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".video-page");
  if (!next) return;
  const plays = (where) => Boolean(where.querySelector("[data-player]"));
  if (!next.hasAttribute("data-unfinished-page") || plays(next) !== plays(page)) location.reload();
  else for (const part of [".video-page__film", ".video-page__facts"]) {
    if (!plays(page.querySelector(part))) page.querySelector(part).replaceWith(next.querySelector(part)); // a film goes on playing
  }
}

function quietly(refresh) {
  refresh().catch(() => {}); // the next turn asks again
}

setInterval(() => { quietly(refreshList); quietly(refreshPage); }, EVERY);
