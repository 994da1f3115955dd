// Days off: a file is a proposal, each day is answered for, hostile files end in the child, the verbs do the same.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { fieldError } from '../harness/steps.mjs';
import { build, databaseLine, hidden, onPostgres, report, signIn, startXom, tempDir, until, verb, words } from '../harness/xom.mjs';

let x, admin, token, data;
const year = new Date(Date.now() + 7 * 3600e3).getUTCFullYear() + 1;
const get = (path = '') => admin.get(`/admin/calendars${path}`);
const post = (path, form, client = admin) => client.post(`/admin/calendars${path}`, { token, ...form });
const send = (bytes, name = 'lich.ics', of = year) => {
  const f = new FormData();
  f.set('token', token);
  f.set('calendar', new Blob([bytes]), name);
  f.set('year', String(of));
  return admin.post('/admin/calendars', f);
};
const event = (start, summary, more = '') => `BEGIN:VEVENT\nUID:${summary}\nDTSTART;VALUE=DATE:${start}\nSUMMARY:${summary}\n${more}END:VEVENT\n`;
const feed = (...events) => `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:t\n${events.join('')}END:VCALENDAR\n`;
const weekday = (month, day) => new Date(Date.UTC(year, month - 1, day)).getUTCDay();
const iso = (month, day) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
const plain = (month, day) => iso(month, day).replaceAll('-', '');
// A Monday to Friday of March, and a Saturday.
const work = [1, 2, 3, 4, 5, 6, 7].filter((d) => weekday(3, d) >= 1 && weekday(3, d) <= 5);
const saturday = [1, 2, 3, 4, 5, 6, 7].find((d) => weekday(3, d) === 6);

before(async () => {
  data = tempDir();
  writeFileSync(join(data, 'settings.yaml'), `media_program: ${join(build, 'src/xom-media/xom-media')}\n${databaseLine(data)}`);
  verb(data, ['demo', '--practice'], { settings: ['--settings', join(data, 'settings.yaml')] });
  x = await startXom({ data, demo: false });
  admin = await signIn(x, '', 'quan-tri');
  token = hidden((await get()).text, 'token');
});
after(async () => { await x?.stop(); });

test('what ships is taken in once, and says that nobody has verified it', async () => {
  const page = await get();
  assert.equal(page.status, 200);
  assert.match(words(page.text), /Đang dùng/);
  assert.match(words((await get(`/${year - 1}/1`)).text), /chưa đối chiếu với thông báo/);
  assert.equal((await get('/1999/1')).status, 404);
  assert.equal((await get(`/${year}/x`)).status, 404);
});

test('a feed becomes a proposal; each day is answered for; it counts only when it was applied', async () => {
  const made = await send(feed(
    event(plain(3, work[0]), 'Nghỉ lễ'), event(plain(3, work[1]), 'Lễ Tình nhân'),
    event(`2001${plain(3, work[2]).slice(4)}`, 'Hằng năm', 'RRULE:FREQ=YEARLY\n'),
    event(plain(3, saturday), 'Thứ Bảy'), event(plain(3, work[3]), 'Bỏ', 'STATUS:CANCELLED\n'), event(`${year - 1}0303`, 'Năm khác')));
  assert.equal(made.status, 303, words(made.text));
  const place = made.headers.get('location').match(/calendars(\/\d+\/\d+)/)[1];
  let page = await get(place);
  for (const part of ['Nghỉ lễ', 'Lễ Tình nhân', 'Hằng năm', 'Sẽ là', 'Chưa trả lời']) assert.ok(words(page.text).includes(part), part);
  assert.ok(!/Bỏ<|Năm khác|– Thứ Bảy/.test(page.text));
  assert.ok(!page.text.includes('value="confirm"'), 'not before every day has its answer');
  assert.equal((await post(place, { do: 'confirm' })).status, 422);
  const fields = [...page.text.matchAll(/name="(day-[\d-]+)"/g)].map((m) => m[1]);
  const bad = await post(place, { do: 'answer', decided: '31/02/2026', decision: '12/TB-BNV' });
  assert.equal(bad.status, 422);
  assert.ok(bad.text.includes('value="12/TB-BNV"'), 'what was typed is kept');
  const answers = Object.fromEntries(fields.map((f) => [f, f === `day-${iso(3, work[1])}` ? 'no' : 'yes']));
  assert.equal((await post(place, { do: 'answer', ...answers, decision: '12/TB-BNV', decided: '1/11/2026' })).status, 303);
  const wrong = await post(place, { do: 'add', day: `${saturday}/3/${year}`, kind: 'off', name: 'Ngày <b>khác</b>' });
  assert.equal(wrong.status, 422);
  assert.match(words(wrong.text), /vốn đã như vậy/);
  assert.ok(wrong.text.includes('Ngày &lt;b&gt;khác'));
  for (const day of ['29/2/2026', `31/4/${year}`, '24:00', `${year}-02-30`]) {
    const no = await post(place, { do: 'add', day, kind: 'off', name: 'Không có' });
    assert.equal(no.status, 422, day);
    fieldError(no.text, 'day');
    assert.ok(no.text.includes(`value="${day}"`), 'what was typed is kept');
  }
  assert.equal((await post(place, { do: 'add', day: `${saturday}/3/${year}`, kind: 'worked', name: 'Làm bù' })).status, 303);
  assert.equal((await post(place, { do: 'add', day: `${saturday}/3/${year}`, kind: 'worked' })).status, 422, 'twice');
  assert.equal((await post(place, { do: 'confirm' })).status, 303);
  page = await get(place);
  assert.match(words(page.text), /Đã xác nhận, chưa dùng/);
  assert.match(words(page.text), /12\/TB-BNV, 1\/11\/2026|12\/TB-BNV, 01\/11\/2026/);
  assert.equal((await post(place, { do: 'answer', ...answers })).status, 422, 'not any more');
  const [, y, v] = place.split('/');
  const shown = x.verb(['calendar', 'show', y, v]);
  assert.match(shown, new RegExp(`${iso(3, work[1])} +day off +no +Lễ Tình nhân`));
  assert.match(shown, new RegExp(`${iso(3, saturday)} +weekend → worked rest day`));
  x.verb(['calendar', 'apply', y, v]);
  assert.match(x.verb(['calendar', 'list']), new RegExp(`${y}  version ${v}  applied, reckoned with`));
  assert.match(x.verb(['calendar', 'apply', y, v], { status: 1 }), /is applied/);
  // "Why this date?" names the feast and the decision of that very day, and of a worked one; a struck day counts.
  const from = new Date(Date.UTC(year, 2, 1) - 86400e3).toISOString().slice(0, 10);
  const lines = await until('the days told', async () => {
    const all = JSON.parse((await x.client().get(`/clock.json?kind=road&day=${from}`)).text).traces.at(-1).lines;
    return all.some((l) => l.what === 'holiday') && all;
  });
  assert.deepEqual(lines.filter((l) => l.what === 'holiday').map((l) => [l.from, l.to, l.note]),
    [[iso(3, work[0]), iso(3, work[0]), 'Nghỉ lễ, theo 12/TB-BNV'], [iso(3, work[2]), iso(3, work[2]), 'Hằng năm, theo 12/TB-BNV']]);
  assert.equal(lines.find((l) => l.from <= iso(3, work[1]) && l.to >= iso(3, work[1])).what, 'counted');
  assert.deepEqual(lines.filter((l) => l.what === 'worked').map((l) => [l.from, l.note]), [[iso(3, saturday), 'Làm bù']]);
  assert.ok(words((await x.client().get(`/clock?kind=road&day=${from}`)).text).includes('Nghỉ lễ, theo 12/TB-BNV'));
  const log = words((await admin.get('/admin/log')).text);
  for (const part of ['đưa vào đề xuất', 'trả lời cho ngày', 'xác nhận bản lịch']) assert.ok(log.includes(part), part);
});

test('hostile and wrong files end with a sentence, and change nothing', async () => {
  const before = x.sql('SELECT count(*) FROM calendar');
  const cases = [
    ['', 'a.ics', 422], ['not a calendar', 'a.ics', 422], ['BEGIN:VCALENDAR', 'a.ics', 422], [feed(), 'a.ics', 422],
    [feed(event('19000101', 'Giây', 'RRULE:FREQ=SECONDLY\n')), 'a.ics', 422],
    // A day that never comes: by the second it is refused, by the year soon over; what takes too long is given up.
    [feed(event('20000301', 'Không tới', 'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\n')), 'a.ics', 422],
    [feed(event('20000301', 'Không tới', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n')), 'a.ics', 422],
    [feed(event(plain(3, 1), 'x', `X-A${';P=v'.repeat(50000)}:1\n`)), 'a.ics', 422],
    [`BEGIN:VCALENDAR\n${'BEGIN:VEVENT\n'.repeat(30000)}`, 'a.ics', 422],
    [feed(`BEGIN:VEVENT\nDTSTART;TZID=../../etc/passwd:${plain(3, 1)}T000000\nSUMMARY:x\nRRULE:FREQ=YEARLY;BYDAY=99MO;UNTIL=x\nEND:VEVENT\n`.repeat(6000)), 'a.ics', 422],
    [Buffer.concat([Buffer.from('BEGIN:VCALENDAR\n'), Buffer.alloc(60000, 0xff)]), 'a.ics', 422],
    [`year: ${year}\nsource: s\noff: [${iso(3, saturday)}]\n`, 'vn.yaml', 422],
    ['year: [', 'vn.yaml', 422], ['x'.repeat(70000), 'vn.yaml', 422],
  ];
  for (const [bytes, name, status] of cases) {
    const r = await send(bytes, name);
    assert.equal(r.status, status, `${String(bytes).slice(0, 40)}: ${r.status}`);
    assert.match(words(r.text), /Tệp|tệp/);
  }
  // A day or an hour that there is not is not left out in silence.
  for (const start of [';VALUE=DATE:20260229', `;VALUE=DATE:${year}0431`, `:${plain(3, work[0])}T240000`, `:${plain(3, work[0])}T076000`]) {
    const r = await send(feed(event(plain(3, work[1]), 'Đúng'), `BEGIN:VEVENT\nUID:x\nDTSTART${start}\nSUMMARY:Sai\nEND:VEVENT\n`));
    assert.equal(r.status, 422, start);
    assert.match(words(r.text), /ngày không có thật, như 29\/02/, start);
  }
  // Each its true words: an empty file, a picture of any size, a text that is too long for a year's file.
  const picture = (n) => Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(n, 0x55)]);
  for (const [bytes, name, said] of [['', 'lich.ics', /Tệp này trống/], [picture(100), 'anh.png', /không phải lịch \.ics/], [picture(200000), 'anh.ics', /không phải lịch \.ics/], ['x'.repeat(70000), 'vn.yaml', /tệp \.yaml tối đa 64 KB/]]) {
    const r = await send(bytes, name);
    assert.equal(r.status, 422, name);
    assert.match(words(r.text), said);
  }
  const big = await send(Buffer.alloc(2 << 20, 0x41));
  assert.equal(big.status, 422);
  assert.match(words(big.text), /Tệp quá lớn/);
  // 50 MB are refused by their head alone, before a byte of them is read.
  const started = Date.now();
  const told = await new Promise((done, fail) => {
    const asked = httpRequest(new URL('/admin/calendars', x.url), { method: 'POST', headers: { origin: x.url, cookie: [...admin.cookies].map(([k, v]) => `${k}=${v}`).join('; '),
      'content-type': 'multipart/form-data; boundary=x', 'content-length': 50 << 20, expect: '100-continue' } });
    asked.on('continue', () => fail(new Error('it wants to read 50 MB')));
    asked.on('response', (r) => { let body = ''; r.setEncoding('utf8'); r.on('data', (d) => { body += d; }); r.on('end', () => { asked.destroy(); done({ status: r.statusCode, body }); }); });
    asked.on('error', fail);
    asked.flushHeaders();
  });
  assert.equal(told.status, 413);
  assert.match(words(told.body), /Gửi quá nhiều một lần/);
  assert.ok(Date.now() - started < 5000, 'at once');
  assert.equal((await get()).status, 200, 'and the server goes on');
  assert.equal(x.sql('SELECT count(*) FROM calendar'), before);
  const faulty = await send(`year: ${year}\nsource: s\noff:\n  - ${iso(3, saturday)}\n  - ${year}-02-30\n`, 'vn.yaml');
  assert.match(words(faulty.text), /weekend day/);
  assert.match(faulty.text, />4</);
  assert.equal((await post('', { year: String(year) })).status, 422, 'no file');
  assert.equal((await post('/copy', { year: '1999' })).status, 400);
});

test('every day of a year is answered for in one press; its texts are clean', async () => {
  const of = 2040, days = Array.from({ length: 366 }, (_, i) => new Date(Date.UTC(of, 0, 1 + i)));
  const name = `Nghỉ\u202e 012345678901 ${'lễ của cả phường '.repeat(3)}`;
  const lines = (weekend) => days.filter((d) => (d.getUTCDay() % 6 === 0) === weekend)
    .map((d) => `  - {day: ${d.toISOString().slice(0, 10)}, name: "${name}", decision: "d\u202e 012345678902"}\n`).join('');
  const made = await send(`year: ${of}\nsource: "s\u202e 012345678903"\ndecision: "q\u200b 012345678904"\noff:\n${lines(false)}worked:\n${lines(true)}`, 'cả năm.yaml');
  assert.equal(made.status, 303, words(made.text));
  const place = made.headers.get('location').match(/calendars(\/\d+\/\d+)/)[1];
  const fields = [...(await get(place)).text.matchAll(/name="(day-[\d-]+)"/g)].map((m) => [m[1], 'yes']);
  assert.equal(fields.length, 366);
  const row = `FROM calendar WHERE year = ${of}`;
  const kept = x.sql(`SELECT about ${row}`) + x.sql(`SELECT DISTINCT name || decision FROM calendar_day WHERE year = ${of}`);
  assert.doesNotMatch(kept, /[\u200b\u202e]|\d{12}/);
  assert.equal(kept.match(/●{12}/g).length, 4, kept);
  const answered = await post(place, { do: 'answer', decision: '12/TB-BNV '.repeat(12).trim(), decided: '1/11/2039', ...Object.fromEntries(fields) });
  assert.equal(answered.status, 303, words(answered.text).slice(0, 300));
  assert.equal(x.sql(`SELECT count(*) FROM calendar_day WHERE year = ${of} AND answer = 1 AND decision LIKE '12/TB%'`), '366');
  assert.equal((await get(place)).status, 200);
  assert.equal((await post(place, { do: 'confirm' })).status, 303);
  assert.equal((await get(place)).status, 200);
  assert.equal((await post(place, { do: 'answer', ...Object.fromEntries(fields) })).status, 422, 'not any more');
  assert.equal((await post(place, { do: 'drop' })).status, 303);
});

test('a year without a file: its days in use are copied, corrected, dropped', async () => {
  const made = await post('/copy', { year: String(year - 1) });
  assert.equal(made.status, 303);
  const place = made.headers.get('location').match(/calendars(\/\d+\/\d+)/)[1];
  const copy = await get(place);
  assert.match(words(copy.text), /Không khác ngày nào/);
  assert.doesNotMatch(copy.text, /x-warning--loud/);
  assert.equal((await post('/copy', { year: String(year - 1) })).status, 422, 'the same once more');
  assert.equal((await post(place, { do: 'frob' })).status, 400);
  assert.equal((await post(place, { do: 'drop' })).status, 303);
  assert.match(words((await get(place)).text), /Đã bỏ/);
  assert.equal((await post(place, { do: 'drop' })).status, 422);
});

test('rules by the verb: what was published is only ended', async () => {
  assert.match(x.verb(['rules', 'list']), /close\.lighting +5 working_day/);
  assert.match(x.verb(['rules', 'publish']), /0 rows added, 0 ended/);
  const file = join(data, 'rules.yaml');
  writeFileSync(file, 'rules:\n  - {name: a, amount: 3, unit: fortnight, event: receipt, source: s, valid_from: 2026-01-01, verified: false}\n');
  assert.match(x.verb(['rules', 'check', file], { status: 1 }), /rules\.yaml:2: .*unit/);
  writeFileSync(file, 'rules:\n  - {name: close.lighting, amount: 9, unit: working_day, event: receipt, source: setting of the ward, valid_from: 2025-01-01, verified: false}\n');
  assert.match(x.verb(['rules', 'publish', file], { status: 1 }), /rules\.yaml:2: amount: .*never changed/);
  assert.match(x.verb(['rules', 'list']), /close\.lighting +5 working_day/);
});

// A confirmed version with one day off more; gives its place.
const lastDay = (us) => new Date(Number(BigInt(us) / 1000n) - 1 + 7 * 3600e3).toISOString().slice(0, 10);
const vn = (day) => day.split('-').reverse().map(Number).join('/');
async function confirmed(day, name) {
  const made = await post('/copy', { year: day.slice(0, 4) });
  assert.equal(made.status, 303, words(made.text));
  const place = made.headers.get('location').match(/calendars(\/\d+\/\d+)/)[1];
  assert.equal((await post(place, { do: 'add', day: vn(day), kind: 'off', name, decision: '99/TB-BNV' })).status, 303);
  const fields = [...(await get(place)).text.matchAll(/name="(day-[\d-]+)"/g)].map((m) => [m[1], 'yes']);
  assert.equal((await post(place, { do: 'answer', ...Object.fromEntries(fields) })).status, 303);
  assert.equal((await post(place, { do: 'confirm' })).status, 303);
  return place;
}
const due = () => x.sql(`SELECT id, due_at, listed FROM ward_case WHERE open = 1 AND due_at IS NOT NULL ORDER BY due_at, id`, { json: true });
const fact = (html, label) => html.match(new RegExp(`<dt[^>]*>${label}</dt><dd[^>]*>([^<]*)<`))?.[1];
const noted = () => x.sql(`SELECT case_id, count(*) FROM timeline WHERE verb = 'recalendar' GROUP BY case_id ORDER BY case_id`).split('\n').filter(Boolean);
const finished = async (place) => until('all moved', async () => { const p = await get(place); return /Đã dời xong/.test(words(p.text)) && p; });

test('before it is applied the page tells what would move, of cases that anyone can open alone; an old page does not apply it', async () => {
  // One of conduct from today on, too: whatever the day, a day off then moves it.
  await report(x, '.', { kind: 'noise', text: 'Ồn mỗi tối.' });
  const cases = due(), open = cases.filter((c) => c.listed), day = lastDay(cases.findLast((c) => !c.listed).due_at);
  const first = open.filter((c) => lastDay(c.due_at) === day).length;
  const place = await confirmed(day, 'Ngày thử');
  let page = await get(place);
  const told = words(page.text);
  const said = x.verb(['calendar', 'moves', ...place.split('/').slice(1)]);
  const lines = said.split('\n').map((l) => l.match(/^ {2}(\S+) {2}(\S+) → (\S+) {2}(\S+), (\S+)$/)).filter(Boolean);
  const moving = lines.filter((l) => l[4] !== 'noise'), groups = new Map();
  for (const l of moving) groups.set(`${vn(l[2])} ${vn(l[3])}`, (groups.get(`${vn(l[2])} ${vn(l[3])}`) ?? 0) + 1);
  assert.ok(moving.length >= first && lines.length > moving.length, said);
  assert.equal(fact(page.text, 'Dời hạn'), String(moving.length));
  assert.equal(fact(page.text, 'Giữ nguyên hạn'), String(open.length - moving.length));
  assert.equal(fact(page.text, 'Không tính được hạn'), undefined);
  const short = (html) => [...html.matchAll(/<tr class="govuk-table__row">(.*?)<\/tr>/g)].map((m) => [...m[1].matchAll(/x-table__value">([^<]*)/g)].map((c) => c[1].replace(/\b0(\d)/g, '$1')).join(' '));
  for (const [days, n] of groups) assert.ok(short(page.text).includes(`${days} ${n}`), `${days} ${n}:\n${short(page.text).join('\n')}`);
  for (const l of lines) assert.ok(!page.text.includes(l[1]), 'no code');
  assert.ok(!/Tiếng ồn|[Ôô]n ào/.test(told), 'nothing of conduct');
  // A new case since: the number differs, and the press brings the new list.
  const old = hidden(page.text, 'mark');
  await report(x, '.', { kind: 'lighting', text: 'Đèn tắt cả dãy.' });
  const stale = await post(place, { do: 'apply', mark: old });
  assert.equal(stale.status, 422);
  assert.match(words(stale.text), /Lịch này chưa được dùng/);
  assert.notEqual(hidden(stale.text, 'mark'), old);
  assert.equal((await post(place, { do: 'apply' })).status, 422, 'nor without a list');
  assert.equal(noted().length, 0);
  page = await get(place);
  assert.equal((await post(place, { do: 'apply', mark: hidden(page.text, 'mark') })).status, 303);
  page = await finished(place);
  assert.ok(!page.headers.get('refresh'), 'no more asking when it is done');
  assert.match(words(page.text), new RegExp(`Số việc đã dời hạn: ${moving.length + 1}\\.`));
  assert.equal(noted().length, lines.length + 1, 'those without a public page move, too');
  assert.ok(noted().every((n) => n.endsWith('|1')));
  assert.ok(due().every((c) => lastDay(c.due_at) !== day), 'nothing is due on a day off');
  assert.equal((await post(place, { do: 'apply', mark: old })).status, 422, 'not twice');
  assert.match(words((await admin.get('/admin/log')).text), /cho dùng bản lịch ngày nghỉ/);
});

// Some kills and two servers: with --all.
if (process.env.XOM_LONG) test('killed while it moves them, it goes on after the restart; two at once: each case notes it once', async () => {
  const sum = (n) => n.reduce((all, l) => all + Number(l.split('|')[1]), 0);
  const before = sum(noted()), day = lastDay(due().find((c) => !c.listed).due_at);
  const place = await confirmed(day, 'Ngày thử nữa');
  const page = await get(place);
  const all = Number(fact(page.text, 'Dời hạn')), lines = x.verb(['calendar', 'moves', ...place.split('/').slice(1)]).match(/(\d+) open cases would move/)[1];
  assert.ok(all > 21, `${all}: more than one slice`);
  // Each entry takes a while, so that the end can come in the middle.
  if (onPostgres) x.sql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$");
  x.sql(onPostgres ? "CREATE TRIGGER slow AFTER INSERT ON timeline FOR EACH ROW WHEN (NEW.verb = 'recalendar') EXECUTE FUNCTION slow()"
    : "CREATE TRIGGER slow AFTER INSERT ON timeline WHEN NEW.verb = 'recalendar' BEGIN SELECT (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 400000) SELECT count(*) FROM c); END");
  assert.equal((await post(place, { do: 'apply', mark: hidden(page.text, 'mark') })).status, 303);
  const during = await get(place);
  assert.match(words(during.text), new RegExp(`Đã dời \\d+ trên ${all} việc`));
  assert.equal(during.headers.get('refresh'), '3');
  await until('the first slice', () => sum(noted()) > before);
  await x.kill();
  const then = sum(noted()) - before;
  assert.ok(then > 0 && then < Number(lines), `${then} of ${lines}`);
  x.sql(`DROP TRIGGER slow${onPostgres ? ' ON timeline' : ''}`);
  // What ran is free again in five minutes; the minute's own run comes at the same time.
  x.clock.move(6 / 1440);
  await x.start();
  admin = await signIn(x, '', 'quan-tri');
  token = hidden((await get()).text, 'token');
  const other = onPostgres ? await startXom({ data, demo: false, sameClock: true }) : undefined;
  await finished(place);
  await other?.stop();
  assert.equal(sum(noted()) - before, Number(lines));
  assert.ok(noted().every((n) => Number(n.split('|')[1]) <= 2), 'once for each of the two calendars');
  assert.match(x.verb(['verify']), /0 faults|no fault|ok/i);
});

test('where a server has several wards the page says who applies it, and tells no number', async () => {
  const two = await startXom();
  try {
    const c = await signIn(two, 'song-may', 'quan-tri'), y = String(year - 1);
    const file = join(two.data, 'vn.yaml');
    writeFileSync(file, `year: ${y}\nsource: s\noff: [${[...Array(7).keys()].map((i) => `${y}-12-${String(i + 8).padStart(2, '0')}`).filter((d) => new Date(d).getUTCDay() === 3)[0]}]\n`);
    // A version that lacks the feasts of the one before says so, loudly; each verb says what it did and what comes next.
    const made = two.verb(['calendar', 'import', file, '--year', y]), lost = [...made.matchAll(/^! (\S+) {2}(?:day off|to be confirmed) → working day(?: {2}(.+))?$/gm)];
    assert.ok(lost.length > 5 && lost.some((l) => l[2]?.includes('Tết')), made);
    assert.match(made, new RegExp(`CAREFUL: ${lost.length} days off would become working days[\\s\\S]*1 day still to answer for`));
    assert.match(two.verb(['calendar', 'confirm', y, '2', 'all']), /every day has an answer: this confirms no version yet\n {2}to confirm it: {2}xom calendar confirm \d+ 2\n$/);
    assert.match(two.verb(['calendar', 'confirm', y, '2', 'all']), /every day had an answer before: this confirms no version yet/);
    assert.match(two.verb(['calendar', 'confirm', y, '2']), /confirmed, and not reckoned with yet\n.*xom calendar moves/);
    const page = await c.get(`/song-may/admin/calendars/${y}/2`), told = [...page.text.matchAll(/x-warning--loud">([^<]+)/g)].map((m) => m[1]);
    assert.equal(told.length, 2, 'above, and where one goes on');
    assert.match(told[0], new RegExp(`Cẩn thận: có ${lost.length} ngày đang nghỉ sẽ thành ngày làm việc: Thứ .*Tết`));
    assert.match(words(page.text), /xom calendar apply/);
    assert.ok(!/name="mark"|Giữ nguyên hạn/.test(page.text));
    const sent = await c.post(`/song-may/admin/calendars/${y}/2`, { token: hidden((await c.get('/song-may/admin/units')).text, 'token'), do: 'apply' });
    assert.notEqual(sent.status, 303);
    two.verb(['calendar', 'apply', y, '2']);
    two.clock.move(2 / 1440);
    await until('moved', async () => /Đã dời xong/.test(words((await c.get(`/song-may/admin/calendars/${y}/2`)).text)));
  } finally { await two.stop(); }
});

test('doctor says months before that a year is missing, and which rule reaches into it', async () => {
  const look = (day) => {
    x.clock.set(BigInt(Date.parse(`${day}T03:00:00Z`) - Date.now()) * 1000n);
    return x.verb(['--test-clock', join(data, 'clock'), 'doctor'], { status: 1 });
  };
  assert.match(look('2027-06-01'), /Thiếu ngày nghỉ năm 2028/);
  assert.doesNotMatch(look('2027-10-01'), /Theo thời hạn/);
  assert.match(look('2027-12-28'), /Theo thời hạn \S+, việc nhận hôm nay[^\n]*calendar 2028 missing/);
  assert.match(look('2028-01-02'), /Thiếu ngày nghỉ năm 2028/);
  x.clock.set(0);
});
