/* Messages over the picture: off until the reader wants them, few at a time, and gone where motion is not wanted. */
const LANES = 4;
const FLIGHT = 8000; // milliseconds
const BUSY = 900; // milliseconds between two in one lane: what comes faster is left out

export function danmaku(room) {
  const field = room.querySelector("[data-danmaku]");
  const button = room.querySelector("[data-overlay]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const lanes = Array(LANES).fill(0);
  let allowed = false;
  let on = false;

  const draw = () => {
    button.hidden = !allowed || calm;
    field.hidden = !(allowed && on) || calm;
    button.setAttribute("aria-pressed", String(on));
  };
  button.addEventListener("click", () => { on = !on; draw(); });
  draw();

  function fly(text) {
    const now = performance.now();
    const lane = lanes.findIndex((free) => free <= now);
    if (lane < 0) return; // a sample: the chat beside the picture has them all
    lanes[lane] = now + BUSY + text.length * 60;
    const node = document.createElement("span");
    node.className = `danmaku danmaku--${lane}`;
    node.textContent = text.slice(0, 40);
    field.append(node);
    const way = field.clientWidth + node.clientWidth;
    node.animate([{ transform: `translateX(${field.clientWidth}px)` }, { transform: `translateX(${field.clientWidth - way}px)` }], { duration: FLIGHT }).onfinish = () => node.remove();
  }

  return (kind, item) => {
    if (kind === "room") { allowed = item.overlay; draw(); }
    if (kind === "message" && !item.question && !item.late && !field.hidden) fly(item.text);
  };
}
