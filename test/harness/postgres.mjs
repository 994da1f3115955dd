// A PostgreSQL server of the tests' own: its own folder, port and user, started once and kept until
// it is stopped. `node test/harness/postgres.mjs start|stop|url` for the shell.
//   start()            the server's address without a database's name; the same one while it runs
//   database(name, from)  a new database, a copy of `from` when given; its address
import { execFileSync, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BIN = ['15', '16', '17'].map((v) => `/usr/lib/postgresql/${v}/bin`).find((d) => existsSync(d));
export const folder = process.env.XOM_PG_DIR ?? `/var/tmp/xom-test-postgres-${process.getuid()}`;
const data = join(folder, 'data');
const file = join(folder, 'url');

// A program of the server's, as its user: it refuses to run as root.
export const as = (program, args, options = {}) => {
  const argv = process.getuid() === 0 ? ['runuser', ['-u', 'postgres', '--', join(BIN, program), ...args]] : [join(BIN, program), args];
  const r = spawnSync(argv[0], argv[1], { encoding: 'utf8', cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  if (r.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${r.stdout ?? ''}${r.stderr ?? ''}${r.error ?? ''}`);
  return r.stdout;
};
const running = () => BIN && existsSync(file) && spawnSync(join(BIN, 'pg_isready'), ['-d', readFileSync(file, 'utf8'), '-t', '2']).status === 0;
export const freePort = () => new Promise((done) => { const s = createServer(); s.listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });

export async function start() {
  if (running()) return readFileSync(file, 'utf8');
  if (!BIN) throw new Error('no PostgreSQL server is installed (Debian: postgresql-15)');
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'lock');
  for (let tries = 0; ; tries += 1) {
    try { closeSync(openSync(lock, 'wx')); break; } catch (e) {
      if (e.code !== 'EEXIST' || tries > 300) throw e;
      await new Promise((r) => { setTimeout(r, 200); });
      if (running()) return readFileSync(file, 'utf8');
    }
  }
  try {
    if (process.getuid() === 0) execFileSync('chown', ['postgres', folder]);
    if (!existsSync(join(data, 'PG_VERSION'))) as('initdb', ['-D', data, '-U', 'xom', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--data-checksums', '--no-sync']);
    const kept = join(folder, 'port'); // the same one after a stop: whoever uses it comes back
    const port = existsSync(kept) ? Number(readFileSync(kept, 'utf8')) : await freePort();
    writeFileSync(kept, String(port));
    // fsync stays on: what is acknowledged is on disk here, too.
    as('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-w', '-t', '60', '-o', `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=${folder} -c max_connections=400 -c shared_buffers=64MB -c autovacuum_naptime=20s`, 'start'], { stdio: ['ignore', 'ignore', 'ignore'] });
    writeFileSync(file, `postgresql://xom@127.0.0.1:${port}`);
  } finally {
    unlinkSync(lock);
  }
  return readFileSync(file, 'utf8');
}

export function stop({ gone = false } = {}) {
  if (existsSync(join(data, 'postmaster.pid'))) as('pg_ctl', ['-D', data, '-m', 'fast', '-w', 'stop']);
  rmSync(file, { force: true });
  if (gone) rmSync(folder, { recursive: true, force: true });
}

// kill -9 of the server and all its processes at once, as when the machine's power is cut (but for what
// the kernel still holds). start() brings it back.
export function crash() {
  const first = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(first, 'SIGSTOP'); // it makes no more processes while they are listed
  const all = [...readdirSync('/proc').filter((p) => new RegExp(`^PPid:\\s+${first}$`, 'm').test(stateOf(p))).map(Number), first];
  for (const pid of all) try { process.kill(pid, 'SIGKILL'); } catch { /* it was just ending */ }
  // The next one refuses to start while one of them still holds the shared memory, or while the first
  // is there for who should have waited for it: nobody but us knows that it is dead.
  for (let i = 0; i < 500 && all.some((pid) => !/^State:\s+Z/m.test(stateOf(pid))); i += 1) spawnSync('sleep', ['0.01']);
  for (const f of [join(data, 'postmaster.pid'), ...readdirSync(folder).filter((n) => n.startsWith('.s.PGSQL.')).map((n) => join(folder, n))]) rmSync(f);
}
const stateOf = (pid) => { try { return readFileSync(`/proc/${pid}/status`, 'utf8'); } catch { return 'State:\tZ'; } };

// A line a row, columns parted by |, as the sqlite3 program prints them; `json`: as its -json.
export function sql(url, text, { json = false } = {}) {
  const query = json ? `SELECT coalesce(json_agg(x), '[]') FROM (${text.replace(/;\s*$/, '')}) AS x` : text;
  const r = spawnSync(join(BIN, 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', query], { encoding: 'utf8', cwd: '/' });
  if (r.status !== 0) throw new Error(`psql: ${text}\n${r.stderr}`);
  return r.stdout;
}

// For those who can't wait for a promise.
let known;
export function server() {
  known ??= execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'start'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  return known;
}
export const exists = (name) => sql(`${server()}/postgres`, `SELECT 1 FROM pg_database WHERE datname = '${name}'`).trim() === '1';
export function database(name, from = 'template0') {
  sql(`${server()}/postgres`, `CREATE DATABASE "${name}" TEMPLATE "${from}"`);
  return `${server()}/${name}`;
}
// The files of a database's tables and indexes, as they lie on the disk.
export function stored(url) {
  sql(url, 'CHECKPOINT');
  const dir = join(data, 'base', sql(url, 'SELECT oid FROM pg_database WHERE datname = current_database()').trim());
  return Buffer.concat(readdirSync(dir).map((f) => readFileSync(join(dir, f))));
}
// What the server wrote down of its own accord: refused statements with their values, for one.
export const log = () => readFileSync(join(folder, 'log'));
// Takes the name; false: another one has it, and this one goes.
export function rename(from, to) {
  try {
    sql(`${server()}/postgres`, `ALTER DATABASE "${from}" RENAME TO "${to}"`);
    return true;
  } catch (e) {
    if (!/already exists/.test(e.message)) throw e;
    drop(`${server()}/${from}`);
    return false;
  }
}
export function keep(url) {
  const name = url.slice(url.lastIndexOf('/') + 1);
  database(`${name}_old`, name);
  return () => { drop(url); rename(`${name}_old`, name); };
}
export function drop(url) {
  const at = url.lastIndexOf('/');
  sql(`${url.slice(0, at)}/postgres`, `DROP DATABASE IF EXISTS "${url.slice(at + 1)}" WITH (FORCE)`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const verb = process.argv[2];
  if (verb === 'start' || verb === 'url') console.log(await start());
  else if (verb === 'stop') stop();
  else if (verb === 'remove') stop({ gone: true });
  else { console.error('usage: node test/harness/postgres.mjs start|stop|remove|url'); process.exitCode = 2; }
}
