/* Asbuilt in the browser: quicker, never needed. Keys, scanner bursts, focus on a refusal, network, drop field.
   Strict CSP: no inline script, no eval; everything hangs on data attributes of server-made pages. */
"use strict";
(() => {
  const root = document.documentElement;
  const lettersOn = root.dataset.keys !== "off" && !document.body.classList.contains("floor");
  const inText = (el) => el && (el.isContentEditable || /^(textarea|select)$/i.test(el.tagName) ||
    (el.tagName === "INPUT" && !/^(checkbox|radio|button|submit|file)$/i.test(el.type)));
  const scanField = () => document.querySelector("[data-scan]") || document.querySelector("[data-find] input");

  // a refusal takes the focus, so that a screen reader and a hand on the keyboard begin there
  const refusal = document.querySelector("[role=alert]");
  if (refusal) refusal.focus();

  // an open menu closes when somebody goes on elsewhere, and by Escape, which leaves the focus on its word
  const openMenus = () => document.querySelectorAll("details.behind[open], details.menu[open]");
  document.addEventListener("click", ({ target }) => openMenus().forEach((menu) => { if (!menu.contains(target)) menu.open = false; }));
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    openMenus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  // a scanner types faster than a hand; a burst that ends in Enter or Tab goes to the scan field
  const GAP_MS = 35, LEAST = 4, TWICE_MS = 2000;
  let burst = "", last = 0, sent = "", sentAt = 0, going = false;
  const take = (code) => {
    const field = scanField();
    if (!field) return;
    const now = Date.now();
    if (code === sent && now - sentAt < TWICE_MS) return;
    sent = code; sentAt = now;
    field.value = code;
    field.form.requestSubmit();
  };

  const rows = () => [...document.querySelectorAll("main tbody tr, main li.file")].filter((row) => row.querySelector("a[href]"));
  let row = -1;
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    row = Math.min(all.length - 1, Math.max(0, row + by));
    all[row].querySelector("a[href]").focus();
  };

  const list = document.getElementById("keys");
  document.querySelector("[data-keys-open]")?.addEventListener("click", (event) => {
    if (list) { event.preventDefault(); list.showModal(); }
  });

  let waiting = "", timer = 0;
  const settle = (alone) => {
    clearTimeout(timer);
    const key = waiting;
    waiting = "";
    if (key && alone) act(key);
  };
  const act = (key) => {
    if (going) {
      going = false;
      document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
    } else if (key === "g") going = true;
    else if (key === "a") (document.querySelector("[data-ask]") || { focus() { document.querySelector("[data-go=a]")?.click(); } }).focus();
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "?") list?.showModal();
    else document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
  };

  document.addEventListener("keydown", (event) => {
    const quick = event.timeStamp - last < GAP_MS;
    last = event.timeStamp;
    settle(!quick);
    // ASCII 29 (GS) arrives as Control-] from most keyboard wedges; it separates the fields of a label
    const key = event.key === "\u001d" || (event.ctrlKey && event.key === "]") ? "\u001d" : event.key;
    if (inText(event.target)) { burst = ""; return; }
    if ((key === "Enter" || key === "Tab") && burst.length >= LEAST && quick) {
      event.preventDefault();
      take(burst);
      burst = "";
      return;
    }
    if (key.length === 1 && (!event.ctrlKey || key === "\u001d") && !event.altKey && !event.metaKey) {
      burst = quick ? burst + key : key;
    } else if (key !== "Shift") {
      burst = "";
      return;
    }
    if (burst.length > 1 || event.ctrlKey) return;
    if (!lettersOn || list?.open) return;
    if (key === "/") { event.preventDefault(); burst = ""; scanField()?.focus(); return; }
    // a scan may begin with a letter: the key acts only if no other follows at a scanner's pace
    waiting = key;
    timer = setTimeout(settle, 2 * GAP_MS, true);
  });

  // no network: said, and what was typed stays
  const offline = document.querySelector("[data-offline]");
  const network = () => { if (offline) offline.hidden = navigator.onLine; };
  addEventListener("online", network); addEventListener("offline", network); network();

  // buttons that only a script can serve are hidden until it is there
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // the drop field of the import page: one button; files chosen or dropped are sent at once, and how far they are is shown
  const drop = document.querySelector("[data-drop]");
  if (drop) {
    const input = drop.querySelector("input[type=file]");
    const [busy, broke, sent] = ["busy", "broke", "sent"].map((name) => drop.querySelector(`[data-${name}]`));
    drop.classList.add("drop-quick");
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); input.click(); } });
    input.addEventListener("change", () => { if (input.files.length) drop.requestSubmit(); });
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("drop-over"); });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("drop-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("drop-over");
      input.files = event.dataTransfer.files;
      if (input.files.length) drop.requestSubmit();
    });
    const ended = (way) => { drop.toggleAttribute("aria-busy", way); busy.hidden = sent.hidden = !way; };
    drop.addEventListener("submit", (event) => {
      event.preventDefault();
      const request = new XMLHttpRequest();
      request.open("POST", drop.action);
      request.upload.addEventListener("progress", ({ loaded, total }) => { sent.max = total; sent.value = loaded; });
      request.addEventListener("error", () => { ended(false); broke.hidden = false; input.value = ""; });
      request.addEventListener("load", () => {
        if (request.responseURL !== drop.action && request.status === 200) { location.assign(request.responseURL); return; }
        // refused before it began: what the server says takes the place of the page, and the field is ready again
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        document.querySelector(".refused-upload")?.remove();
        const said = page.querySelector("[role=alert]");
        ended(false);
        input.value = "";
        if (!said) { broke.hidden = false; return; }
        said.classList.add("refused-upload");
        drop.before(said);
        said.focus();
      });
      broke.hidden = true;
      ended(true);
      request.send(new FormData(drop));
    });
  }
})();
