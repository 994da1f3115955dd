// A quarrel with neighbours: two mediators, the other side's answer, when and where, and of the talk only how
// it ended; and what a khu vực's head reads of their own khu vực.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hidden, readReceipt, report, root, signIn } from '../harness/xom.mjs';
import { advised, upToCheck } from '../harness/steps.mjs';
import { act, must, opened, startWorld, WARDS } from '../rights/world.mjs';
import { TABLE } from '../rights/permissions.mjs';

const W = WARDS.own, WORDS = 'Nước mái nhà chảy qua sân, nói hoài không được QUARREL.';
let x, unit, one, two, third;
const words = (html) => html.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const id = (login) => x.sql(`SELECT id FROM account WHERE login = '${login}'`);

before(async () => {
  x = await startWorld();
  x.verb(['user', 'add', '--ward', W, '--login', 'hoa-giai-3', '--name', 'Người thứ ba']);
  x.verb(['user', 'role', '--ward', W, '--login', 'hoa-giai-3', '--role', 'mediator', '--from', '2025-01-01']);
  const link = x.verb(['user', 'link', '--ward', W, '--login', 'hoa-giai-3']).match(/\/invite\/(\S+)/)[1];
  await x.client().post(`/${W}/invite/${link}`, { password: 'song-may-demo', again: 'song-may-demo' });
  unit = await signIn(x, W, 'an-toan');
  one = await signIn(x, W, 'hoa-giai');
  two = await signIn(x, W, 'hoa-giai-2');
  third = await signIn(x, W, 'hoa-giai-3');
});
after(async () => { await x?.stop(); });

const begun = async (names = ['hoa-giai', 'hoa-giai-2']) => {
  const r = await report(x, W, { kind: 'mediation', text: WORDS });
  await must(act(unit, W, r.code, 'take'));
  if (names) await must(act(unit, W, r.code, 'appoint', { 'appoint-first': id(names[0]), 'appoint-second': id(names[1]) }));
  return r;
};
async function mediate(client, code, verb, fields = {}) {
  const html = (await client.get(`/${W}/desk/mediations/${code}`)).text;
  return client.post(`/${W}/desk/mediations/${code}/${verb}`, { token: hidden(html, 'token'), version: hidden(html, 'version'), ...fields });
}
const tomorrow = () => new Date(Date.now() + 31 * 3600e3).toISOString().slice(0, 10).split('-').reverse().join('/');

test('from asking to an agreement: the resident reads when, where and how it ended, and nothing else', async () => {
  const r = await begun();
  const lists = () => Number(x.sql("SELECT COUNT(*) FROM look WHERE what = 'list'")), listed = lists();
  assert.match((await one.get(`/${W}/desk/mediations`)).text, new RegExp(r.code));
  assert.equal(lists(), listed + 1, 'a mediator\'s list is a look');
  const looked = () => Number(x.sql('SELECT COUNT(*) FROM look WHERE case_id IS NOT NULL')), was = looked();
  const page = (await one.get(`/${W}/desk/mediations/${r.code}`)).text;
  assert.equal(looked(), was + 1, 'a mediator\'s page is a look');
  assert.ok(page.includes('QUARREL') && !page.includes('meet-day'), 'there is no meeting before the other side agrees');
  await must(mediate(one, r.code, 'agree'));
  let m = await mediate(two, r.code, 'meet', { 'meet-day': '1/1/2020', 'meet-hour': '25:00', 'meet-place': '' });
  assert.equal(m.status, 422);
  assert.equal((m.text.match(/govuk-error-message/g) ?? []).length, 3, 'day, hour and place are each named');
  assert.ok(m.text.includes('value="1/1/2020"'), 'what was typed stays');
  // Both sides read where: who is named there is pointed out first, and nothing is set yet.
  m = await mediate(two, r.code, 'meet', { 'meet-day': tomorrow(), 'meet-hour': '18h30', 'meet-place': 'Nhà bà Bảy' });
  advised(m, 'meet-place', 'Bảy');
  assert.ok(m.text.includes('value="Nhà bà Bảy"') && m.text.includes('value="18h30"'));
  assert.doesNotMatch(words((await (await opened(x, W, r)).get(`/${W}/receipt`)).text), /18:30/);
  await must(mediate(two, r.code, 'meet', { 'meet-day': tomorrow(), 'meet-hour': '18h30', 'meet-place': 'Nhà văn hóa khu vực' }));
  await must(mediate(one, r.code, 'agree'));
  const receipt = words((await (await opened(x, W, r)).get(`/${W}/receipt`)).text);
  assert.match(receipt, /18:30 \d\d\/\d\d\/\d{4}, Nhà văn hóa khu vực/);
  assert.match(receipt, /Hòa giải thành/);
  assert.doesNotMatch(receipt, /Trương Văn Hòa|Mai Thị Thuận/, 'no name of a mediator');
  assert.equal((await one.get(`/${W}/desk/mediations/${r.code}`)).status, 404, 'once it ended it is nobody\'s to read again');
  // Of the talk no words are kept: parts of the entries after the mediators were named.
  assert.equal(x.sql(`SELECT DISTINCT p.name FROM part p JOIN ward_case c ON c.id = p.case_id JOIN timeline t ON t.case_id = p.case_id AND t.seq = p.seq WHERE c.code = '${r.code}' AND t.verb IN ('agree', 'disagree', 'meet', 'appoint') AND p.name <> 'appointment'`), '');
});

test('without agreement the resident is told the next doors', async () => {
  for (const [verbs, ended] of [[['disagree'], /Bên kia không muốn hòa giải/], [['agree', 'disagree'], /Hòa giải không thành/]]) {
    const r = await begun();
    for (const verb of verbs) await must(mediate(one, r.code, verb));
    const reporter = await opened(x, W, r), html = (await reporter.get(`/${W}/receipt`)).text;
    assert.match(words(html), ended);
    assert.ok(html.includes('id="doors"'));
    await must(reporter.post(`/${W}/receipt/reopen`, { s: hidden(html, 's'), reason: 'Thử lại.' }));
    assert.equal((await one.get(`/${W}/desk/mediations/${r.code}`)).status, 404, 'reopened it needs mediators anew');
  }
});

test('named twice, nobody, or somebody who is no mediator: said, and nothing done', async () => {
  const r = await begun(null);
  for (const [a, b, why] of [['hoa-giai', 'hoa-giai', /hai người khác nhau/], ['hoa-giai', 'an-toan', /đủ hai hòa giải viên/], [null, null, /đủ hai hòa giải viên/], ['hoa-giai', 'hoa-giai.rt', /đủ hai hòa giải viên/]]) {
    const p = await act(unit, W, r.code, 'appoint', { 'appoint-first': a ? id(a) : '', 'appoint-second': b ? id(b) : 'x' });
    assert.equal(p.status, 422);
    assert.match(words(p.text), why);
  }
  for (const who of [one, two]) assert.equal((await who.get(`/${W}/desk/mediations/${r.code}`)).status, 404, 'not named, no sight');
});

test('a meeting or an agreement before the other side agreed is no move', async () => {
  const r = await begun();
  const page = (await one.get(`/${W}/desk/mediations/${r.code}`)).text;
  const p = await one.post(`/${W}/desk/mediations/${r.code}/meet`, { token: hidden(page, 'token'), version: hidden(page, 'version'), 'meet-day': tomorrow(), 'meet-hour': '18:30', 'meet-place': 'Nhà văn hóa' });
  assert.equal(p.status, 409);
  assert.equal(x.sql(`SELECT step FROM ward_case WHERE code = '${r.code}'`), 'asking');
  // The other mediator was quicker: said, and not done twice.
  await must(mediate(two, r.code, 'agree'));
  const late = await one.post(`/${W}/desk/mediations/${r.code}/agree`, { token: hidden(page, 'token'), version: hidden(page, 'version') });
  assert.equal(late.status, 409);
  assert.equal(x.sql(`SELECT step FROM ward_case WHERE code = '${r.code}'`), 'talking');
});

test('while mediators have it the unit writes nothing; it may name others', async () => {
  const r = await begun();
  const html = (await unit.get(`/${W}/desk/case/${r.code}`)).text;
  for (const verb of ['note', 'ask', 'correct', 'assign', 'close']) assert.ok(!html.includes(`/desk/case/${r.code}/${verb}"`), verb);
  assert.equal((await act(unit, W, r.code, 'note', { 'note-text': 'Hai bên nói gì.' })).status, 403);
  await must(act(unit, W, r.code, 'appoint', { 'appoint-first': id('hoa-giai'), 'appoint-second': id('hoa-giai-3') }));
  assert.equal((await two.get(`/${W}/desk/mediations/${r.code}`)).status, 404);
  assert.equal((await third.get(`/${W}/desk/mediations/${r.code}`)).status, 200);
});

test('a mediator reads nothing else, and nobody else reads a mediation', async () => {
  const r = await begun();
  for (const [who, login] of [[third, 'hoa-giai-3'], [await signIn(x, W, 'truong-kv'), 'truong-kv'], [await signIn(x, W, 'thu-ky'), 'thu-ky'], [await signIn(x, W, 'chu-tich'), 'chu-tich'], [await signIn(x, W, 'giam-sat'), 'giam-sat'], [await signIn(x, W, 'quan-tri'), 'quan-tri'], [await signIn(x, W, 'cong-an'), 'cong-an'], [await signIn(x, W, 'ha-tang'), 'ha-tang']])
    for (const at of ['desk/mediations', 'desk/case', 'desk/my-area'])
      assert.equal((await who.get(`/${W}/${at}/${r.code}`)).status, 404, `${login} ${at}`);
  // Every page of the desk and of the administration, but what is every account's own.
  for (const [route, cells] of Object.entries(TABLE)) {
    const [method, path] = route.split(' ');
    if (method !== 'GET' || cells.nobody !== 's' || path.includes(':') || path.startsWith('/desk/mediations')) continue;
    const own = ['/desk/start', '/desk/sessions'].includes(path);
    assert.equal((await one.get(`/${W}${path}`)).status === 404, !own, path);
  }
});

test('one place told of again and again: a hint at the desk that works it', async () => {
  const at = { kind: 'noise', lat: '10.0005', lon: '105.7005' }, codes = [];
  for (let i = 0; i < 3; i++) codes.push((await report(x, W, { ...at, text: `Ồn ${i}` })).code);
  const told = await unit.get(`/${W}/desk/case/${codes[0]}`);
  assert.equal(told.status, 200);
  assert.ok(told.text.includes('id="quarrel"'));
  const other = await report(x, W, { ...at, lat: '10.0045', text: 'Ồn chỗ khác' });
  assert.ok(!(await unit.get(`/${W}/desk/case/${other.code}`)).text.includes('id="quarrel"'));
});

// --- khu vực heads ---
const areas = () => x.sql('SELECT area_id FROM area_head ORDER BY ward_id, area_id').split('\n');

test('a khu vực head reads the open hazards of their khu vực, of kinds marked so, unless it was ticked away', async () => {
  const head = await signIn(x, W, 'truong-kv'), own = x.sql(`SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'truong-kv'`);
  const far = x.sql(`SELECT id FROM area WHERE level = 'khu_vuc' AND id <> ${own} AND parent_id = (SELECT parent_id FROM area WHERE id = ${own}) LIMIT 1`);
  assert.ok(areas().length >= 1 && own && far);
  const lamp = await report(x, W, { kind: 'lighting', area: own, text: 'Đèn tắt SEEN.', street: 'Hẻm 7' });
  const hidden_ = [];
  hidden_.push(await report(x, W, { kind: 'lighting', area: own, text: 'TICKED away.', check: { not_head: '1' } }));
  hidden_.push(await report(x, W, { kind: 'lighting', area: far, text: 'FAR away.' }));
  for (const kind of ['noise', 'mediation', 'fire_safety', 'feedback', 'unsure']) hidden_.push(await report(x, W, { kind, area: own, text: `Chuyện ${kind}.` }));
  const list = (await head.get(`/${W}/desk/my-area`)).text, json = (await head.get(`/${W}/desk/my-area.json`)).text;
  assert.ok(list.includes(lamp.code) && list.includes('Hẻm 7'));
  for (const r of hidden_) {
    assert.ok(!list.includes(r.code) && !json.includes(r.code));
    assert.equal((await head.get(`/${W}/desk/my-area/${r.code}`)).status, 404);
  }
  const looked = () => Number(x.sql('SELECT COUNT(*) FROM look WHERE case_id IS NOT NULL')), was = looked();
  const page = (await head.get(`/${W}/desk/my-area/${lamp.code}`)).text;
  assert.equal(looked(), was + 1, 'a khu vực head\'s page is a look');
  assert.ok(page.includes('SEEN') && page.includes(`/desk/my-area/${lamp.code}/settle"`), 'reads, and may settle it on the spot: test/area');
  assert.ok(!(await head.get(`/${W}/desk/my-area/${lamp.code}.json`)).text.includes('SEEN'), 'nothing of the words is downloaded');
  const looks = words((await (await opened(x, W, lamp)).get(`/${W}/receipt`)).text);
  assert.match(looks, /trưởng khu vực/, 'the look shows on the receipt');
  // Closed, or taken to another kind, it is gone; a head whose days are over sees nothing.
  const infra = await signIn(x, W, 'ha-tang');
  await must(act(infra, W, lamp.code, 'take'));
  await must(act(infra, W, lamp.code, 'correct', { 'correct-kind': 'fire_safety', 'correct-area': own, 'correct-street': 'Hẻm 7', 'correct-landmark': '', 'correct-reason': 'Dây điện.' }));
  assert.equal((await head.get(`/${W}/desk/my-area/${lamp.code}`)).status, 404);
  const again = await report(x, W, { kind: 'road', area: own, text: 'Ổ gà.' });
  assert.equal((await head.get(`/${W}/desk/my-area/${again.code}`)).status, 200);
  const code = x.sql(`SELECT code FROM area WHERE id = ${own}`);
  x.verb(['user', 'area', '--ward', W, '--login', 'truong-kv', '--area', code, '--end', '2025-06-01']);
  assert.equal((await head.get(`/${W}/desk/my-area/${again.code}`)).status, 404);
  assert.ok(!(await head.get(`/${W}/desk/my-area`)).text.includes(again.code));
  x.verb(['user', 'area', '--ward', W, '--login', 'truong-kv', '--area', code, '--from', '2026-01-01']);
  x.verb(['user', 'area', '--ward', W, '--login', 'truong-kv', '--area', 'không có', '--from', '2026-01-01'], { status: 1 });
});

test('"not my khu vực head": a box for each kind that one could read, for no other; ticked, no page of theirs changes', async () => {
  const head = await signIn(x, W, 'truong-kv'), own = x.sql(`SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'truong-kv'`);
  const kinds = [...(await x.client().get(`/${W}/report`)).text.matchAll(/name="kind" type="radio" value="([^"]+)"/g)].map((m) => m[1]);
  const marked = kinds.filter((k) => /^area_head: true/m.test(readFileSync(`${root}/procedures/${k.replaceAll('_', '-')}.yaml`, 'utf8')));
  assert.deepEqual(marked.sort(), ['lighting', 'road', 'rubbish', 'water']);
  const before_ = {}, at = { area: own, street: 'Hẻm 99', text: 'TICKEDAWAY.' };
  for (const kind of kinds.filter((k) => k !== 'staff')) { // its readers are the rule's alone: test/rights/staff.test.mjs
    const { page, s, client } = await upToCheck(x, W, { ...at, kind });
    assert.equal(/name="not_head" type="checkbox"/.test(page.text), marked.includes(kind), kind);
    assert.equal(words(page.text).includes('Trưởng khu vực nơi đó'), marked.includes(kind), kind);
    before_[kind] = { s, client };
  }
  const paths = ['desk', 'desk/my-area', 'desk/my-area.json', 'desk?queue=unit', 'desk?queue=new', 'desk?queue=unit&words=TICKEDAWAY', 'desk/news', 'desk/news.json', 'desk/due', 'desk/week', 'desk/week.ics', 'desk/mediations', 'desk/start'];
  const pages = async () => Promise.all(paths.map(async (p) => { const r = await head.get(`/${W}/${p}`); return `${p} ${r.status} ${r.text.replace(/(name="(?:s|token|key)" value=")[^"]*/g, '$1').replace(/\b\d\d:\d\d\b/g, '').replace(/^DTSTAMP.*$/gm, '')}`; }));
  const seen = await pages(), sent = {};
  for (const kind of marked) {
    const r = await before_[kind].client.post(`/${W}/report/check`, { s: before_[kind].s, not_head: '1', go: 'send' });
    sent[kind] = readReceipt(r.text);
  }
  assert.deepEqual(await pages(), seen);
  for (const { code } of Object.values(sent)) for (const p of [`desk/my-area/${code}`, `desk/my-area/${code}.json`, `desk/case/${code}`]) assert.equal((await head.get(`/${W}/${p}`)).status, 404, p);
  // Said on the receipt; and the same without the tick is read.
  assert.match(words((await (await opened(x, W, sent.road)).get(`/${W}/receipt`)).text), /Trưởng khu vực: không được đọc, theo ý bạn/);
  for (const kind of marked) assert.equal((await head.get(`/${W}/desk/my-area/${(await report(x, W, { ...at, kind })).code}`)).status, 200, kind);
  // The same box at the counter.
  const desk = await signIn(x, W, 'ha-tang'), now = new Date(Date.now() + Number(x.clock.us) / 1000 + 7 * 3600e3).toISOString();
  for (const [tick, status] of [[{ not_head: '1' }, 404], [{}, 200]]) {
    const entry = await desk.get(`/${W}/desk/new`);
    const send = (more) => desk.post(`/${W}/desk/new`, { token: hidden(entry.text, 'token'), s: hidden(entry.text, 's'), channel: 'phone', kind: 'road', ...at, landmark: '', day: now.slice(0, 10), hour: now.slice(11, 16), word: 'Hoa Giấy', go: 'send', ...tick, ...more });
    assert.equal(/name="not_head" type="checkbox" value="1" checked/.test((await send({ word: '' })).text), status === 404, 'a tick stays where something else is wrong');
    const code = (await send({})).text.match(/data-x-code>([^<]+)</)[1];
    assert.equal((await head.get(`/${W}/desk/my-area/${code}`)).status, status);
  }
});
