/* Reports in the browser: copying field by field, with what was copied marked, and lengths while typing. Quicker, never needed: without it the
   texts are there to select. Strict CSP: no inline script; everything hangs on data attributes of server-made pages. */
"use strict";
(() => {
  // ---- lengths: forms count UTF-16 units, as strings here do
  for (const field of document.querySelectorAll("[data-length]")) {
    const told = document.getElementById(field.dataset.length);
    const most = Number(field.dataset.most || 0);
    const repeats = field.hasAttribute("data-repeats");
    const count = () => {
      const parts = repeats ? field.value.split(/^\s*---\s*$/m).map((part) => part.trim()) : [field.value.trim()];
      const longest = Math.max(...parts.map((part) => part.length));
      told.textContent = most ? `${longest} / ${most}` : String(longest);
      field.closest(".field").toggleAttribute("data-wrong", most > 0 && longest > most);
    };
    field.addEventListener("input", count);
  }

  // ---- copying
  const list = document.querySelector("[data-copy-list]");
  if (!list) return;
  const place = `asbuilt copied ${list.dataset.copyList}`;
  const cells = [...list.querySelectorAll("[data-copy]")];
  const read = () => { try { return new Set(JSON.parse(localStorage.getItem(place) || "[]")); } catch { return new Set(); } };
  const done = read();
  const status = document.querySelector("[data-copy-status]");
  const left = document.querySelector("[data-copy-left]");
  const show = () => {
    for (const cell of cells) cell.querySelector("[data-copied]").hidden = !done.has(cell.dataset.copy);
    if (left) left.textContent = `${cells.filter((cell) => done.has(cell.dataset.copy)).length} / ${cells.length}`;
  };
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const marked = getSelection();
    marked.removeAllRanges();
    marked.addRange(range);
  };
  const copy = async (cell) => {
    const text = cell.querySelector("[data-text]");
    let ours = false;
    try { await navigator.clipboard.writeText(text.textContent); ours = true; } catch {
      select(text);
      ours = document.execCommand("copy"); // where the page has no secure address
    }
    if (!ours) { select(text); status.textContent = list.dataset.selected; return; }
    done.add(cell.dataset.copy);
    try { localStorage.setItem(place, JSON.stringify([...done])); } catch { /* a full store forgets the marks, nothing else */ }
    status.textContent = `${list.dataset.done}: ${cell.dataset.name}`;
    show();
    cells[cells.indexOf(cell) + 1]?.querySelector("[data-copy-button]").focus();
  };
  for (const cell of cells) {
    const button = cell.querySelector("[data-copy-button]");
    button.hidden = false;
    button.addEventListener("click", () => copy(cell));
  }
  const next = document.querySelector("[data-copy-next]"); // the key c presses it, as asbuilt.js does for every data-key
  if (next) {
    next.hidden = false;
    next.addEventListener("click", () => {
      const here = cells.find((cell) => cell.contains(document.activeElement));
      const one = here || cells.find((cell) => !done.has(cell.dataset.copy));
      if (one) copy(one);
    });
  }
  const anew = document.querySelector("[data-copy-anew]");
  if (anew) {
    anew.hidden = false;
    anew.addEventListener("click", () => { done.clear(); localStorage.removeItem(place); show(); cells[0]?.querySelector("[data-copy-button]").focus(); });
  }
  show();
})();
