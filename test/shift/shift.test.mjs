// A shift handed over and taken, frozen; the paper list, and what was written there by hand; thanks.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, report, signIn, startXom, until, words } from '../harness/xom.mjs';
import { casePath, facts, fieldError, follow, reporter, step, steps } from '../harness/steps.mjs';

const W = 'song-may', SHIFT = `/${W}/desk/shift`, PAPER = `/${W}/desk/paper`;
let x, a, b, other;
const signAll = async () => { [a, b, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2'), await signIn(x, W, 'moi-truong')]; };
// The ward's clock, UTC+7, at this hour of the day that begins after now.
const HOUR = 3600e6;
function clockTo(hour, minute = 0) {
  const now = Date.now() * 1000, local = now + 7 * HOUR + Number(x.clock.us);
  const target = (Math.floor(local / (24 * HOUR)) + 1) * 24 * HOUR + hour * HOUR + minute * 60e6;
  x.clock.set(Number(x.clock.us) + Math.round(target - local));
}
before(async () => { x = await startXom(); clockTo(15); await signAll(); });
after(async () => { await x.stop(); });

const sql = (text) => x.sql(text);
const sheet = async (who, id = '') => JSON.parse((await who.get(`${SHIFT}${id && `/${id}`}.json`)).text);
const codesOf = (s, name) => s.sections.find((k) => k.name === name).cases.map((c) => c.code);
const handOver = async (who, notes) => who.post(SHIFT, { token: hidden((await who.get(SHIFT)).text, 'token'), notes, unit: '' });
const CLOSE = { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' };

test('the sheet says what came, was done, is due; handed over it stays, taken by somebody else once', async () => {
  const one = await report(x, W, { text: 'Đèn một.', street: 'Lê Lợi' }), two = await report(x, W, { text: 'Đèn hai.' });
  await steps(a, two.code, ['close', CLOSE]);
  const now = await sheet(a);
  for (const [name, code] of [['came', one.code], ['came', two.code], ['done', two.code], ['next', one.code]]) assert.ok(codesOf(now, name).includes(code), `${name} ${code}`);
  assert.ok(!codesOf(now, 'next').includes(two.code));
  assert.ok(!codesOf(await sheet(other), 'came').includes(one.code), 'each unit its own');
  const r = await handOver(a, 'Thang để ở kho. Căn cước 079012345678.');
  assert.equal(r.status, 303);
  const id = r.location.match(/shift\/(\d+)/)[1];
  let page = (await a.get(`${SHIFT}/${id}`)).text;
  assert.match(page, /Thang để ở kho\. Căn cước ●{12}\./);
  assert.doesNotMatch(page, /\/accept"/, 'who hands over cannot take it');
  assert.equal((await a.post(`${SHIFT}/${id}/accept`, { token: hidden(page, 'token') })).status, 403);
  const was = await sheet(b, id);
  assert.deepEqual([was.notes, was.in ?? ''], ['Thang để ở kho. Căn cước ●●●●●●●●●●●●.', '']);
  // Nobody of another unit has it.
  assert.equal((await other.get(`${SHIFT}/${id}`)).status, 404);
  assert.equal((await other.post(`${SHIFT}/${id}/accept`, { token: hidden((await other.get(SHIFT)).text, 'token') })).status, 404);
  // The next officer is led to it before their own sheet; who handed it over isn't, nor another unit.
  const waits = async (officer) => new RegExp(`Có ca chờ bạn nhận[\\s\\S]*${SHIFT}/${id}"[\\s\\S]*<h1`).test((await officer.get(SHIFT)).text);
  assert.deepEqual([await waits(b), await waits(a), await waits(other)], [true, false, false]);
  // What happens later does not change it.
  await steps(a, one.code, ['close', CLOSE]);
  page = (await b.get(`${SHIFT}/${id}`)).text;
  assert.equal((await b.post(`${SHIFT}/${id}/accept`, { token: hidden(page, 'token') })).location, `${SHIFT}/${id}?done=taken`);
  assert.equal(await waits(b), false, 'taken');
  const taken = await sheet(b, id);
  assert.ok(taken.in && taken.taken && taken.out && taken.in !== taken.out);
  assert.deepEqual([taken.sections, taken.notes, taken.open_n, taken.until], [was.sections, was.notes, was.open_n, was.until]);
  assert.doesNotMatch((await b.get(`${SHIFT}/${id}`)).text, /\/accept"/);
  assert.equal((await b.post(`${SHIFT}/${id}/accept`, { token: hidden((await b.get(SHIFT)).text, 'token') })).location, `${SHIFT}/${id}`, 'taken once');
  assert.deepEqual((await sheet(b, id)).taken, taken.taken);
  // The next one begins where this one ended.
  const next = await sheet(b);
  assert.equal(next.from, was.until);
  assert.deepEqual([codesOf(next, 'came'), codesOf(next, 'done')], [[], [one.code]]);
  assert.equal(next.earlier[0].url, `${SHIFT}/${id}`);
  for (const bad of ['0', 'x', '99999999999']) assert.equal((await a.get(`${SHIFT}/${bad}`)).status, 404);
});

test('notes too long come back as typed; nothing is handed over', async () => {
  const n = sql('SELECT count(*) FROM handover');
  const r = await handOver(a, `KEPT${'x'.repeat(4000)}`);
  assert.equal(r.status, 422);
  assert.match(fieldError(r.text, 'notes'), /4004\/4000/);
  assert.match(r.text, />\nKEPTx/);
  assert.equal(sql('SELECT count(*) FROM handover'), n);
  assert.equal((await a.get(`${SHIFT}?unit=moi-truong`)).status, 404, 'a unit that one is not in');
});

test('"solved, thanks" reaches the unit that did it, and nobody else', async () => {
  const got = await report(x, W, { text: 'Đèn ba.' });
  await steps(a, got.code, ['take'], ['close', CLOSE]);
  const c = await follow(x, got);
  let r = await reporter(c, 'solved', { thanks: 'x'.repeat(301) });
  assert.equal(r.status, 422);
  assert.match(fieldError(r.text, 'thanks'), /301\/300/);
  r = await reporter(c, 'solved', { thanks: 'Cảm ơn CANARYTHANKS các anh.' });
  assert.equal(r.location, `/${W}/receipt?done=solved`);
  for (const page of [await b.get(`/${W}/desk`), await b.get(SHIFT), await b.get(casePath(got.code)), await c.get(`/${W}/receipt`)])
    assert.match(page.text, /Cảm ơn CANARYTHANKS các anh\./);
  const pub = (await facts(a, got.code)).public_code;
  for (const page of [await other.get(`/${W}/desk`), await other.get(SHIFT), await x.client().get(`/${W}/case/${pub}`), await x.client().get(`/${W}/cases.json`), await b.get(`${SHIFT}.json`), await b.get(`/${W}/desk.json`), await b.get(`${casePath(got.code)}.json`)])
    assert.doesNotMatch(page.text, /CANARYTHANKS/);
  assert.match(JSON.stringify(await sheet(b)), new RegExp(`"solved"[\\s\\S]*${got.code}`));
  // A week later it is no longer this week's.
  x.clock.move(8);
  await signAll();
  assert.doesNotMatch((await b.get(`/${W}/desk`)).text, /CANARYTHANKS/);
});

test('at the ward\'s hour the paper list is made once a unit; a week later it is gone', async () => {
  clockTo(16, 50);
  await signAll();
  const late = [await report(x, W, { text: 'Đèn a.', street: 'Lê Lợi', landmark: 'cầu khỉ' }), await report(x, W, { text: 'Đèn b.' }), await report(x, W, { text: 'Đèn c.' }), await report(x, W, { text: 'Đèn d.' })];
  const papers = async (who) => JSON.parse((await who.get(`${PAPER}.json`)).text).days;
  const today = new Date(Date.now() + Number(x.clock.us) / 1000 + 7 * 3600e3).toISOString().slice(0, 10);
  assert.ok(!(await papers(a)).some((d) => d.day === today), 'not before');
  assert.equal((await a.get(`${PAPER}/${today}`)).status, 404);
  clockTo(-7, 5); // five past five of the same day
  await until('the paper of today', async () => (await papers(a)).some((d) => d.day === today));
  const page = await a.get(`${PAPER}/${today}`);
  assert.equal(page.status, 200);
  for (const c of late) assert.match(page.text, new RegExp(c.code));
  assert.match(page.text, /cầu khỉ/);
  const json = (await a.get(`${PAPER}/${today}.json`)).text;
  assert.doesNotMatch(json, /cầu khỉ|Đèn a/);
  assert.ok(!(await other.get(`${PAPER}/${today}`)).text.includes(late[0].code), 'each unit its own');
  // Written by hand while the power was out.
  const rows = JSON.parse(json).cases, noOf = (g) => rows.find((k) => k.code === g.code).no;
  const [n0, n1, n2, n3] = late.map(noOf);
  const fields = (more) => Object.fromEntries([['token', hidden(page.text, 'token')], ['unit', hidden(page.text, 'unit')], ...[...page.text.matchAll(/name="(v-\d+)" value="(\d+)"/g)].map((m) => [m[1], m[2]]), ...more]);
  await steps(b, late[2].code, ['note', { 'note-text': 'gọi thợ' }]);
  clockTo(-1, 30); // half past eleven at night
  await signAll();
  const token = hidden((await a.get(SHIFT)).text, 'token');
  const sent = { ...fields([[`what-${n0}`, 'close:mended'], [`words-${n0}`, 'Thay bóng dưới mưa.'], [`at-${n0}`, '18:30'],
    [`what-${n1}`, 'note'], [`words-${n1}`, 'Chờ thang.'], [`at-${n1}`, '19:05'],
    [`what-${n2}`, 'close:mended'], [`words-${n2}`, 'KEPT đã xong.'], [`at-${n2}`, '20:00'],
    [`what-${n3}`, 'note'], [`words-${n3}`, 'KEPTFUTURE'], [`at-${n3}`, '01:10']]), token };
  let r = await a.post(`${PAPER}/${today}`, sent);
  assert.equal(r.status, 422);
  assert.match(words(r.text), /Đã nhập: 2\. Chưa làm được: 2/);
  const closed = await facts(a, late[0].code), said = (t) => Object.fromEntries(t.parts.map((p) => [p.label, p.text]));
  assert.deepEqual([closed.state, closed.outcome], ['closed', 'mended']);
  assert.equal(said(closed.timeline[0])['Thực tế lúc'], `${today} 18:30`);
  assert.ok(new Date(closed.timeline[0].at).getUTCHours() === 16, 'entered at 23:30 in the ward\'s zone');
  assert.equal(said((await facts(a, late[1].code)).timeline[0])['Thực tế lúc'], `${today} 19:05`);
  for (const [no, code] of [[n2, late[2].code], [n3, late[3].code]]) {
    assert.equal((await facts(a, code)).state, 'received');
    assert.match(r.text, new RegExp(`id="error-${no}">`));
  }
  assert.match(r.text, />\nKEPT đã xong\.<[\s\S]*>\nKEPTFUTURE</);
  assert.match(r.text, /value="01:10"/);
  // Sent again from the page that told, after midnight.
  clockTo(1, 30);
  await signAll();
  const again = Object.fromEntries([...r.text.matchAll(/name="(v-\d+)" value="(\d+)"/g)].map((m) => [m[1], m[2]]));
  r = await a.post(`${PAPER}/${today}`, { ...sent, ...again, [`what-${n0}`]: '', [`words-${n0}`]: '', [`at-${n0}`]: '', [`what-${n1}`]: '', [`words-${n1}`]: '', [`at-${n1}`]: '', token: hidden((await a.get(SHIFT)).text, 'token') });
  assert.equal(r.status, 200, words(r.text).slice(0, 300));
  assert.equal((await facts(a, late[2].code)).state, 'closed');
  const tomorrow = new Date(Date.parse(today) + 86400e3).toISOString().slice(0, 10);
  assert.equal(said((await facts(a, late[3].code)).timeline[0])['Thực tế lúc'], `${tomorrow} 01:10`);
  for (const bad of ['2020-01-01', 'x', `${today}x`]) assert.equal((await a.get(`${PAPER}/${bad}`)).status, 404);
  // Made once, looked at with its number of rows, and gone after a week.
  assert.equal(sql(`SELECT count(*) FROM paper_list p JOIN unit u ON u.ward_id = p.ward_id AND u.id = p.unit_id WHERE u.slug = 'ha-tang' AND p.ward_id = (SELECT id FROM ward WHERE slug = '${W}')`), '1');
  assert.match(sql(`SELECT number FROM look WHERE what = 'paper' AND filter = '${today}' LIMIT 1`), new RegExp(`^${rows.length}$`));
  x.clock.move(9);
  await until('the sweep of papers', () => sql(`SELECT count(*) FROM paper_row WHERE day < ${Math.floor(Date.parse(tomorrow) / 86400e3)}`) === '0');
});

test('in English; and who may not', async () => {
  await signAll();
  assert.match(words((await a.get(`/${W}/en/desk/shift`)).text), /What came in[\s\S]*Due next[\s\S]*Hand over/);
  assert.match(words((await a.get(`/${W}/en/desk/paper`)).text), /made at 17:00/);
  for (const login of ['chu-tich', 'quan-tri', 'thu-ky', 'giam-sat'])
    for (const path of [SHIFT, PAPER]) assert.equal((await (await signIn(x, W, login)).get(path)).status, 404, login);
});
