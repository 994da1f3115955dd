// A distinctive string in every private field, looked for in everything that leaves the program or
// lies on its disk. Each must be FOUND where it may be (else the test is blind) and nowhere else.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client, hidden, onPostgres, readReceipt, root, stored } from '../harness/xom.mjs';
import { log as databaseLog } from '../harness/postgres.mjs';
import { readQr } from '../harness/qr.mjs';
import { unzip } from '../harness/zip.mjs';
import { ACCOUNTS, login, png, startWorld, tellingJpeg } from './world.mjs';

const W = 'song-may', AGENT = 'zqagent7041', ADDRESS = '203.0.113.77';
// Escapes must happen around a canary, its core survives each of them.
const plant = (core) => `Đ&<${core}>"'=`;
const CORE = Object.fromEntries(['text', 'street', 'landmark', 'file', 'exif', 'question', 'answer', 'note', 'correct', 'hide', 'show', 'handover', 'result', 'released', 'withdrawn', 'name', 'login', 'words', 'refused', 'password', 'wrongpass', 'wronglogin', 'reopened', 'mail', 'mailagain', 'mailwrong', 'callword', 'callwrong', 'waiting', 'joined', 'amended'].map((k) => [k, `zq${k}7041`]));

// --- looking ---

const spread = (bytes) => [0, 1, 2].map((skip) => {
  // Base64 of the bytes wherever they begin, without the letters their neighbours share.
  const b = Buffer.concat([Buffer.alloc(skip, 'x'), bytes]).toString('base64').replace(/=+$/, '');
  return b.slice(skip === 0 ? 0 : skip + 1, bytes.length % 3 === 0 && skip === 0 ? undefined : -1);
});
export function forms(core) {
  const bytes = Buffer.from(core), hex = bytes.toString('hex');
  const list = [core, hex, hex.toUpperCase(), [...bytes].map((b) => `%${b.toString(16).padStart(2, '0')}`).join(''),
    [...core].map((c) => `&#${c.charCodeAt(0)};`).join(''), [...core].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join(''),
    [...core].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')];
  for (const b of spread(bytes)) list.push(b, b.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set(list)].map((f) => Buffer.from(f));
}
// Percent signs and entities may stand for some characters only: what they mean is looked at, too.
const meaning = (bytes) => {
  const t = bytes.toString('latin1');
  return [bytes, Buffer.from(t.toLowerCase(), 'latin1'), Buffer.from(t.replace(/%([0-9a-f]{2})/gi, (_, h) => String.fromCharCode(parseInt(h, 16))).toLowerCase(), 'latin1'),
    Buffer.from(t.replace(/&#x([0-9a-f]+);/gi, (_, h) => String.fromCodePoint(parseInt(h, 16) % 0x110000)).replace(/&#(\d+);/g, (_, d) => String.fromCodePoint(Number(d) % 0x110000)), 'latin1')];
};
const seen = {};   // place → its bytes, with what their escapes mean
const put = (place, bytes) => { (seen[place] ??= []).push(...meaning(Buffer.from(bytes))); };
const found = (core) => { const f = forms(core); return Object.keys(seen).filter((place) => seen[place].some((b) => f.some((x) => b.includes(x)))).sort(); };

// --- a client that remembers what it was sent, under a place ---

class Watched extends Client {
  constructor(base, place) { super(base, x); this.place = place; }
  async request(method, path, options = {}) {
    const r = await super.request(method, path, { ...options, headers: { 'user-agent': AGENT, 'x-forwarded-for': ADDRESS, ...options.headers } });
    const place = typeof this.place === 'function' ? this.place(method, path, r) : this.place;
    // The page of an address that is not there links to itself in the other language.
    put(place, r.status === 404 ? r.text.replaceAll(path.replace(/^\/[^/]*(\/en)?/, ''), '') : r.bytes);
    for (const [name, at] of [['location', 'Location'], ['content-disposition', 'Content-Disposition']]) if (r.headers.get(name)) put(at, r.headers.get(name));
    for (const c of r.headers.getSetCookie()) put('Set-Cookie', c);
    const known = ['location', 'content-disposition', 'set-cookie'];
    put('headers', [...r.headers].filter(([k]) => !known.includes(k)).map(([k, v]) => `${k}: ${v}`).join('\n'));
    return r;
  }
}
const need = (r, status) => { if (r.status !== status) throw new Error(`${r.status}: ${r.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 500)}`); return r; };
async function officer(x, place, name, password) {
  const c = new Watched(x.url, place);
  need(await c.post(`/${W}/sign-in`, { login: name, password: password ?? 'song-may-demo', to: '' }), 303);
  return c;
}
async function step(c, code, verb, fields = {}, files) {
  const page = (await c.get(`/${W}/desk/case/${code}`)).text;
  const form = { token: hidden(page, 'token'), version: hidden(page, 'version'), seen: hidden(page, 'seen'), ...fields };
  if (!files) return need(await c.post(`/${W}/desk/case/${code}/${verb}`, form), 303);
  const data = new FormData();
  for (const [k, v] of Object.entries(form)) data.set(k, v);
  for (const [field, name, bytes] of files) data.append(field, new Blob([bytes]), name);
  return need(await c.post(`/${W}/desk/case/${code}/${verb}`, data), 303);
}
function middle() {
  const ring = JSON.parse(readFileSync(join(root, 'demo/song-may.geojson'), 'utf8')).features.find((f) => f.properties.level === 'khu_vuc').geometry.coordinates[0];
  const mean = (i) => ring.reduce((s, p) => s + p[i], 0) / ring.length;
  const odd = (v) => (Math.floor(v * 1e4) / 1e4 + 0.000037).toFixed(6);
  return { lon: odd(mean(0)), lat: odd(mean(1)) };
}

let x;
const own = {};    // what the program made: code, pin, link, tokens, position

async function reportOne(c, { text, street, landmark, lat = '', lon = '', photos = [], area = 'unsure', mail = '', kind = 'lighting' }) {
  let p = await c.get(`/${W}/report`);
  p = await c.post(`/${W}/report/kind`, { s: hidden(p.text, 's'), kind, go: 'next' });
  p = await c.post(`/${W}/report/where`, { s: hidden(p.text, 's'), area, street, landmark, lat, lon, go: 'next' });
  p = need(await c.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text, go: 'next' }), 200);
  const form = new FormData();
  form.set('s', hidden(p.text, 's'));
  for (const [name, bytes] of photos) form.append('photos', new Blob([bytes]), name);
  form.set('go', 'next');
  p = need(await c.post(`/${W}/report/photos`, form), 200);
  // Back to a question and on again: the address goes along in the sealed field.
  if (mail) p = need(await c.post(`/${W}/report/check`, { s: hidden(p.text, 's'), email: mail, go: 'to:what' }), 200);
  if (mail) p = need(await c.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text, go: 'next' }), 200);
  if (mail) p = need(await c.post(`/${W}/report/photos`, { s: hidden(p.text, 's'), go: 'next' }), 200);
  p = need(await c.post(`/${W}/report/check`, { s: hidden(p.text, 's'), email: '', go: 'send' }), 200);
  return { ...readReceipt(p.text), page: p };
}

before(async () => {
  x = await startWorld({ settings: 'proxies: [127.0.0.1, "::1"]\nmail_url: smtp://localhost:9\nmail_from: xom@xom.thu\n' });
  // An officer whose name, login and password are canaries.
  const who = ['--ward', W, '--login', CORE.login];
  put('xom user', x.verb(['user', 'add', ...who, '--name', plant(CORE.name)]));
  put('xom user', x.verb(['user', 'role', ...who, '--role', 'handler', '--from', '2025-01-01']));
  put('xom user', x.verb(['user', 'unit', ...who, '--unit', 'ha-tang', '--from', '2025-01-01']));
  const link = x.verb(['user', 'link', ...who]);
  own.invite = link.match(/\/invite\/(\S+)/)[1];
  put('xom user link', link);
  const inviting = new Watched(x.url, 'invite page');
  need(await inviting.get(`/${W}/invite/${own.invite}`), 200);
  need(await inviting.post(`/${W}/invite/${own.invite}`, { password: CORE.password, again: CORE.password }), 303);

  // The report, with two photos that tell where they come from.
  Object.assign(own, middle());
  const jpeg = readFileSync(join(x.data, 'media', firstPhoto(join(x.data, 'media'))));
  const reporter = new Watched(x.url, (method, path, r) => (/data-x-pin/.test(r.text) ? 'receipt as given' : 'report form'));
  const photos = [[`${CORE.file}.png`, png(64, [['tEXt', `Comment\0${CORE.exif}`]])], [`${CORE.file}.jpg`, tellingJpeg(jpeg, CORE.exif)]];
  const r = await reportOne(reporter, { text: plant(CORE.text), street: plant(CORE.street), landmark: plant(CORE.landmark), lat: own.lat, lon: own.lon, photos, mail: `${CORE.mail}@example.com` });
  Object.assign(own, { code: r.code, pin: r.pin.replace(' ', ''), link: new URL(readQr(r.page.text)).pathname.split('/r/')[1] });

  const follow = new Watched(x.url, 'receipt');
  need(await follow.post(`/${W}/follow`, { code: own.code, pin: own.pin }), 303);
  own.receiptCookie = follow.cookies.get('receipt');
  // Another one in its place.
  const kept = await follow.get(`/${W}/receipt`);
  need(await follow.post(`/${W}/receipt/mail`, { s: hidden(kept.text, 's'), email: `${CORE.mailagain}@example.com` }), 303);
  const desk = await officer(x, 'case, works it', CORE.login, CORE.password);
  own.session = desk.cookies.get('session');
  await step(desk, own.code, 'take');
  await step(desk, own.code, 'ask', { 'ask-text': plant(CORE.question) });
  let page = await follow.get(`/${W}/receipt`);
  const answer = new FormData();
  answer.set('s', hidden(page.text, 's')); answer.set('answer', plant(CORE.answer));
  answer.append('photos', new Blob([png(40, [['tEXt', `Comment\0${CORE.exif}`]], 5)]), `${CORE.file}.png`);
  need(await follow.post(`/${W}/receipt/answer`, answer), 303);
  await step(desk, own.code, 'note', { 'note-text': plant(CORE.note) });
  const choice = (await desk.get(`/${W}/desk/case/${own.code}`)).text.match(/name="correct-area"[\s\S]*?<\/select>/)[0];
  const area = [...choice.matchAll(/<option value="(\d{5,})"(?! selected)/g)].at(-1)[1];
  await step(desk, own.code, 'correct', { 'correct-kind': 'lighting', 'correct-area': area, 'correct-street': plant(CORE.street), 'correct-landmark': plant(CORE.landmark), 'correct-reason': plant(CORE.correct) });
  await step(desk, own.code, 'photo', {}, [['photo-photos', `${CORE.file}.png`, png(48, [['tEXt', `Comment\0${CORE.exif}`]], 3)]]);
  await step(desk, own.code, 'release', { 'release-text': plant(CORE.withdrawn) });
  await step(desk, own.code, 'unrelease', { 'unrelease-reason': plant(CORE.hide) });
  await step(desk, own.code, 'withhold', { 'withhold-reason': plant(CORE.hide) });
  await step(desk, own.code, 'unwithhold', { 'unwithhold-reason': plant(CORE.show) });
  await step(desk, own.code, 'release', { 'release-text': plant(CORE.released) });
  await step(desk, own.code, 'close', { 'close-outcome': 'mended', 'close-text': plant(CORE.result) });
  page = await follow.get(`/${W}/receipt`);
  need(await follow.post(`/${W}/receipt/reopen`, { s: hidden(page.text, 's'), reason: plant(CORE.reopened) }), 303);

  page = await follow.get(`/${W}/receipt/kept`);
  need(await follow.post(`/${W}/receipt/kept/amend`, { s: hidden(page.text, 's'), amend: plant(CORE.amended) }), 303);

  // A second one, handed over with a reason; the first stays open in the unit's list.
  const second = await reportOne(new Watched(x.url, 'second form'), { text: 'Hai.', street: '', landmark: '' });
  const handing = new Watched(x.url, 'handing over');
  handing.cookies = new Map(desk.cookies);
  await step(handing, second.code, 'assign', { 'assign-unit': 'moi-truong', 'assign-reason': plant(CORE.handover) });
  await step(await officer(x, 'handed to', ACCOUNTS.handler_other), second.code, 'take');

  // What waits half a minute, and what was taken back. Everybody is signed in before: a busy machine has time.
  const third = await reportOne(new Watched(x.url, 'third form'), { text: 'Ba.', street: '', landmark: '' });
  const at = `/${W}/desk/case/${third.code}`, asking = new Watched(x.url, 'waits, who asked');
  asking.cookies = new Map(desk.cookies);
  const colleague = await officer(x, 'waits, colleague', ACCOUNTS.handler), receiver = new Watched(x.url, 'waits, reporter'), others = [];
  for (const role of ['secretary', 'oversight', 'police_unit', 'handler_other', 'chair', 'admin']) others.push(await officer(x, 'waits, others', login(W, role)));
  need(await receiver.post(`/${W}/follow`, { code: third.code, pin: third.pin.replace(' ', '') }), 303);
  const shown = (await asking.get(at)).text;
  need(await asking.post(`${at}/ask`, { token: hidden(shown, 'token'), version: hidden(shown, 'version'), seen: hidden(shown, 'seen'), 'ask-text': plant(CORE.waiting) }, { wait: true }), 303);
  const pending = hidden((await asking.get(at)).text, 'pending');
  for (const end of ['', '.json', '.csv']) {
    need(await receiver.get(`/${W}/receipt${end}`), 200);
    colleague.place = end ? 'list data, works it' : 'list, works it';
    need(await colleague.get(`/${W}/desk${end}?queue=unit`), 200);
    colleague.place = end ? 'waits, data' : 'waits, colleague';
    need(await colleague.get(`${at}${end}`), 200);
  }
  for (const c of others) for (const end of ['', '.json', '.csv']) await c.get(`${at}${end}`);
  const back = (await asking.get(at)).text;
  need(await asking.post(`${at}/take-back`, { token: hidden(back, 'token'), version: hidden(back, 'version'), seen: hidden(back, 'seen'), pending }), 303);
  asking.place = 'given back, who asked';
  need(await asking.get(at), 200);
  colleague.place = 'given back, colleague';
  need(await colleague.get(at), 200);
  need(await receiver.get(`/${W}/receipt`), 200);

  // Somebody who joins another's report: their words are on their own receipt and on their own page at the desk,
  // and on no page of the case that it follows.
  const lead = await reportOne(new Watched(x.url, 'lead form'), { kind: 'road', text: 'Ổ gà.', street: '', landmark: '', lat: '10.000100', lon: '105.700100', area: '' });
  const joining = new Watched(x.url, 'join form'), to = (name, page, more) => joining.post(`/${W}/report/${name}`, { s: hidden(page.text, 's'), go: 'next', ...more });
  let form = await to('where', await to('kind', await joining.get(`/${W}/report`), { kind: 'road' }), { area: '', street: '', landmark: '', lat: '10.000200', lon: '105.700200' });
  const offer = form.text.match(/value="(join:[\w-]+)"/)[1], publicLead = offer.slice(5);
  form = await to('same', form, { go: offer });
  form = await to('check', form, { go: 'to:what' });
  form = need(await to('what', form, { text: plant(CORE.joined) }), 200);
  form = need(await to('photos', form), 200);
  joining.place = 'join receipt as given';
  const joined = readReceipt(need(await to('check', form, { email: '', go: 'send' }), 200).text), joiner = new Watched(x.url, 'joiner, receipt'), leader = new Watched(x.url, 'lead, receipt');
  need(await joiner.post(`/${W}/follow`, { code: joined.code, pin: joined.pin.replace(' ', '') }), 303);
  need(await leader.post(`/${W}/follow`, { code: lead.code, pin: lead.pin.replace(' ', '') }), 303);
  for (const [place, code] of [['joiner', joined.code], ['lead', lead.code]]) for (const end of ['', '.json', '.csv']) {
    const works = new Watched(x.url, `${place}, works it`);
    works.cookies = new Map(desk.cookies);
    need(await works.get(`/${W}/desk/case/${code}${end}`), 200);
    need(await (place === 'joiner' ? joiner : leader).get(`/${W}/receipt${end}`), 200);
    need(await new Watched(x.url, 'lead, public').get(`/${W}/case/${publicLead}${end}`), 200);
    for (const [k, c] of others.entries()) { c.place = `${place}, ${k < 3 ? 'reads it' : 'others'}`; await c.get(`/${W}/desk/case/${code}${end}`); }
  }

  // A call: the word that the caller chose, typed by the officer; wrongly at first.
  const calls = new Watched(x.url, 'counter entry');
  calls.cookies = new Map(desk.cookies);
  const blank = (await calls.get(`/${W}/desk/new`)).text;
  const call = { token: hidden(blank, 'token'), s: hidden(blank, 's'), channel: 'phone', kind: 'lighting', area: 'unsure', street: '', landmark: '', text: 'Bốn.', day: '1/11/2026', hour: '', go: 'send' };
  calls.place = 'counter entry, typed wrongly';
  need(await calls.post(`/${W}/desk/new`, { ...call, kind: '', word: CORE.callwrong }), 422);
  calls.place = 'counter entry';
  own.called = need(await calls.post(`/${W}/desk/new`, { ...call, word: CORE.callword }), 200).text.match(/data-x-code>([^<]+)</)[1];
  for (const end of ['', '.json', '.csv']) need(await calls.get(`/${W}/desk/case/${own.called}${end}`), 200);
  const caller = new Watched(x.url, 'first use');
  const asked = need(await caller.post(`/${W}/follow`, { code: own.called, pin: '' }), 200).text;
  own.madePin = readReceipt(need(await caller.post(`/${W}/follow/pin`, { s: hidden(asked, 's'), word: CORE.callword }), 200).text).pin;

  // Everything there is to see, as everybody.
  const code = own.code, pub = (await desk.get(`/${W}/desk/case/${code}`)).text.match(/\/case\/(SM-P-[^"]+)"/)[1];
  own.public = pub;
  const list = new Watched(x.url, 'list, works it'), data = new Watched(x.url, 'list data, works it');
  list.cookies = new Map(desk.cookies); data.cookies = new Map(desk.cookies);
  for (const lang of ['', '/en']) {
    for (const end of ['', '.json', '.csv']) {
      await desk.get(`/${W}${lang}/desk/case/${code}${end}`);
      await (end === '' ? list : data).get(`/${W}${lang}/desk${end}?queue=unit`);
      await follow.get(`/${W}${lang}/receipt${end}`);
      await follow.get(`/${W}${lang}/receipt/kept${end}`);
    }
    const searching = new Watched(x.url, 'search');
    searching.cookies = new Map(desk.cookies);
    await searching.get(`/${W}${lang}/desk?queue=unit&words=${CORE.words}`);
    await searching.get(`/${W}${lang}/desk?queue=unit&words=${encodeURIComponent(`ông ${CORE.refused}`)}`);
  }
  const pages = ['/', '/lost', '/reminder/2027-01-05.ics', '/cases', '/cases.json', '/cases.csv', `/case/${pub}`, `/case/${pub}.json`, `/case/${pub}.csv`, '/report', '/follow', '/sign-in', '/index.json'];
  const denied = [`/desk`, `/desk.json?queue=unit`, `/desk.csv?queue=unit`, `/desk/case/${code}`, `/desk/case/${code}.json`, '/receipt', '/receipt.json', '/nowhere', '/desk/sessions'];
  const anybody = new Watched(x.url, 'public');
  for (const lang of ['', '/en']) for (const p of pages) await anybody.get(`/${W}${lang}${p}`);
  const stranger = { place: 'others' };
  for (const role of ['area_head', 'member_org', 'handler_other', 'police', 'chair', 'admin']) {
    const c = await officer(x, stranger.place, login(W, role));
    for (const p of [...pages, ...denied]) await c.get(`/${W}${p}`);
    c.place = 'sign-in again';
  }
  for (const p of ['/desk', '/receipt', '/nowhere', '/desk/sessions']) await new Watched(x.url, 'others').get(`/${W}${p}`);
  for (const role of ['member_org_unit', 'police_unit', 'secretary', 'oversight']) {
    const c = await officer(x, 'case, reads it', login(W, role));
    for (const p of pages) await c.get(`/${W}${p}`);
    for (const end of ['', '.json', '.csv']) await c.get(`/${W}/desk/case/${code}${end}`);
    c.place = 'list, reads it';
    await c.get(`/${W}/desk?queue=unit`);
    c.place = 'list data, reads it';
    await c.get(`/${W}/desk.json?queue=unit`); await c.get(`/${W}/desk.csv?queue=unit`);
  }
  // Photos, as those who may see them.
  for (const [c, p] of [[desk, `/desk/case/${code}`], [follow, '/receipt']])
    for (const m of new Set((await c.get(`/${W}${p}`)).text.match(/[^"]+\/photo\/[0-9a-f]+/g))) {
      const w = new Watched(x.url, 'photos');
      w.cookies = new Map(c.cookies);
      need(await w.get(m), 200); need(await w.get(`${m}?thumb=1`), 200);
    }
  // What is taken home, as it is inside.
  for (const [name, bytes] of Object.entries(unzip(need(await follow.get(`/${W}/receipt/kept/file`), 200).bytes))) put(/jpg$/.test(name) ? 'photos' : 'taken home', bytes);
  // Errors: what was typed wrongly comes back to who typed it, at most.
  const wrong = new Watched(x.url, 'typed wrongly');
  await wrong.post(`/${W}/sign-in`, { login: CORE.wronglogin, password: CORE.wrongpass, to: '' });
  await wrong.post(`/${W}/follow`, { code: own.code, pin: '00000000' });
  await wrong.get(`/${W}/r/${'A'.repeat(own.link.length)}`);
  const opener = new Watched(x.url, 'opened by link');
  need(await opener.get(`/${W}/r/${own.link}`), 303);
  need(await opener.get(`/${W}/receipt`), 200);
  await new Watched(x.url, 'errors').post(`/${W}/receipt/answer`, { s: CORE.text });
  // An error page shows its sender's own words again, and no one else's.
  await new Watched(x.url, 'errors').post(`/${W}/desk/case/${code}/note`, { 'note-text': 'lời khác', token: CORE.note });
  const bad = new FormData();
  const first = await new Watched(x.url, 'errors').get(`/${W}/report`);
  let p = await wrong.post(`/${W}/report/kind`, { s: hidden(first.text, 's'), kind: 'lighting', go: 'next' });
  bad.set('s', hidden(p.text, 's')); bad.append('photos', new Blob(['no photo']), `${CORE.file}.txt`); bad.set('go', 'next');
  await wrong.post(`/${W}/report/photos`, bad);
  p = await wrong.post(`/${W}/report/where`, { s: hidden(p.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  p = await wrong.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text: 'Ba.', go: 'next' });
  p = await wrong.post(`/${W}/report/photos`, { s: hidden(p.text, 's'), go: 'next' });
  need(await wrong.post(`/${W}/report/check`, { s: hidden(p.text, 's'), email: `${CORE.mailwrong}@`, go: 'send' }), 422);

  for (const args of [['privacy'], ['privacy', '--json'], ['verify'], ['routes'], ['routes', '--json'], ['procedures', 'list'], ['keys', 'list'], ['jobs', 'list'], ['deletions', 'list'], ['deletions', 'verify'], ['settings', 'check'], ['ward', 'list'], ['rebuild'], ['verify']])
    put(`xom ${args[0]}`, x.verb(args));
  put('xom user', x.verb(['user', 'list', '--ward', W]));
  put('log', x.log);
  for (const file of files(x.data)) put(file.startsWith('media/') ? 'photo files' : /^xom\.db/.test(file) ? 'database' : file.startsWith('keys/') ? 'keys' : file.startsWith('deletions/') ? 'deletion list' : 'other files', readFileSync(join(x.data, file)));
  if (onPostgres) { put('database', stored(x.data)); put('log', databaseLog()); }
  put('file names', files(x.data).join('\n'));
});
after(async () => { await x?.stop(); });

function files(dir, at = '') {
  return readdirSync(join(dir, at)).flatMap((n) => (statSync(join(dir, at, n)).isDirectory() ? files(dir, join(at, n)) : [join(at, n)]));
}
function firstPhoto(dir) { return files(dir).find((f) => statSync(join(dir, f)).size > 3000 && readFileSync(join(dir, f)).subarray(0, 2).equals(Buffer.from([0xff, 0xd8]))); }

// --- the table: where each may be, and must be ---

const READ = ['case, works it', 'case, reads it'], LISTS = ['list, works it', 'list, reads it'];
const DATA = ['list data, works it', 'list data, reads it'];
const TABLE = {
  text: ['report form', 'receipt', 'taken home', 'opened by link', ...READ, ...LISTS, 'database'],
  street: ['report form', 'receipt', 'taken home', 'opened by link', ...READ, ...LISTS, ...DATA, 'database'],
  landmark: ['report form', 'receipt', 'taken home', 'opened by link', ...READ, 'database'],
  question: ['receipt', 'taken home', 'opened by link', ...READ, 'database'],
  answer: ['receipt', 'taken home', 'opened by link', ...READ, 'database'],
  reopened: ['receipt', 'taken home', 'opened by link', ...READ, 'database'],
  result: ['receipt', 'taken home', 'opened by link', ...READ, 'database'],
  note: ['case, works it', 'database'],
  correct: ['case, works it', 'database'],
  hide: ['case, works it', 'database'],
  show: ['case, works it', 'database'],
  handover: ['handed to', 'database'],
  withdrawn: [...READ, 'database'],
  released: ['public', 'others', ...READ, 'database'],
  amended: ['receipt', 'taken home', 'opened by link', ...READ, 'database'],
  exif: [],
  file: ['typed wrongly'],
  name: ['joiner, works it', 'lead, works it', 'invite page', 'counter entry', 'counter entry, typed wrongly', 'waits, who asked', 'waits, colleague', 'waits, data', 'given back, who asked', ...READ, 'list, works it', 'search', 'handing over', 'handed to', 'xom user', 'database'],
  login: ['invite page', 'xom user', 'database'],
  words: ['search', 'database'],
  refused: ['search'],
  password: [],
  wrongpass: [],
  wronglogin: ['typed wrongly'],
  mailwrong: ['typed wrongly'],
  callwrong: ['counter entry, typed wrongly'],
  waiting: ['waits, who asked', 'waits, colleague', 'waits, data', 'given back, who asked', 'database'],
  joined: ['join form', 'joiner, receipt', 'joiner, works it', 'joiner, reads it', 'database'],
};

for (const [canary, places] of Object.entries(TABLE)) test(`the ${canary} is where it may be and nowhere else`, () => {
  assert.deepEqual(found(CORE[canary]), [...new Set(places)].sort());
});
test('an address for mails is nowhere: no page, list, file, log or answer, whoever asks', () => {
  assert.deepEqual(found(CORE.mail), []);
  assert.deepEqual(found(CORE.mailagain), []);
  // It is there all the same, sealed: both were kept, the first one was erased for the second.
  assert.match(x.verb(['deletions', 'list']), new RegExp(`${own.code}\tcontact\treporter`));
  assert.ok(seen.receipt.some((b) => b.includes('Máy đang giữ một địa chỉ')));
});
test('the word that a caller chose makes the PIN, and stands nowhere', () => {
  assert.deepEqual(found(CORE.callword), []);
  assert.match(own.madePin, /^.{8,9}$/);
  assert.ok(found(own.called).includes('counter entry'), 'its case was entered and looked for');
});
test('the exact position is for those who work the case, and in what its reporter takes home', () => {
  assert.deepEqual(found(own.lat), ['case, works it', 'database', 'taken home']);
  assert.deepEqual(found(own.lon), ['case, works it', 'database', 'taken home']);
});
test('the PIN is given once and kept nowhere', () => {
  assert.deepEqual(found(`${own.pin.slice(0, 4)} ${own.pin.slice(4)}`), ['receipt as given']);
  assert.deepEqual(found(own.pin), []);
});
test('the link of the QR code is nowhere in words', () => { assert.deepEqual(found(own.link), []); });
test('the receipt\'s code never reaches the public', () => {
  const places = found(own.code);
  for (const p of ['receipt as given', 'receipt', ...READ, ...LISTS, ...DATA, 'database']) assert.ok(places.includes(p), p);
  const may = new Set(['receipt as given', 'receipt', 'taken home', 'opened by link', 'search', 'typed wrongly', ...READ, ...LISTS, ...DATA, 'database', 'Location', 'deletion list', 'xom deletions']);
  assert.deepEqual(places.filter((p) => !may.has(p)), []);
});
test('a session\'s token is in its cookie alone', () => { assert.deepEqual(found(own.session), ['Set-Cookie']); });
test('an opened receipt is in its cookie alone', () => { assert.deepEqual(found(own.receiptCookie), ['Set-Cookie']); });
test('a one-time link is told once, and stands in its own page\'s form', () => { assert.deepEqual(found(own.invite), ['invite page', 'xom user link']); });
test('no browser\'s name and no address is kept or told', () => {
  assert.deepEqual(found(AGENT), []);
  assert.deepEqual(found(ADDRESS), []);
});
test('no upload is left lying: neither spool nor original', () => {
  assert.deepEqual(files(x.data).filter((f) => /spool|upload|\.png$|\.tmp$/.test(f)), []);
  const original = png(64, [['tEXt', `Comment\0${CORE.exif}`]]), strip = original.subarray(-60, -20);
  for (const place of Object.keys(seen)) assert.ok(!seen[place].some((b) => b.includes(strip)), place);
});
test('the search finds a canary in each disguise', () => {
  const core = 'zqdisguise7041', bytes = Buffer.from(`x${core}y`);
  const disguises = [core, bytes.toString('base64'), Buffer.from(`xx${core}y`).toString('base64url'), Buffer.from(`xxx${core}`).toString('base64'), bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(), 'zq%64isguise7041', '%7a%71%64%69%73%67%75%69%73%65%37%30%34%31', '&#122;qdisguise7041', '\\u007a\\u0071\\u0064\\u0069\\u0073\\u0067\\u0075\\u0069\\u0073\\u0065\\u0037\\u0030\\u0034\\u0031', 'ZQDISGUISE7041'];
  for (const [i, d] of disguises.entries()) {
    put(`disguise ${i}`, d);
    assert.ok(found(core).includes(`disguise ${i}`), d);
    delete seen[`disguise ${i}`];
  }
});
