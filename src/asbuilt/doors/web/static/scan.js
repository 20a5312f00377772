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

  // three low tones; always with the words beside it
  const stop = document.querySelector("[data-sound=stop]");
  if (stop && window.AudioContext) {
    const audio = new AudioContext();
    if (audio.state !== "running") return;
    for (const at of [0, 0.25, 0.5]) {
      const tone = audio.createOscillator();
      tone.frequency.value = 220;
      tone.connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + 0.15);
    }
  }
})();
