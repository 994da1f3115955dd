// A real mail server for a test: Debian's opensmtpd with its own folder, ports and queue, in a mount space
// of its own, so that the system's is neither needed nor touched. In front of it stunnel speaks STARTTLS
// with a certificate made here: the opensmtpd of Debian 12 (6.8) can't, since OpenSSL 3 it finds its
// private key no more. Needs root.
//   const m = await startSmtpd();   // m.port, m.ca, m.url; m.plain: the port without STARTTLS
//   m.letters()                     // what was delivered to anybody at hop.thu, as text, oldest first
//   m.bounces                       // a Maildir to which what comes back to xom+…@xom.thu is delivered
//   await m.stop(); await m.start();
// nhan@, hai@ and giam-sat@ take mail; tra@ takes it and it comes back for good; everybody else is refused.
import { spawn, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

async function freePort() {
  const s = createServer();
  await new Promise((done) => s.listen(0, '127.0.0.1', done));
  const { port } = s.address();
  await new Promise((done) => s.close(done));
  return port;
}
async function greeted(port, child, log) {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`the mail server ended:\n${log()}`);
    const hello = await new Promise((done) => {
      const c = connect(port, '127.0.0.1');
      c.setTimeout(2000, () => { c.destroy(); done(''); });
      c.on('data', (d) => { c.end('QUIT\r\n'); done(String(d)); });
      c.on('error', () => done(''));
    });
    if (hello.startsWith('220')) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`the mail server does not greet:\n${log()}`);
}
const NOBODY = 65534;

export async function startSmtpd() {
  if (process.getuid() !== 0) throw new Error('a mail server of its own can only be started as root');
  // Not in the tests' own folder, which nobody else may enter: the mail server delivers as nobody.
  const dir = mkdtempSync(join(tmpdir(), 'xom-smtpd-')), at = (name) => join(dir, name);
  chmodSync(dir, 0o755);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'), '-days', '3', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
  for (const box of ['box', 'bounces']) for (const sub of ['', 'new', 'cur', 'tmp']) { mkdirSync(at(join(box, sub)), { recursive: true }); chownSync(at(join(box, sub)), NOBODY, NOBODY); }
  const plain = await freePort(), port = await freePort();
  const m = { port, plain, ca: at('cert.pem'), bounces: at('bounces'), url: `smtp://localhost:${port}`, log: '' };
  writeFileSync(at('smtpd.conf'), `
table people { "nhan" = "nobody", "hai" = "nobody", "tra" = "nobody", "giam-sat" = "nobody" }
table own { "xom" = "nobody" }
listen on 127.0.0.1 port ${plain} hostname localhost
action "box" maildir "${at('box')}" user nobody virtual <people>
action "back" mda "exit 69" user nobody virtual <people>
action "bounces" maildir "${at('bounces')}" user nobody virtual <own>
match from any for domain "hop.thu" rcpt-to "tra@hop.thu" action "back"
match from any for domain "hop.thu" action "box"
match from any for domain "xom.thu" action "bounces"
`);
  writeFileSync(at('stunnel.conf'), `foreground = yes\npid =\nsyslog = no\n[mail]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${plain}\nprotocol = smtp\ncert = ${at('cert.pem')}\nkey = ${at('key.pem')}\n`);
  // The queue and the control socket have fixed places; here they are this server's own. A root that is no
  // mount point (a chroot) can't be made private, and is where such a one is entered.
  const script = 'mount --make-rprivate / 2>/dev/null; mkdir -p /var/spool/smtpd && mount -t tmpfs -o mode=711 tmpfs /var/spool/smtpd && mount -t tmpfs tmpfs /run && exec smtpd -d -f "$0"';
  const path = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const kids = [];
  const run = (cmd, args) => {
    const child = spawn(cmd, args, { env: path, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const s of [child.stdout, child.stderr]) s.on('data', (d) => { m.log += d; });
    process.once('exit', () => child.kill('SIGTERM'));
    kids.push(child);
    return child;
  };
  m.start = async () => {
    run('unshare', ['-m', '--propagation', 'unchanged', 'sh', '-c', script, at('smtpd.conf')]);
    const front = run('stunnel', [at('stunnel.conf')]);
    await greeted(port, front, () => m.log);
  };
  m.stop = async ({ remove = false } = {}) => {
    for (const child of kids.splice(0)) {
      const ended = new Promise((done) => { if (child.exitCode !== null || child.signalCode !== null) done(); else child.once('exit', done); });
      child.kill('SIGTERM');
      await ended;
    }
    if (remove) rmSync(dir, { recursive: true, force: true });
  };
  m.letters = () => readdirSync(at('box/new')).map((n) => readFileSync(join(at('box/new'), n), 'utf8')).sort((a, b) => sent(a) - sent(b));
  m.clear = () => { for (const n of readdirSync(at('box/new'))) rmSync(join(at('box/new'), n)); };
  // What was started would keep the test from ending.
  try { await m.start(); } catch (e) { await m.stop({ remove: true }); throw e; }
  return m;
}

// A mail server that wants a name and a password (aiosmtpd): what it saw is in `seen`.
export async function startAuthSmtpd({ ca, user, password }) {
  const port = await freePort(), seen = [];
  const child = spawn('/usr/bin/python3', [new URL('auth-smtpd.py', import.meta.url).pathname, port, ca, ca.replace(/cert\.pem$/, 'key.pem'), user, password], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGTERM'));
  let rest = '';
  child.stdout.on('data', (d) => { const lines = (rest + d).split('\n'); rest = lines.pop(); seen.push(...lines.map((l) => JSON.parse(l))); });
  await until(() => seen.some((s) => s.ready) || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error('the mail server ended');
  return { url: `smtp://localhost:${port}`, seen, stop: () => new Promise((done) => { child.once('exit', done); child.kill('SIGTERM'); }) };
}
const sent = (letter) => Date.parse(letter.match(/^Date: (.*)$/m)?.[1] ?? 0);

// A letter's fields and words, as a mail program reads them.
export function readLetter(text) {
  const [head, ...rest] = text.replace(/\r/g, '').split('\n\n');
  const lines = head.replace(/\n[ \t]+/g, ' ').split('\n');
  const fields = Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]));
  const decode = (s) => s.replace(/\?=\s+=\?/g, '?==?').replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, b) => Buffer.from(b, 'base64').toString('latin1'));
  const utf8 = (s) => Buffer.from(decode(s), 'latin1').toString('utf8');
  return { fields, head, subject: utf8(fields.subject), from: utf8(fields.from), body: Buffer.from(rest.join('\n\n'), 'base64').toString('utf8') };
}
// Until it is so; the test's own deadline ends it otherwise.
export async function until(what, seconds = 15) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    const v = await what();
    if (v) return v;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`it did not happen within ${seconds} s: ${what}`);
}
