// A case's clock on the pages of desk, resident and everybody: a question, another authority and an extension, both
// dates, "why this date?", lateness after closing; and the calculator. Days are counted here by hand from the
// calendars' lines.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { hidden, report, root, signIn, startXom, words } from '../harness/xom.mjs';
import { advised, casePath, facts, fieldError, follow, step, steps } from '../harness/steps.mjs';
import { addDays, areas, moveTo, today } from '../stats/stats.mjs';

const W = 'song-may';
const off = new Set(), worked = new Set();
for (const f of readdirSync(`${root}/calendars`).filter((n) => /^vn-\d+/.test(n))) {
  let into = null;
  for (const line of readFileSync(`${root}/calendars/${f}`, 'utf8').split('\n')) {
    const key = line.match(/^(\w+):/)?.[1];
    if (key) into = { off, to_confirm: off, worked }[key] ?? null;
    const day = line.match(/\d{4}-\d\d-\d\d/)?.[0];
    if (!key && into && day && /^\s*-/.test(line)) into.add(day);
  }
}
const weekday = (d) => new Date(`${d}T00:00:00Z`).getUTCDay();
const works = (d) => worked.has(d) || (!off.has(d) && ![0, 6].includes(weekday(d)));
// The n-th working day after `d`, the days in (from, to] of each pause left out.
function working(d, n, pauses = []) {
  for (let left = n; left > 0;) { d = addDays(d, 1); if (works(d) && !pauses.some(([a, b]) => d > a && d <= b)) left -= 1; }
  return d;
}
const people = (d) => `${d.slice(8)}/${d.slice(5, 7)}/${d.slice(0, 4)}`;

let x, a, start, road;
const at = async (day) => { moveTo(x, day); a = await signIn(x, W, 'ha-tang'); };
const receipt = async (of, end = '') => (await (await follow(x, of)).get(`/${W}/receipt${end}`)).text;
const json = async (of) => JSON.parse(await receipt(of, '.json'));
before(async () => {
  x = await startXom();
  start = addDays(today(x), 3);
  while (weekday(start) !== 1 || !works(start)) start = addDays(start, 1);
  await at(start);
  const [area] = await areas(x, W);
  road = await report(x, W, { kind: 'road', area, text: 'Ổ gà to.' });
  await steps(a, road.code, ['take']);
});
after(async () => { await x.stop(); });

test('a question stops it, the answer starts it again, and both dates stand everywhere', async () => {
  const first = working(start, 10);
  assert.equal((await json(road)).due, first);
  assert.ok(!words(await receipt(road)).includes('Hạn lúc đầu'), 'nothing moved yet');
  const asked = addDays(start, 1), answered = addDays(start, 3);
  await at(asked);
  await steps(a, road.code, ['ask', { 'ask-text': 'Ở đoạn nào?' }]);
  await a.settle(casePath(road.code));
  let mine = await json(road);
  assert.equal(mine.due, working(start, 10, [[asked, addDays(asked, 10)]]));
  assert.equal(mine.clock.first, first);
  assert.equal(mine.clock.paused, addDays(asked, 10));
  assert.match(words(await receipt(road)), /Đang chờ người báo trả lời\. Đồng hồ đang dừng/);
  await at(answered);
  const c = await follow(x, road);
  const form = new FormData();
  form.set('s', hidden((await c.get(`/${W}/receipt`)).text, 's'));
  form.set('answer', 'Trước số nhà trên đường.');
  assert.equal((await c.post(`/${W}/receipt/answer`, form)).status, 303);
  const due = working(start, 10, [[asked, answered]]);
  mine = await json(road);
  assert.equal(mine.due, due);
  assert.equal(mine.clock.first, first);
  assert.equal(mine.clock.paused ?? null, null);
  const page = await receipt(road);
  assert.match(words(page), new RegExp(`Hạn lúc đầu: ${people(first)}`));
  const days = mine.clock.traces[0].lines;
  assert.equal(days[0].what, 'event');
  assert.equal(days[0].from, start);
  const stood = days.find((d) => d.what === 'paused_resident');
  assert.deepEqual([stood.from, stood.to, stood.who], [addDays(asked, 1), answered, 'cán bộ xử lý, Tổ Hạ tầng đô thị']);
  assert.equal(days.at(-1).to, due);
  assert.match(days.at(-1).n, /10\/10$/);
  for (let i = 1; i < days.length; i += 1) assert.equal(days[i].from, addDays(days[i - 1].to, 1), 'no day is left out');
  const desk = await facts(a, road.code);
  assert.equal(desk.due, due);
  assert.deepEqual(desk.clock.traces[0].lines.map((d) => d.from), days.map((d) => d.from));
  const everybody = JSON.parse((await x.client().get(`/${W}/case/${desk.public_code}.json`)).text);
  assert.equal(everybody.clock.first, first);
  assert.equal(everybody.clock.traces[0].due, due);
});

test('both waited for: told on each day on which both stand, and every date reckoned to a cap is the latest one', async () => {
  const [area] = await areas(x, W), day = today(x);
  const both = await report(x, W, { kind: 'road', area, text: 'Hố ga mất nắp.' }), seen = async (path, who = a) => words((await who.get(path)).text);
  const LATEST = 'là muộn nhất; có trả lời thì sớm hơn';
  await steps(a, both.code, ['take']);
  assert.ok(!words(await receipt(both)).includes(LATEST), 'it runs: the date is the date');
  await steps(a, both.code, ['pause', { 'pause-text': 'Chờ cấp nước.' }]);
  await at(addDays(day, 1));
  await steps(a, both.code, ['ask', { 'ask-text': 'Nắp nào?' }]);
  await a.settle(casePath(both.code));
  const mine = await json(both), { public_code: code } = await facts(a, both.code);
  assert.deepEqual(mine.clock.traces[0].lines.filter((l) => /^paused/.test(l.what)).map((l) => [l.what, l.from, l.to]),
    [['paused_authority', addDays(day, 1), addDays(day, 1)], ['paused_authority', addDays(day, 2), addDays(day, 11)], ['paused_authority', addDays(day, 12), addDays(day, 20)]]);
  const page = words(await receipt(both));
  assert.match(page, /Đang chờ cơ quan khác trả lời\. Đang chờ người báo trả lời\. Đồng hồ đang dừng/);
  assert.match(page, /dừng: chờ cơ quan khác và chờ người báo trả lời \(lâu nhất; có trả lời thì ngắn hơn\)/);
  for (const shown of [page, await seen(casePath(both.code)), await seen(`/${W}/desk?queue=unit`), await seen(`/${W}/case/${code}`, x.client())])
    assert.ok(shown.includes(`${people(mine.due)} ${LATEST}`), shown.slice(0, 300));
  await at(addDays(day, 21));
  assert.ok(!words(await receipt(both)).includes(LATEST), 'past both caps it is the date');
  await at(day);
});

test('a week that a case falls due in while its clock stands: on the page and in the file it is the latest date', async () => {
  const [area] = await areas(x, W), day = today(x), LATEST = 'là muộn nhất; có trả lời thì sớm hơn';
  const lamp = await report(x, W, { area, text: 'Đèn tắt.' });
  await steps(a, lamp.code, ['take']);
  const due = (await json(lamp)).due;
  await at(addDays(due, -1));
  await steps(a, lamp.code, ['ask', { 'ask-text': 'Cột nào?' }]);
  await a.settle(casePath(lamp.code));
  const { due: last, clock } = await json(lamp);
  await at(addDays(clock.paused, -1));
  const row = JSON.parse((await a.get(`/${W}/desk/week.json`)).text).cases.find((c) => c.code === lamp.code);
  assert.deepEqual([row.due, row.latest], [last, LATEST]);
  const page = words((await a.get(`/${W}/desk/week`)).text);
  assert.match(page, new RegExp(`${lamp.code}[\\s\\S]{0,80}${people(last)} ${LATEST}`));
  const event = (await a.get(`/${W}/desk/week.ics`)).text.replace(/\r\n /g, '').split('BEGIN:VEVENT').find((e) => e.includes(lamp.code));
  assert.match(event, /DESCRIPTION:còn \d ngày làm việc\\nlà muộn nhất\\; có trả lời thì sớm hơn\r\n/);
  await at(day);
});

test('another authority: a reason is needed, the resident reads it, the public does not; past the cap it runs again', async () => {
  const day = today(x);
  let r = await step(a, road.code, 'pause', { 'pause-text': ' ' });
  assert.equal(r.status, 422);
  fieldError(r.text, 'pause-text');
  advised(await step(a, road.code, 'pause', { 'pause-text': 'Chờ ông Tám dời cột' }), 'pause-text', 'Tám');
  await steps(a, road.code, ['pause', { 'pause-text': 'WAITFOR điện lực dời cột' }]);
  const page = await facts(a, road.code);
  assert.ok(!page.actions.some((s) => s.id === 'pause') && page.actions.some((s) => s.id === 'resume'));
  assert.equal((await json(road)).clock.paused, addDays(day, 20));
  assert.match(words(await receipt(road)), /WAITFOR điện lực/);
  assert.match(await receipt(road), /<q>WAITFOR điện lực/);
  const shown = await x.client().get(`/${W}/case/${page.public_code}?n=1`);
  assert.match(words(shown.text), /Đang chờ cơ quan khác trả lời/);
  assert.ok(!shown.text.includes('WAITFOR') && !(await x.client().get(`/${W}/case/${page.public_code}.json?n=1`)).text.includes('WAITFOR'));
  const other = await signIn(x, W, 'moi-truong');
  r = await other.post(`${casePath(road.code)}/resume`, { token: hidden((await other.get(`/${W}/desk`)).text, 'token'), version: '1', seen: '1' });
  assert.equal(r.status, 404, 'another unit');
  await at(addDays(day, 21));
  assert.equal((await json(road)).clock.paused ?? null, null, 'the cap is over');
  await steps(a, road.code, ['resume']);
  const stood = (lines) => lines.filter((l) => l.what === 'paused_authority').map((l) => [l.from, l.to, l.who, l.why]);
  const who = 'cán bộ xử lý, Tổ Hạ tầng đô thị', days = [addDays(day, 1), addDays(day, 20)];
  assert.deepEqual(stood((await json(road)).clock.traces[0].lines), [[...days, who, 'WAITFOR điện lực dời cột']], 'by whom and why');
  assert.deepEqual(stood(JSON.parse((await x.client().get(`/${W}/case/${page.public_code}.json?n=2`)).text).clock.traces[0].lines), [[...days, who, undefined]]);
  assert.match(words(await receipt(road)), /dừng: chờ cơ quan khác cán bộ xử lý, Tổ Hạ tầng đô thị[^.]{0,20}WAITFOR điện lực/);
  r = await step(a, road.code, 'pause', { 'pause-text': 'Chờ nữa' });
  assert.equal(r.status, 422, 'the cap is used up');
  assert.match(words(r.text), /đã dừng hết số ngày/);
  assert.match(words(r.text), /Chờ nữa/, 'what was typed is kept');
});

test('extended as often as the rule says, not once more; no form has a date', async () => {
  const before = (await json(road)).due;
  let page = await facts(a, road.code);
  const form = page.actions.find((s) => s.id === 'extend');
  assert.equal(form.fields.length, 1);
  assert.match(form.fields[0].hint, /5 ngày làm việc/);
  advised(await step(a, road.code, 'extend', { 'extend-text': 'MORE xe của ông Tám chưa về' }), 'extend-text', 'Tám');
  assert.equal((await json(road)).due, before, 'nothing was done yet');
  await steps(a, road.code, ['extend', { 'extend-text': 'MORE xe của ông Tám chưa về', 'extend-text-advised': '1' }]);
  assert.equal((await json(road)).due, working(before, 5));
  await steps(a, road.code, ['extend', { 'extend-text': 'MORE mưa' }]);
  assert.equal((await json(road)).due, working(working(before, 5), 5));
  page = await facts(a, road.code);
  assert.ok(!page.actions.some((s) => s.id === 'extend'));
  const more = await step(a, road.code, 'extend', { 'extend-text': 'MORE' });
  assert.equal(more.status, 422);
  assert.match(words(more.text), /gia hạn hết số lần/);
  assert.match(words(await receipt(road)), /gia hạn lần 2/);
  assert.match(words(await receipt(road)), /MORE mưa/);
});

test('late, it cannot be extended any more; closed, it still says how late it was', async () => {
  const [area] = await areas(x, W);
  const lamp = await report(x, W, { area });
  await steps(a, lamp.code, ['take']);
  const due = (await json(lamp)).due, end = working(due, 3);
  await at(addDays(due, 1));
  assert.equal((await step(a, lamp.code, 'extend', { 'extend-text': 'x' })).status, 422);
  await at(end);
  assert.match(words((await a.get(casePath(lamp.code))).text), /Đã quá hạn/);
  const { public_code: code } = await facts(a, lamp.code);
  const closing = new FormData();
  const html = (await a.get(casePath(lamp.code))).text;
  for (const n of ['token', 'version', 'seen']) closing.set(n, hidden(html, n));
  closing.set('close-outcome', 'mended');
  closing.set('close-text', 'Đã thay bóng.');
  assert.equal((await a.post(`${casePath(lamp.code)}/close`, closing)).status, 303);
  await a.settle(casePath(lamp.code));
  await at(addDays(end, 5));
  const late = Math.round((Date.parse(end) - Date.parse(due)) / 86400000);
  const said = new RegExp(`Xong trễ hạn ${late} ngày \\(3 ngày làm việc\\)`);
  assert.match(words((await a.get(casePath(lamp.code))).text), said);
  assert.match(words(await receipt(lamp)), said);
  assert.match(words((await x.client().get(`/${W}/case/${code}`)).text), said);
  const mine = await json(lamp);
  assert.equal(mine.clock.ended, due);
  assert.deepEqual([mine.clock.late_days, mine.clock.late_working], [late, 3]);
  const listed = JSON.parse((await a.get(`/${W}/desk.json?queue=closed`)).text).cases.find((c) => c.code === lamp.code);
  assert.deepEqual([listed.ended_due, listed.first_due, listed.late_days, listed.late_working], [due, due, late, 3]);
  assert.match((await a.get(`/${W}/desk.csv?queue=closed`)).text.split('\r\n')[0], /late_days,late_working/);
  const everybody = JSON.parse((await x.client().get(`/${W}/cases.json?n=2`)).text).cases.find((c) => c.code === code);
  assert.deepEqual([everybody.ended_due, everybody.late_working], [due, 3]);
  assert.match((await x.client().get(`/${W}/cases.csv?n=2`)).text.split('\r\n')[0], /first_due,ended_due,late_days,late_working/);
});

test('the calculator counts the same, in both languages, and says what it cannot know', async () => {
  const c = x.client();
  const ask = async (query, end = '') => c.get(`/${W}/clock${end}?${query}`);
  const tet = JSON.parse((await ask('kind=lighting&day=2026-02-13', '.json')).text); // the eve of Tết
  const closing = tet.traces.at(-1);
  assert.equal(closing.due, '2026-02-27');
  assert.deepEqual(closing.lines.map((l) => [l.what, l.from, l.to]), [['event', '2026-02-13', '2026-02-13'], ['weekend', '2026-02-14', '2026-02-15'], ['holiday', '2026-02-16', '2026-02-20'], ['weekend', '2026-02-21', '2026-02-22'], ['counted', '2026-02-23', '2026-02-27']]);
  assert.equal(closing.lines.at(-1).n, '1–5/5');
  assert.equal(closing.lines[2].note, 'Tết Bính Ngọ');
  assert.match(words((await ask('kind=lighting&day=13/02/2026')).text), /Thứ Hai 23\/02 – Thứ Sáu 27\/02 tính 1–5\/5/);
  assert.match(words((await c.get(`/${W}/en/clock?kind=lighting&day=13/02/2026`)).text), /weekend/);
  assert.match(words((await ask('kind=lighting')).text), /gửi hôm nay/);
  assert.match(words((await ask('kind=lighting&day=2060-01-04')).text), /Chưa có lịch nghỉ năm 2060/);
  for (const [day, said] of [['29/02/2026', 'Không có ngày này'], ['2026-02-29', 'Không có ngày này'], ['26.11.2026', 'Ghi ngày như'], ['1/1/1999', 'Ghi ngày như']])
    assert.match(words((await ask(`kind=lighting&day=${day}`)).text), new RegExp(said), day);
  assert.match(words((await c.get(`/${W}/en/clock?kind=lighting&day=29/02/2026`)).text), /There is no such day/);
  for (const [query, field] of [['kind=lighting&day=30/02/2026', 'day'], ['kind=lighting&day=hôm nay', 'day'], ['kind=lighting&day=1/1/99999', 'day'], ['kind=assembly&day=2026-02-13', 'kind']]) {
    const r = await ask(query);
    assert.equal(r.status, 422, query);
    fieldError(r.text, field);
  }
  assert.match((await c.get(`/${W}/`)).text, /href="\/song-may\/clock\?kind=lighting"/);
});

test('a server in another time zone says the same', async () => {
  const y = await startXom({ env: { TZ: 'America/Sao_Paulo' }, demo: true });
  try {
    const q = '/clock.json?kind=road&day=2026-12-21';
    const [one, two] = [await x.client().get(`/${W}${q}`), await y.client().get(`/${W}${q}`)];
    assert.equal(two.text, one.text);
    moveTo(y, today(x));
    const mine = await report(y, W, { text: 'Đèn tắt.' }), here = await report(x, W, { text: 'Đèn tắt.' });
    const due = async (s, of) => JSON.parse((await (await follow(s, of)).get(`/${W}/receipt.json`)).text).due;
    assert.equal(await due(y, mine), await due(x, here));
  } finally { await y.stop(); }
});
