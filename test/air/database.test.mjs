// A PostgreSQL server that is not there: at the start, in the middle, and there again. Nothing is lost,
// everything says what to do, and nobody has to start anything anew.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, build, hidden, readReceipt, report, root, startXom, tempDir, verb, words } from '../harness/xom.mjs';
import { upToCheck } from '../harness/steps.mjs';
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
  const mine = await report(x, W), reader = x.client();
  assert.equal((await reader.post(`/${W}/follow`, { code: mine.code, pin: mine.pin })).status, 303);
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
  assert.equal((await reader.get(`/${W}/receipt`)).status, 503, 'an opened receipt is not forgotten, it has to wait');
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

// --- a server that refuses: the reason is told with what to do, and when it goes all is as before ---

// As who is no superuser, whom limits do not bind.
const desk = () => url.replace('xom@', 'desk@');
const admin = (text) => sql(url.replace(/xom$/, 'postgres'), text);
const setting = (text) => { admin(text); admin('SELECT pg_reload_conf()'); };
const leave = () => admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'xom' AND pid <> pg_backend_pid()");
async function refused(cause, undo, told, { address = desk() } = {}) {
  if (x.child.exitCode !== null) x = await startXom({ data: dir, settings: `database: ${address}\n` });
  await report(x, W);
  const had = count();
  const { client, s } = await upToCheck(x, W);
  const from = x.log.length;
  await cause();
  const send = () => client.post(`/${W}/report/check`, { s, go: 'send' });
  let r = await send();
  for (let i = 0; i < 20 && r.status === 200; i += 1) r = await send(); // a reload takes its moment
  assert.equal(r.status, 503, words(r.text).slice(0, 200));
  assert.match(x.log.slice(from), told);
  const again = verb(dir, ['verify'], { settings: ['--settings', file], status: 1 });
  assert.match(again, told, 'at the start, too');
  await undo();
  for (let i = 0; i < 100 && (r = await send()).status !== 200; i += 1) await new Promise((done) => { setTimeout(done, 100); });
  assert.equal(r.status, 200, `it does not recover: ${x.log.slice(from)}`);
  assert.ok(count() <= had + 1, 'once');
  assert.equal((await x.client().post(`/${W}/follow`, readReceipt(r.text))).status, 303);
}

test('no place for its connections, and no entry for it in pg_hba.conf', async () => {
  admin('CREATE ROLE desk LOGIN');
  admin('ALTER DATABASE xom OWNER TO desk');
  sql(url, "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP EXECUTE format('ALTER TABLE %I OWNER TO desk', t); END LOOP; END $$");
  writeFileSync(file, `media_program: ${media}\ndatabase: ${desk()}\n`);
  await refused(() => { admin('ALTER ROLE desk CONNECTION LIMIT 0'); leave(); }, () => admin('ALTER ROLE desk CONNECTION LIMIT -1'), /too many connections.*raise the limit.*each xom serve holds up to 20/s);
  const hba = join(server, 'data/pg_hba.conf'), was = readFileSync(hba, 'utf8');
  await refused(() => { writeFileSync(hba, `host all desk all reject\n${was}`); admin('SELECT pg_reload_conf()'); leave(); }, () => { writeFileSync(hba, was); admin('SELECT pg_reload_conf()'); }, /pg_hba\.conf.*let the user in/s);
});

test('one that may only be read, and a standby, from which nothing is read', async () => {
  await refused(() => setting('ALTER SYSTEM SET default_transaction_read_only = on'), () => { sql(`${url}?options=-c%20default_transaction_read_only%3Doff`, 'ALTER SYSTEM RESET default_transaction_read_only'); admin('SELECT pg_reload_conf()'); }, /read-only.*a failover may be under way/s);
  const kept = await report(x, W);
  await refused(async () => {
    run('stop');
    writeFileSync(join(server, 'data/standby.signal'), '');
    if (process.getuid() === 0) execFileSync('chown', ['postgres', join(server, 'data/standby.signal')]);
    run('start');
    assert.equal(sql(url, 'SELECT pg_is_in_recovery()').trim(), 't');
    assert.equal((await x.client().post(`/${W}/follow`, { code: kept.code, pin: kept.pin })).status, 503, 'what it shows may be old');
  }, () => admin('SELECT pg_promote()'), /(?:hot standby mode|read-only).*a failover may be under way/s);
  assert.equal((await x.client().post(`/${W}/follow`, { code: kept.code, pin: kept.pin })).status, 303);
});

test("the server's certificate has expired", async () => {
  await x.stop();
  const ssl = join(server, 'ssl'), openssl = (...args) => execFileSync('openssl', args, { cwd: ssl, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  mkdirSync(ssl);
  openssl('req', '-x509', ...key, '-days', '30', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', ...key, '-subj', '/CN=database', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(ssl, 'san'), 'subjectAltName=IP:127.0.0.1');
  const certificate = (days) => { openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days, '-extfile', 'san', '-out', 'server.crt'); if (process.getuid() === 0) execFileSync('chown', ['-R', 'postgres', ssl]); };
  certificate('30');
  setting(`ALTER SYSTEM SET ssl_cert_file = '${ssl}/server.crt'`);
  setting(`ALTER SYSTEM SET ssl_key_file = '${ssl}/server.key'`);
  setting('ALTER SYSTEM SET ssl = on');
  const address = `${desk()}?sslmode=verify-full&sslrootcert=${ssl}/ca.crt`;
  writeFileSync(file, `media_program: ${media}\ndatabase: ${address}\n`);
  await refused(() => { certificate('-1'); admin('SELECT pg_reload_conf()'); leave(); }, () => { certificate('30'); admin('SELECT pg_reload_conf()'); }, /certificate verify failed.*has it expired.*openssl x509 -enddate/s, { address });
});

test('a commit that the standby does not have is not done, whatever the server answers', async () => {
  const had = count();
  const { client, s } = await upToCheck(x, W);
  setting("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  let answered = false;
  const sent = client.post(`/${W}/report/check`, { s, go: 'send' }).then((r) => { answered = true; return r; });
  // Somebody, or a time limit, ends the wait: PostgreSQL then answers that it is done.
  for (let ended = 0, i = 0; ended < 3; i += 1) {
    assert.ok(i < 300, 'nothing waits for a standby');
    ended += Number(admin("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'desk'"));
    await new Promise((done) => { setTimeout(done, 50); });
  }
  assert.equal(answered, false, 'nobody is told "received" before it is on both');
  setting('ALTER SYSTEM RESET synchronous_standby_names');
  const r = await sent;
  assert.equal(r.status, 200, words(r.text).slice(0, 200));
  assert.equal(count(), had + 1);
  assert.match(x.log, /the answer of a commit was lost; it was (?:done|not done)/);
});

// --- doctor ---

test('doctor: what the server is set to, who follows it, and whether there is room', async () => {
  await x.stop();
  writeFileSync(file, `media_program: ${media}\ndatabase: ${desk()}\n`);
  const doctor = (lang = 'en') => spawnSync(binary, ['--settings', file, '--data', dir, '--share', root, 'doctor', '--lang', lang], { encoding: 'utf8' }).stdout;
  let said = doctor();
  assert.match(said, /Soon {2}PostgreSQL: PostgreSQL's log may keep words[\s\S]*ALTER ROLE (\w+) SET log_parameter_max_length = 0;/);
  const role = said.match(/ALTER ROLE (\w+) SET log_parameter_max_length/)[1];
  for (const set of ['log_error_verbosity = terse', 'log_parameter_max_length = 0']) admin(`ALTER ROLE ${role} SET ${set}`);
  said = doctor();
  assert.match(said, /Soon {2}PostgreSQL: PostgreSQL uses old files of its journal[\s\S]*ALTER SYSTEM SET wal_recycle = off/);
  assert.match(said, /Soon {2}PostgreSQL: Xóm may not begin a new file of the journal/);
  setting('ALTER SYSTEM SET wal_recycle = off');
  for (const s of said.match(/GRANT pg_checkpoint TO \w+; GRANT EXECUTE ON FUNCTION pg_switch_wal\(\) TO \w+;/)[0].split('; ')) sql(desk().replace(/\/\/[^@]*@/, '//xom@'), s);
  said = doctor();
  assert.match(said, /Fine {2}PostgreSQL: It is version 15\.\d+\./);
  assert.match(said, /Fine {2}PostgreSQL: No standby/);
  assert.match(said, /This program holds up to 20 connections/);
  assert.doesNotMatch(said, /(?:Wrong|Soon) {2}PostgreSQL/);
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) setting(`ALTER SYSTEM SET ${name} = off`);
  admin('ALTER SYSTEM SET max_connections = 22');
  run('stop');
  run('start');
  said = doctor();
  assert.match(said, /Wrong {2}PostgreSQL: fsync is off/);
  assert.match(said, /Wrong {2}PostgreSQL: full_page_writes is off/);
  assert.match(said, /Soon {2}PostgreSQL: synchronous_commit is off/);
  assert.match(doctor('vi'), /fsync đang tắt/);
});
