// Two officers at once: the second sees what changed, marked, and what they typed is still there.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, report, startXom } from '../harness/xom.mjs';
import { DESK, launch, makeJpeg, openPage, photo, press } from './browser.mjs';
import { WARD } from './world.mjs';

let browser, x, jpeg;
before(async () => { browser = await launch(); x = await startXom(); jpeg = await makeJpeg(browser); });
after(async () => { await browser?.close(); await x?.stop(); });

async function officer(login, js) {
  const opened = await openPage(browser, x, { js, viewport: DESK });
  const { page } = opened;
  await page.goto(`${x.url}/${WARD}/sign-in`);
  await page.fill('input[name=login]', login);
  await page.fill('input[type=password]', PASSWORD);
  await press(page, 'main form button');
  return opened;
}
async function send(page, id, field, words) {
  await page.locator(`#${id} > summary`).click();
  await page.fill(`#${field}`, words);
  return press(page, `#${id} button[type=submit]`);
}

for (const js of [false, true])
  test(`the second officer's words are kept, JavaScript ${js ? 'on' : 'off'}`, async () => {
    const { code } = await report(x, WARD, { text: 'Đèn đường tắt ở đầu hẻm.', photos: [{ bytes: jpeg }] });
    const lan = await officer('ha-tang', js), bao = await officer('ha-tang-2', js);
    const url = `${x.url}/${WARD}/desk/case/${code}`;
    await lan.page.goto(url);
    await bao.page.goto(url);
    assert.equal((await send(lan.page, 'note', 'note-text', 'Đã gọi thợ, hẹn chiều nay.')).status(), 200);

    const refused = await send(bao.page, 'ask', 'ask-text', 'Đèn tắt từ bao giờ ạ?\nCột số mấy?');
    assert.equal(refused.status(), 409);
    assert.equal(await bao.page.locator('#changed').count(), 1, 'it is told');
    const fresh = bao.page.locator('.x-timeline .x-new');
    assert.equal(await fresh.count(), 1, 'what is new is marked, and only that');
    assert.match(await fresh.innerText(), /Trần Thị Lan[\s\S]*Đã gọi thợ/);
    assert.equal(await bao.page.locator('#ask').getAttribute('open'), '', 'the form is open');
    assert.equal(await bao.page.inputValue('#ask-text'), 'Đèn tắt từ bao giờ ạ?\nCột số mấy?');
    assert.equal((await bao.page.locator('.x-timeline').innerText()).includes('Cột số mấy'), false, 'nothing was written');

    // Having seen it, they send it again.
    assert.equal((await press(bao.page, '#ask button[type=submit]')).status(), 200);
    assert.match(await bao.page.locator('#wait').innerText(), /Cột số mấy/);

    // While it waits the first officer's step is refused, and what they typed is kept.
    await lan.page.locator('#assign > summary').click();
    await lan.page.check('#assign input[value=moi-truong]', { force: true });
    await lan.page.fill('#assign-reason', 'Cây che đèn.');
    assert.equal((await press(lan.page, '#assign button[type=submit]')).status(), 409);
    assert.match(await lan.page.locator('#crossed').innerText(), /đang có một bước chờ/);
    assert.match(await lan.page.locator('main').innerText(), /Cây che đèn\./);
    x.clock.move(31 / 86400);
    await bao.page.goto(url);
    assert.equal(await bao.page.locator('#wait').count(), 0);
    assert.match(await bao.page.locator('.x-timeline').innerText(), /Cột số mấy/);

    // Every kind of field comes back: choice, words, ticks.
    await lan.page.goto(url);
    await bao.page.goto(url);
    assert.equal((await send(lan.page, 'note', 'note-text', 'Thợ báo thiếu bóng.')).status(), 200);
    await bao.page.locator('#close > summary').click();
    await bao.page.check('#close input[value=mended]', { force: true });
    await bao.page.fill('#close-text', 'Đã thay bóng.');
    assert.equal((await press(bao.page, '#close button[type=submit]')).status(), 409);
    assert.equal(await bao.page.isChecked('#close input[value=mended]'), true);
    assert.equal(await bao.page.inputValue('#close-text'), 'Đã thay bóng.');

    await bao.page.goto(url);
    assert.equal((await send(lan.page, 'note', 'note-text', 'Có bóng rồi.')).status(), 200);
    await bao.page.locator('#release > summary').click();
    await bao.page.fill('#release-text', 'Một bóng đèn tắt.');
    await bao.page.locator('#release input[name=release]').first().check({ force: true });
    assert.equal((await press(bao.page, '#release button[type=submit]')).status(), 409);
    assert.equal(await bao.page.inputValue('#release-text'), 'Một bóng đèn tắt.');
    assert.equal(await bao.page.locator('#release input[name=release]').first().isChecked(), true);

    // Both take it: the second is not told "taken" for what the first has taken.
    const other = await report(x, WARD, { text: 'Đèn cuối hẻm tắt.' });
    for (const o of [lan, bao]) await o.page.goto(`${x.url}/${WARD}/desk/case/${other.code}`);
    await press(lan.page, 'form[action$="/take"] button');
    assert.equal((await press(bao.page, 'form[action$="/take"] button')).status(), 409);
    assert.match(await bao.page.locator('.x-timeline .x-new').innerText(), /Trần Thị Lan/);

    assert.deepEqual([...lan.faults, ...bao.faults], []);
    await lan.context.close();
    await bao.context.close();
  });

test('a photo added by one does not undo what the other writes', async () => {
  const { code } = await report(x, WARD, {});
  const lan = await officer('ha-tang', true), bao = await officer('ha-tang-2', true);
  const url = `${x.url}/${WARD}/desk/case/${code}`;
  await lan.page.goto(url);
  await bao.page.goto(url);
  await lan.page.locator('#photo > summary').click();
  await lan.page.setInputFiles('#photo input[type=file]', photo(jpeg));
  assert.equal((await press(lan.page, '#photo button[type=submit]')).status(), 200);
  assert.equal((await send(bao.page, 'note', 'note-text', 'Đã xem tại chỗ.')).status(), 409);
  assert.equal(await bao.page.locator('.x-timeline .x-new img').count(), 1, 'the new photo is shown');
  assert.equal((await press(bao.page, '#note button[type=submit]')).status(), 200);
  assert.match(await bao.page.locator('.x-timeline').innerText(), /Đã xem tại chỗ/);
  for (const o of [lan, bao]) await o.context.close();
});
