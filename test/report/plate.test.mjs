// QR plates: made by officers, printed, scanned, retired; a report in three taps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hidden, readReceipt, signIn, startXom, unescape, words } from '../harness/xom.mjs';
import { casePath, facts, fieldError } from '../harness/steps.mjs';
import { readQr } from '../harness/qr.mjs';

const WARD = '/song-may', AT = `${WARD}/desk/plates`;
let x, officer;
before(async () => { x = await startXom(); officer = await signIn(x, 'song-may', 'ha-tang'); });
after(async () => { await x.stop(); });

async function make(lines, { kind = 'lighting', file, client = officer, at = AT, s, token } = {}) {
  const page = (await client.get(at)).text, form = new FormData();
  form.set('token', token ?? hidden(page, 'token'));
  form.set('s', s ?? hidden(page, 's'));
  form.set('kind', kind);
  form.set('lines', lines);
  if (file !== undefined) form.append('file', new Blob([file], { type: 'text/csv' }), 'tru.csv');
  return client.post(at, form);
}
const sheet = async (made, client = officer) => {
  assert.equal(made.status, 303, words(made.text).slice(0, 500));
  return (await client.get(made.location)).text;
};
const codes = (html) => [...html.matchAll(/x-plate__code">(\w{7})</g)].map((m) => m[1]);

// What a person does from the opened address on: each tick and each button is a tap.
async function scan(path, fault, lang = '') {
  const c = x.client();
  let taps = 0;
  const page = await c.get(path);
  assert.equal(page.status, 200, words(page.text));
  const answers = fault === undefined ? {} : { fault };
  taps += Object.keys(answers).length;
  const check = await c.post(`${WARD}${lang}/report/what`, { s: hidden(page.text, 's'), text: '', go: 'next', ...answers });
  taps++;
  assert.match(check.text, /id="send"/, words(check.text).slice(0, 600));
  const receipt = await c.post(`${WARD}${lang}/report/check`, { s: hidden(check.text, 's'), go: 'send' });
  taps++;
  return { taps, page, check, ...readReceipt(receipt.text) };
}

// The words of a case as the desk reads them.
const told = async (got) => words((await officer.get(casePath(got.code))).text);

test('a plate scanned: kind and place are there, and a report takes three taps', async () => {
  const html = await sheet(await make('1; Hẻm 7 Bến Sông Mây; Cột đèn 14; 10.000100, 105.700100'));
  const [code] = codes(html);
  const address = readQr(html);
  assert.equal(address, `http://localhost:8080${WARD}/p/${code}`);
  assert.match(words(html), new RegExp(`Cột đèn 14 Hẻm 7 Bến Sông Mây, Khu vực 1 ${code}.*113`));
  const got = await scan(new URL(address).pathname, 'dark');
  assert.equal(got.taps, 3);
  assert.match(words(got.page.text), /Đèn đường – Cột đèn 14, Hẻm 7 Bến Sông Mây, Khu vực 1/);
  assert.match(words(got.check.text), /Đèn không sáng\./);
  const c = await facts(officer, got.code);
  assert.equal(c.kind, 'lighting');
  assert.match(await told(got), /Đèn không sáng\./);
  assert.match(await told(got), /Cột đèn 14/);
  assert.equal(c.area, 'Khu vực 1');
  assert.match(c.cell, /^C\d+-\d+$/);
  // In English the desk still reads Vietnamese.
  const english = await scan(`${WARD}/en/p/${code}`, 'flickers', '/en');
  assert.match(await told(english), /Đèn chập chờn \(The lamp flickers\)\./);
});

test('nothing ticked is asked again; "other" needs words; words and tick go together', async () => {
  const [code] = codes(await sheet(await make('2; ; Cột 15')));
  const c = x.client(), page = await c.get(`${WARD}/p/${code}`);
  const what = (more, from = page) => c.post(`${WARD}/report/what`, { s: hidden(from.text, 's'), text: '', go: 'next', ...more });
  const none = await what({});
  assert.equal(none.status, 422);
  assert.match(fieldError(none.text, 'fault'), /Chọn một dòng/);
  assert.equal((await what({ fault: 'other' })).status, 422);
  assert.equal((await what({ fault: 'no-such' })).status, 422);
  assert.match(words((await what({ fault: 'other', text: 'Có tổ ong ở cột.' })).text), /Có tổ ong ở cột/);
  const both = await what({ fault: 'leaning', text: 'Sắp đổ.' });
  assert.match(unescape(both.text), /Cột đèn nghiêng\.\nSắp đổ\./);
  // Back keeps the tick; another kind asks for its own faults.
  const back = await c.post(`${WARD}/report/check`, { s: hidden(both.text, 's'), go: 'back' });
  assert.match(back.text, /value="leaning" checked/);
  const kinds = await c.post(`${WARD}/report/check`, { s: hidden((await what({ fault: 'dark' })).text, 's'), go: 'to:kind' });
  const where = await c.post(`${WARD}/report/kind`, { s: hidden(kinds.text, 's'), kind: 'water', go: 'next' });
  const other = await c.post(`${WARD}/report/where`, { s: hidden(where.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  assert.match(other.text, /name="fault" type="radio" value="blocked"/);
  assert.doesNotMatch(other.text, /name="fault" type="radio" value="dark"/);
});

test('a retired plate says so and leads to the ordinary form; tampered and other wards\' are unknown', async () => {
  const html = await sheet(await make('1; Hẻm 7; Cột 1\n1; Hẻm 7; Cột 2'));
  const [one, two] = codes(html), c = x.client();
  const list = (await officer.get(AT)).text;
  const gone = await officer.post(`${AT}/${one}/retire`, { token: hidden(list, 'token') });
  assert.equal(gone.status, 303);
  assert.match(words((await officer.get(gone.location)).text), /Đã ngừng dùng bảng/);
  const r = await c.get(`${WARD}/p/${one}`);
  assert.equal(r.status, 410);
  assert.match(words(r.text), /Bảng này không còn dùng/);
  assert.match(r.text, /href="\/song-may\/report\?kind=lighting"/);
  assert.equal((await officer.post(`${AT}/${one}/retire`, { token: hidden(list, 'token') })).status, 303, 'two clicks are one');
  assert.equal((await c.get(`${WARD}/p/${two}`)).status, 200);
  assert.equal((await c.get(`${WARD}/p/${two.toLowerCase()}`)).status, 200, 'typed in small letters');
  assert.deepEqual(codes(await (await officer.get((await make('1; Hẻm 8; Cột 3')).location)).text).length, 1);
  const tampered = two.slice(0, -1) + (two.endsWith('2') ? '3' : '2');
  for (const path of [`${WARD}/p/${tampered}`, `${WARD}/p/0000000`, `${WARD}/p/AAAAAAA`, `${WARD}/p/x`, `/rach-truc/p/${two}`, `${WARD}/p/${two}%00`, `${WARD}/p/${'9'.repeat(500)}`]) {
    const answer = await c.get(path);
    assert.equal(answer.status, /%00/.test(path) ? answer.status : 404, path);
    assert.notEqual(answer.status, 500);
    if (answer.status === 404 && !/%00/.test(path)) assert.match(answer.text, /href="\/(song-may|rach-truc)\/door"/, path);
  }
  // Another ward's officer sees and retires nothing of it.
  const other = await signIn(x, 'rach-truc', 'ha-tang.rt');
  assert.doesNotMatch((await other.get('/rach-truc/desk/plates')).text, new RegExp(two));
  assert.equal((await other.post(`/rach-truc/desk/plates/${two}/retire`, { token: hidden((await other.get('/rach-truc/desk/plates')).text, 'token') })).status, 404);
});

test('200 plates at once, from a spreadsheet\'s columns; the same form twice is one sheet; 201 are too many', async () => {
  const lines = Array.from({ length: 200 }, (_, i) => `Khu vực ${(i % 8) + 1}\tĐường số ${i}\tTrụ ${i + 1}`);
  const page = (await officer.get(AT)).text, same = { s: hidden(page, 's'), token: hidden(page, 'token'), kind: 'water' };
  const made = await make('', { ...same, file: `\ufeff${lines.join('\r\n')}\r\n` });
  const html = await sheet(made), all = codes(html);
  assert.equal(all.length, 200);
  assert.equal(new Set(all).size, 200);
  assert.equal((html.match(/<svg class="x-plate__qr"/g) ?? []).length, 200);
  assert.equal((await make('', { ...same, file: lines.join('\n') })).location, made.location);
  assert.equal(codes(await sheet(made)).length, 200);
  const many = await make([...lines, '1; a; b'].join('\n'));
  assert.equal(many.status, 422);
  assert.match(fieldError(many.text, 'lines'), /200/);
  const listed = await officer.get(AT);
  assert.match(listed.text, /href="[^"]*\?after=\w{7}"/);
  assert.equal((await officer.get(unescape(listed.text.match(/href="([^"]*\?after=\w{7})"/)[1]))).status, 200);
});

test('each wrong line is named with its number, nothing is made, and what was typed stays', async () => {
  const typed = '1; Hẻm 7; Cột 1\n99; Hẻm 7; Cột 2\n1; ;\n\nkhông có dấu\n1; Hẻm 7; 012345678901\n1; Hẻm 7; Cột 3; 1, 1\n; Hẻm 7; Cột 4\n1;2;3;4;5;6';
  const before = (await officer.get(AT)).text;
  const r = await make(typed);
  assert.equal(r.status, 422);
  const error = fieldError(r.text, 'lines');
  for (const [line, what] of [[2, 'không có khu vực'], [3, 'cần tên đường'], [5, 'cần khu vực; tên đường'], [6, 'số giấy tờ'], [7, 'ngoài phường'], [8, 'cần khu vực hoặc vị trí'], [9, 'cần khu vực; tên đường']])
    assert.match(error, new RegExp(`Dòng ${line}: [^.]*${what}`), error);
  assert.ok(unescape(r.text).replaceAll('\r', '').includes(typed), 'typed text is kept');
  const count = (t) => (t.match(/x-case"/g) ?? []).length;
  assert.equal(count((await officer.get(AT)).text), count(before));
  assert.equal((await make('', {})).status, 422);
  assert.equal((await make('1; a; b', { kind: 'noise' })).status, 422, 'no plate about neighbours');
  assert.equal((await make('1; a; b', { file: Buffer.from([0xff, 0xfe, 0x41]) })).status, 422);
  assert.equal((await make('1; a; b', { s: 'x' })).status, 403);
  const cross = await make('1; <script>alert(1)</script>; "Cột" & 9');
  assert.doesNotMatch(await sheet(cross), /<script>alert/);
});

test('a kind that is no longer taken, and a khu vực that ended', async () => {
  const [code] = codes(await sheet(await make('1; Hẻm 7; Cột 1')));
  const db = (sql) => x.sql(sql);
  db(`UPDATE plate SET kind = 'gone' WHERE code = '${code}'`);
  const r = await x.client().get(`${WARD}/p/${code}`);
  assert.equal(r.status, 410);
  assert.match(words(r.text), /không còn nhận/);
  assert.match(r.text, /href="\/song-may\/door"/);
  db(`UPDATE plate SET kind = 'lighting', area_id = (SELECT id FROM area WHERE code = '90002-1') WHERE code = '${code}'`);
  const c = x.client(), page = await c.get(`${WARD}/p/${code}`);
  assert.doesNotMatch(words(page.text), /Khu vực/);
  const next = await c.post(`${WARD}/report/what`, { s: hidden(page.text, 's'), text: '', fault: 'dark', go: 'next' });
  assert.match(next.text, /action="[^"]*\/report\/where"/, 'asked where');
});
