// On paper: blank forms, posters and slips are one sheet each, with all that they have to say.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { hidden, report, signIn, startXom, unescape, words } from '../harness/xom.mjs';
import { follow } from '../harness/steps.mjs';
import { launch, within } from './browser.mjs';

const shots = process.env.XOM_SHOTS;
const W = 'song-may', PHONE_NUMBER = '0292 000 0100';
const ADDRESS = '12 đường Bến Sông Mây, tầng trệt nhà văn hóa khu vực 3, phường Sông Mây', HOURS = 'thứ Hai đến thứ Sáu, 7 giờ 30 đến 11 giờ 30 và 13 giờ 30 đến 17 giờ';
let x, a, admin, browser;
before(async () => {
  x = await startXom();
  [a, admin, browser] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'quan-tri'), await launch()];
  assert.equal((await admins('/settings', { hotline: PHONE_NUMBER, office_address: ADDRESS, office_hours: HOURS, idle_days: '60' })).status, 303);
});
after(async () => { await browser?.close(); await x?.stop(); });

const admins = async (path, fields) => admin.post(`/${W}/admin${path}`, { token: hidden((await admin.get(`/${W}/admin${path}`)).text, 'token'), ...fields });
const get = async (path, status = 200, who = a) => { const r = await who.get(path); assert.equal(r.status, status, path); return r.text; };
// What a printer gets: its pages, size and words.
async function printed(html, size = 'A4') {
  // As wide as the sheet between its margins, so that what is measured breaks its lines as the printer does.
  const context = await browser.newContext({ viewport: size === 'A4' ? { width: 703, height: 1046 } : size === 'A5' ? { width: 484, height: 718 } : { width: 352, height: 514 } });
  const page = await context.newPage(), pdf = join(x.data, 'paper.pdf');
  // The page as it was answered, with its styles from the server: no sign-in in this browser.
  await page.route(`${x.url}/printed`, (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }));
  await page.goto(`${x.url}/printed`);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => document.fonts.ready);
  // Nothing that holds words is cut off; only the empty lines may be fewer.
  const cut = await page.evaluate(() => [...document.querySelectorAll('.x-print, .x-print__fields, .x-print__field, .x-print section, .x-print__foot')].filter((e) => e.scrollHeight > e.clientHeight + 2 && !e.matches('.x-print__field--lines')).map((e) => `${e.className} ${e.scrollHeight} > ${e.clientHeight}`));
  const lines = await page.evaluate(() => { const e = document.querySelector('.x-print__lines'); return e && Math.floor(e.clientHeight / e.firstElementChild.offsetHeight); });
  await within(page.pdf({ path: pdf, preferCSSPageSize: true }), 'printing', 30000);
  await context.close();
  const info = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' });
  assert.equal(Number(info.match(/^Pages: +(\d+)/m)[1]), 1, html.match(/<title>[^<]*/)[0]);
  if (size === 'A4') assert.match(info, /^Page size:.*A4/m);
  else if (size === 'A6') assert.match(info, /^Page size: +29[78][.\d]* x (419|420)/m);
  else assert.match(info, /^Page size: +(419\.\d+|420) x 59[45]/m);
  assert.deepEqual(cut, []);
  if (lines !== null) assert.ok(lines >= 4, `room for ${lines} lines of words`);
  return execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
}
const plain = (s) => s.replace(/\s+/g, '');

test('each form is one A4 sheet in both languages, with all that it has to say and nothing that asks for a person', async () => {
  for (const lang of ['', '/en']) for (const kind of [null, 'fire_safety', 'noise']) {
    const html = await get(`/${W}${lang}/desk/print/form${kind ? `?kind=${kind}` : ''}`), text = await printed(html);
    const body = words(html.match(/<article[\s\S]*<\/article>/)[0]), paper = plain(text);
    for (const piece of ['113', '114', '115', ADDRESS, HOURS, PHONE_NUMBER, '/follow']) assert.ok(paper.includes(plain(piece)), `${kind} ${piece}`);
    // Emergencies stand before anything that is asked.
    assert.ok(paper.indexOf('113') < paper.indexOf(plain(lang ? 'It came by' : 'Tin đến bằng')));
    for (const [, label] of html.matchAll(/x-print__ask"><h2>([^<]+)</g)) assert.ok(paper.includes(plain(unescape(label))), label);
    assert.ok(body.match(/×/g) === null ? kind === null : kind !== null, 'a form of one kind has it ticked');
    assert.match(text, lang ? /Please write nobody's name, no identity number/ : /Xin đừng ghi tên ai, số căn cước/);
    assert.match(text, lang ? /Who will read this/ : /Ai sẽ đọc điều này/);
    assert.match(text, lang ? /For the office/ : /Phần của phường/);
    assert.match(plain(text), lang ? /fourlettersormore/ : /từbốnchữcái/);
    for (const [, label] of html.matchAll(/<(?:h2|dt)>([^<]+)</g)) assert.doesNotMatch(label, /\bPIN\b|mã bí mật|họ tên|căn cước|your name|identity/i);
  }
});

test('each poster is one A4 sheet in both languages, to be read without its QR code', async () => {
  for (const lang of ['', '/en']) {
    const text = plain(await printed(await get(`/${W}${lang}/desk/print/poster`)));
    for (const piece of [`localhost:8080/${W}${lang}/report`, ADDRESS, HOURS, PHONE_NUMBER, '113', '114', '115', '112', '111', lang ? 'No account, no name needed.' : 'Không cần tài khoản, không cần tên.']) assert.ok(text.includes(plain(piece)), piece);
    for (const [, t] of (await get(`/${W}${lang}/desk/print`)).matchAll(/<th class="govuk-table__header" scope="row">([^<]+)</g)) if (!/Mọi loại|All kinds/.test(t)) assert.ok(text.includes(plain(t)), t);
    // Kinds about neighbours stand apart, with how they are dealt with.
    assert.ok(text.indexOf(plain(lang ? 'Between neighbours' : 'Chuyện giữa hàng xóm')) < text.indexOf(plain(lang ? 'Noise' : 'Tiếng ồn')));
    for (const kind of ['road', 'noise']) assert.ok(plain(await printed(await get(`/${W}${lang}/desk/print/poster?kind=${kind}`))).includes('113'));
  }
});

test('the slip of a counter entry is one A5 sheet, in both languages', async () => {
  for (const lang of ['', '/en']) {
    const page = await get(`/${W}${lang}/desk/new`);
    const slip = await a.post(`/${W}${lang}/desk/new`, { token: hidden(page, 'token'), s: hidden(page, 's'), channel: 'counter', kind: 'lighting', area: 'unsure', street: 'Lê Lợi', landmark: 'trước chợ', text: 'Đèn tắt.', day: '1/11/2026', hour: '7:05', word: 'hoa giấy', go: 'send' });
    assert.equal(slip.status, 200);
    const text = await printed(slip.text, 'A5'), code = slip.text.match(/data-x-code>([^<]+)</)[1];
    assert.ok(text.includes(code));
    assert.ok(plain(text).includes('/follow'));
  }
});

test('folded receipts: four on an A4 sheet, the PIN between the code and the panel that is folded over it', async () => {
  for (const lang of ['', '/en']) {
    const page = await get(`/${W}${lang}/desk/folded`);
    const sheet = (await a.post(`/${W}${lang}/desk/folded`, { token: hidden(page, 'token'), s: hidden(page, 's'), sheets: '1' })).text, text = await printed(sheet);
    const codes = [...sheet.matchAll(/data-x-code>([^<]+)</g)].map((m) => m[1]), pins = [...sheet.matchAll(/data-x-pin>([^<]+)</g)].map((m) => m[1]);
    assert.equal(codes.length, 4);
    for (const piece of [...codes, ...pins]) assert.ok(text.includes(piece), piece);
    assert.equal(plain(text).split(plain(lang ? 'Give it to nobody' : 'Đừng đưa cho ai')).length, 5);
    const context = await browser.newContext({ viewport: { width: 733, height: 1062 } }), tab = await context.newPage();
    await tab.route(`${x.url}/printed`, (route) => route.fulfill({ body: sheet, contentType: 'text/html; charset=utf-8' }));
    await tab.goto(`${x.url}/printed`);
    assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll('[data-x-pin], .x-folded__qr')].filter((e) => e.getClientRects().length).length), 0, 'on the screen there is no PIN');
    await tab.emulateMedia({ media: 'print' });
    const strips = await tab.evaluate(() => [...document.querySelectorAll('.x-folded__one')].map((one) => {
      const at = (e) => e.getBoundingClientRect(), [out, inside, over] = [...one.children].map(at), pin = at(one.querySelector('[data-x-pin]')), qr = at(one.querySelector('.x-folded__qr'));
      // Folded along the line between them, the panel at the right lies on the whole of the PIN and the QR code.
      const covered = [pin, qr].every((r) => r.left >= inside.left - 1 && r.right <= inside.right + 1 && r.top >= over.top - 1 && r.bottom <= over.bottom + 1);
      // Whoever cuts along the solid lines has strips; only the fold is dashed, and code and PIN stay on one paper.
      const lines = [...one.children].flatMap((e) => ['Left', 'Right', 'Top', 'Bottom'].map((side) => getComputedStyle(e)[`border${side}Style`])).filter((s) => s !== 'none');
      return { lines: lines.join(), cuts: getComputedStyle(one).borderBottomStyle, covered, beside: out.right <= inside.left + 1 && Math.abs(inside.right - over.left) < 2 && over.width >= inside.width - 2, cut: [...one.children].some((e) => e.scrollHeight > e.clientHeight + 1) };
    }));
    await context.close();
    assert.deepEqual(strips, Array(4).fill({ lines: 'dashed', cuts: 'solid', covered: true, beside: true, cut: false }));
  }
});

test('the card for the door is one A6 sheet, headed by its khu vực, with dashes to cut along on a larger one', async () => {
  const area = unescape((await get(`/${W}/who`, 200, x.client())).match(/data-x-area="([^"]+)"/)[1]);
  for (const lang of ['', '/en']) {
    const html = await get(`/${W}${lang}/who/${area}/card`, 200, x.client()), text = plain(await printed(html, 'A6'));
    const heading = plain(unescape(html.match(/<h1[^>]*>([^<]+)/)[1])), at = text.indexOf(heading);
    assert.ok(at >= 0 && at < text.indexOf('113'), text.slice(0, 200));
    const context = await browser.newContext({ viewport: { width: 733, height: 1062 } }), tab = await context.newPage();
    await tab.route(`${x.url}/printed`, (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }));
    await tab.goto(`${x.url}/printed`);
    await tab.emulateMedia({ media: 'print' });
    const { style, width, top, over } = await tab.evaluate(() => { const card = document.querySelector('.x-card'), r = card.getBoundingClientRect(); return { style: getComputedStyle(card).borderStyle, width: r.width, top: card.querySelector('h1').getBoundingClientRect().top - r.top, over: card.scrollWidth - card.clientWidth }; });
    await context.close();
    assert.equal(style, 'dashed');
    assert.ok(width <= 397 && width > 330 && top >= 0 && over <= 0, `${width} ${top} ${over}`);
  }
});

test('on paper no link has an address without its host behind it, and no long number of a photo', async () => {
  const late = x.sql(`SELECT c.code FROM attachment a JOIN ward_case c ON c.id = a.case_id JOIN ward w ON w.id = c.ward_id JOIN unit u ON u.id = c.unit_id WHERE w.slug = '${W}' AND u.slug = 'ha-tang' ORDER BY a.id LIMIT 1`);
  const context = await browser.newContext();
  try {
    const page = await context.newPage(), pdf = join(x.data, 'links.pdf');
    let html;
    await page.route(`${x.url}/printed`, (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }));
    for (const path of ['week', `case/${late}`]) {
      html = await get(`/${W}/desk/${path}`);
      assert.match(html, new RegExp(`class="govuk-link[^"]*" href="/${W}/`));
      await page.goto(`${x.url}/printed`);
      await within(page.pdf({ path: pdf, preferCSSPageSize: true }), 'printing', 30000);
      const paper = plain(execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }));
      assert.ok(paper.length > 200);
      assert.doesNotMatch(paper, new RegExp(`/${W}/|[0-9a-f]{32}`), path);
    }
  } finally { await context.close(); }
});

test('"why this date?" is on paper though it is folded on the screen: opened receipt, public page, desk', async () => {
  const got = await report(x, W), resident = await follow(x, got, W), context = await browser.newContext();
  const open = x.sql(`SELECT public_code FROM ward_case WHERE code = '${got.code}'`);
  try {
    const page = await context.newPage(), pdf = join(x.data, 'paper.pdf');
    let html;
    await page.route(`${x.url}/printed`, (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }));
    for (const [name, who, path] of [['receipt', resident, 'receipt'], ['public', x.client(), `case/${open}`], ['desk', a, `desk/case/${got.code}`]])
      for (const lang of ['', '/en']) {
        html = await get(`/${W}${lang}/${path}`, 200, who);
        await page.goto(`${x.url}/printed`);
        const days = await page.locator('.x-clock:not([open]) .x-day-when').allTextContents();
        assert.ok(days.length > 2, `${name}: ${days.length} days`);
        for (const width of shots ? [360, 1280] : []) {
          await page.setViewportSize({ width, height: 900 });
          await page.locator('.x-clock summary').first().click();
          await page.screenshot({ path: join(shots, `clock-${name}${lang.slice(1)}-${width}.png`), fullPage: true });
          await page.locator('.x-clock summary').first().click();
        }
        await within(page.pdf({ path: pdf, preferCSSPageSize: true }), 'printing', 30000);
        if (shots) await page.pdf({ path: join(shots, `clock-${name}${lang.slice(1)}.pdf`), preferCSSPageSize: true });
        const paper = plain(execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }));
        for (const day of days) assert.ok(paper.includes(plain(day)), `${name}${lang}: ${day} is not on paper`);
      }
  } finally { await context.close(); }
});
