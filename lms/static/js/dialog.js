/* [data-open-dialog="id"]: opens the dialog; without script the button's own link or form does the work. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  if (!opener) return;
  event.preventDefault();
  document.getElementById(opener.dataset.openDialog).showModal();
});
