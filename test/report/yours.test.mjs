// What is kept of a report: the list, the download, putting words right, withdrawing, erasing at once.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { columnsOf, hidden, keepDatabase, report, signIn, startXom, until, words } from '../harness/xom.mjs';
import { unzip } from '../harness/zip.mjs';
import { casePath, facts, fieldError, follow, png, reporter, steps } from '../harness/steps.mjs';

const W = 'song-may', KEPT = `/${W}/receipt/kept`;
const HERE = { lat: '10.000137', lon: '105.700137' };
let x, officer, everybody;
before(async () => {
  x = await startXom({ keep: true, settings: 'mail_url: smtp://localhost:9\nmail_from: xom@xom.thu\n' });
  officer = await signIn(x, W, 'ha-tang');
  everybody = x.client();
});
after(async () => {
  await x.stop();
  rmSync(x.data, { recursive: true, force: true });
});

// Every column of every table that holds the words, whatever the table is.
function tablesWith(core) {
  const like = `'%${core}%'`, hex = `'%${Buffer.from(core).toString('hex')}%'`;
  const all = columnsOf(x.data).filter(([t]) => !t.endsWith('_config'));
  const found = [];
  for (let i = 0; i < all.length; i += 100)
    found.push(...x.sql(all.slice(i, i + 100).map(([t, c]) => `SELECT '${t}.${c}' FROM ${t} WHERE LOWER(CAST(${c} AS TEXT)) LIKE ${like} OR LOWER(CAST(${c} AS TEXT)) LIKE ${hex}`).join(' UNION ')).split('\n').filter(Boolean));
  return found.sort();
}
const kept = async (c, lang = '') => (await c.get(`/${W}${lang}/receipt/kept`)).text;
const offered = (html) => [...html.matchAll(/name="erase" type="checkbox" value="([^"]+)"/g)].map((m) => m[1]);
const form = (fields) => { const f = new URLSearchParams(); for (const [k, v] of fields) f.append(k, v); return f; };
async function erase(c, what, { sure = true } = {}) {
  const s = hidden(await kept(c), 's');
  const asked = await c.post(`${KEPT}/erase`, form([['s', s], ...what.map((w) => ['erase', w])]));
  if (!sure) return asked;
  assert.equal(asked.status, 200, words(asked.text).slice(0, 400));
  return c.post(`${KEPT}/erase`, form([['s', hidden(asked.text, 's')], ['sure', '1'], ...[...asked.text.matchAll(/name="erase" value="([^"]+)"/g)].map((m) => ['erase', m[1]])]));
}
const list = () => readdirSync(join(x.data, 'deletions')).map((f) => readFileSync(join(x.data, 'deletions', f), 'utf8')).join('').trim().split('\n').map((l) => l.split('\t'));
const photosOnDisk = () => readdirSync(join(x.data, 'media'), { recursive: true, withFileTypes: false }).filter((f) => /\.jpg$/.test(String(f)) && !String(f).startsWith('waiting'));

test('the list says each part, for what and until when; the download has all of it and nothing of others', async () => {
  const got = await report(x, W, { text: 'Đèn zqown1 tắt', street: 'Đường zqown2', landmark: 'Trụ zqown3', ...HERE, area: '', photos: [{ bytes: png(), type: 'image/png' }], check: { email: 'zqown4@example.com' } });
  const c = await follow(x, got);
  await steps(officer, got.code, ['take'], ['ask', { 'ask-text': 'Trụ số mấy?' }], ['note', { 'note-text': 'Ghi zqown5' }]);
  await reporter(c, 'answer', { answer: 'Trụ zqown6', photos: '' });
  await steps(officer, got.code, ['withhold', { 'withhold-reason': 'Vì zqown7' }], ['unwithhold', { 'unwithhold-reason': 'Vì zqown7' }]);
  const page = await kept(c), text = words(page), en = words(await kept(c, '/en'));
  assert.match((await c.get(`/${W}/receipt`)).text, /href="\/song-may\/receipt\/kept"/);
  for (const what of [/Lời bạn kể/, /Câu trả lời của bạn/, /Ảnh/, /Đường, mốc và vị trí/, /Trụ zqown3, Đường zqown2; vị trí đúng trên bản đồ/, /Địa chỉ email/, /Không trang nào hiện nó/, /Con số để đếm/, /Lời bạn kể [\d/]+ Đèn zqown1 tắt Để làm gì/, /Giữ đến 1 năm sau khi việc khép lại/, /Giữ đến 30 ngày sau khi việc khép lại/, /Để người báo theo dõi/]) assert.match(text, what);
  for (const html of [text, en]) assert.doesNotMatch(html, /\bkeep\.|\(\w+\.\w+\)/, 'no rule by its own name');
  for (const what of [/Your words/, /1 year after the case has ended/, /So that you can follow it/]) assert.match(en, what);
  assert.deepEqual(offered(page).map((v) => v.replace(/-\d+-\d+/, '')), ['photo', 'place', 'mail'], 'the words stay while the ward acts on them');
  assert.match(text, /phường đang xử lý theo những lời này/);

  const r = await c.get(`${KEPT}/file`);
  assert.equal(r.status, 200);
  assert.equal(r.headers.get('content-type'), 'application/zip');
  assert.match(r.headers.get('cache-control'), /no-store/);
  assert.match(r.headers.get('content-disposition'), /attachment; filename="tin-\d{4}-\d\d-\d\d\.zip"/);
  const files = unzip(r.bytes), json = JSON.parse(files['tin.json']), html = files['tin.html'].toString();
  assert.deepEqual(Object.keys(files).sort(), ['anh-1.jpg', 'tin.html', 'tin.json']);
  const name = (await c.get(`/${W}/receipt`)).text.match(/receipt\/photo\/([0-9a-f]+)/)[1];
  assert.deepEqual(files['anh-1.jpg'], (await c.get(`/${W}/receipt/photo/${name}`)).bytes, 'the photo as the ward keeps it');
  for (const core of ['zqown1', 'zqown2', 'zqown3', 'zqown6', 'Trụ số mấy?']) for (const f of ['tin.json', 'tin.html']) assert.ok(files[f].includes(core), `${core} is not in ${f}`);
  for (const f of ['tin.json', 'tin.html']) for (const core of ['zqown4', 'zqown5', 'zqown7']) assert.ok(!files[f].includes(core), `${core} is in ${f}`);
  assert.equal(json.code, got.code);
  assert.deepEqual([json.lat, json.lon], ['10.0001370', '105.7001370']);
  assert.equal(json.mail_kept, true);
  assert.deepEqual(json.timeline.map((e) => e.what), ['open', 'take', 'ask', 'answer', 'withhold', 'unwithhold']);
  assert.equal(json.timeline[0].photos[0].file, 'anh-1.jpg');
  assert.ok(json.looks.some((l) => l.role === 'handler' && l.unit), 'who looked: role, unit, day');
  assert.doesNotMatch(words(html), /keep\.|, ,/, 'no rule by its own name');
  assert.match(words(html), /Đã gửi , Bạn, \d\d:\d\d/);
  assert.ok(html.includes('src="anh-1.jpg"') && html.startsWith('<!doctype html>'));
  const name2 = x.sql("SELECT name FROM account WHERE login = 'ha-tang'").split('\n')[0];
  assert.ok(!r.bytes.includes(Buffer.from(name2)) && !html.includes(name2) && !files['tin.json'].includes(name2), 'no officer by name');
  assert.equal(x.sql("SELECT COUNT(*) FROM look WHERE what NOT IN ('case','photo','search','list','csv','json','xlsx','paper','shift','ics','letter')"), '0');
  assert.ok(unzip((await c.get(`/${W}/en/receipt/kept/file`)).bytes)['report.html'].includes('Your words'));
  // Nobody else's: no receipt, another's receipt, an officer.
  assert.equal((await x.client().get(`${KEPT}/file`)).location, `/${W}/follow`);
  assert.equal((await officer.get(KEPT)).location, `/${W}/follow`);
  const other = await follow(x, await report(x, W, { text: 'Việc khác' }));
  assert.ok(!unzip((await other.get(`${KEPT}/file`)).bytes)['tin.json'].includes('zqown'));
});

test('words put right stand beside the former ones, at the desk too, while the case is open', async () => {
  const got = await report(x, W, { text: 'Đèn số 7 tắt' });
  const c = await follow(x, got);
  const amend = async (text, more = {}) => c.post(`${KEPT}/amend`, { s: hidden(await kept(c), 's'), amend: text, ...more });
  let r = await amend('');
  assert.equal(r.status, 422);
  fieldError(r.text, 'amend');
  r = await amend('Chuẩn là cột số 9, không phải số 7');
  assert.equal(r.location, `${KEPT}?done=amended`);
  const desk = words((await officer.get(casePath(got.code))).text);
  assert.match(desk, /Đèn số 7 tắt[\s\S]*Người báo sửa lại[\s\S]*cột số 9/);
  assert.match(words((await c.get(`/${W}/receipt`)).text), /Đã sửa lời[\s\S]*cột số 9/);
  assert.match(words(await kept(c)), /Lời bạn sửa lại/);
  // The numbers once more; then it rings at the desk.
  r = await amend('Cột đang cháy, có người bị điện giật');
  assert.equal(r.status, 422);
  assert.match(r.text, /tel:114/);
  assert.equal((await amend('Cột đang cháy, có người bị điện giật', { danger: '1' })).status, 303);
  assert.match((await officer.get(casePath(got.code))).text, /id="danger"/);
  // It ended while it was typed: nothing is lost.
  const s = hidden(await kept(c), 's');
  await steps(officer, got.code, ['take'], ['close', { 'close-outcome': 'mended', 'close-text': 'Xong' }]);
  r = await c.post(`${KEPT}/amend`, { s, amend: 'Còn cột số 10 nữa' });
  assert.equal(r.status, 422);
  assert.match(r.text, /Còn cột số 10 nữa/);
  assert.doesNotMatch(await kept(c), /name="amend"/);
});

test('put right twenty times; the next is not taken, what was typed stays, and the ward still acts on all of it', async () => {
  const got = await report(x, W, { text: 'Đèn số 1 tắt' }), c = await follow(x, got);
  const amend = async (text) => c.post(`${KEPT}/amend`, { s: hidden(await kept(c), 's'), amend: text });
  const amended = () => Number(x.sql(`SELECT COUNT(*) FROM timeline WHERE verb = 'amend' AND case_id = (SELECT id FROM ward_case WHERE code = '${got.code}')`));
  for (let i = 1; i <= 20; i += 1) assert.equal((await amend(`Là cột số ${i}`)).status, 303, `the ${i}th time`);
  const r = await amend('Là cột số 21');
  assert.equal(r.status, 422);
  assert.match(fieldError(r.text, 'amend'), /Bạn đã sửa nhiều lần rồi\. Hãy gọi phường/);
  assert.match(r.text, /Là cột số 21/);
  assert.equal(amended(), 20);
  // Another report has its own twenty.
  const other = await report(x, W, { text: 'Đèn số 2 tắt' }), d = await follow(x, other);
  assert.equal((await d.post(`${KEPT}/amend`, { s: hidden(await kept(d), 's'), amend: 'Là cột số 3' })).status, 303);
  assert.match(words((await officer.get(casePath(got.code))).text), /cột số 1 [\s\S]*cột số 20/);
  assert.doesNotMatch((await officer.get(casePath(got.code))).text, /cột số 21/);
});

test('withdrawn from there, and then the words can go', async () => {
  const got = await report(x, W, { text: 'Đèn zqgone1 tắt', ...HERE, area: '' });
  const c = await follow(x, got);
  const page = await kept(c);
  assert.match(words(page), /Rút rồi thì phường thôi xử lý việc này.*chậm nhất là hết ngày \d\d\/\d\d\/\d{4}/);
  assert.equal((await c.post(`/${W}/receipt/withdraw`, { s: hidden(page, 's') })).location, `/${W}/receipt?done=withdrawn`);
  assert.ok(offered(await kept(c)).includes('words'));
  assert.notDeepEqual(tablesWith('zqgone1'), []);
  assert.equal((await erase(c, ['words'])).location, `${KEPT}?done=erased`);
  assert.deepEqual(tablesWith('zqgone1'), []);
});

test('erased at once: everywhere, for good, with its line; asked once more before', async () => {
  const got = await report(x, W, { text: 'Nói zqwipe1 rồi', street: 'Đường zqwipe2', landmark: 'Quán zqwipe3', lat: '10.000211', lon: '105.700211', area: '', photos: [{ bytes: png(), type: 'image/png' }, { bytes: png({ width: 60 }), type: 'image/png' }], check: { email: 'zqwipe4@example.com' } });
  const c = await follow(x, got);
  await steps(officer, got.code, ['take']);
  const seen = await facts(officer, got.code);
  const desk = (await officer.get(casePath(got.code))).text;
  const ids = [...desk.matchAll(/name="release" value="(\d+)"/g)].map((m) => m[1]);
  assert.equal(ids.length, 2);
  const token = (await officer.get(casePath(got.code)));
  const shown = form([['token', hidden(token.text, 'token')], ['version', hidden(token.text, 'version')], ['seen', hidden(token.text, 'seen')], ['release-text', 'Hiện zqwipe5'], ...ids.map((id) => ['release', id])]);
  assert.equal((await officer.post(`${casePath(got.code)}/release`, shown)).status, 303);
  const publicPage = `/${W}/case/${seen.public_code}`, before_ = photosOnDisk().length;
  assert.match((await everybody.get(publicPage)).text, /zqwipe5/);
  assert.match((await everybody.get(`/${W}/feed.json`)).text, /zqwipe5/);
  const picture = (await everybody.get(publicPage)).text.match(/\/case\/[^"]+\/photo\/[0-9a-f]+/)[0];
  assert.equal((await everybody.get(`/${W}${picture}`)).status, 200);

  // Nothing chosen; then one photo and the place, of the open case.
  let r = await erase(c, [], { sure: false });
  assert.equal(r.status, 422);
  fieldError(r.text, 'erase');
  const photo = offered(await kept(c)).find((v) => v.startsWith('photo'));
  r = await erase(c, [photo, 'place', 'words'], { sure: false });
  assert.match(words(r.text), /Xóa hẳn những điều này\?/);
  assert.doesNotMatch(r.text, /name="erase" value="words"/, 'words of an open case are not among it');
  assert.equal(list().filter((l) => l[1] === got.code).length, 0, 'asked once more: nothing is gone yet');
  assert.equal((await erase(c, [photo, 'place'])).location, `${KEPT}?done=erased`);
  for (const core of ['zqwipe2', 'zqwipe3', '10.0002110']) assert.deepEqual(tablesWith(core), [], core);
  assert.equal(x.sql(`SELECT COUNT(*) FROM ward_case WHERE code = '${got.code}' AND lon_e7 IS NULL AND cell_column <> 0`), '1', 'the square stays');
  await until('the photo is gone from the disk', () => photosOnDisk().length === before_ - 1, 20);
  assert.equal(new Set((await everybody.get(publicPage)).text.match(/photo\/[0-9a-f]{32}/g)).size, 1, 'the other one is still shown');
  const tl = words((await officer.get(casePath(got.code))).text);
  assert.match(tl, /Đã xóa ngay[\s\S]*Gồm: ảnh; đường, mốc và vị trí/);
  assert.match(tl, /Ảnh: người báo đã xóa ngày \d\d\/\d\d\/\d{4}/);
  assert.match(words(await kept(c)), /Bạn đã xóa ngày/);
  assert.deepEqual(list().filter((l) => l[1] === got.code).map((l) => [l[2].split(' ')[0], l[3]]).sort(), [['photo', 'reporter'], ['photo', 'reporter'], ['place', 'reporter']], 'the photo, its hash where it was shown, the place');
  // Twice; and what is not a part at all.
  r = await c.post(`${KEPT}/erase`, form([['s', hidden(await kept(c), 's')], ['sure', '1'], ['erase', photo], ['erase', 'place']]));
  assert.equal(r.location, `${KEPT}?done=gone`);
  r = await c.post(`${KEPT}/erase`, form([['s', hidden(await kept(c), 's')], ['sure', '1'], ['erase', 'photo-99-1'], ['erase', "x' OR 1=1"], ['erase', 'figures'], ['erase', 'office']]));
  assert.equal(r.location, `${KEPT}?done=gone`);

  // Ended, with thanks: all of the rest, while an officer has a release on the way.
  await steps(officer, got.code, ['close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng' }]);
  await reporter(c, 'solved', { thanks: 'Cảm ơn zqwipe6' });
  const open = await officer.get(casePath(got.code));
  const again = (text) => ({ token: hidden(open.text, 'token'), version: hidden(open.text, 'version'), seen: hidden(open.text, 'seen'), 'release-text': text });
  assert.equal((await officer.post(`${casePath(got.code)}/release`, again('Chờ zqwipe1'), { wait: true })).status, 303);
  assert.equal((await erase(c, offered(await kept(c)))).location, `${KEPT}?done=erased`);
  for (const core of ['zqwipe1', 'zqwipe4', 'zqwipe5', 'zqwipe6']) assert.deepEqual(tablesWith(core), [], core);
  x.clock.move(1 / 1440);
  const after_ = (await officer.get(casePath(got.code))).text;
  assert.doesNotMatch(after_, /zqwipe[1-6]/);
  assert.match(words(after_), /người báo đã xóa ngày/);
  assert.equal((await officer.post(`${casePath(got.code)}/release`, again('Chờ zqwipe1'))).status, 409, 'typed before: told, not shown');
  for (const at of [publicPage, `/${W}/feed.json`, `/${W}/feed.atom`, `/${W}/cases`]) assert.doesNotMatch((await everybody.get(at)).text, /zqwipe/, at);
  assert.equal((await everybody.get(`/${W}${picture}`)).status, 404);
  await until('no photo of it on the disk', () => photosOnDisk().length === before_ - 2, 20);
  assert.deepEqual(offered(await kept(c)), []);
  assert.match(words(await kept(c)), /không còn gì bạn có thể xóa ngay/);
  // What the ward said stays, and the receipt and its download open as ever.
  const rest = unzip((await c.get(`${KEPT}/file`)).bytes);
  assert.deepEqual(Object.keys(rest).sort(), ['tin.html', 'tin.json']);
  assert.ok(rest['tin.json'].includes('Đã thay bóng') && !rest['tin.json'].includes('zqwipe'));
  assert.match((await (await follow(x, got)).get(`/${W}/receipt`)).text, /Đã thay bóng/);
  assert.match(x.verb(['verify', '--ward', W]), /erased by rule/);
});

test('erased while it is downloaded: each file is whole, of before or of after', async () => {
  const got = await report(x, W, { text: 'Đèn tắt', landmark: 'Trụ zqamid1', photos: [{ bytes: png(), type: 'image/png' }, { bytes: png({ width: 61 }), type: 'image/png' }] });
  const c = await follow(x, got), s = hidden(await kept(c), 's');
  const what = offered(await kept(c)).filter((v) => /^(photo|place)/.test(v));
  assert.equal(what.length, 3);
  const asked = await c.post(`${KEPT}/erase`, form([['s', s], ...what.map((w) => ['erase', w])]));
  const sure = form([['s', hidden(asked.text, 's')], ['sure', '1'], ...[...asked.text.matchAll(/name="erase" value="([^"]+)"/g)].map((m) => ['erase', m[1]])]);
  const seen = new Set();
  const download = async () => {
    const r = await c.get(`${KEPT}/file`);
    assert.equal(r.status, 200);
    const files = unzip(r.bytes), json = JSON.parse(files['tin.json']), photos = Object.keys(files).filter((f) => f.startsWith('anh-'));
    assert.deepEqual(photos, (json.timeline[0].photos ?? []).map((f) => f.file).filter(Boolean), 'each photo that it names, and no other');
    for (const f of photos) assert.deepEqual([...files[f].subarray(0, 2), ...files[f].subarray(-2)], [0xff, 0xd8, 0xff, 0xd9], 'a whole picture');
    for (const f of ['tin.json', 'tin.html']) assert.equal(files[f].includes('zqamid1'), photos.length > 0, `${f}: all of a moment`);
    seen.add(photos.length);
  };
  await download();
  const going = Array.from({ length: 16 }, async (_, i) => { await new Promise((done) => { setTimeout(done, i * 6); }); await download(); });
  const r = await c.post(`${KEPT}/erase`, sure);
  assert.ok([200, 303].includes(r.status), words(r.text).slice(0, 300));
  await Promise.all(going);
  await download();
  assert.deepEqual([...seen].sort(), [0, 2]);
});

test('a place that was corrected since goes with what it was before', async () => {
  const got = await report(x, W, { text: 'Đèn tắt', street: 'Đường zqplace1' });
  const c = await follow(x, got);
  const areas = (await officer.get(casePath(got.code))).text.match(/name="correct-area"[\s\S]*?<\/select>/)[0];
  const area = [...areas.matchAll(/<option value="(\d{5,})"(?! selected)/g)].at(-1)[1];
  await steps(officer, got.code, ['correct', { 'correct-kind': 'lighting', 'correct-area': area, 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'Nhầm chỗ' }]);
  assert.deepEqual(offered(await kept(c)), ['place']);
  assert.equal((await erase(c, ['place'])).location, `${KEPT}?done=erased`);
  assert.deepEqual(tablesWith('zqplace1'), []);
});

test('a receipt closed in between, a seal of another case, a page from yesterday: told, and nothing is erased', async () => {
  const got = await report(x, W, { text: 'Đèn zqstay1', street: 'Đường zqstay2' }), theirs = await report(x, W, { text: 'Đèn zqstay3', street: 'Đường zqstay4' });
  const c = await follow(x, got), d = await follow(x, theirs);
  const s = hidden(await kept(c), 's');
  assert.equal((await d.post(`${KEPT}/erase`, form([['s', s], ['sure', '1'], ['erase', 'place']]))).status, 403);
  await c.post(`/${W}/receipt/close`, {});
  const over = await c.post(`${KEPT}/erase`, form([['s', s], ['sure', '1'], ['erase', 'place']]));
  assert.equal(over.status, 401);
  assert.match(words(over.text), /Giấy hẹn đã đóng lại.*Chưa có gì được gửi hay xóa/);
  assert.match(over.text, /href="\/song-may\/follow"/);
  x.clock.move(1.1);
  assert.equal((await (await follow(x, got)).post(`${KEPT}/erase`, form([['s', s], ['sure', '1'], ['erase', 'place']]))).status, 403);
  assert.equal((await c.get(KEPT)).location, `/${W}/follow`);
  for (const core of ['zqstay2', 'zqstay4']) assert.notDeepEqual(tablesWith(core), [], core);
});

test('under a legal hold nothing goes but the address, and the order is named', async () => {
  const got = await report(x, W, { text: 'Đèn zqheld1', street: 'Đường zqheld2', check: { email: 'zqheld3@example.com' } });
  const c = await follow(x, got);
  const s = hidden(await kept(c), 's'), at = [['s', s], ['sure', '1'], ['erase', 'place'], ['erase', 'words']];
  await x.sql(`INSERT INTO legal_hold (ward_id, id, case_id, number, day, who, until_day, made_at, account_id) SELECT c.ward_id, 77, c.id, '12/LĐ', 20700, 'Viện kiểm sát', 21200, 1, (SELECT MIN(id) FROM account) FROM ward_case c WHERE c.code = '${got.code}'`);
  await x.sql(`UPDATE ward_case SET held_until = 21200 WHERE code = '${got.code}'`);
  assert.deepEqual(offered(await kept(c)), ['mail']);
  assert.match(words(await kept(c)), /văn bản yêu cầu giữ lại số 12\/LĐ, 04\/09\/2026, Viện kiểm sát.*17\/01\/2028/);
  assert.equal((await c.post(`${KEPT}/erase`, form(at))).location, `${KEPT}?done=gone`);
  assert.equal((await erase(c, ['mail'])).location, `${KEPT}?done=erased`);
  for (const core of ['zqheld1', 'zqheld2']) assert.notDeepEqual(tablesWith(core), [], core);
  // It was put there by hand, and no entry of the case knows of it: `xom verify` would name it.
  await x.sql('DELETE FROM legal_hold WHERE id = 77');
  await x.sql(`UPDATE ward_case SET held_until = NULL WHERE code = '${got.code}'`);
});

test('an older copy of the database comes back: what the reporter erased is erased again before it serves', async () => {
  const got = await report(x, W, { text: 'Đèn zqback1', street: 'Đường zqback2', photos: [{ bytes: png(), type: 'image/png' }] });
  await x.stop();
  const back = keepDatabase(x.data);
  await x.start();
  const c = await follow(x, got);
  assert.equal((await c.post(`/${W}/receipt/withdraw`, { s: hidden(await kept(c), 's') })).status, 303);
  assert.equal((await erase(c, offered(await kept(c)))).location, `${KEPT}?done=erased`);
  await x.stop();
  back();
  assert.notDeepEqual(tablesWith('zqback1'), []);
  await x.start();
  assert.match(x.log, /the database was an older copy; 3 deletions are done again/);
  for (const core of ['zqback1', 'zqback2']) assert.deepEqual(tablesWith(core), [], core);
  assert.match(words(await kept(await follow(x, got))), /Bạn đã xóa ngày/);
  assert.match(x.verb(['verify', '--ward', W]), /: 0 faults/);
});
