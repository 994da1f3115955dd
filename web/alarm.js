// While one types: words of fire, weapons, people being beaten or about to die show the numbers to call, on this
// device alone. Nothing is stopped. Compared as src/ward/router/alarm.c does, which looks again when it is sent.
//   <section data-x-danger="-exception|marked|=bare|+any" hidden> within the form
const WAIT = 700;
const TONES = "\u0300\u0301\u0303\u0309\u0323";

// Words in lower case, the tone behind the syllable (hoả and hỏa are one), and the same without marks.
export function wordsOf(text) {
  const out = [];
  let key = "", bare = "", tone = "", marked = false;
  const end = () => { if (key) out.push({ key: key + tone, bare }); key = bare = tone = ""; };
  for (const c of text.toLowerCase().normalize("NFD")) {
    const code = c.codePointAt(0);
    if (TONES.includes(c) && key) { tone = c; marked = true; }
    else if (code >= 0x300 && code < 0x370 && key) { key += c; marked = true; }
    else if (c === "đ") { key += c; bare += "d"; marked = true; }
    else if (/[\p{L}\p{Nd}]/u.test(c)) { key += c; bare += c; }
    else end();
  }
  end();
  return { words: out, marked };
}

export function readList(list) {
  return list.split("|").map((item) => {
    const sort = "-=+".includes(item[0]) ? item[0] : "";
    return { sort, words: wordsOf(sort ? item.slice(1) : item).words };
  });
}

export function speaksOfDanger(phrases, text) {
  const { words, marked } = wordsOf(text), taken = new Set(), by = marked ? "key" : "bare";
  const at = (phrase, i) => phrase.words.every((w, k) => words[i + k]?.[by] === w[by]);
  for (let i = 0; i < words.length; i += 1)
    for (const p of phrases) if (p.sort === "-" && at(p, i)) p.words.forEach((_, k) => taken.add(i + k));
  const counts = phrases.filter((p) => p.sort === "+" || p.sort === (marked ? "" : "="));
  return words.some((_, i) => counts.some((p) => at(p, i) && p.words.every((_w, k) => !taken.has(i + k))));
}

function watch(box) {
  const form = box.closest("form"), phrases = readList(box.dataset.xDanger);
  const told = !box.hidden; // what the server showed stays
  let timer = 0;
  const look = () => {
    // The page must not move under a finger that presses.
    if (document.querySelector("button:active, a:active")) { wait(); return; }
    const said = [...form.querySelectorAll("textarea")].some((field) => speaksOfDanger(phrases, field.value));
    box.hidden = !said && !told;
    // Who has seen them decides: the server need not show them again.
    const seen = form.elements.danger;
    if (said && !seen) box.append(Object.assign(document.createElement("input"), { type: "hidden", name: "danger", value: "1" }));
  };
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  }
  form.addEventListener("input", wait);
  wait(); // a draft that was put in
}

if (typeof document !== "undefined") for (const box of document.querySelectorAll("[data-x-danger]")) watch(box);
