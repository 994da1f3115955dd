// From the version before to this one: with data, under load; and what is refused.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asking, startHeld } from '../harness/held.mjs';
import { BEFORE, older } from '../harness/older.mjs';
import { binary, build, Client, hidden, PASSWORD, root, tempDir, words } from '../harness/xom.mjs';

const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', TZ: 'UTC' };
const ours = { xom: binary, media: join(build, 'src/xom-media/xom-media'), share: root };
const run = (p, data, ...args) => spawnSync(p.xom, ['--settings', join(data, 'settings.yaml'), '--data', data, '--share', p.share, ...args], { encoding: 'utf8', timeout: 120000, env });
const fine = (r) => { assert.equal(r.status, 0, `${r.stdout}${r.stderr}`); return r.stdout; };
const use = (p, data) => writeFileSync(join(data, 'settings.yaml'), `media_program: ${p.media}\nport: 0\n`);
const sum = (file) => spawnSync('sha256sum', [file], { encoding: 'utf8' }).stdout.slice(0, 64);
const sqlite = (data, sql) => { const r = spawnSync('sqlite3', [join(data, 'xom.db'), sql], { encoding: 'utf8' }); assert.equal(r.status, 0, r.stderr); return r.stdout.trim(); };

// The form of the version before, page by page, as people filled it in.
async function reportThere(client, text) {
  let page = await client.get('/song-may/report');
  for (const [step, fields] of [['kind', { kind: 'lighting' }], ['where', { area: 'unsure', street: 'Hẻm 7', landmark: '', lat: '', lon: '' }], ['what', { text }]])
    page = await client.post(`/song-may/report/${step}`, { s: hidden(page.text, 's'), ...fields, go: 'next' });
  const form = new FormData();
  form.set('s', hidden(page.text, 's'));
  form.set('go', 'next');
  page = await client.post('/song-may/report/photos', form);
  const { text: receipt } = await client.post('/song-may/report/check', { s: hidden(page.text, 's'), go: 'send' });
  const code = receipt.match(/data-x-code>([^<]+)</)?.[1], pin = receipt.match(/data-x-pin>([^<]+)</)?.[1];
  assert.ok(code && pin, words(receipt));
  return { code, pin, text };
}

let was, data;
before(() => { was = older(); data = tempDir(); use(was, data); fine(run(was, data, 'demo')); });
after(() => rmSync(data, { recursive: true, force: true }));

test(`${BEFORE.version} serves on while its database gets our steps; then we serve, and all is there`, async () => {
  const child = spawn(was.xom, ['--settings', join(data, 'settings.yaml'), '--data', data, '--share', was.share, 'serve', '--rate-scale', '1000000'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise((done) => child.on('exit', done));
  const port = await new Promise((found) => { let out = ''; child.stdout.on('data', (d) => { out += d; const m = out.match(/serving on port (\d+)/); if (m) found(m[1]); }); });
  const there = () => new Client(`http://localhost:${port}`);
  const paths = ['/song-may/', '/song-may/cases?n=1', '/song-may/report'];
  const receipts = [await reportThere(there(), 'Đèn tắt từ hôm trước.')];
  const desk = there();
  assert.equal((await desk.post('/song-may/sign-in', { login: 'ha-tang', password: PASSWORD, to: '' })).status, 303);
  const cases = sqlite(data, 'SELECT count(*) FROM ward_case');

  use(ours, data);
  assert.match(fine(run(ours, data, 'upgrade', '--check')), /steps of the schema are to be run; a copy is taken first|as this program needs it/);
  const load = await asking(`http://localhost:${port}`, paths, { clients: 4 });
  await load.more(20);
  const steps = Number(fine(run(ours, data, 'upgrade')).match(/^(\d+) steps/)?.[1] ?? 0);
  await load.more(20);
  // The old program takes a report into the new schema, and its officer works it.
  receipts.push(await reportThere(there(), 'Đèn tắt, báo trong lúc nâng cấp.'));
  assert.equal((await desk.get('/song-may/desk')).status, 200);
  const seen = await load();
  assert.deepEqual(seen.failed, []);
  child.kill('SIGTERM');
  assert.equal(await ended, 0);

  const copies = readdirSync(join(data, 'before-upgrade')).filter((n) => n.endsWith('.db'));
  assert.equal(copies.length, steps > 0 ? 1 : 0);
  for (const name of copies) {
    const copy = join(data, 'before-upgrade', name);
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    assert.equal(spawnSync('sqlite3', [copy, 'PRAGMA integrity_check; SELECT count(*) FROM ward_case'], { encoding: 'utf8' }).stdout.trim(), `ok\n${cases}`);
  }
  assert.match(run(ours, data, 'upgrade').stdout, /^the database is as this program needs it\n/);

  writeFileSync(join(data, 'clock'), Buffer.alloc(8));
  const x = await startHeld({ data });
  try {
    const again = await asking(x.url, paths, { clients: 4 });
    await again.more(20);
    receipts.push(await reportThere(x.client(), 'Đèn tắt, báo sau khi nâng cấp.').catch(() => null));
    await x.restart();
    await again.more(20);
    assert.deepEqual((await again()).failed, []);
    for (const r of receipts.filter(Boolean)) {
      const c = x.client();
      assert.equal((await c.post('/song-may/follow', { code: r.code, pin: r.pin })).status, 303);
      assert.ok((await c.get('/song-may/receipt')).text.includes(r.text), r.code);
    }
    assert.ok(receipts.length >= 2);
    // The officer's session is still good, and the queue has them.
    const kept = x.client();
    kept.cookies = desk.cookies;
    const page = await kept.get('/song-may/desk?queue=new');
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(receipts[0].code));
  } finally { await x.stop(); }
  fine(run(ours, data, 'verify'));
  assert.ok(Number(sqlite(data, 'SELECT count(*) FROM ward_case')) >= Number(cases) + 1);
});

test('a database of a newer program is refused in clear words, and stays as it is', () => {
  sqlite(data, "INSERT INTO schema_step(name, checksum, at) VALUES ('flow-9999', x'00', 1)");
  sqlite(data, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const file = join(data, 'xom.db'), at = sum(file);
  for (const args of [['serve'], ['ward', 'list'], ['verify']]) {
    const r = run(ours, data, ...args);
    assert.equal(r.status, 1);
    assert.match(r.stderr, /a newer program made this database .*flow-9999.* Nothing was changed/s);
  }
  for (const args of [['upgrade'], ['upgrade', '--check']]) {
    const r = run(ours, data, ...args);
    assert.equal(r.status, 3);
    assert.match(r.stderr, /flow-9999/);
  }
  assert.equal(sum(file), at);
  sqlite(data, "DELETE FROM schema_step WHERE name = 'flow-9999'");
  fine(run(ours, data, 'upgrade'));
});

// A newer program's files beside this one's: what is new by its name is taken in, what a ward had published stays.
test('new rules and years come by themselves, a changed year as a proposal; kinds only when they are published', () => {
  const kinds = () => sqlite(data, 'SELECT name, count(*) FROM procedure_version GROUP BY name ORDER BY name').split('\n');
  const before = kinds(), had = before.map((l) => l.split('|')[0]), missing = ['agency_request', 'feedback', 'mediation', 'redress', 'staff', 'unsure'];
  assert.ok(had.includes('lighting') && !missing.some((k) => had.includes(k)), had.join());
  const told = fine(run(ours, data, 'upgrade'));
  assert.match(told, /^new kinds, not offered here before they are published: agency_request, feedback, mediation, redress, staff, unsure\n {2}xom procedures publish --new$/m);
  assert.match(told, /^kinds that this program brings in another version .*: .*\blighting\b/m);
  assert.deepEqual(kinds(), before, 'an upgrade publishes no kind');
  assert.match(fine(run(ours, data, 'procedures', 'publish', '--new')), /^6 procedures published\n/);
  assert.deepEqual(kinds(), [...before, ...missing.map((k) => `${k}|1`)].sort(), 'and what was there stays');
  assert.match(fine(run(ours, data, 'procedures', 'publish', '--new')), /^0 procedures published\n/);
  assert.doesNotMatch(fine(run(ours, data, 'upgrade')), /new kinds/);

  const share = tempDir();
  try {
    for (const name of readdirSync(root)) if (!['.git', 'build', 'calendars'].includes(name)) symlinkSync(join(root, name), join(share, name));
    cpSync(join(root, 'calendars'), join(share, 'calendars'), { recursive: true });
    const edit = (name, change) => { const file = join(share, 'calendars', name), was = readFileSync(file, 'utf8'), is = change(was); assert.notEqual(is, was); writeFileSync(file, is); };
    edit('rules.yaml', (t) => `${t.replace(/(name: close\.lighting, amount: )5/, '$19')}  - {name: court.answer, amount: 11, unit: working_day, event: receipt, source: setting of the ward, valid_from: 2025-01-01, verified: false}\n`);
    edit('vn-2026.yaml', (t) => t.replace('off:\n', 'off:\n  - {day: 2026-06-10, name: Ngày nghỉ thêm}\n'));
    writeFileSync(join(share, 'calendars/vn-2060.yaml'), 'year: 2060\nsource: setting of the ward\noff:\n  - {day: 2060-04-30, name: Ngày Chiến thắng}\n');
    const rules = fine(run(ours, data, 'rules', 'list')), years = () => sqlite(data, 'SELECT year, version, state FROM calendar ORDER BY year, version');
    assert.doesNotMatch(rules, /court\.answer/);
    assert.doesNotMatch(years(), /^2060/m);
    const newer = { ...ours, share };
    fine(run(newer, data, 'upgrade'));
    const after = fine(run(newer, data, 'rules', 'list'));
    assert.match(after, /^court\.answer +11 working_day/m);
    assert.deepEqual(after.split('\n').filter((l) => !l.startsWith('court.answer')), rules.split('\n'), 'what was published is not changed');
    assert.match(years(), /^2026\|1\|3\n2026\|2\|1\n[^]*^2060\|1\|3$/m, 'a proposal beside the year in use; a year that was missing is in use');
    // A kind that this ward's rules don't fit is told, and the upgrade is done all the same.
    rmSync(join(share, 'procedures'));
    cpSync(join(root, 'procedures'), join(share, 'procedures'), { recursive: true });
    writeFileSync(join(share, 'procedures/noise.yaml'), readFileSync(join(root, 'procedures/noise.yaml'), 'utf8').replace(/close\.noise/g, 'close.nothing'));
    assert.match(fine(run(newer, data, 'upgrade')), /^the kinds of this program cannot be compared .*noise\.yaml/m);
    const once = sqlite(data, 'SELECT count(*) FROM rule') + years();
    fine(run(newer, data, 'upgrade'));
    assert.equal(sqlite(data, 'SELECT count(*) FROM rule') + years(), once, 'once');
  } finally { rmSync(share, { recursive: true, force: true }); }
});

test('the steps lie beside the database, for a package that asks before it is installed', () => {
  const names = readFileSync(join(data, 'schema'), 'utf8').trim().split('\n');
  assert.deepEqual(names, sqlite(data, 'SELECT name FROM schema_step ORDER BY name').split('\n'));
});

test('without room for the copy nothing is upgraded, and it is said how much is needed', (t) => {
  // A file system of its own that is nearly full: as root only.
  const dir = tempDir(), db = join(dir, 'data');
  mkdirSync(db);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', db]).status !== 0) { rmSync(dir, { recursive: true, force: true }); t.skip('no mount here'); return; }
  try {
    use(was, db);
    fine(run(was, db, 'ward', 'list'));
    spawnSync('sqlite3', [join(db, 'xom.db'), "DELETE FROM schema_step WHERE name = (SELECT max(name) FROM schema_step WHERE name LIKE 'receipt-%')"]);
    const r = run(ours, db, 'ward', 'list');
    assert.equal(r.status, 1);
    assert.match(r.stderr, /MiB are needed at .* MiB are free\. Make room and start again; nothing was changed/);
    assert.deepEqual(existsSync(join(db, 'before-upgrade')) ? readdirSync(join(db, 'before-upgrade')) : [], []);
  } finally { spawnSync('umount', [db]); rmSync(dir, { recursive: true, force: true }); }
});

test('copies of before an upgrade go after 14 days', async () => {
  const folder = join(data, 'before-upgrade');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'xom-old.db'), 'x');
  spawnSync('touch', ['-d', '15 days ago', join(folder, 'xom-old.db')]);
  writeFileSync(join(folder, 'xom-new.db'), 'x');
  const x = await startHeld({ data });
  for (let i = 0; i < 200 && existsSync(join(folder, 'xom-old.db')); i++) await new Promise((d) => setTimeout(d, 20));
  await x.stop();
  assert.ok(!existsSync(join(folder, 'xom-old.db')));
  assert.ok(existsSync(join(folder, 'xom-new.db')));
});
