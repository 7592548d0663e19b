// The operators' pages of imports, which work without it: shows how much of the files is sent, and keeps what is
// under way current. A closed tab changes nothing for an import.
"use strict";

(() => {
  const EVERY = 1000; // milliseconds

  const refresh = async (part) => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
        if (fresh) {
          part.replaceChildren(...fresh.childNodes);
          if (!fresh.hasAttribute("data-live")) return;
        }
      }
    } catch {
      // the site is away for a moment; the next try tells
    }
    setTimeout(refresh, EVERY, part);
  };
  for (const part of document.querySelectorAll("[data-live]")) setTimeout(refresh, EVERY, part);

  const form = document.querySelector("form[data-sending]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const shown = form.querySelector("[data-sent]");
    const bar = shown.querySelector("progress");
    const words = shown.querySelector("[role=status]");
    const button = form.querySelector("button[type=submit]");
    const call = new XMLHttpRequest();
    const over = (sentence) => {
      words.textContent = sentence;
      button.disabled = false;
    };
    call.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = total ? Math.floor((100 * loaded) / total) : 0;
      bar.value = percent;
      words.textContent = percent < 100 ? `${percent} %` : "sent; the files are looked at";
    });
    call.addEventListener("load", () => {
      if (call.status === 200) location.assign(call.responseURL); // the import, or the list of several
      else {
        const page = new DOMParser().parseFromString(call.responseText, "text/html");
        const told = page.querySelector("[role=alert]") || page.querySelector("main p");
        const fresh = page.querySelector("input[name=request_id]");
        if (fresh) form.querySelector("input[name=request_id]").value = fresh.value;
        over(told ? told.textContent : "It did not work; try again.");
      }
    });
    call.addEventListener("error", () => over("The files did not arrive: the connection broke. Send them again."));
    call.open("POST", form.action);
    shown.hidden = false;
    button.disabled = true;
    call.send(new FormData(form));
  });
})();
