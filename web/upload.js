// One photo to the form's own address, as its button "upload" would send it. The answer is the step's page:
// its sealed field holds the new photo among the answers, so photos go one after the other, each
// with the field that the one before brought. An answer that is lost loses nothing: the same photo goes again with the same
// field, and what came twice was never among the answers.
const STALLED = 45000; // no byte for so long: the line is dead
const TRIES = 8;

export class Cancelled extends Error {}

// send(url, fields, photo, { progress, waiting, signal }) → { document, status } of the answer
export async function send(url, fields, photo, { progress, waiting, signal }) {
  for (let tries = 1; ; tries += 1) {
    let wait = Math.min(30, 2 ** (tries - 1));
    try {
      const answer = await once(url, fields, photo, progress, signal);
      if (![429, 502, 503, 504].includes(answer.status)) return answer;
      wait = Math.max(wait, answer.retryAfter || 0);
    } catch (e) {
      if (e instanceof Cancelled) throw e;
    }
    if (tries === TRIES) throw new Error("the line stays dead");
    waiting();
    await pause(wait * 1000, signal);
  }
}

function once(url, fields, photo, progress, signal) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    let stall;
    const alive = () => {
      clearTimeout(stall);
      stall = setTimeout(() => request.abort(), STALLED);
    };
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    body.append("photos", photo.blob, photo.name);
    request.open("POST", url);
    request.responseType = "document";
    request.upload.onprogress = (event) => {
      alive();
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onprogress = alive;
    request.onload = () => done({
      document: request.responseXML, status: request.status, retryAfter: Number(request.getResponseHeader("Retry-After")),
    });
    request.onerror = () => failed(new Error("no line"));
    request.onabort = () => failed(signal.aborted ? new Cancelled() : new Error("no line"));
    request.onloadend = () => clearTimeout(stall);
    signal.addEventListener("abort", () => request.abort());
    if (signal.aborted) failed(new Cancelled());
    else request.send(body);
    alive();
  });
}

// Waits; less when the phone says that the network is back.
function pause(ms, signal) {
  return new Promise((done, failed) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      if (signal.aborted) failed(new Cancelled());
      else done();
    }
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
