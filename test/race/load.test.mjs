// The server under a mixed load of everything that threads share, for some seconds: in a build with
// TSan (./check --all: XOM_BUILD=build/tsan) a data race ends it with a report. Residents report with
// photos and follow, officers work the same cases at once, the public reads what is cached while it
// changes, an administrator changes what is kept in memory, jobs run as the clock moves, and a second
// process copies the database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { binary, hidden, report, root, signIn, startXom, unescape } from '../harness/xom.mjs';
import { crc32 } from '../harness/steps.mjs';

process.env.TSAN_OPTIONS ??= 'halt_on_error=0:exitcode=66:second_deadlock_stack=1';
const SECONDS = Number(process.env.XOM_SECONDS ?? 20);
const WARD = '/song-may';

function png(n) {
  const chunk = (type, body) => { const d = Buffer.concat([Buffer.from(type), body]), len = Buffer.alloc(4), sum = Buffer.alloc(4); len.writeUInt32BE(body.length); sum.writeUInt32BE(crc32(d)); return Buffer.concat([len, d, sum]); };
  const head = Buffer.from([0, 0, 0, 32, 0, 0, 0, 32, 8, 2, 0, 0, 0]);
  const rows = Buffer.alloc(32 * 97, n % 256);
  for (let i = 0; i < 32; i++) rows[i * 97] = 0;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

test('a mixed load has no data race', { timeout: 300000 }, async (t) => {
  const x = await startXom({ args: ['--rate-scale', '1000000'], settings: 'workers: 8\nmetrics_port: 0\n' });
  const until = Date.now() + SECONDS * 1000, codes = [], done = {};
  const did = (what) => { done[what] = (done[what] ?? 0) + 1; };
  const loop = async (what, each) => { for (let i = 0; Date.now() < until; i++) { await each(i); did(what); } };
  const officers = await Promise.all(['ha-tang', 'ha-tang', 'an-toan'].map((login) => signIn(x, 'song-may', login)));
  const admin = await signIn(x, 'song-may', 'quan-tri');
  const form = (html) => Object.fromEntries([...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], unescape(m[2])]));

  const resident = (k) => loop('report', async (i) => {
    const r = await report(x, 'song-may', { kind: ['lighting', 'road', 'noise'][(i + k) % 3], photos: i % 4 === 0 && (i + k) % 3 !== 2 ? [{ bytes: png(i), type: 'image/png', name: 'a.png' }] : [] });
    codes.push(r.code);
    const c = x.client();
    assert.equal((await c.post(`${WARD}/follow`, { code: r.code, pin: r.pin })).status, 303);
    assert.equal((await c.get(`${WARD}/receipt`)).status, 200);
    if (i % 5 === 4) await c.post(`${WARD}/receipt/withdraw`, { ...form((await c.get(`${WARD}/receipt`)).text) });
    // Few: an address that guesses often has to wait, and with it the others here.
    if (i % 8 === 3) await x.client().post(`${WARD}/follow`, { code: r.code, pin: 'BCFGHJKM' });
  });
  const officer = (client) => loop('step', async (i) => {
    const code = codes[Math.max(0, codes.length - 1 - (i % 3))];
    await client.get(`${WARD}/desk?queue=${['new', 'unit', 'mine', 'closed'][i % 4]}`);
    if (!code) return;
    const at = `${WARD}/desk/case/${code}`, page = await client.get(at);
    if (page.status !== 200) return;
    const verb = ['take', 'note', 'close', 'release', 'ask'][i % 5];
    const r = await client.post(`${at}/${verb}`, { ...form(page.text), text: 'Ghi chú', 'note-text': 'Ghi chú', 'ask-text': 'Trụ số mấy?', 'release-text': 'Đèn tắt', 'close-result': 'Xong', 'close-outcome': 'mended' }, { wait: i % 2 === 0 });
    assert.ok(r.status < 500, `${verb}: ${r.status}`);
  });
  const everybody = (k) => loop('page', async (i) => {
    const c = x.client(), r = await c.get(`${WARD}${['', '/cases', '/map', '/figures', '/feed.atom', '/cases.json', '/en', '/rights', '/none', '/map/areas.geojson'][(i + k) % 10]}`, { headers: { 'accept-encoding': ['br', 'gzip', ''][i % 3] } });
    assert.ok(r.status < 500);
  });
  const desk = loop('settings', async (i) => {
    const page = await admin.get(`${WARD}/admin/settings`);
    const r = await admin.post(`${WARD}/admin/settings`, { ...form(page.text), name: 'Phường Sông Mây', hotline: `0292 000 00${i % 10}` });
    assert.ok(r.status < 500, `${r.status}`);
    for (const p of ['/admin/people', '/admin/jobs', '/admin/health', '/admin/procedures']) assert.ok((await admin.get(`${WARD}${p}`)).status < 500);
  });
  const clock = loop('clock', async () => { x.clock.move(0.01); await new Promise((r) => { setTimeout(r, 300); }); });
  const other = loop('verb', () => new Promise((ended) => {
    const child = spawn(binary, ['--settings', join(x.data, 'settings.yaml'), '--data', x.data, '--share', root, 'verify', '--ward', 'song-may'], { stdio: 'ignore' });
    child.on('close', ended);
  }));
  try {
    await Promise.all([resident(0), resident(1), resident(2), ...officers.map(officer), everybody(0), everybody(3), everybody(7), desk, clock, other]);
  } finally {
    await x.stop().catch((e) => { throw new Error(e.message.slice(0, 12000)); });
  }
  assert.doesNotMatch(x.log, /ThreadSanitizer/, x.log.slice(0, 12000));
  t.diagnostic(JSON.stringify(done));
  for (const what of ['report', 'step', 'page', 'settings', 'clock']) assert.ok(done[what] > 2, `${what}: ${done[what]}`);
});
