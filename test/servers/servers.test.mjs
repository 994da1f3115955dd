// Several `xom serve` on one database behind HAProxy, as packaging/cluster/haproxy.cfg has it, but each
// request goes to the next server: the hardest case for whoever reads what they have just written. Under
// load one server is killed and another one added; XOM_LONG: for longer.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, binary, build, hidden, readReceipt, root, signIn, startXom, tempDir, unescape, verb, words } from '../harness/xom.mjs';
import { caseFields, facts, png, step, upToCheck } from '../harness/steps.mjs';
import { filled, freePort } from '../harness/cluster.mjs';
import { sql } from '../harness/postgres.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const W = 'song-may', LONG = (process.env.XOM_LONG ? 25 : 6) * 1000;
const server = `/var/tmp/xom-test-servers-${process.pid}`;
const run = (what) => execFileSync(process.execPath, [join(root, 'test/harness/postgres.mjs'), what], { encoding: 'utf8', env: { ...process.env, XOM_PG_DIR: server }, stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const media = join(build, 'src/xom-media/xom-media');
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const dir = tempDir();
const file = join(dir, 'settings.yaml');
const xs = [];
let url, ports, web, proxy, behind;

// A client that sends once more what got no answer, or "try again".
class Retrying extends Client {
  async request(method, path, options) {
    const once = async () => {
      try { const r = await super.request(method, path, options); return [502, 503, 504].includes(r.status) ? undefined : r; } catch (e) { if (!(e instanceof TypeError)) throw e; return undefined; }
    };
    const first = await once();
    if (first) return first;
    behind.retried += 1;
    await sleep(1000);
    return super.request(method, path, options);
  }
}

async function start(i) {
  const x = await startXom({ data: dir, settings: `database: ${url}\nbase_url: ${web}\nproxies: [127.0.0.1]\n`, args: ['--port', String(ports[i])], sameClock: existsSync(join(dir, 'clock')) });
  x.url = web;
  x.client = () => new Retrying(web, x);
  xs[i] = x;
  return x;
}
const up = async (i, want = true) => { for (let k = 0; k < 200; k += 1, await sleep(100)) { const r = await fetch(`http://127.0.0.1:${ports[i]}/readyz`).catch(() => undefined); if ((r?.status === 200) === want) return; } throw new Error(`server ${i} does not come up: ${xs[i].log}`); };

before(async () => {
  url = `${run('start')}/xom`;
  sql(url.replace(/xom$/, 'postgres'), 'CREATE DATABASE xom TEMPLATE template0');
  ports = [await freePort(), await freePort(), await freePort()];
  const port = await freePort();
  web = `https://127.0.0.1:${port}`;
  writeFileSync(file, `media_program: ${media}\ndatabase: ${url}\n`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=xom', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(dir, 'web.key'), '-out', join(dir, 'web.crt')], { stdio: 'ignore' });
  writeFileSync(join(dir, 'xom.pem'), readFileSync(join(dir, 'web.crt'), 'utf8') + readFileSync(join(dir, 'web.key'), 'utf8'));
  writeFileSync(join(dir, 'haproxy.cfg'), filled('haproxy.cfg', [['maxconn 20000', 'maxconn 500'], ['bind :80', `bind 127.0.0.1:${await freePort()}`], ['bind :443', `bind 127.0.0.1:${port}`], ['/etc/haproxy/xom.pem', join(dir, 'xom.pem')], ['127.0.0.1:5000', `127.0.0.1:${await freePort()}`],
    ...ports.map((p, i) => [`ADDRESS_${i + 1}:8080`, `127.0.0.1:${p}`]), ['ADDRESS_1', '127.0.0.1'], ['ADDRESS_2', '127.0.0.1'], ['balance source\n\thash-type consistent', 'balance roundrobin']]));
  proxy = spawn('/usr/sbin/haproxy', ['-db', '-f', join(dir, 'haproxy.cfg')], { stdio: 'ignore' });
  process.once('exit', () => proxy.kill('SIGKILL'));
  behind = { retried: 0 };
});
after(async () => {
  proxy?.kill('SIGKILL');
  for (const x of xs) if (x?.child.exitCode === null && x.child.signalCode === null) await x.stop();
  try { run('remove'); } finally { rmSync(dir, { recursive: true, force: true }); }
});

test('three programs that find an empty database at once make one, and nothing fails', async () => {
  const ends = await Promise.all([1, 2, 3].map(() => new Promise((done) => {
    const p = spawn(binary, ['--settings', file, '--data', dir, '--share', root, 'upgrade'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    p.stderr.on('data', (d) => { said += d; });
    p.on('exit', (code) => done({ code, said }));
  })));
  assert.deepEqual(ends.map((e) => e.code), [0, 0, 0], ends.map((e) => e.said).join('\n'));
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo'], { settings: ['--settings', file] }));
  for (const i of [0, 1]) await start(i);
  for (const i of [0, 1]) await up(i);
});

test('a session, a form, its photo and a receipt go from server to server', async () => {
  const x = xs[0], officer = await signIn(x, W, 'ha-tang');
  const photo = png({ width: 64, height: 64 });
  const { client, s } = await upToCheck(x, W, { photos: [{ bytes: photo, type: 'image/png' }] });
  const got = readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text);
  for (let i = 0; i < 4; i += 1) assert.equal(readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text).pin, got.pin);
  const c = x.client();
  assert.equal((await c.post(`/${W}/follow`, { code: got.code, pin: got.pin })).status, 303);
  for (let i = 0; i < 4; i += 1) {
    const page = await c.get(`/${W}/receipt`);
    assert.equal(page.status, 200);
    assert.equal((await c.get(unescape(page.text.match(/(?:href|src)="([^"]*\/receipt\/photo\/[^"]+)"/)[1]))).status, 200);
    assert.equal((await officer.get(`/${W}/desk/case/${got.code}`)).status, 200);
  }
});

test('what an officer has just changed is read at once from every server, public pages too; by others within seconds', async () => {
  const x = xs[0], officer = await signIn(x, W, 'ha-tang');
  const { client, s } = await upToCheck(x, W);
  const { code } = readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text);
  const at = `/${W}/case/${(await facts(officer, code)).public_code}.json`;
  const others = ports.slice(0, 2).map((p) => (path) => fetch(`http://127.0.0.1:${p}${path}`, { headers: { host: web.slice('https://'.length) } }));
  const states = async () => Promise.all(others.map(async (g) => (await (await g(at)).json()).state));
  assert.deepEqual(await states(), ['received', 'received'], 'kept by both');
  const r = await step(officer, code, 'take');
  assert.equal(r.status, 303, words(r.text).slice(0, 300));
  assert.ok(r.headers.getSetCookie().some((l) => /^__Host-fresh=1;.*Max-Age=10/.test(l)), 'its browser is known for ten seconds');
  for (let i = 0; i < 6; i += 1) assert.equal(JSON.parse((await officer.get(at)).text).state, (await facts(officer, code)).state);
  assert.notEqual(JSON.parse((await officer.get(at)).text).state, 'received');
  for (let k = 0; (await states()).includes('received'); k += 1, await sleep(100)) assert.ok(k < 80, 'a server shows the old page for more than 8 seconds');
  // Who only reads has no such cookie.
  assert.equal((await x.client().get(`/${W}/cases`)).headers.getSetCookie().length, 0);
});

test('a setting and a procedure changed on one server count on the other for whoever changed them', async () => {
  const admin = await signIn(xs[0], W, 'quan-tri');
  const page = await admin.get(`/${W}/admin/settings`);
  assert.equal(page.status, 200, words(page.text).slice(0, 300));
  const field = (html, name) => html.match(new RegExp(`name="${name}"[^>]*value="([^"]*)"`))?.[1];
  const values = Object.fromEntries([...page.text.matchAll(/<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map((m) => [m[1], unescape(m[2])]));
  const name = Object.keys(values).find((k) => /shift/.test(k));
  assert.ok(name, `settings: ${Object.keys(values)}`);
  const other = '06:30';
  assert.notEqual(values[name], other);
  const r = await admin.post(`/${W}/admin/settings`, { ...values, [name]: other });
  assert.ok([200, 303].includes(r.status), words(r.text).slice(0, 400));
  for (let i = 0; i < 6; i += 1) assert.equal(field((await admin.get(`/${W}/admin/settings`)).text, name), other);
});

test('wrong PINs are counted once for all servers', async () => {
  const x = xs[0];
  const { client, s } = await upToCheck(x, W);
  const { code, pin } = readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text);
  const guess = async (wrong) => new Client(web, x).post(`/${W}/follow`, { code, pin: wrong });
  for (let i = 0; i < 4; i += 1) assert.equal((await guess('BCFG2345')).status, 403);
  assert.notEqual((await guess(pin)).status, 303, 'after four wrong ones whichever server is asked waits');
  assert.notEqual((await guess(pin)).status, 303);
  x.clock.move(2 / 1440);
  for (let i = 0; i < 2; i += 1) assert.equal((await guess(pin)).status, 303, 'and both forget');
});

test('under load one is killed and one is added: no error for who sends once more, nothing lost, nothing twice', async () => {
  const x = xs[0];
  const ledger = { sent: [], steps: [], wrong: [], read: 0 };
  let ending = false;
  const reporter = async (i) => {
    for (let k = 0; !ending; k += 1) {
      const text = `Máy chủ ${i} lần ${k} tải`;
      const { client, s } = await upToCheck(x, W, { text, photos: i === 0 ? [{ bytes: png({ width: 32, height: 32 }), type: 'image/png' }] : [] });
      const r = await client.post(`/${W}/report/check`, { s, go: 'send' });
      if (r.status !== 200) { ledger.wrong.push(`sending: ${r.status} ${words(r.text).slice(0, 200)}`); continue; }
      const got = { ...readReceipt(r.text), text };
      ledger.sent.push(got);
      const c = x.client();
      const opened = await c.post(`/${W}/follow`, { code: got.code, pin: got.pin });
      const page = opened.status === 303 ? await c.get(`/${W}/receipt`) : opened;
      if (!page.text.includes(text)) ledger.wrong.push(`${got.code}: its reporter cannot read it at once (${opened.status}, ${page.status})`);
      ledger.read += 1;
    }
  };
  const officer = async () => {
    const c = await signIn(x, W, 'ha-tang');
    for (let k = 0; !ending; k += 1) {
      const got = ledger.sent[Math.floor(Math.random() * ledger.sent.length)];
      if (!got) { await sleep(20); continue; }
      const path = `/${W}/desk/case/${got.code}`, page = await c.get(path);
      if (page.status !== 200) { ledger.wrong.push(`${got.code}: ${page.status} at the desk`); continue; }
      const note = `ghi ${Math.random().toString(36).slice(2)}`;
      const take = !got.taken && page.text.includes(`${path}/take"`);
      const r = await c.post(`${path}/${take ? 'take' : 'note'}`, { ...caseFields(page), [take ? 'text' : 'note-text']: note });
      // The first sending may have been done, the second then meets what it changed itself.
      const after = await c.get(path);
      const done = take ? !after.text.includes(`${path}/take"`) : unescape(after.text).includes(note);
      if (r.status === 303 && !done) ledger.wrong.push(`${got.code}: a step is not read at once`);
      if (r.status >= 500) ledger.wrong.push(`${got.code}: ${r.status} for a step`);
      if (take && done) got.taken = true;
      if (!take && done) ledger.steps.push({ code: got.code, note });
    }
  };
  const cases = () => Number(sql(url, 'SELECT count(*) FROM ward_case')), before_ = cases();
  const began = Date.now();
  const work = [...[0, 1, 2].map(reporter), officer()];
  const failed = Promise.all(work);
  await Promise.race([sleep(LONG / 3), failed]);
  await xs[1].kill();
  const had = ledger.sent.length;
  await Promise.race([start(2).then(() => up(2)), failed.then(() => {})]);
  await Promise.race([sleep(Math.max(LONG - (Date.now() - began), LONG / 3)), failed]);
  ending = true;
  await failed;
  assert.deepEqual(ledger.wrong, []);
  assert.ok(had > 0 && ledger.sent.length > had && ledger.steps.length > 0, `${had}, ${ledger.sent.length} receipts, ${ledger.steps.length} notes`);
  await start(1);
  await up(1);
  const c = await signIn(x, W, 'ha-tang');
  const wrong = [];
  for (const got of ledger.sent) {
    const r = await x.client().post(`/${W}/follow`, { code: got.code, pin: got.pin });
    if (r.status !== 303) wrong.push(`${got.code} is lost`);
  }
  for (const s of ledger.steps) {
    const times = unescape((await c.get(`/${W}/desk/case/${s.code}`)).text).split(s.note).length - 1;
    if (times !== 1) wrong.push(`${s.note} stands ${times} times`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(cases() - before_, ledger.sent.length, 'as many cases as forms were sent');
});

test('what happens by itself happens once: a step that waited, the daily head', async () => {
  const x = xs[0], officer = await signIn(x, W, 'ha-tang');
  const { client, s } = await upToCheck(x, W);
  const { code } = readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text);
  assert.equal((await step(officer, code, 'take')).status, 303);
  const page = await officer.get(`/${W}/desk/case/${code}`);
  assert.equal((await officer.post(`/${W}/desk/case/${code}/ask`, { ...caseFields(page), 'ask-text': 'Số nhà nào?' }, { wait: true })).status, 303);
  x.clock.move(2);
  const heads = () => sql(url, 'SELECT count(*), count(DISTINCT (ward_id, day)) FROM head').trim();
  const asked = () => sql(url, `SELECT count(*) FROM timeline t JOIN ward_case c ON c.ward_id = t.ward_id AND c.id = t.case_id WHERE c.code = '${code}' AND t.verb = 'ask'`).trim();
  const before_ = heads();
  for (let k = 0; asked() !== '1' || heads() === before_; k += 1, await sleep(100)) assert.ok(k < 150, `asked ${asked()} times, heads ${heads()}`);
  for (let k = 0; sql(url, 'SELECT count(*) FROM outbox WHERE state = 2').trim() !== '0'; k += 1, await sleep(100)) assert.ok(k < 150, 'jobs do not end');
  assert.equal(asked(), '1');
  assert.equal(new Set(heads().split('|')).size, 1);
  assert.equal(sql(url, 'SELECT count(*) FROM outbox WHERE state = 3').trim(), '0', 'no dead letter');
  assert.match(verb(dir, ['verify'], { settings: ['--settings', file] }), /song-may: .* 0 faults/);
});

test('with no server alive a reporter is told so, in both languages, and whom to call', async () => {
  for (const x of xs) if (x?.child.exitCode === null && x.child.signalCode === null) await x.stop();
  let r;
  for (let k = 0; k < 100 && (r = await fetch(`${web}/${W}/report`)).headers.get('retry-after') !== '60'; k += 1) await sleep(100);
  assert.deepEqual([r.status, r.headers.get('content-type'), r.headers.get('cache-control')], [503, 'text/html; charset=utf-8', 'no-store']);
  const text = await r.text();
  assert.match(text, /<html lang=vi>.*chưa được nhận.*tel:113.*<p lang=en>.*not received/s);
});
