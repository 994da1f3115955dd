// Officers' pages: keys, ticks, templates, the bell, a photo's cells. Everything works without this file.
import { cover } from "./cover.js";

const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* kept for this page alone */ } };

// --- reply templates: put in at once, where the cursor is ---
function putIn(box) {
  const option = box.querySelector("select").selectedOptions[0];
  const area = box.closest("form").querySelector("textarea");
  if (!option || !area) return;
  const words = option.dataset.xText, at = area.selectionStart;
  const before = area.value.slice(0, at), after = area.value.slice(area.selectionEnd);
  const gap = before && !before.endsWith("\n") ? "\n" : "";
  area.value = before + gap + words + after;
  area.focus();
  area.selectionStart = area.selectionEnd = (before + gap + words).length;
}
function templates() {
  for (const box of document.querySelectorAll("[data-x-template]"))
    box.querySelector("button").addEventListener("click", (event) => { event.preventDefault(); putIn(box); });
}

// --- several cases: all on this page, and how many are chosen ---
function many() {
  const form = document.querySelector("[data-x-many]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=case]")];
  const told = form.querySelector("[data-x-ticked]"), said = told.textContent;
  const tell = () => { const n = boxes.filter((b) => b.checked).length; told.textContent = n ? `${said} ${n}` : said; };
  form.addEventListener("change", tell);
  form.querySelector("[data-x-tick-all]").addEventListener("click", (event) => {
    event.preventDefault();
    const on = !boxes.every((b) => b.checked);
    for (const b of boxes) b.checked = on;
    tell();
  });
  tell();
}

// --- the way back leads to the list that one came from, at its place; what was searched for isn't kept ---
function wayBack() {
  const KEY = "xom-list", here = new URL(location.href), back = document.querySelector("a.govuk-back-link");
  try {
    if (here.pathname.endsWith("/desk")) {
      for (const name of ["words", "done", "tick"]) here.searchParams.delete(name);
      sessionStorage.setItem(KEY, here.pathname + here.search);
      return;
    }
    const list = sessionStorage.getItem(KEY);
    if (list && back?.pathname === list.split("?")[0]) back.href = list;
  } catch { /* it leads to the first list */ }
}

// --- keys: never while typing, and off for whoever does not want them (WCAG 2.1.4) ---
const typing = (e) => e.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-x-list] > li")];
const linkOf = (row) => row.querySelector("h2 a, a");
const current = () => rows().find((row) => row.contains(document.activeElement));

function move(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  linkOf(row)?.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}
function open() {
  const row = current();
  if (row) linkOf(row)?.click();
  return Boolean(row);
}
function tick() {
  const box = current()?.querySelector("input[type=checkbox]");
  if (box) box.click();
  return Boolean(box);
}
// A step of the case: its form is opened, and the first field is where one types.
function step(id) {
  const details = document.getElementById(id);
  if (!details?.matches("details.x-action")) return false;
  details.open = true;
  (details.querySelector("textarea") || details.querySelector("input:not([type=hidden]), select"))?.focus();
  details.scrollIntoView({ block: "nearest" });
  return true;
}
function press(selector) {
  const target = document.querySelector(selector);
  target?.focus();
  return Boolean(target);
}
const KEYS = {
  j: () => move(1), k: () => move(-1), o: open, x: tick,
  // The button is reached, not pressed: one letter takes nothing by accident.
  a: () => press('form[action$="/take"] button'),
  q: () => step("ask"), c: () => step("close"), n: () => step("note"),
  "/": () => press("#words"),
  u: () => { const back = document.querySelector(".govuk-back-link"); back?.click(); return Boolean(back); },
};

function keys() {
  const help = document.querySelector("[data-x-keys-help]"), button = document.querySelector("[data-x-keys]");
  if (!help?.showModal || !button) return;
  const box = help.querySelector("[data-x-keys-on]");
  let on = stored("xom-keys") !== "off";
  box.checked = on;
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
  help.querySelector("[data-x-keys-close]").addEventListener("click", () => help.close());
  box.addEventListener("change", () => { on = box.checked; store("xom-keys", on ? "on" : "off"); });
  document.addEventListener("keydown", (event) => {
    if (!on || help.open || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    if (event.key === "?") help.showModal();
    else if (!Object.hasOwn(KEYS, event.key) || !KEYS[event.key]()) return;
    event.preventDefault();
  });
}

// --- the bell: a sound for what must not wait till morning, once the officer has switched it on ---
function bell() {
  const box = document.querySelector("[data-x-bell]");
  if (!box || !window.AudioContext) return;
  const button = box.querySelector("button"), told = box.querySelector("[data-x-bell-told]");
  let audio = null, timer = 0, last = Number(box.dataset.last), fresh = Number(box.dataset.new);
  const ring = () => {
    for (const [i, hertz] of [880, 660, 880].entries()) {
      const tone = audio.createOscillator(), gain = audio.createGain(), at = audio.currentTime + i * 0.35;
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0.0001, at);
      gain.gain.exponentialRampToValueAtTime(0.3, at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.32);
    }
    box.dataset.rang = String(Number(box.dataset.rang || 0) + 1);
  };
  const look = async () => {
    try {
      const r = await fetch(box.dataset.news, { headers: { accept: "application/json" } });
      if (!r.ok) throw new Error(String(r.status));
      const news = await r.json(), n = (name) => news.counts.find((c) => c.name === name).n;
      if (Number(news.last) > last) { last = Number(news.last); ring(); told.textContent = box.dataset.ringing; }
      else if (n("new") > fresh) told.textContent = box.dataset.some;
      fresh = Math.max(fresh, n("new"));
    } catch {
      told.textContent = box.dataset.lost;
    }
  };
  const set = (on) => {
    store("xom-bell", on ? "on" : "off");
    clearInterval(timer);
    if (on) {
      audio = audio || new AudioContext();
      timer = setInterval(look, Number(box.dataset.every));
      // A browser lets nothing sound before the page was touched.
      const waits = () => { told.textContent = audio.state === "running" ? box.dataset.on : box.dataset.touch; };
      audio.resume().then(waits);
      waits();
    } else {
      told.textContent = "";
    }
    button.setAttribute("aria-pressed", String(on));
  };
  box.hidden = false;
  button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
  document.addEventListener("pointerdown", () => audio?.resume());
  document.addEventListener("keydown", () => audio?.resume());
  set(stored("xom-bell") === "on");
}

templates();
many();
wayBack();
keys();
bell();
cover();
