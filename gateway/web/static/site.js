// Small comforts on top of pages that work without them: the contents list follows the reader, the keyboard
// stops at no table that fits, and long tables can be filtered. Nothing here fetches or stores anything.
"use strict";

(() => {
  const links = new Map();
  for (const link of document.querySelectorAll(".contents a[href^='#']")) {
    links.set(decodeURIComponent(link.hash.slice(1)), link);
  }
  if (links.size > 0 && "IntersectionObserver" in window) {
    const visible = new Set();
    const mark = () => {
      const first = [...links.keys()].find((id) => visible.has(id));
      if (first === undefined) return;
      for (const [id, link] of links) {
        if (id === first) {
          link.setAttribute("aria-current", "true");
          const strip = link.closest("ol"); // on narrow screens it scrolls sideways by itself
          strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
        }
        else link.removeAttribute("aria-current");
      }
    };
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) visible.add(entry.target.id);
        else visible.delete(entry.target.id);
      }
      mark();
    }, { rootMargin: "-15% 0px -80% 0px" });
    for (const id of links.keys()) {
      const section = document.getElementById(id);
      if (section) watch.observe(section);
    }
  }

  // A region that has nothing to scroll is no stop for the keyboard.
  const scrollers = document.querySelectorAll(".table-scroll, .list-scroll");
  if (scrollers.length > 0 && "ResizeObserver" in window) {
    const fit = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
        if (scrolls) target.setAttribute("tabindex", "0");
        else if (target !== document.activeElement) target.removeAttribute("tabindex");
      }
    });
    for (const scroller of scrollers) fit.observe(scroller);
  }

  for (const slot of document.querySelectorAll("[data-filter]")) {
    const table = document.getElementById(slot.dataset.filter);
    if (!table) continue;
    const rows = [...table.tBodies[0].rows];
    const label = document.createElement("label");
    label.textContent = slot.dataset.label;
    label.htmlFor = `${table.id}-filter`;
    const input = document.createElement("input");
    input.type = "search";
    input.id = label.htmlFor;
    input.autocomplete = "off";
    input.spellcheck = false;
    const told = document.createElement("span");
    told.className = "muted";
    told.setAttribute("role", "status");
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
        if (!row.hidden) shown += 1;
      }
      told.textContent = wanted === "" ? "" : `${shown} of ${rows.length} rows`;
    });
    slot.append(label, input, told);
  }
})();
