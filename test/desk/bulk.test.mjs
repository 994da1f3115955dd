// Several cases at once, through the one door: what may not be done says why and keeps what was typed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, onPostgres, report, signIn, startXom, unescape, until, words } from '../harness/xom.mjs';
import { advised, casePath, facts, fieldError, follow, steps } from '../harness/steps.mjs';

const W = 'song-may';
let x, a, b, other;
before(async () => {
  x = await startXom();
  [a, b, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2'), await signIn(x, W, 'moi-truong')];
});
after(async () => { await x.stop(); });

const send = (list) => { const f = new URLSearchParams(); for (const [k, v] of list) f.append(k, v); return f; };
const token = async (who) => hidden((await who.get(`/${W}/desk`)).text, 'token');
// From the list's ticks to the form: its hidden fields, with one line a case.
async function form(who, step, codes) {
  const r = await who.post(`/${W}/desk/bulk/form`, send([['token', await token(who)], ['do', step], ...codes.map((c) => ['case', c])]));
  return { r, fields: (more = []) => send([['token', hidden(r.text, 'token')], ['do', step], ...[...r.text.matchAll(/name="case" value="([^"]+)"[^>]* checked/g)].map((m) => ['case', m[1]]), ...more]) };
}
// The result's page, when nothing waits any more.
async function ended(who, r) {
  assert.equal(r.status, 303, words(r.text).slice(0, 300));
  const page = await until('a page on which nothing waits', async () => {
    const got = await who.get(r.location);
    assert.equal(got.status, 200);
    if (!got.headers.get('refresh')) return got;
    assert.match(got.text, /<progress [^>]*max="\d+" value="\d+"/);
    return undefined;
  });
  // What can be taken back waits half a minute: whoever looks at the case then does it.
  x.clock.move(31 / 86400);
  return page;
}
const json = async (who, r) => JSON.parse((await who.get(`${r.location}.json`)).text);
const reasons = (html) => Object.fromEntries([...html.matchAll(/<li class="x-case[\s\S]*?<\/li>/g)].map((m) => [m[0].match(/SM-\d\d-[A-Z0-9]{5}-[A-Z0-9]/)[0], unescape(m[0].match(/govuk-error-message">([^<]*)</)?.[1] ?? '')]));
const make = (n) => Promise.all(Array.from({ length: n }, (_, i) => report(x, W, { text: `Đèn ${i}.`, street: 'Lê Lợi' })));

test('500 closed at once of which 3 have changed: 497 are closed, 3 are named and stay ticked', async () => {
  x.verb(['test-seed', W, '700', '700']);
  const page = await a.get(`/${W}/desk?queue=unit&n=500&tick=all`);
  const codes = [...page.text.matchAll(/name="case" value="([^"]+)"[^>]* checked/g)].map((m) => m[1]);
  assert.equal(codes.length, 500);
  const f = await form(a, 'close', codes);
  assert.equal(f.r.status, 200);
  const changed = [codes[3], codes[250], codes[499]];
  await steps(b, changed[0], ['note', { 'note-text': 'chờ thợ' }]);
  await steps(b, changed[1], ['close', { 'close-outcome': 'not_found', 'close-text': 'Không thấy.' }]);
  await steps(b, changed[2], ['assign', { 'assign-unit': 'moi-truong', 'assign-reason': 'của bên đó' }]);
  const began = Date.now();
  const r = await a.post(`/${W}/desk/bulk`, f.fields([['outcome', 'mended'], ['words', 'Đã sửa KEPT <cả> tuyến.']]));
  const done = await ended(a, r);
  console.log(`# 500 cases closed in ${Date.now() - began} ms`);
  const result = await json(a, r);
  assert.deepEqual([result.total, result.done_n, result.failed_n, result.done.length, result.cases.length], [500, 497, 3, 497, 3]);
  assert.match(words(done.text), /sẽ đóng sau 30 giây/);
  assert.match(words(done.text), /Đã ghi nhận: 497 \/ 500\. Chưa làm được: 3/);
  const why = reasons(done.text);
  assert.deepEqual(Object.keys(why).sort(), [...changed].sort());
  assert.match(why[changed[0]], /vừa thay đổi/);
  assert.match(why[changed[2]], /không còn ở đơn vị/);
  assert.equal([...done.text.matchAll(/name="case" value="[^"]+"[^>]* checked/g)].length, 2, 'what another unit has can\'t be ticked');
  assert.match(done.text, />\nĐã sửa KEPT &lt;cả&gt; tuyến\.<\/textarea>/);
  assert.match(done.text, /value="mended"[^>]* checked/);
  // Really closed, with the words, by this officer; the reporter's page tells.
  const one = await facts(a, codes[7]);
  assert.deepEqual([one.state, one.outcome, one.timeline[0].what], ['closed', 'mended', 'close']);
  assert.match(JSON.stringify(one.timeline[0]), /Đã sửa KEPT <cả> tuyến|Đã sửa KEPT \\u003cc/);
  assert.equal((await facts(a, changed[0])).state, 'received');
  // Sent again from that page: the one that only had a note is closed, the closed one can't be.
  const again = send([['token', hidden(done.text, 'token')], ['do', 'close'], ['outcome', 'mended'], ['words', 'Lần hai.'],
    ...[...done.text.matchAll(/name="case" value="([^"]+)"/g)].map((m) => ['case', m[1]])]);
  const second = await a.post(`/${W}/desk/bulk`, again);
  const last = reasons((await ended(a, second)).text);
  assert.deepEqual(Object.keys(last), [changed[1]]);
  assert.match(last[changed[1]], /không làm được/);
  assert.equal((await facts(a, changed[0])).state, 'closed');
});

test('no bulk step goes round what a single one needs', async () => {
  const [one, two] = await make(2);
  const f = await form(a, 'close', [one.code, two.code]);
  for (const [more, wrong] of [[[], ['outcome', 'words']], [[['outcome', 'mended'], ['words', ' ']], ['words']], [[['outcome', 'gone'], ['words', 'KEPT']], ['outcome']],
    [[['outcome', 'mended'], ['words', 'x'.repeat(2001)]], ['words']], [[['outcome', 'mended'], [`own-${one.code}`, 'KEPTOWN']], ['words']],
    [[['outcome', 'mended'], ['words', 'Xong.'], [`own-${one.code}`, 'KEPTOWN'], [`own-${two.code}`, 'x'.repeat(2001)]], [`own-${two.code}`]]]) {
    const r = await a.post(`/${W}/desk/bulk`, f.fields(more));
    assert.equal(r.status, 422, JSON.stringify(more).slice(0, 80));
    for (const field of wrong) fieldError(r.text, field);
    assert.equal([...r.text.matchAll(/name="case" value="[^"]+"[^>]* checked/g)].length, 2);
    if (JSON.stringify(more).includes('KEPTOWN')) assert.match(r.text, /value="KEPTOWN"/);
  }
  // Words that name somebody come back once, marked, with all that was chosen.
  const told = await a.post(`/${W}/desk/bulk`, f.fields([['outcome', 'mended'], ['words', 'Bà Bảy đã cắt cây.']]));
  advised(told, 'words', 'Bảy');
  // So do a case's own, the one that it is about.
  const own = await a.post(`/${W}/desk/bulk`, f.fields([['outcome', 'mended'], ['words', ''], [`own-${one.code}`, 'Thay bóng.'], [`own-${two.code}`, 'Ông Tám đã nối dây.']]));
  assert.match(own.text, new RegExp(`<a href="#own-${two.code}">${two.code}: Chưa xong`));
  assert.match(own.text, new RegExp(`x-advice-mark">Tám<[\\s\\S]*?name="own-${two.code}-advised" value="1"`));
  assert.equal([...own.text.matchAll(/class="x-advice-mark"/g)].length, 1);
  for (const typed of ['Thay bóng.', 'Ông Tám đã nối dây.']) assert.ok(own.text.includes(`value="${typed}"`), typed);
  assert.deepEqual([(await facts(a, one.code)).state, (await facts(a, two.code)).state], ['received', 'received']);
  // Each its own result; then the words for all may be empty.
  const r = await a.post(`/${W}/desk/bulk`, f.fields([['outcome', 'mended'], ['words', ''], [`own-${one.code}`, 'Thay bóng 079012345678.'], [`own-${two.code}`, 'Ông Tám nối dây.'], [`own-${two.code}-advised`, '1']]));
  await ended(a, r);
  assert.deepEqual((await json(a, r)).cases, []);
  const said = async (code) => (await facts(a, code)).timeline[0].parts.find((p) => p.label === 'Kết quả' || /Kết quả|Đã làm/.test(p.label))?.text;
  assert.match(await said(one.code), /Thay bóng ●{12}\./);
  assert.equal(await said(two.code), 'Ông Tám nối dây.');
  const c = await follow(x, two);
  assert.match((await c.get(`/${W}/receipt`)).text, /Ông Tám nối dây\./);
});

test('taken, noted, handed on; twice ticked is once; nobody else\'s', async () => {
  const got = await make(3), codes = got.map((g) => g.code);
  for (const [step, more] of [['take', []], ['note', [['words', 'NOTE']]], ['assign', [['unit', 'moi-truong'], ['words', 'của bên đó']]]]) {
    const f = await form(a, step, [...codes, codes[0]]);
    const r = await a.post(`/${W}/desk/bulk`, f.fields(more));
    await ended(a, r);
    const result = await json(a, r);
    assert.deepEqual([result.total, result.done_n], [3, 3], step);
    // Nobody else sees what an officer asked for.
    for (const who of [b, other]) assert.equal((await who.get(r.location)).status, 404);
    if (step !== 'assign') assert.equal((await facts(b, codes[1])).timeline[0].what, step);
  }
  for (const code of codes) assert.equal((await a.get(casePath(code))).status, 404, 'handed on');
  assert.equal((await facts(other, codes[2])).timeline[0].what, 'assign');
  // Ticking another unit's case does nothing and tells nothing.
  const f = await form(a, 'take', [codes[0]]);
  assert.match(f.r.location, /done=none_ticked/);
  assert.match(words((await a.get(f.r.location)).text), /Chưa chọn việc nào/);
  for (const bad of [[['do', 'release']], [['do', 'xyz']], []])
    assert.equal((await a.post(`/${W}/desk/bulk`, send([['token', await token(a)], ...bad]))).status, 400);
  for (const id of ['0', 'x', '-1', '999999999999']) assert.equal((await a.get(`/${W}/desk/bulk/${id}`)).status, 404);
});

test('what was asked for outlives the server, and is forgotten a day later', async () => {
  const codes = (await make(40)).map((g) => g.code);
  const f = await form(a, 'close', codes);
  const r = await a.post(`/${W}/desk/bulk`, f.fields([['outcome', 'mended'], ['words', 'Xong cả.']]));
  await ended(a, r);
  const sql = (text) => x.sql(text);
  const again = (await make(3)).map((g) => g.code), id = r.location.split('/').at(-1);
  // As after a power cut: rows that wait, and their job.
  await x.kill();
  sql(`UPDATE bulk SET ended_at = NULL WHERE id = ${id};` + again.map((code, i) => `INSERT INTO bulk_item SELECT ward_id, ${id}, ${100 + i}, id, version, '', 0, '' FROM ward_case WHERE code = '${code}'`).join(';'));
  sql(`DELETE FROM outbox WHERE kind = 'desk.bulk';
    INSERT INTO outbox(ward_id, id, kind, dedup, payload, state, due_at, attempts, lease, error, lane)
      SELECT ward_id, 1, 'desk.bulk', '${id}', ${onPostgres ? `'${id}'::bytea` : `CAST('${id}' AS BLOB)`}, 1, 0, 0, 0, '', 0 FROM bulk WHERE id = ${id}`);
  await x.start();
  a.base = x.url; b.base = x.url; other.base = x.url;
  await ended(a, r);
  for (const code of again) assert.equal((await facts(a, code)).state, 'closed');
  x.clock.move(1.1);
  a = await signIn(x, W, 'ha-tang');
  await until('the sweep of what was asked for', () => sql('SELECT count(*) FROM bulk') === '0');
  assert.equal(sql('SELECT count(*) FROM bulk_item'), '0');
  assert.equal((await a.get(r.location)).status, 404);
});
