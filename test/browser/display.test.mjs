// "Aa", dark pages, reading aloud, browsers inside chat apps, and Khmer.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, signIn, startXom, words } from '../harness/xom.mjs';
import { DESK, ask, go, launch, openPage, press } from './browser.mjs';
import { axeEverywhere, axeHere, layout } from './looks.mjs';
import { WARD } from './world.mjs';

let browser, x;
before(async () => { browser = await launch(); x = await startXom(); });
after(async () => { await browser?.close(); await x?.stop(); });
const at = (path) => `${x.url}/${WARD}${path}`;
const shown = (page) => ask(page, () => ({ ...document.documentElement.dataset, letters: getComputedStyle(document.querySelector('main p')).fontSize, ground: getComputedStyle(document.body).backgroundColor }));
const LIGHT = 'rgb(255, 255, 255)';

test('"Aa": size, colours and contrast are chosen once, on every page, on this device only', async () => {
  const { page, context, faults } = await openPage(browser, x);
  await page.goto(at('/'));
  assert.equal(await page.locator('#aa').isVisible(), false);
  await page.keyboard.press('Tab'); // the skip link, the ward, three languages, "Aa"
  for (let i = 0; i < 8 && !(await ask(page, () => document.activeElement.matches('[data-x-aa]'))); i += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('[data-x-aa]', 'aria-expanded'), 'true');
  assert.deepEqual(await shown(page), { letters: '19px', ground: LIGHT });
  await page.check('#aa-size-3', { force: true });
  await page.check('#aa-theme-3', { force: true });
  await page.check('#aa-contrast', { force: true });
  assert.deepEqual(await shown(page), { size: '3', theme: 'dark', contrast: 'high', letters: '28.5px', ground: 'rgb(0, 0, 0)' });
  // Before anything is drawn on the next page: the choice is there when the body begins.
  await page.addInitScript(() => { new MutationObserver((list, o) => { if (document.body) { globalThis.early = document.documentElement.dataset.size; o.disconnect(); } }).observe(document, { childList: true, subtree: true }); });
  const requests = [];
  page.on('request', (r) => requests.push(r.headers()));
  await page.goto(at('/report'));
  assert.equal(await ask(page, () => globalThis.early), '3');
  assert.deepEqual((({ size, theme, contrast }) => ({ size, theme, contrast }))(await shown(page)), { size: '3', theme: 'dark', contrast: 'high' });
  assert.deepEqual(await layout(page, 360), [], 'the largest letters fit a phone');
  assert.deepEqual(await axeHere(page), []);
  assert.deepEqual(await context.cookies(), [], 'no cookie tells of it');
  assert.equal(JSON.stringify(requests).includes('high'), false, 'nothing is sent');
  // Paper is light.
  await page.emulateMedia({ media: 'print' });
  assert.equal((await shown(page)).ground, LIGHT);
  await page.emulateMedia({ media: null });
  // And back: nothing is kept.
  await page.click('[data-x-aa]');
  assert.equal(await page.isChecked('#aa-size-3'), true);
  await page.check('#aa-size-1', { force: true });
  await page.check('#aa-theme-1', { force: true });
  await page.uncheck('#aa-contrast', { force: true });
  assert.equal(await ask(page, () => localStorage.length), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a broken or absent storage changes nothing', async () => {
  const { page, context, faults } = await openPage(browser, x);
  await page.addInitScript(() => localStorage.setItem('xom-display', '{"size":"<b>","theme":7'));
  await page.goto(at('/'));
  assert.deepEqual(await shown(page), { letters: '19px', ground: LIGHT });
  await page.addInitScript(() => Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }));
  await page.goto(at('/'));
  await page.click('[data-x-aa]');
  await page.check('#aa-size-2', { force: true });
  assert.equal((await shown(page)).size, '2', 'on this page all the same');
  assert.deepEqual(faults, []);
  await context.close();
});

test('without JavaScript the system\'s wish for dark pages counts, and there is no "Aa"', async () => {
  const { page, context } = await openPage(browser, x, { js: false, colorScheme: 'dark' });
  await page.goto(at('/'));
  assert.equal(await page.locator('[data-x-aa]').isVisible(), false);
  assert.equal((await shown(page)).ground, 'rgb(15, 23, 22)');
  await context.close();
});

// Colours of the main pages, in each way they can be shown.
for (const [name, colorScheme, kept] of [['dark', 'dark', {}], ['high contrast', 'light', { contrast: 'high' }], ['dark with high contrast', 'dark', { contrast: 'high' }]])
  test(`contrast of the main pages: ${name}`, async () => {
    const officer = await signIn(x, WARD, 'ha-tang');
    const { page, context, faults } = await openPage(browser, x, { colorScheme });
    await context.addCookies([...officer.cookies].map(([n, value]) => ({ name: n, value, url: x.url })));
    await page.addInitScript((v) => localStorage.setItem('xom-display', JSON.stringify(v)), kept);
    await axeEverywhere(context);
    const wrong = [];
    const code = JSON.parse((await officer.get(`/${WARD}/desk.json?queue=new`)).text).cases[0].code;
    for (const path of ['/', '/report', '/cases', '/map', '/figures', '/rights', '/follow', '/desk?queue=new', `/desk/case/${code}`, '/desk/new', '/desk/shift', '/desk/plates', '/desk/templates', '/khong-co']) {
      await page.goto(at(path));
      if (path === '/') await page.click('[data-x-aa]');
      for (const s of await page.locator('details > summary').all()) await s.click();
      wrong.push(...(await axeHere(page)).map((w) => `${path}: ${w}`));
    }
    await page.goto(at('/report'));
    await go(page, 'next');
    wrong.push(...(await axeHere(page)).map((w) => `an error: ${w}`));
    assert.deepEqual(wrong, []);
    assert.deepEqual(faults.filter((f) => !f.includes('khong-co')), []);
    await context.close();
  });

test('"read to me" where the device has a voice of the page\'s language; it stops; a PIN is not read', async () => {
  // Chromium on a server has no voices: the test gives it two, and writes down what they are to say.
  const voices = (langs) => {
    globalThis.said = [];
    const speech = Object.assign(new EventTarget(), {
      getVoices: () => langs.map((lang) => ({ lang, name: lang })),
      speak(u) { globalThis.said.push(u); },
      cancel() { globalThis.said.length = 0; },
    });
    Object.defineProperty(globalThis, 'speechSynthesis', { value: speech });
    globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  };
  const { page, context, faults } = await openPage(browser, x);
  await page.addInitScript(voices, ['en-GB', 'vi_VN']);
  await page.goto(at('/'));
  await page.click('[data-x-aa]');
  await page.click('[data-x-read]');
  const said = await ask(page, () => globalThis.said.map((u) => ({ text: u.text, lang: u.lang })));
  assert.ok(said.some((u) => u.text.includes('Không hỏi bạn là ai')) && said.every((u) => u.lang === 'vi_VN' && u.text.length <= 180));
  assert.equal(said.filter((u) => u.text.includes('Không hỏi bạn là ai')).length, 1, 'each once');
  assert.equal(await page.textContent('[data-x-read]'), 'Thôi đọc');
  await page.click('[data-x-read]');
  assert.equal(await ask(page, () => globalThis.said.length), 0);
  assert.equal(await page.textContent('[data-x-read]'), 'Đọc cho tôi nghe');
  // To its end it stops by itself.
  await page.click('[data-x-read]');
  await ask(page, () => globalThis.said.at(-1).onend());
  assert.equal(await page.textContent('[data-x-read]'), 'Đọc cho tôi nghe');
  // A page in a language without a voice.
  await page.goto(at('/km/'));
  await page.click('[data-x-aa]');
  assert.equal(await page.locator('[data-x-read]').isVisible(), false);
  // The receipt, without its PIN.
  await page.goto(at('/report?kind=noise'));
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await go(page, 'next');
  await page.fill('textarea', 'Ồn tới khuya.');
  await go(page, 'next');
  await go(page, 'send');
  const pin = (await page.textContent('[data-x-pin]')).trim();
  await page.click('[data-x-aa]');
  await page.click('[data-x-read]');
  const receipt = (await ask(page, () => globalThis.said.map((u) => u.text))).join('\n');
  assert.ok(receipt.includes((await page.textContent('[data-x-code]')).trim()));
  assert.equal(receipt.includes(pin), false);
  assert.deepEqual(faults, []);
  await context.close();
});

test('in browsers inside chat apps the page says how to leave them, and works', async () => {
  const AGENTS = [
    'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/118.0 Mobile Safari/537.36 Zalo android/12',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/430.0]',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 [FBAN/MessengerForiOS]',
    'Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 MicroMessenger/8.0',
    'Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 Line/13.1.0/IAB',
    'Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 Instagram 300.0',
  ];
  for (const userAgent of AGENTS) {
    const { page, context, faults } = await openPage(browser, x, { userAgent, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(at('/report'));
    assert.equal(await page.locator('[data-x-inapp]').isVisible(), true, userAgent);
    await page.click('[data-x-copy]');
    await page.waitForFunction(() => document.querySelector('[data-x-copy]').textContent.startsWith('Đã chép'));
    assert.equal(await ask(page, () => navigator.clipboard.readText()), at('/report'));
    await page.check('input[name=kind][value=lighting]');
    assert.equal((await go(page, 'next')).status(), 200);
    assert.deepEqual(faults, []);
    await context.close();
  }
  const { page, context } = await openPage(browser, x);
  await page.goto(at('/report'));
  assert.equal(await page.locator('[data-x-inapp]').isVisible(), false, 'and not in a phone\'s own browser');
  await context.close();
});

test('Khmer: offered to residents, marked as unread in both languages, Vietnamese where it lacks words', async () => {
  const { page, context, faults } = await openPage(browser, x, { viewport: DESK });
  await page.goto(at('/report'));
  await press(page, '.x-header__lang[hreflang=km]');
  assert.equal(await page.getAttribute('html', 'lang'), 'km');
  assert.equal(new URL(page.url()).pathname, `/${WARD}/km/report`);
  const marks = await page.locator('.x-unread p').allTextContents();
  assert.match(marks[0], /ភាសាខ្មែរពីកំណើត/);
  assert.match(marks[1], /chưa được người bản ngữ đọc lại/);
  assert.match(await page.textContent('main'), /ភ្លើងបំភ្លឺផ្លូវ/);
  // The way to the desk leads to Vietnamese, and an officer's page is never in Khmer.
  assert.equal(await page.getAttribute('.x-footer a[href$="/sign-in"]', 'href'), `/${WARD}/sign-in`);
  const officer = await signIn(x, WARD, 'ha-tang');
  const desk = await officer.get(`/${WARD}/km/desk`);
  assert.match(desk.text, /<html[^>]* lang="vi"/);
  assert.equal(desk.text.includes('hreflang="km"'), false);
  assert.ok(desk.text.includes('hreflang="en"'));
  assert.equal((await x.client().get(`/${WARD}/vi/report`)).status, 404, 'Vietnamese has no part of its own');
  assert.match(words((await x.client().get(`/${WARD}/km/khong-co`)).text), /គ្មានទំព័រនេះទេ/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('Khmer has every word of the residents\' templates', () => {
  const has = new Set([...readFileSync(join(root, 'po/km.po'), 'utf8').matchAll(/^msgid "(.+)"\nmsgstr "./gm)].map((m) => m[1]));
  const lacks = [];
  for (const room of ['report', 'stats'])
    for (const file of readdirSync(join(root, 'templates', room)))
      for (const [, key] of readFileSync(join(root, 'templates', room, file), 'utf8').matchAll(/\{\{t ([\w.]+)\}\}/g))
        if (!has.has(key)) lacks.push(`${room}/${file}: ${key}`);
  assert.ok(has.size > 500);
  assert.deepEqual(lacks, []);
});
