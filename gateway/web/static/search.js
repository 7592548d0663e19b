// The search box while typing: a list of results below it (WAI-ARIA combobox with a listbox), debounced, driven by
// arrows, Enter and Escape, told to screen readers; "/" leads to the box. Without this script the form does it all.
"use strict";

(() => {
  const WAIT = 120; // milliseconds after the last key
  const MOST = 8;
  const KEPT = 50;
  const QUIET = new Set(["code", "code-prefix", "title", "term"]);
  const LEAD = { correction: "Corrected: ", index: "By the index: ", "some-words": "Has only: " };

  const piece = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  };

  const pathOf = (result) => result.has_page
    ? `/codes/${encodeURIComponent(result.system)}/${encodeURIComponent(result.code.replaceAll(" ", "-"))}`
    : `/search?q=${encodeURIComponent(result.code)}&system=${encodeURIComponent(result.system)}`;

  // Families of codes that are known by a name alone have no number beside it.
  const numberOf = (result) => result.code === result.title ? "" : result.code;

  // The places of what fits are counted in characters, not in halves of them.
  const marked = (title, spans) => {
    const holder = piece("span", "suggest__title");
    const letters = [...title];
    let at = 0;
    for (const { begin, end } of spans) {
      holder.append(letters.slice(at, begin).join(""), piece("mark", "", letters.slice(begin, end).join("")));
      at = end;
    }
    holder.append(letters.slice(at).join(""));
    return holder;
  };

  const noteOf = (result, names) => {
    const parts = [names[result.system] ?? result.system];
    if (!result.valid) parts.push(result.last_day ? `deleted, last day ${result.last_day}` : "not valid today");
    else if (!result.billable) parts.push("not reported itself");
    if (result.origin === "ours") parts.push("our words");
    const { kind, words } = result.reason;
    if (kind === "term" && words && result.matched.length === 0) parts.push(`listed as ${words.slice(0, 120)}`);
    if (!QUIET.has(kind) && words) parts.push((LEAD[kind] ?? "") + words);
    return parts.join(" · ");
  };

  const enhance = (form, number) => {
    const input = form.querySelector("input[name=q]");
    const names = JSON.parse(form.dataset.search); // of code sets, as the pages call them
    const popup = piece("div", "suggest");
    const list = piece("ul", "suggest__list");
    const said = piece("p", "visually-hidden");
    const known = new Map();
    let options = [], active = -1, timer = 0, under = null, last = "";

    popup.hidden = true;
    list.id = `suggest-${number}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Codes that fit");
    said.setAttribute("role", "status");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    popup.append(list);
    form.append(popup, said);

    const close = () => {
      clearTimeout(timer);
      under?.abort();
      popup.hidden = true;
      choose(-1);
      input.setAttribute("aria-expanded", "false");
      said.textContent = "";
    };

    const choose = (place) => {
      options[active]?.setAttribute("aria-selected", "false");
      active = place;
      const option = options[active];
      if (option === undefined) return input.removeAttribute("aria-activedescendant");
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    };

    const go = (option) => {
      close();
      window.location.assign(option.dataset.path);
    };

    const optionOf = (place, path, ...parts) => {
      const option = piece("li", "suggest__option");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.path = path;
      parts.forEach((part, at) => option.append(...(at ? [" ", part] : [part])));
      option.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
      option.addEventListener("click", () => go(option));
      return option;
    };

    const show = (answer) => {
      const found = answer.results.map((result, place) => optionOf(
        place, pathOf(result), piece("span", "suggest__code", numberOf(result)), marked(result.title, result.matched),
        piece("span", "suggest__note", noteOf(result, names)),
      ));
      const others = answer.did_you_mean.map((other, place) => optionOf(
        found.length + place, `/search?q=${encodeURIComponent(other.query)}`,
        piece("span", "suggest__title", `Did you mean ${other.query}?`), piece("span", "suggest__note", other.because),
      ));
      choose(-1);
      options = [...found, ...others];
      list.replaceChildren(...options);
      popup.hidden = options.length === 0;
      input.setAttribute("aria-expanded", String(!popup.hidden));
      const count = found.length === 1 ? "1 code" : `${found.length} codes`;
      said.textContent = options.length === 0
        ? "No code fits so far."
        : `${count}${others.length ? ", and another spelling" : ""}. Up and down arrows choose, Enter opens.`;
    };

    const ask = async (typed) => {
      under?.abort();
      const asking = under = new AbortController();
      try {
        let answer = known.get(typed);
        if (answer === undefined) {
          const response = await fetch(`/api/v1/suggest?limit=${MOST}&q=${encodeURIComponent(typed)}`, {
            signal: asking.signal, headers: { Accept: "application/json" },
          });
          if (!response.ok) throw new Error(String(response.status));
          answer = await response.json();
          if (known.size >= KEPT) known.delete(known.keys().next().value);
          known.set(typed, answer);
        }
        if (!asking.signal.aborted && document.activeElement === input) show(answer);
      } catch {
        if (asking.signal.aborted) return;
        last = "";
        close();
        said.textContent = "No suggestions at the moment. Enter searches.";
      }
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      const typed = input.value.trimStart();
      last = typed;
      if (typed.trim().length < 2) return close();
      timer = setTimeout(ask, WAIT, typed);
    });

    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      const open = !popup.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) {
          if (last || input.value.trim().length > 1) ask(input.value.trimStart());
          return;
        }
        const down = event.key === "ArrowDown";
        // One place of the round is the box itself.
        const next = active + (down ? 1 : -1);
        choose(next < -1 ? options.length - 1 : next >= options.length ? -1 : next);
      } else if (event.key === "Enter" && open && active >= 0) {
        event.preventDefault();
        go(options[active]);
      } else if (event.key === "Escape" && (open || input.value)) {
        event.preventDefault();
        if (open) close();
        else input.value = "";
      }
    });
    input.addEventListener("blur", close);
    form.addEventListener("submit", close);
  };

  document.querySelectorAll("form[data-search]").forEach(enhance);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const input = document.querySelector("form[data-search] input[name=q]");
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
})();
