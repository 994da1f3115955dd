// The service worker of a khu vực's list, there only on a phone that its owner called their own. Without a network it
// answers with the list as it was last seen, and with the form of a report for somebody else; whoever is signed out
// finds neither.
import { cacheName } from "./area_keep.js";

const list = new URL(self.registration.scope).pathname;

self.addEventListener("install", (event) => event.waitUntil(store().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const KEPT = [list, `${list}/report`];

async function keep(path, answer) {
  const cache = await caches.open(cacheName(list)), html = await answer.clone().text();
  await cache.put(path, answer);
  const named = new Set([...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((m) => m[1])); // a script may stand there twice
  const lacking = [];
  for (const url of named) if (!await cache.match(url)) lacking.push(url);
  await cache.addAll(lacking);
  const style = lacking.find((url) => url.includes("site.css"));
  const css = style ? await (await cache.match(style)).text() : "";
  await cache.addAll([...css.matchAll(/url\(["']?([^"')]+\.woff2)["']?\)/g)].map((m) => new URL(m[1], self.location.origin + style).pathname));
}

async function store() {
  for (const path of KEPT) {
    const answer = await fetch(path, { cache: "no-store" });
    if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
    await keep(path, answer);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(navigate(request, pathname));
  else if (pathname.startsWith("/assets/")) event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});

async function navigate(request, pathname) {
  try {
    const answer = await fetch(request);
    // Signed out, or no longer anybody's here: nothing stays.
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 404) await caches.delete(cacheName(list));
    else if (answer.ok && KEPT.includes(pathname)) await keep(pathname, answer.clone());
    return answer;
  } catch (e) {
    const kept = await caches.match(KEPT.includes(pathname) ? pathname : list, { ignoreVary: true });
    if (!kept) throw e;
    return kept;
  }
}
