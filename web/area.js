// A khu vực's phone that was called one's own: what is pressed without a network is kept and sent once. On any other
// nothing is kept: its forms go as without this script, the photo made small. Each act has the key of its form, so that
// one that arrived and whose answer was lost is not done twice. An act is kept until it was sent and its page came anew.
import { all, cacheName, drop, put } from "./area_keep.js";
import { draw, open, toJpeg } from "./shrink.js";

const box = document.querySelector("[data-x-area]");
const SIDE = 1600, AGAIN = 60000, SOON = 1500, BUSY = 3000;

// The photo as it is sent: small, upright, without the camera's data; what is no picture goes as it is and is told of.
async function small(file) {
  try {
    const picture = await open(file), canvas = draw(picture, SIDE), blob = await toJpeg(canvas);
    canvas.width = canvas.height = 0;
    if (picture.close) picture.close();
    return { blob, name: "anh.jpg" };
  } catch (e) {
    return { blob: file, name: file.name };
  }
}

// Two that are filled in one after the other in a page that was kept are two.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// A report for somebody else: all that its form asks.
function gatherReport(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) if (!["token", "key"].includes(name) && value) fields[name] = value;
  const kind = form.querySelector("input[name=kind]:checked");
  return { key: newKey(), whose: box.dataset.whose, url: form.action, code: fields.folded || "", kind: kind ? kind.labels[0].textContent.trim() : "",
    what: document.querySelector("h1").textContent.trim(), fields, photo: null, report: true, state: "waiting", text: "" };
}

async function gather(form, pressed) {
  if (form.dataset.xAct === "report") return gatherReport(form);
  const data = new FormData(form), file = data.get("photo"), fields = {};
  for (const name of ["words", "words-advised"]) if (data.get(name)) fields[name] = data.get(name);
  if (pressed && pressed.name) fields[pressed.name] = pressed.value;
  const button = pressed || form.querySelector("button[type=submit]");
  return { key: data.get("key"), whose: box.dataset.whose, url: form.action, code: form.dataset.code, kind: form.dataset.kind,
    what: button.textContent.trim(), fields, photo: file && file.size ? await small(file) : null, state: "waiting", text: "" };
}

// "done", "waiting", "sign-in", or "refused" with act.text.
async function send(act) {
  const body = new FormData();
  body.append("token", document.querySelector('form[action$="/sign-out"] input[name=token]').value);
  body.append("key", act.key);
  body.append("phone", "1");
  for (const [name, value] of Object.entries(act.fields)) body.append(name, value);
  if (act.photo) body.append("photo", act.photo.blob, act.photo.name);
  let answer;
  try {
    answer = await fetch(act.url, { method: "POST", body: act.photo ? body : new URLSearchParams(body), cache: "no-store", redirect: "manual" });
  } catch (e) {
    return "waiting";
  }
  if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") return "sign-in";
  if (answer.status === 429 || answer.status >= 500) {
    comeAgain();
    return "waiting";
  }
  const told = await answer.json().catch(() => null);
  if (told && told.answer === "done") return "done";
  if (told && told.answer === "waiting") return "waiting";
  act.text = told ? told.text : box.dataset.gone;
  return "refused";
}

// The server is there but busy: soon, then less often, beside the round of every minute.
let pause = BUSY;
function comeAgain() {
  setTimeout(again, pause);
  pause = Math.min(pause * 3, AGAIN);
}

let running = null;
async function sendAll() {
  while (running) await running.catch(() => {}); // what was pressed meanwhile is looked at once more
  running = sendOnce();
  try {
    return await running;
  } finally {
    running = null;
  }
}

async function sendOnce() {
  let sent = 0, wants = "";
  for (const act of (await all(box.dataset.whose)).filter((a) => a.state === "waiting")) {
    const result = await send(act);
    if (result === "done") {
      await put({ key: act.key, whose: act.whose, state: "done", at: Date.now() }); // dropped by a page that shows it
      sent += 1;
    } else if (result === "refused") {
      await put({ ...act, state: "refused" });
    } else {
      wants = result;
      if (result === "sign-in") break;
    }
  }
  await show(wants);
  return sent;
}

const element = (name, className, text) => {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
};

let shows = 0;
async function show(wants) {
  const mine = ++shows, acts = (await all(box.dataset.whose)).filter((a) => a.state !== "done"), list = box.querySelector("ul");
  if (mine !== shows) return; // somebody shows what is newer
  box.hidden = !acts.length;
  // What the ward looked at and did not take is no longer waiting for a network.
  box.querySelector("h2").textContent = acts.length && acts.every((a) => a.state === "refused") ? box.dataset.refused : box.dataset.title;
  list.replaceChildren(...acts.map((act) => {
    const item = element("li", "x-area__kept");
    item.append(element("strong", "", `${act.kind} ${act.code}: ${act.what}`));
    const typed = act.fields.words || act.fields.text;
    if (typed) item.append(element("p", "govuk-body", `${box.dataset.typed} ${typed}`));
    if (act.photo) item.append(element("p", "govuk-body", box.dataset.photo));
    item.append(element("p", "govuk-body", act.state === "refused" ? act.text : wants === "sign-in" ? box.dataset.signIn : box.dataset.waits));
    if (act.report && act.state === "refused") item.append(mend(act));
    const away = element("button", "govuk-button govuk-button--secondary", act.state === "refused" ? box.dataset.seen : box.dataset.forget);
    away.type = "button";
    away.addEventListener("click", async () => {
      item.remove(); // at once: who presses twice means the next one
      shows += 1;    // and nobody shows it again who looked before
      await drop(act.key);
      await show(wants);
    });
    item.append(away);
    return item;
  }));
}

// What the ward did not take goes back into its form, with why.
function mend(act) {
  const link = element("a", "govuk-button", box.dataset.mend);
  link.href = `${box.dataset.xArea}/report#${act.key}`;
  link.addEventListener("click", () => { if (document.querySelector("form[data-x-act=report]")) setTimeout(fill); });
  return link;
}

async function fill() {
  const form = document.querySelector("form[data-x-act=report]"), key = location.hash.slice(1);
  const act = form && key && (await all(box.dataset.whose)).find((a) => a.key === key);
  if (!act || act.state !== "refused") return;
  for (const [name, value] of Object.entries(act.fields)) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  form.dataset.instead = key; // sent again, it takes that one's place
  form.scrollIntoView();
  form.elements.folded.focus();
}

// As without this script: the button's own value goes, too.
function go(form, pressed) {
  if (pressed && pressed.name) {
    const value = element("input");
    value.type = "hidden";
    value.name = pressed.name;
    value.value = pressed.value;
    form.append(value);
  }
  form.submit();
}

async function lighten(form) {
  const input = form.querySelector("input[type=file]");
  if (!input || !input.files.length) return;
  const photo = await small(input.files[0]), files = new DataTransfer();
  files.items.add(new File([photo.blob], photo.name, { type: photo.blob.type }));
  input.files = files.files;
}

let own = false; // "this is my own phone" is ticked
function forms() {
  for (const form of document.querySelectorAll("form[data-x-act]"))
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!own) {
        await lighten(form).catch(() => {});
        go(form, event.submitter);
        return;
      }
      const buttons = [...form.querySelectorAll("button")];
      for (const b of buttons) b.disabled = true;
      form.inert = true; // what would be typed now belongs to the next one
      try {
        const act = await gather(form, event.submitter);
        await put(act);
        if (form.dataset.instead) await drop(form.dataset.instead);
        // A network that neither carries nor fails: what waits is shown all the same.
        const soon = setTimeout(() => { show("").catch(() => {}); }, SOON);
        await sendAll().finally(() => clearTimeout(soon));
        const now = (await all(box.dataset.whose)).find((a) => a.key === act.key);
        // Here and now: its page says beside each field what is wrong.
        if (act.report && now && now.state === "refused") {
          await drop(act.key);
          for (const b of buttons) b.disabled = false;
          form.inert = false;
          go(form, event.submitter);
          return;
        }
        if (now && now.state === "done") {
          location.href = `${box.dataset.xArea}?done=${form.dataset.xAct.replace("-", "_")}`;
          return;
        }
        const card = form.closest("details.x-area__case");
        if (card) card.open = false;
        if (act.report) {
          form.reset();
          delete form.dataset.instead;
        }
        form.inert = false;
        box.scrollIntoView();
        box.querySelector("h2").focus();
      } catch (e) {
        go(form, event.submitter); // nothing can be kept here: as without this script
        return;
      }
      for (const b of buttons) b.disabled = false;
    });
}

// "This is my own phone": the list stays on it, for where there is no network.
async function ownPhone() {
  const tick = document.querySelector("[data-x-own-phone]");
  if (!navigator.serviceWorker || !window.caches) return;
  const list = box.dataset.xArea, found = await navigator.serviceWorker.getRegistration(list);
  own = Boolean(found) && new URL(found.scope).pathname === list;
  const forget = async () => {
    own = false;
    await caches.delete(cacheName(list));
    const registration = await navigator.serviceWorker.getRegistration(list);
    if (registration && new URL(registration.scope).pathname === list) await registration.unregister();
  };
  if (tick) {
    tick.closest("[hidden]").hidden = false;
    tick.checked = own;
    tick.addEventListener("change", () => {
      if (tick.checked) navigator.serviceWorker.register(`${list}/sw.js`, { scope: list }).then(() => { own = true; }).catch(() => { tick.checked = false; });
      else forget();
    });
  }
  // Whoever signs out here leaves no list behind.
  for (const out of document.querySelectorAll('form[action$="/sign-out"]')) out.addEventListener("submit", () => { forget(); });
}

// What another page sent while this one was on its way is not on it yet: it comes anew. What it shows is dropped.
async function fresh() {
  const done = (await all(box.dataset.whose)).filter((a) => a.state === "done");
  for (const act of done) await drop(act.key);
  return !done.some((act) => act.at >= performance.timeOrigin);
}

const again = () => sendAll().then((sent) => { if (sent) location.reload(); }).catch(() => {});

async function begin() {
  if (!await fresh()) {
    location.reload();
    return;
  }
  await show(""); // before anything is sent: who has no network sees at once what waits
  await again();
}

if (box && window.indexedDB) {
  forms();
  fill().catch(() => {});
  ownPhone().catch(() => {});
  begin().catch(() => {});
  window.addEventListener("online", again);
  setInterval(() => { all(box.dataset.whose).then((acts) => { if (acts.some((a) => a.state === "waiting")) again(); }).catch(() => {}); }, AGAIN);
}
