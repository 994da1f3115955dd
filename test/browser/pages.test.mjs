// Every page of the product, looked at: short (./check) in Vietnamese without JavaScript at 360 px,
// whole (./check --all) in both languages, with and without JavaScript, at 360 and 1280 px; once more in
// the dark, once in high contrast, and residents' pages in Khmer. Always at
// 320 px too, which is 1280 px at 400 % zoom. One load serves all widths: the layout is CSS alone.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom } from '../harness/xom.mjs';
import { DESK, PHONE, ask, follow, launch, makeJpeg, openPage, press, whole } from './browser.mjs';
import { axeBench, axeEverywhere, axeHere, frame, layout, paper, sheets } from './looks.mjs';
import { machines, residents, walks } from './pages.mjs';
import { WARD, act, makeWorld, paperOf } from './world.mjs';

const shots = process.env.XOM_SHOTS; // a folder: every page's picture, for people's eyes
const runs = whole
  ? [...['vi', 'en'].flatMap((lang) => [false, true].map((js) => ({ lang, js, widths: [PHONE.width, DESK.width] }))),
    { lang: 'vi', js: false, dark: true, widths: [PHONE.width] }, { lang: 'en', js: true, strong: true, widths: [PHONE.width] }, { lang: 'km', js: false, widths: [PHONE.width, DESK.width] }]
  : [{ lang: 'vi', js: false, widths: [PHONE.width] }];

// XOM_RUNS=vi-js,km-plain,vi-plain-dark: some of them only, to look at.
const called = (run) => `${run.lang}-${run.js ? 'js' : 'plain'}${run.dark ? '-dark' : ''}${run.strong ? '-strong' : ''}`;
const asked = process.env.XOM_RUNS?.split(',');

let browser, x, jpeg;
// With mail, which adds its parts to the residents' pages; nothing listens there.
const start = () => startXom({ settings: 'mail_url: smtp://localhost:9\nmail_from: xom@xom.thu\n' });
before(async () => { browser = await launch(); x = await start(); jpeg = await makeJpeg(browser); });
after(async () => { await browser?.close(); await x?.stop(); });

// The looker of one run: see() checks a page and gathers what is wrong, so that one run tells all.
function looker(run, opened, bench) {
  const seen = { routes: new Set(), pages: new Set(), wrong: [] };
  seen.see = async (name, route, response, { status = 200, image = false, ward = true, sheet = false, before: prepare } = {}) => {
    const { page, faults } = opened;
    const wrong = [];
    assert.ok(!seen.pages.has(name), `two pages are called ${name}`);
    seen.pages.add(name);
    seen.routes.add(route);
    if (![status].flat().includes(response.status())) wrong.push(`answered ${response.status()}, not ${status}`);
    if (image) {
      if (response.headers()['content-type'] !== 'image/jpeg') wrong.push(`is ${response.headers()['content-type']}`);
    } else {
      if (prepare) await prepare();
      wrong.push(...await frame(page, ward ? run.lang : 'vi'));
      for (const width of [...run.widths, 320]) {
        wrong.push(...await layout(page, width, run.js));
        if (run.js && width !== 320) wrong.push(...await axeHere(page));
      }
      await page.setViewportSize(PHONE);
      if (!run.js) wrong.push(...await bench.run(page, run.widths));
      for (const width of shots ? run.widths : []) {
        await page.setViewportSize({ ...PHONE, width });
        await page.screenshot({ path: `${shots}/${called(run)}-${width}-${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.png`, fullPage: true });
      }
      wrong.push(...await paper(page));
      if (sheet) {
        const [width, height] = { A6: [297.6, 419.5], A5: [419.5, 595.3], A4: [595.3, 841.9] }[sheet];
        const one = await sheets(page, sheet);
        if (Math.abs(one.width - width) > 2 || Math.abs(one.height - height) > 2) wrong.push(`its sheet is ${one.width} × ${one.height} points, not ${sheet}`);
        if (one.pages !== 1) wrong.push(`prints on ${one.pages} sheets of ${sheet}`);
      }
      await page.setViewportSize(PHONE);
    }
    // Chromium styles the frame it shows a bare picture in; our policy refuses that style too.
    wrong.push(...faults.splice(0).filter((f) => !(image && /Applying inline style/.test(f))));
    seen.wrong.push(...wrong.map((w) => `${name}: ${w}`));
  };
  return seen;
}

describe('every page', { concurrency: whole ? 2 : 1 }, () => {
  for (const run of runs.filter((r) => asked?.includes(called(r)) ?? true))
    test(`${run.lang}, JavaScript ${run.js ? 'on' : 'off'}${run.dark ? ', dark' : ''}${run.strong ? ', high contrast' : ''}, ${[...run.widths, 320].join(', ')} px`, async (t) => {
      // A server of its own: all come from one address, whose wrong guesses are slowed together.
      const x = await start();
      t.after(() => x.stop());
      const { officer, cases } = await makeWorld(x, jpeg);
      const invited = `moi-${called(run)}`;
      const scheme = { colorScheme: run.dark ? 'dark' : 'light' };
      x.verb(['user', 'add', '--ward', WARD, '--login', invited, '--name', 'Người mới']);
      x.verb(['user', 'role', '--ward', WARD, '--login', invited, '--role', 'handler', '--from', '2025-01-01']);
      const opened = await openPage(browser, x, { js: run.js, ...scheme });
      if (run.strong) await opened.context.addInitScript(() => localStorage.setItem('xom-display', '{"contrast":"high"}'));
      if (run.js) await axeEverywhere(opened.context);
      const bench = await axeBench(browser, scheme);
      const seen = looker(run, opened, bench);
      const prefix = `/${WARD}${run.lang === 'vi' ? '' : `/${run.lang}`}`;
      const w = { ...opened, js: run.js, x, jpeg, cases, invited, ward: WARD, prefix, home: x.url + prefix, see: seen.see,
        paper: () => paperOf(x),
        meanwhile: () => act(officer, cases.taken.code, 'note', { 'note-text': 'Thợ báo thiếu bóng.' }) };
      // Khmer is for residents.
      const walked = run.lang === 'km' ? residents : Object.values(walks).filter((walk) => (process.env.XOM_WALKS?.split(',') ?? [walk.name]).includes(walk.name));
      for (const walk of walked)
        try { await walk(w); } catch (e) {
          // The next walks are walked all the same, each as somebody who comes anew.
          seen.wrong.push(`${walk.name} stopped at ${opened.page.url()}: ${e.message.split('\n').slice(0, 4).join(' ')} ${e.stack.match(/walks\/\w+\.mjs:\d+/)?.[0] ?? ''}`);
          await opened.context.clearCookies();
        }
      await opened.context.close();
      await bench.close();
      assert.equal(seen.wrong.length, 0, `${seen.wrong.length} faults on ${seen.pages.size} pages:\n${seen.wrong.join('\n')}`);
      if (run.lang === 'km') return;
      // A route that answers GET and has no page here is one that nobody looked at.
      const rows = x.verb(['routes']).trim().split('\n').map((l) => l.split('\t'));
      const missing = rows.filter(([method]) => method === 'GET').map(([method, path]) => `${method} ${path}`).filter((r) => !seen.routes.has(r) && !machines.includes(r));
      assert.deepEqual(missing, [], 'routes without a page in walks/');
      const actions = rows.filter(([method, path]) => method === 'POST' && /\/desk\/case\/:code\/(?!(?:take|card)$)/.test(path)).map(([, path]) => `POST ${path}`);
      assert.deepEqual(actions.filter((r) => !seen.routes.has(r)), [], 'steps of a case whose error no walk shows');
    });
});

// --- tests of the test: each planted fault must be found ---

describe('a planted fault is found', () => {
  const planted = async (change, look, { js = false } = {}) => {
    const opened = await openPage(browser, x, { js });
    try {
      await opened.page.route(`**/${WARD}/cases`, async (route) => {
        const r = await route.fetch();
        await route.fulfill({ response: r, body: change(await r.text()) });
      });
      await opened.page.goto(`${x.url}/${WARD}/cases`);
      return await look(opened);
    } finally {
      await opened.context.close();
    }
  };
  const insert = (html) => (page) => page.replace('</main>', `${html}</main>`);
  const found = (list, what) => assert.ok(list.some((l) => what.test(l)), `not found: ${what}\n${list.join('\n')}`);

  test('axe, inside <noscript> alone, with JavaScript off', async () => {
    const bench = await axeBench(browser);
    try {
      const list = await planted(insert('<noscript><img src="/assets/icon.svg"></noscript>'), ({ page }) => bench.run(page));
      found(list, /axe image-alt/);
      assert.deepEqual(await planted((p) => p, ({ page }) => bench.run(page)), []);
    } finally { await bench.close(); }
  });
  test('axe, with JavaScript on', async () => {
    found(await planted(insert('<button></button>'), ({ page }) => axeHere(page), { js: true }), /axe button-name/);
  });
  test('layout: sideways, cut, small targets, small letters', async () => {
    const list = await planted(insert('<p><input aria-label="a"></p><svg width="700" height="9"></svg><small><small><small>bé</small></small></small>'), ({ page }) => layout(page, 360));
    found(list, /scrolls sideways/);
    found(list, /px high: <input/);
    found(list, /letters of/);
  });
  test('head: a second h1, a title that names no page, another language', async () => {
    const list = await planted((p) => insert('<h1>Hai</h1>')(p).replace(/<title>[^<]*/, '<title>Xóm').replace('lang="vi"', 'lang="fr"'), ({ page }) => frame(page, 'vi'));
    found(list, /^h1/); found(list, /title/); found(list, /lang is fr/);
  });
  test('requests: refused by the policy, to somebody else, missing', async () => {
    const list = await planted(insert('<img src="https://example.org/a.png" alt="a"><p style="color:red">đỏ</p><img src="/assets/none.png" alt="b">'), async ({ page, faults }) => { await page.waitForTimeout(200); return faults; });
    found(list, /Content Security Policy.*(image|img-src)/i); found(list, /Content Security Policy.*(style)/i); found(list, /none\.png answered 404/);
  });
  test('paper: navigation that is printed, a receipt of two sheets', async () => {
    found(await planted(insert('<div role="navigation"><nav style="display:block">x</nav></div><nav class="x-other">in</nav>'), ({ page }) => paper(page)), /printed: <nav/);
    const { pages } = await planted(insert('<div class="x-receipt"><p class="govuk-body">một</p></div>'.repeat(60)), ({ page }) => sheets(page, 'A5'));
    assert.ok(pages > 1);
  });
});

test('the skip link, the language link and the first page keep their place', async () => {
  const { page, context, faults } = await openPage(browser, x, { js: false });
  await page.goto(`${x.url}/${WARD}/cases`);
  await press(page, '.x-header__lang[hreflang=en]');
  assert.equal(new URL(page.url()).pathname, `/${WARD}/en/cases`);
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await follow(page, () => page.goto(`${x.url}/${WARD}/`));
  // Emergency numbers come before everything else that can be pressed in the page's matter.
  const first = await ask(page, () => [...document.querySelectorAll('main a, main button')].slice(0, 5).map((a) => a.getAttribute('href')));
  assert.deepEqual(first, ['tel:113', 'tel:114', 'tel:115', 'tel:112', 'tel:111']);
  assert.deepEqual(faults, []);
  await context.close();
});
