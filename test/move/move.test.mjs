// Moving a ward between its file and PostgreSQL, there and back: killed in the middle and gone on with,
// refused where somebody works or something is in the way, compared at the end. And backups on PostgreSQL.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, build, report, root, signIn, startXom, tempDir } from '../harness/xom.mjs';
import { sql } from '../harness/postgres.mjs';

const W = 'song-may';
const long = process.env.XOM_LONG === '1'; // ./check --all
const notRoot = process.getuid() !== 0 && 'mounting a small disk needs root';
const media = join(build, 'src/xom-media/xom-media');
const folder = `/var/tmp/xom-test-move-${process.pid}`;
const harness = (what) => execFileSync(process.execPath, [join(root, 'test/harness/postgres.mjs'), what], { encoding: 'utf8', env: { ...process.env, XOM_PG_DIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const dir = tempDir();
const base = join(dir, 'ward'); // the demo's wards with some hundred cases; never moved itself
const env = { ...process.env, XOM_ENGINE: 'sqlite', TZ: 'UTC' };
let server, made = 0, receipt, seen;

const database = () => { made += 1; sql(`${server}/postgres`, `CREATE DATABASE m${made} TEMPLATE template0`); return `${server}/m${made}`; };
const copy = () => { made += 1; const to = join(dir, `copy-${made}`); cpSync(base, to, { recursive: true }); return to; };
const bare = () => { made += 1; const to = join(dir, `bare-${made}`); mkdirSync(to); for (const d of ['keys', 'media']) cpSync(join(base, d), join(to, d), { recursive: true }); cpSync(join(base, 'demo.txt'), join(to, 'demo.txt')); return to; };
const xom = (data, settings, ...args) => {
  writeFileSync(join(data, 'engine.yaml'), `media_program: ${media}\n${settings}`);
  const r = spawnSync(binary, ['--settings', join(data, 'engine.yaml'), '--data', data, '--share', root, ...args], { encoding: 'utf8', env });
  return { status: r.status, out: r.stdout + r.stderr };
};
const fine = (data, settings, ...args) => { const r = xom(data, settings, ...args); assert.equal(r.status, 0, r.out); return r.out; };
const refused = (data, status, why, settings, ...args) => { const r = xom(data, settings, ...args); assert.match(r.out, why); assert.equal(r.status, status, r.out); return r.out; };
const lite = (file, text) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, text], { encoding: 'utf8' }).trim();
const line = (url) => `database: ${url}\n`;
const usedOf = (disk) => Number(execFileSync('df', ['--output=used', disk], { encoding: 'utf8' }).split('\n')[1]);
// What can be seen from outside of a ward: the public list, what a search finds, a receipt, every chain.
async function look(data, settings = '', then = () => {}) {
  const x = await startXom({ data, settings, demo: true });
  try {
    const c = x.client(), officer = await signIn(x, W, 'ha-tang');
    const opened = await c.post(`/${W}/follow`, receipt);
    assert.equal(opened.status, 303);
    const codes = async (query) => JSON.parse((await officer.get(`/${W}/desk.json${query}`)).text).cases.map((k) => k.code);
    const what = {
      list: (await c.get(`/${W}/cases.json`)).text,
      receipt: (await c.get(opened.location)).text.match(/<ol[\s\S]*<\/ol>/)?.[0],
      found: await codes('?queue=unit&words=den'),
      queue: await codes('?queue=unit'),
    };
    await then(x);
    return what;
  } finally { await x.stop(); }
}
// Starts a move and, at the first rows that it tells of, does something to it: kills it with -9.
const begun = (data, from, to, { slice = 10, then = (child) => child.kill('SIGKILL') } = {}) => new Promise((done) => {
  const child = spawn(binary, ['--data', data, '--share', root, 'move', '--from', from, '--to', to, '--slice', String(slice)], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '', at;
  child.stderr.on('data', (d) => {
    said += d;
    const m = said.match(/moving: (\d+) of/);
    if (m && at === undefined) { at = Number(m[1]); then(child); }
  });
  child.on('close', (code, signal) => done({ killed: signal === 'SIGKILL', code, at, said }));
});

before(async () => {
  server = harness('start');
  const x = await startXom({ settings: '', keep: true });
  const { code, pin } = await report(x, W, { text: 'Đèn trước số 12 tắt ba hôm, 100% tối.' });
  receipt = { code, pin };
  await x.stop();
  cpSync(x.data, base, { recursive: true });
  rmSync(x.data, { recursive: true, force: true });
  fine(base, '', 'test-seed', W, '120', '40');
  seen = await look(base);
  assert.ok(seen.found.length > 0 && seen.receipt.length > 20, 'there is something to compare');
});
after(() => {
  try { harness('remove'); } finally { rmSync(dir, { recursive: true, force: true }); }
});

test('a ward goes to PostgreSQL and back, killed again and again on the way, and everything is as it was', async () => {
  const data = copy(), url = database();
  const from = join(data, 'xom.db');
  let kills = 0, last = -1;
  for (let i = 0; i < 4; i += 1) {
    const r = await begun(data, data, url);
    if (r.at !== undefined) assert.ok(r.at >= last, `it went on at ${r.at} after ${last}`);
    if (!r.killed) break;
    kills += 1;
    last = Number(sql(url, 'SELECT copied FROM store_move').trim());
    assert.ok(last >= (r.at ?? 0), 'what it told is there');
  }
  assert.ok(Number(sql(url, 'SELECT count(*) FROM unit').trim()) <= Number(lite(from, 'SELECT count(*) FROM unit')));
  assert.ok(kills >= 3, `${kills} kills`);
  // Half of it is served nowhere, and each side says what to do.
  refused(data, 1, /is being moved to postgresql:.*Start the same `xom move` again.*--cancel/s, '', 'serve', '--port', '0');
  refused(data, 1, /is half of a move that did not end \(from .*xom\.db.*Start the same `xom move` again/s, line(url), 'serve', '--port', '0');
  refused(data, 3, /being moved to .*Nothing was changed/s, '', 'move', '--from', data, '--to', database());
  const out = fine(data, '', 'move', '--from', data, '--to', url, '--slice', '500');
  assert.match(out, /moving: \d+ of \d+ rows \(\d+ %\), \d+ a second, .* left/);
  assert.match(out, /this time \d+ rows in .* a second; compared in .*: every row is the same, [0-9a-f]{16}/);
  const hash = out.match(/the same, ([0-9a-f]{16})/)[1];
  assert.match(fine(data, '', 'move', '--from', data, '--to', url), /was moved to .* before: nothing was done/);
  // Killed between its last two steps: the source says where it went, the target has its mark still.
  sql(url, `CREATE TABLE store_move(target BIGINT, done BIGINT, id TEXT, other TEXT, began_at BIGINT, copied BIGINT, place TEXT, after_key BYTEA); INSERT INTO store_move VALUES (1, 0, '${lite(from, 'SELECT id FROM store_move')}', 'x', 1, 1, '', '')`);
  refused(data, 1, /is half of a move/, line(url), 'verify');
  assert.match(fine(data, '', 'move', '--from', data, '--to', url), /nothing was done/);
  refused(data, 1, /was moved to postgresql:.*served from there/s, '', 'serve', '--port', '0');
  refused(data, 3, /the move was finished|was moved to/, '', 'move', '--from', data, '--to', url, '--cancel');
  assert.match(fine(data, line(url), 'verify'), /0 faults/);
  // As it was; a report that comes on PostgreSQL; and back.
  let later;
  assert.deepEqual(await look(data, line(url), async (x) => {
    later = await report(x, W, { text: 'Đèn trên cầu tắt.' });
    refused(data, 3, /is in use: stop every server/, '', 'move', '--from', url, '--to', bare());
  }), seen);
  const home = bare();
  for (kills = 0; kills < 2; kills += 1) {
    const r = await begun(home, url, home);
    if (!r.killed) break;
    refused(home, 1, /is half of a move/, '', 'serve', '--port', '0');
  }
  assert.ok(kills >= 1);
  const back = fine(home, '', 'move', '--from', url, '--to', home);
  assert.match(back, /every row is the same/);
  assert.notEqual(back.match(/the same, ([0-9a-f]{16})/)[1], hash, 'another report, another hash');
  assert.equal(statSync(join(home, 'xom.db')).mode & 0o777, 0o600);
  refused(home, 1, /was moved to .*xom\.db/, line(url), 'verify');
  assert.match(fine(home, '', 'verify'), /0 faults/);
  assert.equal(lite(join(home, 'xom.db'), "PRAGMA integrity_check; SELECT count(*) FROM sqlite_schema WHERE name = 'store_move'"), 'ok\n0');
  const y = await startXom({ data: home });
  try {
    for (const r of [receipt, later]) assert.equal((await y.client().post(`/${W}/follow`, { code: r.code, pin: r.pin })).status, 303);
    await report(y, W, {});
  } finally { await y.stop(); }
});

test('killed at any moment, there and back', { skip: !long && 'in ./check --all' }, async () => {
  const data = copy(), url = database(), home = bare();
  for (const [from, to] of [[data, url], [url, home]]) {
    let kills = 0, last = 0;
    for (let r; r?.code !== 0; kills += r.killed ? 1 : 0) {
      r = await begun(data, from, to, { slice: 5, then: (child) => setTimeout(() => child.kill('SIGKILL'), kills < 30 ? Math.random() * 40 : 60000).unref() });
      assert.ok(r.killed || r.code === 0, r.said);
      if (r.at !== undefined && /moving/.test(r.said)) { assert.ok(r.at >= last); last = r.at; }
    }
    assert.ok(kills >= 3, `${kills} kills`);
    const again = xom(data, '', 'move', '--from', from, '--to', to);
    assert.match(again.out, /nothing was done/);
  }
  assert.match(fine(home, '', 'verify'), /0 faults/);
  const dump = (file) => execFileSync('sqlite3', [file, '.dump'], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n').filter((l) => /^INSERT INTO/.test(l) && !/^INSERT INTO "?(store_move|schema_step|fts_|sqlite_)/.test(l)).sort();
  assert.deepEqual(dump(join(home, 'xom.db')), dump(join(data, 'xom.db')));
});

test('a row that was changed behind its back is found and named', async () => {
  const data = copy(), url = database();
  assert.ok((await begun(data, data, url)).killed);
  const id = sql(url, 'SELECT max(id) FROM account').trim();
  sql(url, `UPDATE account SET made_at = made_at + 1 WHERE id = ${id}`);
  refused(data, 1, new RegExp(`the two databases differ: table account, row id ${id} is not the same in the target.*start.*anew`, 's'), '', 'move', '--from', data, '--to', url);
  refused(data, 1, /is half of a move/, line(url), 'serve', '--port', '0');
  fine(data, '', 'move', '--from', data, '--to', url, '--cancel');
  assert.match(fine(data, '', 'verify'), /0 faults/);
  // A row too few, a row too many.
  const two = database();
  assert.ok((await begun(data, data, two)).killed);
  sql(two, "INSERT INTO definition(name, number) VALUES ('their own', 1)");
  refused(data, 1, /table definition, row name their own is only in the target/, '', 'move', '--from', data, '--to', two);
  sql(two, `DELETE FROM definition WHERE name = 'their own'; DELETE FROM definition WHERE name = (SELECT max(name) FROM definition)`);
  refused(data, 1, /table definition, row name .* is missing in the target/, '', 'move', '--from', data, '--to', two);
});

test('while somebody works with it nothing is moved, and nothing is begun', async () => {
  const x = await startXom({ data: copy() });
  const url = database();
  refused(x.data, 3, /is in use: stop the server/, '', 'move', '--from', x.data, '--to', url);
  assert.equal(sql(url, "SELECT count(*) FROM pg_class WHERE relname = 'store_move' OR relname = 'ward'").trim(), '0');
  assert.equal((await x.client().get(`/${W}/`)).status, 200);
  await x.stop();
  // On PostgreSQL: whoever has it for itself keeps a server from starting.
  fine(x.data, '', 'move', '--from', x.data, '--to', url);
  const hold = spawn('psql', ['-X', '-q', '-A', '-t', '-d', url], { stdio: ['pipe', 'pipe', 'ignore'], cwd: '/' });
  hold.stdin.write('SELECT pg_advisory_lock(7892845, 1);\n\\echo held\n');
  await new Promise((ok) => { hold.stdout.on('data', (d) => { if (/held/.test(d)) ok(); }); });
  refused(x.data, 1, /is being moved .*wait for its end/, line(url), 'verify');
  hold.stdin.end();
  await new Promise((ok) => { hold.on('exit', ok); });
  assert.match(fine(x.data, line(url), 'verify'), /0 faults/);
});

test('what stands in the way is told, with what to do', async () => {
  const data = copy(), url = database();
  const move = (to, ...more) => ['move', '--from', data, '--to', to, ...more];
  refused(data, 1, /cannot be reached.*When the cause is gone/s, '', ...move('postgresql://xom@127.0.0.1:1/xom'));
  refused(data, 1, /database "nowhere" does not exist/, '', ...move(`${server}/nowhere`));
  const secret = refused(data, 1, /holds a password.*passfile/, '', ...move('postgresql://xom:geheim@127.0.0.1/xom'));
  assert.doesNotMatch(secret, /geheim/);
  refused(data, 1, /must begin with postgresql/, '', ...move('mysql://127.0.0.1/xom'));
  refused(data, 1, /both are files/, '', ...move(bare()));
  refused(data, 1, /there is no folder/, '', ...move(join(dir, 'not/there')));
  refused(data, 1, /no database of Xóm in .*bare/, '', 'move', '--from', bare(), '--to', url);
  refused(data, 2, /usage: xom move/, '', 'move', '--from', data);
  refused(data, 2, /usage: xom move/, '', ...move(url, '--slice', '0'));
  refused(data, 1, /is not being moved/, '', ...move(url, '--cancel'));
  sql(url, 'CREATE TABLE theirs(id int)');
  refused(data, 3, /is not empty \(it has a table theirs\).*Nothing was changed/, '', ...move(url));
  sql(url, 'DROP TABLE theirs');
  // A newer program's, on either side; an older one's.
  const file = join(data, 'xom.db'), newer = "INSERT INTO schema_step(name, checksum, at) VALUES ('flow-9999', ";
  lite(file, `${newer}x'00', 1)`);
  refused(data, 3, /xom\.db: a newer program made this database \(it has the schema step "flow-9999"/, '', ...move(url));
  lite(file, "DELETE FROM schema_step WHERE name = 'flow-9999'; CREATE TABLE kept AS SELECT * FROM schema_step WHERE name LIKE 'shift%'; DELETE FROM schema_step WHERE name LIKE 'shift%'");
  refused(data, 3, /older program's: run `xom upgrade`/, '', ...move(url));
  lite(file, 'INSERT INTO schema_step SELECT * FROM kept; DROP TABLE kept');
  assert.ok((await begun(data, data, url)).killed);
  sql(url, `${newer}'\\x00', 1)`);
  refused(data, 3, /postgresql:.*a newer program made this database/, '', ...move(url));
  sql(url, "DELETE FROM schema_step WHERE name = 'flow-9999'");
  // Another source into what is half filled.
  const other = copy();
  refused(other, 3, /is another move's: this database is half of a move/, '', 'move', '--from', other, '--to', url);
  fine(data, '', ...move(url));
});

test('the other side goes away in the middle, or the file\'s disk is full: told, and gone on with', { skip: notRoot }, async () => {
  const data = copy(), url = database();
  const cut = () => sql(`${server}/postgres`, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'xom moves'");
  const lost = async (...sides) => {
    const r = await begun(data, ...sides, { slice: 1, then: cut });
    assert.equal(r.code, 1, r.said);
    assert.match(r.said, /(connection to the database failed|terminating connection).*When the cause is gone, start the same move again/s);
  };
  await lost(data, url);
  fine(data, '', 'move', '--from', data, '--to', url);

  const home = bare(), small = join(home, 'db');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', small]);
  try {
    await lost(url, join(small, 'xom.db'));
    execFileSync('mount', ['-o', `remount,size=${usedOf(small) + 300}k`, small]);
    refused(home, 1, /full.*Make room on the target's disk and start the same move again/s, '', 'move', '--from', url, '--to', join(small, 'xom.db'));
    execFileSync('mount', ['-o', 'remount,size=64m', small]);
    fine(home, '', 'move', '--from', url, '--to', join(small, 'xom.db'));
    assert.equal(lite(join(small, 'xom.db'), 'SELECT count(*) FROM ward_case'), lite(join(data, 'xom.db'), 'SELECT count(*) FROM ward_case'));
  } finally { execFileSync('umount', [small]); }
});

test('the disk of PostgreSQL is full: told, and gone on with', { skip: notRoot || (!long && 'in ./check --all') }, () => {
  const other = copy(), full = join(folder, 'small');
  mkdirSync(full);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=64m,mode=700,uid=${execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).trim()}`, 'tmpfs', full]);
  try {
    sql(`${server}/postgres`, `CREATE TABLESPACE small LOCATION '${full}'`);
    sql(`${server}/postgres`, 'CREATE DATABASE small TEMPLATE template0 TABLESPACE small');
    sql(`${server}/small`, 'CHECKPOINT');
    execFileSync('mount', ['-o', `remount,size=${usedOf(full) + 1000}k`, full]);
    refused(other, 1, /No space left on device.*Make room on the target's disk and start the same move again/s, '', 'move', '--from', other, '--to', `${server}/small`);
    execFileSync('mount', ['-o', 'remount,size=64m', full]);
    fine(other, '', 'move', '--from', other, '--to', `${server}/small`);
    assert.match(fine(other, line(`${server}/small`), 'verify'), /0 faults/);
  } finally {
    sql(`${server}/postgres`, 'DROP DATABASE IF EXISTS small WITH (FORCE)');
    sql(`${server}/postgres`, 'DROP TABLESPACE IF EXISTS small');
    execFileSync('umount', [full]);
  }
});

test('a backup of PostgreSQL while reports come holds one moment, verifies, and goes back into an empty PostgreSQL', async () => {
  const data = copy(), url = database();
  fine(data, '', 'move', '--from', data, '--to', url);
  const place = { data: join(dir, 'backups'), keys: join(dir, 'elsewhere'), secret: join(dir, 'a.secret'), keysSecret: join(dir, 'b.secret') };
  mkdirSync(place.data); mkdirSync(place.keys);
  const key = (file) => execFileSync(binary, ['backup-key', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const settings = `${line(url)}backup_dir: ${place.data}\nbackup_key: ${key(place.secret)}\nbackup_keys_dir: ${place.keys}\nbackup_keys_key: ${key(place.keysSecret)}\n`;
  const x = await startXom({ data, settings });
  const sent = [await report(x, W, { text: 'Trước khi sao lưu.' })];
  const child = spawn(binary, ['--settings', join(data, 'settings.yaml'), '--data', data, '--share', root, 'backup'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let ended = false;
  const end = new Promise((ok) => { child.on('exit', (code) => { ended = true; ok(code); }); });
  while (!ended) sent.push(await report(x, W, { text: 'Trong khi sao lưu.' }));
  assert.equal(await end, 0);
  await x.stop();
  assert.ok(!existsSync(join(data, 'backup/xom.db')), 'the copy is gone');
  const there = join(dir, 'restored');
  const args = ['restore', join(place.data, readdirSync(place.data)[0]), join(place.keys, readdirSync(place.keys)[0]), '--secret', place.secret, '--keys-secret', place.keysSecret, '--deletions', 'none'];
  const r = spawnSync(binary, ['--settings', join(data, 'settings.yaml'), '--data', there, '--share', root, ...args], { encoding: 'utf8', env });
  assert.equal(r.status, 0, r.stderr);
  assert.match(r.stdout, /every chain verified/);
  assert.match(r.stderr, /xom move --from .*restored --to/);
  const had = Number(lite(join(there, 'xom.db'), 'SELECT count(*) FROM ward_case'));
  const all = Number(sql(url, 'SELECT count(*) FROM ward_case').trim());
  assert.ok(had > all - sent.length && had <= all, `${had} of ${all}`);
  const again = database();
  fine(there, '', 'move', '--from', there, '--to', again);
  cpSync(join(data, 'demo.txt'), join(there, 'demo.txt'));
  const y = await startXom({ data: there, settings: line(again) });
  try {
    assert.equal((await y.client().post(`/${W}/follow`, { code: sent[0].code, pin: sent[0].pin })).status, 303);
    assert.equal((await y.client().post(`/${W}/follow`, receipt)).status, 303);
  } finally { await y.stop(); }
});
