// Everything works without this file; with it, numbers move by themselves and lists unfold in place.
"use strict";

(() => {
  const parse = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error("not the page that was asked for");
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // Copy buttons: hidden in the markup, as they do nothing without a script.
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      const word = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = word; }, 1500);
    });
  }

  // Live numbers: an event says that something changed; the parts of this very page that are marked are drawn again.
  const source = document.querySelector("[data-live-source]");
  if (source && window.EventSource) {
    let busy = false;
    let again = false;
    const redraw = async () => {
      if (busy) { again = true; return; }
      busy = true;
      try {
        const fresh = await parse(location.href);
        for (const part of document.querySelectorAll("[data-live]")) {
          const name = CSS.escape(part.dataset.live);
          const other = fresh.querySelector(`[data-live="${name}"]`);
          const reading = part.querySelector("details[open]");
          if (other && !reading && other.innerHTML !== part.innerHTML) part.innerHTML = other.innerHTML;
        }
      } catch { /* the next event tries again */ }
      setTimeout(() => { busy = false; if (again) { again = false; redraw(); } }, 500);
    };
    const events = new EventSource(source.dataset.liveSource);
    events.addEventListener("progress", redraw);
    addEventListener("pagehide", () => events.close());
  }

  document.addEventListener("click", async (event) => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.altKey;

    // A menu closes when something else is clicked.
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }

    // Shift turns "sync what is new" into "sync everything".
    const sync = event.target.closest("[data-sync] button");
    if (sync) sync.value = event.shiftKey ? "full" : "soft";

    // "Show more" appends instead of going to the next page.
    const more = event.target.closest("a[data-more]");
    if (more && plain && !event.shiftKey) {
      event.preventDefault();
      try {
        const name = more.dataset.more;
        const fresh = await parse(more.href);
        const list = document.querySelector(`[data-list="${name}"]`);
        list.append(...fresh.querySelectorAll(`[data-list="${name}"] > li`));
        const next = fresh.querySelector(`a[data-more="${name}"]`);
        if (next) { more.href = next.getAttribute("href"); more.textContent = next.textContent; } else more.parentElement.remove();
      } catch { location.href = more.href; }
      return;
    }

    // The files of a commit unfold below it.
    const files = event.target.closest("a[data-files]");
    if (files && plain && !event.shiftKey) {
      event.preventDefault();
      const row = files.closest("li");
      const open = row.querySelector(".file-list");
      if (open) { open.remove(); return; }
      try {
        const fresh = await parse(`${files.href}&fragment=true`);
        row.append(fresh.querySelector(".file-list"));
      } catch { location.href = files.href; }
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  });

  // The link to GitLab's own page follows the Host URL.
  const host = document.querySelector("[data-host-url]");
  const applications = document.querySelector("[data-applications]");
  if (host && applications) {
    const follow = () => {
      const chosen = document.querySelector('input[name="host"]:checked');
      const usable = /^https?:\/\/[^\s/]+/i.test(host.value) && chosen && chosen.value === "gitlab";
      applications.hidden = !usable;
      if (usable) applications.href = `${host.value.trim().replace(/\/+$/, "")}/-/user_settings/applications`;
    };
    document.addEventListener("input", follow);
    follow();
  }
})();
