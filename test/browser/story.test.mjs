// The whole story, in two browsers against the real program: a resident on a phone reports a broken
// lamp, an officer at a desk takes it, asks, the resident answers, the lamp is mended, the case is
// closed, the resident says "yes, solved", and the public page shows what the desk released and
// nothing else. Once without JavaScript on the phone, once with it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, startXom } from '../harness/xom.mjs';
import { DESK, PHONE, ask, follow, go, launch, makeJpeg, openPage, photo, press, readReceiptPage } from './browser.mjs';
import { WARD } from './world.mjs';

const WORDS = 'Đèn đường trước nhà thờ cũ tắt ba đêm rồi, tối quá không ai dám đi.';
const PUBLIC = 'Một bóng đèn ở hẻm 7 không sáng.';

let browser, x, broken, mended;
before(async () => {
  browser = await launch({ own: true });
  x = await startXom();
  broken = await makeJpeg(browser);
  mended = await makeJpeg(browser, { mended: true });
});
after(async () => { await browser?.close(); await x?.stop(); });

const text = (page, selector = 'main') => page.locator(selector).first().innerText();
const at = (path) => `${x.url}/${WARD}${path}`;
async function step(officer, id, fill = async () => {}) {
  await officer.locator(`#${id} > summary`).click();
  await fill();
  const r = await press(officer, `#${id} button[type=submit]`);
  assert.equal(r.status(), 200, `${id}: ${await text(officer)}`);
  // It can be taken back for half a minute; then it is done.
  assert.match(officer.url(), /#wait$/);
  assert.equal(await officer.locator('#wait form[action$="/take-back"] button').count(), 1);
  x.clock.move(31 / 86400);
  await officer.goto(officer.url().replace('#wait', ''));
  assert.equal(await officer.locator('#wait').count(), 0, `${id} is done`);
}

for (const js of [false, true])
  test(`a lamp is reported, mended and said to be mended; the resident ${js ? 'with' : 'without'} JavaScript`, async () => {
    const phone = await openPage(browser, x, { js, viewport: PHONE });
    const desk = await openPage(browser, x, { viewport: DESK });
    const resident = phone.page, officer = desk.page;

    // The resident reports.
    await resident.goto(at('/'));
    await press(resident, 'main .govuk-button--start');
    // Is anybody in danger? No. What is it about? A thing in a public place. The ward takes it here.
    await press(resident, 'main a[href$="/door/about"]');
    await press(resident, 'main a[href*="/door/ward"]');
    await press(resident, 'main .govuk-button');
    await resident.check('input[name=kind][value=lighting]');
    await go(resident, 'next');
    await resident.check('input[name=area] >> nth=0');
    await resident.fill('input[name=street]', 'Hẻm 7 Bến Sông Mây');
    await resident.fill('input[name=landmark]', 'trước cửa Chợ Cầu Ván');
    await go(resident, 'next');
    await resident.fill('textarea[name=text]', WORDS);
    await go(resident, 'next');
    await resident.setInputFiles('input[type=file]', photo(broken));
    await go(resident, 'next');
    const check = await text(resident);
    for (const part of [WORDS, 'Hẻm 7 Bến Sông Mây', 'trước cửa Chợ Cầu Ván', 'Đèn đường']) assert.ok(check.includes(part), `${part} on the page before sending`);
    assert.equal(await resident.locator('.x-photos img').count(), 1);
    assert.equal((await go(resident, 'send')).status(), 200);
    const receipt = await readReceiptPage(resident);
    const told = await text(resident);
    assert.match(told, /Tổ Hạ tầng đô thị/);
    assert.match(told, /0292 000 0100/, 'whom to call when it is late');
    assert.equal(await resident.locator('.x-qr path').count(), 1);

    // The officer finds it in the queue, takes it, asks.
    await officer.goto(at('/sign-in'));
    await officer.fill('input[name=login]', 'ha-tang');
    await officer.fill('input[type=password]', PASSWORD);
    await press(officer, 'main form button');
    await officer.fill('input[name=words]', receipt.code);
    await press(officer, '.x-filter button');
    assert.ok(officer.url().endsWith(`/desk/case/${receipt.code}`), 'a code leads to its case');
    assert.ok((await text(officer)).includes(WORDS));
    assert.equal((await text(officer, 'body')).includes(receipt.pin), false, 'the PIN is on no officer\'s screen');
    assert.equal((await press(officer, 'form[action$="/take"] button')).status(), 200);
    await step(officer, 'ask', () => officer.fill('#ask-text', 'Số ghi trên cột là bao nhiêu?'));
    const publicUrl = await officer.locator('dl a[href*="/case/"]').getAttribute('href');

    // In public it has no words yet.
    const anybody = await openPage(browser, x, { js: false });
    await anybody.page.goto(x.url + publicUrl);
    assert.equal((await text(anybody.page)).includes('tối quá'), false);
    assert.equal(await anybody.page.locator('.x-pair img').count(), 0);

    // The resident follows with code and PIN, typed as people type them, and answers.
    await resident.goto(at('/follow'));
    await resident.fill('input[name=code]', receipt.code.toLowerCase().replaceAll('-', ' '));
    await resident.fill('input[name=pin]', receipt.pin.toLowerCase());
    await press(resident, 'main form button');
    assert.match(await text(resident), /Số ghi trên cột là bao nhiêu\?/);
    await resident.fill('textarea[name=answer]', 'Cột số 14, bên trái hẻm.');
    await resident.setInputFiles('input[type=file]', photo(broken));
    assert.equal((await press(resident, 'form[action$="/answer"] button[type=submit]')).status(), 200);
    assert.match(await text(resident, '.x-timeline'), /Cột số 14/);
    assert.match(await text(resident), /Tổ Hạ tầng đô thị/);

    // The officer writes for the public beside the original and releases the first photo alone.
    await officer.reload();
    assert.match(await text(officer, '.x-timeline'), /Cột số 14/);
    await officer.locator('#release > summary').click();
    assert.ok((await text(officer, '#release blockquote')).includes(WORDS), 'the original stands beside the field');
    assert.equal(await officer.inputValue('#release-text'), '', 'and is not copied into it');
    await officer.fill('#release-text', PUBLIC);
    await officer.locator('#release input[name=release]').first().check({ force: true });
    assert.equal((await press(officer, '#release button[type=submit]')).status(), 200);
    await anybody.page.reload();
    assert.equal((await text(anybody.page)).includes(PUBLIC), false, 'not before it is done');
    x.clock.move(31 / 86400);
    await officer.goto(officer.url().replace('#wait', ''));
    await step(officer, 'close', async () => {
      await officer.check('#close input[value=mended]', { force: true });
      await officer.fill('#close-text', 'Đã thay bóng và siết lại dây. Đèn sáng tối nay.');
      await officer.setInputFiles('#close input[type=file]', photo(mended));
    });

    // The resident sees the result and says that it is solved.
    await resident.goto(at('/receipt'));
    assert.match(await text(resident, '.x-timeline'), /Đã thay bóng/);
    assert.equal((await press(resident, 'form[action$="/solved"] button')).status(), 200);
    assert.equal(await resident.locator('form[action$="/solved"]').count(), 0, 'said once');

    // The officer and everybody see it.
    await officer.reload();
    assert.match(await text(officer, '.x-timeline'), /Đã thay bóng/);
    await anybody.page.reload();
    const seen = await text(anybody.page, 'body');
    assert.ok(seen.includes(PUBLIC));
    for (const secret of ['nhà thờ cũ', 'Cột số 14', 'trước cửa Chợ', receipt.code, receipt.pin, 'Trần Thị Lan']) assert.equal(seen.includes(secret), false, `${secret} in public`);
    assert.equal(await anybody.page.locator('.x-pair img').count(), 1);
    assert.ok(await ask(anybody.page, () => document.querySelector('.x-pair img').naturalWidth > 100), 'the photo is one');
    assert.equal(await anybody.page.locator('.x-state-solved, .x-state-closed').count() > 0, true);
    await follow(anybody.page, () => anybody.page.goto(at('/cases')));
    assert.ok((await text(anybody.page)).includes(PUBLIC));

    assert.deepEqual([...phone.faults, ...desk.faults, ...anybody.faults], []);
    for (const c of [phone, desk, anybody]) await c.context.close();
  });
