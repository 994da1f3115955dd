// Load on servers whose database fails over, and the client's own ledger: what was acknowledged is
// compared with what is there. Each round takes one thing away from the primary's machine.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, hidden, readReceipt, root, signIn, startXom, unescape, verb, words } from './xom.mjs';
import { caseFields } from './steps.mjs';

const W = 'song-may';
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

// Two servers on one data folder: one by HAProxy, one that knows both addresses.
export async function servers(c, dir) {
  const media = join(build, 'src/xom-media/xom-media'), file = join(dir, 'settings.yaml');
  writeFileSync(file, `media_program: ${media}\ndatabase: ${c.database}\n`);
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo'], { settings: ['--settings', file] }));
  const xs = [];
  for (const database of [c.database, c.direct]) xs.push(await startXom({ data: dir, settings: `database: ${database}\n`, args: ['--rate-scale', '1000000'] }));
  return xs;
}

// What a request that fails in any way gives: a status, or 0.
const tried = async (what) => { try { return await what(); } catch (e) { if (!(e instanceof TypeError) && e.name !== 'TimeoutError') throw e; return { status: 0, text: '', headers: new Headers() }; } };

// One reporter after the other; a form that got no receipt is sent again until it has one.
async function reporter(x, ledger, stop) {
  while (!stop.now) {
    const c = x.client(), entry = { x };
    let page = await tried(() => c.get(`/${W}/report`));
    for (const [name, answers] of [['kind', { kind: 'lighting' }], ['where', { area: 'unsure', street: '', landmark: '', lat: '', lon: '' }], ['what', { text: 'Đèn đường tắt.' }]]) {
      if (page.status !== 200) break;
      const s = hidden(page.text, 's');
      page = await tried(() => c.post(`/${W}/report/${name}`, { s, go: 'next', ...answers }));
    }
    if (page.status === 200 && /action="[^"]*\/report\/photos"/.test(page.text)) {
      const form = new FormData();
      form.set('s', hidden(page.text, 's'));
      form.set('go', 'next');
      page = await tried(() => c.post(`/${W}/report/photos`, form));
    }
    if (page.status !== 200) { await sleep(200); continue; }
    entry.s = hidden(page.text, 's');
    ledger.sent.push(entry);
    while (!entry.code && !stop.now) {
      const at = Date.now();
      const r = await tried(() => c.post(`/${W}/report/check`, { s: entry.s, go: 'send' }));
      if (r.status === 200) {
        Object.assign(entry, readReceipt(r.text));
        ledger.open.push(entry.code);
        ledger.done.push({ x, at, now: Date.now() });
      } else {
        ledger.refused += 1;
        if (r.status !== 0 && r.status !== 503) ledger.odd.push(`a report: ${r.status} ${words(r.text).slice(0, 160)}`);
        await sleep(200);
      }
    }
  }
}

// Notes, each with words of its own; acknowledged, or perhaps written.
async function officer(x, ledger, stop) {
  let c;
  while (!stop.now) {
    const code = ledger.open[Math.floor(Math.random() * ledger.open.length)];
    if (!code) { await sleep(20); continue; }
    try {
      c ??= await signIn(x, W, 'ha-tang');
      const page = await c.get(`/${W}/desk/case/${code}`);
      if (page.status !== 200) { await sleep(200); continue; }
      const note = `ghi ${Math.random().toString(36).slice(2)}`, entry = { code, note, told: false };
      ledger.notes.push(entry);
      const r = await c.post(`/${W}/desk/case/${code}/note`, { ...caseFields(page), 'note-text': note });
      entry.told = r.status === 303;
    } catch { await sleep(200); }
  }
}

const count = (url, text) => {
  const r = spawnSync('/usr/lib/postgresql/15/bin/psql', ['-X', '-q', '-A', '-t', '-d', url, '-c', text], { encoding: 'utf8', cwd: '/' });
  if (r.status !== 0) throw new Error(r.stderr);
  return Number(r.stdout);
};
const cases = (c) => count(c.database, "SELECT count(*) FROM ward_case w JOIN ward ON ward.id = w.ward_id WHERE ward.slug = 'song-may'");

export const begin = (c) => ({ cases: cases(c), receipts: [] });

// kind: kill, freeze, cut. Gives seconds until each server had taken a report again, and what is wrong.
export async function round(c, xs, kind, state, { before = 1500, after = 1500, most = 60000 } = {}) {
  const ledger = { sent: [], open: [], notes: [], done: [], odd: [], refused: 0 }, stop = { now: false }, wrong = [];
  const work = [...xs.flatMap((x) => [reporter(x, ledger, stop), reporter(x, ledger, stop), reporter(x, ledger, stop)]), officer(xs[0], ledger, stop)];
  const failed = Promise.race(work.map((w) => w.then(() => new Promise(() => {}))));
  failed.catch(() => {});
  for (let i = 0; i < 300 && !(ledger.open.length >= 5 && ledger.notes.some((n) => n.told)); i += 1) await Promise.race([sleep(100), failed]);
  await sleep(before * Math.random());
  const primary = await c.primary();
  const at = Date.now();
  c[kind](primary);
  const first = () => xs.map((x) => ledger.done.find((d) => d.x === x && d.at > at));
  while (first().some((d) => !d) && Date.now() - at < most) await Promise.race([sleep(50), failed]);
  const back = first().map((d) => (d ? (d.now - at) / 1000 : Infinity));
  await sleep(after);
  stop.now = true;
  await Promise.all(work);
  await c.heal(primary);
  if (back.some((s) => s === Infinity)) wrong.push(`no report within ${most / 1000} s: ${back}`);
  if ((await c.settled()) === undefined) wrong.push('no standby');
  wrong.push(...ledger.odd);

  const verify = verb(xs[0].data, ['verify', '--ward', W], { settings: ['--settings', join(xs[0].data, 'settings.yaml')] });
  if (!/: 0 faults/.test(verify)) wrong.push(`verify: ${verify}`);
  const desk = await signIn(xs[1], W, 'ha-tang');
  for (const e of ledger.sent) {
    const cl = xs[1].client();
    const r = await cl.post(`/${W}/report/check`, { s: e.s, go: 'send' });
    const got = r.status === 200 ? readReceipt(r.text) : undefined;
    if (!got) wrong.push(`a form cannot be sent again: ${r.status}`);
    else if (e.code && (got.code !== e.code || got.pin !== e.pin)) wrong.push(`${e.code}: the same form now gives ${got.code}`);
    if (!e.code) continue;
    const opened = await cl.post(`/${W}/follow`, { code: e.code, pin: e.pin });
    if (opened.status !== 303) wrong.push(`${e.code} is lost (${opened.status})`);
  }
  for (const code of new Set(ledger.notes.map((n) => n.code))) {
    const text = unescape((await desk.get(`/${W}/desk/case/${code}`)).text);
    for (const n of ledger.notes.filter((q) => q.code === code)) {
      const times = text.split(n.note).length - 1;
      if (times > 1 || (n.told && times !== 1)) wrong.push(`${code}: "${n.note}" stands ${times} times, told: ${n.told}`);
    }
  }
  const now = cases(c);
  if (now !== state.cases + ledger.sent.length) wrong.push(`${now} cases, where ${state.cases} and ${ledger.sent.length} forms make ${state.cases + ledger.sent.length}`);
  state.cases = now;
  state.receipts.push(...ledger.sent.filter((e) => e.code));
  return { kind, primary, back, wrong, receipts: ledger.sent.filter((e) => e.code).length, notes: ledger.notes.filter((n) => n.told).length, refused: ledger.refused };
}
// After the last round: every receipt that was ever given.
export async function all(xs, state) {
  const wrong = [];
  for (const e of state.receipts) {
    const r = await xs[0].client().post(`/${W}/follow`, { code: e.code, pin: e.pin });
    if (r.status !== 303) wrong.push(`at the end: ${e.code} is lost (${r.status})`);
  }
  return wrong;
}
