// "Read to me": the page's matter by the device's own voice, where it has one in the page's language.
const BLOCKS = "h1, h2, h3, p, li, dt, dd, label, legend, summary, th, td, .govuk-hint, textarea";
const PIECE = 180; // some voices stop by themselves in a long text

export function readButton() {
  const button = document.querySelector("[data-x-read]");
  const speech = window.speechSynthesis;
  if (!button || !speech || !window.SpeechSynthesisUtterance) return;
  const start = button.textContent;
  const language = document.documentElement.lang;
  const voice = () => speech.getVoices().find((v) => v.lang.toLowerCase().replace("_", "-").split("-")[0] === language);
  const offer = () => { button.hidden = !voice(); };
  offer();
  // Voices are often there only after the page is.
  if (speech.addEventListener) speech.addEventListener("voiceschanged", offer);
  let reading = false;
  const stop = () => {
    reading = false;
    speech.cancel();
    button.textContent = start;
  };
  button.addEventListener("click", () => {
    if (reading) {
      stop();
      return;
    }
    reading = true;
    button.textContent = button.dataset.stop;
    const pieces = piecesOf(document.querySelector("main"));
    pieces.forEach((text, i) => {
      const said = new SpeechSynthesisUtterance(text);
      said.voice = voice();
      said.lang = said.voice ? said.voice.lang : language;
      if (i === pieces.length - 1) said.onend = stop;
      speech.speak(said);
    });
    if (pieces.length === 0) stop();
  });
  window.addEventListener("pagehide", () => speech.cancel());
}

// The text of each block once, in short sentences. A PIN isn't read: others may listen.
export function piecesOf(main) {
  const out = [];
  for (const block of main.querySelectorAll(BLOCKS)) {
    if (!block.getClientRects().length || block.closest("[data-x-pin], [data-x-unread]")) continue;
    if (block.querySelector(BLOCKS)) continue;
    const text = (block.value || block.innerText || "").replace(/\s+/g, " ").trim();
    for (const sentence of text.match(/[^.!?។…]+[.!?។…]*/g) || []) {
      for (let rest = sentence.trim(); rest;) {
        const cut = rest.length <= PIECE ? rest.length : Math.max(rest.lastIndexOf(" ", PIECE), 1);
        out.push(rest.slice(0, cut));
        rest = rest.slice(cut).trim();
      }
    }
  }
  return out;
}
