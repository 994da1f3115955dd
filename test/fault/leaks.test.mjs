// Mixed requests under LeakSanitizer, signed in and not, errors and uploads among them, and not a byte
// lost: the server says so when it ends. XOM_MANY: how many; ./bench leaks asks 200,000.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { request, Agent } from 'node:http';
import { hidden, report, signIn, startXom } from '../harness/xom.mjs';
import { png, withPhotos } from '../harness/steps.mjs';

const W = 'song-may', MANY = Number(process.env.XOM_MANY ?? 2000);

// Without fetch's cost.
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const ask = (x, method, path, { cookie, body, type } = {}) => new Promise((done, failed) => {
  const q = request({ host: '127.0.0.1', port: x.port, method, path, agent, headers: { host: `localhost:${x.port}`, origin: x.url, ...(cookie ? { cookie } : {}), ...(body ? { 'content-type': type, 'content-length': body.length } : {}) } }, (r) => {
    r.resume();
    r.on('end', () => done(r.statusCode));
    r.on('error', failed);
  });
  q.on('error', (e) => (e.code === 'ECONNRESET' || e.code === 'EPIPE' ? done(0) : failed(e)));
  q.end(body);
});

test(`${MANY} mixed requests leave nothing behind`, { timeout: 3600000 }, async () => {
  const x = await startXom({ args: ['--rate-scale', '1000000'] });
  const officer = await signIn(x, W, 'ha-tang'), got = await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] });
  const cookie = [...officer.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  const resident = x.client();
  await resident.post(`/${W}/follow`, { code: got.code, pin: got.pin });
  const receipt = [...resident.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  const s = hidden((await x.client().get(`/${W}/report`)).text, 's'), form = 'application/x-www-form-urlencoded';
  const part = (bytes) => Buffer.concat([Buffer.from('--B\r\nContent-Disposition: form-data; name="s"\r\n\r\n'), Buffer.from(s), Buffer.from('\r\n--B\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'), bytes, Buffer.from('\r\n--B--\r\n')]);
  const kinds = [
    (n) => ask(x, 'GET', `/${W}/cases?n=${n}`), () => ask(x, 'GET', `/${W}/`), () => ask(x, 'GET', `/${W}/en/figures.json`), () => ask(x, 'GET', `/${W}/report`),
    (n) => ask(x, 'GET', `/${W}/nothing/${n}`), (n) => ask(x, 'GET', `/${W}/case/SM-X-${n}`), () => ask(x, 'GET', `/${W}/feed.atom`), () => ask(x, 'GET', '/assets/site.css'),
    () => ask(x, 'GET', `/${W}/desk`, { cookie }), () => ask(x, 'GET', `/${W}/desk/case/${got.code}`, { cookie }), () => ask(x, 'GET', `/${W}/desk.json?words=den`, { cookie }), () => ask(x, 'GET', `/${W}/desk`, { cookie: `session=${'x'.repeat(60)}` }),
    () => ask(x, 'GET', `/${W}/receipt`, { cookie: receipt }), (n) => ask(x, 'POST', `/${W}/follow`, { body: `code=SM-26-${n}&pin=1`, type: form }), () => ask(x, 'POST', `/${W}/report/kind`, { body: `s=${encodeURIComponent(s)}&kind=lighting&go=next`, type: form }),
    () => ask(x, 'POST', `/${W}/report/what`, { body: 's=broken&text=%ff%00', type: form }), () => ask(x, 'POST', `/${W}/sign-in`, { body: 'login=&password=', type: form }), () => ask(x, 'PUT', `/${W}/`),
    () => ask(x, 'POST', `/${W}/desk/case/${got.code}/note`, { cookie, body: 'token=wrong&note-text=a', type: form }),
  ];
  // Dear ones (a file to disk, a decoder, a password's hash) come now and then.
  const seldom = [() => ask(x, 'POST', `/${W}/report/photos`, { body: part(Buffer.alloc(20000, 3)), type: 'multipart/form-data; boundary=B' }), () => ask(x, 'POST', `/${W}/report/photos`, { body: part(png()), type: 'multipart/form-data; boundary=B' }), () => ask(x, 'POST', `/${W}/report/photos`, { body: Buffer.from('--B\r\nno'), type: 'multipart/form-data; boundary=B' })];
  let n = 0;
  const seen = new Map();
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (n < MANY) {
      const i = n++, status = await (i % 400 === 7 ? seldom[(i / 400 | 0) % 3](i) : kinds[i % kinds.length](i));
      seen.set(status, (seen.get(status) ?? 0) + 1);
      if (status >= 500 && status !== 503) assert.fail(`${status} at ${i}`);
    }
  }));
  agent.destroy();
  for (const status of [200, 303, 404, 422]) assert.ok(seen.get(status) > 0, `no ${status} among ${JSON.stringify([...seen])}`);
  await x.stop(); // LeakSanitizer's word: it ends with another status where something was lost
  assert.doesNotMatch(x.log, /LeakSanitizer|AddressSanitizer/);
});
