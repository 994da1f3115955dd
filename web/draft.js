// The draft on a phone of one's own: on the form's pages the tick that allows it (<div data-x-keep>), on the
// page of the draft the whole form (<form data-x-draft>). Nothing is kept before the tick.
import { FIELDS, erase, forget, read, write } from "./keep.js";
import { pictureButtons } from "./pictures.js";
import { replay } from "./replay.js";

const TAB = "xom-own-phone"; // in this tab the form is being kept
const HELD = 3000; // ms at most that "next" waits for the phone's storage

function answers(form) {
  const data = new FormData(form), out = {};
  for (const name of FIELDS) if (form.elements[name]) out[name] = String(data.get(name) || "");
  return out;
}

async function work(form) {
  if (!navigator.serviceWorker) return null;
  return navigator.serviceWorker.register(`${form}/sw.js`, { scope: form }).catch(() => null);
}

// Asks the worker to send; where there is none the page does it.
async function send(form) {
  const registration = navigator.serviceWorker && await navigator.serviceWorker.getRegistration(form);
  const worker = registration && (registration.active || registration.waiting || registration.installing);
  if (!worker) return replay(form);
  if (registration.sync) registration.sync.register("report").catch(() => {});
  worker.postMessage("send");
  return "asked";
}

const blobs = (photos, sent) => photos.map(({ name, blob }) => ({ name, blob, sent }));

// --- the form's pages ---

function tab(value) {
  try {
    if (value === undefined) return sessionStorage.getItem(TAB) === "1";
    if (value) sessionStorage.setItem(TAB, "1");
    else sessionStorage.removeItem(TAB);
  } catch (e) {
    // then this page alone is kept
  }
  return Boolean(value);
}

// The form is left when its last letter is kept, since without a network the next page is the draft's own: gives the
// function that holds it until what it is given is over.
function holding(main) {
  const held = new Set();
  let going = false;
  const free = async () => { while (held.size) await Promise.allSettled(held); };
  main.addEventListener("submit", (event) => {
    if (!held.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (going) return;
    going = true;
    const { submitter } = event;
    Promise.race([free(), new Promise((done) => { setTimeout(done, HELD); })]).then(() => {
      held.clear();
      going = false;
      if (main.requestSubmit) main.requestSubmit(submitter);
      else submitter.click();
    });
  }, true);
  return (work) => {
    held.add(work);
    const over = () => held.delete(work);
    work.then(over, over);
    return work;
  };
}

async function formPage(box, main, hold) {
  const form = box.dataset.xKeep;
  const tick = box.querySelector("#own-phone"), told = box.querySelector("[data-x-keep-told]");
  const unsent = box.querySelector("[data-x-unsent]"), own = box.querySelector("[data-x-own]");
  if (!window.indexedDB) return;
  let draft = null, receipt = null;
  try {
    draft = await read("draft", form);
    receipt = await read("receipt", form);
  } catch (e) {
    // Told when it is ticked.
  }
  const fresh = location.pathname === form && performance.getEntriesByType("navigation").every((n) => n.type === "navigate");
  if (draft && draft.state === "ready") send(form).catch(() => {}); // a next opening sends, too
  // The same form come back by a reload: send was pressed already, or the draft waits to be looked through.
  if (draft && draft.state !== "writing" && tab() && !fresh) {
    location.replace(`${form}/draft`);
    return;
  }
  if (receipt || (draft && (fresh || !tab()))) {
    tab(false);
    own.hidden = true;
    unsent.hidden = false;
    unsent.querySelector("[data-x-open]").addEventListener("click", () => { location.href = `${form}/draft`; });
    unsent.querySelector("[data-x-forget]").addEventListener("click", async () => {
      await erase("receipt", form);
      await forget(form);
      unsent.hidden = true;
      own.hidden = false;
      draft = null;
      told.textContent = box.dataset.gone;
    });
  }
  box.hidden = false;
  let keeping = Boolean(draft) && tab();
  tick.checked = keeping;
  const keep = async () => {
    draft = Object.assign(draft || { fields: {}, photos: [], attempted: false }, { s: main.elements.s.value, state: "writing" });
    Object.assign(draft.fields, answers(main));
    if (box.dataset.version) draft.version = box.dataset.version;
    // The page's version is of the kind it was opened with; another answer here makes it another one.
    if (![...main.querySelectorAll("input[name=staff]")].every((radio) => radio.checked === radio.defaultChecked)) draft.version = "";
    await write("draft", form, draft);
  };
  const save = () => (keeping ? hold(keep()) : Promise.resolve());
  if (keeping) {
    told.textContent = box.dataset.kept;
    if (main.enctype === "multipart/form-data") {
      // One that was taken out on the server must not come back out of the draft.
      const taken = main.querySelectorAll("#photos-taken > li").length;
      const waiting = draft.photos.filter((p) => !p.sent);
      if (draft.photos.length - waiting.length !== taken) draft.photos = waiting;
      if (window.xomPhotos) window.xomPhotos.restore(waiting);
    }
    save().catch(() => {});
  }
  tick.addEventListener("change", async () => {
    keeping = tick.checked;
    try {
      if (keeping) {
        await save();
        await work(form);
      } else {
        draft = null;
        await forget(form);
      }
      tab(keeping);
      told.textContent = keeping ? box.dataset.kept : box.dataset.gone;
    } catch (e) {
      keeping = tick.checked = false;
      tab(false);
      told.textContent = box.dataset.failed;
    }
  });
  const failed = () => {
    keeping = tick.checked = false;
    told.textContent = box.dataset.failed;
  };
  main.addEventListener("input", () => save().catch(failed));
  main.addEventListener("xom:photos", (event) => {
    if (!keeping) return;
    const kept = draft.photos.filter((p) => p.sent);
    const gone = draft.photos.filter((p) => !p.sent && !event.detail.some((n) => n.blob === p.blob));
    // What left the list was sent or removed; what was sent is in the sealed field.
    if (main.elements.s.value !== draft.s) kept.push(...gone.map((p) => ({ ...p, sent: true })));
    draft.photos = [...kept, ...blobs(event.detail, false)];
    save().catch(failed);
  });
}

// --- the page of the draft ---

async function draftPage(main) {
  const form = main.dataset.xDraft, told = document.querySelector("[data-x-draft-told]"), words = told.dataset;
  const box = document.querySelector("[data-x-receipt]"), again = document.querySelector("[data-x-again]");
  let draft = null;
  const about = () => Boolean(main.elements.staff) && main.elements.staff.value === "yes";
  const boxes = [...main.querySelectorAll("[data-x-kind], [data-x-subject]")];
  // Who reads it: by its kind, or by whom it is about.
  const chosenBox = () => boxes.find((b) => (about() ? b.dataset.xSubject && b.dataset.xSubject === main.elements.subject.value : b.dataset.xKind === main.elements.kind.value));
  const showKind = () => {
    const chosen = chosenBox();
    for (const b of boxes) b.hidden = b !== chosen;
    main.querySelector("[data-x-subject-part]").hidden = !about();
    main.querySelector("[data-x-photo-part]").hidden = about() || (Boolean(chosen) && !("photos" in chosen.dataset));
  };
  const say = () => {
    told.textContent = draft.state === "refused" ? `${words.refused} ${draft.why}` : words[draft.state];
  };
  const save = async () => {
    Object.assign(draft.fields, answers(main));
    await write("draft", form, draft);
  };

  async function show() {
    const receipt = await read("receipt", form).catch(() => null);
    if (receipt) {
      const page = new DOMParser().parseFromString(receipt, "text/html");
      for (const script of page.querySelectorAll("script")) script.remove();
      const part = document.importNode(page.querySelector(".x-receipt"), true);
      const h1 = part.querySelector("h1"), h2 = document.createElement("h2"); // the page has its heading
      h2.className = h1.className;
      h2.textContent = h1.textContent;
      h1.replaceWith(h2);
      box.querySelector("[data-x-receipt-here]").replaceChildren(part);
      pictureButtons(box);
      box.hidden = false;
      main.hidden = again.hidden = true;
      told.textContent = "";
      return;
    }
    box.hidden = true;
    draft = await read("draft", form).catch(() => null);
    if (!draft) {
      main.hidden = true;
      again.hidden = false;
      told.textContent = words.none;
      return;
    }
    for (const [name, value] of Object.entries(draft.fields)) {
      const field = main.elements[name];
      if (!field) continue;
      if (field instanceof RadioNodeList) for (const radio of field) radio.checked = radio.value === value;
      else field.value = value;
    }
    // Begun as that kind, its form had nothing to ask.
    if (main.dataset.xStaff && draft.fields.kind === main.dataset.xStaff) main.elements.staff.value = "yes";
    main.hidden = false;
    const chosen = chosenBox();
    // Written for another version of the form: to be looked through before it is sent.
    if (draft.state === "writing" && (draft.fields.kind || about()) && draft.version && (!chosen || chosen.dataset.version !== draft.version)) draft.state = "changed";
    say();
    showKind();
    if (window.xomPhotos && !window.xomPhotos.photos.length) await window.xomPhotos.restore(draft.photos);
    if (draft.state === "ready") send(form).then((result) => { if (result !== "asked") show(); });
  }

  main.addEventListener("change", showKind);
  main.addEventListener("input", () => {
    if (!draft) return;
    draft.state = "writing";
    say();
    save().catch(() => { told.textContent = words.failed; });
  });
  main.addEventListener("xom:photos", (event) => {
    if (!draft) return;
    draft.photos = event.detail.map(({ name, blob }) => draft.photos.find((p) => p.blob === blob) || { name, blob, sent: false });
    draft.state = "writing";
    say();
    save().catch(() => { told.textContent = words.failed; });
  });
  main.addEventListener("submit", async (event) => {
    event.preventDefault();
    const now = answers(main);
    const missing = !now.kind && !about() ? "kind" : !now.area && !now.lat ? "area" : !now.text.trim() ? "text" : about() && !now.subject ? "subject" : "";
    if (missing) {
      told.textContent = words[missing];
      const field = main.elements[missing];
      (field instanceof RadioNodeList ? field[0] : field).focus();
      return;
    }
    const { version } = chosenBox().dataset, reads = chosenBox().querySelector("[data-x-receiver]");
    const receiver = reads ? reads.dataset.xReceiver : "";
    if (about() && !receiver) { // it can't be sent here; where it can stands below
      told.textContent = words.nobody;
      return;
    }
    if (draft.state === "unsure") Object.assign(draft, { s: "", attempted: false }); // a new one, by the person's own wish
    Object.assign(draft, { state: "ready", why: "", version, receiver });
    // The sealed field's list may hold a photo that was taken out here: begin anew, unless this may have arrived.
    if (!draft.attempted) draft.s = "";
    await save();
    say();
    const result = await send(form);
    if (result !== "asked") show();
  });
  for (const button of document.querySelectorAll("[data-x-forget]"))
    button.addEventListener("click", async () => {
      await forget(form);
      draft = null;
      main.hidden = true;
      again.hidden = false;
      told.textContent = words.gone;
    });
  box.querySelector("[data-x-seen]").addEventListener("click", async () => {
    await erase("receipt", form);
    await forget(form);
    box.hidden = true;
    box.querySelector("[data-x-receipt-here]").replaceChildren();
    again.hidden = false;
    told.textContent = words.gone;
  });
  window.addEventListener("online", () => { if (draft && draft.state === "ready") send(form).then((r) => { if (r !== "asked") show(); }); });
  if (navigator.serviceWorker) navigator.serviceWorker.addEventListener("message", (event) => { if (event.data && event.data.draft && event.data.draft !== "later") show(); });
  await show();
}

const box = document.querySelector("[data-x-keep]");
if (box) {
  const form = document.querySelector("main form"), hold = holding(form), opened = formPage(box, form, hold);
  if (tab()) hold(opened); // what is written before the draft is read is kept with it
}
const main = document.querySelector("form[data-x-draft]");
if (main) draftPage(main);
