/* Draws a receipt's coverage into [data-coverage]: bar, words, gaps. All words come from the server. */
const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function drawChart(chart, coverage) {
  const bars = coverage.bars.map(({ kind, x, width }) => element("rect", { class: `coverage-bar__${kind}`, x, y: 0, width, height: 10 }));
  const now = element("path", { class: "coverage-bar__now", d: `M${coverage.now} 0v10` });
  chart.replaceChildren(...bars, now);
  chart.setAttribute("aria-label", coverage.words.description);
}

function gapLink({ at, from, to, words }) {
  const [item, link] = [document.createElement("li"), document.createElement("a")];
  Object.assign(link, { className: "button", href: `#t=${at}`, textContent: words });
  Object.assign(link.dataset, { from, to });
  item.append(link);
  return item;
}

function drawGaps(box, coverage) {
  const list = box.querySelector("[data-coverage-gap-links]");
  const same = [...list.querySelectorAll("a")].map((link) => link.textContent).join() === coverage.gaps.map(({ words }) => words).join();
  box.hidden = coverage.complete || !coverage.gaps.length;
  box.querySelector("[data-coverage-gaps-words]").textContent = coverage.words.gaps;
  if (same) return; // the focus stays where it is
  const focused = list.contains(document.activeElement) ? Number(document.activeElement.dataset.from) : null;
  list.replaceChildren(...coverage.gaps.map(gapLink));
  if (focused === null) return;
  const links = [...list.querySelectorAll("a")];
  (links.find((link) => Number(link.dataset.to) > focused) ?? links.at(-1))?.focus();
}

export function draw(section, coverage) {
  section.querySelector("[data-coverage-verdict]").textContent = coverage.words.verdict;
  section.querySelector("[data-coverage-note]").textContent = coverage.words.note;
  const chart = section.querySelector("[data-coverage-chart]");
  if (chart) drawChart(chart, coverage);
  drawGaps(section.querySelector("[data-coverage-gaps]"), coverage);
  section.dispatchEvent(new CustomEvent("coverage:drawn", { bubbles: true, detail: coverage }));
}
