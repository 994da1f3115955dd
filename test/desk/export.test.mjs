// What can be downloaded: no original words in any form, and a spreadsheet that is one.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { report, root, signIn, startXom } from '../harness/xom.mjs';
import { casePath, facts, follow, reporter, steps } from '../harness/steps.mjs';

const W = 'song-may';
let x, a, everybody;
before(async () => {
  x = await startXom();
  a = await signIn(x, W, 'ha-tang');
  everybody = x.client();
});
after(async () => { await x.stop(); });

const sheet = (r) => {
  const file = join(x.data, 'list.xlsx');
  writeFileSync(file, r.bytes);
  return JSON.parse(execFileSync('python3', [join(root, 'test/desk/sheet.py'), file], { encoding: 'utf8' }));
};
const sql = (text) => JSON.stringify(x.sql(text, { json: true }));
const lastLook = () => JSON.parse(sql("SELECT what, filter, number FROM look WHERE ward_id = (SELECT id FROM ward WHERE slug = 'song-may') ORDER BY seq DESC LIMIT 1"))[0];

test('a spreadsheet of the desk: texts are texts, days are days, and the look counts its rows', async () => {
  const street = '=HYPERLINK("http://a.vn")';
  const got = await report(x, W, { text: 'CANARYWORDS của người báo', street, landmark: '@CANARYMARK' });
  const r = await a.get(`/${W}/desk.xlsx?queue=new`);
  assert.equal(r.status, 200);
  assert.equal(r.headers.get('content-type'), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
  const rows = sheet(r), head = rows[0].map((c) => c.value);
  assert.deepEqual(head, ['Mã', 'Loại việc', 'Tình trạng', 'Nhận lúc', 'Hạn', 'Quá hạn', 'Khu vực', 'Đường, hẻm', 'Của tôi',
    'Hạn lúc đầu', 'Hạn khi kết thúc', 'Trễ (ngày)', 'Trễ (ngày làm việc)', 'Đồng hồ dừng đến', 'Số tin', 'Từ hai tin trở lên', 'Hạn muộn nhất']);
  const columns = Object.fromEntries(rows[0].map((c) => [c.value, c.column]));
  const row = rows.find((k) => k[0].value === got.code), cell = (name) => row.find((c) => c.column === columns[name]);
  assert.deepEqual([cell('Đường, hẻm').type, cell('Đường, hẻm').value], ['inlineStr', street], 'a text, and whole');
  assert.equal(cell('Tình trạng').value, 'Đã nhận');
  assert.deepEqual([cell('Nhận lúc').type, cell('Nhận lúc').format], ['n', 'dd/mm/yyyy hh:mm']);
  assert.deepEqual([cell('Hạn').type, cell('Hạn').format], ['n', 'dd/mm/yyyy']);
  // Days since 30 December 1899, in the ward's zone.
  const [y, m, d] = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10).split('-').map(Number);
  assert.equal(Math.floor(Number(cell('Nhận lúc').value)), (Date.UTC(y, m - 1, d) - Date.UTC(1899, 11, 30)) / 86400e3);
  assert.doesNotMatch(JSON.stringify(rows), /CANARY/);
  const look = lastLook();
  assert.deepEqual([look.what, look.filter, look.number], ['xlsx', 'queue=new', rows.length - 1]);
  // In English the same, in its words.
  assert.equal(sheet(await a.get(`/${W}/en/desk.xlsx?queue=new`))[0][0].value, 'Code');
});

test('a downloaded list is whole, a page of it is a page', async () => {
  const before = JSON.parse((await a.get(`/${W}/desk.json?queue=unit`)).text);
  const open = before.queues.find((k) => /unit/.test(k.url)).n;
  for (let i = open; i < 53; i++) await report(x, W, { text: 'Đèn.' });
  const all = sheet(await a.get(`/${W}/desk.xlsx?queue=unit`)).length - 1;
  assert.ok(all >= 53, `${all}`);
  assert.equal(lastLook().number, all);
  assert.equal((await a.get(`/${W}/desk.csv?queue=unit`)).text.trim().split('\r\n').length - 1, all);
  assert.equal(JSON.parse((await a.get(`/${W}/desk.json?queue=unit`)).text).cases.length, 50);
});

test('a case for machines holds nothing that the reporter wrote', async () => {
  const got = await report(x, W, { text: 'CANARYWORDS', street: 'Lê Lợi', landmark: 'CANARYMARK' });
  await steps(a, got.code, ['take'], ['ask', { 'ask-text': 'OURQUESTION' }]);
  const c = await follow(x, got);
  const page = await c.get(`/${W}/receipt`), form = new FormData();
  form.set('s', page.text.match(/name="s" value="([^"]+)"/)[1]);
  form.set('answer', 'CANARYANSWER');
  assert.equal((await c.post(`/${W}/receipt/answer`, form)).status, 303);
  await steps(a, got.code, ['close', { 'close-outcome': 'mended', 'close-text': 'OURRESULT' }]);
  assert.equal((await reporter(c, 'reopen', { reason: 'CANARYREOPEN' })).status, 303);
  assert.match((await a.get(casePath(got.code))).text, /CANARYWORDS[\s\S]*CANARYREOPEN[\s\S]*CANARYANSWER/, 'the page has it');
  for (const end of ['.json', '.csv', '.xlsx']) {
    const r = await a.get(`${casePath(got.code)}${end}`);
    assert.equal(r.status, 200, end);
    const text = end === '.xlsx' ? JSON.stringify(sheet(r)) : r.text;
    assert.doesNotMatch(text, /CANARY/, end);
    assert.equal(lastLook().what, end.slice(1));
  }
  const now = await facts(a, got.code);
  assert.equal(now.street, 'Lê Lợi');
  assert.match(JSON.stringify(now.timeline), /OURQUESTION/);
});

test('the public list as a spreadsheet, of what is public', async () => {
  const r = await everybody.get(`/${W}/cases.xlsx`);
  assert.equal(r.status, 200);
  const rows = sheet(r);
  assert.ok(rows.length > 3);
  assert.equal(rows[0][0].value, 'Mã');
  assert.match(rows[1][0].value, /^SM-P-/);
  // Without the right there is none, as of any other form.
  assert.equal((await everybody.get(`/${W}/desk.xlsx`)).status, 401);
  assert.equal((await (await signIn(x, W, 'quan-tri')).get(`/${W}/desk.xlsx`)).status, 404);
  assert.equal((await everybody.get(`/${W}/follow.xlsx`)).status, 200, 'every page has one, as it has a CSV');
});
