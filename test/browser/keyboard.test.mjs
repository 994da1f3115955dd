// The whole report with the keyboard alone, what a screen reader is told, and where focus goes.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom } from '../harness/xom.mjs';
import { ask, follow, go, launch, openPage, press } from './browser.mjs';
import { WARD } from './world.mjs';

let browser, x;
before(async () => { browser = await launch(); x = await startXom(); });
after(async () => { await browser?.close(); await x?.stop(); });

// What has focus, and whether an eye can tell: a ring or a ground that is not there without focus.
const focused = (page) => ask(page, () => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  // A radio's ring is drawn by the label beside it.
  const drawn = [[e, null], ...(e.nextElementSibling ? [[e.nextElementSibling, '::before']] : [])];
  const visible = drawn.some(([d, pseudo]) => {
    const s = getComputedStyle(d, pseudo);
    return (s.outlineStyle !== 'none' && Number.parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none';
  });
  const box = e.getBoundingClientRect();
  return { tag: e.tagName, type: e.type, name: e.name, value: e.value, id: e.id, href: e.getAttribute('href'), visible, inSight: box.bottom > 0 && box.top < innerHeight };
});
// Tab until `wanted`; every stop on the way must be seen.
async function tabTo(page, wanted) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const f = await focused(page);
    if (!f) continue;
    assert.ok(f.visible, `focus can't be seen: ${JSON.stringify(f)} on ${page.url()}`);
    assert.ok(f.inSight, `focus is out of sight: ${JSON.stringify(f)} on ${page.url()}`);
    if (wanted(f)) return f;
  }
  throw new Error(`Tab never came there on ${page.url()}`);
}
const enter = (page) => follow(page, () => page.keyboard.press('Enter'));
const isGo = (value) => (f) => f.name === 'go' && f.value === value;

for (const js of [false, true]) {
  const name = `JavaScript ${js ? 'on' : 'off'}`;
  test(`a report with the keyboard alone, ${name}`, async () => {
    const { page, context, faults } = await openPage(browser, x, { js });
    await page.goto(`${x.url}/${WARD}/`);
    // The first Tab is the skip link, and it skips.
    await page.keyboard.press('Tab');
    const skip = await focused(page);
    assert.equal(skip.href, '#main');
    assert.ok(skip.visible && skip.inSight);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).href, 'tel:113', 'the next stop is the first of the page\'s own');
    await tabTo(page, (f) => f.href?.endsWith('/door'));
    await enter(page);
    await tabTo(page, (f) => f.href?.endsWith('/report')); // who knows the kind
    await enter(page);
    await tabTo(page, (f) => f.type === 'radio');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.locator('input[name=kind]').first().isChecked(), true);
    const kind = await page.locator('input[name=kind]:checked').inputValue();
    assert.notEqual(kind, 'noise');
    await tabTo(page, isGo('next'));
    await enter(page);
    await tabTo(page, (f) => f.name === 'area');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, (f) => f.name === 'street');
    await page.keyboard.type('Hem 7');
    await enter(page); // Enter in a field goes on, never back
    assert.equal(await page.locator('textarea[name=text]').count(), 1);
    await tabTo(page, (f) => f.tag === 'TEXTAREA');
    await page.keyboard.type('Den tat.');
    await tabTo(page, isGo('next'));
    await enter(page);
    await tabTo(page, isGo('next'));
    await enter(page);
    await tabTo(page, isGo('to:where'));
    await tabTo(page, isGo('send'));
    await enter(page);
    assert.equal(await page.locator('[data-x-code]').count(), 1);
    assert.deepEqual(faults, []);
    await context.close();
  });

  test(`errors come first and lead to their fields, ${name}`, async () => {
    const { page, context } = await openPage(browser, x, { js });
    await page.goto(`${x.url}/${WARD}/report`);
    await page.check('input[name=kind][value=lighting]');
    await go(page, 'next');
    await go(page, 'next');
    const first = await ask(page, () => document.querySelector('main').firstElementChild.matches('.govuk-error-summary[role=alert]'));
    assert.ok(first, 'the summary is the first thing of the page');
    if (js) assert.equal(await ask(page, () => document.activeElement.matches('.govuk-error-summary')), true, 'and has focus');
    await page.locator('.govuk-error-summary a').first().focus();
    await page.keyboard.press('Enter');
    assert.equal((await focused(page)).name, 'area');
    await context.close();
  });
}

// The way of who is hurt: its page can be left at once, and is not come back to.
for (const js of [true, false])
  test(`who is hurt leaves at once, JavaScript ${js ? 'on' : 'off'}`, async () => {
    for (const [lang, title] of [['', 'Thông tin'], ['/en', 'Information'], ['/km', 'ព័ត៌មាន']]) {
      for (const how of js ? ['Escape', 'click'] : ['click']) {
        const { page, context, faults } = await openPage(browser, x, { js });
        const asked = []; // what the other site gets, which stands for the Internet here
        await page.route((url) => url.origin !== x.url, (route) => { asked.push(route.request().headers()); return route.fulfill({ contentType: 'text/html', body: '<title>Elsewhere</title><h1>Elsewhere</h1>' }); });
        await page.goto(`${x.url}/${WARD}${lang}/door`);
        const r = await press(page, `a.x-answer[href$="${lang}/door/info"]`);
        assert.equal(r.headers()['cache-control'], 'no-store');
        assert.equal((await page.title()).split(' – ')[0], title, 'a title that tells nothing');
        assert.equal(await page.locator('main form, [data-x-keep]').count(), 0);
        const link = page.locator('[data-x-leave]');
        const box = await link.boundingBox();
        assert.ok(box.y + box.height < 740, 'in sight without scrolling');
        assert.equal(await page.locator('[data-x-leave-key]').isVisible(), js, 'the key is told of where it works');
        if (js) assert.deepEqual(await ask(page, async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await navigator.serviceWorker.getRegistrations()).length]), [0, 0, 0, 0], 'nothing is kept');
        assert.deepEqual(await context.cookies(), []);
        await ask(page, () => scrollTo(0, document.body.scrollHeight));
        assert.ok((await link.boundingBox()).y >= 0, 'and stays there');
        await follow(page, () => (how === 'click' ? link.click({ noWaitAfter: true }) : page.keyboard.press('Escape')));
        assert.equal(await page.title(), 'Elsewhere');
        assert.equal(asked[0].referer, undefined, 'it does not learn where one came from');
        if (js) {
          // Back leads to the first question, and from there forward is elsewhere: the page is gone.
          await page.goBack();
          assert.equal(new URL(page.url()).pathname, `/${WARD}${lang}/door`);
          await page.goForward();
          assert.equal(await page.title(), 'Elsewhere');
        }
        assert.deepEqual(faults.filter((f) => !f.includes('request to somebody else')), []);
        await context.close();
      }
    }
  });

test('names for a screen reader', async () => {
  const { page, context } = await openPage(browser, x, { js: false });
  const tree = async () => (await page.locator('body').ariaSnapshot());
  await page.goto(`${x.url}/${WARD}/en/`);
  let t = await tree();
  assert.match(t, /link "113 Police"/);
  assert.match(t, /navigation "[^"]+"/);
  assert.match(t, /main:/);
  await page.goto(`${x.url}/${WARD}/en/report`);
  t = await tree();
  assert.match(t, /group "What do you want to report\?"/);
  assert.match(t, /radio "Street light"/);
  await go(page, 'next');
  t = await tree();
  assert.match(t, /alert:/);
  const described = await page.locator('main fieldset').first().evaluate((e) => e.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id)?.textContent.trim()));
  assert.ok(described.every((d) => d), `described by ${JSON.stringify(described)}`);
  await page.check('input[name=kind][value=lighting]');
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  t = await tree();
  for (const label of ['Street', 'landmark']) assert.match(t, new RegExp(`textbox "[^"]*${label}`, 'i'));
  await go(page, 'next');
  assert.match(await tree(), /textbox "[^"]+"/);
  await page.fill('textarea', 'The lamp is dark.');
  await go(page, 'next');
  await go(page, 'next');
  t = await tree();
  // "Change" says what.
  const changes = [...t.matchAll(/button "Change ([^"]+)"/g)].map((m) => m[1]);
  assert.equal(changes.length, 4);
  assert.equal(new Set(changes).size, 4);
  await go(page, 'send');
  t = await tree();
  assert.match(t, /img "[^"]+"/, 'the QR code has a name');
  // The officer's door.
  await page.goto(`${x.url}/${WARD}/en/sign-in`);
  t = await tree();
  assert.equal([...t.matchAll(/textbox "[^"]+"/g)].length, 2);
  // In every form of the case page.
  await page.fill('input[name=login]', 'ha-tang');
  await page.fill('input[type=password]', 'song-may-demo');
  await press(page, 'main form button');
  await press(page, '.x-case a');
  for (const s of await page.locator('details.x-action > summary').all()) await s.click();
  t = await tree();
  assert.equal(/(textbox|combobox|radio|checkbox|button|link|img)(?! ")[ :]*(\[|$)/m.test(t.replace(/^\s*- \/url.*$/gm, '')), false, `a control without a name:\n${t}`);
  await context.close();
});
