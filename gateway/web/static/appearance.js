// Light or dark, as the reader chose. Runs before the first drawing, so that nothing flashes; without a choice the
// browser's preference counts. The choice is a cookie that only this file and the page without scripts read.
"use strict";

(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const show = (chosen) => {
    if (chosen) root.dataset.appearance = chosen;
    else delete root.dataset.appearance;
    for (const colour of document.querySelectorAll("meta[name='theme-color']")) {
      const scheme = colour.dataset.scheme;
      if (chosen) colour.media = scheme === chosen ? "all" : "not all";
      else colour.media = `(prefers-color-scheme: ${scheme})`;
    }
  };

  const keep = (chosen) => {
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    const age = chosen ? 31536000 : 0;
    document.cookie = `appearance=${chosen}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  };

  show(/(?:^|;\s*)appearance=(light|dark)(?:;|$)/.exec(document.cookie)?.[1] ?? "");

  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".appearance") || !event.submitter) return;
    event.preventDefault();
    const wanted = event.submitter.value;
    const chosen = wanted === (system.matches ? "dark" : "light") ? "" : wanted;
    keep(chosen);
    show(chosen);
    event.target.querySelector(`button:not([value="${wanted}"])`).focus();
  });
})();
