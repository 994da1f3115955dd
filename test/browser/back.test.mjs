// Back and Forward over all steps keep the answers; the same form sent twice is one report.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { signIn, startXom } from '../harness/xom.mjs';
import { follow, go, launch, makeJpeg, openPage, photo, readReceiptPage, upload, within } from './browser.mjs';
import { WARD } from './world.mjs';

let browser, x, jpeg, officer;
before(async () => { browser = await launch(); x = await startXom(); officer = await signIn(x, WARD, 'ha-tang'); jpeg = await makeJpeg(browser); });
after(async () => { await browser?.close(); await x?.stop(); });

const WORDS = 'Đèn hẻm tắt.\nTối quá, xe đạp té hoài.';
const state = async (page) => ({
  kind: await page.locator('input[name=kind]:checked').evaluateAll((l) => l[0]?.value),
  area: await page.locator('input[name=area]:checked').evaluateAll((l) => l[0]?.value),
  street: await page.locator('input[name=street]').evaluateAll((l) => l[0]?.value),
  text: await page.locator('textarea[name=text]').evaluateAll((l) => l[0]?.value),
});
async function fill(page) {
  await page.bringToFront(); // a tab behind others draws, and so answers to clicks, once a second
  await page.goto(`${x.url}/${WARD}/report`);
  await page.check('input[name=kind][value=lighting]');
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await page.fill('input[name=street]', 'Hẻm 18 Ông Năm Chèo');
  await go(page, 'next');
  await page.fill('textarea[name=text]', WORDS);
  await go(page, 'next');
  await upload(page, photo(jpeg));
  await go(page, 'next');
}
const back = (page) => within(page.goBack({ waitUntil: 'load' }), 'Back');
const forward = (page) => within(page.goForward({ waitUntil: 'load' }), 'Forward');

for (const js of [false, true]) {
  const name = `JavaScript ${js ? 'on' : 'off'}`;
  test(`Back and Forward over every step, ${name}`, async () => {
    const { page, context, faults } = await openPage(browser, x, { js });
    await fill(page);
    await back(page);
    await page.waitForSelector('.x-photos img');
    assert.equal(await page.locator('.x-photos img').count(), 1, 'the photo waits');
    if (!js) { // there the upload was a page of its own
      await back(page);
      assert.equal(await page.locator('input[type=file]').count(), 1);
    }
    await back(page);
    assert.equal((await state(page)).text, WORDS);
    await back(page);
    assert.deepEqual(await state(page), { kind: undefined, area: 'unsure', street: 'Hẻm 18 Ông Năm Chèo', text: undefined });
    await back(page);
    assert.equal((await state(page)).kind, 'lighting');
    for (const step of ['where', 'what', ...(js ? [] : ['photos']), 'photos', 'check']) {
      await forward(page);
      if (step === 'where') assert.equal((await state(page)).street, 'Hẻm 18 Ông Năm Chèo');
      if (step === 'what') assert.equal((await state(page)).text, WORDS);
    }
    const main = await page.locator('main').innerText();
    for (const part of ['Hẻm 18 Ông Năm Chèo', 'Tối quá, xe đạp té hoài.']) assert.ok(main.includes(part), part);
    // From there it can still be sent. Back from the receipt no page of the form shows its words to the next person: with a
    // script at once; without, pressing send again gives the same receipt within two minutes, then neither it nor the words.
    await go(page, 'send');
    const first = await readReceiptPage(page);
    await page.waitForLoadState('networkidle');
    const spent = async (why) => {
      const main = await page.locator('main').innerText();
      assert.ok(main.includes('Tin này đã gửi rồi'), `${why}: ${main}`);
      for (const secret of ['Ông Năm Chèo', 'xe đạp té hoài', first.code, first.pin]) assert.ok(!main.includes(secret), `${why}: ${secret}`);
    };
    await back(page);
    if (js) {
      await page.waitForURL('**/report/sent');
      await spent('Back');
      await back(page);
      await page.waitForURL('**/report/sent');
      await spent('Back once more');
    } else {
      await go(page, 'send');
      assert.deepEqual(await readReceiptPage(page), first);
      x.clock.move(3 / 1440);
      await back(page);
      await go(page, 'send');
      await spent('sent again later');
      x.clock.move(-3 / 1440);
    }
    assert.deepEqual(faults, []);
    await context.close();
  });

  test(`the form's own back buttons and "change" keep the answers, ${name}`, async () => {
    const { page, context } = await openPage(browser, x, { js });
    await fill(page);
    await go(page, 'back');
    assert.equal(await page.locator('.x-photos img').count(), 1);
    await go(page, 'back');
    assert.equal((await state(page)).text, WORDS);
    await page.fill('textarea[name=text]', ''); // going back never insists on an answer
    await go(page, 'back');
    assert.equal((await state(page)).area, 'unsure');
    await go(page, 'back');
    assert.equal((await state(page)).kind, 'lighting');
    await go(page, 'next'); await go(page, 'next');
    await page.fill('textarea[name=text]', WORDS);
    await go(page, 'next');
    await go(page, 'next');
    await go(page, 'to:where');
    await page.fill('input[name=street]', 'Hẻm 5 Rạch Trúc');
    await go(page, 'next'); await go(page, 'next'); await go(page, 'next');
    const main = await page.locator('main').innerText();
    assert.ok(main.includes('Hẻm 5 Rạch Trúc') && main.includes('xe đạp té hoài') && await page.locator('.x-photos img').count() === 1);
    await context.close();
  });

  test(`sent twice by a double click, reloaded, and from two tabs: one report, ${name}`, async () => {
    const { page, context, faults } = await openPage(browser, x, { js });
    const before_ = await counted();
    await fill(page);
    const s = await page.inputValue('input[name=s]');
    await follow(page, () => page.locator('#send').dblclick({ noWaitAfter: true }));
    await page.waitForSelector('[data-x-code]');
    await page.waitForLoadState('networkidle');
    const first = await readReceiptPage(page);
    await within(page.reload({ waitUntil: 'load' }), 'reload');
    assert.deepEqual(await readReceiptPage(page), first, 'reload');
    // Another tab that held the same form: Chromium's own copy of it.
    const tab = await context.newPage();
    await fill(tab);
    await tab.locator('input[name=s]').evaluate((e, value) => { e.value = value; }, s);
    await go(tab, 'send');
    assert.deepEqual(await readReceiptPage(tab), first, 'two tabs');
    assert.equal(await counted(), before_ + 1);
    assert.deepEqual(faults, []);
    await context.close();
  });

  test(`two tabs that report two things stay apart, ${name}`, async () => {
    const { page, context } = await openPage(browser, x, { js });
    const other = await context.newPage();
    await fill(page);
    await fill(other);
    await go(other, 'send');
    await page.bringToFront();
    await go(page, 'send');
    assert.notEqual((await readReceiptPage(page)).code, (await readReceiptPage(other)).code);
    await context.close();
  });
}

// How many reports wait in the desk's queue.
async function counted() {
  const list = JSON.parse((await officer.get(`/${WARD}/desk.json?queue=new`)).text);
  return list.queues[0].n;
}
