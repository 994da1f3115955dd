// The recipes of packaging/ as they are, with other ports and a certificate of our own making, in front
// of a running xom: what passes, and that no log anywhere holds a client's address.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build, root, startXom, tempDir } from '../harness/xom.mjs';
import { png } from '../harness/steps.mjs';

const CLIENT = '127.0.0.77', HOST = 'xom.example.vn';
const free = () => new Promise((done) => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
let x, dir, http, https, ca;

const ask = (path, { method = 'GET', headers = {}, body, plain = false, localAddress = CLIENT } = {}) => new Promise((done, failed) => {
  const r = (plain ? httpRequest : request)({ host: '127.0.0.1', localAddress, port: plain ? http : https, servername: HOST, ca, path, method, headers: { Host: plain ? HOST : `${HOST}`, Origin: `https://${HOST}`, ...headers } }, (answer) => {
    const parts = [];
    answer.on('data', (d) => parts.push(d));
    answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }));
  });
  r.on('error', failed);
  r.end(body);
});

before(async () => {
  dir = tempDir();
  [http, https] = [await free(), await free()];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', join(dir, 'privkey.pem'), '-out', join(dir, 'fullchain.pem')], { stdio: 'ignore' });
  ca = readFileSync(join(dir, 'fullchain.pem'));
  // Limits as in the wild: what X-Forwarded-For says decides who is slowed.
  x = await startXom({ settings: `base_url: https://${HOST}\nproxies: [127.0.0.1]\n` });
});
after(async () => { await x?.stop(); rmSync(dir, { recursive: true, force: true }); });

// Every file that somebody wrote under these folders.
function* files(folder) {
  for (const e of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, e.name);
    if (e.isDirectory()) yield* files(path);
    else if (e.isFile() && statSync(path).size < 64 << 20) yield path;
  }
}
function keepsNothing(name, output) {
  for (const folder of [dir, x.data]) for (const path of files(folder))
    assert.ok(!readFileSync(path).includes(CLIENT), `${name}: ${path} holds the client's address`);
  assert.ok(!output().includes(CLIENT), `${name} says the client's address:\n${output()}`);
  assert.ok(!x.log.includes(CLIENT), 'xom says the client\'s address');
}

async function passes() {
  const page = await ask('/song-may/report');
  assert.equal(page.status, 200);
  assert.match(page.headers['strict-transport-security'], /max-age=\d+/);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  assert.equal((await ask('/song-may/desk')).headers.location, '/song-may/sign-in?to=%2Fsong-may%2Fdesk');
  const plain = await ask('/song-may/report', { plain: true });
  assert.ok([301, 308].includes(plain.status));
  assert.equal(plain.headers.location, `https://${HOST}/song-may/report`);
  // A photo of 12 MB passes (the form it belongs to is not there, so that is what is said), one over the
  // limit is told so by Xóm or by the proxy.
  const body = (mb) => Buffer.concat([Buffer.from('--x\r\nContent-Disposition: form-data; name="photos"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'), png(8, 8), Buffer.alloc(mb << 20), Buffer.from('\r\n--x--\r\n')]);
  const send = (mb) => ask('/song-may/report/photos', { method: 'POST', body: body(mb), headers: { 'Content-Type': 'multipart/form-data; boundary=x' } });
  assert.ok([400, 403, 422].includes((await send(12)).status));
  assert.equal((await send(72).catch(() => ({ status: 413 }))).status, 413);
  // What fails is where logs like to speak.
  assert.equal((await ask('/song-may/khong-co')).status, 404);
  await ask(`/${'x'.repeat(9000)}`).catch(() => {});
}

// What the proxy says of the client is believed, what the client says of itself is not: who guesses links
// under many names is slowed, and nobody else is.
let guesses = 0;
async function slowed() {
  const guess = async (localAddress, name) => (await ask(`/song-may/r/${String(guesses++).padStart(22, 'A')}`, { localAddress, headers: { 'X-Forwarded-For': name } })).status;
  let last;
  for (let i = 0; i < 80 && last !== 429; i++) last = await guess(CLIENT, `10.9.8.${i}`);
  assert.equal(last, 429, 'who guesses under many names is not slowed');
  assert.equal(await guess('127.0.0.78', CLIENT), 404, 'another client is slowed for it');
}

async function upstreamDown(started) {
  x.child.kill('SIGTERM');
  await x.ended;
  const r = await ask('/song-may/');
  assert.ok([502, 503, 504].includes(r.status), `${started}: ${r.status}`);
  await x.start();
}

const until = async (fine) => { for (let i = 0; i < 300; i++) { if (await fine().catch(() => false)) return; await new Promise((d) => setTimeout(d, 30)); } throw new Error('the proxy does not start'); };

async function behind(name, command, args, env = {}) {
  let said = '';
  const proxy = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => proxy.kill('SIGKILL'));
  for (const s of [proxy.stdout, proxy.stderr]) s.on('data', (d) => { said += d; });
  const ended = new Promise((done) => proxy.on('exit', done));
  try {
    await until(async () => (await ask('/healthz')).status === 200);
    await passes();
    await slowed();
    const port = x.port;
    await upstreamDown(name);
    assert.ok(port > 0);
    keepsNothing(name, () => said);
  } catch (e) { e.message += `\n${name} said:\n${said}`; throw e; } finally { proxy.kill('SIGTERM'); await ended; }
}

test('nginx, by the recipe', async () => {
  const recipe = readFileSync(join(root, 'packaging/nginx/xom.conf'), 'utf8')
    .replace(/listen \[::\].*\n/g, '').replace('listen 80;', `listen 127.0.0.1:${http};`).replace('listen 443 ssl', `listen 127.0.0.1:${https} ssl`)
    .replaceAll('/etc/letsencrypt/live/xom.example.vn', dir).replaceAll('127.0.0.1:8080', `127.0.0.1:${x.port}`);
  const prefix = join(dir, 'nginx');
  for (const d of ['', 'logs', 'tmp']) mkdirSync(join(prefix, d), { recursive: true });
  writeFileSync(join(prefix, 'xom.conf'), recipe);
  // As Debian's nginx.conf has it: logs are on unless a server says otherwise.
  writeFileSync(join(prefix, 'nginx.conf'), `daemon off;\npid ${prefix}/pid;\nerror_log ${prefix}/logs/error.log;\nevents {}\nhttp {\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${prefix}/tmp/${n};`).join('\n')}\naccess_log ${prefix}/logs/access.log;\ninclude ${prefix}/xom.conf;\n}\n`);
  await behind('nginx', '/usr/sbin/nginx', ['-p', prefix, '-c', join(prefix, 'nginx.conf')]);
  assert.ok(existsSync(join(prefix, 'logs')));
});

test('Caddy, by the recipe', async () => {
  const recipe = readFileSync(join(root, 'packaging/caddy/Caddyfile'), 'utf8')
    .replace(/^\{\n/m, `{\n\tadmin off\n\thttp_port ${http}\n\thttps_port ${https}\n\tstorage file_system ${dir}/caddy\n`)
    .replace(/^xom\.example\.vn \{/m, `xom.example.vn {\n\tbind 127.0.0.1\n\ttls ${dir}/fullchain.pem ${dir}/privkey.pem`).replaceAll('127.0.0.1:8080', `127.0.0.1:${x.port}`);
  writeFileSync(join(dir, 'Caddyfile'), recipe);
  await behind('Caddy', 'caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir });
});

test('no recipe, unit or page of ours asks for a log of addresses', () => {
  const texts = ['packaging/nginx/xom.conf', 'packaging/caddy/Caddyfile', 'packaging/systemd/xom.service', 'docs/operate.md'].map((p) => [p, readFileSync(join(root, p), 'utf8')]);
  for (const [path, text] of texts) for (const line of text.split('\n').map((l) => l.replace(/#.*/, '').trim())) {
    if (/^access_log\b/.test(line)) assert.match(line, /^access_log\s+off;/, path);
    if (/^error_log\b/.test(line)) assert.match(line, /^error_log\s+\/dev\/null crit;/, path);
    assert.doesNotMatch(line, /\$remote_addr.*log|log_format|^output\s+file|common_log/, path);
  }
  const nginx = texts[0][1];
  assert.equal((nginx.match(/^server \{/gm) ?? []).length, (nginx.match(/^\taccess_log off;/gm) ?? []).length);
  assert.equal((nginx.match(/^server \{/gm) ?? []).length, (nginx.match(/^\terror_log \/dev\/null crit;/gm) ?? []).length);
});

test('the unit gives up what can be given up', () => {
  const r = spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=20', '--no-pager', join(root, 'packaging/systemd/xom.service')], { encoding: 'utf8' });
  const text = readFileSync(join(root, 'packaging/systemd/xom.service'), 'utf8');
  for (const line of ['ProtectSystem=strict', 'NoNewPrivileges=yes', 'User=xom', 'CapabilityBoundingSet=', 'UMask=0077', 'MemoryDenyWriteExecute=yes'])
    assert.ok(text.includes(`\n${line}\n`), line);
  if (r.error === undefined) assert.equal(r.status, 0, r.stdout.slice(-600));
});

// The systemd of Debian 12 (252) passes over a group that it does not know: what photos are locked in
// with was refused then, and every photo with it.
test('the unit allows the calls that xom-media is locked in with, by groups that Debian 12 knows', () => {
  const known = ['aio', 'basic-io', 'chown', 'clock', 'cpu-emulation', 'debug', 'default', 'file-system', 'io-event', 'ipc', 'keyring', 'memlock', 'module', 'mount', 'network-io', 'obsolete', 'pkey', 'privileged', 'process', 'raw-io', 'reboot', 'resources', 'setuid', 'signal', 'swap', 'sync', 'system-service', 'timer', 'known'];
  const text = readFileSync(join(root, 'packaging/systemd/xom.service'), 'utf8');
  const words = [...text.matchAll(/^SystemCallFilter=(~?)(.*)$/gm)].map(([, not, list]) => ({ not, list: list.split(' ') }));
  assert.deepEqual(words.flatMap((w) => w.list).filter((w) => w.startsWith('@') && !known.includes(w.slice(1))), []);
  const allowed = words.filter((w) => !w.not).flatMap((w) => w.list);
  for (const call of ['seccomp', 'landlock_create_ruleset', 'landlock_add_rule', 'landlock_restrict_self']) assert.ok(allowed.includes(call), call);
});
