// The form over its pages without JavaScript: answers kept, and the same form is one report.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, readReceipt, signIn, startXom, unescape, words } from '../harness/xom.mjs';
import { fieldError, next, png, upToCheck, withPhotos } from '../harness/steps.mjs';

const W = 'song-may';
let x;
before(async () => { x = await startXom(); });
after(async () => { await x.stop(); });

const send = (c, s) => c.post(`/${W}/report/check`, { s, go: 'send' });
const count = async (text) => {
  const officer = await signIn(x, W, 'ha-tang');
  const r = await officer.get(`/${W}/desk?words=${encodeURIComponent(text)}`);
  return (r.text.match(/\/desk\/case\/SM-/g) ?? []).length;
};
const value = (html, name) => unescape(html.match(new RegExp(`name="${name}" type="text" value="([^"]*)"`))[1]);
const area = (html) => unescape(html.match(/<textarea[^>]*name="text"[^>]*>\n?([\s\S]*?)<\/textarea>/)[1]);
const checked = (html, name) => html.match(new RegExp(`name="${name}" type="radio" value="([^"]*)"[^>]* checked`))?.[1];

for (const lang of ['', '/en']) {
  test(`forward and back over every page keep the answers (${lang || 'vi'})`, async () => {
    const c = x.client(), at = `/${W}${lang}/report`;
    const post = (name, page, more) => c.post(`${at}/${name}`, { s: hidden(page.text, 's'), ...more });
    let page = await c.get(at);
    assert.equal(page.status, 200);
    page = await post('kind', page, { kind: 'lighting', go: 'next' });
    const place = { area: 'unsure', street: 'Đường số 3', landmark: 'trước "quán" <Hoa> & Sơn', lat: '', lon: '' };
    page = await post('where', page, { ...place, go: 'next' });
    page = await post('what', page, { text: 'Đèn tắt.\nHai hôm nay.', go: 'next' });
    assert.match(page.text, /report\/photos"/);
    const none = await c.post(`${at}/photos`, withPhotos(hidden(page.text, 's'), [], { go: 'upload' }));
    assert.equal(none.status, 422);
    assert.match(fieldError(none.text, 'photos'), lang === '' ? /Hãy chọn ảnh trước/ : /Choose a photo first/);
    assert.ok(none.text.indexOf('value="next"') < none.text.indexOf('value="upload"'), 'going on stands first');
    page = await c.post(`${at}/photos`, withPhotos(hidden(page.text, 's'), [{ bytes: png() }]));
    assert.equal((page.text.match(/data:image\/jpeg/g) ?? []).length, 1);
    for (const s of ['Đường số 3', 'trước "quán" <Hoa> & Sơn', 'Đèn tắt. Hai hôm nay.']) assert.ok(words(page.text).includes(s), s);
    page = await post('check', page, { go: 'back' });
    assert.match(page.text, /report\/photos"/);
    assert.equal((page.text.match(/data:image\/jpeg/g) ?? []).length, 1);
    page = await c.post(`${at}/photos`, withPhotos(hidden(page.text, 's'), [], { go: 'back' }));
    assert.equal(area(page.text).replace(/\r/g, ''), 'Đèn tắt.\nHai hôm nay.');
    page = await post('what', page, { text: 'Đèn tắt ba hôm.', go: 'back' });
    assert.equal(value(page.text, 'street'), place.street);
    assert.equal(value(page.text, 'landmark'), place.landmark);
    assert.equal(checked(page.text, 'area'), 'unsure');
    page = await post('where', page, { ...place, go: 'back' });
    assert.equal(checked(page.text, 'kind'), 'lighting');
    // Forward again; what was typed on the way back is there.
    page = await post('kind', page, { kind: 'lighting', go: 'next' });
    page = await post('where', page, { ...place, go: 'next' });
    assert.equal(area(page.text), 'Đèn tắt ba hôm.');
    page = await post('what', page, { text: 'Đèn tắt ba hôm.', go: 'next' });
    page = await c.post(`${at}/photos`, withPhotos(hidden(page.text, 's'), []));
    assert.match(page.text, /report\/check"/);
    // Every edit link leads to its page with its answer.
    for (const [to, seen] of [['kind', /value="lighting"[^>]* checked/], ['where', /value="Đường số 3"/], ['what', /Đèn tắt ba hôm\./], ['photos', /data:image\/jpeg/]]) {
      const edit = await post('check', page, { go: `to:${to}` });
      assert.match(edit.text, new RegExp(`action="[^"]*/report/${to}"`), to);
      assert.match(edit.text, seen, to);
    }
    const receipt = await post('check', page, { go: 'send' });
    assert.equal(receipt.status, 200);
    readReceipt(receipt.text);
  });
}

test('an error keeps every answer, of this page and of those before', async () => {
  const c = x.client();
  let page = await c.get(`/${W}/report`);
  page = await next(c, W, 'kind', page, { kind: 'road' });
  const long = 'đ'.repeat(121);
  page = await next(c, W, 'where', page, { area: '', street: long, landmark: 'cổng chợ', lat: '', lon: '' });
  assert.equal(page.status, 422);
  assert.match(fieldError(page.text, 'street'), /121\/120/);
  fieldError(page.text, 'area');
  assert.equal(value(page.text, 'street'), long);
  assert.equal(value(page.text, 'landmark'), 'cổng chợ');
  page = await next(c, W, 'where', page, { area: 'unsure', street: 'Lê Lợi', landmark: 'cổng chợ', lat: '', lon: '' });
  page = await next(c, W, 'what', page, { text: 'a'.repeat(2001) });
  assert.equal(page.status, 422);
  assert.match(fieldError(page.text, 'text'), /2001\/2000/);
  assert.equal(area(page.text).length, 2001);
  page = await next(c, W, 'what', page, { text: ' \n ' });
  assert.equal(page.status, 422);
  fieldError(page.text, 'text');
  page = await next(c, W, 'what', page, { text: 'Ổ gà sâu.' });
  page = await c.post(`/${W}/report/photos`, withPhotos(hidden(page.text, 's'), [{ bytes: png() }, { bytes: Buffer.from('no photo'), name: 'b.jpg' }]));
  assert.equal(page.status, 422);
  assert.match(fieldError(page.text, 'photos'), /^.*b\.jpg/);
  assert.equal((page.text.match(/data:image\/jpeg/g) ?? []).length, 1, 'the good photo is kept');
  page = await c.post(`/${W}/report/photos`, withPhotos(hidden(page.text, 's'), []));
  for (const s of ['Lê Lợi', 'cổng chợ', 'Ổ gà sâu.']) assert.ok(words(page.text).includes(s), s);
});

test('sent twice and eight times at once: one receipt, one case', async () => {
  const { client, s } = await upToCheck(x, W, { text: 'Nháy liên tục xanhlam.' });
  const one = readReceipt((await send(client, s)).text);
  assert.deepEqual(readReceipt((await send(client, s)).text), one);
  const other = await upToCheck(x, W, { text: 'Nháy liên tục vangcam.', photos: [{ bytes: png() }] });
  const got = await Promise.all(Array.from({ length: 8 }, () => send(x.client(), other.s)));
  for (const r of got) { assert.equal(r.status, 200); assert.deepEqual(readReceipt(r.text), readReceipt(got[0].text)); }
  assert.notEqual(readReceipt(got[0].text).code, one.code);
  assert.equal(await count('xanhlam'), 1);
  assert.equal(await count('vangcam'), 1);
});

test('a form whose receipt was seen is spent two minutes later: no page of it, no code, no PIN; unseen it stays', async () => {
  const { client, s } = await upToCheck(x, W, { text: 'Dùng chung máy xamtro.' });
  const sent = await send(client, s), one = readReceipt(sent.text), shown = sent.text.match(/<img src="([^"]*\/report\/shown\/[\w-]{43})"/)[1];
  assert.equal(sent.headers.get('cache-control'), 'no-store');
  x.clock.move(1 / 24);
  assert.deepEqual(readReceipt((await send(client, s)).text), one, 'lost on its way: an hour later the same');
  for (const bad of [shown.slice(0, -1), `${shown.slice(0, -4)}AAAA`]) assert.equal((await client.get(bad)).status, 404);
  assert.equal((await client.get(shown)).status, 200);
  assert.deepEqual(readReceipt((await send(client, s)).text), one, 'pressed twice, or reloaded');
  x.clock.move(3 / 1440);
  const places = { kind: 'kind', where: 'where', same: 'same', what: 'what', subject: 'subject', check: 'check' };
  for (const step of Object.keys(places)) for (const go of ['send', 'back', 'next', 'show', 'to:what']) {
    const page = await x.client().post(`/${W}/report/${step}`, { s, go });
    assert.ok(words(page.text).includes('Tin này đã gửi rồi') && page.text.includes(`/${W}/follow`), `${step} ${go}`);
    for (const secret of ['xamtro', one.code, one.pin]) assert.ok(!page.text.includes(secret), `${step} ${go}: ${secret}`);
  }
  assert.ok(words((await x.client().post(`/${W}/report/photos`, withPhotos(s, []))).text).includes('Tin này đã gửi rồi'));
  assert.equal((await client.get(shown)).status, 200, 'again changes nothing');
  assert.equal(await count('xamtro'), 1);
});

test('the same receipt after a restart, a kill and a rotated key, within a day', async () => {
  const { client, s } = await upToCheck(x, W, { text: 'Đèn chập chờn timthan.' });
  const later = await upToCheck(x, W, { text: 'Đèn chập chờn hongphan.' });
  const one = readReceipt((await send(client, s)).text);
  const again = async (why) => assert.deepEqual(readReceipt((await send(x.client(), s)).text), one, why);
  x.child.kill('SIGTERM');
  assert.equal((await x.ended).code, 0, x.log);
  await x.start();
  await again('restart');
  await x.kill();
  await x.start();
  await again('kill -9');
  x.child.kill('SIGTERM');
  await x.ended;
  x.verb(['keys', 'rotate', 'form']);
  await x.start();
  await again('rotated key');
  x.clock.move(0.9);
  await again('22 hours later');
  // A form that was open over all of this still sends.
  readReceipt((await send(x.client(), later.s)).text);
  assert.equal(await count('timthan'), 1);
  assert.equal(await count('hongphan'), 1);
});

test('after a day the page was open too long, and nothing is written', async () => {
  const { s } = await upToCheck(x, W, { text: 'Đèn tắt tocden.' });
  x.clock.move(1.01);
  for (const [lang, said] of [['', 'mở quá lâu'], ['/en', 'open too long']]) {
    const r = await x.client().post(`/${W}${lang}/report/check`, { s, go: 'send' });
    assert.equal(r.status, 403);
    assert.ok(words(r.text).includes(said), words(r.text).slice(0, 300));
    assert.doesNotMatch(r.text, /data-x-code/);
  }
  assert.equal(await count('tocden'), 0);
});

test('a step skipped is asked for, and a reloaded step leads to the beginning', async () => {
  const c = x.client();
  let page = await c.get(`/${W}/report`);
  const fresh = hidden(page.text, 's');
  page = await send(c, fresh);
  assert.match(page.text, /action="[^"]*\/report\/kind"/);
  page = await c.post(`/${W}/report/kind`, { s: fresh, kind: 'lighting', go: 'next' });
  const r = await send(c, hidden(page.text, 's'));
  assert.match(r.text, /action="[^"]*\/report\/where"/);
  for (const name of ['kind', 'where', 'what', 'photos', 'check', 'xyz']) {
    const got = await c.get(`/${W}/report/${name}`);
    assert.ok(got.status === 303 && got.location === `/${W}/report`, `${name} ${got.status}`);
  }
  assert.equal(page.headers.get('cache-control')?.includes('public') ?? false, false);
});
