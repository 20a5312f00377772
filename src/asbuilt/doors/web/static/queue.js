/* Floor screens without a network: what is scanned is kept in this browser, numbered, shown, and sent once the network is back, each
   once, in the order of the scans. One queue for all floor screens of a person. A form says how it is kept:

     data-keep="station|setup|form"   by which of TAKERS below       data-keep-to   where it is sent then
     data-keep-title, -clear          fields that name it in the list, and that are emptied after it      data-keep-once   it goes away

   A form without data-keep needs the network; it says so and keeps what was typed. */
"use strict";
(() => {
  const box = document.querySelector("[data-queue]");
  if (!box || !window.localStorage || !window.AbortSignal?.timeout) return;
  const texts = box.dataset;
  const place = `asbuilt floor ${texts.queue}`;
  const CARDS = ["PASS", "FAIL"], OFF = "OFF", NOT_KEPT = ["csrfmiddlewaretoken", "request_key", "act"];
  const ALIVE_MS = 3000, SEND_MS = 30000, AGAIN_MS = 5000, CLOCK_MS = 2000, MOST = 1000, TITLE = 60;
  const field = document.querySelector("#scan");
  const keeps = document.querySelector("[data-keep]") !== null;
  let gone = !navigator.onLine, leaving = false, skew = 0, shown = "", draining = null, turn = Promise.resolve();

  // ---- what is kept

  function kept() {
    try { return JSON.parse(localStorage.getItem(place) || "[]"); } catch { return []; }
  }
  const write = (list) => localStorage.setItem(place, JSON.stringify(list));
  const change = (key, said) => write(kept().map((one) => (one.key === key ? { ...one, ...said } : one)));
  const drop = (key) => write(kept().filter((one) => one.key !== key));
  const mine = (one) => one.who === texts.who;
  const waiting = () => kept().filter((one) => mine(one) && !one.refused && !one.asked && !one.sent);
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const sound = (name) => document.dispatchEvent(new CustomEvent("asbuilt:sound", { detail: name }));

  function keep(form, title, where, fields) {
    const list = kept();
    if (list.length >= MOST) return refuse(texts.tFull);
    const n = 1 + Math.max(0, ...list.map((one) => one.n));
    const one = { n, title, where, fields, to: form.dataset.keepTo, at: Date.now(), key: newKey(), who: texts.who, name: texts.name };
    try { write([...list, one]); } catch { return refuse(texts.tFull); }
    sound("queued");
    return true;
  }

  // ---- what is said

  const fill = (text, names) => text.replace(/\{(\w+)\}/g, (_, name) => names[name] ?? "");
  const say = (text) => { box.querySelector("[data-said]").textContent = text; show(); };
  function refuse(text, names = {}) {
    sound("stop");
    say(fill(text, names));
    return false;
  }

  function button(text, act) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "btn", textContent: text });
    made.addEventListener("click", act);
    return made;
  }
  const seen = (one) => button(texts.tAway, () => { drop(one.key); show(); field?.focus(); });

  // a refusal does not take the focus: the operator may be in the middle of the next scan
  function stop(one) {
    const made = document.createElement("div");
    made.className = `queue-stop ${one.refused ? "queue-refused" : "queue-asked"}`;
    made.setAttribute("role", "alert");
    const what = made.appendChild(document.createElement("p"));
    what.className = "say";
    what.append(`${one.refused ? texts.tStop : texts.tAsked} · ${one.n} · `, code(one.title), ` ${one.where} ${time(one)}`);
    made.appendChild(document.createElement("p")).textContent = one.refused || one.asked;
    if (one.todo) Object.assign(made.appendChild(document.createElement("p")), { className: "do", textContent: one.todo });
    made.append(one.refused ? seen(one) : button(texts.tAnswer, () => answerIt(one)));
    return made;
  }
  function code(text) {
    const made = document.createElement("b");
    made.className = "code wrap";
    made.textContent = text;
    return made;
  }
  const time = (one) => new Date(one.at).toLocaleTimeString(document.documentElement.lang);

  function line(one) {
    const made = document.createElement("li");
    const how = one.sent || (mine(one) ? texts.tWaiting : fill(texts.tOther, { name: one.name }));
    made.append(`${one.n} · `, code(one.title), ` ${one.where} ${time(one)} · ${how}`);
    if (one.sent) made.append(seen(one));
    return made;
  }

  function show() {
    const list = kept(), said = box.querySelector("[data-said]").textContent;
    box.hidden = !list.length && !said && !gone;
    box.toggleAttribute("data-gone", gone);
    const count = list.filter((one) => !one.sent).length;
    const now = JSON.stringify([list, gone]);
    if (now === shown) return;
    shown = now;
    box.querySelector("[data-gone-say]").textContent = gone ? (keeps ? texts.tOffline : texts.tNeeds) : "";
    box.querySelector("[data-count]").textContent = count || "";
    box.querySelector("[data-count]").hidden = !count;
    box.querySelector("[data-stops]").replaceChildren(...list.filter((one) => one.refused || one.asked).map(stop));
    const rest = list.filter((one) => !one.refused && !one.asked);
    box.querySelector("ol").replaceChildren(...rest.map(line));
    box.querySelector("ol").hidden = !rest.length;
  }

  // ---- a scan while there is no network; each returns whether the field may be emptied

  const valuesOf = (said) => [...said].filter(([name, value]) => !NOT_KEPT.includes(name) && typeof value === "string");
  const scanned = (said) => (said.get("card") || said.get("scan") || "").trim();
  const printable = (text) => text.replace(/[\u0000-\u001f]+/g, " ").trim();

  let front = document.querySelector("[data-keep=station]")?.elements.front.value || "";
  const setup = document.querySelector("[data-keep=setup]");
  const at = { feeder: setup?.elements.feeder.value || "", old: setup?.elements.old.value || "" };

  // what the page knew of the feeders, and what was kept since
  function feeders(form, said) {
    const there = new Map(Object.entries(JSON.parse(document.getElementById(form.dataset.feeders).textContent)));
    for (const one of kept().filter((one) => one.to === form.dataset.keepTo && !one.refused)) {
      const fields = Object.fromEntries(one.fields);
      if (fields.machine === said.get("machine") && there.has(fields.feeder)) there.set(fields.feeder, fields.what === "removed" ? "" : fields.package);
    }
    return there;
  }

  const TAKERS = {
    // a unit, then the card that ends its step
    station(form, said) {
      const scan = scanned(said), card = scan.toUpperCase();
      if (!CARDS.includes(card)) {
        front = scan;
        say(fill(texts.tUnit, { unit: front }));
      } else if (!front) {
        return refuse(texts.tNoUnit);
      } else {
        const chosen = ["step", "side", "machine", "program", "operator", "software", "paste"].map((name) => [name, said.get(name) || ""]);
        if (!keep(form, `${front} ${card}`, said.get("step"), [...chosen, ["unit", front], ["card", card]])) return false;
        front = "";
        say("");
      }
      return true;
    },
    // a feeder, then its package; at a taken one the package that is there and the new one, or OFF
    setup(form, said) {
      const scan = scanned(said), there = feeders(form, said);
      if (there.has(scan)) {
        Object.assign(at, { feeder: scan, old: "" });
        say(fill(there.get(scan) ? texts.tTaken : texts.tFeeder, { feeder: scan, package: there.get(scan) }));
        return true;
      }
      if (!at.feeder) return refuse(texts.tNoFeeder, { scan });
      const here = there.get(at.feeder) || "", off = scan.toUpperCase() === OFF;
      if (off && !here) return refuse(texts.tNothing, at);
      if (here && scan === here && !at.old) {
        at.old = scan;
        say(fill(texts.tSplice, { package: scan }));
        return true;
      }
      if (here && !off && !at.old) return refuse(texts.tTaken, { feeder: at.feeder, package: here });
      const what = off ? "removed" : at.old ? "spliced" : "mounted";
      const chosen = ["machine", "order", "program"].map((name) => [name, said.get(name) || ""]);
      const fields = [...chosen, ["side", form.dataset.side], ["feeder", at.feeder], ["old", at.old], ["what", what], ["package", off ? here : scan]];
      const title = `${at.feeder} ${at.old ? `${at.old} + ` : ""}${off ? `${OFF} ${here}` : scan}`;
      if (!keep(form, title, said.get("machine"), fields)) return false;
      Object.assign(at, { feeder: "", old: "" });
      say("");
      return true;
    },
    // the fields as they are
    form(form, said) {
      const fields = valuesOf(said), named = Object.fromEntries(fields);
      const label = named.label || (named.label64 ? atob(named.label64.replaceAll("-", "+").replaceAll("_", "/")) : "");
      const title = [printable(label), ...(form.dataset.keepTitle || "").split(" ").map((name) => named[name])].filter(Boolean).join(" ");
      if (!keep(form, title.length > TITLE ? `${title.slice(0, TITLE)}…` : title, form.dataset.keepWhere || "", fields)) return false;
      say("");
      return true;
    },
  };

  // the network is back between two scans: the server gets what the first one said
  function goOn(form) {
    const known = { station: { front }, setup: at }[form.dataset.keep] || {};
    for (const [name, value] of Object.entries(known)) if (form.elements[name]) form.elements[name].value = value;
  }

  function take(form, said) {
    const taker = TAKERS[form.dataset.keep];
    if (!taker) return refuse(`${texts.tNeeds} ${texts.tStays}`);
    const done = taker(form, said);
    // the verdict of the page speaks of the scan before
    if (done) for (const old of document.querySelectorAll("main .verdict")) old.hidden = true;
    return done;
  }

  // ---- sending

  // a tablet's clock may be wrong: what is kept is sent with the server's time
  async function reach() {
    try {
      const answer = await fetch(texts.alive, { cache: "no-store", signal: AbortSignal.timeout(ALIVE_MS) });
      const ahead = Date.parse(answer.headers.get("date")) - Date.now();
      skew = Math.abs(ahead) > CLOCK_MS ? ahead : 0;
      gone = !answer.ok;
    } catch {
      gone = true;
    }
    show();
    return !gone;
  }

  async function send(one) {
    const said = one.right ? one : { ...one, at: one.at + skew, right: true };
    change(one.key, said); // before it leaves: what is sent again is the same to the letter
    const body = new URLSearchParams(said.fields);
    body.set("at", new Date(said.at).toISOString());
    body.set("request_key", said.key);
    body.set("csrfmiddlewaretoken", box.querySelector("[name=csrfmiddlewaretoken]").value);
    const answer = await fetch(said.to, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual", signal: AbortSignal.timeout(SEND_MS) });
    if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) throw new Error(texts.tSignIn);
    const told = await answer.json();
    if (answer.ok) return told.shown ? change(one.key, { sent: told.shown }) : drop(one.key);
    if (!told.refused && !told.asked) throw new Error(texts.tLater);
    change(one.key, told.refused ? { refused: told.refused, todo: told.do } : { asked: told.asked, todo: told.do });
    return sound("stop");
  }

  async function sendAll() {
    if (leaving || !(await reach()) || !waiting().length) return;
    try {
      for (const one of waiting()) await send(one);
      say(texts.tSent);
    } catch (broken) {
      say([texts.tLater, texts.tSignIn].includes(broken.message) ? broken.message : texts.tLater);
    }
  }
  // one at a time, in this page and, where the browser can, in all pages of this browser
  const drain = () => (draining ??= (navigator.locks ? navigator.locks.request(place, sendAll) : sendAll()).finally(() => { draining = null; show(); }));

  function answerIt(one) {
    const form = Object.assign(document.createElement("form"), { method: "post", action: one.to.replace(/queued\/$/, "") });
    const more = [["kept", one.key], ["received_at", new Date(one.at).toISOString()], ["csrfmiddlewaretoken", box.querySelector("[name=csrfmiddlewaretoken]").value]];
    for (const [name, value] of [...one.fields, ...more]) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
  }

  // ---- forms and links

  async function settle(form, said, submitter, emptied) {
    if (leaving) return;
    if (!gone && (await reach())) {
      if (waiting().length) await drain();
      leaving = true;
      goOn(form);
      for (const [input, value] of emptied) input.value = value;
      if (submitter?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value }));
      form.submit();
      return;
    }
    if (!take(form, said)) {
      for (const [input, value] of emptied) input.value ||= form.dataset.keep === "form" || !form.dataset.keep ? value : "";
    } else if ("keepOnce" in form.dataset) {
      form.hidden = true;
    }
    (emptied[0]?.[0] ?? field)?.focus();
    if (form.hidden) field?.focus();
  }

  for (const form of document.forms) {
    if (form.method === "dialog") continue;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      const said = new FormData(form, event.submitter);
      // the field is ready for the next scan at once, however long the network takes to be found gone
      const emptied = (form.dataset.keepClear || "").split(" ").map((name) => form.elements[name]).filter(Boolean).map((input) => [input, input.value]);
      for (const [input] of emptied) input.value = "";
      turn = turn.then(() => settle(form, said, event.submitter, emptied));
    });
  }
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !gone || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    if (await reach()) location.assign(link.href);
    else refuse(texts.tLink);
  });

  addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
  addEventListener("online", drain);
  addEventListener("offline", () => { gone = true; show(); });
  addEventListener("storage", (event) => { if (event.key === place) show(); });
  setInterval(() => { if (gone || waiting().length) drain(); }, AGAIN_MS);
  if (texts.done) drop(texts.done);
  show();
  if (waiting().length) drain();
})();
