/* A button that copies a text: <button data-copy="…" hidden><span data-copy-label data-copied="…">. Without script
   the button stays hidden, and the text stands on the page to be selected. */
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const label = button.querySelector("[data-copy-label]");
  const words = label.textContent;
  let back;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = label.dataset.copied;
    clearTimeout(back);
    back = setTimeout(() => { label.textContent = words; }, 4000);
  });
}
