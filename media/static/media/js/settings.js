/* The panel of settings: opened by its button, closed by Escape, a press elsewhere, or leaving it by the keyboard. */
export function settings(player) {
  const [button, panel] = ["[data-settings]", "[data-panel]"].map((name) => player.querySelector(name));
  const controller = player.querySelector("media-controller");

  const open = () => {
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    controller.setAttribute("autohide", "-1"); // the controls stay as long as the panel does
    (panel.querySelector("fieldset:not([hidden]) input:checked") ?? panel.querySelector("input, button")).focus();
  };
  const close = (focus) => {
    if (panel.hidden) return;
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    controller.removeAttribute("autohide");
    if (focus) button.focus();
  };

  button.addEventListener("click", () => (panel.hidden ? open() : close(true)));
  panel.querySelector("[data-close]").addEventListener("click", () => close(true));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    close(true);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!panel.contains(event.target) && !button.contains(event.target)) close(false);
  });
  panel.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !panel.contains(relatedTarget) && relatedTarget !== button) close(false);
  });
  return { close };
}

/* One line of a group of settings: {value, text, hint}. */
export function choice(name, { value, text, hint }, chosen) {
  const label = Object.assign(document.createElement("label"), { className: "player__choice" });
  const input = Object.assign(document.createElement("input"), { type: "radio", name, value, checked: value === chosen });
  const words = document.createElement("span");
  words.textContent = text;
  label.append(input, words);
  if (hint) words.append(Object.assign(document.createElement("small"), { textContent: hint }));
  return label;
}
