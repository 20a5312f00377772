/* Asbuilt in the browser: quicker, never needed. Keys, scanner bursts, focus on a refusal, drop field, polling pauses.
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
    else if (key === "a") document.querySelector("[data-ask]")?.focus();
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
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
    if (key === "/") { event.preventDefault(); burst = ""; scanField()?.focus(); return; }
    if (!lettersOn) return;
    // a scan may begin with a letter: the key acts only if no other follows at a scanner's pace
    waiting = key;
    timer = setTimeout(settle, 2 * GAP_MS, true);
  });

  // a page made to be printed has a button for it
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

  // the drop field of the import page: files land in its input, the form is sent
  const drop = document.querySelector("[data-drop]");
  if (drop) {
    const input = drop.querySelector("input[type=file]");
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
    drop.addEventListener("submit", () => {
      drop.setAttribute("aria-busy", "true");
      drop.querySelector("[data-busy]").hidden = false;
    });
  }
})();
