// What a person lets their own phone keep: one draft and, once it was sent, its receipt until it was seen. Both lie in
// IndexedDB under the form's address ("/song-may/report"), which the worker reads too.
// A draft: { s, fields, photos: [{name, blob, sent}], version, receiver, state, why, attempted }; `version` is of the
// procedure it was written for, `receiver` who was shown to receive a matter about somebody who works here; state is
//   writing   the person writes
//   ready     the person pressed send; it goes when there is a network
//   changed   the kind's procedure or who receives it is another one now: to be looked through
//   refused   the form found something wrong, `why` says what
//   unsure    it may have arrived a day ago or more, and nobody can say: the person decides
// No time of the device's own clock is ever looked at: how old a form is says the server.
import { keptIn } from "./kept.js";

// What a draft keeps of the form's answers.
export const FIELDS = ["kind", "area", "street", "landmark", "lat", "lon", "text", "staff", "subject"];

const run = keptIn("xom-report", "kept");

export const read = (what, form) => run("readonly", (store) => store.get(`${what} ${form}`));
export const write = (what, form, value) => run("readwrite", (store) => store.put(value, `${what} ${form}`));
export const erase = (what, form) => run("readwrite", (store) => store.delete(`${what} ${form}`));

// Nothing is left: neither the draft nor the page that the worker kept, nor the worker.
export async function forget(form) {
  await erase("draft", form);
  if (await read("receipt", form)) return;
  if (self.caches) await caches.delete(cacheName(form));
  const registration = navigator.serviceWorker && await navigator.serviceWorker.getRegistration(form);
  if (registration && new URL(registration.scope).pathname === form) await registration.unregister();
}

export const cacheName = (form) => `xom-draft ${form}`;
