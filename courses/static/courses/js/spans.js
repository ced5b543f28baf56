/* Stretches of a film: [from, to] in whole milliseconds, sorted and disjoint as both functions return them. */

export function union(...lists) {
  const merged = [];
  for (const [start, end] of lists.flat().sort((one, other) => one[0] - other[0])) {
    const last = merged.at(-1);
    if (end <= start) continue;
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

/* What is in the first and not in the second. */
export function subtract(spans, taken) {
  let left = spans.map((span) => [...span]);
  for (const [from, to] of taken) {
    left = left.flatMap(([start, end]) => (to <= start || from >= end
      ? [[start, end]]
      : [[start, Math.min(end, from)], [Math.max(start, to), end]].filter((span) => span[0] < span[1])));
  }
  return left;
}
