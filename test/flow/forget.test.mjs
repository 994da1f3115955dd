// Forgetting, as people see it: what the page before sending promises, what receipt and public page say a year
// later, a page that stood open while the night erased, and who comes back when nothing is left. What is erased and
// where: test/notify/test_forget.c.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { startXom, signIn, report, until, hidden, words } from '../harness/xom.mjs';
import { png, steps, follow, upToCheck } from '../harness/steps.mjs';

const W = 'song-may', WORD = 'zqnight5519';
let x, one, code, publicCode;
before(async () => { x = await startXom(); });
after(async () => { await x?.stop(); });

const files = (name) => execFileSync('find', [join(x.data, 'media'), '-name', `${name}*`], { encoding: 'utf8' }).split('\n').filter(Boolean).length;
const bodies = () => x.sql(`SELECT count(*) FROM part_body WHERE body LIKE '%${WORD}%'`);
// To so many hours after the midnight that begins a day of the ward (UTC+7), `days` from today.
function moveTo(days, hour) {
  const now = Date.now() + Number(x.clock.us / 1000n), day = 86_400_000, zone = 7 * 3_600_000;
  const at = Math.floor((now + zone) / day) * day - zone + days * day + hour * 3_600_000;
  x.clock.move((at - now) / day);
}

test('the page before sending says how long each part is kept, and why', async () => {
  const { page } = await upToCheck(x, W, { photos: [{ bytes: png() }] });
  assert.match(words(page.text), /Giữ bao lâu, và vì sao.*Lời kể, hỏi đáp, trả lời 1 năm.*Ảnh 1 năm.*các ngày 10 năm/s);
});

test('a year later the receipt says kindly what is gone, and files, public page and search have nothing of it', async () => {
  one = await report(x, W, { text: `Đèn tắt ${WORD}.`, area: 'unsure', street: `Hẻm ${WORD}`, photos: [{ bytes: png() }] });
  code = one.code;
  const officer = await signIn(x, W, 'ha-tang');
  await steps(officer, code, ['take'], ['note', { 'note-text': `Ghi ${WORD}` }]);
  for (const [verb, more] of [['release', { 'release-text': `Thay bóng ${WORD}` }], ['close', { 'close-outcome': 'mended', 'close-text': `Xong ${WORD}` }]]) {
    await steps(officer, code, [verb, more]);
    x.clock.move(1 / 1440);   // it can't be taken back any more
    await until(verb, () => x.sql(`SELECT count(*) FROM timeline WHERE verb = '${verb}' AND case_id = (SELECT id FROM ward_case WHERE code = '${code}')`) === '1');
  }
  publicCode = x.sql(`SELECT public_code FROM ward_case WHERE code = '${code}'`);
  const photo = x.sql(`SELECT name FROM attachment WHERE case_id = (SELECT id FROM ward_case WHERE code = '${code}')`);
  assert.ok(files(photo) > 0);
  assert.match((await x.client().get(`/${W}/case/${publicCode}`)).text, new RegExp(WORD));
  moveTo(365, 12);
  moveTo(1, 1.9);
  const c = await follow(x, one), page = await c.get(`/${W}/receipt`);   // stands open while the night comes
  assert.match(page.text, new RegExp(WORD));
  assert.equal((await c.get(`/${W}/receipt/photo/${photo}`)).status, 200);
  moveTo(0, 2.1);
  await until('the night erases', () => bodies() === '0');
  await until('the photo goes', () => files(photo) === 0);
  const told = words((await c.get(`/${W}/receipt`)).text);
  assert.match(told, /Nội dung: đã xóa đúng hạn ngày \d+\/\d+\/\d+ \(chỉ giữ 1 năm sau khi xong việc\)/);
  assert.doesNotMatch(told, new RegExp(WORD));
  assert.equal((await c.get(`/${W}/receipt/photo/${photo}`)).status, 404);
  assert.match(words((await (await follow(x, one)).get(`/${W}/en/receipt`)).text), /erased on time, on .* \(kept for no longer than 1 year after it was finished\)/);
  assert.doesNotMatch((await x.client().get(`/${W}/case/${publicCode}`)).text, new RegExp(WORD));
  assert.doesNotMatch(words((await x.client().get(`/${W}/cases?words=${WORD}`)).text), new RegExp(`Hẻm ${WORD}`));
  assert.match(x.verb(['verify']), /song-may: erased by keep\.text: \d+ parts of \d+ cases/);
});

test('when nothing is left, a page that stood open and who comes back are told so; what was typed is shown again', async () => {
  // Ten years, without a signed head for each of their days.
  x.sql("UPDATE part SET due_day = due_day - 3287 WHERE retention = 'figures' AND due_day IS NOT NULL");
  moveTo(1, 1.9);
  const c = await follow(x, one), s = hidden((await c.get(`/${W}/receipt`)).text, 's');
  moveTo(0, 2.1);
  await until('the night erases all of it', () => x.sql(`SELECT count(*) FROM receipt WHERE code = '${code}'`) === '0');
  for (const verb of ['answer', 'reopen']) {
    const sent = await c.post(`/${W}/receipt/${verb}`, { s, answer: 'Vẫn tắt nhé', reason: 'Vẫn tắt nhé' });
    assert.equal(sent.status, 410, verb);
    assert.match(words(sent.text), /Việc này đã được xóa.*Vẫn tắt nhé/s, verb);
  }
  assert.equal((await c.get(`/${W}/receipt`)).status, 410);
  const again = await x.client().post(`/${W}/follow`, { code, pin: one.pin });
  assert.equal(again.status, 410);
  assert.match(words(again.text), /Việc có mã này đã được xóa đúng hạn ngày/);
  assert.equal((await x.client().get(`/${W}/case/${publicCode}`)).status, 404);
  assert.match(x.verb(['verify', '--no-photos']), /: 0 faults/);
});

test('a legal hold says all of it, is told to who reported it, and keeps it until it ends', async () => {
  const held = await report(x, W, { text: `Còn giữ ${WORD}.` }), desk = await signIn(x, W, 'ha-tang'), over = await signIn(x, W, 'giam-sat');
  const place = `/${W}/oversight/holds`;
  assert.equal((await desk.get(place)).status, 404, 'an officer has no such page');
  const day = (d) => new Date(Date.now() + Number(x.clock.us / 1000n) + d * 86_400_000 + 7 * 3_600_000).toISOString().slice(0, 10);
  const page = await over.get(place), token = hidden(page.text, 'token');
  assert.match(words(page.text), /Hiện không việc nào bị giữ lại/);
  const order = { token, code: held.code, number: '12/YC-VKS', day: day(-1), who: 'Viện kiểm sát', until: day(200) };
  for (const [field, value, said] of [['code', 'SM-26-00000-0', /Không có việc nào mang mã này/], ['number', '', /Chưa ghi số văn bản/],
    ['day', '31/02/2026', /Chưa ghi ngày văn bản, hoặc không đọc được/], ['day', day(1), /còn ở phía trước/], ['who', ' ', /Chưa ghi cơ quan/],
    ['until', '', /Không có văn bản nào giữ lại mãi mãi/], ['until', day(-1), /Ngày hết đã qua/], ['until', day(366), /muộn hơn mức lâu nhất được giữ/]]) {
    const wrong = await over.post(place, { ...order, [field]: value });
    assert.equal(wrong.status, 422, field);
    assert.match(words(wrong.text), said);
    assert.match(wrong.text, field === 'who' ? /value="12\/YC-VKS"/ : /value="Viện kiểm sát"/, 'what was typed stays');
  }
  assert.equal(x.sql('SELECT count(*) FROM legal_hold'), '0');
  assert.equal((await over.post(place, { ...order, token: 'x' })).status, 403);
  assert.equal((await over.post(place, order)).status, 303);
  assert.match(words((await over.post(place, order)).text), /Văn bản này đang giữ việc ấy rồi/);
  const told = words((await (await follow(x, held)).get(`/${W}/receipt`)).text);
  assert.match(told, /chưa phần nào của việc này bị xóa cho đến hết ngày.*Số văn bản: 12\/YC-VKS.*Cơ quan yêu cầu: Viện kiểm sát/s);
  assert.match(words((await desk.get(`/${W}/desk/case/${held.code}`)).text), /Có văn bản yêu cầu giữ lại: chưa xóa/);
  const hold = hidden((await over.get(place)).text, 'hold');
  assert.equal((await over.post(place, { token, do: 'end', hold })).status, 303);
  assert.match(words((await over.post(place, { token, do: 'end', hold })).text), /Yêu cầu này đã hết từ trước/);
  assert.doesNotMatch(words((await (await follow(x, held)).get(`/${W}/receipt`)).text), /chưa phần nào của việc này bị xóa/);
});

test('by its code oversight holds what goes past it, too, without a word of it; an erased code is answered with the day, and each hold is a look', async () => {
  const over = await signIn(x, W, 'giam-sat'), place = `/${W}/oversight/holds`, token = hidden((await over.get(place)).text, 'token');
  const day = (d) => new Date(Date.now() + Number(x.clock.us / 1000n) + d * 86_400_000 + 7 * 3_600_000).toISOString().slice(0, 10);
  const past = await report(x, W, { text: `Người của tổ ${WORD}.`, staff: 'yes', subject: 'unit:moi-truong' });
  const looks = () => Number(x.sql(`SELECT count(*) FROM look l JOIN ward_case c ON c.ward_id = l.ward_id AND c.id = l.case_id WHERE l.what = 'hold' AND c.code = '${past.code}'`));
  const order = { token, code: past.code, number: '77/YC-VKS', day: day(-1), who: 'Viện kiểm sát', until: day(20) };
  assert.equal((await over.get(`/${W}/desk/case/${past.code}`)).status, 404, 'it has it not by rule');
  // An order that isn't whole asks nothing: the answer is the same whether there is such a matter or not.
  const part = async (c) => words((await over.post(place, { ...order, number: '', code: c })).text).replaceAll(c, '');
  assert.equal(await part(past.code), await part(code));
  assert.doesNotMatch(await part(code), /đã được xóa ngày|Không có việc nào mang mã/);
  assert.equal(looks(), 0);
  const gone = await over.post(place, { ...order, code });
  assert.equal(gone.status, 422);
  assert.match(words(gone.text), /Việc mang mã này đã được xóa ngày \d+\/\d+\/\d+: không còn gì để giữ lại/);
  assert.match(words((await over.post(`/${W}/en/oversight/holds`, { ...order, code })).text), /What had this code was erased on .*: nothing is left to hold/);
  for (const bad of ['', 'x', 'SM-26-AAAAA-A', "'; --", 'SM-26-00000-0'.repeat(9)]) {
    const r = await over.post(place, { ...order, code: bad });
    assert.equal(r.status, 422, bad);
    assert.match(words(r.text), /Không có việc nào mang mã này/, bad);
  }
  const done = await over.post(place, { ...order, code: ` ${past.code.toLowerCase()} ` });
  assert.equal(done.status, 303);
  const list = (await over.get(place)).text;
  assert.ok(list.includes(past.code) && list.includes('77/YC-VKS') && !list.includes(WORD), 'nothing of it is shown');
  assert.equal((await over.get(`/${W}/desk/case/${past.code}`)).status, 404, 'nor opened by it');
  assert.equal(looks(), 1);
  const { looks: read } = JSON.parse((await over.get(`/${W}/oversight/looks.json`)).text);
  assert.ok(!read.some((l) => l.what === 'hold' && l.code === past.code), 'the look is told to whoever has the matter');
  assert.match(words((await (await follow(x, past)).get(`/${W}/receipt`)).text), /Số văn bản: 77\/YC-VKS/);
  assert.match(x.verb(['verify', '--no-photos']), /legal holds, agencies' requests and requests to look again, compared with their entries/);
});
