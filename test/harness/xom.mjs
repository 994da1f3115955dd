// Starts the real binary for a test: an own folder, a free port, a clock that the test moves.
//   const x = await startXom();            // the demo's two wards, copied from one made once
//   keep: its folder stays after stop(), for a start() under other settings
//   x.url, x.get(path), x.post(path, form), x.clock.move(days), await x.stop(), x.kill(), x.restart()
// The build under test is $XOM_BUILD (default build/asan).
import { spawn, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { setDefaultResultOrder } from 'node:dns';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Older Node takes localhost's IPv6 address first and tries no other; the server listens on 127.0.0.1.
setDefaultResultOrder('ipv4first');

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const build = resolve(root, process.env.XOM_BUILD ?? 'build/asan');
export const binary = join(build, 'src/xom');
const media = join(build, 'src/xom-media/xom-media');
export const PASSWORD = 'song-may-demo';

const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0:exitcode=99', UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1', LSAN_OPTIONS: `suppressions=${root}/test/harness/lsan.txt:print_suppressions=0`, TZ: 'UTC' };

export function tempDir() {
  return mkdtempSync(join(process.env.XOM_TMP ?? tmpdir(), 'xom-test-'));
}

// Runs a verb to its end; gives its output, throws with it when the status is not `status`.
export function verb(data, args, { status = 0, settings = [] } = {}) {
  try {
    const out = execFileSync(binary, [...settings, '--data', data, '--share', root, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
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
  const dir = join(build, 'demo-data');
  const stamp = execFileSync('sha256sum', [binary], { encoding: 'utf8' }).slice(0, 16);
  if (existsSync(join(dir, 'stamp')) && readFileSync(join(dir, 'stamp'), 'utf8') === stamp) return dir;
  const making = `${dir}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, 'settings.yaml'), `media_program: ${media}\n`);
  const out = verb(making, ['demo'], { settings: ['--settings', join(making, 'settings.yaml')] });
  writeFileSync(join(making, 'demo.txt'), out);
  writeFileSync(join(making, 'stamp'), stamp);
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

export async function startXom({ data, demo = true, args = [], settings = '', keep = false } = {}) {
  const own = data === undefined;
  const dir = data ?? tempDir();
  if (own && demo) cpSync(demoData(), dir, { recursive: true });
  const file = join(dir, 'settings.yaml');
  const x = { data: dir, log: '', demoText: demo ? readFileSync(join(dir, 'demo.txt'), 'utf8') : '' };
  x.settings = `media_program: ${media}\nport: 0\n${settings}`;
  const clockFile = join(dir, 'clock');
  x.clock = {
    us: 0n,
    set(us) { this.us = BigInt(us); const b = Buffer.alloc(8); b.writeBigInt64LE(this.us); writeFileSync(clockFile, b, { flag: existsSync(clockFile) ? 'r+' : 'w' }); },
    move(days) { this.set(this.us + BigInt(Math.round(days * 86400e6))); },
  };
  x.clock.set(0);
  x.start = async () => {
    writeFileSync(file, x.settings);
    const child = spawn(binary, ['--settings', file, '--data', dir, '--share', root, '--test-clock', clockFile, 'serve', '--rate-scale', '1000', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    x.child = child;
    // A test that fails before it can stop its server must end all the same.
    process.once('exit', () => child.kill('SIGKILL'));
    x.ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
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
    if (own && !keep) rmSync(dir, { recursive: true, force: true });
  };
  x.kill = async () => { x.child.kill('SIGKILL'); await x.ended; };
  x.client = () => new Client(x.url, x);
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
export async function report(x, ward, { kind = 'lighting', area = 'unsure', street = '', landmark = '', text = 'Đèn đường tắt.', photos = [], client } = {}) {
  const c = client ?? x.client();
  let page = await c.get(`/${ward}/report`);
  page = await c.post(`/${ward}/report/kind`, { s: hidden(page.text, 's'), kind, go: 'next' });
  page = await c.post(`/${ward}/report/where`, { s: hidden(page.text, 's'), area, street, landmark, lat: '', lon: '', go: 'next' });
  page = await c.post(`/${ward}/report/what`, { s: hidden(page.text, 's'), text, go: 'next' });
  if (/action="[^"]*\/report\/photos"/.test(page.text)) {
    const form = new FormData();
    form.set('s', hidden(page.text, 's'));
    for (const p of photos) form.append('photos', new Blob([p.bytes], { type: p.type ?? 'image/jpeg' }), p.name ?? 'anh.jpg');
    form.set('go', 'next');
    page = await c.post(`/${ward}/report/photos`, form);
  }
  const s = hidden(page.text, 's');
  const receipt = await c.post(`/${ward}/report/check`, { s, go: 'send' });
  return { ...readReceipt(receipt.text), s, page: receipt, client: c };
}
export function readReceipt(html) {
  const code = html.match(/data-x-code>([^<]+)</)?.[1];
  const pin = html.match(/data-x-pin>([^<]+)</)?.[1];
  if (!code || !pin) throw new Error(`no receipt on the page: ${words(html).slice(0, 800)}`);
  return { code, pin };
}
