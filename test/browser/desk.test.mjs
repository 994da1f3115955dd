// What the script of officers' pages adds: keys, templates at once, ticks, the bell; each can be left.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, hidden, report, signIn, startXom } from '../harness/xom.mjs';
import { act, must, photoNames, png } from '../rights/world.mjs';
import { DESK, ask, launch, openPage, press } from './browser.mjs';

const W = 'song-may';
let browser, x;
before(async () => { browser = await launch(); x = await startXom(); });
after(async () => { await browser?.close(); await x?.stop(); });

async function desk(login) {
  const opened = await openPage(browser, x, { viewport: DESK });
  await opened.page.goto(`${x.url}/${W}/sign-in`);
  await opened.page.fill('input[name=login]', login);
  await opened.page.fill('input[type=password]', PASSWORD);
  await press(opened.page, 'main form button');
  await opened.page.goto(`${x.url}/${W}/desk?queue=unit`);
  return opened;
}
const focused = (page) => ask(page, () => document.activeElement.closest('[data-x-list] > li')?.querySelector('.x-quiet')?.textContent ?? document.activeElement.id);

test('keys move, open, tick and lead to a step; never while typing; off for whoever wants none', async () => {
  const { page, context, faults } = await desk('ha-tang');
  const codes = await page.locator('[data-x-list] > li h2 .x-quiet').allTextContents();
  assert.ok(codes.length >= 3);
  await page.keyboard.press('j');
  assert.equal(await focused(page), codes[0]);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  assert.equal(await focused(page), codes[1]);
  await page.keyboard.press('x');
  assert.ok(await page.locator(`input[value="${codes[1]}"]`).isChecked());
  await page.keyboard.press('/');
  assert.equal(await focused(page), 'words');
  await page.keyboard.type('jx?n');
  assert.equal(await page.inputValue('#words'), 'jx?n', 'letters are letters in a field');
  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('j');
  await Promise.all([page.waitForURL(/desk\/case\//), page.keyboard.press('o')]);
  for (const [key, id] of [['n', 'note'], ['c', 'close']]) {
    await page.locator('h1').click();
    await page.keyboard.press(key);
    assert.ok(await page.locator(`#${id}`).evaluate((d) => d.open), key);
    assert.equal(await focused(page), `${id}-text`);
  }
  // Back to the list that one came from, also after a step of the case; not to "new".
  assert.match(await page.locator('.govuk-back-link').getAttribute('href'), /\/desk\?queue=unit$/);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog[open]').isVisible());
  await page.uncheck('#keys-on');
  await page.locator('[data-x-keys-close]').click();
  await page.goto(`${x.url}/${W}/desk?queue=unit`);
  await page.keyboard.press('j');
  assert.equal(await focused(page), '', 'switched off, and kept so on this device');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a template goes in where the cursor is, and nothing is sent', async () => {
  const a = await signIn(x, W, 'ha-tang'), got = await report(x, W, { text: 'Đèn tắt.' }), at = `/${W}/desk/templates/new`;
  await a.post(at, { token: hidden((await a.get(at)).text, 'token'), version: '0', title: 'Xong', uses: 'note', kind: '', body: 'Việc {code}.' });
  const { page, context, faults } = await desk('ha-tang');
  await page.goto(`${x.url}/${W}/desk/case/${got.code}`);
  await page.locator('#note > summary').click();
  await page.fill('#note-text', 'Trước.');
  await page.locator('#note button[name=fill]').click();
  assert.equal(await page.inputValue('#note-text'), `Trước.\nViệc ${got.code}.`);
  assert.match(page.url(), new RegExp(`${got.code}$`));
  assert.deepEqual(faults, []);
  // Enter does what the form is for: here it closes (and says that the words are missing), with a template offered.
  await a.post(at, { token: hidden((await a.get(at)).text, 'token'), version: '0', title: 'Đã sửa', uses: 'close', kind: '', body: 'PUTIN {code}.' });
  await page.reload();
  await page.locator('#close > summary').click();
  await page.locator('#close input[name=close-outcome]').first().focus();
  await page.keyboard.press('Space');
  await Promise.all([page.waitForURL(/\/close$/), page.keyboard.press('Enter')]);
  assert.doesNotMatch(await page.inputValue('#close-text'), /PUTIN/);
  assert.ok(await page.locator('#close-text-error').isVisible(), 'sent, and told what is missing');
  assert.equal(await page.locator('#close input[name=close-outcome]:checked').count(), 1, 'kept');
  // Nobody meets the button that Enter presses: not by Tab, not by a screen reader.
  assert.equal(await page.locator('#close input[type=submit]').evaluate((b) => `${b.tabIndex} ${b.getAttribute('aria-hidden')}`), '-1 true');
  await context.close();
});

test('the squares over a photo: arrows go from one to the next, Space ticks, the mouse is drawn over them', async () => {
  const a = await signIn(x, W, 'ha-tang'), got = await report(x, W, { text: 'Cột nghiêng.', photos: [{ bytes: png(384), name: 'a.png' }] });
  const html = (await a.get(`/${W}/desk/case/${got.code}`)).text;
  await must(act(a, W, got.code, 'release', { 'release-text': 'Cột nghiêng.', release: html.match(/name="release" value="(\d+)"/)[1] }));
  const { page, context, faults } = await desk('ha-tang');
  await page.goto(`${x.url}/${W}/desk/case/${got.code}/blur/${photoNames(html)[0]}`);
  const on = () => ask(page, () => [...document.querySelectorAll('input[name=cell]:checked')].map((c) => c.value));
  await page.focus('#cell-1-1');
  for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'Space']) await page.keyboard.press(key);
  assert.deepEqual(await on(), ['2-2'], 'and never over the edge');
  const middle = async (id) => { const b = await page.locator(id).boundingBox(); return [b.x + b.width / 2, b.y + b.height / 2]; };
  const draw = async (from, ...to) => { await page.mouse.move(...await middle(from)); await page.mouse.down(); for (const id of to) await page.mouse.move(...await middle(id)); await page.mouse.up(); };
  await page.locator('#cells').evaluate((e) => e.scrollIntoView()); // a mouse reaches what is in sight
  await draw('#cell-3-3', '#cell-3-4', '#cell-4-4');
  assert.deepEqual(await on(), ['2-2', '3-3', '3-4', '4-4']);
  await draw('#cell-3-4', '#cell-4-4', '#cell-3-4');
  assert.deepEqual(await on(), ['2-2', '3-3'], 'and taken away, back to where it began');
  await page.mouse.click(...await middle('#cell-3-3'));
  assert.deepEqual(await on(), ['2-2']);
  await press(page, 'main form button');
  assert.ok(await page.locator('.x-cover svg').isVisible());
  await press(page, 'button[name=sure]');
  await page.locator('.govuk-notification-banner--success').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('the bell rings for what must not wait, once it was switched on', async () => {
  const { page, context, faults } = await desk('an-toan');
  const box = page.locator('[data-x-bell]');
  await ask(page, () => { document.querySelector('[data-x-bell]').dataset.every = '200'; });
  await report(x, W, { kind: 'fire_safety', text: 'Dây điện cháy sém.' });
  assert.equal(await box.getAttribute('data-rang'), null, 'off, it is silent');
  await box.locator('button').click();
  await page.waitForFunction(() => document.querySelector('[data-x-bell]').dataset.rang === '1');
  assert.match(await page.locator('[data-x-bell-told]').textContent(), /việc gấp/);
  await box.locator('button').click();
  assert.equal(await box.locator('button').getAttribute('aria-pressed'), 'false');
  assert.deepEqual(faults, []);
  await context.close();
});
