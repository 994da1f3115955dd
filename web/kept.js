// One store of the phone's IndexedDB, opened for each piece of work and closed after it, so that no page holds up
// another one or the worker: run(mode, work) gives what the request made by work(store) brought, once it is written.
export const keptIn = (name, table, options) => {
  const database = () => new Promise((done, failed) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table, options);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new Error("blocked"));
  });
  return async (mode, work) => {
    const db = await database();
    try {
      return await new Promise((done, failed) => {
        const transaction = db.transaction(table, mode);
        const request = work(transaction.objectStore(table));
        transaction.oncomplete = () => done(request.result);
        transaction.onabort = transaction.onerror = () => failed(transaction.error);
      });
    } finally {
      db.close();
    }
  };
};
