// What RIGHTS.md refuses, refused by the running program: numbers of papers, fields for people, conduct
// cases as pillory, searches for persons, looks without a trace, columns and fields without a purpose.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client, columnsOf, hidden, signIn, sql, startXom, stored, tempDir, verb, words } from '../harness/xom.mjs';
import { ACCOUNTS, act, copyOf, must, opened, photoNames, png, reported, tokenOf } from './world.mjs';

const W = 'song-may', MASK = '●●●●●●●●●●●●';
let x, desk;

// Mail is never sent here: the server of the settings is not there.
const MAIL = 'mail_url: smtp://localhost:9\nmail_from: xom@xom.thu\n';
before(async () => { x = await startXom({ settings: MAIL }); desk = await signIn(x, W, ACCOUNTS.handler); });
after(async () => { await x?.stop(); });

// --- 6: numbers of identity papers ---

const NUMBERS = ['079203001234', '079 203 001 235', '079.203.001.236', '0792-0300-1237', '０７９２０３００１２３８'];
const DATES = ['10/11/2026 14:30', '10.11.2026 14.30'];
const TELLING = `Anh kia ${NUMBERS.join(' , ')} lúc ${DATES.join(' và ')} ở đây.`;
function checkMasked(html, where) {
  const seen = words(html);
  for (const n of NUMBERS) assert.ok(!seen.includes(n), `${where}: ${n}`);
  assert.ok(seen.includes(MASK), `${where}: nothing is masked`);
  for (const d of DATES) assert.ok(seen.includes(d), `${where}: the date ${d} was taken for a number`);
}

test('numbers of papers are masked in every free text before it is stored', async () => {
  const r = await reported(x, W, { text: TELLING });
  const page = async () => (await desk.get(`/${W}/desk/case/${r.code}`)).text;
  checkMasked(await page(), 'the report');
  const resident = await opened(x, W, r);
  const step = async (name, fields) => {
    await must(act(desk, W, r.code, name, fields));
    checkMasked(await page(), name);
    const last = JSON.parse((await desk.get(`/${W}/desk/case/${r.code}.json`)).text).timeline[0];
    assert.equal(last.what, name);
    checkMasked(JSON.stringify(last.parts), `the entry of ${name}`);
  };
  await must(act(desk, W, r.code, 'take'));
  await step('ask', { 'ask-text': TELLING });
  const ask = (await resident.get(`/${W}/receipt`)).text;
  checkMasked(ask, 'the question on the receipt');
  const answer = new FormData();
  answer.set('s', hidden(ask, 's')); answer.set('answer', TELLING);
  await must(resident.post(`/${W}/receipt/answer`, answer));
  checkMasked((await resident.get(`/${W}/receipt`)).text, 'the answer');
  await step('note', { 'note-text': TELLING });
  await step('release', { 'release-text': TELLING });
  const pub = (await page()).match(/\/case\/(SM-P-[^"]+)"/)[1];
  checkMasked((await x.client().get(`/${W}/case/${pub}`)).text, 'the public page');
  await step('unrelease', { 'unrelease-reason': TELLING });
  await step('withhold', { 'withhold-reason': TELLING });
  await step('unwithhold', { 'unwithhold-reason': TELLING });
  const choice = (await page()).match(/name="correct-area"[\s\S]*?<\/select>/)[0];
  await step('correct', { 'correct-kind': 'lighting', 'correct-area': [...choice.matchAll(/<option value="(\d{5,})"(?! selected)/g)].at(-1)[1], 'correct-street': 'Đường Lúa Chín', 'correct-landmark': '', 'correct-reason': TELLING });
  await step('close', { 'close-outcome': 'mended', 'close-text': TELLING });
  await must(resident.post(`/${W}/receipt/reopen`, { s: hidden((await resident.get(`/${W}/receipt`)).text, 's'), reason: TELLING }));
  checkMasked((await resident.get(`/${W}/receipt`)).text, 'the reopening');
  await must(act(desk, W, r.code, 'assign', { 'assign-unit': 'moi-truong', 'assign-reason': TELLING }));
  const other = await signIn(x, W, ACCOUNTS.handler_other);
  checkMasked((await other.get(`/${W}/desk/case/${r.code}`)).text, 'the hand-over');
  await desk.get(`/${W}/desk?queue=unit&words=${encodeURIComponent(NUMBERS[0])}`);
  const bytes = stored(x.data);
  assert.ok(bytes.includes(Buffer.from(MASK)), 'the test is blind: nothing masked is stored');
  for (const n of NUMBERS) assert.ok(!bytes.includes(Buffer.from(n)), `stored: ${n}`);
});

test('a number in a photo\'s file name is stored nowhere', async () => {
  const r = await reported(x, W, { text: 'Đèn.', photos: [{ bytes: png(), name: '079203009999 cccd.png' }] });
  assert.equal(photoNames((await desk.get(`/${W}/desk/case/${r.code}`)).text).length, 1);
  const files = (dir) => readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]));
  for (const f of files(x.data)) {
    assert.ok(!f.includes('079203009999'), f);
    if (statSync(f).size < 64e6) assert.ok(!readFileSync(f).includes('079203009999'), f);
  }
});

test('in an address a number of papers is refused with the reason, and the rest is kept', async () => {
  const c = x.client();
  for (const field of ['street', 'landmark']) for (const number of NUMBERS) {
    let page = await c.get(`/${W}/report`);
    page = await c.post(`/${W}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
    const where = { area: 'unsure', street: 'Hẻm Cò', landmark: 'cầu ván', lat: '', lon: '', [field]: `nhà ${number}` };
    page = await c.post(`/${W}/report/where`, { s: hidden(page.text, 's'), ...where, go: 'next' });
    assert.equal(page.status, 422, `${field} ${number}`);
    assert.match(words(page.text), /số căn cước/);
    assert.ok(page.text.includes(field === 'street' ? 'cầu ván' : 'Hẻm Cò'));
    assert.ok(!words(page.text).includes(number));
  }
  const r = await reported(x, W, {});
  const fixed = await act(desk, W, r.code, 'correct', { 'correct-kind': 'lighting', 'correct-area': '0', 'correct-street': `nhà ${NUMBERS[1]}`, 'correct-landmark': 'cầu ván', 'correct-reason': 'Gần hơn.' });
  assert.equal(fixed.status, 422);
  assert.match(words(fixed.text), /số căn cước/);
  assert.ok(fixed.text.includes('Gần hơn.'));
});

// --- 1: no field for a person ---

// What "Aa" sets stands in no form and goes nowhere.
const names = (html) => [...html.replace(/<div class="x-aa" id="aa"[\s\S]*?\n<\/div>\n<\/div>\n/, '').matchAll(/<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"/g)].map((m) => m[1]);
// Every page with a form, as who sees it, with all its steps unfolded.
async function allForms() {
  const found = new Map(), add = (place, html) => { for (const n of names(html)) found.set(n, [...(found.get(n) ?? []), place]); };
  const walk = async (kind) => {
    const c = x.client();
    let p = await c.get(`/${W}/report`); add('report', p.text);
    p = await c.post(`/${W}/report/kind`, { s: hidden(p.text, 's'), kind, go: 'next' }); add('report', p.text);
    p = await c.post(`/${W}/report/where`, { s: hidden(p.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' }); add('report', p.text);
    p = await c.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text: 'x', go: 'next' }); add('report', p.text);
    if (/\/report\/photos"/.test(p.text)) {
      const form = new FormData();
      form.set('s', hidden(p.text, 's')); form.set('go', 'upload'); form.append('photos', new Blob([png()]), 'a.png');
      p = await c.post(`/${W}/report/photos`, form); add('report', p.text);
      p = await c.post(`/${W}/report/photos`, { s: hidden(p.text, 's'), go: 'next' }); add('report', p.text);
    }
    p = await c.post(`/${W}/report/check`, { s: hidden(p.text, 's'), go: 'send' });
    return { code: p.text.match(/data-x-code>([^<]+)</)[1], pin: p.text.match(/data-x-pin>([^<]+)</)[1] };
  };
  const r = await walk('lighting');
  await walk('noise');
  for (const p of ['/', '/cases', '/follow', '/sign-in']) add(p, (await x.client().get(`/${W}${p}`)).text);
  const resident = await opened(x, W, r), page = async () => { const h = (await desk.get(`/${W}/desk/case/${r.code}`)).text; add('case', h); add('receipt', (await resident.get(`/${W}/receipt`)).text); };
  await page();
  await must(act(desk, W, r.code, 'take')); await page();
  await must(act(desk, W, r.code, 'ask', { 'ask-text': 'x' })); await page();
  await must(act(desk, W, r.code, 'release', { 'release-text': 'x' })); await page();
  await must(act(desk, W, r.code, 'withhold', { 'withhold-reason': 'x' })); await page();
  await must(act(desk, W, r.code, 'close', { 'close-outcome': 'mended', 'close-text': 'x' })); await page();
  for (const q of ['new', 'mine', 'unit', 'asked', 'closed']) add('desk', (await desk.get(`/${W}/desk?queue=${q}`)).text);
  add('sessions', (await desk.get(`/${W}/desk/sessions`)).text);
  const invite = x.verb(['user', 'link', '--ward', W, '--login', ACCOUNTS.chair]).match(/\/invite\/(\S+)/)[1];
  add('invite', (await x.client().get(`/${W}/invite/${invite}`)).text);
  return found;
}

test('no form asks for a person: what is asked is a short, closed list', async () => {
  const forms = await allForms();
  const report = new Set([...forms].filter(([, places]) => places.includes('report')).map(([n]) => n));
  assert.deepEqual([...report].sort(), ['area', 'email', 'go', 'kind', 'landmark', 'lat', 'lon', 'not_head', 'own-phone', 'photos', 's', 'staff', 'street', 'text']);
  const receipt = new Set([...forms].filter(([, places]) => places.includes('receipt')).map(([n]) => n));
  assert.deepEqual([...receipt].sort(), ['answer', 'email', 'photos', 'reason', 's', 'thanks']);
  // "own-phone" is a tick about the device.
  for (const name of forms.keys()) if (name !== 'own-phone') assert.doesNotMatch(name, /suspect|person|offender|plate|phone|contact|citizen|cccd|birth|gender|ethnic|relig/i, name);
});

test('every field of every page has its purpose, every column of a fresh database, too', async () => {
  const register = JSON.parse(x.verb(['privacy', '--json'])).fields;
  const has = new Set(register.filter((f) => f.in === 'forms').map((f) => f.field));
  const forms = await allForms();
  assert.ok(forms.size > 40, 'the walk found few fields');
  assert.deepEqual([...forms.keys()].filter((n) => !has.has(n)), [], 'fields without a purpose');
  const dir = tempDir();
  try {
    verb(dir, ['ward', 'list']);
    const inside = /^fts_\w+_(data|idx|content|docsize|config)$/; // FTS5's own, of a table that is named
    const columns = columnsOf(dir).filter(([t]) => !inside.test(t)).map(([t, c]) => `${t}.${c}`);
    assert.ok(columns.length > 100, 'the database has few columns');
    const rows = register.filter((f) => f.in === 'tables').map((f) => `${f.place}.${f.field}`);
    assert.deepEqual(columns.filter((c) => !rows.includes(c)), [], 'columns without a purpose');
    assert.deepEqual(rows.filter((r) => !columns.includes(r)), [], 'purposes without a column');
    for (const f of register) assert.ok(f.why.vi && f.why.en && f.about && f.seen_by.length > 0 && f.keep, `${f.place}.${f.field}`);
  } finally { rmSync(dir, { recursive: true, force: true }); }
});

// --- promise 6: conduct is no pillory ---

test('a conduct case has no public page, no place on a list and no photos', async () => {
  const own = await signIn(x, W, 'an-toan');
  const r = await reported(x, W, { kind: 'noise', text: 'Loa kéo mỗi tối.', street: 'Đường Ven Sông', photos: [{ bytes: png(), name: 'a.png' }] });
  const page = (await own.get(`/${W}/desk/case/${r.code}`)).text;
  assert.ok(page.includes('Loa kéo'));
  assert.equal(photoNames(page).length, 0);
  assert.doesNotMatch(page, /\/case\/SM-P-|name="photo-photos"|name="close-photos"|name="release-text"/);
  const hiddenCode = sql(x.data, `SELECT public_code FROM ward_case WHERE code = '${r.code}'`);
  if (hiddenCode) for (const end of ['', '.json', '.csv']) assert.equal((await x.client().get(`/${W}/case/${hiddenCode}${end}`)).status, 404);
  for (const at of ['/cases', '/cases.json', '/cases.csv', '/cases?kind=noise', '/cases.json?kind=noise']) {
    const list = (await x.client().get(`/${W}${at}`)).text;
    assert.doesNotMatch(list, /"kind":"noise"|,noise,/, at);
    assert.ok(!hiddenCode || !list.includes(hiddenCode), at);
  }
  // Sent all the same, by hand: refused, and nothing kept.
  await must(act(own, W, r.code, 'take'));
  const released = await act(own, W, r.code, 'release', { 'release-text': 'Loa kéo.' });
  assert.ok(released.status >= 400, `release: ${released.status}`);
  const photo = await act(own, W, r.code, 'photo', {}, { files: [['photo-photos', 'a.png', png()]] });
  assert.ok(photo.status >= 400, `photo: ${photo.status}`);
  await must(act(own, W, r.code, 'ask', { 'ask-text': 'Mấy giờ?' }));
  const resident = await opened(x, W, r), receipt = (await resident.get(`/${W}/receipt`)).text;
  assert.doesNotMatch(receipt, /type="file"/);
  const answer = new FormData();
  answer.set('s', hidden(receipt, 's')); answer.set('answer', '22 giờ.'); answer.append('photos', new Blob([png()]), 'a.png');
  await resident.post(`/${W}/receipt/answer`, answer);
  assert.equal(sql(x.data, `SELECT count(*) FROM attachment a JOIN ward_case c ON c.ward_id = a.ward_id AND c.id = a.case_id WHERE c.code = '${r.code}'`), '0');
  // The mediator is named by office before the report is sent.
  const c = x.client();
  let p = await c.get(`/${W}/report`);
  p = await c.post(`/${W}/report/kind`, { s: hidden(p.text, 's'), kind: 'noise', go: 'next' });
  p = await c.post(`/${W}/report/where`, { s: hidden(p.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  p = await c.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text: 'Ồn.', go: 'next' });
  assert.match(words(p.text), /hòa giải viên/);
});

// --- refused 1: no search for people ---

test('a search for a person, plate or number is refused with the reason and leaves no words', async () => {
  const reason = /(?:tên|người|biển số|số điện thoại)/i;
  for (const query of ['ông Tư Hến', 'chị Lan Anh', 'tên Nguyễn Văn Bé', '0912345678', '65B1-234.56', '079203001299', 'anh Ba 0987 654 321']) {
    for (const end of ['', '.json', '.csv']) {
      const r = await desk.get(`/${W}/desk${end}?queue=unit&words=${encodeURIComponent(query)}`);
      assert.equal(r.status, 200, query);
      if (end === '') { assert.match(r.text, /id="words-error"/, query); assert.match(words(r.text.match(/id="words-error">([^<]+)/)[1]), reason); }
      assert.doesNotMatch(r.text, /\/desk\/case\/SM-26/, `${query}${end}`);
    }
    assert.equal(sql(x.data, 'SELECT filter FROM look ORDER BY ward_id, seq DESC LIMIT 1').includes('refused'), true, query);
    const digits = query.replace(/\D/g, '');
    if (digits.length > 5) assert.ok(!stored(x.data).includes(Buffer.from(query)), query);
  }
  const fine = await desk.get(`/${W}/desk?queue=unit&words=${encodeURIComponent('den duong')}`);
  assert.doesNotMatch(fine.text, /id="words-error"/);
  assert.match(fine.text, /\/desk\/case\/SM-26/);
});

// --- promise 9: every look, before the answer ---

test('every look is a chained row on disk before its answer, even if the power goes then', async () => {
  const y = await startXom();
  const r = await reported(y, W, { text: 'Đèn.', photos: [{ bytes: png(), name: 'a.png' }] });
  let c = await signIn(y, W, ACCOUNTS.handler);
  const photo = photoNames((await c.get(`/${W}/desk/case/${r.code}`)).text)[0];
  const looks = [['list', '/desk?queue=unit'], ['search', '/desk?queue=unit&words=den'], ['json', '/desk.json?queue=unit'], ['csv', '/desk.csv?queue=unit'],
    ['case', `/desk/case/${r.code}`], ['json', `/desk/case/${r.code}.json`], ['csv', `/desk/case/${r.code}.csv`], ['photo', `/desk/case/${r.code}/photo/${photo}`]];
  const id = sql(y.data, `SELECT id FROM ward_case WHERE code = '${r.code}'`), ward = sql(y.data, `SELECT id FROM ward WHERE slug = '${W}'`);
  for (const [what, path] of looks) {
    const count = Number(sql(y.data, 'SELECT count(*) FROM look'));
    assert.equal((await c.get(`/${W}${path}`)).status, 200, path);
    await y.kill();
    assert.equal(Number(sql(y.data, 'SELECT count(*) FROM look')), count + 1, `${path}: one look`);
    const [kind, of] = sql(y.data, `SELECT what, coalesce(case_id, 0) FROM look WHERE ward_id = ${ward} ORDER BY seq DESC LIMIT 1`).split('|');
    assert.equal(kind, what, path);
    assert.equal(of, path.includes('/case/') ? id : '0', path);
    await y.start();
    const again = new Client(y.url, y);
    again.cookies = new Map(c.cookies);
    c = again;
  }
  assert.match(y.verb(['verify']), /\b0 faults/);
  // The reporter sees role, unit and day, and no name.
  const receipt = words((await (await opened(y, W, r)).get(`/${W}/receipt`)).text);
  assert.match(receipt, /cán bộ xử lý, Tổ Hạ tầng đô thị/);
  assert.ok(!receipt.includes('Trần Thị Lan'));
  await y.stop();
});

test('who is denied leaves no look, and no look means no answer', async () => {
  const r = await reported(x, W, { text: 'Đèn.' });
  const count = () => Number(sql(x.data, 'SELECT count(*) FROM look'));
  const was = count(), stranger = await signIn(x, W, ACCOUNTS.handler_other);
  assert.equal((await stranger.get(`/${W}/desk/case/${r.code}`)).status, 404);
  assert.equal((await x.client().get(`/${W}/desk/case/${r.code}`)).status, 303);
  assert.equal(count(), was);
  const head = await copyOf(desk).request('HEAD', `/${W}/desk/case/${r.code}`);
  assert.equal(head.status, 200);
  assert.equal(count(), was + 1, 'a HEAD is a look, too');
});

// --- promises 8 and 11: an office on every page, emergencies first ---

test('the first page begins with the emergency numbers', async () => {
  for (const lang of ['', '/en']) {
    const html = (await x.client().get(`/${W}${lang}/`)).text, main = html.slice(html.indexOf('<main'));
    const at = ['113', '114', '115', '112', '111'].map((n) => main.indexOf(`tel:${n}"`));
    assert.ok(at.every((i) => i > 0), `${lang}: ${at}`);
    assert.ok(Math.max(...at) < main.indexOf(`/${W}${lang}/door"`), 'before what can be reported');
    assert.match(words(main), lang === '' ? /không dùng cho việc khẩn cấp/ : /not for emergencies/i);
  }
});

test('every page of residents names an office to call, errors among them', async () => {
  const r = await reported(x, W, {}), resident = await opened(x, W, r);
  await must(act(desk, W, r.code, 'take'));
  const pub = (await desk.get(`/${W}/desk/case/${r.code}`)).text.match(/\/case\/(SM-P-[^"]+)"/)[1];
  const office = /href="tel:02920000100"/;
  assert.match(r.page.text, office, 'the receipt as given');
  for (const lang of ['', '/en']) {
    for (const p of ['/', '/cases', `/case/${pub}`, '/report', '/follow', '/sign-in', '/nowhere', '/case/SM-P-0000000'])
      assert.match((await x.client().get(`/${W}${lang}${p}`)).text, office, `${lang}${p}`);
    assert.match((await resident.get(`/${W}${lang}/receipt`)).text, office);
    for (const [p, form] of [['/report/kind', { s: 'broken' }], ['/follow', { code: 'x', pin: 'y' }], ['/sign-in', { login: 'x', password: 'y' }], ['/receipt/solved', { s: 'x' }], ['/desk/case/x/take', {}]])
      assert.match((await x.client().post(`/${W}${lang}${p}`, form)).text, office, `POST ${lang}${p}`);
  }
});

test('tokens of one session are no good in another', async () => {
  const r = await reported(x, W, {});
  const second = await signIn(x, W, 'ha-tang-2'), foreign = await tokenOf(second, W);
  for (const token of [foreign, '', 'x'.repeat(43)])
    assert.equal((await act(desk, W, r.code, 'take', {}, { token })).status, 403, token);
  const far = await desk.post(`/${W}/desk/case/${r.code}/take`, { token: await tokenOf(desk, W), version: '1', seen: '1' }, { headers: { origin: 'http://evil.example' } });
  assert.equal(far.status, 403);
});
