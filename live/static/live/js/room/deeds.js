/* Forms of those who work in the room: sent without leaving the page, and answered in words. Without script they post. */
export function deeds(box) {
  box.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-deed]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    const buttons = [...form.querySelectorAll("button")];
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
      say(form, answer.ok ? told.message ?? "" : told.message ?? String(answer.status));
      if (answer.ok) form.dispatchEvent(new CustomEvent("deed:done", { bubbles: true, detail: { verb: body.get("verb"), message: body.get("message") } }));
      if (answer.ok && body.get("verb") === "poll") form.reset();
      else if (answer.ok) for (const field of form.querySelectorAll("input, textarea")) field.defaultValue = field.value; // the school has it
    } catch {
      say(form, "…");
    }
    buttons.forEach((button) => { button.disabled = false; });
  });
}

function say(form, words) {
  let place = form.querySelector("[data-deed-said]");
  if (!place && !words) return;
  if (!place) {
    place = document.createElement("p");
    place.dataset.deedSaid = "";
    place.setAttribute("role", "status");
    form.append(place);
  }
  place.textContent = words;
}
