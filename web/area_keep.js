// What a khu vực's phone keeps of acts that are not sent yet, in IndexedDB: { key, whose, url, code, kind, what, fields,
// photo, report, state, text }. report: one for somebody without a phone, whose form takes its fields again. state
// "waiting": it goes when there is a network; "refused": `text` says why, and what was written stays until the person
// puts it away; "done": it was sent `at` that time, and is here without its content until a page that was asked for
// later shows it. Under another account's mark nothing is shown and nothing sent.
import { keptIn } from "./kept.js";

const run = keptIn("xom-area", "acts", { keyPath: "key" });

export const put = (act) => run("readwrite", (store) => store.put(act));
export const drop = (key) => run("readwrite", (store) => store.delete(key));
export const all = async (whose) => (await run("readonly", (store) => store.getAll())).filter((a) => a.whose === whose);
export const cacheName = (list) => `xom-area ${list}`;
