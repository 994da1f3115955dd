// A ward in which a string of its own is planted in each field that people write into; then time goes by until all of
// it is due, the night's jobs run, and what is left anywhere is looked for (traces.mjs).
//   const w = await world(); await plantAll(w); w.x.clock.move(400); await night(w.x); traces(w)
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { act, must, opened, png, tellingJpeg } from '../rights/world.mjs';
import { binary, databaseOf, hidden, onPostgres, report, readReceipt, signIn, startXom, tempDir, until, verb } from './xom.mjs';
import { pathToFileURL } from 'node:url';
import * as postgres from './postgres.mjs';
import { findIn, planted, searchTree } from './traces.mjs';

const W = 'song-may';
export const DAY_US = 86400e6;

// A server with two places for backups, and a key pair for each.
export async function world() {
  const dir = tempDir(), place = { dir, data: join(dir, 'backups'), keys: join(dir, 'elsewhere'), secret: join(dir, 'a.secret'), keysSecret: join(dir, 'b.secret') };
  for (const d of [place.data, place.keys]) mkdirSync(d);
  const key = (file) => execFileSync(binary, ['backup-key', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const backups = `backup_dir: ${place.data}\nbackup_key: ${key(place.secret)}\nbackup_keys_dir: ${place.keys}\nbackup_keys_key: ${key(place.keysSecret)}\nbackup_keep_days: 30\n`;
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary);
  // Its journal's old files go instead of being used again, as docs/operate.md asks for.
  if (onPostgres) for (const s of ['ALTER SYSTEM SET wal_recycle = off', 'SELECT pg_reload_conf()']) postgres.sql(`${postgres.server()}/postgres`, s);
  // Nobody listens: mails wait in the outbox.
  const x = await startXom({ settings: `${backups}mail_url: smtp://127.0.0.1:9\nmail_from: phuong@example.org\n`, env: { TMPDIR: temporary } });
  return { x, place, temporary };
}
export async function end({ x, place }) {
  await x.stop();
  rmSync(place.dir, { recursive: true, force: true });
}

// What stands in the database as it was written, and what is sealed, left out or hashed before it gets there.
export const WRITTEN = ['text', 'street', 'landmark', 'question', 'answer', 'note', 'corrected', 'why', 'released', 'withdrawn', 'hide', 'withhold', 'show', 'late', 'result',
  'reopened', 'again', 'thanks', 'handover', 'otherend', 'waiting', 'joined', 'leading', 'counter', 'pause', 'extend', 'sheet', 'searched', 'bulk'];
export const SEALED = ['mail', 'mailagain', 'exif', 'file', 'callword'];

const photo = (seed) => ({ name: `${planted('file')}.png`, type: 'image/png', bytes: png(48, [['tEXt', `Comment\0${planted('exif')}`]], seed) });
const p = planted;

async function whole(x, a) {
  const jpeg = tellingJpeg(readFileSync(join(x.data, 'media', firstJpeg(x))), p('exif'));
  const r = await report(x, W, { text: p('text'), street: p('street'), landmark: p('landmark'), photos: [photo(1), { name: `${p('file')}.jpg`, bytes: jpeg }], check: { email: `${p('mail')}@example.com` } });
  const f = await opened(x, W, r), s = async () => hidden((await f.get(`/${W}/receipt`)).text, 's'), step = (...rest) => must(act(a, W, r.code, ...rest));
  await must(f.post(`/${W}/receipt/mail`, { s: await s(), email: `${p('mailagain')}@example.com` }));
  await step('take');
  await step('ask', { 'ask-text': p('question') });
  const answer = new FormData();
  answer.set('s', await s());
  // Long enough that PostgreSQL shortens it.
  answer.set('answer', `${p('answer')}${' Đèn ở đầu hẻm tắt từ tối qua, cả xóm đi lại khó.'.repeat(28)}`);
  answer.append('photos', new Blob([photo(2).bytes]), photo(2).name);
  await must(f.post(`/${W}/receipt/answer`, answer));
  await step('note', { 'note-text': p('note') });
  const choice = (await a.get(`/${W}/desk/case/${r.code}`)).text.match(/name="correct-area"[\s\S]*?<\/select>/)[0];
  const area = [...choice.matchAll(/<option value="(\d{5,})"(?! selected)/g)].at(-1)[1];
  await step('correct', { 'correct-kind': 'lighting', 'correct-area': area, 'correct-street': p('corrected'), 'correct-landmark': p('landmark'), 'correct-reason': p('why') });
  await step('release', { 'release-text': p('withdrawn') });
  await step('unrelease', { 'unrelease-reason': p('hide') });
  await step('withhold', { 'withhold-reason': p('withhold') });
  await step('unwithhold', { 'unwithhold-reason': p('show') });
  await step('release', { 'release-text': p('released') });
  await must(a.get(`/${W}/desk?queue=unit&words=${p('searched')}`), 200);
  return { code: r.code, step, later: async () => {
    await step('explain', { 'explain-text': p('late') });
    await step('close', { 'close-outcome': 'mended', 'close-text': p('result') });
    const g = await opened(x, W, r), t = async () => hidden((await g.get(`/${W}/receipt`)).text, 's');
    await must(g.post(`/${W}/receipt/reopen`, { s: await t(), reason: p('reopened') }));
    await step('close', { 'close-outcome': 'mended', 'close-text': p('again') });
    await must(g.post(`/${W}/receipt/solved`, { s: await t(), thanks: p('thanks') }));
  } };
}
// A photo that stays; what waits may be swept away meanwhile.
const firstJpeg = (x) => execFileSync('find', [join(x.data, 'media'), '-not', '-path', '*/waiting/*', '-name', '*.jpg', '-printf', '%P\n'], { encoding: 'utf8' }).split('\n')[0];

async function handedOver(x, a) {
  const r = await report(x, W, { text: 'Hai.' }), other = await signIn(x, W, 'moi-truong');
  await must(act(a, W, r.code, 'assign', { 'assign-unit': 'moi-truong', 'assign-reason': p('handover') }));
  await must(act(other, W, r.code, 'take'));
  await must(act(other, W, r.code, 'close', { 'close-outcome': 'mended', 'close-text': p('otherend') }));
}

// A question that was taken back in its half minute, in a report that its reporter withdrew.
async function takenBack(x, a) {
  const r = await report(x, W, { text: 'Ba.' }), at = `/${W}/desk/case/${r.code}`;
  await must(act(a, W, r.code, 'take'));
  await must(act(a, W, r.code, 'ask', { 'ask-text': p('waiting') }, { wait: true }));
  const page = (await a.get(at)).text;
  await must(a.post(`${at}/take-back`, { token: hidden(page, 'token'), version: hidden(page, 'version'), seen: hidden(page, 'seen'), pending: hidden(page, 'pending') }));
  const f = await opened(x, W, r);
  await must(f.post(`/${W}/receipt/withdraw`, { s: hidden((await f.get(`/${W}/receipt`)).text, 's') }));
}

// Two reports of one thing; on it, another authority was waited for and more time taken.
async function joined(x, a) {
  const lead = await report(x, W, { kind: 'road', text: p('leading'), area: '', lat: '10.000100', lon: '105.700100' });
  const c = x.client(), to = (name, page, more) => c.post(`/${W}/report/${name}`, { s: hidden(page.text, 's'), go: 'next', ...more });
  let form = await to('where', await to('kind', await c.get(`/${W}/report`), { kind: 'road' }), { area: '', street: '', landmark: '', lat: '10.000200', lon: '105.700200' });
  form = await to('same', form, { go: form.text.match(/value="(join:[\w-]+)"/)[1] });
  form = await to('check', form, { go: 'to:what' });
  form = await to('photos', await to('what', form, { text: p('joined') }));
  const own = readReceipt((await to('check', form, { email: '', go: 'send' })).text);
  const step = (...rest) => must(act(a, W, lead.code, ...rest));
  await step('take');
  await step('pause', { 'pause-text': p('pause') });
  await step('resume');
  await step('extend', { 'extend-text': p('extend') });
  await step('close', { 'close-outcome': 'mended', 'close-text': 'Xong.' });
  return own;
}

async function atTheCounter(x, a) {
  const blank = (await a.get(`/${W}/desk/new`)).text;
  const today = new Date(Date.now() + Number(x.clock.us / 1000n) + 7 * 3600e3), day = `${today.getUTCDate()}/${today.getUTCMonth() + 1}/${today.getUTCFullYear()}`;
  const page = await must(a.post(`/${W}/desk/new`, { token: hidden(blank, 'token'), s: hidden(blank, 's'), channel: 'phone', kind: 'lighting', area: 'unsure', street: '', landmark: '', text: p('counter'), day, hour: '', word: p('callword'), go: 'send' }), 200);
  const code = page.text.match(/data-x-code>([^<]+)</)[1];
  await must(act(a, W, code, 'take'));
  const version = hidden((await a.get(`/${W}/desk/case/${code}`)).text, 'version'), token = hidden((await a.get(`/${W}/desk`)).text, 'token');
  await must(a.post(`/${W}/desk/bulk`, { token, do: 'close', case: `${code}:${version}`, outcome: 'mended', words: p('bulk') }));
  await a.settle(`/${W}/desk/case/${code}`);
  await must(a.post(`/${W}/desk/shift`, { token, notes: p('sheet'), unit: '' }));
}

// Gives what was found of it, before anything is forgotten.
export async function plantAll(w) {
  const { x } = w, a = await signIn(x, W, 'ha-tang'), first = await whole(x, a);
  await handedOver(x, a);
  await takenBack(x, a);
  await joined(x, a);
  await atTheCounter(x, a);
  const found = traces(w);
  x.clock.move(40);
  const later = await signIn(x, W, 'ha-tang');
  a.cookies = later.cookies;
  await first.later();
  return [...found, ...traces(w)];
}

// All that is due by the clock is done, and nothing failed.
const JOBS = "kind IN ('keep.erase', 'keep.files', 'flow.search', 'flow.media', 'flow.drafts', 'flow.pending', 'net.photo', 'flow.head')";
export async function night(x) {
  const due = () => Number(x.sql(`SELECT count(*) FROM outbox WHERE ${JOBS} AND (state = 2 OR due_at <= ${BigInt(Date.now()) * 1000n + x.clock.us})`));
  await until('the jobs of the night', () => due() === 0, 120);
  const failed = x.sql(`SELECT kind, error FROM outbox WHERE error <> '' AND kind NOT LIKE 'net.%'`);
  if (failed !== '') throw new Error(`a job failed: ${failed}`);
}

// [name, where, form] of each string that is left.
export function traces({ x, place, temporary }, { backups = true } = {}) {
  const found = [];
  const see = (where, hits) => { for (const h of hits) found.push({ name: h.name, where: h.file ? `${where} ${h.file.slice(h.file.lastIndexOf('/') + 1)}` : where, form: h.form }); };
  see('data', searchTree(x.data));
  see('log', findIn(Buffer.from(x.log)));
  see('temporary', searchTree(temporary));
  if (onPostgres) for (const [where, dir] of databasePlaces(x)) see(where, searchTree(dir));
  if (backups) for (const dir of [place.data, place.keys]) see('backup', searchTree(dir));
  return found;
}
function databasePlaces(x) {
  const oid = postgres.sql(databaseOf(x.data), 'SELECT oid FROM pg_database WHERE datname = current_database()').trim(), data = join(postgres.folder, 'data');
  return [['database', join(data, 'base', oid)], ['database global', join(data, 'global')], ['journal', join(data, 'pg_wal')], ['temporary', join(data, 'base/pgsql_tmp')], ['database log', join(postgres.folder, 'log')]];
}
export const names = (found) => [...new Set(found.map((f) => f.name))].sort();

// The newest backup (or one that was put aside), restored with its keys; what is in it.
export function inBackup({ x, place }, { from = place, deletions = 'none' } = {}) {
  const there = join(place.dir, 'unpacked'), [data, keys] = [from.data, from.keys].map((d) => join(d, readdirSync(d).sort().at(-1)));
  try {
    verb(there, ['restore', data, keys, '--secret', place.secret, '--keys-secret', place.keysSecret, '--deletions', deletions], { settings: ['--settings', join(x.data, 'settings.yaml')] });
    return searchTree(there).map((h) => ({ name: h.name, where: `backup ${h.file.slice(h.file.lastIndexOf('/') + 1)}`, form: h.form }));
  } finally { rmSync(there, { recursive: true, force: true }); }
}

// The whole of it, for measures/traces.mjs: how many were planted, what was found before and after, how long tables
// were locked. node test/harness/forgotten.mjs
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const w = await world(), { x } = w;
  try {
    const first = await plantAll(w);
    x.clock.move(400);
    await night(x);
    let left = traces(w);
    for (let i = 0; i < 20 && left.length > 0; i += 1) { await new Promise((done) => { setTimeout(done, 250); }); left = traces(w); }
    x.verb(['--test-clock', join(x.data, 'clock'), 'backup', '--fast']);
    left.push(...inBackup(w));
    console.log(JSON.stringify({ planted: WRITTEN.length + SEALED.length, before: names(first).length, places: first.length, left, log: x.log.match(/what was erased is out of[^\n]*/)?.[0] ?? '' }));
  } finally { await end(w); }
}
