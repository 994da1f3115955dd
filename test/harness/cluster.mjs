// Three machines on one: etcd on each, Patroni with PostgreSQL on two of them, and HAProxy, from the
// files of packaging/cluster that the recipe in docs/operate.md installs. Where the network may be
// arranged (root, and the right to), each machine has a namespace and a cable of its own and can be cut
// off; elsewhere they are addresses of the loopback, and a machine can be killed or stopped.
//   const c = await startCluster(); c.database (address for xom), c.proxy.port
//   c.primary(), c.standby()   'one' or 'two', as HAProxy is told
//   c.kill(m), c.freeze(m), c.cut(m), c.heal(m); c.settled() waits for a streaming standby
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { get } from 'node:http';
import { join } from 'node:path';
import { root } from './xom.mjs';

const FILES = join(root, 'packaging/cluster');
const BIN = '/usr/lib/postgresql/15/bin';
const asRoot = process.getuid() === 0;
const owner = asRoot ? { uid: Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })), gid: Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' })) } : {};
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
export const freePort = (host = '127.0.0.1') => new Promise((done) => { const s = createServer(); s.listen(0, host, () => { const { port } = s.address(); s.close(() => done(port)); }); });
const run = (command, args, options = {}) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
const alive = (pid) => { try { process.kill(pid, 0); return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); } catch { return false; } };

export const installed = () => ['/usr/bin/etcd', '/usr/bin/patroni', '/usr/sbin/haproxy', `${BIN}/initdb`].every((f) => existsSync(f));

// A file of the recipe with what this place has instead; each has to be there, or the two have parted.
export function filled(name, pairs) {
  let text = readFileSync(join(FILES, name), 'utf8');
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`packaging/cluster/${name} has no ${from} any more`);
    text = text.replaceAll(from, to);
  }
  const left = text.replace(/^\s*#.*$/gm, '').match(/\b(HERE|NAME|ADDRESS_\d|PASSWORD_[A-Z]+)\b/);
  if (left) throw new Error(`packaging/cluster/${name}: ${left[0]} is left`);
  return text;
}

// --- the network ---

function cables(names) {
  const id = process.pid % 65000, net = `10.${100 + (id >> 8) % 100}.${id & 255}`, bridge = `xomb${id}`;
  const ip = (...args) => run('ip', args);
  const holders = {};
  const remove = () => { for (const h of Object.values(holders)) h.kill('SIGKILL'); spawnSync('ip', ['link', 'del', bridge], { stdio: 'ignore' }); };
  try {
    ip('link', 'add', bridge, 'type', 'bridge');
    ip('addr', 'add', `${net}.254/24`, 'dev', bridge);
    ip('link', 'set', bridge, 'up');
    names.forEach((name, i) => {
      const holder = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' });
      holders[name] = holder;
      const outer = readlinkSync('/proc/self/ns/net');
      for (let k = 0; k < 200 && readlinkSync(`/proc/${holder.pid}/ns/net`) === outer; k += 1) execFileSync('sleep', ['0.01']);
      ip('link', 'add', `xom${id}${name}`.slice(0, 15), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder.pid));
      ip('link', 'set', `xom${id}${name}`.slice(0, 15), 'master', bridge, 'up');
      const inside = (...args) => run('nsenter', ['-t', String(holder.pid), '-n', 'ip', ...args]);
      inside('addr', 'add', `${net}.${i + 1}/24`, 'dev', 'eth0');
      inside('link', 'set', 'eth0', 'up');
      inside('link', 'set', 'lo', 'up');
    });
  } catch { remove(); return undefined; }
  const cable = (name, how) => ip('link', 'set', `xom${id}${name}`.slice(0, 15), how);
  return { address: (i) => `${net}.${i + 1}`, here: `${net}.254`, into: (name) => ['nsenter', '-t', String(holders[name].pid), '-n'], cut: (name) => cable(name, 'down'), join: (name) => cable(name, 'up'), remove };
}
function loopback() {
  const id = process.pid % 65000, net = `127.${1 + (id >> 8) % 250}.${id & 255}`;
  return { address: (i) => `${net}.${i + 1}`, here: `${net}.254`, into: () => [], remove() {} };
}

// --- the machines ---

const NAMES = ['one', 'two', 'three'];

export async function startCluster({ servers, folder } = {}) {
  const dir = folder ?? mkdtempSync('/var/tmp/xom-cluster-');
  const net = (asRoot && cables(NAMES)) || loopback();
  const secret = Object.fromEntries(['SUPERUSER', 'REPLICATION', 'REWIND'].map((k) => [`PASSWORD_${k}`, `p${Math.random().toString(36).slice(2)}`]));
  const addresses = NAMES.map((_, i) => [`ADDRESS_${i + 1}`, net.address(i)]);
  const machines = Object.fromEntries(NAMES.map((name, i) => [name, { name, address: net.address(i), dir: join(dir, name), etcd: undefined, patroni: undefined, state: 'up' }]));
  const children = new Set();
  const give = (path) => { if (asRoot) { chownSync(path, owner.uid, owner.gid); } };
  const folderOf = (path) => { mkdirSync(path, { recursive: true, mode: 0o700 }); give(path); return path; };
  folderOf(dir);

  // A certificate for each machine, by an authority of their own.
  const openssl = (...args) => run('openssl', args, { cwd: dir });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650', '-subj', '/CN=Xom database', '-keyout', 'ca.key', '-out', 'ca.crt');
  const certificate = (name, address, where) => {
    writeFileSync(join(dir, 'san'), `subjectAltName=IP:${address}`);
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${where}.key`, '-out', `${where}.csr`);
    openssl('x509', '-req', '-in', `${where}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '365', '-extfile', 'san', '-out', `${where}.crt`);
    give(`${where}.key`); give(`${where}.crt`);
  };

  const launch = (where, name, argv, env = {}, drop = asRoot) => {
    const log = openSync(join(dir, `${name}.log`), 'a');
    const dropped = drop ? ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--'] : [];
    const [command, ...args] = [...where, ...dropped, ...argv];
    const child = spawn(command, args, { stdio: ['ignore', log, log], cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: dir, ...env } });
    closeSync(log);
    children.add(child);
    child.on('exit', () => children.delete(child));
    return child;
  };
  const startEtcd = (m) => {
    const text = filled('etcd', [['NAME=NAME', `NAME=${m.name}`], ['HERE', m.address], ...addresses, ['/var/lib/etcd/xom', join(folderOf(m.dir), 'etcd')]]);
    const env = Object.fromEntries(text.split('\n').filter((l) => /^[A-Z0-9_]+=/.test(l)).map((l) => { const at = l.indexOf('='); return [l.slice(0, at), l.slice(at + 1)]; }));
    m.etcd = launch(net.into(m.name), `etcd-${m.name}`, ['/usr/bin/etcd', '--logger=zap', '--log-level=error'], env);
  };
  const startPatroni = (m) => {
    const file = join(m.dir, 'patroni.yml');
    if (!existsSync(file)) {
      certificate(m.name, m.address, join(m.dir, 'server'));
      writeFileSync(file, filled('patroni.yml', [['name: NAME', `name: ${m.name}`], ...(net.cut ? [] : [["'HERE,127.0.0.1:5432'", "'HERE:5432'"]]), ['HERE', m.address], ...addresses, ...Object.entries(secret),
        ['/var/lib/postgresql/15/xom', join(m.dir, 'data')], ['/var/lib/postgresql/patroni.pgpass', join(m.dir, 'pgpass')], ['/var/run/postgresql', m.dir], ['/etc/patroni/server', join(m.dir, 'server')],
        ['mode: automatic', "mode: 'off'"], ...(net.cut ? [] : [['samenet', '127.0.0.0/8']])]), { mode: 0o600 });
      give(file);
    }
    m.patroni = launch(net.into(m.name), `patroni-${m.name}`, ['/usr/bin/patroni', file]);
  };
  const postmaster = (m) => { try { return Number(readFileSync(join(m.dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]); } catch { return 0; } };
  // A postmaster and those that it started; they have groups of their own.
  const postgres = (m) => {
    const top = postmaster(m);
    if (!top || !alive(top)) return [];
    const of = (pid) => { try { return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number); } catch { return []; } };
    return [top, ...of(top)];
  };
  const signal = (pids, what) => { for (const pid of pids) try { process.kill(pid, what); } catch { /* gone */ } };
  const tree = (pid) => [pid, ...(() => { try { return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number).flatMap(tree); } catch { return []; } })()];
  const all = (m) => [...(m.patroni?.exitCode === null && m.patroni.signalCode === null ? tree(m.patroni.pid) : []), ...postgres(m)];
  const ask = (m, path) => new Promise((done) => {
    const q = get({ host: m.address, port: 8008, path, timeout: 1500 }, (r) => { let text = ''; r.on('data', (d) => { text += d; }); r.on('end', () => done({ status: r.statusCode, text })); });
    q.on('timeout', () => q.destroy());
    q.on('error', () => done({ status: 0, text: '' }));
  });
  let waited = false; // in vain: then the logs stay
  const until = async (what, most, fn) => {
    for (const end = Date.now() + most; Date.now() < end; await sleep(200)) { const got = await fn(); if (got) return got; }
    waited = true;
    throw new Error(`${what} after ${most / 1000} s; logs: ${dir}`);
  };

  const c = { dir, net, machines, secret, ask, proxy: { port: await freePort() }, web: { port: await freePort(), plain: await freePort() }, cuts: Boolean(net.cut) };
  c.primary = async () => { for (const m of [machines.one, machines.two]) if (m.state === 'up' && (await ask(m, '/primary')).status === 200) return m.name; return undefined; };
  c.standby = async () => { for (const m of [machines.one, machines.two]) if ((await ask(m, '/synchronous')).status === 200) return m.name; return undefined; };
  // A primary, and a standby that has all of it and is waited for.
  c.settled = (most = 90000) => until('no synchronous standby', most, async () => (await c.primary()) && c.standby());
  c.kill = (name) => { const m = machines[name]; m.state = 'killed'; signal(all(m), 'SIGKILL'); };
  c.freeze = (name) => { const m = machines[name]; m.state = 'frozen'; m.held = all(m); signal(m.held, 'SIGSTOP'); };
  c.cut = (name) => { machines[name].state = 'cut'; net.cut(name); };
  c.heal = async (name) => {
    const m = machines[name];
    if (m.state === 'killed') {
      await until('its postgres does not end', 20000, () => postgres(m).length === 0);
      startPatroni(m);
    } else if (m.state === 'frozen') signal(m.held, 'SIGCONT');
    else if (m.state === 'cut') net.join(name);
    m.state = 'up';
  };
  c.psql = (text, { database = 'postgres' } = {}) => run(`${BIN}/psql`, ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', `host=127.0.0.1 port=${c.proxy.port} user=postgres dbname=${database} connect_timeout=5`, '-c', text], { env: { ...process.env, PGPASSWORD: secret.PASSWORD_SUPERUSER }, cwd: '/' });
  c.stop = async ({ keep = false } = {}) => {
    for (const m of Object.values(machines)) signal(m.held ?? [], 'SIGCONT');
    const pids = [...[machines.one, machines.two].flatMap(all), ...[...children].map((p) => p.pid)];
    signal(pids, 'SIGKILL');
    for (let i = 0; i < 100 && pids.some(alive); i += 1) await sleep(50);
    net.remove();
    if (!keep && !waited) rmSync(dir, { recursive: true, force: true });
  };
  const leave = () => { signal([...[machines.one, machines.two].flatMap(all), ...[...children].map((p) => p.pid)], 'SIGKILL'); net.remove(); };
  process.once('exit', leave);

  try {
    for (const m of Object.values(machines)) startEtcd(m);
    startPatroni(machines.one);
    // servers: where xom serve listens, two of them; without, HAProxy is asked for the database alone.
    writeFileSync(join(dir, 'xom.pem'), '');
    certificate('xom', net.here, join(dir, 'web'));
    writeFileSync(join(dir, 'xom.pem'), readFileSync(join(dir, 'web.crt'), 'utf8') + readFileSync(join(dir, 'web.key'), 'utf8'), { mode: 0o600 });
    give(join(dir, 'xom.pem'));
    writeFileSync(join(dir, 'haproxy.cfg'), filled('haproxy.cfg', [['\tuser haproxy\n\tgroup haproxy\n\tchroot /var/lib/haproxy\n', ''], ['maxconn 20000', 'maxconn 500'], ['bind :80', `bind 127.0.0.1:${c.web.plain}`], ['bind :443', `bind 127.0.0.1:${c.web.port}`], ['/etc/haproxy/xom.pem', join(dir, 'xom.pem')], ['127.0.0.1:5000', `127.0.0.1:${c.proxy.port}`],
      ...[1, 2, 3].map((i) => [`ADDRESS_${i}:8080`, servers?.[i - 1] ?? '127.0.0.1:1']), ...addresses.slice(0, 2)]));
    launch([], 'haproxy', ['/usr/sbin/haproxy', '-db', '-f', join(dir, 'haproxy.cfg')]);
    await until('no primary', 90000, c.primary);
    startPatroni(machines.two);
    await until('HAProxy knows no primary', 30000, () => { try { return c.psql('SELECT 1').trim() === '1'; } catch { return false; } });
    const word = `p${Math.random().toString(36).slice(2)}`;
    c.psql(`CREATE ROLE xom LOGIN PASSWORD '${word}'`);
    c.psql("CREATE DATABASE xom OWNER xom ENCODING 'UTF8' TEMPLATE template0");
    writeFileSync(join(dir, 'passfile'), `*:*:xom:xom:${word}\n`, { mode: 0o600 });
    c.options = `sslmode=verify-ca&sslrootcert=${join(dir, 'ca.crt')}&passfile=${join(dir, 'passfile')}`;
    c.database = `postgresql://xom@127.0.0.1:${c.proxy.port}/xom?${c.options}`;
    c.direct = `postgresql://xom@${machines.one.address},${machines.two.address}/xom?${c.options}`;
    await c.settled();
  } catch (e) {
    await c.stop({ keep: true });
    throw e;
  }
  return c;
}
