// RIGHTS.md promise 8: parts of a photo that everybody sees are covered for good, at once everywhere, by who works the
// case and by oversight for a request. What was covered is in no file, page or row any more, and comes back by no backup.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { binary, hidden, readReceipt, signIn, tempDir, until, verb, words } from '../harness/xom.mjs';
import { WARDS, act, login, must, opened, photoNames, png, reported, startWorld } from './world.mjs';

const W = WARDS.own, OTHER = WARDS.other, SIDE = 384; // 6 cells of 64 pixels a side
let x, ward, officer, second, elsewhere, oversight, stranger, nobody;
const place = {};

before(async () => {
  place.dir = tempDir();
  for (const name of ['data', 'keys']) mkdirSync(place[name] = join(place.dir, name));
  const key = (name) => execFileSync(binary, ['backup-key', place[`${name}Secret`] = join(place.dir, `${name}.secret`)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  x = await startWorld({ settings: `backup_dir: ${place.data}\nbackup_key: ${key('data')}\nbackup_keys_dir: ${place.keys}\nbackup_keys_key: ${key('keys')}\n` });
  ward = x.sql(`SELECT id FROM ward WHERE slug = '${W}'`);
  [officer, second, elsewhere, oversight, stranger] = await Promise.all([signIn(x, W, 'ha-tang'), signIn(x, W, 'ha-tang-2'), signIn(x, W, login(W, 'handler_other')), signIn(x, W, 'giam-sat'), signIn(x, OTHER, 'ha-tang.rt')]);
  nobody = x.client();
});
after(async () => { await x?.stop(); rmSync(place.dir, { recursive: true, force: true }); });

// Two of these differ in a "face" alone, which lies in the cell "3-3".
const FACE = ['3-3'];
const picture = (seed) => png(SIDE, [], seed, (c, y) => (c >= 3 * 132 && c < 3 * 156 && y >= 131 && y < 157 ? c * seed * 31 + y * 17 * seed : (c >> 2) + y));
const page = async (r) => (await officer.get(`/${W}/desk/case/${r.code}`)).text;
async function shown(seed, { release = true } = {}) {
  const r = await reported(x, W, { kind: 'lighting', text: `Đèn tắt ${seed}.`, photos: [{ bytes: picture(seed), name: 'a.png' }] });
  await must(act(officer, W, r.code, 'take'));
  const html = await page(r), id = html.match(/name="release" value="(\d+)"/)[1];
  Object.assign(r, { id, photo: photoNames(html)[0], public: html.match(/\/case\/([A-Z]{2}-P-[^"]+)"/)[1] });
  assert.ok(existsSync(file(r.photo)));
  if (release) await must(act(officer, W, r.code, 'release', { 'release-text': `Đèn tắt ${seed}.`, release: id }));
  return r;
}
const at = (r, name = r.photo) => `/${W}/desk/case/${r.code}/blur/${name}`;
const ticked = (cells, more = {}) => [...cells.map((c) => ['cell', c]), ...Object.entries(more)];
async function send(client, path, cells, more = {}) {
  const token = hidden((await client.get(path.replace(/\/desk\/.*|\/oversight\/.*/, '/desk/sessions'))).text, 'token');
  return client.post(path, [['token', token], ...ticked(cells, more)]);
}
const sure = (client, path, cells = FACE) => send(client, path, cells, { sure: '1' });
const now = async (r) => photoNames(await page(r))[0];
const file = (name) => join(x.data, 'media', ward, name.slice(0, 2), `${name}.jpg`);
const entries = (r) => x.sql(`SELECT verb FROM timeline t JOIN ward_case c ON c.ward_id = t.ward_id AND c.id = t.case_id WHERE c.code = '${r.code}' ORDER BY t.seq`).split('\n');
const everywhere = (pub) => ['/cases', '/cases.json', '/feed.atom', '/feed.json', `/case/${pub}`, `/case/${pub}.json`, `/en/case/${pub}`, `/km/case/${pub}`].map((p) => `/${W}${p}`);
async function naming(pub, name) {
  const out = [];
  for (const p of everywhere(pub)) if ((await nobody.get(p)).text.includes(name)) out.push(p);
  return out;
}

test('at the desk: squares are ticked, seen before, covered for good and at once everywhere', async () => {
  const one = await shown(1), twin = await shown(2);
  const seen = async (r, thumb = '') => (await nobody.get(`/${W}/case/${r.public}/photo/${await now(r)}${thumb}`)).bytes;
  assert.notDeepEqual(await seen(one), await seen(twin), 'they differ in the face');
  assert.ok((await naming(one.public, one.photo)).length >= 5);
  const reporter = await opened(x, W, one);

  // The page: a box for each square, named by row and column; then how it will be, and the question.
  assert.ok((await page(one)).includes(`href="${at(one)}"`), 'the case leads there');
  const grid = await officer.get(at(one));
  assert.equal(grid.status, 200);
  assert.equal(grid.text.match(/type="checkbox" name="cell"/g).length, 36);
  assert.ok(words(grid.text).includes('Hàng 3, cột 2'));
  assert.ok((await officer.get(at(one).replace(W, `${W}/en`))).text.includes('Row 6, column 6'));
  const asked = await send(officer, at(one), FACE);
  assert.equal(asked.status, 200);
  assert.ok(/<path d="M126 126h68v68h-68z"/.test(asked.text) && words(asked.text).includes('không làm ngược lại được') && asked.text.includes('name="cell" value="3-3"'), asked.text);
  assert.equal(await now(one), one.photo, 'nothing is done before that');
  const again = await send(officer, at(one), FACE, { again: '1' });
  assert.ok(/value="3-3"[^>]* checked/.test(again.text) && again.text.match(/ checked/g).length === 1);

  const done = await sure(officer, at(one));
  assert.equal(done.status, 303, words(done.text));
  assert.ok(words((await officer.get(done.location)).text).includes('Ảnh cũ đã hủy'));
  const name = await now(one);
  assert.notEqual(name, one.photo);

  // At once: pages, lists, feeds and JSON show the new one, the old address is nothing for anybody.
  assert.deepEqual(await naming(one.public, one.photo), []);
  assert.ok((await naming(one.public, name)).length >= 5);
  for (const [client, path] of [[nobody, `/case/${one.public}/photo/`], [officer, `/desk/case/${one.code}/photo/`], [reporter, '/receipt/photo/']])
    for (const thumb of ['', '?thumb=1']) {
      assert.equal((await client.get(`/${W}${path}${one.photo}${thumb}`)).status, 404, path);
      assert.equal((await client.get(`/${W}${path}${name}${thumb}`)).status, 200, path);
    }
  // Its file goes with it.
  await until('the old file is gone', () => !existsSync(file(one.photo)));
  assert.ok(existsSync(file(name)));
  assert.ok(readdirSync(join(x.data, 'media', ward), { recursive: true }).every((f) => !String(f).includes(one.photo)));

  // No pixel depends on what was covered: of two that differed there, the same bytes come, thumbnail and all.
  await must(sure(officer, at(twin)));
  assert.deepEqual(await seen(one), await seen(twin));
  assert.deepEqual(await seen(one, '?thumb=1'), await seen(twin, '?thumb=1'));

  // It is still a photo of the reporter's, first in its place, released; the records hold, and say by which rule it went.
  assert.equal(x.sql(`SELECT released, by_reporter, id FROM attachment WHERE name = '${name}'`).replace(/[|,\t]/g, ' '), `1 1 ${one.id}`);
  assert.equal(entries(one).at(-1), 'blur');
  assert.match(x.verb(['verify', '--ward', W]), /: 0 faults/);
  const line = readFileSync(join(x.data, 'deletions', `${ward}.list`), 'utf8').split('\n').filter((l) => l.split('\t')[1] === one.code).map((l) => l.split('\t').slice(2, 4).join(' '));
  assert.equal(line.length, 2, 'the photo, and what its release said of it');
  assert.match(line[0], /^photo 1\.\d+ blur$/);
  assert.match(line[1], /^photo \d+\.\d+ blur$/);
  const told = words((await reporter.get(`/${W}/receipt`)).text);
  assert.ok(told.includes('Che một phần ảnh; ảnh cũ đã hủy'), told);
  assert.ok(words((await reporter.get(`/${W}/en/receipt`)).text).includes('Covered parts of a photo; the photo as it was is destroyed'));
  assert.ok(words((await reporter.get(`/${W}/km/receipt`)).text).includes('បានបិទបាំងផ្នែកខ្លះនៃរូបថត'));
});

test('its reporter may have it erased as before, and who shows it again shows the covered one', async () => {
  const r = await shown(3);
  await must(sure(officer, at(r)));
  const name = await now(r), reporter = await opened(x, W, r);
  await must(act(officer, W, r.code, 'unrelease', { 'unrelease-reason': 'Xem lại.' }));
  assert.equal((await nobody.get(`/${W}/case/${r.public}/photo/${name}`)).status, 404);
  assert.equal((await officer.get(at(r, name))).status, 409, 'what nobody sees is not covered');
  await must(act(officer, W, r.code, 'release', { 'release-text': 'Đèn tắt.', release: r.id }));
  assert.equal((await nobody.get(`/${W}/case/${r.public}/photo/${name}`)).status, 200);
  // Once more, another square of it.
  await must(sure(officer, at(r, name), ['1-1', '1-2']));
  const last = await now(r);
  const kept = await reporter.get(`/${W}/receipt/kept`), key = kept.text.match(/name="erase"[^>]*value="(photo-\d+-\d+)"/)?.[1];
  assert.ok(key, 'it is among what its reporter may have erased');
  await must(reporter.post(`/${W}/receipt/kept/erase`, [['s', hidden(kept.text, 's')], ['sure', '1'], ['erase', key]]));
  assert.equal((await nobody.get(`/${W}/case/${r.public}/photo/${last}`)).status, 404);
  await until('the files are gone', () => ![r.photo, name, last].some((n) => existsSync(file(n))));
  assert.match(x.verb(['verify', '--ward', W]), /: 0 faults/);
});

test('what cannot be covered is said, with what to do, and changes nothing', async () => {
  const r = await shown(4), all = Array.from({ length: 36 }, (_, i) => `${(i / 6 | 0) + 1}-${i % 6 + 1}`);
  for (const more of [{}, { sure: '1' }]) {
    for (const [cells, said] of [[[], 'Đánh dấu ít nhất một ô'], [all, 'Hãy rút ảnh khỏi trang công khai'], [['7-1'], 'không nằm trong ảnh này'], [['3-3', '0-3'], 'không nằm trong ảnh này'], [['x'], 'không nằm'], [['5'], 'không nằm'], [['3-3-3'], 'không nằm']]) {
      const a = await send(officer, at(r), cells, more);
      assert.equal(a.status, 422, `${cells}`);
      assert.ok(words(a.text).includes(said), `${cells}: ${words(a.text)}`);
    }
  }
  // Not shown to anybody; under a legal hold; while a colleague's step waits; another case's photo; damaged; missing.
  const hid = await shown(5, { release: false });
  let a = await sure(officer, at(hid));
  assert.equal(a.status, 409);
  assert.ok(words(a.text).includes('Chỉ che được ảnh đang ở trang công khai') && !a.text.includes('name="cell"'));
  x.sql(`UPDATE ward_case SET held_until = 99999 WHERE code = '${r.code}'`);
  a = await sure(officer, at(r));
  assert.equal(a.status, 409);
  assert.ok(words(a.text).includes('lệnh giữ chứng cứ'));
  x.sql(`UPDATE ward_case SET held_until = NULL WHERE code = '${r.code}'`);
  await must(act(officer, W, r.code, 'ask', { 'ask-text': 'Trụ số mấy?' }, { wait: true }));
  a = await sure(second, at(r));
  assert.equal(a.status, 409);
  assert.ok(words(a.text).includes('Nửa phút nữa hãy thử lại') && a.text.includes('name="cell"'));
  await officer.settle(`/${W}/desk/case/${r.code}`);
  const other = await shown(6);
  assert.equal((await officer.get(at(r, other.photo))).status, 404);
  assert.equal((await sure(officer, at(r, other.photo))).status, 409);
  for (const name of ['none', '..', '%00']) assert.ok([400, 404].includes((await officer.get(at(r, name))).status), name);
  const size = readFileSync(file(r.photo)).length;
  truncateSync(file(r.photo), size - 100);
  a = await sure(officer, at(r));
  assert.equal(a.status, 422);
  assert.ok(words(a.text).includes('Tệp ảnh bị thiếu hoặc hỏng'));
  rmSync(file(r.photo));
  a = await sure(officer, at(r));
  assert.ok(a.status === 422 && words(a.text).includes('Tệp ảnh bị thiếu hoặc hỏng'));
  for (const c of [r, hid, other]) assert.ok(!entries(c).includes('blur') && await now(c) === c.photo);
  x.sql(`DELETE FROM attachment WHERE name = '${r.photo}'`); // its file was taken away by hand
});

test('two officers, two taps, and who has no part in the case', async () => {
  const r = await shown(7);
  for (const [client, path, status] of [[elsewhere, at(r), 404], [oversight, at(r), 404], [stranger, at(r).replace(W, OTHER), 404]]) {
    assert.equal((await client.get(path)).status, status, path);
    assert.equal((await sure(client, path)).status, status, path);
  }
  assert.ok([303, 404].includes((await nobody.get(at(r))).status));
  const looks = () => Number(x.sql("SELECT COUNT(*) FROM look WHERE what = 'photo'")), n = looks();
  assert.equal((await officer.get(at(r))).status, 200);
  assert.equal(looks(), n + 1);
  // Two taps at once, and one more: done once; the others are told that the photo is gone, never that it was done again.
  const taps = await Promise.all([sure(officer, at(r)), sure(officer, at(r))]);
  assert.deepEqual([...taps, await sure(officer, at(r))].map((a) => a.status).sort(), [303, 409, 409]);
  for (const cells of [['2-2'], FACE]) assert.match(words((await sure(officer, at(r), cells)).text), /Ảnh này không còn.*Lần này chưa đổi gì/);
  assert.equal(entries(r).filter((v) => v === 'blur').length, 1);
  // A colleague, who had the old one before them, is told that it is gone; withdrawn is told, too.
  const late = await sure(second, at(r), ['2-2']);
  assert.equal(late.status, 409);
  assert.ok(words(late.text).includes('vừa được che, rút hoặc xóa'));
  const q = await shown(8);
  await must(act(second, W, q.code, 'unrelease', { 'unrelease-reason': 'Có mặt người.' }));
  assert.equal((await sure(officer, at(q))).status, 409);
  assert.deepEqual([entries(r), entries(q)].map((e) => e.filter((v) => v === 'blur').length), [1, 0]);
  // What no row names is not left behind.
  await until('no photo is left that no row names', () => {
    const named = new Set([...x.sql('SELECT name FROM attachment').split('\n'), ...x.sql('SELECT name FROM pending_photo').split('\n')]);
    return readdirSync(join(x.data, 'media', ward), { recursive: true }).filter((f) => String(f).endsWith('.jpg')).every((f) => named.has(String(f).slice(-36, -4)));
  });
});

test('the same picture twice in a case: the one that stays is as public as it was', async () => {
  const r = await reported(x, W, { kind: 'lighting', text: 'Hai ảnh giống nhau.', photos: [{ bytes: picture(11), name: 'a.png' }, { bytes: picture(11), name: 'b.png' }] });
  await must(act(officer, W, r.code, 'take'));
  const html = await page(r), ids = [...html.matchAll(/name="release" value="(\d+)"/g)].map((m) => m[1]), [first, second_] = photoNames(html);
  const now_ = await page(r), sent = [...['token', 'version', 'seen'].map((k) => [k, hidden(now_, k)]), ['release-text', 'Hai ảnh.'], ...ids.map((id) => ['release', id])];
  await must(officer.post(`/${W}/desk/case/${r.code}/release`, sent));
  x.clock.move(1 / 1440);
  await until('it is released', () => entries(r).includes('release'));
  const open = x.sql(`SELECT count(*) FROM part WHERE name = 'photo' AND erased_day IS NULL AND case_id = (SELECT id FROM ward_case WHERE code = '${r.code}')`);
  assert.equal((await sure(officer, at(r, first))).status, 303);
  // Two of the report, two of the release, one of the covering; the covered one's own is gone alone.
  assert.deepEqual([open, x.sql(`SELECT count(*) FROM part WHERE name = 'photo' AND erased_day IS NULL AND case_id = (SELECT id FROM ward_case WHERE code = '${r.code}')`)], ['4', '4']);
  const pub = x.sql(`SELECT public_code FROM ward_case WHERE code = '${r.code}'`);
  assert.equal((await nobody.get(`/${W}/case/${pub}/photo/${second_}`)).status, 200);
  assert.match(x.verb(['verify', '--ward', W]), /: 0 faults/);
});

test('oversight, for a request: covered while the matter is opened, and the words may stay', async () => {
  const r = await shown(9);
  const c = x.client(), s = hidden((await c.get(`/${W}/redress?case=${r.public}`)).text, 's');
  const request = readReceipt((await must(c.post(`/${W}/redress?case=${r.public}`, { s, text: 'Mặt tôi trong ảnh.' }), 200)).text);
  const own = `/${W}/oversight/redress/${request.code}`, path = `${own}/blur/${r.photo}`;
  const step = async (verb_, fields = {}) => { const html = (await oversight.get(own)).text; return oversight.post(`${own}/${verb_}`, { token: hidden(html, 'token'), version: html.match(/name="version" value="(\d+)"/)?.[1] ?? '1', ...fields }); };
  const sure2 = (half) => send(oversight, path, FACE, { ...half, sure: '1' });
  assert.equal((await oversight.get(path)).status, 404, 'not opened yet');
  assert.equal((await sure(oversight, path)).status, 404);
  await must(step('look'));
  for (const client of [officer, elsewhere]) assert.equal((await client.get(path)).status, 404);
  assert.ok((await oversight.get(own)).text.includes(`formaction="${path}"`));
  const looks = () => Number(x.sql(`SELECT COUNT(*) FROM look WHERE what = 'photo' AND filter = '${request.code}'`)), n = looks();
  assert.equal((await oversight.get(path)).text.match(/name="cell"/g).length, 36);
  assert.equal(looks(), n + 1, 'under the number of the request');
  const early = await step('answer', { result: 'corrected', 'correction-text': '', 'answer-text': 'Đã che.', keep: r.id });
  assert.ok(early.status === 422 && words(early.text).includes('Viết chữ thay vào'));
  assert.equal((await send(oversight, path, [])).status, 422);
  assert.equal((await send(oversight, path, FACE)).status, 200);
  // From the request's form: what is half written there comes back with the photo covered.
  const half = { version: hidden((await oversight.get(own)).text, 'version'), 'answer-text': 'ZQHALF đã che', keep: r.id };
  const shownNext = await send(oversight, path, FACE, half);
  assert.ok(shownNext.status === 200 && shownNext.text.includes('name="answer-text" value="ZQHALF đã che"'));
  const done = await sure2(half);
  assert.equal(done.status, 200, words(done.text));
  assert.ok(words(done.text).includes('Ảnh cũ đã hủy') && done.text.includes('ZQHALF đã che'));
  assert.match(done.text, new RegExp(`id="keep-${r.id}"[^>]* checked`));
  assert.equal((await sure(oversight, path)).status, 409, 'a second tap');
  const tap = await sure2(half);
  assert.ok(tap.status === 409 && tap.text.includes('ZQHALF đã che'), 'a second tap with the form');
  const name = await now(r);
  assert.deepEqual([await naming(r.public, r.photo), (await nobody.get(`/${W}/case/${r.public}/photo/${r.photo}`)).status, (await nobody.get(`/${W}/case/${r.public}/photo/${name}`)).status], [[], 404, 200]);
  await until('the old file is gone', () => !existsSync(file(r.photo)));
  assert.match(words((await oversight.get(own)).text), /Che một phần ảnh; ảnh cũ đã hủy giám sát/i, 'who did it');
  const desk = words((await officer.get(`/${W}/desk/case/${r.code}`)).text);
  assert.match(desk, /đã che ngày \d/);
  assert.doesNotMatch(desk, /\(blur\)/);
  await must(step('answer', { result: 'corrected', 'correction-text': '', 'answer-text': 'Đã che mặt trong ảnh.', keep: r.id, sure: '1' }));
  assert.ok((await nobody.get(`/${W}/case/${r.public}`)).text.includes('Đèn tắt 9.'), 'the words stay');
  assert.equal((await nobody.get(`/${W}/case/${r.public}/photo/${name}`)).status, 200);
  assert.equal((await oversight.get(`${own}/blur/${name}`)).status, 404, 'it ends with the request');
  assert.equal(entries(r).filter((v) => v === 'blur').length, 1);
  assert.match(words((await (await opened(x, W, r)).get(`/${W}/receipt`)).text), /Che một phần ảnh; ảnh cũ đã hủy[^]*giám sát|giám sát[^]*Che một phần ảnh; ảnh cũ đã hủy/i);
  assert.match(x.verb(['verify', '--ward', W]), /: 0 faults/);
});

test('a backup of before loses the old photo when it is restored', async () => {
  const r = await shown(10);
  x.verb(['backup', '--fast']);
  await must(sure(officer, at(r)));
  await until('the old file is gone', () => !existsSync(file(r.photo)));
  const there = join(place.dir, 'restored'), one = (dir) => join(dir, readdirSync(dir)[0]);
  verb(there, ['restore', one(place.data), one(place.keys), '--secret', place.dataSecret, '--keys-secret', place.keysSecret, '--deletions', join(x.data, 'deletions')], { settings: ['--settings', join(x.data, 'settings.yaml')] });
  const rows = execFileSync('sqlite3', [join(there, 'xom.db'), `SELECT COUNT(*) FROM attachment WHERE name = '${r.photo}'; SELECT COUNT(*) FROM part WHERE erased_rule = 'blur'`], { encoding: 'utf8' }).trim().split('\n');
  assert.equal(rows[0], '0');
  assert.ok(Number(rows[1]) >= 2);
});
