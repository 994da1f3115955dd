// A ward from 5 February to 10 March 2026, day by day through Tết, in a browser: what residents and officers do
// on each day, and after each day the resident's page of every open matter, which must say until when, and why.
// The days were counted by hand from the calendar below; nothing of the program is used to count them.
//
//   February 2026                      March 2026
//   Mo Tu We Th Fr Sa Su               Mo Tu We Th Fr Sa Su
//                     1                                    1     Off: Saturdays, Sundays, and from
//    2  3  4  5  6  7  8                2  3  4  5  6  7  8     Monday 16 to Friday 20 February
//    9 10 11 12 13 14 15                9 10 11 12 13 14 15     (Tết Bính Ngọ). On the 9th that moves by
//   16 17 18 19 20 21 22                                         a day: Friday 13 is off, Friday 20 worked.
//   23 24 25 26 27 28
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, build, databaseLine, databaseOf, onPostgres, root, startXom, tempDir, until, verb } from '../harness/xom.mjs';
import * as postgres from '../harness/postgres.mjs';
import { readQr } from '../harness/qr.mjs';
import { DESK, PHONE, go, launch, openPage, press } from '../browser/browser.mjs';

const W = 'song-may', ZONE = 7 * 3600e3;
// What each matter's page must say at nine o'clock, from that day on: the day it is due, how it was counted, and
// each day from the one that it was received on, which the first row names: 0; the number that it counts as; W a
// weekend, T Tết; A waits for the resident's answer (AT: and it is Tết), P for another authority, C: to its
// cap, as it still waits; +1 an extension's.
const DUE = {
  // Ten working days, received on Thursday the 5th.
  road: [
    ['2026-02-05', '26/02/2026', '6 | 9 10 11 12 13 | 23 24 25 26: ten; the 16th to the 20th are Tết',
      '0 1 W W 2 3 4 5 6 W W T T T T T W W 7 8 9 10'],
    // Asked on the 9th, which still counts (6, 9: two). An unanswered question stops it for ten days, to the 19th.
    ['2026-02-09', '03/03/2026', 'two, then 20 | 23 24 25 26 27 | 2 3: ten',
      '0 1 W W 2 AC AC AC ATC AC AC ATC ATC ATC ATC 3 W W 4 5 6 7 8 W W 9 10'],
    // Answered on the 11th: the 10th and the 11th do not count.
    ['2026-02-11', '02/03/2026', '6 9 | 12 | 20 | 23 24 25 26 27 | 2: ten',
      '0 1 W W 2 A A 3 T W W T T T T 4 W W 5 6 7 8 9 W W 10'],
    // Waits for another authority from the 24th, which is its sixth day; at most twenty days, to 16 March.
    ['2026-02-24', '20/03/2026', '6 9 12 20 23 24: six, then 17 18 19 20 March: ten',
      '0 1 W W 2 A A 3 T W W T T T T 4 W W 5 6 PC PC PC PC PC PC PC PC PC PC PC PC PC PC PC PC PC PC PC PC 7 8 9 10'],
    // The answer came on the 27th: 25, 26 and 27 do not count.
    ['2026-02-27', '05/03/2026', 'six, then 2 3 4 5 March: ten',
      '0 1 W W 2 A A 3 T W W T T T T 4 W W 5 6 P P P W W 7 8 9 10'],
    // Extended by five working days from the day that it was due.
    ['2026-03-03', '12/03/2026', '6 | 9 10 11 12 March: five more',
      '0 1 W W 2 A A 3 T W W T T T T 4 W W 5 6 P P P W W 7 8 9 10 +1 W W +2 +3 +4 +5'],
  ],
  // Five working days, received on Friday the 6th; nobody does anything, and it is late.
  water: [
    ['2026-02-06', '13/02/2026', '9 10 11 12 13: five', '0 W W 1 2 3 4 5'],
    ['2026-02-09', '20/02/2026', '9 10 11 12 | 20: five', '0 W W 1 2 3 4 T W W T T T T 5'],
  ],
  // Five working days, received on Monday the 9th.
  lamp: [['2026-02-09', '23/02/2026', '10 11 12 | 20 | 23: five', '0 1 2 3 T W W T T T T 4 W W 5']],
  // Five working days, received on Tuesday the 10th; until the 12th it is merged into the lamp.
  lamp2: [['2026-02-10', '24/02/2026', '11 12 | 20 | 23 24: five', '0 1 2 T W W T T T T 3 W W 4 5']],
  // Fifteen working days, received on Thursday the 5th: the day that moves is one of them before and after.
  feedback: [
    ['2026-02-05', '05/03/2026', '6 | 9 10 11 12 13 | 23 24 25 26 27 | 2 3 4 5: fifteen',
      '0 1 W W 2 3 4 5 6 W W T T T T T W W 7 8 9 10 11 W W 12 13 14 15'],
    ['2026-02-09', '05/03/2026', '6 | 9 10 11 12 | 20 | 23 24 25 26 27 | 2 3 4 5: fifteen',
      '0 1 W W 2 3 4 5 T W W T T T T 6 W W 7 8 9 10 11 W W 12 13 14 15'],
  ],
  // Fifteen working days, received on Friday the 6th.
  staff: [
    ['2026-02-06', '06/03/2026', '9 10 11 12 13 | 23 24 25 26 27 | 2 3 4 5 6: fifteen',
      '0 W W 1 2 3 4 5 W W T T T T T W W 6 7 8 9 10 W W 11 12 13 14 15'],
    ['2026-02-09', '06/03/2026', '9 10 11 12 | 20 | 23 24 25 26 27 | 2 3 4 5 6: fifteen',
      '0 W W 1 2 3 4 T W W T T T T 5 W W 6 7 8 9 10 W W 11 12 13 14 15'],
  ],
  quarrel: [
    ['2026-02-06', '06/03/2026', '9 10 11 12 13 | 23 24 25 26 27 | 2 3 4 5 6: fifteen',
      '0 W W 1 2 3 4 5 W W T T T T T W W 6 7 8 9 10 W W 11 12 13 14 15'],
    ['2026-02-09', '06/03/2026', '9 10 11 12 | 20 | 23 24 25 26 27 | 2 3 4 5 6: fifteen',
      '0 W W 1 2 3 4 T W W T T T T 5 W W 6 7 8 9 10 W W 11 12 13 14 15'],
  ],
  // Three working days, received on Thursday the 12th, the last before Tết.
  unsure: [['2026-02-12', '24/02/2026', '20 | 23 24: three', '0 T W W T T T T 1 W W 2 3']],
};
const OFFICER = 'cán bộ xử lý, Tổ Hạ tầng đô thị';
const CAP = '(lâu nhất; có trả lời thì ngắn hơn)';
const WORDS = {
  0: 'ngày nhận (ngày 0)', W: 'nghỉ cuối tuần', T: 'nghỉ lễ Tết Bính Ngọ',
  A: `dừng: chờ người báo trả lời ${OFFICER}`, AT: `dừng: chờ người báo trả lời Tết Bính Ngọ ${OFFICER}`,
  P: `dừng: chờ cơ quan khác ${OFFICER} Chờ công ty cấp nước dời ống dưới đường.`,
  AC: `dừng: chờ người báo trả lời ${CAP} ${OFFICER}`, ATC: `dừng: chờ người báo trả lời ${CAP} Tết Bính Ngọ ${OFFICER}`,
  PC: `dừng: chờ cơ quan khác ${CAP} ${OFFICER} Chờ công ty cấp nước dời ống dưới đường.`,
};
const ALL = { road: 10, water: 5, lamp: 5, lamp2: 5, feedback: 15, staff: 15, quarrel: 15, unsure: 3 };
const wordsOf = (name, sign) => WORDS[sign] ?? (sign.startsWith('+') ? `tính (gia hạn lần 1) ${sign.slice(1)}/5 ${OFFICER} Nhựa nóng về trễ vì mưa.` : `tính ${sign}/${ALL[name]}`);
const dueOn = (name, day) => DUE[name].filter(([from]) => from <= day).at(-1);
const LAST = '2026-03-10';
// When somebody is told of the water's deadline: at 50, 80 and 100 % of its office hours (07:30-11:30, 13:00-17:00).
// Received on Friday the 6th at nine: 2.5 + 4 = 6.5 h on that day, 8 h on each of the 9th to the 12th, 8 h on the
// 20th: 46.5 h. The half, 23.25 h: 6.5 + 8 + 8 = 22.5 by Tuesday evening, 0.75 h more: Wednesday the 11th, 08:15.
// Four fifths, 37.2 h: 30.5 by Wednesday evening, 6.7 h more, 4 of them before noon: Thursday the 12th, 13:00 + 2.7 h
// = 15:42. All of it: Friday the 20th at 17:00, when the office shuts, so that it is told on Monday the 23rd at 07:30.
const TOLD = [[50, '2026-02-11', '08:15'], [80, '2026-02-12', '15:42'], [100, '2026-02-23', '07:30']];
// No notice of any matter on these days, nor outside the hours; Saturdays and Sundays as well.
const SHUT = ['2026-02-13', '2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19'];
const off = (day) => SHUT.includes(day) || [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
// Days that begin before nine.
const EARLY = { '2026-02-11': '08:00', '2026-02-23': '07:00' };
// The lamp's place, as a phone tells it.
const HERE = { permissions: ['geolocation'], geolocation: { latitude: 10.0001, longitude: 105.7001 } };

let browser, x, dir;
const merged = {};        // those that follow another
const open = {};          // the matters whose page is looked at each day
const at = (path) => `${x.url}/${W}${path}`;
const text = (page, selector = 'main') => page.locator(selector).first().innerText();
let today = '';
function moveTo(day, hour = '09:00') {
  today = day;
  x.clock.set(BigInt(Date.parse(`${day}T${hour}:00Z`) - ZONE - Date.now()) * 1000n);
}

before(async () => {
  browser = await launch();
  // The demo's ward as it was made on that morning.
  dir = tempDir();
  const file = join(dir, 'settings.yaml'), clock = join(dir, 'clock'), shift = Buffer.alloc(8);
  shift.writeBigInt64LE(BigInt(Date.parse('2026-02-05T07:30:00Z') - ZONE - Date.now()) * 1000n);
  writeFileSync(clock, shift);
  writeFileSync(file, `media_program: ${join(build, 'src/xom-media/xom-media')}\n${databaseLine(dir)}`);
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo'], { settings: ['--settings', file, '--test-clock', clock] }));
  x = await startXom({ data: dir, sameClock: true });
});
after(async () => {
  await browser?.close();
  await x?.stop();
  if (onPostgres) postgres.drop(databaseOf(dir));
  rmSync(dir, { recursive: true, force: true });
});

// --- residents: one browser each, as on a phone of their own ---

async function someone({ js = false, viewport = PHONE, ...more } = {}) {
  const person = await openPage(browser, x, { js, viewport, ...more });
  return { ...person, lang: '' };
}
// The questions, answered; the last answer leads to the door.
async function through(page, ...answers) {
  await page.goto(at('/'));
  await press(page, 'main a[href$="/door"]');
  // A door that several questions lead to tells from which one came: /door/ID?from=QUESTION.
  for (const answer of answers) await press(page, `a.x-answer:is([href$="/door/${answer}"], [href*="/door/${answer}?from="])`);
  return page;
}
// From the first page over the questions and the door into the form, and sent.
// `here`: where it is, the phone tells; and if something is open there: the same as `same`, or another matter.
async function reports(name, answers, kind, words, { street = '', subject, here, same } = {}) {
  const person = await someone(here ? { js: true, ...here } : {});
  const { page } = person;
  open[name] = person;
  await through(page, ...answers);
  if (answers.at(-1) === 'ward') {
    await press(page, 'main .govuk-button--start');
    await page.check(`input[name=kind][value=${kind}]`);
  } else {
    await press(page, `main a[href*="/report?kind=${kind}"]`);
  }
  await go(page, 'next');
  if (here) {
    await page.click('[data-x-locate]');
    await page.waitForFunction(() => document.getElementById('lat').value !== '');
  } else {
    await page.check('input[name=area] >> nth=0');
  }
  if (street) await page.fill('input[name=street]', street);
  await go(page, 'next');
  if (same) await joins(person, same);
  else if (await page.locator('form[action$="/same"]').count() > 0) await go(page, 'no');
  if (!same) await page.fill('textarea', words);
  for (let i = 0; i < 5 && await page.locator('#send').count() === 0; i += 1) {
    if (await page.locator('input[name=subject]').count() > 0) await page.check(`input[name=subject][value="${subject}"]`);
    await go(page, 'next');
  }
  person.readers = await text(page, '.x-readers');
  assert.equal((await go(page, 'send')).status(), 200, await text(page));
  person.code = (await page.locator('[data-x-code]').innerText()).trim();
  person.link = new URL(readQr(await page.content())).pathname;
  return person;
}
// "Is it this one?" It is: nothing has to be told again.
async function joins({ page }, to) {
  const shown = await text(page);
  assert.match(shown, /Có phải việc này không\?/);
  assert.ok(!shown.includes(open[to].code), 'not by the other receipt\'s code');
  await go(page, `join:${open[to].publicCode}`);
  assert.ok(await page.locator('#send').count() === 1, await text(page));
}
// The receipt's page, opened by its link; the clock has moved on since.
async function receipt(person) {
  await person.page.goto(x.url + person.link);
  assert.match(person.page.url(), /\/receipt$/, `${person.code}: the receipt opens`);
  return person.page;
}
// "Why this date?" as the page answers it: the last deadline, its days, unfolded as a person would.
async function why(page) {
  const box = page.locator('details.x-clock').last();
  assert.ok(await box.count() === 1, `no "why this date?" on the page:\n${await text(page)}`);
  await box.locator('summary').click();
  return { due: (await box.locator('summary').innerText()).match(/\d\d\/\d\d\/\d{4}/)?.[0], days: (await box.locator('.x-days > li').allInnerTexts()), whens: await box.locator('.x-days .x-day-when').allInnerTexts() };
}
// The year stands with a day only where it changes.
const dayIn = (s) => [...s.matchAll(/(\d\d)\/(\d\d)(?:\/(\d{4}))?/g)].map(([, d, m, y = '2026']) => `${y}-${m}-${d}`);
const dayAfter = (day, n = 1) => new Date(Date.parse(`${day}T00:00:00Z`) + n * 86400e3).toISOString().slice(0, 10);

// Each day that the page tells of, with its words: a line of several days is one of each.
function told(days, whens) {
  const out = [];
  for (const [i, line] of days.entries()) {
    const [from, to = from] = dayIn(whens[i]), words = line.replace(whens[i], '').replace(/\s+/g, ' ').trim();
    const counted = words.match(/^(tính (?:\(.*?\) )?)(\d+)(?:–(\d+))?(\/.*)$/);
    let k = counted ? Number(counted[2]) : 0;
    for (let day = from; day <= to; day = dayAfter(day), k += 1) out.push(`${day} ${counted ? `${counted[1]}${k}${counted[4]}` : words}`);
    if (counted && k !== Number(counted[3] ?? counted[2]) + 1) out.push(`${words}: not as many days as it counts`);
  }
  return out;
}
// Each open matter's page says what was counted by hand, day by day.
async function look(name) {
  const person = open[name], page = await receipt(person);
  const [, want, how, signs] = dueOn(name, today), [[received]] = DUE[name];
  const { due, days, whens } = await why(page);
  assert.equal(due, want, `${name} on ${today}: ${how}\n${days.join('\n')}`);
  const expected = signs.split(' ').map((sign, i) => `${dayAfter(received, i)} ${wordsOf(name, sign)}`);
  assert.ok(expected.at(-1).startsWith(want.split('/').reverse().join('-')), `${name}: the count by hand ends on its day`);
  assert.deepEqual(told(days, whens), expected, `${name} on ${today}`);
}

// --- officers: one browser each; signed in anew each day ---

const desks = {};
async function officer(login) {
  const desk = desks[login] ??= await openPage(browser, x, { viewport: DESK });
  await desk.page.goto(at('/desk'));
  if (desk.page.url().includes('/sign-in')) {
    await desk.page.fill('input[name=login]', login);
    await desk.page.fill('input[type=password]', PASSWORD);
    await press(desk.page, 'main form button');
  }
  return desk.page;
}
const SEND = 'button[type=submit]:not([name=fill])';
// A step of a case: its form is opened, filled, sent; what waits half a minute is let pass.
async function step(page, code, id, fields = {}) {
  await page.goto(at(`/desk/case/${code}`));
  const form = page.locator(`#${id}`);
  if (await form.locator('> summary').count() === 1 && await form.getAttribute('open') === null) await form.locator('> summary').click();
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]`).first();
    if (value === true) await form.locator(`[name="${name}"]`).first().check({ force: true });
    else if (await field.getAttribute('type') === 'radio') await form.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
    else if (await field.evaluate((f) => f.tagName === 'SELECT')) await field.selectOption(value);
    else await field.fill(value);
  }
  const r = await press(page, id === 'take' ? 'form[action$="/take"] button' : `#${id} ${SEND}, form[action$="/${id}"] ${SEND}`);
  assert.equal(r.status(), 200, `${id} of ${code} on ${today}: ${await text(page)}`);
  if (/#wait$/.test(page.url())) {
    x.clock.move(31 / 86400);
    await page.goto(page.url().replace('#wait', ''));
  }
}

async function mediate(login, code, verb, fields = {}) {
  const page = await officer(login);
  await page.goto(at(`/desk/mediations/${code}`));
  const box = page.locator(`details#${verb}`);
  if (await box.count() > 0) await box.locator('> summary').click();
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value);
  assert.equal((await press(page, `form[action$="/${verb}"] button`)).status(), 200, `${verb}: ${await text(page)}`);
}

// --- who is told that a deadline is nearly over ---

// The job has looked at this moment; gives the levels told of a matter so far.
async function levels(name) {
  await until('the notices', () => x.sql(`SELECT count(*) FROM escalation WHERE next_at <= ${BigInt(Date.now()) * 1000n + x.clock.us}`) === '0');
  return x.sql(`SELECT n.level FROM notice n JOIN ward_case c ON c.ward_id = n.ward_id AND c.id = n.case_id WHERE c.code = '${open[name].code}' ORDER BY 1`).split('\n').filter(Boolean).map(Number);
}
// A list as somebody reads it: the row of a matter, '' when it is not there.
async function row(login, path, name) {
  const page = await officer(login);
  assert.equal((await page.goto(at(path))).status(), 200, `${login} ${path}`);
  const found = page.locator('.x-case', { hasText: open[name].code });
  return await found.count() === 0 ? '' : (await found.innerText()).replace(/\s+/g, ' ');
}
const minutesOf = (hour) => Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3));
const later = (hour, minutes) => new Date(Date.parse(`2026-02-01T${hour}:00Z`) + minutes * 60e3).toISOString().slice(11, 16);
// Two minutes before a level counts nobody was told of it, two minutes later somebody was. (The water was sent some
// seconds after nine.)
async function tells(level) {
  const [, day, hour] = TOLD.find(([l]) => l === level), before = TOLD.map(([l]) => l).filter((l) => l < level);
  moveTo(day, later(hour, -2));
  assert.deepEqual(await levels('water'), before, `before ${hour} on ${day}`);
  moveTo(day, later(hour, 2));
  assert.deepEqual(await levels('water'), [...before, level], `after ${hour} on ${day}`);
}
function inOfficeHoursAlone() {
  const all = x.sql(`SELECT c.code, n.level, n.told_at FROM notice n JOIN ward_case c ON c.ward_id = n.ward_id AND c.id = n.case_id WHERE n.told_at > ${(Date.parse('2026-02-05T09:00:00Z') - ZONE) * 1000}`).split('\n').filter(Boolean);
  assert.ok(all.length >= TOLD.length);
  for (const line of all) {
    const told = new Date(Number(line.split('|')[2]) / 1000 + ZONE), day = told.toISOString().slice(0, 10), m = told.getUTCHours() * 60 + told.getUTCMinutes();
    assert.ok(!off(day), `told on a rest day: ${line}: ${day}`);
    assert.ok((m >= minutesOf('07:30') && m < minutesOf('11:30')) || (m >= minutesOf('13:00') && m < minutesOf('17:00')), `told at night: ${line}: ${told.toISOString()}`);
  }
}

// --- one matter, several reports ---

// What the desk's queues hold, and the public figures of lamps.
let asked = 0;
async function counts() {
  const page = await officer('ha-tang'), of = async (path) => (await page.context().request.get(at(path))).json();
  const queues = Object.fromEntries((await of('/desk.json')).queues.map((q) => [q.url.match(/queue=(\w+)/)[1], Number(q.n)]));
  const all = (await of(`/figures.json?kind=lighting&n=${asked += 1}`)).rows.find((r) => r.by === 'all');
  return { queues, cases: Number(all.received), reports: Number(all.reports) };
}
const seen = {};          // the counts, by when

// The yearly decision is changed: a day off moves from the 20th to the 13th. The operator brings the new days in,
// answers for each, and applies them; every open matter that they touch is moved and says so.
async function holidayMoves() {
  const file = join(dir, 'vn-2026.yaml');
  const now = readFileSync(join(root, 'calendars/vn-2026.yaml'), 'utf8');
  const moved = now.replace(/^ *- \{day: 2026-02-20.*\n/m, '').replace(/^( *- \{day: )2026-02-16/m, '$12026-02-13, name: Tết Bính Ngọ}\n$12026-02-16');
  assert.notEqual(moved, now);
  writeFileSync(file, moved);
  const shown = x.verb(['calendar', 'import', file]);
  assert.match(shown, /2026-02-13/);
  assert.match(shown, /2026-02-20/);
  const version = shown.match(/2026 version (\d+)/)[1];
  const before = x.sql(`SELECT due_at FROM ward_case WHERE code = '${open.water.code}'`);
  x.verb(['calendar', 'confirm', '2026', version, 'all']);
  x.verb(['calendar', 'confirm', '2026', version]);
  // The list first: what would move, and nothing else.
  const moves = x.verb(['calendar', 'moves', '2026', version]);
  assert.match(moves, new RegExp(`${open.water.code}[\\s\\S]*2026-02-13[\\s\\S]*2026-02-20`));
  for (const name of ['road', 'feedback', 'staff', 'quarrel']) assert.ok(!moves.includes(open[name].code), `${name} does not move:\n${moves}`);
  x.verb(['calendar', 'apply', '2026', version]);
  await until('the water\'s day', () => x.sql(`SELECT due_at FROM ward_case WHERE code = '${open.water.code}'`) !== before);
  const page = await receipt(open.water);
  assert.match(await text(page, '.x-timeline'), /Lịch nghỉ thay đổi: hạn tính lại[\s\S]*13\/02\/2026[\s\S]*20\/02\/2026/);
  for (const name of ['feedback', 'staff']) assert.doesNotMatch(await text(await receipt(open[name]), '.x-timeline'), /Lịch nghỉ thay đổi/, `${name} is not touched`);
}

// --- the letter of apology for the water, which nobody mended in time ---

const LETTER = {
  // Made on Tuesday the 24th: five working days.
  day: '03/03/2026', how: '25 26 27 | 2 3: five',
  // Late since the 20th: the 23rd and 24th are worked, the 21st and 22nd are not.
  late: /trễ 2 ngày làm việc \(4 ngày theo lịch\)/,
};
async function letterOf(page, path) {
  const r = await page.context().request.get(at(path));
  assert.equal(r.headers()['content-type'], 'application/pdf', path);
  writeFileSync(join(dir, 'letter.pdf'), await r.body());
  return execFileSync('pdftotext', ['-layout', join(dir, 'letter.pdf'), '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ');
}
async function apologises() {
  const page = await officer('ha-tang'), { code } = open.water;
  await step(page, code, 'explain', { 'explain-text': 'Máy hút bùn hỏng.' });
  await page.goto(at(`/desk/case/${code}`));
  await press(page, 'main a[href$="/apology"]');
  const shown = await text(page);
  assert.match(shown, /Hạn ban đầu\s+13\/02\/2026[\s\S]*Hạn hiện nay\s+20\/02\/2026/);
  assert.match(shown, LETTER.late);
  assert.equal((await press(page, 'form[action$="/apology"] button')).status(), 200, await text(page));
  assert.match(await text(page), new RegExp(LETTER.day), LETTER.how);
  const letter = await letterOf(page, `/desk/case/${code}/apology/letter`);
  for (const must of ['THƯ XIN LỖI', `Kính gửi: Người gửi tin mã ${code}`, 'Lý do: Máy hút bùn hỏng.', 'hết ngày 13/02/2026; hạn hiện nay là hết ngày 20/02/2026', `chậm nhất ngày ${LETTER.day}`])
    assert.ok(letter.includes(must), `${must}\n${letter}`);
  assert.match(letter, LETTER.late);
  assert.doesNotMatch(await text(await receipt(open.water)), /thư xin lỗi/, 'not before it was given');
}
async function letterGiven() {
  const page = await officer('ha-tang');
  await page.goto(at(`/desk/case/${open.water.code}/apology`));
  assert.equal((await press(page, 'form[action$="/given"] button')).status(), 200, await text(page));
  const resident = await receipt(open.water), told = await text(resident);
  assert.match(told, new RegExp(`thư xin lỗi vì trễ hẹn, vào ngày 25/02/2026[\\s\\S]*chậm nhất ngày ${LETTER.day}[\\s\\S]*vẫn tính là quá hạn`));
  assert.match(told, /20\/02\/2026 Quá hạn\s+Hạn lúc đầu: 13\/02\/2026/, 'both dates, and late');
  assert.match(await letterOf(resident, '/receipt/apology'), new RegExp(`chậm nhất ngày ${LETTER.day}`));
}

// --- the days ---

const days = {
  '2026-02-05': async () => {
    await reports('road', ['about', 'ward'], 'road', 'Ổ gà to trước cổng trường.', { street: 'Đường Tư Hiền' });
    const feedback = await reports('feedback', ['about', 'office', 'feedback'], 'feedback', 'Giấy xác nhận phải nộp hai lần, xin bỏ bớt một lần.');
    const page = await officer('ha-tang');
    await step(page, open.road.code, 'take');
    await step(await officer('mot-cua'), feedback.code, 'take');
  },
  '2026-02-06': async () => {
    await reports('water', ['about', 'ward'], 'water', 'Cống nghẹt, nước không rút.', { street: 'Hẻm 7 Bến Sông Mây' });
    // About somebody who works here: past their unit, to whom the rule names.
    const staff = await reports('staff', ['about', 'office', 'feedback'], 'staff', 'Ở quầy nói chuyện rất khó nghe.', { subject: 'unit:mot-cua' });
    assert.match(staff.readers, /Chủ tịch phường: người nhận theo quy tắc/);
    for (const login of ['mot-cua', 'ha-tang', 'thu-ky']) {
      const page = await officer(login);
      assert.equal((await page.goto(at(`/desk/case/${staff.code}`))).status(), 404, `${login} learns nothing`);
    }
    await step(await officer('chu-tich'), staff.code, 'take');
    // A quarrel: the unit names two mediators, who never see each other's other matters.
    const quarrel = await reports('quarrel', ['about', 'person', 'quarrel'], 'mediation', 'Mái nhà bên cạnh đổ nước qua sân, nói hoài không được.');
    assert.match(quarrel.readers, /không có trang công khai/);
    await step(await officer('ha-tang'), open.water.code, 'take');
  },
  '2026-02-09': async () => {
    await holidayMoves();
    await step(await officer('ha-tang'), open.road.code, 'ask', { 'ask-text': 'Ổ gà ở phía nào của cổng?' });
    assert.match(await text(await receipt(open.road)), /Đang chờ người báo trả lời[\s\S]*19\/02\/2026/, 'at most until the 19th');
    await reports('lamp', ['about', 'ward'], 'lighting', 'Đèn đầu hẻm không sáng.', { street: 'Hẻm 7 Bến Sông Mây', here: HERE });
    await step(await officer('ha-tang'), open.lamp.code, 'take');
    open.lamp.publicCode = (await (await receipt(open.lamp)).locator('a[href*="/case/"]').first().getAttribute('href')).split('/').pop();
  },
  '2026-02-10': async () => {
    // The same lamp, told once more by somebody who thinks that it is another; the officer merges it.
    seen.before = await counts();
    await reports('lamp2', ['about', 'ward'], 'lighting', 'Đèn gần nhà số 9 tắt.', { here: HERE });
    seen.two = await counts();
    assert.deepEqual([seen.two.cases, seen.two.reports], [seen.before.cases + 1, seen.before.reports + 1]);
    await step(await officer('ha-tang'), open.lamp2.code, 'merge', { 'merge-near': open.lamp.publicCode, 'merge-reason': 'Cùng một bóng đèn.' });
    seen.merged = await counts();
    assert.deepEqual(seen.merged, { ...seen.before, reports: seen.two.reports }, 'one case, two reports');
    merged.lamp2 = open.lamp2;
    delete open.lamp2;
    const page = await officer('an-toan');
    await step(page, open.quarrel.code, 'take');
    await page.locator('#appoint > summary').click();
    await page.selectOption('#appoint select >> nth=0', { index: 1 });
    await page.selectOption('#appoint select >> nth=1', { index: 2 });
    assert.equal((await press(page, `#appoint ${SEND}`)).status(), 200, await text(page));
    await mediate('hoa-giai', open.quarrel.code, 'agree');
    await mediate('hoa-giai-2', open.quarrel.code, 'meet', { 'meet-day': '25/02/2026', 'meet-hour': '18h30', 'meet-place': 'Nhà văn hóa khu vực' });
    assert.match(await text(await receipt(open.quarrel)), /18:30[\s\S]*25\/02\/2026[\s\S]*Nhà văn hóa khu vực|Nhà văn hóa khu vực/);
  },
  '2026-02-11': async () => {
    // Half of the water's time is used: who took it is told, the unit's head and the chair are not.
    assert.equal(await row('ha-tang', '/desk/due', 'water'), '');
    await tells(50);
    assert.match(await row('ha-tang', '/desk/due', 'water'), /còn 2 ngày làm việc.*20\/02\/2026/);
    assert.equal(await row('ha-tang-2', '/desk/due', 'water'), '', 'a colleague took it');
    assert.equal(await row('to-truong', '/desk/unit', 'water'), '');
    const page = await receipt(open.road);
    await page.fill('textarea[name=answer]', 'Bên trái, cách cổng ba mét.');
    assert.equal((await press(page, 'form[action$="/answer"] button[type=submit]')).status(), 200);
  },
  '2026-02-12': async () => {
    // The merged one shows the lamp's progress; then it is found to be another lamp after all.
    assert.match(await text(await receipt(merged.lamp2)), new RegExp(`Xử lý chung[\\s\\S]*${open.lamp.publicCode}`));
    const before = await counts();
    await step(await officer('ha-tang'), merged.lamp2.code, 'unmerge', { 'unmerge-reason': 'Hai bóng đèn khác nhau.' });
    open.lamp2 = merged.lamp2;
    const now = await counts();
    assert.deepEqual([now.cases, now.reports], [seen.two.cases, seen.two.reports], 'the figures as before');
    for (const [name, n] of Object.entries(now.queues)) assert.equal(n - before.queues[name], seen.two.queues[name] - seen.merged.queues[name], `the queue ${name} as before`);
    await step(await officer('ha-tang'), open.lamp2.code, 'take');
    await tells(80);
    assert.match(await row('to-truong', '/desk/unit', 'water'), /còn 1 ngày làm việc.*20\/02\/2026/);
    assert.equal(await row('chu-tich', '/chair', 'water'), '');
    moveTo(today, '16:00');
    await reports('unsure', ['about', 'unsure'], 'unsure', 'Loa của trường kêu rè, không biết hỏi ai.');
    await step(await officer('mot-cua'), open.unsure.code, 'take');
  },
  '2026-02-17': async () => {
    // New Year's Day in office hours, and at night: nobody is told of anything.
    moveTo(today, '14:00');
    assert.deepEqual(await levels('water'), [50, 80]);
    inOfficeHoursAlone();
  },
  '2026-02-20': async () => {
    // A third resident stands below the lamp: is it this one? It is.
    const was = await counts();
    await reports('joined', ['about', 'ward'], 'lighting', '', { here: HERE, same: 'lamp' });
    const now = await counts();
    assert.deepEqual([now.cases, now.reports], [was.cases, was.reports + 1]);
    assert.deepEqual(now.queues, was.queues);
    merged.joined = open.joined;
    delete open.joined;
    const page = await receipt(merged.joined);
    assert.match(await text(page), /Đang xử lý|Xử lý chung/);
    moveTo(today, '17:30');
    assert.deepEqual(await levels('water'), [50, 80], 'all of its hours are used when the office shuts');
    assert.doesNotMatch(await text(await receipt(open.water)), /Quá hạn/, 'its day ends at midnight');
  },
  '2026-02-21': async () => {
    moveTo(today, '00:30');
    assert.deepEqual(await levels('water'), [50, 80], 'late, and nobody is told at night');
    assert.match(await text(await receipt(open.water)), /Quá hạn/);
  },
  '2026-02-23': async () => {
    await tells(100);
    for (const [login, path] of [['ha-tang', '/desk/due'], ['to-truong', '/desk/unit'], ['chu-tich', '/chair']])
      assert.match(await row(login, path, 'water'), /trễ 1 ngày làm việc \(3 ngày theo lịch\)/, path);
    const told = await row('chu-tich', '/chair', 'water');
    assert.doesNotMatch(told, /Hẻm|Cống nghẹt|Lan/, `the chair learns code, kind, unit, days: ${told}`);
    assert.equal(await (await officer('chu-tich')).locator(`main a[href*="${open.water.code}"]`).count(), 0);
    assert.equal((await (await officer('chu-tich')).goto(at(`/desk/case/${open.water.code}`))).status(), 404);
    // The lamp is mended on its last day, the first after Tết.
    await step(await officer('ha-tang'), open.lamp.code, 'close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' });
    const page = await receipt(open.lamp);
    assert.match(await text(page), /Đã thay bóng/);
    assert.doesNotMatch(await text(page), /trễ hạn|quá hạn/i, 'on its day it is not late');
    delete open.lamp;
    assert.match(await text(await receipt(merged.joined)), /Đã xong[\s\S]*Đã thay bóng/, 'who joined is told of it');
    assert.doesNotMatch(await text(await receipt(open.lamp2)), /Đã thay bóng/, 'who was split off is not');
  },
  '2026-02-24': async () => {
    await step(await officer('ha-tang'), open.road.code, 'pause', { 'pause-text': 'Chờ công ty cấp nước dời ống dưới đường.' });
    const page = await receipt(open.road);
    assert.match(await text(page), /Đang chờ cơ quan khác trả lời[\s\S]*16\/03\/2026/);
    assert.match(await text(page), /Hạn lúc đầu|26\/02\/2026/);
    await step(await officer('mot-cua'), open.unsure.code, 'close', { 'close-outcome': 'answered', 'close-text': 'Đã báo nhà trường; trường sẽ sửa loa.' });
    delete open.unsure;
    await step(await officer('ha-tang'), open.lamp2.code, 'close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng thứ hai.' });
    delete open.lamp2;
    await apologises();
  },
  '2026-02-25': async () => { await letterGiven(); },
  '2026-02-26': async () => {
    await mediate('hoa-giai', open.quarrel.code, 'agree');
    assert.match(await text(await receipt(open.quarrel)), /Hòa giải thành/);
    delete open.quarrel;
  },
  '2026-02-27': async () => { await step(await officer('ha-tang'), open.road.code, 'resume'); },
  '2026-03-03': async () => {
    await step(await officer('ha-tang'), open.road.code, 'extend', { 'extend-text': 'Nhựa nóng về trễ vì mưa.' });
    const page = await receipt(open.road);
    const { days: lines } = await why(page);
    for (const part of [/chờ người báo trả lời/, /chờ cơ quan khác/, /dời ống dưới đường/, /gia hạn lần 1/, /Nhựa nóng về trễ/]) assert.match(lines.join('\n'), part);
    assert.match(await text(page), /Hạn lúc đầu[\s\S]*26\/02\/2026/, 'both dates');
  },
  '2026-03-05': async () => {
    await step(await officer('mot-cua'), open.feedback.code, 'close', { 'close-outcome': 'answered', 'close-text': 'Từ nay chỉ nộp một lần.' });
    delete open.feedback;
  },
  '2026-03-06': async () => {
    await step(await officer('chu-tich'), open.staff.code, 'close', { 'close-outcome': 'answered', 'close-text': 'Đã nhắc cả quầy; xin lỗi bạn.' });
    assert.match(await text(await receipt(open.staff)), /Đã nhắc cả quầy/);
    delete open.staff;
  },
  '2026-03-10': async () => {
    await step(await officer('ha-tang'), open.road.code, 'close', { 'close-outcome': 'mended', 'close-text': 'Đã vá bằng nhựa nóng.' });
    delete open.road;
  },
};

test('what others deal with is handed over: whom to call, who receives it, a letter to print', async () => {
  moveTo('2026-02-05');
  const { page, faults, context } = await someone({ js: true });
  await through(page, 'emergency');
  for (const number of ['113', '114', '115']) assert.equal(await page.locator(`a.x-number[href="tel:${number}"]`).count(), 1);
  assert.equal(await page.locator('main form, main textarea').count(), 0, 'nothing to fill in');
  await through(page, 'info');
  assert.equal(await page.locator('[data-x-leave]').count(), 1, 'it can be left at once');
  assert.doesNotMatch(await page.title(), /đánh|bạo|hại/i, 'a title that tells nothing');
  assert.equal(await page.locator('[data-x-keep]').count(), 0, 'no draft');
  for (const [answers, title] of [[['about', 'person', 'crime'], /TRÌNH BÁO/], [['about', 'office', 'denunciation'], /TỐ CÁO/], [['about', 'office', 'complaint'], /KHIẾU NẠI/]]) {
    await through(page, ...answers);
    const door = await text(page);
    assert.ok(await page.locator('.x-receiver').count() > 0, `${answers.at(-1)}: who receives it\n${door}`);
    assert.match(door, /Bây giờ bạn làm gì/);
    await press(page, 'main a:is([href$="/paper"], [href*="/paper?from="])');
    await page.fill('textarea[name=what]', 'Chiều thứ Tư, trước chợ, chuyện như sau.');
    const action = await page.locator('main form').getAttribute('action');
    const [made] = await Promise.all([page.waitForResponse((r) => new URL(r.url()).pathname.endsWith('/paper') && r.request().method() === 'POST'), page.locator('main form button').click({ noWaitAfter: true })]);
    assert.equal(made.headers()['content-type'], 'application/pdf', `${answers.at(-1)}: ${made.status()}`);
    // Chromium keeps its bytes to itself: the same form once more.
    const again = await context.request.post(new URL(action, x.url).href, { form: { what: 'Chiều thứ Tư, trước chợ, chuyện như sau.', wish: '' }, headers: { origin: x.url } });
    writeFileSync(join(dir, 'letter.pdf'), await again.body());
    const letter = execFileSync('pdftotext', ['-layout', join(dir, 'letter.pdf'), '-'], { encoding: 'utf8' });
    assert.match(letter, title);
    assert.match(letter, /Chiều thứ Tư, trước chợ/);
  }
  assert.equal(x.sql("SELECT count(*) FROM ward_case WHERE kind NOT IN ('lighting','rubbish','road','water','fire_safety','noise','feedback','staff','mediation','unsure')"), '0');
  // Chromium shows a PDF with an extension of its own.
  assert.deepEqual(faults.filter((f) => !/request to somebody else: chrome(-extension)?:/.test(f)), []);
  await context.close();
});

test('from the fifth of February to the tenth of March, day by day', async () => {
  for (let day = '2026-02-05'; day <= LAST; day = dayAfter(day)) {
    moveTo(day, EARLY[day]);
    await days[day]?.();
    // On a day off a third of the pages in turn; each is seen again when the office opens.
    for (const [i, name] of Object.keys(open).entries()) if (!off(day) || (i + Number(day.slice(8))) % 3 === 0) await look(name);
  }
  inOfficeHoursAlone();
  for (const person of [...Object.values(open), ...Object.values(merged), ...Object.values(desks)]) assert.deepEqual(person.faults, []);
});
