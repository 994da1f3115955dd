// The photo step: <form data-x-photos data-x-most="5">. What is chosen is made small one picture after the
// other, shown, can be blurred or removed, and is sent when the form goes on, each with its own progress.
import { blurEditor } from "./blur.js";
import { shrink } from "./shrink.js";
import { Cancelled, send } from "./upload.js";

const KEY = "xom-photos";
const fill = (text, ...values) => values.reduce((t, v, i) => t.replace(`%${i + 1}`, v), text);

export class PhotoList {
  constructor(form) {
    this.form = form;
    this.most = Number(form.dataset.xMost);
    this.input = form.querySelector("input[type=file]");
    this.words = form.querySelector("[data-x-photo-words]").dataset;
    this.list = form.querySelector("[data-x-picked]");
    this.told = form.querySelector("[data-x-photo-told]");
    this.photos = []; // {name, blob, thumb, blurred}
    this.preparing = Promise.resolve();
    this.busy = 0; // choices that are being made small
    this.input.addEventListener("change", () => this.choose());
  }

  get taken() { return this.form.querySelectorAll("#photos-taken > li").length; }

  // Takes what was chosen, in order, until there are enough. A picture that can't be opened is named.
  choose() {
    const files = [...this.input.files];
    this.input.value = ""; // the originals stay on the phone
    this.busy += 1;
    this.preparing = this.preparing.then(() => this.prepare(files)).then(() => { this.busy -= 1; });
  }

  async prepare(files) {
    const bad = [];
    let left = 0;
    for (const [i, file] of files.entries()) {
      if (this.taken + this.photos.length >= this.most) {
        left = files.length - i;
        break;
      }
      this.say(fill(this.words.preparing, i + 1, Math.min(files.length, i + this.most - this.taken - this.photos.length)));
      try {
        this.add({ name: file.name, ...await shrink(file) });
      } catch (e) {
        bad.push(file.name);
      }
    }
    this.say([
      this.photos.length ? fill(this.words.ready, this.photos.length) : "",
      left ? fill(this.words.most, this.most, left) : "",
      ...bad.map((name) => fill(this.words.bad, name)),
    ].filter(Boolean).join(" "));
    this.changed();
  }

  add(photo) {
    this.photos.push(photo);
    const item = document.createElement("li");
    photo.item = item;
    const label = `${this.words.photo} ${photo.name}`;
    photo.thumb.setAttribute("role", "img");
    photo.thumb.setAttribute("aria-label", label);
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.hidden = true;
    progress.setAttribute("aria-label", label);
    const state = document.createElement("p");
    state.className = "govuk-body";
    item.append(photo.thumb, progress, state, this.button(this.words.blur, label, () => this.blur(photo)),
      this.button(this.words.drop, label, () => this.remove(photo)));
    this.list.append(item);
    this.list.hidden = false;
  }

  // Photos that the draft kept; those that can't be opened any more are left out.
  // Asked for twice at once (a page that opens while the network comes back), it is done once.
  restore(photos) {
    this.restoring ??= this.putBack(photos).finally(() => { this.restoring = null; });
    return this.restoring;
  }

  async putBack(photos) {
    for (const { name, blob } of photos) {
      try {
        const { thumb } = await shrink(blob);
        this.add({ name, blob, thumb });
      } catch (e) {
        this.say(fill(this.words.bad, name));
      }
    }
  }

  button(text, label, run) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary";
    button.textContent = text;
    const hidden = document.createElement("span");
    hidden.className = "govuk-visually-hidden";
    hidden.textContent = ` ${label}`;
    button.append(hidden);
    button.addEventListener("click", run);
    return button;
  }

  show(photo, text, done = null) {
    photo.item.querySelector("p").textContent = text;
    const progress = photo.item.querySelector("progress");
    progress.hidden = done === null;
    if (done !== null) progress.value = done;
  }

  async blur(photo) {
    const back = document.activeElement;
    const blob = await blurEditor(photo.blob);
    if (back) back.focus();
    if (!blob) return;
    const { thumb } = await shrink(blob);
    thumb.setAttribute("role", "img");
    thumb.setAttribute("aria-label", `${this.words.photo} ${photo.name}`);
    photo.thumb.replaceWith(thumb);
    Object.assign(photo, { blob, thumb, blurred: true });
    this.show(photo, this.words.blurred);
    this.changed();
  }

  remove(photo) {
    if (photo.stop) photo.stop.abort();
    photo.item.remove();
    this.photos = this.photos.filter((p) => p !== photo);
    this.list.hidden = this.photos.length === 0;
    this.say(fill(this.words.removed, photo.name));
    this.changed();
    this.input.focus();
  }

  say(text) { this.told.textContent = text; }

  // For the draft, which keeps them on one's own phone.
  changed() { this.form.dispatchEvent(new CustomEvent("xom:photos", { bubbles: true, detail: this.photos })); }
}

class Sender extends PhotoList {
  constructor(form) {
    super(form);
    this.first = form.elements.s.value;
    this.passing = false;
    this.sending = false;
    form.addEventListener("submit", (event) => this.submit(event));
  }

  async submit(event) {
    const button = event.submitter;
    const go = button ? button.value : "next";
    if (this.passing || (go !== "next" && go !== "upload") || (!this.photos.length && !this.busy)) return;
    event.preventDefault();
    if (this.sending) return;
    this.sending = true;
    await this.preparing;
    const all = await this.sendAll();
    this.sending = false;
    if (!all || go === "upload") return;
    this.passing = true;
    if (this.form.requestSubmit) this.form.requestSubmit(button);
    else button.click();
    this.passing = false; // Back brings this page again as it is
  }

  async sendAll() {
    const count = this.photos.length;
    let all = true;
    for (const [i, photo] of [...this.photos].entries()) {
      if (!this.photos.includes(photo)) continue; // removed meanwhile
      this.say(fill(this.words.sending, i + 1, count));
      photo.stop = new AbortController();
      try {
        const answer = await send(this.form.action, [["s", this.form.elements.s.value], ["go", "upload"], ["brief", "1"]], photo, {
          signal: photo.stop.signal,
          progress: (part) => this.show(photo, fill(this.words.progress, Math.round(part * 100)), part),
          waiting: () => this.show(photo, this.words.waiting, 0),
        });
        all = this.take(photo, answer) && all;
      } catch (e) {
        if (e instanceof Cancelled) continue;
        all = false;
        this.show(photo, this.words.failed);
        this.say(fill(this.words.stopped, photo.name));
        return false; // the others would wait as long
      }
    }
    if (all && count) this.say(fill(this.words.sent, count));
    return all;
  }

  // For Back to this page, in this tab alone: which sealed field the one it came with has become.
  remember(s) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ from: this.first, to: s }));
    } catch (e) {
      // Back shows the page without the photos; they can be sent again.
    }
  }

  // What the server says of one photo.
  take(photo, { document: page, status }) {
    const s = page && page.querySelector("input[name=s]");
    const item = page && page.querySelector("#photos-taken > li:last-child");
    if (s) this.form.elements.s.value = s.value;
    if (status === 200 && s && item && page.querySelectorAll("#photos-taken > li").length > this.taken) {
      const old = item.querySelector("img, span:not(button span)");
      if (old) old.replaceWith(photo.thumb);
      photo.item.remove();
      this.photos = this.photos.filter((p) => p !== photo);
      this.list.hidden = this.photos.length === 0;
      takenList(this.form).append(item);
      this.remember(s.value);
      this.changed();
      return true;
    }
    const why = page && page.querySelector(".govuk-error-summary li, main .govuk-body-l, main h1");
    this.show(photo, why ? why.textContent.trim() : this.words.failed);
    this.say(fill(this.words.refused, photo.name));
    return false;
  }
}

function takenList(form) {
  let list = form.querySelector("#photos-taken");
  if (!list) {
    list = document.createElement("ul");
    list.className = "x-photos";
    list.id = "photos-taken";
    form.querySelector("[data-x-picked]").before(list);
  }
  return list;
}

// Back to this page: the browser shows it as it first came. (Its history can't hold more: that would turn
// an answer to a POST into a GET.) The server says which photos are in the sealed field of the last upload.
async function whatWasTaken(form, first) {
  const kept = JSON.parse(sessionStorage.getItem(KEY));
  if (!kept || kept.from !== first) return;
  const s = kept.to;
  form.elements.s.value = s;
  const body = new FormData();
  body.append("s", s);
  body.append("go", "show");
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("#photos-taken");
  if (answer.ok && now) takenList(form).replaceWith(now);
}

const draft = document.querySelector("form[data-x-draft]"); // there the photos stay on the phone
if (draft) window.xomPhotos = new PhotoList(draft);
const form = document.querySelector("form[data-x-photos]");
if (form) {
  window.xomPhotos = new Sender(form);
  whatWasTaken(form, window.xomPhotos.first).catch(() => {});
}
