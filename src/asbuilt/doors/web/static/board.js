/* The board map by keys: one stop of the Tab key a side; arrows go to the nearest component that way, + - 0 zoom; the live line names it. */
"use strict";
(() => {
  const says = document.querySelector("[data-board-says]");
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const ZOOMS = { "+": "+", "-": "−", "0": "0" };
  for (const board of document.querySelectorAll("[data-board]")) {
    const links = [...board.querySelectorAll("a")];
    const middle = (link) => { const box = link.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
    links.forEach((link, n) => link.setAttribute("tabindex", n ? "-1" : "0"));
    board.addEventListener("focusin", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      links.forEach((one) => one.setAttribute("tabindex", one === link ? "0" : "-1"));
      if (says) says.textContent = link.querySelector("title").textContent;
    });
    board.addEventListener("keydown", (event) => {
      const way = WAYS[event.key], link = event.target.closest("a");
      if (ZOOMS[event.key]) {
        board.closest("figure").querySelector(`[data-move="${ZOOMS[event.key]}"]`)?.click();
      } else if (way && link) {
        const [x, y] = middle(link);
        let best = null, least = Infinity;
        for (const one of links) {
          const [over, down] = middle(one);
          const ahead = (over - x) * way[0] + (down - y) * way[1];
          const aside = Math.abs((over - x) * way[1]) + Math.abs((down - y) * way[0]);
          if (ahead > 0.5 && ahead + 2 * aside < least) { best = one; least = ahead + 2 * aside; }
        }
        best?.focus();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
})();
