// Sends a draft over the form's own pages, as a person would go through them. The journey's number in the
// sealed field makes it one report however often this runs: the number is kept before the last post, and used again as long as
// the server knows it.
import { erase, read, write } from "./keep.js";

const sealed = (html) => (html.match(/name="s" value="([^"]+)"/) || [])[1];
const step = (html) => (html.match(/<form method="post" action="[^"]*\/report\/(\w+)"/) || [])[1];
const words = (html) => html.replace(/<[^>]+>/g, " ").replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&").replace(/\s+/g, " ").trim();
const errors = (html) => [...html.matchAll(/<p class="govuk-error-message"[^>]*>([\s\S]*?)<\/p>/g)].map((m) => words(m[1])).join(" ");

// The line is dead, or the server is busy: later.
class Later extends Error {}

async function post(form, name, fields) {
  const body = new FormData();
  for (const [key, value, file] of fields) file ? body.append(key, value, file) : body.append(key, value);
  let answer;
  try {
    answer = await fetch(`${form}/${name}`, { method: "POST", body: name === "photos" ? body : new URLSearchParams(body), cache: "no-store" });
  } catch (e) {
    throw new Later(String(e));
  }
  if (answer.status === 429 || answer.status >= 500) throw new Later(`status ${answer.status}`);
  const html = await answer.text();
  return { status: answer.status, html, s: sealed(html), step: step(html) };
}

async function get(url) {
  let answer;
  try {
    answer = await fetch(url, { cache: "no-store" });
  } catch (e) {
    throw new Later(String(e));
  }
  if (!answer.ok) throw new Later(`status ${answer.status}`);
  return answer.text();
}

// What the form of today says of a draft: is it about somebody who works here, by which kind does it go, the version
// of that kind's procedure, who receives it; undefined: it is offered no more, or nobody is there to receive it.
const RECEIVER = '<section class="x-readers" data-x-receiver="([^"]*)"';
export function offered(html, { kind, staff, subject }) {
  const staffKind = (html.match(/ data-x-staff="(\w+)"/) || [])[1];
  const about = Boolean(staffKind) && (staff === "yes" || kind === staffKind);
  const safe = (value) => String(value).replace(/[^\w:-]/g, "");
  const at = html.match(new RegExp(about ? `data-x-subject="${safe(subject)}" data-version="(\\d+)"[^>]*>\\s*${RECEIVER}` : `data-x-kind="${safe(kind)}" data-version="(\\d+)"`));
  if (!at) return undefined;
  // It is, and the ward takes no such reports any more; or it was kept before the form asked: nobody else can answer.
  if (!about && staff !== "no" && (staff || staffKind)) return undefined;
  return { about, kind: about ? staffKind : kind, version: at[1], receiver: at[2] && words(at[2]) };
}

// Gives "sent", "later" or the state that the person has to look at.
export async function replay(form) {
  const draft = await read("draft", form);
  if (!draft || draft.state !== "ready") return "nothing";
  const keep = (change) => write("draft", form, Object.assign(draft, change));
  const stop = async (state, why = "") => {
    await keep({ state, why });
    return state;
  };
  try {
    const now = offered(await get(`${form}/draft`), draft.fields);
    if (!now || ["version", "receiver"].some((name) => draft[name] && draft[name] !== now[name])) return await stop("changed");
    let at = draft.s ? await post(form, "kind", [["s", draft.s], ["go", "next"], ["kind", now.kind]]) : {};
    if (!at.s) {
      if (draft.attempted) return await stop("unsure");
      for (const photo of draft.photos) photo.sent = false;
      const begun = sealed(await get(form));
      if (!begun) throw new Later("no form");
      await keep({ s: begun, photos: draft.photos });
      at = await post(form, "kind", [["s", begun], ["go", "next"], ["kind", now.kind]]);
    }
    if (at.step !== "where") return await stop("refused", errors(at.html));
    at = await post(form, "where", [["s", at.s], ["go", "next"], ...["area", "street", "landmark", "lat", "lon"].map((n) => [n, draft.fields[n] || ""])]);
    // "Is it this one?" is for a person to answer: what was kept is sent as a case of its own.
    if (at.step !== "what" && at.step !== "same") return await stop("refused", errors(at.html));
    // What is about somebody who works here has gone by its own kind, where the form doesn't ask.
    at = await post(form, "what", [["s", at.s], ["go", "next"], ["text", draft.fields.text || ""], ["staff", "no"]]);
    if (at.step === "subject") at = await post(form, "subject", [["s", at.s], ["go", "next"], ["subject", draft.fields.subject || ""]]);
    if (at.step === "photos") {
      for (const photo of draft.photos.filter((p) => !p.sent)) {
        at = await post(form, "photos", [["s", at.s], ["go", "upload"], ["brief", "1"], ["photos", photo.blob, photo.name]]);
        if (at.status !== 200 || !at.s) return await stop("refused", `${photo.name}: ${errors(at.html)}`);
        photo.sent = true;
        await keep({ s: at.s, photos: draft.photos });
      }
      at = await post(form, "photos", [["s", at.s], ["go", "next"]]);
    }
    // Who receives it is another one, or nobody, since a minute ago.
    if (now.about && !errors(at.html) && !(at.html.match(RECEIVER) || []).slice(1).some((r) => words(r) === now.receiver)) return await stop("changed");
    if (at.step !== "check" || !at.s) return await stop("refused", errors(at.html));
    await keep({ s: at.s, attempted: true });
    at = await post(form, "check", [["s", at.s], ["go", "send"]]);
    if (!/data-x-code>/.test(at.html)) return await stop("refused", errors(at.html));
    // The receipt first: a phone that dies here shows it and sends the same report again, which gives the same receipt.
    await write("receipt", form, at.html);
    await erase("draft", form);
    return "sent";
  } catch (e) {
    if (e instanceof Later) return "later";
    throw e;
  }
}
