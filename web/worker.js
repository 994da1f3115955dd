// The service worker of the report's form, there only while a phone of one's own keeps a draft. It governs
// the form's addresses and no others. Without a network it answers with the form in one page, which shows the draft; when
// the network is back it sends what is ready.
import { FIELDS, cacheName, read, write } from "./keep.js";
import { replay } from "./replay.js";

const form = new URL(self.registration.scope).pathname;
const page = `${form}/draft`;

self.addEventListener("install", (event) => event.waitUntil(store().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page, and what it and its style sheet name.
async function store() {
  const cache = await caches.open(cacheName(form));
  const answer = await fetch(page, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
  const html = await answer.clone().text();
  await cache.put(page, answer);
  const named = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((m) => m[1]);
  await cache.addAll(named);
  const style = named.find((url) => url.includes(".css"));
  const css = style ? await (await cache.match(style)).text() : "";
  await cache.addAll([...css.matchAll(/url\(["']?([^"')]+\.woff2)["']?\)/g)].map((m) => new URL(m[1], self.location.origin + style).pathname));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(request));
  else if (request.method === "GET" && pathname.startsWith("/assets/"))
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});

async function navigate(request) {
  const copy = request.method === "POST" ? request.clone() : null;
  try {
    const answer = await fetch(request);
    // A form of yesterday is refused; its answers aren't lost: the draft's page shows them.
    if (!copy || answer.status !== 403 || !await read("draft", form)) return answer;
    await keepPost(copy, false);
    return await caches.match(page) || answer;
  } catch (e) {
    const kept = await caches.match(page);
    if (!kept) throw e;
    if (copy) await keepPost(copy, true).catch(() => {});
    return kept;
  }
}

// What was posted into a dead line, so that the page shows it. Send was pressed: then it is to be sent;
// `arrived`: it may have reached the server.
async function keepPost(request, arrived) {
  const draft = await read("draft", form);
  if (!draft) return;
  const posted = await request.formData();
  for (const name of FIELDS) if (posted.has(name)) draft.fields[name] = posted.get(name);
  if (posted.get("s")) draft.s = posted.get("s");
  if (posted.get("go") === "send") Object.assign(draft, { state: "ready", attempted: draft.attempted || arrived });
  await write("draft", form, draft);
  if (draft.state === "ready" && self.registration.sync) await self.registration.sync.register("report").catch(() => {});
}

let sending = null;
function send() {
  sending = sending || replay(form).then(async (result) => {
    for (const client of await self.clients.matchAll({ includeUncontrolled: true })) client.postMessage({ draft: result });
    return result;
  }).finally(() => { sending = null; });
  return sending;
}
self.addEventListener("message", (event) => { if (event.data === "send") event.waitUntil(send()); });
self.addEventListener("sync", (event) => {
  if (event.tag === "report") event.waitUntil(send().then((result) => { if (result === "later") throw new Error("again"); }));
});
