// Starts the real binary for a test: an own folder, a free port, a clock that the test moves.
//   const x = await startXom();            // the demo's two wards, copied from one made once
//   program: another one than the build's; keep: its folder stays after stop(), for a start() under other settings; env: more of it for the server
//   x.url, x.get(path), x.post(path, form), x.clock.move(days), await x.stop(), x.kill(), x.restart()
// The build under test is $XOM_BUILD (default build/asan), the engine $XOM_ENGINE (sqlite or postgres:
// each data folder then has a database of its own on one server, which is started when it is needed).
import { spawn, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { setDefaultResultOrder } from 'node:dns';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as postgres from './postgres.mjs';

// Older Node takes localhost's IPv6 address first and tries no other; the server listens on 127.0.0.1.
setDefaultResultOrder('ipv4first');

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const build = resolve(root, process.env.XOM_BUILD ?? 'build/asan');
export const binary = join(build, 'src/xom');
// Of another build where the program's sanitizer can't live with its fences (TSan).
const media = join(resolve(root, process.env.XOM_MEDIA_BUILD ?? build), 'src/xom-media/xom-media');
export const PASSWORD = 'song-may-demo';

const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0:exitcode=99', UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1', LSAN_OPTIONS: `suppressions=${root}/test/harness/lsan.txt:print_suppressions=0`, TZ: 'UTC' };

export const onPostgres = process.env.XOM_ENGINE === 'postgres';
// The database of a data folder on the server, made when it is first asked for; its address lies in
// the folder, for who starts there again.
let databases = 0;
export function databaseOf(dir, from) {
  const file = join(dir, 'database-of-test');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  databases += 1;
  const url = postgres.database(`t_${process.pid}_${databases}`, from);
  writeFileSync(file, url);
  return url;
}
// A question to a data folder's database behind the program's back, in SQL that both engines take:
// rows as "a|b" lines, or as an array of objects.
export function sql(dir, text, { json = false } = {}) {
  if (onPostgres) {
    const out = postgres.sql(databaseOf(dir), text, { json }).trim();
    return json ? JSON.parse(out) : out;
  }
  const out = execFileSync('sqlite3', [...(json ? ['-json'] : []), '-cmd', '.timeout 5000', join(dir, 'xom.db'), text], { encoding: 'utf8' }).trim();
  return json ? JSON.parse(out === '' ? '[]' : out) : out;
}
// All bytes of what a data folder's database holds, as it lies on the disk.
export function stored(dir) {
  if (onPostgres) return postgres.stored(databaseOf(dir));
  return Buffer.concat(readdirSync(dir).filter((f) => f.startsWith('xom.db')).map((f) => readFileSync(join(dir, f))));
}
// Keeps a copy of a data folder's database while no program uses it; what it gives puts it back.
export function keepDatabase(dir) {
  if (onPostgres) return postgres.keep(databaseOf(dir));
  const db = join(dir, 'xom.db'), old = readFileSync(db);
  return () => {
    writeFileSync(db, old);
    for (const end of ['-wal', '-shm']) rmSync(db + end, { force: true });
  };
}
// [table, column] of all there are, but the engine's own.
export function columnsOf(dir) {
  const query = onPostgres ? "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('store_writer', 'store_erased', 'fts_word')"
    : "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.hidden <> 1";
  return sql(dir, query).split('\n').map((l) => l.split('|'));
}
export const databaseLine = (dir, from) => (onPostgres ? `database: ${databaseOf(dir, from)}\n` : '');

export function tempDir() {
  return mkdtempSync(join(process.env.XOM_TMP ?? tmpdir(), 'xom-test-'));
}

// Runs a verb to its end; gives its output, throws with it when the status is not `status`.
export function verb(data, args, { status = 0, settings = [] } = {}) {
  if (onPostgres && settings.length === 0 && existsSync(data)) {
    const file = join(data, 'engine-of-test.yaml');
    writeFileSync(file, databaseLine(data));
    settings = ['--settings', file];
  }
  try {
    const out = execFileSync(binary, [...settings, '--data', data, '--share', root, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 << 20 });
    if (status !== 0) throw new Error(`xom ${args.join(' ')} should have failed:\n${out}`);
    return out;
  } catch (e) {
    if (e.status === status && status !== 0) return `${e.stdout}${e.stderr}`;
    if (e.status !== undefined) throw new Error(`xom ${args.join(' ')} ended with ${e.status}:\n${e.stdout}${e.stderr}`);
    throw e;
  }
}

// The demo, made once a build and copied for each test; made anew when the program is newer.
function demoData() {
  const dir = join(build, onPostgres ? 'demo-data-postgres' : 'demo-data');
  const stamp = execFileSync('sha256sum', [binary], { encoding: 'utf8' }).slice(0, 16);
  if (existsSync(join(dir, 'stamp')) && readFileSync(join(dir, 'stamp'), 'utf8') === stamp && (!onPostgres || postgres.exists(`demo_${stamp}`))) return dir;
  const template = `demo_${stamp}`;
  const making = `${dir}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  if (onPostgres) {
    if (postgres.exists(`making_${process.pid}`)) postgres.drop(`${postgres.server()}/making_${process.pid}`);
    writeFileSync(join(making, 'database-of-test'), postgres.database(`making_${process.pid}`));
  }
  writeFileSync(join(making, 'settings.yaml'), `media_program: ${media}\n${databaseLine(making)}`);
  const out = verb(making, ['demo'], { settings: ['--settings', join(making, 'settings.yaml')] });
  writeFileSync(join(making, 'demo.txt'), out);
  writeFileSync(join(making, 'stamp'), stamp);
  if (onPostgres) {
    rmSync(join(making, 'database-of-test'));
    // Of two that made one at once the first counts, with its keys.
    const first = postgres.rename(`making_${process.pid}`, template);
    if (!first) {
      rmSync(making, { recursive: true, force: true });
      for (let i = 0; i < 600 && !(existsSync(join(dir, 'stamp')) && readFileSync(join(dir, 'stamp'), 'utf8') === stamp); i += 1) execFileSync('sleep', ['0.1']);
      return dir;
    }
  }
  rmSync(dir, { recursive: true, force: true });
  try { renameSync(making, dir); } catch { rmSync(making, { recursive: true, force: true }); }
  return dir;
}

// Debian's Node 18 has none: there the lines come joined by commas (none of ours holds one).
Headers.prototype.getSetCookie ??= function getSetCookie() {
  return (this.get('set-cookie') ?? '').split(/, (?=[^;,]+=)/).filter(Boolean);
};

// A client that keeps cookies, like one browser. Redirects are not followed unless asked.
export class Client {
  constructor(base, x) { this.base = base; this.x = x; this.cookies = new Map(); }
  async request(method, path, { body, headers = {}, follow = false } = {}) {
    const sent = { ...headers };
    if (this.cookies.size) sent.cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    if (method === 'POST' && sent.origin === undefined) sent.origin = this.base;
    if (sent.origin === null) delete sent.origin;
    const r = await fetch(new URL(path, this.base), { method, body, headers: sent, redirect: 'manual' });
    for (const line of r.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0|max-age=-/i.test(line) || pair.slice(at + 1) === '') this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const bytes = Buffer.from(await r.arrayBuffer());
    const reply = { status: r.status, headers: r.headers, bytes, text: bytes.toString('utf8'), location: r.headers.get('location') };
    if (follow && r.status === 303) return this.get(reply.location, { follow });
    return reply;
  }
  get(path, options) { return this.request('GET', path, options); }
  // A question, a release, why it is late and a closing wait half a minute: it is let pass, unless `wait` is given.
  async post(path, form, { wait = false, ...options } = {}) {
    const body = form instanceof FormData ? form : new URLSearchParams(form);
    const reply = await this.request('POST', path, { body, ...options });
    const later = path.match(/^(.*\/desk\/case\/[^/]+)\/(ask|release|close|explain)$/);
    if (later && reply.status === 303 && !wait) await this.settle(later[1]);
    return reply;
  }
  // Whoever looks at a case does what is due there; a photo that is not there leaves no look.
  async settle(casePath) {
    this.x.clock.move(31 / 86400);
    await this.get(`${casePath}/photo/none`);
  }
}

// The value of a hidden field on a page.
// What a job does comes in its time; what never comes is told as what was waited for.
export async function until(what, fn, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; ; await new Promise((done) => { setTimeout(done, 50); })) {
    const got = await fn();
    if (got) return got;
    if (Date.now() > end) throw new Error(`${seconds} s went by without: ${what}`);
  }
}

export function hidden(html, name) {
  const m = html.match(new RegExp(`name="${name}" value="([^"]*)"`));
  if (!m) throw new Error(`no hidden field ${name} on the page:\n${html.slice(0, 2000)}`);
  return unescape(m[1]);
}
export function unescape(s) {
  return s.replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
// A page's text without its tags.
export function words(html) {
  return unescape(html.replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ').trim();
}

export async function startXom({ data, demo = true, args = [], settings = '', keep = false, sameClock = false, program = binary, env: more = {} } = {}) {
  const own = data === undefined;
  const dir = data ?? tempDir();
  if (own && demo) {
    const from = demoData();
    cpSync(from, dir, { recursive: true });
    if (onPostgres) databaseOf(dir, `demo_${readFileSync(join(from, 'stamp'), 'utf8')}`);
  }
  const file = join(dir, 'settings.yaml');
  const x = { data: dir, log: '', demoText: demo ? readFileSync(join(dir, 'demo.txt'), 'utf8') : '' };
  x.settings = `media_program: ${media}\nport: 0\n${/^database:/m.test(settings) ? '' : databaseLine(dir)}${settings}`;
  const clockFile = join(dir, 'clock');
  x.clock = {
    us: 0n,
    set(us) { this.us = BigInt(us); const b = Buffer.alloc(8); b.writeBigInt64LE(this.us); writeFileSync(clockFile, b, { flag: existsSync(clockFile) ? 'r+' : 'w' }); },
    move(days) { this.set(this.us + BigInt(Math.round(days * 86400e6))); },
  };
  // Another server of the same data has the same clock, wherever it stands by now.
  if (sameClock) x.clock.us = readFileSync(clockFile).readBigInt64LE(); else x.clock.set(0);
  x.start = async () => {
    writeFileSync(file, x.settings);
    const child = spawn(program, ['--settings', file, '--data', dir, '--share', root, '--test-clock', clockFile, 'serve', '--rate-scale', '1000', ...args], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
    x.child = child;
    // A test that fails before it can stop its server must end all the same.
    const last = () => child.kill('SIGKILL');
    process.once('exit', last);
    x.ended = new Promise((done) => child.on('exit', (code, signal) => { process.off('exit', last); done({ code, signal }); }));
    child.stderr.on('data', (d) => { x.log += d; });
    const port = await new Promise((found, failed) => {
      let out = '';
      child.stdout.on('data', (d) => { out += d; const m = out.match(/serving on port (\d+)/); if (m) found(Number(m[1])); });
      child.on('exit', (code) => failed(new Error(`xom serve ended with ${code}:\n${x.log}`)));
    });
    x.port = port;
    x.url = `http://localhost:${port}`;
  };
  x.stop = async () => {
    x.child.kill('SIGTERM');
    const end = await x.ended;
    if (end.code !== 0) throw new Error(`xom serve ended with ${end.code ?? end.signal}:\n${x.log}`);
    if (own && !keep && onPostgres) postgres.drop(databaseOf(dir));
    if (own && !keep) rmSync(dir, { recursive: true, force: true });
  };
  x.kill = async () => { x.child.kill('SIGKILL'); await x.ended; };
  x.client = () => new Client(x.url, x);
  x.sql = (text, options) => sql(dir, text, options);
  x.verb = (args_, options = {}) => verb(dir, args_, { settings: ['--settings', file], ...options });
  await x.start();
  return x;
}

// Signs an account of the demo in; gives its client.
export async function signIn(x, ward, login, password = PASSWORD) {
  const c = x.client();
  const r = await c.post(`${ward ? `/${ward}` : ''}/sign-in`, { login, password, to: '' });
  if (r.status !== 303) throw new Error(`${login} could not sign in: ${r.status}\n${words(r.text)}`);
  return c;
}

// Reports over the form's pages as a browser without JavaScript does; gives code and PIN.
export async function report(x, ward, { kind = 'lighting', area = 'unsure', street = '', landmark = '', text = 'Đèn đường tắt.', photos = [], lat = '', lon = '', staff = 'no', subject = '', check = {}, client } = {}) {
  const c = client ?? x.client();
  let page = await c.get(`/${ward}/report`);
  page = await c.post(`/${ward}/report/kind`, { s: hidden(page.text, 's'), kind, go: 'next' });
  page = await c.post(`/${ward}/report/where`, { s: hidden(page.text, 's'), area, street, landmark, lat, lon, go: 'next' });
  page = await c.post(`/${ward}/report/what`, { s: hidden(page.text, 's'), text, staff, go: 'next' });
  if (/action="[^"]*\/report\/subject"/.test(page.text)) page = await c.post(`/${ward}/report/subject`, { s: hidden(page.text, 's'), subject, go: 'next' });
  if (/action="[^"]*\/report\/photos"/.test(page.text)) {
    const form = new FormData();
    form.set('s', hidden(page.text, 's'));
    for (const p of photos) form.append('photos', new Blob([p.bytes], { type: p.type ?? 'image/jpeg' }), p.name ?? 'anh.jpg');
    form.set('go', 'next');
    page = await c.post(`/${ward}/report/photos`, form);
  }
  const s = hidden(page.text, 's');
  const receipt = await c.post(`/${ward}/report/check`, { s, ...check, go: 'send' });
  return { ...readReceipt(receipt.text), s, page: receipt, client: c };
}
export function readReceipt(html) {
  const code = html.match(/data-x-code>([^<]+)</)?.[1];
  const pin = html.match(/data-x-pin>([^<]+)</)?.[1];
  if (!code || !pin) throw new Error(`no receipt on the page: ${words(html).slice(0, 800)}`);
  return { code, pin };
}
