// RIGHTS.md promise 4: a matter about somebody who works here goes past that person, their unit, its head and
// whoever stands below, and past everybody else but the receiver that the rule names. Every role of the matrix,
// in the subject's unit, above, below and beside it, against every subject: the bytes of all their pages are the
// same before and after.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, binary, databaseOf, hidden, onPostgres, report, root, signIn, startXom, stored, tempDir, until, verb, words } from '../harness/xom.mjs';
import { act, must, opened, startWorld, tokenOf, WARDS } from './world.mjs';
import { TABLE } from './permissions.mjs';

const W = WARDS.own, SECRET = 'Tiếp dân cau có, bị đánh ZQSTAFF'; // it rings at nobody else's desk, either
let x;
const user = (...args) => x.verb(['user', args[0], '--ward', W, ...args.slice(1)]);
const sql = (q) => x.sql(q);
const today = () => Math.floor((Date.now() + 7 * 3600e3) / 86400e3);

// Who there is: [login, role, unit, head].
const PEOPLE = [
  ['x-a', 'handler', 'ha-tang'], ['x-a-head', 'handler', 'ha-tang', true], ['x-a-police', 'police', 'ha-tang'],
  ['x-above', 'handler', 'khoi'], ['x-below', 'handler', 'doi-den'], ['x-beside', 'handler', 'moi-truong'],
  ['x-org', 'member_org', 'moi-truong'], ['x-secretary', 'secretary', 'khoi'],
];
const OTHERS = ['truong-kv', 'thu-ky', 'quan-tri', 'hoa-giai', 'an-toan'];
const clients = {};
async function add(login, role, unit, head) {
  user('add', '--login', login, '--name', login);
  user('role', '--login', login, '--role', role, '--from', '2025-01-01');
  if (unit) user('unit', '--login', login, '--unit', unit, '--from', '2025-01-01', ...(head ? ['--head'] : []));
  const link = user('link', '--login', login).match(/\/invite\/(\S+)/)[1];
  await must(x.client().post(`/${W}/invite/${link}`, { password: PASSWORD, again: PASSWORD }));
}

const DAY = 86400000, ZONE = 7 * 3600000;
function workingMorning() {
  let at = Math.floor((Date.now() + ZONE) / DAY) * DAY + DAY;
  const off = () => [0, 6].includes(new Date(at).getUTCDay()) || readFileSync(`${root}/calendars/vn-${new Date(at).getUTCFullYear()}.yaml`, 'utf8').includes(new Date(at).toISOString().slice(0, 10));
  while (off()) at += DAY;
  return at + 10 * 3600000 - ZONE;
}
// Ten in the morning of a working day to come: who is told of what falls due is told in office hours.
const NOON = workingMorning();
const setClock = (servers, at) => servers.forEach((s) => s.clock.set(BigInt(Math.round(at - Date.now())) * 1000n));
before(async () => {
  x = await startWorld({ keep: true });
  for (const [slug, name] of [['khoi', 'Khối Kỹ thuật'], ['doi-den', 'Đội Đèn']]) user('unit', '--add', slug, '--name', name);
  user('unit', '--unit', 'ha-tang', '--parent', 'khoi');
  user('unit', '--unit', 'doi-den', '--parent', 'ha-tang');
  for (const p of PEOPLE) await add(...p);
  setClock([x], NOON);
  for (const login of [...PEOPLE.map((p) => p[0]), ...OTHERS, 'chu-tich', 'giam-sat']) clients[login] = await signIn(x, W, login);
  clients.nobody = x.client();
});
after(async () => { await x?.stop(); if (x) rmSync(x.data, { recursive: true, force: true }); });

const about = (subject, at = x) => report(at, W, { kind: 'lighting', staff: 'yes', text: `${SECRET} ${subject}`, subject });

// What of a page is another each time: seals, tokens, the time of day, how many use the database's server.
const still = (text, at = x) => text.replace(/(postgresql:[^"<]*\/)t_\d+_\d+/g, '$1').replace(/(name="(?:s|token|key)" value=")[^"]*/g, '$1').replace(/"(token|s|at)":"[^"]*"/g, '"$1":""').replace(/data-form="[^"]*"/g, '').replace(/datetime="[^"]*"/g, '').replace(/^DTSTAMP:.*$/gm, '').replace(/\d+ MiB/g, '').replace(/(đang dùng )\d+( trên \d+)/g, '$1$2').replace(/T\d\d:\d\d:\d\dZ/g, '').replace(/localhost:\d+/g, '').replaceAll(at.data, '').replace(/\b\d\d:\d\d(:\d\d(\.\d+)?)?\b/g, '');
const PATHS = [...new Set([
  ...Object.keys(TABLE).filter((r) => r.startsWith('GET ') && !r.includes(':')).map((r) => r.slice(4)),
  ...['new', 'mine', 'unit', 'asked', 'closed'].map((q) => `/desk?queue=${q}`), '/desk.json?queue=unit', '/desk.csv?queue=unit',
  '/desk?queue=unit&words=ZQSTAFF', '/desk?queue=unit&kind=staff', '/desk?queue=unit&since=shift', '/desk/news.json',
  '/desk/my-area.json', '/desk/mediations.json', '/cases.json', '/admin/units/ha-tang', '/admin/units/doi-den', '/admin/procedures/staff', '/admin/people?words=ha-tang',
])].filter((p) => !/\/(sign-in|lost|draft|sw\.js|areas|boundary)/.test(p));
// What everybody may open, two look at; the administration, the administrator and one more.
const pathsOf = (login) => PATHS.filter((p) => (p.startsWith('/desk') ? true : p.startsWith('/admin') ? ['quan-tri', 'x-a'].includes(login) : ['nobody', 'x-a'].includes(login)));
async function pages(login, paths = pathsOf(login), at = x) {
  const out = new Map(), client = clientOf(login, at);
  for (const path of paths) {
    const r = await client.get(`/${W}${path}`);
    out.set(path, `${r.status} ${r.location ?? ''}\n${still(r.text, at)}`);
  }
  return out;
}
// The same person, signed in at another server of the same beginnings.
function clientOf(login, at) {
  if (at === x) return clients[login];
  const c = at.client();
  c.cookies = new Map(clients[login].cookies);
  return c;
}

const SUBJECTS = ['unit:ha-tang', 'head:ha-tang', 'unit:khoi', 'chair', 'area_head', 'unknown'];
const filed = {};

// Three servers of one beginning, at one moment: x with matters about five parts of the ward, `watched` with such
// about the chair, `without` with none.
async function twin() {
  const data = tempDir();
  cpSync(x.data, data, { recursive: true });
  if (onPostgres) {
    rmSync(join(data, 'database-of-test'));
    databaseOf(data, databaseOf(x.data).split('/').pop());
  }
  return startXom({ data, demo: false });
}
const iso = (at) => new Date(at + ZONE).toISOString().slice(0, 10);
// A day off that nobody knew of: proposed, confirmed, applied, and what it moves has moved.
async function dayOff(at, day) {
  const year = day.slice(0, 4), file = join(at.data, `vn-${year}.yaml`);
  writeFileSync(file, readFileSync(`${root}/calendars/vn-${year}.yaml`, 'utf8').replace(/^off:\n/m, `off:\n  - ${day}\n`));
  verb(at.data, ['calendar', 'import', file]);
  rmSync(file);
  const version = verb(at.data, ['calendar', 'list']).match(new RegExp(`${year} {2}version (\\d+) {2}proposed`))[1];
  for (const args of [['confirm', year, version, 'all'], ['confirm', year, version], ['apply', year, version]]) verb(at.data, ['calendar', ...args]);
}
async function apologise(login, code, at) {
  const c = clientOf(login, at), path = `/${W}/desk/case/${code}`, form = async () => { const h = (await c.get(path)).text; return { token: hidden(h, 'token'), version: hidden(h, 'version'), seen: hidden(h, 'seen') }; };
  await must(c.post(`${path}/apology`, await form()));
  await must(c.post(`${path}/apology/given`, await form()));
}

test('whoever is not its receiver sees the same bytes with and without it, on every page: new, half of its time used, late, apologised for, moved by a day off', async () => {
  const noon = NOON, servers = [x];
  await x.stop();
  try {
    for (let i = 0; i < 2; i += 1) servers.push(await twin());
    const [, watched, without] = servers;
    // 15 working days: one is late by now, one is past half of them, one has just come.
    setClock(servers, noon - 30 * DAY);
    await x.start();
    for (const c of Object.values(clients)) c.base = x.url;
    const old = await about('head:ha-tang'), late = await about('chair', watched);
    filed['head:ha-tang'] = old;
    setClock(servers, noon - 12 * DAY);
    filed['unit:khoi'] = await about('unit:khoi');
    const half = await about('chair', watched);
    setClock(servers, noon);
    for (const subject of ['unit:ha-tang', 'area_head', 'unknown']) filed[subject] = await about(subject);
    for (const r of [old, filed['unit:khoi'], filed['unit:ha-tang']]) await must(act(clients['chu-tich'], W, r.code, 'take'));
    assert.match((await clients['chu-tich'].get(`/${W}/desk/case/${filed['unit:ha-tang'].code}`)).text, /x-danger-tag/);
    await apologise('chu-tich', old.code, x);
    await apologise('giam-sat', late.code, watched);
    for (const s of servers) await dayOff(s, iso(noon + (new Date(noon + ZONE).getUTCDay() === 5 ? 3 : 1) * DAY));
    // What is done once a minute, and what follows from that.
    const left = (s) => s.sql(`SELECT (SELECT count(*) FROM escalation WHERE next_at <= ${BigInt(Date.now()) * 1000n + s.clock.us}) + (SELECT count(*) FROM clock_calendar WHERE n < (SELECT number FROM definition WHERE name = 'calendars'))`);
    let minutes = 0;
    await until('what is due by now was done', () => { setClock(servers, noon + (minutes += 0.5) * 60000); return servers.every((s) => left(s) === '0'); });
    // They are all that: told to their receiver, and moved.
    const levels = x.sql(`SELECT max(n.level) FROM notice n JOIN ward_case c ON c.ward_id = n.ward_id AND c.id = n.case_id WHERE n.rule = 'close.staff' AND c.code IN ('${old.code}', '${filed['unit:khoi'].code}') GROUP BY c.id ORDER BY 1`);
    assert.equal(levels, '50\n100');
    assert.match(words((await (await opened(x, W, filed['unit:khoi'])).get(`/${W}/receipt`)).text), /Lịch nghỉ thay đổi: hạn tính lại/);
    // On the list of what falls due of their receiver, and of nobody else (below): there, on top of the desk, and by the bell.
    const theirs = JSON.parse((await clients['chu-tich'].get(`/${W}/desk/due.json`)).text).cases.map((c) => c.code);
    for (const r of [old, filed['unit:khoi']]) assert.ok(theirs.includes(r.code), r.code);
    assert.match((await clients['chu-tich'].get(`/${W}/desk`)).text, /class="x-falls".*desk\/due/s);
    const blind = [...PEOPLE.map((p) => p[0]), ...OTHERS, 'nobody'], wrong = [];
    let compared = 0;
    const compare = async (login, at) => {
      const [with_, none] = [await pages(login, pathsOf(login), at), await pages(login, pathsOf(login), without)];
      for (const [path, bytes] of with_) {
        compared += 1;
        if (bytes !== none.get(path)) wrong.push(`${login} ${path}: ${difference(none.get(path), bytes)}`);
      }
    };
    for (const login of [...blind, 'giam-sat']) await compare(login, x);
    for (const login of ['x-a-head', 'truong-kv', 'nobody', 'chu-tich']) await compare(login, watched);
    for (const login of blind) {
      for (const [subject, r] of Object.entries(filed)) for (const at of [`desk/case/${r.code}`, `desk/case/${r.code}.json`, `desk/my-area/${r.code}`, `desk/mediations/${r.code}`, `case/${r.code}`])
        if (![404, 303, 401].includes((await clients[login].get(`/${W}/${at}`)).status)) wrong.push(`${login} ${at} (${subject})`);
      for (const r of Object.values(filed)) if (/ZQSTAFF|class="x-case/.test((await clients[login].get(`/${W}/desk?queue=unit&words=${r.code}`)).text)) wrong.push(`${login} finds ${r.code}`);
    }
    for (const r of [late, half]) assert.equal((await clientOf('chu-tich', watched).get(`/${W}/desk/case/${r.code}`)).status, 404);
    assert.deepEqual(wrong, []);
    // The quarter's edition adds them to the ward's one number, by their due days.
    const quiet = (s) => Number(s.sql('SELECT COALESCE(SUM(n), 0) FROM (SELECT n FROM tally_count WHERE what = 5 UNION ALL SELECT n FROM tally_delta WHERE what = 5) AS t'));
    assert.deepEqual(servers.map((s) => quiet(s) - quiet(without)), [5, 2, 0]);
    assert.ok(compared > 300, `${compared}`);
  } finally {
    for (const s of servers.slice(1)) { await s.kill(); rmSync(s.data, { recursive: true, force: true }); }
  }
  filed.chair = await about('chair');
});
function difference(a, b) {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  return `…${a.slice(Math.max(0, i - 60), i + 60)}… → …${b.slice(Math.max(0, i - 60), i + 60)}…`.replace(/\s+/g, ' ');
}

const codesOn = (html) => new Set([...html.matchAll(/desk\/case\/(SM-[\w-]+)/g)].map((m) => m[1]));

test('the receiver by rule has it: the chair, but what is about the chair; that goes to oversight', async () => {
  const chair = (await clients['chu-tich'].get(`/${W}/desk?queue=unit`)).text, watch = (await clients['giam-sat'].get(`/${W}/desk?queue=unit`)).text;
  for (const [subject, r] of Object.entries(filed)) {
    assert.equal(codesOn(chair).has(r.code), subject !== 'chair', `chair: ${subject}`);
    assert.equal(codesOn(watch).has(r.code), subject === 'chair', `oversight: ${subject}`);
    assert.equal((await clients['chu-tich'].get(`/${W}/desk/case/${r.code}`)).status, subject === 'chair' ? 404 : 200, subject);
    assert.equal((await clients['giam-sat'].get(`/${W}/desk/case/${r.code}`)).status, subject === 'chair' ? 200 : 404, subject);
  }
  // Read and write: asks, is answered, closes; the reporter sees role and office, no name.
  const r = filed['head:ha-tang'], page = (await clients['chu-tich'].get(`/${W}/desk/case/${r.code}`)).text;
  assert.ok(page.includes('ZQSTAFF') && page.includes('Tổ Hạ tầng đô thị: người đứng đầu'));
  assert.ok(!page.includes(`${r.code}/lost"`), 'no link that leads nowhere');
  for (const verb of ['assign', 'correct', 'photo', 'release']) {
    assert.ok(!page.includes(`/desk/case/${r.code}/${verb}"`), verb);
    assert.notEqual((await act(clients['chu-tich'], W, r.code, verb, { 'assign-unit': 'ha-tang', 'assign-reason': 'x', 'correct-kind': 'lighting', 'correct-area': '0', 'correct-street': 'x', 'correct-landmark': '', 'correct-reason': 'x', 'release-text': 'x' })).status, 303, verb);
  }
  await must(act(clients['chu-tich'], W, r.code, 'close', { 'close-outcome': 'answered', 'close-text': 'Đã nhắc nhở.' }));
  const receipt = (await (await opened(x, W, r)).get(`/${W}/receipt`)).text;
  assert.ok(receipt.includes('Đã nhắc nhở.') && receipt.includes('Chủ tịch phường') && !receipt.includes('Ngô Thị Thu'));
  assert.equal(sql(`SELECT count(*) FROM ward_case c JOIN unit u ON u.id = c.unit_id WHERE c.kind = 'staff' AND (u.office_role = 0 OR c.listed OR c.for_head)`.replaceAll('c.listed OR c.for_head', 'c.listed = 1 OR c.for_head = 1')), '0');
});

test('the page before sending names the receiver and who gets nothing', async () => {
  const c = x.client();
  let p = await c.get(`/${W}/report`);
  p = await c.post(`/${W}/report/kind`, { s: hidden(p.text, 's'), kind: 'staff', go: 'next' });
  p = await c.post(`/${W}/report/where`, { s: hidden(p.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  assert.ok(!p.text.includes('name="staff"'), 'the kind says it already');
  p = await c.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text: SECRET, go: 'next' });
  assert.match(p.text, /name="subject"/);
  assert.ok(!/type="text"/.test(p.text), 'no field for a name');
  const s = hidden(p.text, 's');
  for (const subject of ['', 'unit:khong-co', 'unit:~chair~unit~1', 'Nguyễn Văn A', 'unit', 'chair:x'])
    assert.equal((await c.post(`/${W}/report/subject`, { s, subject, go: 'next' })).status, 422, subject);
  p = await c.post(`/${W}/report/subject`, { s, subject: 'head:moi-truong', go: 'next' });
  assert.match(p.text, /Chủ tịch phường: người nhận theo quy tắc/);
  assert.match(p.text, /Tổ Môi trường: người đứng đầu: cả nơi đó/);
  // Or past the receiver, with the words; and back again.
  const past = await c.post(`/${W}/report/check`, { s: hidden(p.text, 's'), go: 'elsewhere' });
  assert.match(past.text, /<h1[^>]*>Đưa đến Thanh tra thành phố<\/h1>/);
  assert.ok(past.text.includes('ZQSTAFF') && past.text.includes('20 đường Bến Xa'));
  p = await c.post(`/${W}/report/check`, { s: hidden(past.text, 's'), go: 'show' });
  assert.match(p.text, /name="go" value="send"/);
  // A unit that went between two pages: said, the words kept.
  sql(`UPDATE unit SET until_day = ${today() - 1} WHERE slug = 'moi-truong' AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`);
  const gone = await c.post(`/${W}/report/check`, { s: hidden(p.text, 's'), go: 'send' });
  sql(`UPDATE unit SET until_day = NULL WHERE slug = 'moi-truong'`);
  assert.equal(gone.status, 422);
  assert.match(gone.text, /không còn trong danh sách/);
});

test('a chair in the unit, or below it, is barred: the next by rule has it, and what was there is out of sight', async () => {
  const r = filed['unit:ha-tang'];
  user('unit', '--login', 'chu-tich', '--unit', 'doi-den', '--from', '2025-01-01');
  assert.equal((await clients['chu-tich'].get(`/${W}/desk/case/${r.code}`)).status, 404);
  assert.ok(!codesOn((await clients['chu-tich'].get(`/${W}/desk?queue=unit`)).text).has(r.code));
  const paths = PATHS.filter((p) => p.startsWith('/desk')), first = await pages('chu-tich', paths), second = await pages('chu-tich', paths);
  const next = await about('unit:ha-tang');
  const now = await pages('chu-tich', paths);
  for (const path of paths) if (first.get(path) === second.get(path)) assert.equal(now.get(path), first.get(path), path);
  assert.equal((await clients['giam-sat'].get(`/${W}/desk/case/${next.code}`)).status, 200);
  // Being in a unit shows the chair nothing of the unit's own cases.
  const lamp = await report(x, W, { text: 'Đèn tắt LAMPX.' });
  sql(`UPDATE ward_case SET unit_id = (SELECT id FROM unit WHERE slug = 'doi-den') WHERE code = '${lamp.code}'`);
  assert.ok(!(await clients['chu-tich'].get(`/${W}/desk?queue=unit`)).text.includes('LAMPX'));
  assert.equal((await clients['chu-tich'].get(`/${W}/desk/case/${lamp.code}`)).status, 404);
  // Having left opens nothing, whatever day is entered for it: not what was there, not what comes.
  user('unit', '--login', 'chu-tich', '--unit', 'doi-den', '--leave', '2025-06-01');
  const lost = async (code) => assert.equal((await clients['chu-tich'].get(`/${W}/desk/case/${code}`)).status, 404, code);
  await lost(r.code);
  await lost((await about('unit:ha-tang')).code);
  await lost((await about('unknown')).code);
  await lost(filed.unknown.code);
  assert.equal((await clients['chu-tich'].get(`/${W}/desk/case/${filed['unit:khoi'].code}`)).status, 404, 'its unit stands below that one');
  // What is about no unit is still the chair's.
  assert.equal((await clients['chu-tich'].get(`/${W}/desk/case/${filed.area_head.code}`)).status, 200);
});

const status = async (login, code) => (await clients[login].get(`/${W}/desk/case/${code}`)).status;
const days = (n) => iso(Date.now() + n * DAY);
const role = (login, name, ...when) => user('role', '--login', login, '--role', name, ...when);
const unit = (login, slug, ...when) => user('unit', '--login', login, '--unit', slug, ...when);
let safety;

// What nobody may read any more goes on once in five minutes: it has just been looked for, so that what the tests below
// take from one is still where it was until they move the clock.
async function lookedFor() {
  const due = () => BigInt(sql(`SELECT max(due_at) FROM outbox WHERE kind = 'flow.receivers' AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`) || 0);
  const now = () => BigInt(Date.now()) * 1000n + x.clock.us, was = due();
  x.clock.move(6 / 1440);
  await until('it is looked for', () => due() > was && due() > now());
}

test('nothing that an administrator enters, ends or takes back makes one\'s own matter readable', async () => {
  await lookedFor();
  for (const login of ['truong-kv', 'thu-ky', 'quan-tri', 'hoa-giai']) role(login, 'chair', '--from', days(0));
  safety = await about('unit:an-toan');
  const r = safety.code;
  for (const login of ['truong-kv', 'thu-ky', 'quan-tri', 'hoa-giai']) assert.equal(await status(login, r), 200, login);
  // Entered as of today and taken back as of yesterday: the row is gone, what it said stays.
  unit('quan-tri', 'an-toan', '--from', days(0));
  unit('quan-tri', 'an-toan', '--leave', days(-1));
  assert.equal(sql(`SELECT count(*) FROM unit_member m JOIN account a ON a.id = m.account_id WHERE a.login = 'quan-tri'`), '0');
  assert.equal(await status('quan-tri', r), 404);
  role('quan-tri', 'chair', '--end', days(-1));
  assert.equal(await status('quan-tri', filed.chair.code), 404);
  role('quan-tri', 'oversight', '--from', days(0));
  assert.equal(await status('quan-tri', filed.chair.code), 404, 'who was chair reads nothing about the chair');
  // Days long past bar, too; one to come does not yet, and may be taken back.
  unit('hoa-giai', 'an-toan', '--from', '2019-01-01', '--until', '2019-02-01');
  assert.equal(await status('hoa-giai', r), 404);
  unit('truong-kv', 'an-toan', '--from', days(30));
  unit('truong-kv', 'an-toan', '--leave', days(-1));
  assert.equal(await status('truong-kv', r), 200);
  // Whose unit stood below it is barred when it is put elsewhere.
  unit('thu-ky', 'moi-truong', '--from', '2020-01-01', '--until', '2020-02-01');
  assert.equal(await status('thu-ky', r), 200);
  for (const at of ['an-toan', '-']) user('unit', '--unit', 'moi-truong', '--parent', at);
  assert.equal(await status('thu-ky', r), 404);
  // A khu vực's head who became chair reads nothing about khu vực heads.
  assert.equal(await status('truong-kv', filed.area_head.code), 404);
});

test('what nobody may read any more goes to the next by rule; its reporter is told, and nobody else', async () => {
  const news = async (login) => JSON.parse((await clients[login].get(`/${W}/desk/news.json`)).text), n = (x, name) => x.counts.find((c) => c.name === name).n;
  const due = (await clients['x-beside'].get(`/${W}/desk?queue=unit`)).text;
  for (const login of ['truong-kv', 'chu-tich']) unit(login, 'an-toan', '--from', days(-2), '--until', days(-1));
  assert.equal(await status('truong-kv', safety.code), 404);
  assert.equal(await status('giam-sat', safety.code), 404);
  x.clock.move(6 / 1440);
  await until('the job', async () => (await status('giam-sat', safety.code)) === 200);
  for (const login of ['truong-kv', 'thu-ky', 'quan-tri', 'hoa-giai', 'chu-tich', 'an-toan']) assert.equal(await status(login, safety.code), 404, login);
  const receipt = (await (await opened(x, W, safety)).get(`/${W}/receipt`)).text;
  assert.ok(receipt.includes('Chuyển cho người nhận kế tiếp theo quy tắc') && receipt.includes('Giám sát') && !receipt.includes('~oversight'));
  assert.match((await clients['giam-sat'].get(`/${W}/desk/case/${safety.code}`)).text, /Chuyển cho người nhận kế tiếp theo quy tắc/);
  assert.equal(still((await clients['x-beside'].get(`/${W}/desk?queue=unit`)).text), still(due));
  // Whom a rule gives it to hears the bell as a unit does; whom it bars hears nothing.
  const was = { watch: await news('giam-sat'), chair: await news('chu-tich'), unit: await news('x-beside') };
  await about('unit:an-toan');
  const now = { watch: await news('giam-sat'), chair: await news('chu-tich'), unit: await news('x-beside') };
  assert.deepEqual(['new', 'ring'].map((k) => n(now.watch, k) - n(was.watch, k)), [1, 1]);
  for (const who of ['chair', 'unit']) assert.deepEqual([now[who].counts, now[who].last], [was[who].counts, was[who].last], who);
  assert.match((await clients['giam-sat'].get(`/${W}/desk`)).text, /data-x-bell/);
  // Who works cases and has an office beside: the week, its paper and calendar, and the shift are of units alone.
  const beside = (await about('unit:khoi')).code;
  role('hoa-giai', 'handler', '--from', days(0));
  assert.equal(await status('hoa-giai', beside), 200);
  sql(`UPDATE escalation SET due_at = ${(BigInt(Date.now()) + 86400000n) * 1000n} WHERE case_id = (SELECT id FROM ward_case WHERE code = '${beside}')`);
  for (const path of ['week', 'week.ics', 'week.csv', 'shift']) {
    const page = await clients['hoa-giai'].get(`/${W}/desk/${path}`);
    assert.equal(page.status, path === 'shift' ? 404 : 200, path);
    assert.ok(!page.text.includes(beside), path);
  }
  assert.ok((await clients['hoa-giai'].get(`/${W}/desk?queue=unit`)).text.includes(beside));
  role('hoa-giai', 'handler', '--end', days(-1));
  // Nobody is left: it waits where it is, and doctor says of which part of the ward nobody receives, not that there is anything.
  const told = () => spawnSync(binary, ['--settings', join(x.data, 'settings.yaml'), '--data', x.data, '--share', root, '--test-clock', join(x.data, 'clock'), 'doctor'], { encoding: 'utf8' }).stdout;
  assert.doesNotMatch(told(), /không ai được nhận/);
  for (const login of ['truong-kv', 'thu-ky', 'hoa-giai']) role(login, 'chair', '--end', days(-1));
  unit('giam-sat', 'an-toan', '--from', '2021-01-01', '--until', '2021-01-02');
  assert.match(told(), /không ai được nhận tin về: Tổ An toàn khu dân cư, Chủ tịch phường, không rõ là ai\./);
  assert.equal(await status('giam-sat', safety.code), 404);
  const waits = (await (await opened(x, W, safety)).get(`/${W}/receipt`)).text;
  assert.ok(waits.includes('không còn ai ở phường được đọc việc này') && waits.includes('Thanh tra thành phố'));
  assert.ok(!receipt.includes('không còn ai ở phường được đọc'));
});

test('where nobody who may receive it is entered, it is handed over with address and form to print, and nothing of it is kept', async () => {
  const until = today() - 1;
  sql(`UPDATE role_held SET until_day = ${until} WHERE role = 9 AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`);
  const count = () => sql('SELECT (SELECT count(*) FROM ward_case), (SELECT count(*) FROM unit), (SELECT count(*) FROM receipt)');
  const kept = count(), c = x.client();
  const handedOver = async (lang = '') => {
    let p = await c.get(`/${W}${lang}/report`);
    for (const [step, fields] of [['kind', { kind: 'lighting' }], ['where', { area: 'unsure', street: '', landmark: '', lat: '', lon: '' }], ['what', { text: `${SECRET} "1" & <b>\ndòng hai`, staff: 'yes' }], ['subject', { subject: 'chair' }]])
      p = await c.post(`/${W}${lang}/report/${step}`, { s: hidden(p.text, 's'), ...fields, go: 'next' });
    assert.equal(p.status, 200);
    assert.ok(p.text.includes('ZQSTAFF') && !p.text.includes('name="go" value="send"'), 'the words are there to take along');
    const back = await c.post(`/${W}${lang}/report/check`, { s: hidden(p.text, 's'), go: 'to:subject' });
    assert.match(back.text, /name="subject" type="radio" value="chair" checked/);
    return p.text;
  };
  // As the other doors: who, where, when, phone, until when what happens by which row, what to bring, the form.
  const rows = sql(`SELECT count(*) FROM receiver WHERE door = 'inspectorate' AND valid_to IS NULL AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`);
  assert.ok(Number(rows) > 0);
  for (const html of [await handedOver(), (await c.get(`/${W}/door/inspectorate`)).text]) {
    const text = words(html);
    for (const said of ['Thanh tra thành phố, nơi gặp người dân (mẫu)', '20 đường Bến Xa', 'Thứ hai đến thứ sáu, 7:30 đến 11:00', 'Không cần hẹn trước.', 'Nên gọi trước khi đi', '30 ngày', 'Luật Tố cáo 25/2018/QH14', 'Phường chưa đọc lại những điều này trong luật; hãy hỏi nơi nhận', 'Mang theo gì', 'Tờ đã in', 'Bạn có quyền', 'Phường chưa đọc lại bản gốc'])
      assert.ok(text.includes(said), said);
    assert.ok(html.includes('href="tel:02920000218"'));
    assert.ok(!text.includes('Phường chưa ghi'));
  }
  // One press prints these words, with dots for who one is.
  const page = await handedOver(), action = page.match(/<form method="post" action="([^"]*\/door\/inspectorate\/paper)"/)[1];
  const letter = await c.post(action, { what: hidden(page, 'what') });
  assert.deepEqual([letter.status, letter.headers.get('content-type')], [200, 'application/pdf']);
  writeFileSync(join(x.data, 'letter.pdf'), letter.bytes);
  const printed = execFileSync('pdftotext', ['-layout', join(x.data, 'letter.pdf'), '-'], { encoding: 'utf8' });
  rmSync(join(x.data, 'letter.pdf'));
  for (const said of ['ĐƠN PHẢN ÁNH', 'Kính gửi: Thanh tra thành phố', `${SECRET} "1" & <b>`, 'dòng hai', 'Tôi tên là:', 'Nơi ở:']) assert.ok(printed.includes(said), `${said}\n${printed}`);
  // Where the ward has entered none: said so, and whom to ask; nobody is sent back to the ward's own office.
  sql(`UPDATE receiver SET valid_to = ${until} WHERE door = 'inspectorate'`);
  const bare = await handedOver();
  assert.match(words(bare), /Phường chưa ghi địa chỉ nơi này\. Hỏi địa chỉ Thanh tra thành phố ở trung tâm phục vụ hành chính công/);
  assert.ok(!bare.includes('class="x-receiver"') && !words(bare).includes('Hãy hỏi văn phòng phường') && bare.includes('/door/inspectorate/paper'));
  assert.match(words(await handedOver('/en')), /The ward has not entered its address/);
  assert.match(words((await clients['quan-tri'].get(`/${W}/admin/health`)).text), /chưa ghi nơi nhận cho: Đưa đến Thanh tra thành phố/);
  sql(`UPDATE receiver SET valid_to = NULL WHERE door = 'inspectorate'`);
  assert.equal(count(), kept);
  for (const held of [x.log, stored(x.data).toString('latin1')]) assert.ok(!held.includes('dòng hai') && !held.includes(Buffer.from('dòng hai').toString('latin1')), 'nothing of it is kept');
  sql(`UPDATE role_held SET until_day = NULL WHERE role = 9 AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`);
});

test('nobody enters one at the counter, makes one of another case, or puts somebody into an office', async () => {
  const worker = clients['x-a'], token = await tokenOf(worker, W);
  const html = (await worker.get(`/${W}/desk/new`)).text;
  assert.ok(!html.includes('value="staff"'));
  const sent = await worker.post(`/${W}/desk/new`, { token, s: hidden(html, 's'), channel: 'phone', kind: 'staff', area: 'unsure', text: 'x', day: '1/11/2026', hour: '', word: 'hoa giấy', go: 'send' });
  assert.notEqual(sent.status, 200);
  const lamp = await report(x, W, { text: 'Đèn tắt.' });
  await must(act(worker, W, lamp.code, 'take'));
  assert.equal((await act(worker, W, lamp.code, 'correct', { 'correct-kind': 'staff', 'correct-area': '0', 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'x' })).status, 422);
  assert.equal(sql(`SELECT kind FROM ward_case WHERE code = '${lamp.code}'`), 'lighting');
  const office = sql('SELECT slug FROM unit WHERE office_role <> 0 LIMIT 1');
  assert.ok(office.startsWith('~'));
  x.verb(['user', 'unit', '--ward', W, '--login', 'x-a', '--unit', office, '--from', '2025-01-01'], { status: 1 });
  const admin = clients['quan-tri'];
  assert.equal((await admin.get(`/${W}/admin/units/${encodeURIComponent(office)}`)).status, 404);
  assert.ok(!(await admin.get(`/${W}/admin/units`)).text.includes('Chủ tịch phường'));
});

test('units below one another: no ring, no unit of another ward', async () => {
  const set = (unit, parent, status) => x.verb(['user', 'unit', '--ward', W, '--unit', unit, '--parent', parent], { status });
  set('khoi', 'doi-den', 2);
  set('khoi', 'khoi', 2);
  set('khoi', 'khong-co', 2);
  const admin = clients['quan-tri'], token = await tokenOf(admin, W);
  const r = await admin.post(`/${W}/admin/units/khoi`, { token, do: 'change', name: 'Khối Kỹ thuật', office: '', parent: 'doi-den' });
  assert.equal(r.status, 422);
  await must(admin.post(`/${W}/admin/units/an-toan`, { token, do: 'change', name: 'Tổ An toàn khu dân cư', office: '', parent: 'khoi' }));
  assert.match((await admin.get(`/${W}/admin/units/an-toan`)).text, /Khối Kỹ thuật/);
});
