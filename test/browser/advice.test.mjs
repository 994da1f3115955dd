// While one types, the device points out names and numbers: below the field, gently, without asking
// anybody. Who was told there is not asked again by the server.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { report, signIn, startXom } from '../harness/xom.mjs';
import { steps } from '../harness/steps.mjs';
import { PHONE, go, launch, openPage, press } from './browser.mjs';
import { WARD } from './world.mjs';

let browser, x;
before(async () => { browser = await launch(); x = await startXom(); });
after(async () => { await browser?.close(); await x?.stop(); });
const at = (path) => `${x.url}/${WARD}${path}`;
const live = (page, field) => page.locator(`[data-x-advise="${field}"]`);
const told = (page, field, some = true) => page.waitForFunction(([f, s]) => {
  const text = document.querySelector(`[data-x-advise="${f}"]`).textContent;
  return s ? text : text === '';
}, [field, some]);

async function toWords(page, lang = '') {
  await page.goto(at(`${lang}/report`));
  await page.check('input[name=kind][value=noise]');
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
}

test('it is told while one types, on the device alone', async () => {
  const { context, page, faults } = await openPage(browser, x, { viewport: PHONE });
  await toWords(page);
  // A street and a market of the ward are none.
  await page.fill('input[name=landmark]', 'gần chợ Sông Mây, đường Chị Ba Lụa, nhà chị Bảy');
  await told(page, 'landmark');
  assert.match(await live(page, 'landmark').innerText(), /^Có vẻ có tên người \(Bảy\)\. Không cần thì bỏ bớt đi\.$/);
  await go(page, 'next');

  const asked = [];
  page.on('request', (r) => { if (!/\/assets\//.test(r.url())) asked.push(r.url()); });
  assert.equal(await live(page, 'text').getAttribute('role'), 'status');
  await page.locator('textarea').pressSequentially('Ông Nguyễn Văn Ba gọi 0912 345 678, xe 65B1-123.45, thẻ 079203001234');
  await told(page, 'text');
  assert.match(await live(page, 'text').innerText(), /tên người \(Nguyễn Văn Ba\); số điện thoại \(0912 345 678\); biển số xe \(65B1-123\.45\); số giấy tờ \(079203001234\)\..*máy tự che/);
  assert.deepEqual(asked, [], 'nothing left the device');
  await page.fill('textarea', 'Nhạc mở to tới khuya.');
  await told(page, 'text', false);
  await page.fill('textarea', 'Nhà anh Hùng mở nhạc to.');
  await go(page, 'next');
  // The page before sending says it once more, marked, and one press sends it.
  assert.deepEqual(await page.locator('mark').allInnerTexts().then((all) => all.map((t) => t.split(' (')[0].trim())), ['Bảy', 'Hùng']);
  assert.equal((await go(page, 'send')).status(), 200);
  assert.equal(await page.locator('[data-x-code]').count(), 1);
  assert.deepEqual(faults, []);
  await context.close();
});

test('an answer goes at once where the device has told, and comes back once where it could not', async () => {
  const officer = await signIn(x, WARD, 'ha-tang');
  for (const js of [true, false]) {
    const got = await report(x, WARD);
    await steps(officer, got.code, ['take', {}], ['ask', { 'ask-text': 'Cột số mấy?' }]);
    const { context, page, faults } = await openPage(browser, x, { js, viewport: PHONE });
    await page.goto(at('/follow'));
    await page.fill('input[name=code]', got.code);
    await page.fill('input[name=pin]', got.pin);
    await press(page, 'main form button');
    await page.fill('textarea[name=answer]', 'Hỏi chị Lan ở cột 14.');
    if (js) {
      await told(page, 'answer');
      assert.match(await live(page, 'answer').innerText(), /tên người \(Lan\)/);
    }
    const first = await press(page, 'form[action$="/answer"] button[type=submit]');
    if (!js) {
      assert.equal(first.status(), 422);
      assert.equal(await page.inputValue('textarea[name=answer]'), 'Hỏi chị Lan ở cột 14.');
      await press(page, 'form[action$="/answer"] button[type=submit]');
    }
    assert.match(await page.locator('.x-timeline').innerText(), /Hỏi chị Lan ở cột 14/);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('words of danger show the numbers before one sends, while typing with JavaScript, on the next page without', async () => {
  const officer = await signIn(x, WARD, 'an-toan'), ring = async () => JSON.parse((await officer.get(`/${WARD}/desk/news.json`)).text).counts.find((c) => c.name === 'ring').n;
  for (const js of [true, false]) {
    const rang = await ring(), { context, page, faults } = await openPage(browser, x, { js, viewport: PHONE });
    await toWords(page);
    await go(page, 'next');
    const box = page.locator('#danger');
    await page.fill('textarea', 'Nhạc mở to tới khuya.');
    assert.equal(await box.isVisible(), false);
    await page.fill('textarea', 'Họ đang đánh nhau, có dao.');
    if (js) await box.waitFor({ state: 'visible' });
    await go(page, 'next');
    assert.equal(await box.isVisible(), true);
    const call = page.locator('#danger a[href="tel:113"]'), send = page.locator('#send');
    assert.ok((await call.boundingBox()).y < (await send.boundingBox()).y, 'before the button');
    assert.ok((await call.boundingBox()).height >= 44);
    await go(page, 'send');
    assert.equal(await page.locator('[data-x-code]').count(), 1);
    assert.equal(await ring(), rang + 1);
    assert.deepEqual(faults, []);
    await context.close();
  }
});
