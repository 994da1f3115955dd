// The looks as oversight reads and proves them: whole, filtered, page by page; what was far from usual; a row that
// was changed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, onPostgres, report, signIn, startXom, until, words } from '../harness/xom.mjs';

const W = 'song-may', OTHER = 'rach-truc';
let x, oversight, handler, secretary;
before(async () => {
  x = await startXom();
  [oversight, handler, secretary] = await Promise.all(['giam-sat', 'ha-tang', 'thu-ky'].map((who) => signIn(x, W, who)));
});
after(async () => { await x?.stop(); });

const ward = (slug) => x.sql(`SELECT id FROM ward WHERE slug = '${slug}'`);
const day = (at = Number(x.clock.us / 1000n)) => new Date(Date.now() + 7 * 3600e3 + at).toISOString().slice(0, 10);
const read = async (query = '', client = oversight) => {
  const r = await client.get(`/${W}/oversight/looks.json${query}`);
  assert.equal(r.status, 200, `${query}: ${r.status}`);
  return JSON.parse(r.text);
};
// All pages of a filter.
async function all(query) {
  const rows = [];
  for (let page = await read(query); ; page = await read(page.more.replace(/^.*looks\?/, '?').replace(/#.*$/, ''))) {
    rows.push(...page.looks);
    if (!page.more) return rows;
  }
}

test('what everybody looked at is there, newest first, and reading it is there too', async () => {
  const lamp = await report(x, W, { text: 'Đèn tắt ở đầu hẻm.' });
  await handler.get(`/${W}/desk/case/${lamp.code}`);
  await secretary.get(`/${W}/desk/case/${lamp.code}`);
  await handler.get(`/${W}/desk?queue=unit&words=bóng đèn`);
  await handler.get(`/${W}/desk.csv?queue=unit`);
  const html = (await oversight.get(`/${W}/oversight/looks`)).text;
  assert.match(words(html), /cán bộ xử lý.*tìm kiếm.*“bóng đèn”/);
  const { looks } = await read();
  assert.equal(looks[0].what, 'looks', 'the page before');
  assert.deepEqual(looks.slice(1, 5).map((l) => [l.role, l.what]), [['handler', 'csv'], ['handler', 'search'], ['secretary', 'case'], ['handler', 'case']]);
  assert.equal(looks[4].code, lamp.code);
  assert.ok(!/Ha Tang|giam-sat|thu-ky/.test(html), 'nobody is named');
  assert.notEqual(looks[3].mark, looks[4].mark);
  assert.equal(looks[2].mark, looks[4].mark);
  // The same look several times in a row stands once on the page, with how often; the JSON has each.
  for (let i = 0; i < 5; i += 1) await handler.get(`/${W}/desk/case/${lamp.code}`);
  const folded = (await oversight.get(`/${W}/oversight/looks?role=handler`)).text;
  assert.match(words(folded), /trang vụ việc \S+ × 5/);
  assert.equal((folded.match(/<details/g) ?? []).length, 1, 'a day is a fold');
  assert.match(folded, /<details[^>]* open>/);
  assert.match(folded, /looks\/verify\?from=[^"]*role=handler/, 'the proof keeps the filter');
  assert.equal((await read(`?case=${lamp.code.toLowerCase()}`)).looks.length, 7);
  for (const r of await all('?role=secretary')) assert.equal(r.role, 'secretary');
  assert.deepEqual([...new Set((await all('?what=search')).map((r) => r.what))], ['search']);
  assert.ok((await read('?unit=ha-tang')).looks.every((r) => r.unit === 'Tổ Hạ tầng đô thị'));
  const csv = (await oversight.get(`/${W}/oversight/looks.csv`)).text;
  assert.match(csv, /secretary/);
  assert.equal((await read()).looks[0].what, 'csv');
  // Its reporter sees role, unit and day.
  const receipt = await x.client().post(`/${W}/follow`, { code: lamp.code, pin: lamp.pin }, { follow: true });
  assert.match(words(receipt.text), /thư ký ban chỉ đạo/);
});

test('one person has one mark, in whatever role and unit; what was filtered by stands in words, without a number of the database', async () => {
  const w = ward(W), mark = async (query) => [...new Set((await all(query)).map((l) => l.mark))];
  // The handler is of the khu vực's team, too: as that they look with another role.
  const before_ = await mark('?role=handler');
  assert.equal(before_.length, 1);
  x.verb(['user', 'role', '--ward', W, '--login', 'ha-tang', '--role', 'police', '--from', '2025-01-01']);
  handler = await signIn(x, W, 'ha-tang');
  await handler.get(`/${W}/agency`);
  x.verb(['user', 'role', '--ward', W, '--login', 'ha-tang', '--role', 'police', '--end', '2025-01-01']);
  handler = await signIn(x, W, 'ha-tang');
  assert.deepEqual(await mark('?role=police'), before_, 'the same person');
  assert.equal(Number(x.sql(`SELECT COUNT(DISTINCT pseudonym) FROM look WHERE ward_id = ${w} AND role IN (5, 6)`)), 2, 'the rows keep what the chain is over');
  // As people say it: no number, no name of the program's own.
  const last = Number(x.sql(`SELECT MAX(seq) FROM look WHERE ward_id = ${w}`)), at = BigInt(x.sql(`SELECT MAX(at) FROM look WHERE ward_id = ${w}`));
  const hash = onPostgres ? `'\\x${'ab'.repeat(32)}'` : `x'${'ab'.repeat(32)}'`;
  const kept = [['shift', '251777000000001'], ['list', 'area'], ['list', 'mediation'], ['list', 'holds'], ['list', 'agency'], ['list', 'flood=251777000000001'], ['list', 'lost day=20780&area=1'], ['list', 'near kind=lighting&area=1'], ['list', 'due=week'], ['redress', (await report(x, W, { text: 'Đèn tắt.' })).code]];
  x.sql(kept.map(([what, filter], i) => `INSERT INTO look (ward_id, seq, at, pseudonym, key_no, role, unit_id, what, case_id, filter, number, hash) VALUES (${w}, ${last + 1 + i}, ${at + 1n + BigInt(i)}, ${hash}, 1, 11, NULL, '${what}', NULL, '${filter}', 1, ${hash})`).join(';'));
  const page = words((await oversight.get(`/${W}/oversight/looks?role=mediator`)).text), told = page.slice(page.indexOf('lần xem trên trang này'), page.indexOf('Cùng một dấu'));
  assert.doesNotMatch(told, /251777|20780|\b(area|mediation|holds|agency|flood|lost|near|due|week|kind)\b/, told);
  for (const said of [/sổ giao ca ngày \d\d\/\d\d\/\d{4}/, /việc của khu vực/, /hòa giải/, /yêu cầu giữ lại/, /yêu cầu của cơ quan/, /đợt gửi hàng loạt ngày/, /giấy hẹn bị mất, \d\d\/\d\d\/\d{4}/, /gần đó.*Đèn đường/, /theo số/]) assert.match(told, said);
  x.sql(`DELETE FROM look WHERE ward_id = ${w} AND seq > ${last}`);
});

test('pages fit together, and the filter says what is wrong with it', async () => {
  x.sql(`DELETE FROM look_day`);
  const n = Number(x.sql(`SELECT COUNT(*) FROM look WHERE ward_id = ${ward(W)}`));
  for (let i = n; i < 130; i += 1) await handler.get(`/${W}/desk?queue=new`);
  const to = day(), rows = await all(`?from=2020-01-01&to=${to}`);
  assert.ok(rows.length >= 130);
  assert.deepEqual(rows.map((r) => r.at), [...rows.map((r) => r.at)].sort().reverse());
  const there = x.sql(`SELECT what FROM look WHERE ward_id = ${ward(W)} ORDER BY at DESC, seq DESC`).split('\n');
  assert.deepEqual(rows.map((r) => r.what), there.slice(there.length - rows.length), 'none is doubled or left out');
  const bad = (await oversight.get(`/${W}/oversight/looks?from=x&case=SM-26-AAAAA`)).text;
  assert.match(words(bad), /Ngày phải viết như 26\/11\/2026/);
  assert.match(words(bad), /Không có vụ việc nào mang mã này/);
  assert.match(bad, /value="SM-26-AAAAA"/, 'what was typed is kept');
  assert.match(words((await oversight.get(`/${W}/oversight/looks?from=2026-05-02&to=2026-05-01`)).text), /Ngày đầu phải đứng trước/);
  assert.match(words((await oversight.get(`/${W}/oversight/looks?from=1/1/2020&to=2/1/2020`)).text), /Không có lần xem nào như vậy/);
  for (const q of ['?role=king', '?what=gaze', '?unit=none', '?at=x&after=1']) assert.equal((await oversight.get(`/${W}/oversight/looks${q}`)).status, 404, q);
});

test('by one press the chain is proved, and a changed row is found; on the machine, too', async () => {
  const press = async () => {
    const token = hidden((await oversight.get(`/${W}/oversight/looks`)).text, 'token');
    const r = await oversight.post(`/${W}/oversight/looks/verify`, { token });
    assert.equal(r.status, 303);
    return until('the proof has ended', async () => { const { check } = await read(); return check?.running ? undefined : check; });
  };
  const good = await press();
  assert.ok(good.good && good.faults === 0 && good.looks > 100, JSON.stringify(good));
  assert.match(words((await oversight.get(`/${W}/oversight/looks`)).text), /Không có dòng nào bị sửa hay bị bỏ/);
  assert.match(x.verb(['verify', '--looks', '--ward', W]), /looks, \d+ heads: 0 faults/);
  const seq = Number(x.sql(`SELECT seq FROM look WHERE ward_id = ${ward(W)} AND what = 'search' ORDER BY seq LIMIT 1`));
  x.sql(`UPDATE look SET number = number + 1 WHERE ward_id = ${ward(W)} AND seq = ${seq}`);
  const bad = await press();
  assert.equal(bad.faults, 1);
  assert.match(bad.said[0].text, new RegExp(`look ${seq}: the chain of looks is broken`));
  assert.match(words((await oversight.get(`/${W}/oversight/looks`)).text), /Có 1 chỗ không khớp/);
  assert.match(x.verb(['verify', '--looks', '--ward', W], { status: 1 }), new RegExp(`look ${seq}.*\\n.*1 faults`));
  x.sql(`UPDATE look SET number = number - 1 WHERE ward_id = ${ward(W)} AND seq = ${seq}`);
  // What administrators did and what was erased is proved by the same press.
  const row = x.sql(`SELECT MAX(seq) FROM admin_log WHERE ward_id = ${ward(W)}`);
  x.sql(`UPDATE admin_log SET act = act + 1 WHERE ward_id = ${ward(W)} AND seq = ${row}`);
  const log = await press();
  assert.equal(log.faults, 1, JSON.stringify(log));
  assert.match(log.said[0].text, new RegExp(`row ${row} of the administrators' log: the chain is broken`));
  x.sql(`UPDATE admin_log SET act = act - 1 WHERE ward_id = ${ward(W)} AND seq = ${row}`);
  assert.equal((await press()).faults, 0);
  assert.match(x.verb(['verify', '--looks', '--ward', OTHER]), /0 faults/);
});

test('a matter about somebody who works here: its looks are told to whoever has it alone', async () => {
  const r = await report(x, W, { staff: 'yes', subject: 'unit:moi-truong', text: 'Việc về người ở tổ này.' });
  const chair = await signIn(x, W, 'chu-tich');
  assert.equal((await chair.get(`/${W}/desk/case/${r.code}`)).status, 200, 'the chair has it by rule');
  assert.equal(Number(x.sql(`SELECT COUNT(*) FROM look l JOIN ward_case c ON c.ward_id = l.ward_id AND c.id = l.case_id WHERE c.code = '${r.code}'`)), 1);
  assert.ok(!(await all('?role=chair')).some((l) => l.what === 'case'));
  const none = (await oversight.get(`/${W}/oversight/looks?case=SM-26-AAAAA`)).text, own = (await oversight.get(`/${W}/oversight/looks?case=${r.code}`)).text;
  assert.equal(words(own).replaceAll(r.code, ''), words(none).replaceAll('SM-26-AAAAA', ''), 'as if there were none');
});

test('what was far from usual is a counted fact, of no named person', async () => {
  const w = ward(W), today = Math.floor((Date.now() + 7 * 3600e3) / 86400e3) + Math.floor(Number(x.clock.us / 86400000000n));
  const night = (BigInt(today) * 86400000000n) - 7n * 3600000000n + 2n * 3600000000n;      // two o'clock
  // A secretary who reads nine cases by night.
  const cases = x.sql(`SELECT id FROM ward_case WHERE ward_id = ${w} AND listed = 1 ORDER BY id LIMIT 9`).split('\n');
  assert.equal(cases.length, 9);
  const last = Number(x.sql(`SELECT MAX(seq) FROM look WHERE ward_id = ${w}`)), mark = onPostgres ? `'\\x${'aa'.repeat(32)}'` : `x'${'aa'.repeat(32)}'`;
  x.sql(cases.map((c, i) => `INSERT INTO look (ward_id, seq, at, pseudonym, key_no, role, unit_id, what, case_id, filter, number, hash) VALUES (${w}, ${last + 1 + i}, ${night + BigInt(i)}, ${mark}, 1, 7, NULL, 'case', ${c}, '', 1, ${mark})`).join(';'));
  x.clock.move(1);
  oversight = await signIn(x, W, 'giam-sat');
  const facts = await until('the night has counted', async () => {
    const { facts: list } = await read(`?from=${day(Number(x.clock.us / 1000n) - 86400e3)}`);
    return list?.some((f) => f.role === 'secretary') ? list : undefined;
  });
  const of = Object.fromEntries(facts.filter((f) => f.role === 'secretary' && f.mark.startsWith('aa')).map((f) => [f.measure, f]));
  assert.equal(of.cases, undefined, 'under the least number');
  assert.equal(of.away.n, 9, 'cases of other units in which nothing was done');
  assert.equal(of.night.n, 9);
  assert.equal(of.searches, undefined);
  const html = words((await oversight.get(`/${W}/oversight/looks?from=${day(Number(x.clock.us / 1000n) - 86400e3)}`)).text);
  assert.match(html, /Mở 9 vụ của tổ khác mà không làm gì ở đó; vai trò này thường mở \d+ vụ như vậy một ngày/);
});
