// A PostgreSQL with a synchronous standby: one that hangs, one that lags, and what doctor says of them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, build, readReceipt, report, root, startXom, tempDir, until, verb, words } from '../harness/xom.mjs';
import { upToCheck } from '../harness/steps.mjs';
import { as, freePort, sql } from '../harness/postgres.mjs';

const W = 'song-may';
const server = `/var/tmp/xom-test-standby-${process.pid}`, second = join(server, 'second');
const run = (what) => execFileSync(process.execPath, [join(root, 'test/harness/postgres.mjs'), what], { encoding: 'utf8', env: { ...process.env, XOM_PG_DIR: server }, stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const dir = tempDir(), file = join(dir, 'settings.yaml');
const media = join(build, 'src/xom-media/xom-media');
let at, url, x, port;
const admin = (text) => sql(`${at}/postgres`, text).trim();
const setting = (text) => { admin(text); admin('SELECT pg_reload_conf()'); };
const doctor = () => spawnSync(binary, ['--settings', file, '--data', dir, '--share', root, 'doctor', '--lang', 'en'], { encoding: 'utf8' }).stdout;
const streams = () => admin("SELECT count(*) FROM pg_stat_replication WHERE application_name = 'second' AND sync_state = 'sync'") === '1';
// The standby's postmaster and its children.
const standby = () => { const first = readFileSync(join(second, 'postmaster.pid'), 'utf8').split('\n')[0]; return [first, ...readFileSync(`/proc/${first}/task/${first}/children`, 'utf8').trim().split(' ')].map(Number); };
const signal = (what) => { for (const pid of standby()) process.kill(pid, what); };

before(async () => {
  at = run('start');
  admin('CREATE ROLE desk LOGIN');
  admin('CREATE DATABASE xom OWNER desk TEMPLATE template0');
  for (const set of ['log_error_verbosity = terse', 'log_parameter_max_length = 0']) admin(`ALTER ROLE desk SET ${set}`);
  url = `${at.replace('xom@', 'desk@')}/xom`;
  port = await freePort();
  as('pg_basebackup', ['-d', `${at}/postgres`, '-D', second, '-c', 'fast', '-X', 'stream', '-R', '--no-sync']);
  as('pg_ctl', ['-D', second, '-l', join(server, 'second.log'), '-w', '-t', '60', '-o', `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${server} -c cluster_name=second -c max_connections=400 -c shared_buffers=32MB`, 'start'], { stdio: ['ignore', 'ignore', 'ignore'] });
  writeFileSync(file, `media_program: ${media}\ndatabase: ${url}\n`);
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo'], { settings: ['--settings', file] }));
  x = await startXom({ data: dir, settings: `database: ${url}\n` });
});
after(async () => {
  if (x?.child.exitCode === null) await x.stop();
  try { signal('SIGCONT'); as('pg_ctl', ['-D', second, '-m', 'immediate', '-w', 'stop']); } catch { /* it never ran */ }
  try { run('remove'); } finally { rmSync(dir, { recursive: true, force: true }); }
});

test('doctor: a standby that nobody waits for, one that this user may not see, one that follows', async () => {
  assert.match(doctor(), /Soon {2}PostgreSQL: Standbys: 1, but no commit waits for one/);
  setting("ALTER SYSTEM SET synchronous_standby_names = 'second'");
  await until('a synchronous standby', streams);
  assert.match(doctor(), /PostgreSQL: Standbys: 1\. How far behind they are is not shown[\s\S]*GRANT pg_monitor TO desk;/);
  admin('GRANT pg_monitor TO desk');
  assert.match(doctor(), /Fine {2}PostgreSQL: Standbys: 1\. They keep up/);
});

test('a standby that hangs: nobody is told "received" before it has it', async () => {
  const { client, s } = await upToCheck(x, W);
  signal('SIGSTOP');
  let answered = false;
  const sent = client.post(`/${W}/report/check`, { s, go: 'send' }).then((r) => { answered = true; return r; });
  await until('a commit that waits for it', () => admin("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") !== '0');
  assert.equal(answered, false);
  assert.equal((await x.client().get(`/${W}/cases`)).status, 200, 'who reads waits for nothing');
  signal('SIGCONT');
  const r = await sent;
  assert.equal(r.status, 200, words(r.text).slice(0, 200));
  const { code } = readReceipt(r.text);
  assert.equal(sql(`postgresql://xom@127.0.0.1:${port}/xom`, `SELECT count(*) FROM ward_case WHERE code = '${code}'`).trim(), '1', 'it is there, too');
});

test('a standby that lags: reports go on, and doctor names it', async () => {
  sql(`postgresql://xom@127.0.0.1:${port}/postgres`, 'SELECT pg_wal_replay_pause()');
  const kept = await report(x, W);
  admin("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000)) FROM generate_series(1, 80)");
  assert.match(doctor(), /Soon {2}PostgreSQL: The standby second is \d{5,6} KiB behind/);
  const reader = x.client();
  assert.equal((await reader.post(`/${W}/follow`, { code: kept.code, pin: kept.pin })).status, 303);
  sql(`postgresql://xom@127.0.0.1:${port}/postgres`, 'SELECT pg_wal_replay_resume()');
  await until('the standby to have all of it', () => /Fine {2}PostgreSQL: Standbys: 1\. They keep up/.test(doctor()));
});
