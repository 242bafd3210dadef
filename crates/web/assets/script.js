// Everything works without this file; with it, numbers move by themselves and lists unfold in place.
"use strict";

(() => {
  const parse = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error("not the page that was asked for");
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // Copy buttons: hidden in the markup, as they do nothing without a script.
  const revealCopies = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  };
  revealCopies();
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // A file is put into the field that it could be pasted into; a bare certificate (DER) in the form that is pasted.
  const readable = async (file) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (bytes[0] !== 0x30) return new TextDecoder().decode(bytes);
    const encoded = btoa(String.fromCharCode(...bytes)).replace(/.{64}/g, "$&\n");
    return `-----BEGIN CERTIFICATE-----\n${encoded}\n-----END CERTIFICATE-----\n`;
  };
  for (const label of document.querySelectorAll("[data-into]")) {
    label.hidden = false;
    label.querySelector("input").addEventListener("change", async (event) => {
      const file = event.target.files[0];
      if (file) document.getElementById(label.dataset.into).value = await readable(file);
    });
  }

  // Live numbers: an event carries them, with the words to show. The rest of the page (marked data-live) is drawn again
  // from the server seldom: soon when something begins or ends, else every few seconds while something happens.
  const source = document.querySelector("[data-live-source]");
  if (source && window.EventSource) {
    const SOON = 2000;
    const SELDOM = 5000;
    const running = new Map();
    let drawnAt = performance.now();
    let busy = false;
    let timer = null;
    let dueAt = 0;
    let asked = null;
    const redraw = async () => {
      timer = null;
      busy = true;
      try {
        const fresh = await parse(location.href);
        for (const part of document.querySelectorAll("[data-live]")) {
          const name = CSS.escape(part.dataset.live);
          const other = fresh.querySelector(`[data-live="${name}"]`);
          const reading = part.querySelector("details[open]");
          if (other && !reading && other.innerHTML !== part.innerHTML) part.innerHTML = other.innerHTML;
        }
        revealCopies();
      } catch { /* the next event tries again */ }
      busy = false;
      drawnAt = performance.now();
      if (asked !== null) { redrawAfter(asked); asked = null; }
    };
    const redrawAfter = (gap) => {
      if (busy) { asked = Math.min(asked ?? gap, gap); return; }
      if (timer !== null && drawnAt + gap >= dueAt) return;
      clearTimeout(timer);
      dueAt = drawnAt + gap;
      timer = setTimeout(redraw, Math.max(0, dueAt - performance.now()));
    };
    const show = (line) => {
      const part = document.querySelector(`[data-progress="${line.account}"]`);
      const known = running.has(line.account) ? running.get(line.account) : Boolean(part);
      running.set(line.account, line.running);
      if (part && line.running) {
        const [sentence, bar, numbers] = part.children;
        sentence.textContent = line.sentence;
        bar.max = line.bar_total;
        bar.value = line.bar;
        numbers.textContent = line.numbers;
      }
      return known !== line.running;
    };
    const events = new EventSource(source.dataset.liveSource);
    events.addEventListener("progress", (event) => {
      const lines = JSON.parse(event.data);
      const turned = lines.map(show).some(Boolean);
      if (lines.length > 0) redrawAfter(turned ? SOON : SELDOM);
    });
    addEventListener("pagehide", () => events.close());
  }

  document.addEventListener("click", async (event) => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.altKey;

    // A menu closes when something else is clicked.
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }

    // Shift turns "sync what is new" into "sync everything"; left alone, browsers would open a window for it.
    const sync = event.target.closest("[data-sync] button");
    if (sync && event.shiftKey) {
      event.preventDefault();
      sync.value = "full";
      sync.form.requestSubmit(sync);
      sync.value = "soft";
    }

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

  // A search shows what it finds while it is typed: the parts of the page that depend on it (data-region) are drawn again.
  for (const form of document.querySelectorAll("[data-instant]")) {
    const PAUSE = 150;
    let timer = null;
    let latest = 0;
    const search = async () => {
      const mine = ++latest;
      const address = new URL(form.action);
      for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
      try {
        const fresh = await parse(address);
        if (mine !== latest) return;
        for (const part of document.querySelectorAll("[data-region]")) {
          const other = fresh.querySelector(`[data-region="${CSS.escape(part.dataset.region)}"]`);
          if (other && other.innerHTML !== part.innerHTML) part.innerHTML = other.innerHTML;
        }
        history.replaceState(null, "", address);
      } catch { /* the button of the keyboard still sends the form */ }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(search, PAUSE);
    });
  }

  // "/" goes to the search of this page, where it has one.
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector('[aria-keyshortcuts="/"]');
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || !field || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      // What has the focus is about to be hidden.
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  });

  // "Check" shows its steps below the form as they come, instead of in another window.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-check]");
    if (!button) return;
    event.preventDefault();
    const region = document.getElementById(button.dataset.check);
    const show = (text) => {
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const part = fresh.querySelector("[data-checked]");
      if (part) region.innerHTML = part.innerHTML;
      return Boolean(part);
    };
    region.hidden = false;
    region.replaceChildren();
    region.scrollIntoView({ block: "nearest" });
    button.disabled = true;
    try {
      const body = new URLSearchParams(new FormData(button.form));
      const answer = await fetch(button.formAction, { method: "POST", credentials: "same-origin", body });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        text += piece.value;
        show(text);
      }
      if (!show(text)) region.innerHTML = new DOMParser().parseFromString(text, "text/html").querySelector("main").innerHTML;
    } catch {
      region.textContent = "The check broke off: Dovetail was not reached. Check again.";
    }
    button.disabled = false;
    revealCopies();
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
