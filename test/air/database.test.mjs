// A PostgreSQL server that is not there: at the start, in the middle, and there again. Nothing is lost,
// everything says what to do, and nobody has to start anything anew.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, build, hidden, readReceipt, report, root, startXom, tempDir, verb, words } from '../harness/xom.mjs';
import { sql } from '../harness/postgres.mjs';

const W = 'song-may';
const server = `/var/tmp/xom-test-air-${process.pid}`;
const run = (what) => execFileSync(process.execPath, [join(root, 'test/harness/postgres.mjs'), what], { encoding: 'utf8', env: { ...process.env, XOM_PG_DIR: server }, stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const dir = tempDir();
const file = join(dir, 'settings.yaml');
const media = join(build, 'src/xom-media/xom-media');
let url, x;

before(async () => {
  url = `${run('start')}/xom`;
  sql(url.replace(/xom$/, 'postgres'), 'CREATE DATABASE xom TEMPLATE template0');
  writeFileSync(file, `media_program: ${media}\ndatabase: ${url}\n`);
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo'], { settings: ['--settings', file] }));
  x = await startXom({ data: dir, settings: `database: ${url}\n` });
});
after(async () => {
  if (x?.child.exitCode === null) await x.stop();
  try { run('remove'); } finally { rmSync(dir, { recursive: true, force: true }); }
});
const count = () => Number(sql(url, 'SELECT count(*) FROM ward_case'));
const xom = (...args) => spawnSync(binary, ['--settings', file, '--data', dir, '--share', root, ...args], { encoding: 'utf8' });

test('a server that goes away while a report is written: told, kept, sent again, once', async () => {
  const had = count();
  const c = x.client();
  let page = await c.get(`/${W}/report`);
  page = await c.post(`/${W}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
  page = await c.post(`/${W}/report/where`, { s: hidden(page.text, 's'), area: 'unsure', street: '', landmark: 'Cột điện 12', lat: '', lon: '', go: 'next' });
  page = await c.post(`/${W}/report/what`, { s: hidden(page.text, 's'), text: 'Đèn tắt ba hôm.', go: 'next' });
  if (/action="[^"]*\/report\/photos"/.test(page.text)) page = await c.post(`/${W}/report/photos`, { s: hidden(page.text, 's'), go: 'next' });
  const form = { s: hidden(page.text, 's'), go: 'send' };
  run('stop');
  const refused = await c.post(`/${W}/report/check`, form);
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get('retry-after'));
  assert.ok(words(refused.text).length > 20 && !/PostgreSQL|connection/.test(words(refused.text)), 'a sentence for a resident');
  assert.equal((await c.get(`/${W}/cases.json`)).status, 503);
  run('start');
  const sent = await c.post(`/${W}/report/check`, form);
  assert.equal(sent.status, 200, words(sent.text));
  const { code } = readReceipt(sent.text);
  assert.equal(readReceipt((await c.post(`/${W}/report/check`, form)).text).code, code, 'sent twice is the same');
  assert.equal(count(), had + 1);
  assert.match(x.log, /error store: the (connection to the database failed|database cannot be reached).*503 until it is back/);
  assert.match(x.log, /info store: the database answers again/);
  await report(x, W);
  assert.equal(count(), had + 2);
});

test('no server at the start, a wrong name, a password in the settings: each says what to do', async () => {
  await x.stop();
  run('stop');
  const gone = xom('verify');
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /the database cannot be reached: .*refused/s);
  run('start');
  assert.match(verb(dir, ['verify'], { settings: ['--settings', file] }), /song-may: .* 0 faults/);
  writeFileSync(file, `media_program: ${media}\ndatabase: ${url}-not\n`);
  assert.match(xom('verify').stderr, /database "xom-not" does not exist/);
  writeFileSync(file, `media_program: ${media}\ndatabase: postgresql://xom:geheim@127.0.0.1/xom\n`);
  const secret = xom('verify');
  assert.match(secret.stderr, /passfile/);
  assert.doesNotMatch(secret.stderr, /geheim/);
  writeFileSync(file, `media_program: ${media}\ndatabase: mysql://127.0.0.1/xom\n`);
  assert.match(xom('verify').stderr, /must begin with postgresql/);
});

test('a database of a newer program is left alone', () => {
  writeFileSync(file, `media_program: ${media}\ndatabase: ${url}\n`);
  sql(url, "INSERT INTO schema_step(name, checksum, at) VALUES ('flow-9999', '\\x00', 1)");
  const newer = xom('upgrade', '--check');
  assert.equal(newer.status, 3);
  assert.match(newer.stderr, /newer program.*flow-9999/s);
  sql(url, "DELETE FROM schema_step WHERE name = 'flow-9999'");
  assert.match(xom('upgrade', '--check').stdout, /as this program needs it/);
});
