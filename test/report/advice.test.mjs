// Names and numbers in what one writes are pointed out before it is sent: on the page before sending for
// a report, and by showing a form once more where it is sent at once. The person decides, with one press.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, readReceipt, report, signIn, startXom, unescape, words } from '../harness/xom.mjs';
import { casePath, facts, follow, next, png, reporter, step, steps, upToCheck, withPhotos } from '../harness/steps.mjs';

const W = 'song-may';
let x, officer;
before(async () => { x = await startXom(); officer = await signIn(x, W, 'ha-tang'); });
after(async () => { await x.stop(); });

// What is marked on a page, with what it is called for who doesn't see it.
const marks = (html) => [...html.matchAll(/<mark class="x-advice-mark">([^<]*)<span class="govuk-visually-hidden"> \(([^)]*)\)<\/span><\/mark>/g)].map((m) => [unescape(m[1]), m[2]]);
const value = (html, name) => unescape(html.match(new RegExp(`<textarea[^>]*name="${name}"[^>]*>\\n?([\\s\\S]*?)</textarea>`))[1]);
const advised = (html, name) => html.includes(`name="${name}-advised"`);

const caseWords = async (code) => words((await officer.get(casePath(code))).text);

const TOLD = 'Nhà bà Bảy (0912 345 678) chạy xe 65B1-123.45 làm gãy cột đèn trước chợ Sông Mây, đường Chị Ba Lụa.';

test('the page before sending marks names, plates and numbers, and no street of the ward', async () => {
  const { client, page, s } = await upToCheck(x, W, { landmark: 'trước nhà ông Tám', street: 'Đường Nguyễn Văn Bảy', text: TOLD });
  assert.equal(page.status, 200);
  assert.deepEqual(marks(page.text), [['Tám', 'tên người'], ['Bảy', 'tên người'], ['0912 345 678', 'số điện thoại'], ['65B1-123.45', 'biển số xe']]);
  // The words stand there whole, as they were written.
  const shown = page.text.replace(/<span class="govuk-visually-hidden"> \([^<]*<\/span>|<\/?mark[^>]*>/g, '');
  assert.ok(shown.includes(`>trước nhà ông Tám, Đường Nguyễn Văn Bảy`), words(shown));
  assert.ok(shown.includes(`>${TOLD}\n</dd>`) || shown.includes(`>${TOLD}</dd>`), words(shown));
  // "Change it" leads back to each step with what stands there.
  const what = await client.post(`/${W}/report/check`, { s, go: 'to:what' });
  assert.equal(value(what.text, 'text'), TOLD);
  const where = await client.post(`/${W}/report/check`, { s, go: 'to:where' });
  assert.match(where.text, /value="trước nhà ông Tám"/);
  assert.match(page.text, /<button type="submit" name="go" value="to:what" class="x-link-button">Sửa lời kể<\/button>/);
  assert.match(page.text, /<button type="submit" name="go" value="to:where" class="x-link-button">Sửa chỗ xảy ra<\/button>/);
  // One press sends it unchanged.
  const sent = await client.post(`/${W}/report/check`, { s, go: 'send' });
  assert.ok((await caseWords(readReceipt(sent.text).code)).includes(TOLD));
});

test('what was changed is marked no more; what names nobody never is', async () => {
  const { client, s } = await upToCheck(x, W, { text: TOLD });
  let page = await client.post(`/${W}/report/check`, { s, go: 'to:what' });
  page = await next(client, W, 'what', page, { text: 'Một nhà trong hẻm làm gãy cột đèn trước chợ Sông Mây.' });
  page = await client.post(`/${W}/report/photos`, withPhotos(hidden(page.text, 's'), []));
  assert.deepEqual(marks(page.text), []);
  assert.doesNotMatch(page.text, /class="x-advice"/);
});

test('twelve figures are masked whatever the person decides, and told', async () => {
  const { client, page, s } = await upToCheck(x, W, { text: 'Thẻ số 079 203 001 234 rơi ở đây, gọi 0912345678.' });
  assert.deepEqual(marks(page.text), [['0912345678', 'số điện thoại']]);
  assert.match(words(page.text), /số giống số căn cước; nó đã được che/);
  assert.doesNotMatch(page.text, /079 ?203/);
  const { code } = readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text);
  assert.match(await caseWords(code), /Thẻ số ●{12} rơi/);
});

test('markup in a text stays text, and English says it in English', async () => {
  const c = x.client();
  let page = await c.get(`/${W}/en/report`);
  const post = async (name, more) => { page = await c.post(`/${W}/en/report/${name}`, { s: hidden(page.text, 's'), go: 'next', ...more }); };
  await post('kind', { kind: 'noise' });
  await post('where', { area: 'unsure', street: '', landmark: '', lat: '', lon: '' });
  await post('what', { text: '<b>Mr. O\'Neil</b> & ông "Ba" <script>' });
  assert.deepEqual(marks(page.text), [["O'Neil", 'a name'], ['Ba', 'a name']]);
  assert.doesNotMatch(page.text, /<b>|<script>(?!<)/);
  assert.match(words(page.text), /Leave out what isn't needed for this/);
});

async function asked(photos) {
  const got = await report(x, W, {});
  await steps(officer, got.code, ['take', {}], ['ask', { 'ask-text': 'Cột số mấy?' }]);
  const c = await follow(x, got), page = await c.get(`/${W}/receipt`);
  const form = (text, s, list = [], more = {}) => withPhotos(s, list, { more: { answer: text, ...more } });
  return { got, c, first: await c.post(`/${W}/receipt/answer`, form('Hỏi anh Hùng, 0912345678.', hidden(page.text, 's'), photos)), form };
}

test('an answer comes back once, marked, with its words and photos; the same button sends it', async () => {
  const { got, c, first, form } = await asked([{ bytes: png() }, { bytes: png({ width: 50 }) }]);
  assert.equal(first.status, 422);
  assert.deepEqual(marks(first.text), [['Hùng', 'tên người'], ['0912345678', 'số điện thoại']]);
  assert.equal(value(first.text, 'answer'), 'Hỏi anh Hùng, 0912345678.');
  assert.match(first.text, /<a href="#answer">Chưa xong\./);
  assert.match(words(first.text), /Ảnh đã nhận và còn giữ: 2\./);
  assert.ok(advised(first.text, 'answer'));
  assert.equal((await facts(officer, got.code)).state, 'asked');
  const sent = await c.post(`/${W}/receipt/answer`, form(value(first.text, 'answer'), hidden(first.text, 's'), [], { 'answer-advised': '1' }));
  assert.equal(sent.status, 303);
  assert.ok((await caseWords(got.code)).includes('Hỏi anh Hùng, 0912345678.'));
  assert.equal((await facts(officer, got.code)).photos.length, 2, 'the photos came along');
});

test('a photo added the second time joins those that wait, and never more than five', async () => {
  const { got, c, first, form } = await asked([1, 2, 3].map((n) => ({ bytes: png({ width: 30 + n }) })));
  const over = await c.post(`/${W}/receipt/answer`, form('Cột 14.', hidden(first.text, 's'), [4, 5, 6].map((n) => ({ bytes: png({ width: 30 + n }) }))));
  assert.equal(over.status, 422);
  assert.match(words(over.text), /Ảnh đã nhận và còn giữ: 5\./);
  assert.equal((await c.post(`/${W}/receipt/answer`, form('Cột 14.', hidden(over.text, 's')))).status, 303);
  assert.equal((await facts(officer, got.code)).photos.length, 5);
});

test('thanks and a reopening come back once, too', async () => {
  const got = await report(x, W, {});
  await steps(officer, got.code, ['take', {}], ['close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' }]);
  const c = await follow(x, got);
  const again = await reporter(c, 'reopen', { reason: 'Cô Năm nói vẫn tối.' });
  assert.equal(again.status, 422);
  assert.deepEqual(marks(again.text), [['Năm', 'tên người']]);
  assert.equal(value(again.text, 'reason'), 'Cô Năm nói vẫn tối.');
  assert.match(again.text, /<details class="govuk-details" open/);
  const thanks = await reporter(c, 'solved', { thanks: 'Cảm ơn chú Tư thợ điện.' });
  assert.equal(thanks.status, 422);
  assert.deepEqual(marks(thanks.text), [['Tư', 'tên người']]);
  assert.equal(value(thanks.text, 'thanks'), 'Cảm ơn chú Tư thợ điện.');
  assert.equal((await reporter(c, 'solved', { thanks: 'Cảm ơn chú Tư thợ điện.', 'thanks-advised': '1' })).status, 303);
  // Words that name nobody go at once.
  const other = await report(x, W, {});
  await steps(officer, other.code, ['take', {}], ['close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' }]);
  assert.equal((await reporter(await follow(x, other), 'reopen', { reason: 'Vẫn tối như cũ.' })).status, 303);
});

test('at the counter both free fields are pointed out at once, after what is wrong', async () => {
  const page = await officer.get(`/${W}/desk/new`);
  const form = { token: hidden(page.text, 'token'), s: hidden(page.text, 's'), channel: 'phone', kind: 'lighting', area: 'unsure', street: 'Đường Trần Văn Mười', landmark: 'nhà ông Tám', text: 'Bà Bảy báo đèn tắt.', day: '1/11/2026', hour: '8:00', word: 'hoa giay tim', go: 'send' };
  const wrong = await officer.post(`/${W}/desk/new`, { ...form, word: '' });
  assert.deepEqual(marks(wrong.text), []);
  const told = await officer.post(`/${W}/desk/new`, form);
  assert.equal(told.status, 422);
  assert.deepEqual(marks(told.text), [['Tám', 'tên người'], ['Bảy', 'tên người']]);
  assert.ok(advised(told.text, 'landmark') && advised(told.text, 'text'));
  assert.match(told.text, /value="hoa giay tim"/);
  const sent = await officer.post(`/${W}/desk/new`, { ...form, 's': hidden(told.text, 's'), 'landmark-advised': '1', 'text-advised': '1' });
  assert.equal(sent.status, 200);
  assert.match(sent.text, /SM-\d\d-/);
});

test('a question, why it is late, a closing: what the reporter or everybody reads comes back once, too; a note does not', async () => {
  const got = await report(x, W, {});
  await steps(officer, got.code, ['take', {}]);
  assert.equal((await step(officer, got.code, 'note', { 'note-text': 'Gọi bà Bảy.' })).status, 303);
  x.clock.move(30);
  officer = await signIn(x, W, 'ha-tang');
  for (const [verb, more] of [['explain', {}], ['ask', {}], ['close', { 'close-outcome': 'mended' }]]) {
    const field = `${verb}-text`, told = await step(officer, got.code, verb, { ...more, [field]: 'Chờ bà Bảy, số 092 123 456 789.' });
    assert.equal(told.status, 422, verb);
    assert.deepEqual(marks(told.text).map((m) => m[0])[0], 'Bảy', verb);
    assert.ok(advised(told.text, field), verb);
    assert.match(value(told.text, field), /^Chờ bà Bảy, số /);
    assert.doesNotMatch(told.text, /092 123 456 789/, 'twelve digits are masked');
    if (verb !== 'ask') assert.equal((await step(officer, got.code, verb, { ...more, [field]: 'Chờ bà Bảy.', [`${field}-advised`]: '1' })).status, 303, verb);
  }
});

test('public words that name somebody come back once; nothing is public before', async () => {
  const got = await report(x, W, {});
  await steps(officer, got.code, ['take', {}]);
  const told = await step(officer, got.code, 'release', { 'release-text': 'Đèn trước nhà bà Bảy không sáng.' });
  assert.equal(told.status, 422);
  assert.deepEqual(marks(told.text), [['Bảy', 'tên người']]);
  assert.equal(value(told.text, 'release-text'), 'Đèn trước nhà bà Bảy không sáng.');
  assert.equal((await facts(officer, got.code)).released, undefined);
  const street = await step(officer, got.code, 'release', { 'release-text': 'Đèn trước nhà bà Bảy không sáng.', 'release-text-advised': '1' });
  assert.equal(street.status, 303);
  assert.equal((await facts(officer, got.code)).released, 'Đèn trước nhà bà Bảy không sáng.');
});
