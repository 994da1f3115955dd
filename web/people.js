// Where a text names somebody: the rules of src/kit/base/text_people.c once more, so that the device can
// point out while one types and nothing of it leaves the device. The words are the same file; that the
// rules are the same, test/base/people.txt says of both.
import header from "../src/kit/base/text_words.h";

const list = (name) => [...header.split(`*const ${name}[] = {`)[1].split("NULL")[0].matchAll(/"(\+?)([^"]+)"/g)]
  .map(([, safe, word]) => ({ word, folded: fold(word), safe: safe === "+" }));
const TITLES = list("TITLES"), WEAK_TITLES = list("WEAK_TITLES"), FILLERS = list("FILLERS"), SURNAMES = list("SURNAMES");
const PLACE_WORDS = list("PLACE_WORDS"), STOPS = list("STOPS");
const UNMARKED = TITLES.slice(0, Number(/TITLES_UNMARKED = (\d+)/.exec(header)[1]));

function fold(s) {
  return s.normalize("NFKD").toLowerCase().replace(/\p{Mn}/gu, "").replace(/[đð]/g, "d");
}
const letter = (c) => /[\p{L}\p{Nd}\p{Mn}]/u.test(c);
const bytes = (s) => new TextEncoder().encode(s).length;

function finishWord(w, s) {
  const t = s.slice(w.from, w.to), all = [...t];
  const upper = all.filter((c) => /\p{Uppercase}/u.test(c)).length, letters = all.filter((c) => /\p{L}/u.test(c)).length;
  const first = all.findIndex((c) => /\p{L}/u.test(c));
  w.capital = all.slice(0, first + 1).some((c) => /\p{Uppercase}/u.test(c));
  w.shouted = letters > 1 && upper === letters;
  w.plain = all.every((c) => c < "\x80");
  w.low = t.toLowerCase();
  w.folded = fold(t);
  return w;
}

function wordsOf(s) {
  const w = [];
  let inside = false, apart = true, colon = false, at = 0;
  for (const c of s) {
    const next = at + c.length;
    if (letter(c)) {
      if (!inside) w.push({ from: at, apart, colon });
      w[w.length - 1].to = next;
      inside = true;
    } else {
      // "a. Tèo", "Mr. Smith": the point of a short title ends no phrase.
      const last = w[w.length - 1];
      const shortened = inside && c === "." && bytes(s.slice(last.from, last.to)) <= 2;
      if (inside) apart = colon = false;
      inside = false;
      if (shortened || ":(\"\u201c[".includes(c)) colon = true;
      else if (!" -'\u2019\u00a0\t".includes(c)) apart = true;
    }
    at = next;
  }
  for (const one of w) finishWord(one, s);
  const marked = w.filter((one) => !one.plain).length;
  return { w, shouted: w.filter((one) => one.shouted).length * 2 > w.length, unmarked: marked * 8 < w.length || marked === 0 };
}

// `folding`: compare without marks, as for a word that has none.
const inList = (w, l, folding) => l.some((e) => e.word === w.low || (folding && w.plain && e.folded === w.folded));
const stop = (ws, w) => STOPS.some((e) => e.word === w.low || (ws.unmarked && w.plain && e.safe && e.folded === w.folded));
const connector = (w) => w.folded === "van" || w.folded === "thi";
const numeral = (w) => /^[0-9]/.test(w.folded);
// Capital letters say where a name ends, unless everything is in capitals.
const speaks = (ws, w) => w.capital && !(ws.shouted && w.shouted);

function placeAt(ws, place, at) {
  for (let n = 0; n < place.length; n++) {
    const w = ws.w[at + n];
    if (!w || w.folded !== place[n] || (n > 0 && w.apart)) return 0;
  }
  return place.length;
}
const placeExact = (ws, from, to) => ws.places.some((p) => placeAt(ws, p, from) === to - from);

// A title inside a listed place: where the place ends, or 0. A capital right behind it makes it a name again.
function placeOver(ws, title) {
  for (const place of ws.places)
    for (let back = 0; back <= title && back < 6; back++) {
      const end = title - back + placeAt(ws, place, title - back);
      if (end <= title + 1) continue;
      if (end < ws.w.length && !ws.w[end].apart && speaks(ws, ws.w[end])) continue;
      return end;
    }
  return 0;
}

function nameEnd(ws, from, small) {
  const w = ws.w;
  let i = from;
  if (i >= w.length || (w[i].apart && !w[i].colon)) return from;
  if (speaks(ws, w[i])) {
    for (i++; i < w.length && i - from < 6 && !w[i].apart; i++)
      if (!speaks(ws, w[i]) && !connector(w[i]) && !connector(w[i - 1])) break;
    return i;
  }
  if (!small) return from;
  if (numeral(w[i]) && w[i].folded.length <= 2) return i + 1; // anh 3, chị 2: by order of birth
  for (; i < w.length && i - from < 4; i++)
    if ((i > from && w[i].apart) || numeral(w[i]) || stop(ws, w[i]) || inList(w[i], TITLES, false)) break;
  return i;
}

function findTitle(ws, i, mark) {
  const w = ws.w[i], next = ws.w[i + 1];
  const nextSpeaks = Boolean(next) && speaks(ws, next);
  const strong = inList(w, TITLES, false) || (ws.unmarked && inList(w, UNMARKED, true)) || (nextSpeaks && inList(w, TITLES, true));
  if (!strong && !(nextSpeaks && inList(w, WEAK_TITLES, true))) return i + 1;
  let end = placeOver(ws, i);
  if (end) return end;
  const called = w.folded === "ten";
  let from = i + 1, small = strong;
  for (let n = 0; n < 3 && from < ws.w.length && !speaks(ws, ws.w[from])
       && (inList(ws.w[from], FILLERS, ws.unmarked) || (called && inList(ws.w[from], TITLES, false))); n++, from++)
    small = strong && called; // "tên là lan" is a name, "em gái đi học" is none
  end = nameEnd(ws, from, small);
  if (end > from && !placeExact(ws, from, end)) mark(ws.w[from].from, ws.w[end - 1].to, "name");
  return end > i ? end : i + 1;
}

// A surname with văn or thị in any writing, or with more capitals.
function findSurname(ws, i, mark) {
  const w = ws.w[i];
  if (!inList(w, SURNAMES, ws.unmarked || w.capital)) return i + 1;
  // "lại van nhánh" is a valve: in a text with its marks the middle name has its own.
  const middle = i + 2 < ws.w.length && !ws.w[i + 1].apart && !ws.w[i + 2].apart && connector(ws.w[i + 1])
    && (!ws.w[i + 1].plain || ws.unmarked || w.capital);
  let end = i + 1;
  if (speaks(ws, w)) end = nameEnd(ws, i, false);
  if (middle && end < i + 3) end = i + 3;
  if (end < i + 2) return i + 1;
  const address = i > 0 && !w.apart && inList(ws.w[i - 1], PLACE_WORDS, true);
  if (!address && !placeExact(ws, i, end)) mark(ws.w[i].from, ws.w[end - 1].to, "name");
  return end;
}

// --- numbers: one plain character a code point, as text_flat.h says ---

function digitOf(c) {
  let n = 0; // decimal digits of a script stand in one row
  const code = c.codePointAt(0);
  while (/\p{Nd}/u.test(String.fromCodePoint(code - n - 1))) n++;
  return String(n % 10);
}
function flatChar(c) {
  let code = c.codePointAt(0);
  if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0; // full width
  const plain = String.fromCodePoint(code).toLowerCase();
  if (/^[a-z0-9 .\-()+/\n]$/.test(plain)) return plain;
  if (plain === "\t") return " ";
  if (plain === "\r") return "\n";
  if (plain === "đ") return "d";
  if ("\u00b7\u2022\u2024\u3002\ufe52\uff61".includes(c)) return ".";
  if ("\u00ad\u2043\u2212\ufe63".includes(c)) return "-";
  if (code < 0x80) return "\x01";
  if (/\p{Nd}/u.test(c)) return digitOf(c);
  return /\p{Zs}/u.test(c) ? " " : /\p{Pd}/u.test(c) ? "-" : "\x01";
}
function flatOf(s) {
  let c = "";
  const at = [];
  let i = 0;
  for (const one of s) {
    at.push(i);
    c += flatChar(one);
    i += one.length;
  }
  at.push(i);
  return { c, at };
}

// 65B1-123.45, 65-B1 12345, 51F 97022, 65AB-1234, 80-NG-123-45
const PLATE = /^\d\d[ .-]{0,3}[a-z]{1,2}(?![a-z])(?:\d(?=[ .-]))?[ .-]{0,3}(\d+)(?:[ .-](\d\d))?/;
function plateEnd(c, i) {
  if (!/^\d\d/.test(c.slice(i, i + 2)) || (i > 0 && /[0-9a-z]/.test(c[i - 1]))) return 0;
  const found = PLATE.exec(c.slice(i, i + 32));
  if (!found) return 0;
  let [all, digits, more] = found;
  if (more !== undefined && digits.length !== 3) {
    all = all.slice(0, -3);
    more = undefined;
  }
  const n = digits.length + (more ? 2 : 0), end = i + all.length;
  return n >= 4 && n <= 6 && !/[0-9a-z]/.test(c[end] || "") ? end : 0;
}

function dateAt(g, i) { // 10.11.2026, 10-11-2026, 2026-11-10
  const p = g.slice(i, i + 3);
  if (p.length < 3 || p[0].sep !== p[1].sep || !".-".includes(p[0].sep) || p[1].text.length > 2) return 0;
  const year = p[0].text.length === 4 ? p[0] : p[2], day = year === p[0] ? p[2] : p[0];
  const y = Number(year.text), m = Number(p[1].text), d = Number(day.text);
  const last = new Date(Date.UTC(2000, 0, 1));
  last.setUTCFullYear(y, m, 0);
  return year.text.length === 4 && day.text.length <= 2 && y >= 1900 && y < 2200 && m >= 1 && m <= 12 && d >= 1
    && d <= last.getUTCDate() ? 3 : 0;
}

function findNumbers(s, mark) {
  const { c, at } = flatOf(s);
  for (let i = 0; i < c.length; i++) {
    const end = plateEnd(c, i);
    if (!end) continue;
    mark(at[i], at[end], "plate");
    i = end - 1;
  }
  for (const run of c.matchAll(/\d+(?:[ .\-()/+]{1,3}\d+)*/g)) {
    const g = [...run[0].matchAll(/(\d+)([ .\-()/+]*)/g)].map(([, text, sep]) => ({ text, sep: sep.slice(0, 1) }));
    let digits = 0;
    for (let i = 0; i < g.length; i += dateAt(g, i) || 1) if (!dateAt(g, i)) digits += g[i].text.length;
    const one = g.length === 1 && digits >= 7, slashes = g.some((x) => x.sep === "/");
    if (!one && !(digits >= 9 && (!slashes || digits >= 18)) && !(slashes && digits >= 9 && g.length <= 3)) continue;
    const identity = digits === 9 || digits === 12 || g.some((x) => x.text.length >= 12);
    mark(at[run.index], at[run.index + run[0].length], identity ? "identity" : "phone");
  }
}

// `places`: streets and places of the ward's list, folded. Gives [{ from, to, kind }], in order.
export function people(s, places) {
  const kinds = new Array(s.length).fill("");
  const mark = (from, to, kind) => kinds.fill(kind, from, to);
  const ws = wordsOf(s);
  ws.places = places.map((p) => p.split(" ").filter(Boolean)).filter((p) => p.length);
  for (let i = 0; i < ws.w.length;) i = findTitle(ws, i, mark);
  for (let i = 0; i < ws.w.length;) i = findSurname(ws, i, mark);
  findNumbers(s, mark);
  const out = [];
  for (let i = 0; i < kinds.length; i++)
    if (kinds[i] && kinds[i] !== kinds[i - 1]) out.push({ from: i, to: i + 1, kind: kinds[i] });
    else if (kinds[i]) out[out.length - 1].to++;
  return out;
}
