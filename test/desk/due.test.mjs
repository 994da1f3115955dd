// What falls due, as its officer, its unit's head and the chair are told: in office hours alone, once a
// due value, also with the job killed in the middle and, where two servers share the database, with both.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { onPostgres, report, signIn, startXom, until, words } from '../harness/xom.mjs';
import { casePath, facts, follow, reporter, steps } from '../harness/steps.mjs';
import { addDays, areas, publicCases, today } from '../stats/stats.mjs';

const W = 'song-may', ZONE = 7 * 3600000;
let x, area, lamp, nobodys, noise, start;
// Moves the clock to an hour of a day of the ward.
const moveTo = (day, clock) => x.clock.set(BigInt(Date.parse(`${day}T${clock}:00Z`) - ZONE - Date.now()) * 1000n);
const json = async (who, path) => JSON.parse((await who.get(`/${W}${path}.json`)).text);
const find = (list, code) => list.cases.find((c) => c.code === code);
const told = () => x.sql(`SELECT c.code, n.level FROM notice n JOIN ward_case c ON c.ward_id = n.ward_id AND c.id = n.case_id WHERE c.code IN ('${lamp.code}', '${nobodys.code}', '${noise.code}') ORDER BY 1, 2`).split('\n').filter(Boolean);
const levels = (code) => told().filter((l) => l.startsWith(code)).map((l) => Number(l.split('|')[1]));
// The job has looked at this moment: nothing that counts by now is left.
const looked = () => until('the job', () => x.sql(`SELECT count(*) FROM escalation WHERE next_at <= ${BigInt(Date.now()) * 1000n + x.clock.us}`) === '0');

before(async () => {
  x = await startXom();
  [area] = await areas(x, W);
  // The Monday after the next one: what of the demo counts before is told by then.
  start = addDays(today(x), 14);
  while (new Date(`${start}T00:00:00Z`).getUTCDay() !== 1) start = addDays(start, 1);
  moveTo(start, '09:00');
  const a = await signIn(x, W, 'ha-tang');
  lamp = await report(x, W, { area, street: 'Hẻm 7', text: 'DUEWORDS đèn tắt.' });
  nobodys = await report(x, W, { area, street: 'Hẻm 8' });
  noise = await report(x, W, { kind: 'noise', area });
  await steps(a, lamp.code, ['take']);
});
after(async () => { await x.stop(); });

test('nothing is told before half of the time is used', async () => {
  await looked();
  const a = await signIn(x, W, 'ha-tang');
  assert.deepEqual(told(), []);
  assert.equal(find(await json(a, '/desk/due'), lamp.code), undefined);
});

test('half used: who works on it; nobody took it: the unit; on the queues\' page, too', async () => {
  // W(2) of the one that nobody took: until Wednesday; W(5) of the taken one: until Monday.
  moveTo(addDays(start, 3), '10:00');
  await looked();
  assert.deepEqual(levels(lamp.code), [50]);
  assert.deepEqual(levels(nobodys.code), [50, 80, 100]);
  const a = await signIn(x, W, 'ha-tang'), colleague = await signIn(x, W, 'ha-tang-2'), other = await signIn(x, W, 'moi-truong');
  const mine = await json(a, '/desk/due');
  assert.equal(find(mine, lamp.code).level, 50);
  assert.ok(!find(mine, lamp.code).late);
  assert.equal(find(mine, nobodys.code).level, 100);
  assert.equal(find(mine, nobodys.code).late_working, 1);
  assert.equal(mine.cases.filter((c) => c.code === lamp.code).length, 1, 'one row a case');
  const toldAt = mine.cases.map((c) => c.told);
  assert.deepEqual(toldAt, [...toldAt].sort().reverse(), 'newest first');
  const his = await json(colleague, '/desk/due');
  assert.equal(find(his, lamp.code), undefined, 'a colleague took it');
  assert.ok(find(his, nobodys.code));
  for (const code of [lamp.code, nobodys.code]) assert.equal(find(await json(other, '/desk/due'), code), undefined);
  const queues = await a.get(`/${W}/desk`);
  assert.match(words(queues.text), /Sắp đến hạn và quá hạn \d+ /);
  assert.match(words((await a.get(`/${W}/en/desk`)).text), /Falls due or late \d+ /);
  assert.equal((await json(a, '/desk/news')).counts.find((c) => c.name === 'due').n, mine.n);
  for (const r of [await a.get(`/${W}/desk/due`), await a.get(`/${W}/desk/due.csv`), await a.get(`/${W}/desk/due.xlsx`)]) {
    assert.equal(r.status, 200);
    assert.ok(!r.text.includes('DUEWORDS'), 'no words of a report');
  }
});

test('the head sees from four fifths on what of the unit it is, the officer and the chair not yet', async () => {
  moveTo(addDays(start, 4), '15:30');
  await looked();
  const head = await signIn(x, W, 'to-truong'), a = await signIn(x, W, 'ha-tang');
  assert.deepEqual(levels(lamp.code), [50], 'four fifths are used at 15:42');
  assert.equal(find(await json(head, '/desk/unit'), lamp.code), undefined);
  moveTo(addDays(start, 6), '23:00');
  // Sunday night: it is told on Monday.
  await looked();
  assert.deepEqual(levels(lamp.code), [50]);
  moveTo(addDays(start, 7), '07:45');
  await looked();
  assert.deepEqual(levels(lamp.code), [50, 80]);
  const head2 = await signIn(x, W, 'to-truong');
  const seen = find(await json(head2, '/desk/unit'), lamp.code);
  assert.equal(seen.level, 80);
  assert.match(seen.officer, /Lan/);
  assert.equal(find(await json(head2, '/desk/unit'), noise.code), undefined, 'another unit\'s');
  const unitLooks = () => Number(x.sql("SELECT COUNT(*) FROM look WHERE filter = 'due=unit'")), was = unitLooks();
  assert.match(words((await head2.get(`/${W}/desk/unit`)).text), /hạn chót hôm nay/);
  assert.equal(unitLooks(), was + 1, 'the page is a look');
  for (const login of ['ha-tang', 'an-toan', 'chu-tich', 'quan-tri', 'cong-an']) assert.equal((await (await signIn(x, W, login)).get(`/${W}/desk/unit`)).status, 404, login);
  const chair = await signIn(x, W, 'chu-tich');
  assert.equal(find(await json(chair, '/chair'), lamp.code), undefined);
});

test('late: the chair learns code, kind, unit and days; of a quarrel nothing; the public figure at midnight', async () => {
  const before_ = Number((await json(await signIn(x, W, 'chu-tich'), '/chair')).overdue);
  moveTo(addDays(start, 8), '00:30');
  const night = await signIn(x, W, 'chu-tich');
  assert.ok((await json(night, '/chair')).overdue > before_, 'the total is a fact of the day');
  await looked();
  assert.deepEqual(levels(lamp.code), [50, 80], 'but nobody is told at night');
  // The head's list goes by the clock: as many late ones as the desk says, the one that nobody was told of yet among them, and when that will be.
  const head = await signIn(x, W, 'to-truong');
  const unit = await json(head, '/desk/unit'), page1 = words((await head.get(`/${W}/desk/unit`)).text);
  assert.ok(find(unit, lamp.code).late && unit.n >= unit.cases.length);
  assert.equal(unit.cases.filter((c) => c.late).length, Number((await json(head, '/desk')).overdue));
  const days = unit.cases.map((c) => c.due);
  assert.deepEqual(days, [...days].sort(), 'the latest first');
  assert.ok(page1.includes('Đã báo tổ trưởng lúc'), page1.slice(0, 900));
  assert.match(words((await night.get(`/${W}/chair`)).text), /Lần báo tới: .*0?7:30/);
  // The public figure, as page and for machines: exact, by kind and khu vực, and nothing of the quarrel, which is as late.
  const figures = await json(x.client(), '/figures'), areaName = x.sql(`SELECT name FROM area WHERE id = ${area}`), here = figures.overdue_by.find((o) => o.kind === 'lighting' && o.area === areaName);
  const open = (await publicCases(x, W)).filter((c) => c.late), both = [lamp, nobodys].map((r) => x.sql(`SELECT public_code FROM ward_case WHERE code = '${r.code}'`));
  assert.equal(open.filter((c) => both.includes(c.code)).length, 2);
  assert.equal(here.n, open.filter((c) => c.kind === 'lighting' && c.area === areaName).length);
  assert.equal(figures.overdue_now, open.length, 'what anyone can count');
  assert.equal(figures.overdue_now, figures.overdue_by.reduce((n, o) => n + o.n, 0));
  assert.ok((await facts(await signIn(x, W, 'an-toan'), noise.code)).due < today(x) && !figures.overdue_by.some((o) => o.kind === 'noise'));
  const page = await x.client().get(`/${W}/figures`);
  assert.ok(words(page.text).includes(`số việc đang quá hạn là: ${figures.overdue_now} .`), words(page.text).slice(0, 1500));
  assert.match(page.text, new RegExp(`<th scope="row">[^<]*</th><td>${areaName}</td><td>${here.n}</td>`));
  moveTo(addDays(start, 8), '09:00');
  await looked();
  assert.deepEqual(levels(lamp.code), [50, 80, 100]);
  const chair = await signIn(x, W, 'chu-tich');
  const list = await json(chair, '/chair'), row = find(list, lamp.code);
  assert.deepEqual(Object.keys(row).sort(), ['code', 'in_words', 'kind', 'late_calendar', 'late_working', 'unit']);
  assert.deepEqual([row.late_working, row.late_calendar], [1, 1]);
  assert.match(words((await chair.get(`/${W}/chair`)).text), /Đang giờ làm việc/);
  const told2 = find(await json(await signIn(x, W, 'to-truong'), '/desk/unit'), lamp.code);
  assert.equal(told2.notice, 'Đã báo tổ trưởng và chủ tịch lúc');
  assert.equal(told2.notice_at, told2.told);
  assert.deepEqual(levels(noise.code), [50, 80, 100]);
  assert.equal(find(list, noise.code), undefined, 'of conduct the chair sees nothing');
  assert.ok(find(await json(await signIn(x, W, 'an-toan'), '/desk/due'), noise.code), 'its unit does');
  for (const end of ['', '.csv', '.xlsx', '.json']) {
    const r = await chair.get(`/${W}/chair${end}`);
    assert.equal(r.status, 200);
    assert.doesNotMatch(r.text, /DUEWORDS|Hẻm 7/);
  }
  assert.equal((await chair.get(casePath(lamp.code))).status, 404, 'the code opens nothing');
  assert.match((await chair.get(`/${W}/desk/start`)).location, /\/chair$/);
  const csv = (await chair.get(`/${W}/chair.csv`)).text.split('\r\n')[0];
  assert.match(csv, /^\uFEFF?code,kind,unit,late_working,late_calendar,in_words$/);
});

// RFC 5545, read by its rules alone: unfolded lines, components, properties with parameters.
function readIcs(text) {
  assert.ok(text.endsWith('\r\n'));
  const raw = text.split('\r\n').slice(0, -1);
  for (const l of raw) assert.ok(Buffer.byteLength(l) <= 75 && !/[\r\n]/.test(l), l);
  const stack = [{ name: '', props: {}, parts: [] }];
  for (const line of text.replace(/\r\n[ \t]/g, '').split('\r\n').filter(Boolean)) {
    const [, name, params, value] = line.match(/^([A-Z-]+)((?:;[A-Z-]+=[^;:"]+)*):(.*)$/) ?? assert.fail(line);
    if (name === 'BEGIN') stack.push({ name: value, props: {}, parts: [] });
    else if (name === 'END') { const done = stack.pop(); assert.equal(done.name, value); stack.at(-1).parts.push(done); }
    else { assert.ok(!(name in stack.at(-1).props), `${name} twice`); stack.at(-1).props[name] = { value: value.replace(/\\n/g, '\n').replace(/\\([\\;,])/g, '$1'), params }; }
  }
  assert.equal(stack.length, 1);
  const [calendar] = stack[0].parts;
  assert.equal(calendar.name, 'VCALENDAR');
  assert.equal(calendar.props.VERSION.value, '2.0');
  return calendar.parts.map((e) => {
    assert.equal(e.name, 'VEVENT');
    for (const must of ['UID', 'DTSTAMP', 'SEQUENCE', 'DTSTART', 'DTEND', 'SUMMARY']) assert.ok(e.props[must], must);
    assert.match(e.props.DTSTAMP.value, /^\d{8}T\d{6}Z$/);
    for (const d of ['DTSTART', 'DTEND']) { assert.equal(e.props[d].params, ';VALUE=DATE'); assert.match(e.props[d].value, /^\d{8}$/); }
    return { uid: e.props.UID.value, stamp: e.props.DTSTAMP.value, seq: Number(e.props.SEQUENCE.value), from: e.props.DTSTART.value, to: e.props.DTEND.value, title: e.props.SUMMARY.value, text: e.props.DESCRIPTION?.value };
  });
}

test('a unit\'s week: on the page and as .ics, whole days, the same uid again, no words of a report', async () => {
  const a = await signIn(x, W, 'ha-tang'), soon = await report(x, W, { area, street: 'Hẻm 9', text: 'ICSWORDS' });
  const due = (await facts(a, soon.code)).due;
  const page = await json(a, '/desk/week');
  assert.ok(find(page, soon.code) && find(page, lamp.code).late);
  const days = page.cases.map((c) => c.due);
  assert.deepEqual(days, [...days].sort(), 'by day');
  const r = await a.get(`/${W}/desk/week.ics`);
  assert.equal(r.status, 200);
  assert.match(r.headers.get('content-type'), /^text\/calendar/);
  const events = readIcs(r.text);
  assert.deepEqual(events.map((e) => e.title.match(/\S+$/)[0]).sort(), page.cases.map((c) => c.code).sort(), 'the same cases');
  const e = events.find((k) => k.title.endsWith(soon.code));
  assert.equal(e.from, due.replaceAll('-', ''));
  assert.equal(e.to, addDays(due, 1).replaceAll('-', ''), 'the day after, not a part of it');
  assert.match(events.find((k) => k.title.endsWith(lamp.code)).title, /^Quá hạn: /);
  assert.equal(new Set(events.map((k) => k.uid)).size, events.length);
  assert.doesNotMatch(r.text, /ICSWORDS|DUEWORDS|Hẻm/);
  // Fetched again an hour later, one of them moved meanwhile: it is put in the place of the former, the others stay.
  const feed = async (login) => readIcs((await (await signIn(x, W, login)).get(`/${W}/desk/week.ics`)).text);
  const bins = await report(x, W, { kind: 'rubbish', area, street: 'Hẻm 10' });
  const first = await feed('moi-truong'), was = first.find((k) => k.title.endsWith(bins.code));
  x.clock.move(1 / 24);
  const again = await feed('ha-tang');
  assert.deepEqual(again.map((k) => [k.uid, k.seq, k.from]).sort(), events.map((k) => [k.uid, k.seq, k.from]).sort());
  await steps(await signIn(x, W, 'moi-truong'), bins.code, ['take']);
  const second = await feed('moi-truong'), is = second.find((k) => k.title.endsWith(bins.code));
  assert.equal(is.uid, was.uid);
  assert.ok(is.from > was.from, 'three working days after the take, not two');
  assert.ok(is.seq > was.seq, `${was.seq} → ${is.seq}`);
  assert.ok(is.stamp > was.stamp);
  assert.deepEqual(second.filter((k) => k !== is).map((k) => [k.uid, k.seq]).sort(), first.filter((k) => k !== was).map((k) => [k.uid, k.seq]).sort());
  const sheet = (await a.get(`/${W}/desk/week`)).text, unit = x.sql("SELECT u.name FROM unit u JOIN ward w ON w.id = u.ward_id WHERE w.slug = 'song-may' AND u.slug = 'ha-tang'");
  assert.equal(words(sheet.match(/<h1[^]*?<\/h1>/)[0]).trim(), `Bảy ngày tới: ${unit}`, 'whose week it is, and no number behind it');
  assert.match(words(sheet), new RegExp(`Số việc: ${(await json(a, '/desk/week')).cases.length} ?\\. Ngày \\d`));
  const looks = x.sql("SELECT DISTINCT what FROM look WHERE filter LIKE 'due=week%' ORDER BY 1").split('\n');
  assert.ok(looks.includes('ics') && looks.includes('list') && looks.includes('json'), 'each is a look');
});

test('of one whose clock stands the lists say that its day is the latest; answered, it is its day again', async () => {
  const one = await report(x, W, { kind: 'fire_safety', area, street: 'Hẻm 11', text: 'Bình chữa cháy hết hạn.' }), a = await signIn(x, W, 'an-toan');
  const row = async (lang = '') => words((await a.get(`/${W}${lang}/desk/week`)).text.split('<li').find((l) => l.includes(`${one.code}</a>`) || l.includes(`/case/${one.code}"`)));
  const listed = async (list = 'week') => find(await json(a, `/desk/${list}`), one.code);
  await steps(a, one.code, ['take']);
  const was = (await listed()).due;
  assert.equal((await listed()).latest, undefined, 'its clock runs');
  assert.doesNotMatch(await row(), /muộn nhất/);
  await steps(a, one.code, ['ask', { 'ask-text': 'Bình ở tầng mấy?' }]);
  const told = await listed();
  assert.equal(told.latest, 'là muộn nhất; có trả lời thì sớm hơn');
  assert.ok(told.due > was, 'as if the answer came on the last day that it may');
  assert.match(await row(), /là muộn nhất; có trả lời thì sớm hơn/);
  assert.match(await row('/en'), /at the latest; earlier once the answer comes/);
  assert.equal(await listed('due'), undefined, 'nobody is told that it falls due while another is waited for');
  const [head, ...lines] = (await a.get(`/${W}/desk/week.csv`)).text.replace('\uFEFF', '').split('\r\n');
  assert.ok(head.split(',').includes('latest'), head);
  assert.deepEqual(lines.filter((l) => l.includes('là muộn nhất')).map((l) => l.split(',')[head.split(',').indexOf('code')]), [one.code]);
  await reporter(await follow(x, one), 'answer', { answer: 'Tầng hai.', photos: '' });
  assert.deepEqual([(await listed()).latest, (await listed()).due], [undefined, was], 'within the hour: no day was gained');
  assert.doesNotMatch(await row(), /muộn nhất/);
});

test('closed it is on no list; the resident is told nothing of who was told', async () => {
  const a = await signIn(x, W, 'ha-tang');
  await steps(a, lamp.code, ['close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' }]);
  for (const [who, path] of [['ha-tang', '/desk/due'], ['to-truong', '/desk/unit'], ['chu-tich', '/chair'], ['ha-tang', '/desk/week']])
    assert.equal(find(await json(await signIn(x, W, who), path), lamp.code), undefined, path);
  assert.doesNotMatch(words((await (await follow(x, lamp)).get(`/${W}/receipt`)).text), /Sắp đến hạn|báo lên/);
});

test('killed in the middle, and with two servers, each level is told once', async () => {
  moveTo(addDays(start, 8), '17:30');
  const many = [];
  for (let i = 0; i < 12; i += 1) many.push((await report(x, W, { area, street: `Ngõ ${i}` })).code);
  // Away until a night after their day: late, nobody was told, and the head's list says when they will be.
  moveTo(addDays(start, 13), '23:00');
  await x.kill();
  await x.start();
  const head = await signIn(x, W, 'to-truong'), untold = find(await json(head, '/desk/unit'), many[0]);
  assert.ok(untold.late && untold.told === undefined, JSON.stringify(untold));
  assert.equal(untold.notice, 'Đã quá hạn; sẽ báo vào giờ làm việc tới, lúc');
  assert.equal(new Date(untold.notice_at).getTime(), Date.parse(`${addDays(start, 14)}T00:30:00Z`));
  moveTo(addDays(start, 14), '10:00');
  await x.kill();
  await x.start();
  const second = onPostgres ? await startXom({ data: x.data, sameClock: true }) : null;
  const of = (c) => x.sql(`SELECT n.level FROM notice n JOIN ward_case c ON c.ward_id = n.ward_id AND c.id = n.case_id WHERE c.code = '${c}' ORDER BY 1`).split('\n').join(' ');
  try {
    await looked();
    for (const code of many) assert.equal(of(code), '50 80 100');
    await x.kill();
    await x.start();
    await looked();
    for (const code of many) assert.equal(of(code), '50 80 100');
  } finally { if (second) await second.stop(); }
  // A path that is no cursor is no page.
  const a = await signIn(x, W, 'ha-tang');
  for (const bad of ['?at=x&after=1', '?at=1&after=zz', '?after=99999999999999999999']) assert.equal((await a.get(`/${W}/desk/due${bad}`)).status, 404, bad);
  assert.match(x.verb(['verify']), /song-may: .* 0 faults/);
});
