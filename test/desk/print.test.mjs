// Blank forms and posters: in the order of the screen, from the procedures (on paper: test/browser).
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, signIn, startXom, words } from '../harness/xom.mjs';
import { readQr } from '../harness/qr.mjs';

const W = 'song-may', OTHER = 'rach-truc', PRINT = `/${W}/desk/print`;
let x, a, admin;
before(async () => {
  x = await startXom();
  [a, admin] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'quan-tri')];
});
after(async () => { await x.stop(); });

const admins = async (path, fields) => admin.post(`/${W}/admin${path}`, { token: hidden((await admin.get(`/${W}/admin${path}`)).text, 'token'), ...fields });
const get = async (path, status = 200, who = a) => { const r = await who.get(path); assert.equal(r.status, status, path); return r.text; };
const kindsOf = (html) => [...html.matchAll(/print\/form\?kind=(\w+)"/g)].map((m) => m[1]);

test('the page offers a form and a poster of each kind, and of all', async () => {
  const html = await get(PRINT), shown = kindsOf(html);
  assert.deepEqual(shown, [...(await get(`/${W}/desk/new`)).match(/name="kind"[\s\S]*?<\/select>/)[0].matchAll(/value="(\w+)"/g)].map((m) => m[1]));
  assert.ok(shown.length >= 6);
  // Paper about somebody who works here would pass through their hands.
  assert.ok(!shown.includes('staff'));
  for (const p of ['form', 'poster']) await get(`${PRINT}/${p}?kind=staff`, 404);
  for (const k of shown) assert.ok(html.includes(`/desk/print/poster?kind=${k}"`));
  assert.match(html, /href="[^"]*\/desk\/print\/form"/);
  assert.match(html, /href="[^"]*\/desk\/print\/poster"/);
  for (const from of ['/desk', '/desk/new']) assert.match(await get(`/${W}${from}`), /href="\/song-may\/desk\/print"/);
});

test('the form asks what the screen asks, in its order', async () => {
  const screen = await get(`/${W}/desk/new`);
  const fields = [...screen.match(/<form method="post"[^>]*x-new-form[\s\S]*?<\/form>/)[0].matchAll(/<(?:input|select|textarea)[^>]* name="([^"]+)"/g)].map((m) => m[1]);
  const order = [...new Set(fields)].filter((n) => !['token', 's'].includes(n));
  assert.equal(order.length, 10);
  for (const kind of ['', '?kind=lighting', '?kind=noise']) {
    const html = await get(`${PRINT}/form${kind}`);
    // No khu vực head reads of neighbours' noise: there is nothing to tick away.
    assert.deepEqual([...html.matchAll(/data-field="([^"]+)"/g)].map((m) => m[1]), order.filter((n) => n !== 'not_head' || kind !== '?kind=noise'));
  }
  // Under the same names.
  const labels = [...(await get(`${PRINT}/form`)).matchAll(/x-print__ask"><h2>([^<]+)</g)].map((m) => m[1]);
  assert.equal(labels.length, 10);
  for (const l of labels) assert.ok(screen.includes(l), l);
});

test('where the ward has set no address, there is room to write it, and the page says so', async () => {
  assert.match(await get(PRINT), /chưa đặt nơi và giờ tiếp dân/);
  assert.match(await get(`${PRINT}/form`), /x-print__dots/);
  assert.equal((await admins('/settings', { hotline: '0292 000 0100', office_address: '12 Bến Sông Mây', office_hours: 'thứ Hai đến thứ Sáu', idle_days: '60' })).status, 303);
  assert.doesNotMatch(await get(PRINT), /chưa đặt nơi và giờ tiếp dân/);
  assert.doesNotMatch(await get(`${PRINT}/form`), /x-print__dots/);
});

test('what the form says follows its procedure', async () => {
  const noise = await get(`${PRINT}/form?kind=noise`), light = await get(`${PRINT}/form?kind=lighting`);
  assert.match(words(noise), /Cán bộ của Tổ An toàn[\s\S]*không có trang công khai[\s\S]*hòa giải trước/);
  assert.match(words(light), /Có số trên cột thì ghi giúp/);
  // The roles that read it stand on paper as on the page that asks before sending.
  const any = await get(`${PRINT}/form`);
  for (const form of [light, any]) assert.match(words(form), /thư ký ban chỉ đạo, giám sát/);
  // So does the khu vực's head: of the kinds marked so, named where the form is for any, and of no other.
  assert.match(words(light), /nơi nhận việc này[\s\S]*Trưởng khu vực nơi đó, khi việc còn mở, trừ khi bạn đánh dấu ô ở trên[\s\S]*Ai không đọc được: Hàng xóm và trưởng các khu vực khác/);
  assert.match(words(any), /Riêng Đèn đường; [^:]+: cả trưởng khu vực nơi đó[\s\S]*Ai không đọc được: Hàng xóm và trưởng các khu vực khác/);
  assert.match(words(noise), /Ai không đọc được: Trưởng khu vực, tổ của khu vực và hàng xóm/);
  assert.doesNotMatch(words(noise), /trưởng khu vực nơi đó/i);
  assert.doesNotMatch(words(light), /không có trang công khai/);
});

test('the QR code of a poster leads to the form, of a kind with the kind chosen', async () => {
  for (const lang of ['', '/en']) {
    const home = 'http://localhost:8080';
    assert.equal(readQr(await get(`/${W}${lang}/desk/print/poster`)), `${home}/${W}${lang}/report`);
    for (const kind of kindsOf(await get(PRINT))) {
      const one = await get(`/${W}${lang}/desk/print/poster?kind=${kind}`), at = new URL(readQr(one));
      assert.equal(at.href, `${home}/${W}${lang}/report?kind=${kind}`);
      const form = (await x.client().get(at.pathname + at.search)).text;
      assert.match(form, new RegExp(`value="${kind}"[^>]* checked`), 'the form opens with it');
      assert.equal(/Hòa giải trước|A mediator helps/.test(one), ['noise', 'mediation'].includes(kind));
    }
  }
});

test('of the other ward nothing; a kind that is not there or was withdrawn is not printed', async () => {
  for (const p of ['', '/form', '/poster']) assert.notEqual((await a.get(`/${OTHER}/desk/print${p}`)).status, 200);
  for (const k of ['murder', '../x', '%22']) for (const p of ['form', 'poster']) await get(`${PRINT}/${p}?kind=${k}`, 404);
  const before = await get(`/${W}/desk/new`);
  const day = new Date(Date.now() + Number(x.clock.us) / 1000 + 7 * 3600e3).toISOString().slice(0, 10).split('-').reverse().join('/');
  assert.equal((await admins('/procedures/water', { do: 'withdraw', last: day })).status, 303);
  x.clock.move(1);
  [a, admin] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'quan-tri')];
  assert.ok(!kindsOf(await get(PRINT)).includes('water'));
  for (const p of ['form', 'poster']) {
    await get(`${PRINT}/${p}?kind=water`, 404);
    assert.doesNotMatch(await get(`${PRINT}/${p}`), /Cống và nước/);
  }
  // Counter entry takes it no more either, whenever its form was opened; what was typed stays.
  const page = await get(`/${W}/desk/new`);
  assert.match(before, /value="water"/);
  assert.doesNotMatch(page, /value="water"/);
  const r = await a.post(`/${W}/desk/new`, { token: hidden(page, 'token'), s: hidden(page, 's'), channel: 'letter', kind: 'water', area: 'unsure', street: 'KEPTSTREET', text: 'Cống nghẹt.', day, hour: '', word: 'hoa giấy', go: 'send' });
  assert.equal(r.status, 422);
  assert.match(words(r.text), /không còn nhận loại việc này/);
  assert.match(r.text, /KEPTSTREET/);
  const there = await signIn(x, OTHER, 'ha-tang.rt');
  assert.ok(kindsOf(await get(`/${OTHER}/desk/print`, 200, there)).includes('water'), 'the other ward still offers it');
});
