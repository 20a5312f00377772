/* Floor screens: the scan field keeps the separators of a label, a refusal sounds. Quicker, never needed. */
"use strict";
(() => {
  // keyboard wedges send GS, RS and EOT as Control-], Control-^ and Control-D, which a text field would swallow
  const CONTROLS = { "]": "\u001d", "^": "\u001e", d: "\u0004", "\u001d": "\u001d", "\u001e": "\u001e", "\u0004": "\u0004" };
  for (const field of document.querySelectorAll("[data-scan]")) {
    field.addEventListener("keydown", (event) => {
      const sent = event.ctrlKey || event.key < " " ? CONTROLS[event.key.length === 1 ? event.key.toLowerCase() : ""] : undefined;
      if (!sent) return;
      event.preventDefault();
      field.setRangeText(sent, field.selectionStart, field.selectionEnd, "end");
    });
  }

  // a stop has the focus: the next scan goes to the field all the same, however short its code ("1" of a feeder) and slow the scanner
  const next = document.querySelector("body.floor [data-scan]");
  const typing = (el) => el.matches?.("input:not([type=checkbox], [type=radio], [type=file]), textarea, select");
  if (next) {
    document.addEventListener("keydown", (event) => {
      const letter = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
      const pressed = event.key === " " && event.target.matches?.("button, summary, a, input");
      if (!letter || pressed || typing(event.target) || document.querySelector("dialog[open]")) return;
      next.focus();
      next.select();
    });
  }

  // a scanner ends each code with Enter: in a form of several codes that is the way to the next field, not the end of the form
  for (const field of document.querySelectorAll("[data-enter-next]")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.defaultPrevented) return;
      event.preventDefault();
      const fields = [...field.form.elements].filter((one) => one.matches("input:not([type=hidden]), select"));
      fields[fields.indexOf(field) + 1]?.focus();
    });
  }

  // a refusal: three low tones; kept for later: two short high ones. Always with the words beside it
  const SOUNDS = { stop: { hertz: 220, at: [0, 0.25, 0.5], seconds: 0.15 }, queued: { hertz: 880, at: [0, 0.09], seconds: 0.04 } };
  let audio = null;
  const play = (name) => {
    const sound = SOUNDS[name];
    if (!sound || !window.AudioContext) return;
    audio ??= new AudioContext();
    // before anything was typed or scanned a browser keeps silent; a sound that comes late would mislead
    if (audio.state !== "running") { audio = null; return; }
    for (const at of sound.at) {
      const tone = audio.createOscillator();
      tone.frequency.value = sound.hertz;
      tone.connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + sound.seconds);
    }
  };
  document.addEventListener("asbuilt:sound", (event) => play(event.detail));
  if (document.querySelector("[data-sound=stop]")) play("stop");
})();
