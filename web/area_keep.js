// What a khu vực's phone keeps of acts that are not sent yet, in IndexedDB: { key, whose, url, code, kind, what, fields,
// photo, state, text }. state "waiting": it goes when there is a network; "refused": `text` says why, and what was
// written stays until the person puts it away. Under another account's mark nothing is shown and nothing sent.
const NAME = "xom-area";

function database() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("acts", { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new Error("blocked"));
  });
}

async function run(mode, work) {
  const db = await database();
  try {
    return await new Promise((done, failed) => {
      const transaction = db.transaction("acts", mode);
      const request = work(transaction.objectStore("acts"));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    db.close();
  }
}

export const put = (act) => run("readwrite", (store) => store.put(act));
export const drop = (key) => run("readwrite", (store) => store.delete(key));
export const all = async (whose) => (await run("readonly", (store) => store.getAll())).filter((a) => a.whose === whose);
export const cacheName = (list) => `xom-area ${list}`;
