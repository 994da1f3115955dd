// Words of fire, weapons or people being beaten: the numbers stand once more before the button, and what is sent
// all the same rings at the desk that has it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, readReceipt, report, signIn, startXom, words } from '../harness/xom.mjs';
import { casePath, follow, next, png, reporter, steps, upToCheck, withPhotos } from '../harness/steps.mjs';

const W = 'song-may', FIRE = 'Nhà kế bên đang cháy lớn, khói đen.';
const BEFORE = /Đang nguy hiểm\? Gọi ngay/;
let x, officer, other;
before(async () => { x = await startXom(); [officer, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'an-toan')]; });
after(async () => { await x.stop(); });

// The box stands in the form, before the button that sends, with numbers that call.
function shown(html) {
  const box = html.match(/<section class="x-emergency x-danger"[^>]*>[\s\S]*?<\/section>/)?.[0];
  if (!box || /^<section[^>]* hidden>/.test(box)) return false;
  for (const n of [113, 114, 115, 112, 111]) assert.ok(box.includes(`<a class="x-number" href="tel:${n}">`), n);
  const at = html.indexOf(box), form = html.lastIndexOf('<form', at);
  assert.ok(html.indexOf('</form>', form) > at, 'outside of the form');
  assert.match(html.slice(at, html.indexOf('</form>', at)), /type="submit"/, 'no button after it');
  return true;
}
const ringing = async (who) => { const n = JSON.parse((await who.get(`/${W}/desk/news.json`)).text); return [n.counts.find((c) => c.name === 'ring').n, Number(n.last)]; };
const marked = async (who, code) => (await who.get(`/${W}/desk?queue=unit&n=500`)).text.split('<li ').find((li) => li.includes(code)).includes('x-danger-tag">Nói tới nguy hiểm<');

test('the page before sending shows the numbers, and one press sends', async () => {
  for (const [text, said] of [[FIRE, true], ['nha ke ben dang chay nha lon', true], ['There is a fire next door', true], ['Có người cầm dao rượt nhau', true],
    ['Bóng đèn cháy ba hôm nay', false], ['Bình chữa cháy hết hạn', false], ['Xe chạy nhanh quá', false], ['an com chay', false], ['Đèn đường tắt.', false]]) {
    const { page } = await upToCheck(x, W, { text });
    assert.equal(shown(page.text), said, text);
    assert.match(page.text, /id="send"/);
  }
  const [n, last] = await ringing(officer), theirs = await ringing(other);
  const { client, page, s } = await upToCheck(x, W, { text: FIRE });
  assert.match(words(page.text), BEFORE);
  assert.ok(words(page.text).includes(FIRE));
  // Back at the words they stand there, too, with the words.
  const back = await client.post(`/${W}/report/check`, { s, go: 'to:what' });
  assert.ok(shown(back.text));
  assert.ok(back.text.includes(FIRE));
  const sent = await client.post(`/${W}/report/check`, { s, go: 'send' });
  const { code } = readReceipt(sent.text);
  const now = await ringing(officer);
  assert.equal(now[0], n + 1);
  assert.ok(now[1] > last, 'the bell rings');
  assert.deepEqual(await ringing(other), theirs, 'at the unit that has it alone');
  // A clear mark in the queue and on the case's page.
  assert.equal(await marked(officer, code), true);
  assert.match(words((await officer.get(casePath(code))).text), /Nói tới nguy hiểm .*Có lời nói tới nguy hiểm lúc .*113, 114, 115 đã hiện ra/);
  const calm = await report(x, W, { text: 'Đèn tắt.' });
  assert.equal(await marked(officer, calm.code), false);
  assert.doesNotMatch((await officer.get(casePath(calm.code))).text, /x-danger/);
  assert.deepEqual(await ringing(officer), now);
  // Given to another unit it rings there and no more here.
  await steps(officer, code, ['assign', { 'assign-unit': 'an-toan', 'assign-reason': 'của bên đó' }]);
  assert.equal((await ringing(officer))[0], n);
  assert.equal((await ringing(other))[0], theirs[0] + 1);
});

test('English speaks English, and a closed case rings no more', async () => {
  const { client, s } = await upToCheck(x, W, { text: 'Smoke everywhere, there is a fire.' });
  const page = await client.post(`/${W}/en/report/check`, { s, go: 'to:what' });
  assert.match(words(page.text), /In danger now\? Call, don't wait/);
  const before = await ringing(officer);
  const { code } = readReceipt((await client.post(`/${W}/report/check`, { s, go: 'send' })).text);
  assert.equal((await ringing(officer))[0], before[0] + 1);
  await steps(officer, code, ['close', { 'close-outcome': 'mended', 'close-text': 'Đã dập.' }]);
  assert.equal((await ringing(officer))[0], before[0]);
  assert.doesNotMatch((await officer.get(casePath(code))).text, /x-danger/);
});

test('an answer on the receipt comes back once with the numbers, with words and photos, and then rings', async () => {
  const got = await report(x, W, { text: 'Dây điện chùng.' });
  await steps(officer, got.code, ['ask', { 'ask-text': 'Dây ở cột nào?' }]);
  const before = await ringing(officer), c = await follow(x, got);
  const page = await c.get(`/${W}/receipt`);
  assert.ok(!shown(page.text));
  assert.match(page.text, /data-x-danger="[^"]*cháy/);
  const form = new FormData();
  form.set('s', hidden(page.text, 's'));
  form.set('answer', 'Cột số 4, đang bốc cháy rồi.');
  form.append('photos', new Blob([png()], { type: 'image/png' }), 'a.png');
  const once = await c.post(`/${W}/receipt/answer`, form);
  assert.equal(once.status, 422);
  assert.ok(shown(once.text));
  assert.match(words(once.text), /Chưa gửi\. Đang nguy hiểm thì gọi số bên dưới/);
  assert.match(once.text, /Cột số 4, đang bốc cháy rồi\./);
  assert.match(words(once.text), /Ảnh đã nhận và còn giữ: 1/);
  assert.deepEqual(await ringing(officer), before, 'not sent yet');
  assert.match(once.text, /<input type="hidden" name="danger" value="1">/);
  const again = new FormData();
  for (const [k, v] of Object.entries({ s: hidden(once.text, 's'), answer: 'Cột số 4, đang bốc cháy rồi.', danger: '1' })) again.set(k, v);
  assert.equal((await c.post(`/${W}/receipt/answer`, again)).status, 303);
  assert.equal((await ringing(officer))[0], before[0] + 1);
  assert.match(words((await officer.get(casePath(got.code))).text), /Nói tới nguy hiểm/);
  // "Not solved", the same.
  await steps(officer, got.code, ['close', { 'close-outcome': 'mended', 'close-text': 'Đã dập.' }]);
  assert.equal((await reporter(await follow(x, got), 'reopen', { reason: 'Lại bốc khói, cháy tiếp.' })).status, 422);
  assert.equal((await reporter(await follow(x, got), 'reopen', { reason: 'Lại bốc khói, cháy tiếp.', danger: '1' })).status, 303);
  assert.ok((await ringing(officer))[1] > before[1]);
});

test('what joins a case rings at that case', async () => {
  const here = { area: 'unsure', lat: '10.000100', lon: '105.700100' };
  const first = await report(x, W, { ...here, text: 'Trụ số 9 tắt.' });
  const [n, last] = await ringing(officer), client = x.client();
  let page = await client.get(`/${W}/report`);
  page = await next(client, W, 'kind', page, { kind: 'lighting' });
  page = await next(client, W, 'where', page, { ...here, street: '', landmark: '' });
  const join = page.text.match(/value="(join:[^"]+)"/)?.[1];
  assert.ok(join, words(page.text));
  page = await client.post(`/${W}/report/same`, { s: hidden(page.text, 's'), go: join });
  page = await next(client, W, 'what', page, { text: 'Trụ này đang bốc cháy.' });
  if (/action="[^"]*\/report\/photos"/.test(page.text)) page = await client.post(`/${W}/report/photos`, withPhotos(hidden(page.text, 's'), []));
  assert.ok(shown(page.text));
  readReceipt((await client.post(`/${W}/report/check`, { s: hidden(page.text, 's'), go: 'send' })).text);
  const now = await ringing(officer);
  assert.deepEqual([now[0], now[1] > last], [n + 1, true]);
  assert.equal(await marked(officer, first.code), true);
});

test('the counter shows them to the officer, once, and keeps what was typed', async () => {
  const page = await officer.get(`/${W}/desk/new`), s = hidden(page.text, 's');
  assert.ok(!shown(page.text));
  const day = page.text.match(/name="day"[^>]*value="([^"]*)"/)[1], hour = page.text.match(/name="hour"[^>]*value="([^"]*)"/)[1];
  const typed = { token: hidden(page.text, 'token'), s, channel: 'phone', kind: 'lighting', area: 'unsure', street: '', landmark: '', text: 'Có người gọi: đang đánh nhau, có súng.', day, hour, word: 'con mèo vàng', go: 'send' };
  const before = await ringing(officer), once = await officer.post(`/${W}/desk/new`, typed);
  assert.equal(once.status, 422, words(once.text));
  assert.ok(shown(once.text));
  assert.match(words(once.text), /Hỏi ngay: chuyện có đang xảy ra không\?/);
  assert.ok(once.text.includes('đang đánh nhau, có súng.'));
  const sent = await officer.post(`/${W}/desk/new`, { ...typed, s: hidden(once.text, 's'), token: hidden(once.text, 'token'), danger: '1' });
  assert.equal(sent.status, 200, words(sent.text));
  assert.equal((await ringing(officer))[0], before[0] + 1);
});
