/* The question box: completion by keyboard (arrows choose, Tab takes, Enter asks), earlier questions with the up arrow.
   Without this script the box is a plain field and the page works the same. */
"use strict";
(() => {
  const box = document.querySelector("[data-ask][data-suggest]");
  if (!box) return;
  const list = document.getElementById(box.getAttribute("aria-controls"));
  const WAIT_MS = 120, KEPT = 30, KEY = "asbuilt.asked";
  let options = [], chosen = -1, timer = 0, asked = 0, earlier = [], at = -1, begun = "", madeFor = null, turn = Promise.resolve();
  try { earlier = JSON.parse(sessionStorage.getItem(KEY) || "[]"); } catch { earlier = []; }

  const close = () => {
    clearTimeout(timer); asked += 1;
    list.hidden = true; chosen = -1; options = [];
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (to) => {
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === to)));
    chosen = to;
    if (to < 0) { box.removeAttribute("aria-activedescendant"); return; }
    box.setAttribute("aria-activedescendant", options[to].id);
    options[to].scrollIntoView({ block: "nearest" });
  };
  const show = async () => {
    const number = ++asked;
    const typed = box.value, query = new URLSearchParams({ q: typed, at: box.selectionStart });
    clearTimeout(timer);
    let made;
    try {
      const answer = await fetch(`${box.dataset.suggest}?${query}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      made = await answer.text();
    } catch { return; }
    // asked last of all, when the whole answer is here: the hand may have typed on while its end was on the way
    if (number !== asked || typed !== box.value || document.activeElement !== box) return;
    list.innerHTML = made;
    madeFor = typed;
    options = [...list.querySelectorAll("[role=option]")];
    if (!options.length) { close(); return; }
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    choose(-1);
  };
  // what the hand typed since the list was made comes first: the list is made anew, then the keys act on it, each in its turn
  const onFresh = (act) => {
    turn = turn.then(async () => {
      if (madeFor !== box.value) await show();
      if (madeFor === box.value && !list.hidden && options.length) act();
    });
  };
  const take = (option) => {
    const start = Number(option.dataset.start), end = Number(option.dataset.end), text = option.dataset.text;
    const more = "more" in option.dataset;
    box.value = box.value.slice(0, start) + text + box.value.slice(end);
    const place = start + text.length;
    box.setSelectionRange(place, place);
    close();
    if (more) show();
  };

  box.addEventListener("input", () => { at = -1; clearTimeout(timer); timer = setTimeout(show, WAIT_MS); });
  box.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) take(option);
  });
  box.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" && open) { event.preventDefault(); onFresh(() => choose((chosen + 1) % options.length)); }
    else if (event.key === "ArrowDown" && at >= 0) { event.preventDefault(); at -= 1; box.value = at < 0 ? begun : earlier[at]; }
    else if (event.key === "ArrowDown") { event.preventDefault(); show(); }
    else if (event.key === "ArrowUp" && open) { event.preventDefault(); onFresh(() => choose(chosen <= 0 ? options.length - 1 : chosen - 1)); }
    else if (event.key === "ArrowUp" && at + 1 < earlier.length) {
      event.preventDefault();
      if (at < 0) begun = box.value;
      at += 1;
      box.value = earlier[at];
    }
    else if (event.key === "Tab" && open && !event.shiftKey) { event.preventDefault(); onFresh(() => take(options[Math.max(0, chosen)])); }
    else if (event.key === "Enter" && open && chosen >= 0 && madeFor === box.value) { event.preventDefault(); take(options[chosen]); }
    else if (event.key === "Escape") { if (open) event.preventDefault(); close(); }
  });
  box.form.addEventListener("submit", () => {
    close();
    const kept = [box.value, ...earlier.filter((one) => one !== box.value)].slice(0, KEPT);
    try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { return; }
  });
})();
