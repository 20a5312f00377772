/* Station without a network: what is scanned is kept in this browser, shown, and sent once the network is back, each once. */
"use strict";
(() => {
  const box = document.querySelector("[data-queue]");
  const field = document.querySelector("#scan");
  if (!box || !field || !window.localStorage || !window.AbortSignal?.timeout) return;
  const texts = box.dataset;
  const place = `asbuilt station ${texts.queue}`;
  const CARDS = ["PASS", "FAIL"];
  const ALIVE_MS = 3000, AGAIN_MS = 5000;
  let front = field.form.elements.front.value;
  let sending = false;

  const kept = () => JSON.parse(localStorage.getItem(place) || "[]");
  const keep = (list) => localStorage.setItem(place, JSON.stringify(list));
  const waiting = () => kept().filter((one) => !one.refused);
  const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const alive = () => fetch(texts.alive, { cache: "no-store", signal: AbortSignal.timeout(ALIVE_MS) }).then((answer) => answer.ok, () => false);

  const say = (text) => { box.querySelector("[data-said]").textContent = text; };

  function line(one) {
    const item = document.createElement("li");
    const code = item.appendChild(document.createElement("b"));
    code.className = "code";
    code.textContent = `${one.unit} ${one.card}`;
    const time = new Date(one.said.at).toLocaleTimeString();
    item.append(` ${one.said.step} ${time} · ${one.refused ? `${texts.tRefused}: ${one.refused}` : texts.tWaiting}`);
    if (one.refused) {
      const away = item.appendChild(document.createElement("button"));
      away.type = "button";
      away.className = "btn";
      away.textContent = texts.tAway;
      away.addEventListener("click", () => { keep(kept().filter((other) => other.said.request_key !== one.said.request_key)); show(); field.focus(); });
    }
    return item;
  }

  function show() {
    const list = kept();
    box.hidden = list.length === 0 && !box.querySelector("[data-said]").textContent;
    box.querySelector("ol").replaceChildren(...list.map(line));
  }

  // a scan while there is no network: a unit, or the card that ends the step of the unit before it
  function take(said) {
    const scan = (said.get("card") || said.get("scan") || "").trim();
    const card = scan.toUpperCase();
    if (CARDS.includes(card)) {
      if (front) {
        const chosen = Object.fromEntries(["step", "side", "machine", "program", "operator"].map((name) => [name, said.get(name) || ""]));
        keep([...kept(), { unit: front, card, said: { ...chosen, at: new Date().toISOString(), request_key: key() } }]);
      }
      front = "";
    } else if (scan) {
      front = scan;
    }
    say(front ? `${texts.tOffline} ${texts.tScanned.replace("{unit}", front)}` : texts.tOffline);
    field.value = "";
    show();
    field.focus();
  }

  async function send(one) {
    const body = new URLSearchParams({ ...one.said, unit: one.unit, card: one.card, csrfmiddlewaretoken: field.form.elements.csrfmiddlewaretoken.value });
    const answer = await fetch(texts.send, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error", signal: AbortSignal.timeout(30000) });
    const told = await answer.json();
    if (answer.ok) return keep(kept().filter((other) => other.said.request_key !== one.said.request_key));
    if (!told.refused) throw new Error(answer.status);
    return keep(kept().map((other) => (other.said.request_key === one.said.request_key ? { ...other, refused: told.refused } : other)));
  }

  async function drain() {
    if (sending || !waiting().length) return;
    sending = true;
    try {
      if (await alive()) {
        for (const one of waiting()) await send(one);
        say(texts.tSent);
      }
    } catch {
      say(texts.tLater);
    } finally {
      sending = false;
      show();
    }
  }

  for (const form of document.querySelectorAll("form[action]")) {
    if (form.getAttribute("action") !== field.form.getAttribute("action")) continue;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = new FormData(form, event.submitter);
      if (!(await alive())) return take(said);
      await drain();
      for (const [name, value] of said) {
        if (form.elements[name]?.value === value && form.elements[name] !== event.submitter) continue;
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      form.submit();
    });
  }
  window.addEventListener("online", drain);
  setInterval(drain, AGAIN_MS);
  show();
  drain();
})();
