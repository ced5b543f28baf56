/* The three parts beside the picture as a tab list; without script they are links to sections. */
export function tabs(room) {
  const list = room.querySelector(".room-tabs");
  const all = [...list.querySelectorAll(".room-tabs__tab")];
  const panels = all.map((tab) => document.getElementById(tab.hash.slice(1)));
  list.setAttribute("role", "tablist");
  all.forEach((tab, i) => {
    tab.id = `tab-${panels[i].id}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[i].id);
    panels[i].setAttribute("role", "tabpanel");
    panels[i].setAttribute("aria-labelledby", tab.id);
  });

  function select(index, focus) {
    all.forEach((tab, i) => {
      const on = i === index;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panels[i].toggleAttribute("data-shown", on);
      if (on && focus) tab.focus();
    });
    room.dataset.tab = panels[index].id;
  }

  list.addEventListener("click", (event) => {
    const index = all.indexOf(event.target.closest(".room-tabs__tab"));
    if (index < 0) return;
    event.preventDefault();
    history.replaceState(null, "", all[index].hash);
    select(index, true);
  });
  list.addEventListener("keydown", (event) => {
    const at = all.findIndex((tab) => tab.tabIndex === 0);
    const next = { ArrowRight: (at + 1) % all.length, ArrowLeft: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    select(next, true);
  });
  select(Math.max(0, panels.findIndex((panel) => `#${panel.id}` === location.hash)), false);
  return select;
}
