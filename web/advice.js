// While one types: what looks like a name, a plate or a number of somebody is told below the field, gently
// and on this device alone. Nothing is stopped. Without this file the server says the same before it is sent.
//   <p data-x-advise="ID of the field" data-places="folded|names" data-lead data-rest data-name …>
import { people } from "./people.js";

const WAIT = 900; // one doesn't want to be talked to in the middle of a word

function watch(told) {
  const field = document.getElementById(told.dataset.xAdvise), words = told.dataset;
  if (!field) return;
  // A list too long for a phone stays on the server, and names with it.
  const unknown = words.places === "*", places = unknown ? [] : (words.places || "").split("|");
  let timer = 0;

  const look = () => {
    // The page must not move under a finger that presses.
    if (document.querySelector("button:active, a:active")) {
      wait();
      return;
    }
    const text = field.value.normalize("NFC");
    const spans = people(text, places).filter((s) => !(unknown && s.kind === "name"));
    const seen = new Map();
    for (const { kind, from, to } of spans) {
      if (!seen.has(kind)) seen.set(kind, new Set());
      seen.get(kind).add(text.slice(from, to));
    }
    const list = [...seen].map(([kind, what]) => `${words[kind]} (${[...what].join(", ")})`).join("; ");
    const hidden = spans.some((s) => s.kind === "identity") ? ` ${words.hidden}` : "";
    const say = list ? `${words.lead} ${list}. ${words.rest}${hidden}` : "";
    if (told.textContent !== say) told.textContent = say;
    told.classList.toggle("x-advice-some", Boolean(say));
    // Who has been told decides: the server need not ask again.
    if (say && field.form && !field.form.elements[`${field.name}-advised`]) {
      const advised = document.createElement("input");
      Object.assign(advised, { type: "hidden", name: `${field.name}-advised`, value: "1" });
      told.after(advised);
    }
  };
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  }
  field.addEventListener("input", wait);
}

for (const told of document.querySelectorAll("[data-x-advise]")) watch(told);
