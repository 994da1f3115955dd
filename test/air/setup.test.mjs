// xom setup: ten answers put a ward on the air, and asking again destroys nothing. xom doctor: each
// planted fault is found and told in both languages.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer as createHttp } from 'node:http';
import { createServer as tls } from 'node:https';
import { createServer as tcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, build, root, signIn, startXom, tempDir, words } from '../harness/xom.mjs';

const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', LANG: 'en_GB.UTF-8', LC_ALL: '' };
const media = join(build, 'src/xom-media/xom-media');
const ANSWERS = { name: 'Phường Thử Nghiệm', prefix: 'TN', slug: 'thu-nghiem', code: '"31135"', hotline: '0292 000 0101', address: 'xom.example.vn', proxy: 'nginx', mail: '"-"', admin: 'quan-tri', backup: '"-"' };

const dirs = [];
after(() => { for (const d of dirs) rmSync(d, { recursive: true, force: true }); });
function place() {
  const dir = tempDir();
  dirs.push(dir);
  chmodSync(dir, 0o700);
  writeFileSync(join(dir, 'settings.yaml'), `# Mine: stays\ndata: ${dir}\nshare: ${root}\nmedia_program: ${media}\nbase_url: http://localhost:8080\nworkers: 8 # stays, too\n`);
  return dir;
}
const xom = (dir, args, input) => spawnSync(binary, ['--settings', join(dir, 'settings.yaml'), ...args], { encoding: 'utf8', env, input, timeout: 60000 });
function answers(dir, change = {}) {
  const file = join(dir, 'answers.yaml');
  writeFileSync(file, Object.entries({ ...ANSWERS, ...change }).filter(([, v]) => v !== null).map(([k, v]) => `${k}: ${v}\n`).join(''));
  return ['setup', '--lang', 'en', '--answers', file];
}
const settings = (dir) => readFileSync(join(dir, 'settings.yaml'), 'utf8');

test('by a file of answers: settings, ward and administrator; again: nothing is changed', () => {
  const dir = place();
  const first = xom(dir, answers(dir));
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /https:\/\/xom\.example\.vn\/invite\/\S{40,}/);
  assert.match(first.stdout, /certbot certonly --standalone -d xom\.example\.vn/);
  assert.match(first.stdout, /All of it looked over/);
  assert.equal(settings(dir), `# Mine: stays\ndata: ${dir}\nshare: ${root}\nmedia_program: ${media}\nbase_url: https://xom.example.vn\nworkers: 8 # stays, too\nproxies: [127.0.0.1, "::1"]\n`);
  assert.equal(xom(dir, ['ward', 'list']).stdout, 'thu-nghiem  TN  Phường Thử Nghiệm\n');
  const people = xom(dir, ['user', 'list', '--ward', 'thu-nghiem']).stdout;
  assert.match(people, /^quan-tri\tAdministrator\tadmin/);
  // Every unit that a procedure sends its cases to is there: without it nothing could be reported.
  for (const f of readdirSync(join(root, 'procedures'))) {
    const text = readFileSync(join(root, 'procedures', f), 'utf8');
    if (!/^steps:/m.test(text) || /^(about_staff|oversight): true|^category: agency_request/m.test(text)) continue; // the questions; to whom the rule names
    const unit = text.match(/^unit: (\S+)/m)[1];
    assert.match(people, new RegExp(`^unit ${unit}\t`, 'm'), f);
  }
  // Every key is there, to be copied to another server before either is asked something.
  const keys = readdirSync(join(dir, 'keys')).sort().join();
  assert.match(keys, /^actor\.1\.key,contact\.1\.key,form\.1\.key,guess\.1\.key,head\.\d+\.1\.key,mail\.1\.key,pin\.1\.key,receipt\.1\.key,session\.1\.key$/);

  const inode = statSync(join(dir, 'settings.yaml')).ino;
  const again = xom(dir, answers(dir));
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /There was nothing to change/);
  assert.doesNotMatch(again.stdout, /invite/);
  assert.equal(statSync(join(dir, 'settings.yaml')).ino, inode);
  assert.equal(readdirSync(join(dir, 'keys')).sort().join(), keys);

  // One answer otherwise: it alone is changed. What the file leaves out stays.
  const other = xom(dir, answers(dir, Object.fromEntries(Object.keys(ANSWERS).map((k) => [k, k === 'hotline' ? '0292 999 0909' : k === 'code' ? ANSWERS.code : null]))));
  assert.equal(other.status, 0, other.stderr);
  const db = execFileSync('sqlite3', [join(dir, 'xom.db'), 'SELECT name, hotline, prefix FROM ward'], { encoding: 'utf8' });
  assert.equal(db, 'Phường Thử Nghiệm|0292 999 0909|TN\n');
  assert.match(settings(dir), /base_url: https:\/\/xom\.example\.vn\n/);
  // The administrator and the four units, each once.
  assert.equal(xom(dir, ['user', 'list', '--ward', 'thu-nghiem']).stdout.trim().split('\n').length, 5);

  execFileSync('sqlite3', [join(dir, 'xom.db'), `INSERT INTO outbox(ward_id, id, kind, dedup, payload, state, due_at, attempts, lease, error) SELECT id, 1, 'x', '', x'', 1, 1, 0, 0, '' FROM ward`]);
  assert.match(xom(dir, ['doctor', '--lang', 'en']).stdout, /Wrong {2}Jobs: 1 jobs should have run more than ten minutes ago/);

  // Mail, and no mail again; what could not be read afterwards is not written.
  const mailed = xom(dir, answers(dir, { hotline: null, mail: 'smtp://mail.example.vn:587' }));
  assert.equal(mailed.status, 0, mailed.stderr);
  assert.match(settings(dir), /mail_url: smtp:\/\/mail\.example\.vn:587\nmail_from: "?xom@xom\.example\.vn"?\n/);
  assert.equal(xom(dir, answers(dir, { hotline: null })).status, 0);
  assert.doesNotMatch(settings(dir), /mail_url/);
  const before = settings(dir);
  assert.equal(xom(dir, answers(dir, { hotline: null, mail: '"smtp://a b"' })).status, 1);
  assert.equal(settings(dir), before);
  assert.equal(xom(dir, ['settings', 'check']).status, 0);

  // What receipts carry can't be changed.
  const fixed = xom(dir, answers(dir, { prefix: 'SM' }));
  assert.equal(fixed.status, 2);
  assert.match(fixed.stderr, /prefix: It can't be changed any more/);
  // Nor the code that its boundaries go by: it is said, and nothing else of the answers is taken either.
  const coded = xom(dir, answers(dir, { code: '"90001"', hotline: '0292 111 0000', address: 'other.example.vn' }));
  assert.equal(coded.status, 2);
  assert.match(coded.stderr, /code: It can’t be changed any more: the ward’s boundaries/);
  assert.match(coded.stderr, /Nothing was changed/);
  assert.equal(settings(dir), before);
  assert.doesNotMatch(execFileSync('sqlite3', [join(dir, 'xom.db'), 'SELECT hotline, area_code FROM ward'], { encoding: 'utf8' }), /0292 111 0000|90001/);
});

test('on the terminal: what is not possible is asked again; the end of input changes nothing', () => {
  const dir = place();
  const typed = ['Phường Thử Nghiệm', 'AE', 'TN', 'Thử', 'thu-nghiem', '31135', 'không', '0292 000 0101', 'xom.example.vn', 'caddy', '-', '', '/mnt/a, /mnt/b'];
  const short = xom(dir, ['setup'], `${typed.slice(0, 6).join('\n')}\n`);
  assert.equal(short.status, 2);
  assert.match(short.stderr, /answers ended at question 5 of 10\. Nothing was changed/);
  assert.equal(xom(dir, ['ward', 'list']).stdout, '');
  assert.match(settings(dir), /base_url: http:\/\/localhost:8080\n/);
  const whole = xom(dir, ['setup', '--lang', 'vi'], `${typed.join('\n')}\n`);
  assert.equal(whole.status, 0, whole.stderr + whole.stdout);
  assert.match(whole.stdout, /Cần đúng hai chữ hoa/);
  assert.match(whole.stdout, /10\/10 {2}Hai thư mục/);
  assert.match(whole.stdout, /Caddyfile/);
  assert.match(settings(dir), /backup_dir: \/mnt\/a\nbackup_keys_dir: \/mnt\/b\n/);
  // Asked again, the answers that stand there are offered: Enter ten times.
  const again = xom(dir, ['setup', '--lang', 'vi'], `${'\n'.repeat(3)}90001\n31135\n${'\n'.repeat(6)}`);
  assert.match(again.stdout, /\[31135\]> [\s\S]*ranh giới, ô bản đồ và các việc đã có/, 'another code is refused where it is typed');
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /\[Phường Thử Nghiệm\]> /);
  assert.match(again.stdout, /Không có gì phải đổi/);
});

test('answers that are not possible are all told, with their lines; nothing is changed', () => {
  const dir = place();
  const r = xom(dir, answers(dir, { prefix: 'XYZ', hotline: 'gọi tôi', address: 'https://xom.example.vn/desk', backup: '/mnt/a, /mnt/a', colour: 'red' }));
  assert.equal(r.status, 2);
  for (const name of ['prefix', 'hotline', 'address', 'backup', 'colour']) assert.match(r.stderr, new RegExp(`answers\\.yaml:\\d+.*${name}`), name);
  assert.match(r.stderr, /Nothing was changed/);
  assert.equal(xom(dir, ['ward', 'list']).stdout, '');
});

// --- doctor ---

let x, port, server, short;
before(async () => {
  x = await startXom();
  const dir = tempDir();
  dirs.push(dir);
  const make = (name, days) => execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', String(days), '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.pem`)], { stdio: 'ignore' });
  make('localhost', 9);
  make('other.example.vn', 90);
  const serve = async (name) => { const s = tls({ key: readFileSync(join(dir, `${name}.key`)), cert: readFileSync(join(dir, `${name}.pem`)) }, (q, r) => r.end('ok')); await new Promise((d) => s.listen(0, '127.0.0.1', d)); return s; };
  server = await serve('localhost');
  short = await serve('other.example.vn');
  port = server.address().port;
  x.trust = join(dir, 'localhost.pem');
});
after(async () => { server?.close(); short?.close(); await x?.stop(); });

// Asynchronous: the TLS servers of this very process have to answer meanwhile.
const doctor = (extra = '', lang = 'en', more = {}) => new Promise((done) => {
  const file = join(x.data, 'doctor.yaml');
  writeFileSync(file, `media_program: ${media}\n${extra}`);
  const child = spawn(binary, ['--settings', file, '--data', x.data, '--share', root, '--test-clock', join(x.data, 'clock'), 'doctor', '--lang', lang], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { out += d; });
  child.on('close', (status) => done({ status, out }));
});

// Behind a load balancer it listens on the machine's own address and not on the loopback's.
const own = Object.values(networkInterfaces()).flat().find((a) => a.family === 'IPv4' && !a.internal)?.address;
test('doctor: a server on another address of this machine is found', { skip: own === undefined && 'this machine has no address but the loopback' }, async () => {
  const near = await new Promise((done) => {
    const s = createHttp((q, r) => r.end('ready')).listen(0, own, () => done(s));
  });
  try {
    const at = `port: ${near.address().port}\n`;
    assert.match((await doctor(at)).out, /Fine {2}The server: It runs and is ready on port/);
    await new Promise((d) => { near.close(d); });
    assert.match((await doctor(at)).out, /Wrong {2}The server: Nobody answers on port/);
  } finally { near.close(); }
});

// Root's own home is closed to the user as whom a verb works, and libpq looks there for a certificate.
test('as root, a verb has the home of the data\'s owner', { skip: process.getuid() !== 0 && 'not as root' }, async () => {
  const dir = place(), home = tempDir(), nobody = 65534;
  dirs.push(home);
  chmodSync(home, 0o700);
  chownSync(dir, nobody, nobody);
  let asked = 0;
  const database = tcp((c) => c.on('error', () => {}).once('data', () => { asked += 1; c.write('S'); c.once('data', () => c.destroy()); }));
  await new Promise((done) => { database.listen(0, '127.0.0.1', done); });
  try {
    writeFileSync(join(dir, 'settings.yaml'), `data: ${dir}\nshare: ${root}\ndatabase: postgresql://xom@127.0.0.1:${database.address().port}/xom?sslmode=require\n`);
    const child = spawn(binary, ['--settings', join(dir, 'settings.yaml'), 'upgrade', '--check'], { env: { ...env, HOME: home }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (d) => { said += d; });
    await new Promise((done) => { child.on('close', done); });
    assert.ok(asked > 0, said);
    assert.match(said, /the database cannot be reached/);
    assert.doesNotMatch(said, /Permission denied|certificate file/);
  } finally { database.close(); }
});

test('data without its keys is opened by no command, and no key is made there', () => {
  const there = tempDir(), file = join(there, 'settings.yaml');
  dirs.push(there);
  cpSync(x.data, there, { recursive: true });
  rmSync(join(there, 'keys'), { recursive: true });
  writeFileSync(file, x.settings);
  for (const verb of [['verify'], ['keys', 'rotate', 'pin'], ['serve']]) {
    const r = spawnSync(binary, ['--settings', file, '--data', there, '--share', root, ...verb], { encoding: 'utf8', env, timeout: 60000 });
    assert.equal(r.status, 1, verb.join(' '));
    assert.match(r.stderr, /there are no keys in .*\/keys: without them no receipt opens and nothing is proved/);
    assert.deepEqual(readdirSync(join(there, 'keys')), []);
  }
});

test('doctor: each planted fault is found, and goes when it is put right', async () => {
  const keys = join(x.data, 'keys');
  chmodSync(keys, 0o755);
  let r = await doctor();
  assert.equal(r.status, 1);
  assert.match(r.out, /Wrong {2}The program: The data can't be opened: .*keys.*\n {6}Put the reason right/);
  chmodSync(keys, 0o700);
  chmodSync(join(x.data, 'xom.db'), 0o644);
  r = await doctor();
  assert.match(r.out, /Wrong {2}Rights of folders: Others on this machine can open .*xom\.db\.\n {6}chmod 0600 /);
  chmodSync(join(x.data, 'xom.db'), 0o600);
  chmodSync(x.data, 0o700);
  r = await doctor();
  assert.match(r.out, /Fine {2}Rights of folders/);

  const at = `port: ${x.port}\n`;
  assert.match((await doctor(at)).out, new RegExp(`Fine {2}The server: It runs and is ready on port ${x.port}`));
  assert.match((await doctor(`port: ${port}\n`)).out, /Wrong {2}The server: On port \d+ something answers that is not Xóm/);
  assert.match((await doctor('port: 1\n')).out, /Wrong {2}The server: Nobody answers on port 1: Xóm is not running\.\n {6}systemctl start/);
  // A server that photos can't be opened in says so, whatever this command could open.
  const deaf = await startXom({ keep: true });
  dirs.push(deaf.data);
  await deaf.stop();
  deaf.settings = deaf.settings.replace(/media_program: .*/, 'media_program: /bin/false');
  await deaf.start();
  assert.match((await doctor(`port: ${deaf.port}\n`)).out, /Wrong {2}The server: It runs on port \d+ but is not ready/);
  await deaf.stop();

  execFileSync('sqlite3', [join(x.data, 'xom.db'), "UPDATE outbox SET state = 3, error = 'planted' WHERE id = (SELECT min(id) FROM outbox WHERE state = 1)"]);
  r = await doctor();
  assert.match(r.out, /Soon {2}Jobs: 1 jobs failed at their last attempt\.\n {6}.*xom jobs list/);

  x.clock.move(-2);
  r = await doctor();
  assert.match(r.out, /Wrong {2}Clock: The clock is behind: the newest case lies \d+ minutes ahead/);
  x.clock.set(0);

  const year = new Date().getUTCFullYear();
  x.clock.move(365 * (2028 - year));
  r = await doctor();
  assert.match(r.out, /Wrong {2}Days off: The days off of 20\d\d are missing/);
  x.clock.set(0);

  assert.match(r.out, /Wrong {2}Backups: There is no place for backups/);
  const away = tempDir();
  dirs.push(away);
  r = await doctor(`backup_dir: ${away}\nbackup_keys_dir: ${away}\nbackup_key: a\nbackup_keys_key: b\n`);
  assert.match(r.out, /Wrong {2}Backups: The keys lie beside the backups/);
  assert.match(r.out, /Wrong {2}Backups: There is no backup yet/);
});

test('doctor: the certificate is read over TLS: name, trust, days', async () => {
  let r = await doctor(`base_url: https://localhost:${port}\n`);
  assert.match(r.out, /Wrong {2}https certificate: Browsers don't trust the certificate of localhost/);
  assert.match(r.out, /The setting proxies is empty/);
  r = await doctor(`base_url: https://localhost:${port}\nproxies: [127.0.0.1]\n`, 'en', { SSL_CERT_FILE: x.trust });
  assert.match(r.out, /Soon {2}https certificate: Good for [89] more days only/);
  r = await doctor(`base_url: https://localhost:${short.address().port}\n`);
  assert.match(r.out, /Wrong {2}https certificate: The certificate is not for localhost/);
  x.clock.move(30);
  r = await doctor(`base_url: https://localhost:${port}\n`, 'vi');
  x.clock.set(0);
  assert.match(r.out, /Cần sửa {2}Chứng thư https: Đã hết hạn 2\d ngày/);
  r = await doctor('base_url: https://localhost:1\n');
  assert.match(r.out, /https:\/\/localhost can't be opened from this machine/);
  r = await doctor('base_url: http://phuong.example.vn\n');
  assert.match(r.out, /Wrong {2}https certificate: The address http:\/\/phuong\.example\.vn is not encrypted/);
});

test('doctor: everything that can be found has its words in both languages, with the same values', () => {
  const files = [...readdirSync(join(root, 'src/ward')).filter((f) => /^doctor.*\.c$/.test(f)).map((f) => `src/ward/${f}`),
    ...readdirSync(join(root, 'src/rooms')).flatMap((room) => readdirSync(join(root, 'src/rooms', room)).filter((f) => f.endsWith('.c')).map((f) => `src/rooms/${room}/${f}`))];
  const sources = files.map((f) => readFileSync(join(root, f), 'utf8')).filter((text) => text.includes('struct doctor *d'));
  const po = Object.fromEntries(['vi', 'en'].map((l) => [l, new Map([...readFileSync(join(root, `po/${l}.po`), 'utf8').matchAll(/^msgid "(.*)"\nmsgstr "(.*)"$/gm)].map((m) => [m[1], m[2]]))]));
  const keys = [...po.vi.keys()].filter((k) => k.startsWith('doctor.'));
  assert.ok(keys.length > 60);
  for (const key of keys) {
    assert.ok(po.en.has(key), key);
    const names = (t) => [...new Set(t.match(/\{\w+\}/g) ?? [])].sort().join();
    assert.equal(names(po.vi.get(key)), names(po.en.get(key)), key);
    // Nothing is translated that no check says.
    const what = key.split('.')[2];
    if (what && !['level', 'all'].includes(key.split('.')[1])) assert.ok(sources.some((s) => s.includes(`"${what}"`)), `${key} is said by nobody`);
  }
});

test('the same on the administrator’s page, in both languages, as JSON, and for nobody else', async () => {
  const admin = await signIn(x, 'song-may', 'quan-tri');
  const page = await admin.get('/song-may/en/admin/health');
  assert.equal(page.status, 200);
  assert.match(words(page.text), /How the installation is doing .*Something is wrong.*Backups Wrong There is no place for backups/);
  assert.match(words((await admin.get('/song-may/admin/health')).text), /Tình trạng của hệ thống .*Cần sửa/);
  const json = JSON.parse((await admin.get('/song-may/admin/health.json')).text);
  assert.equal(json.findings[0].level, 'wrong');
  assert.equal((await (await signIn(x, 'song-may', 'ha-tang')).get('/song-may/admin/health')).status, 404);
  assert.equal((await x.client().get('/song-may/admin/health')).status, 303);
});
