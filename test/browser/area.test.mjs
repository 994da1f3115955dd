// A khu vực's phone: few taps with a network (measures/spot.mjs counts them); without one what is pressed is kept and
// sent once, and what came back too late is told with what was written.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { hidden, report, signIn, startXom, until, PASSWORD } from '../harness/xom.mjs';
import { launch, makeJpeg, openPage, photo } from './browser.mjs';
import { WARD } from './world.mjs';
import { act, must } from '../rights/world.mjs';

let browser, x, jpeg, area, line;
before(async () => {
  browser = await launch();
  x = await startXom();
  line = await relay(x.port);
  jpeg = await makeJpeg(browser, { width: 300, height: 200 });
  area = x.sql("SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'truong-kv'");
});
after(async () => { await browser?.close(); line?.stop(); await x?.stop(); });

// The line is a small relay that the test cuts: for the browser and its worker the server is really gone.
function relay(port) {
  let cut = false;
  const open = new Set(), end = () => { cut = true; for (const s of open) s.destroy(); };
  const server = net.createServer((a) => {
    if (cut) { a.destroy(); return; }
    const b = net.connect(port, '127.0.0.1');
    for (const s of [a, b]) { open.add(s); s.on('error', () => {}); s.on('close', () => { open.delete(s); a.destroy(); b.destroy(); }); }
    a.pipe(b);
    b.pipe(a);
  });
  return new Promise((done) => { server.listen(0, '127.0.0.1', () => done({ url: `http://localhost:${server.address().port}`, cut: end, join() { cut = false; }, stop() { end(); server.close(); } })); });
}
const rubbish = (street) => report(x, WARD, { kind: 'rubbish', area, street, text: 'Rác.' });
const step = (r) => x.sql(`SELECT step FROM ward_case WHERE code = '${r.code}'`);
const waits = (r) => x.sql(`SELECT count(*) FROM pending_move p JOIN ward_case c ON c.id = p.case_id WHERE c.code = '${r.code}'`);
async function enter(page) {
  await page.goto(`${line.url}/${WARD}/sign-in?to=/${WARD}/desk/my-area`);
  await page.fill('input[name=login]', 'truong-kv');
  await page.fill('input[name=password]', PASSWORD);
  await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
  await page.goto(`${line.url}/${WARD}/desk/my-area`);
}
const kept = (page) => page.locator('.x-area__kept');

test('without a network acts are kept, sent once when it is back, and refused ones keep what was written', async () => {
  const [one, closed, gone] = [await rubbish('Hẻm 1'), await rubbish('Hẻm 2'), await rubbish('Hẻm 3')];
  // No code among the words: one like SM-26-P5263 holds what could be a number plate, and comes back with advice.
  const written = new Map([[one, 'Đã gom sạch.'], [closed, 'Đã gom hết các túi.'], [gone, 'Đã gom ra đầu đường.']]);
  const { page, context, faults } = await openPage(browser, { url: line.url });
  await enter(page);
  const card = (r) => page.locator(`#c-${r.code}`);
  await page.locator('label[for=own-phone]').waitFor({ state: 'visible' }); // the script shows it when it can keep something
  await page.check('#own-phone', { force: true });
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  line.cut();
  for (const r of [one, closed, gone]) {
    await card(r).locator('> summary').click();
    if (r === one) await card(r).locator('input[type=file]').setInputFiles(photo(jpeg));
    await card(r).locator('form[data-x-act=settle] details > summary').click();
    await card(r).locator('form[data-x-act=settle] input[name=words]').fill(written.get(r));
    await card(r).locator('.x-area__done').click();
    await page.waitForFunction((code) => [...document.querySelectorAll('.x-area__kept')].some((e) => e.textContent.includes(code)), r.code);
  }
  assert.match(await kept(page).first().innerText(), /Có mạng thì máy tự gửi/);
  assert.match(await page.locator('[data-x-area] h2').innerText(), /Giữ trên máy này/);
  assert.equal(waits(one), '0');
  // The phone is opened again without a network: the list is there, and what waits.
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.x-area__kept').length === 3).catch(async (e) => {
    const state = await page.evaluate(() => [document.title, document.querySelectorAll('.x-area__kept').length, !!navigator.serviceWorker.controller, [...document.scripts].map((s) => s.src)]);
    assert.fail(`${e.message}: ${JSON.stringify(state)} ${JSON.stringify(faults)}`);
  });
  assert.ok(await card(one).isVisible());
  // A week passes; one was closed by the ward, one is erased whole, and the session is over.
  const unit = await signIn(x, WARD, 'moi-truong');
  await must(act(unit, WARD, closed.code, 'close', { 'close-outcome': 'mended', 'close-text': 'Đã gom.' }));
  x.sql(`UPDATE ward_case SET withheld = 1 WHERE code = '${gone.code}'`);
  x.clock.move(7);
  line.join();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.waitForFunction(() => [...document.querySelectorAll('.x-area__kept')].every((e) => e.textContent.includes('Đăng nhập lại')));
  assert.equal(await kept(page).count(), 3, 'signed out, nothing is lost');
  await enter(page);
  // The page comes anew once something was sent.
  await page.waitForFunction((code) => document.getElementById(`c-${code}`)?.textContent.includes('Vừa ghi') && document.querySelectorAll('.x-area__kept').length === 2 && [...document.querySelectorAll('.x-area__kept')].every((e) => e.textContent.includes('không còn ở khu vực')), one.code).catch(async (e) => {
    const state = await page.evaluate((code) => [location.href, performance.timeOrigin, document.getElementById(`c-${code}`)?.textContent.replace(/\s+/g, ' ').slice(0, 200), [...document.querySelectorAll('.x-area__kept')].map((k) => k.textContent)], one.code);
    assert.fail(`${e.message}: ${JSON.stringify(state)}, ${waits(one)} waiting, ${step(one)}; ${JSON.stringify(faults)}`);
  });
  const told = await kept(page).allInnerTexts();
  for (const r of [closed, gone]) assert.ok(told.some((t) => t.includes(written.get(r))), 'what was written stays');
  assert.equal(await page.locator('[data-x-area] h2').innerText(), 'Phường chưa nhận, xem vì sao', 'there is a network: they are not kept for want of one');
  assert.equal(waits(one), '1');
  await page.reload();
  await page.waitForLoadState();
  assert.equal(waits(one), '1', 'once');
  assert.equal(x.sql(`SELECT count(*) FROM pending_photo q JOIN pending_move p ON p.id = q.pending_id JOIN ward_case c ON c.id = p.case_id WHERE c.code = '${one.code}'`), '1');
  for (let i = 0; i < 2; i++) await kept(page).first().locator('button').click();
  await page.waitForFunction(() => document.querySelectorAll('.x-area__kept').length === 0);
  // Another account on this phone sees nothing; signing out takes the list away.
  await Promise.all([page.waitForEvent('load'), page.click('form[action$="/sign-out"] button')]);
  assert.equal(await page.evaluate((name) => caches.has(name), `xom-area /${WARD}/desk/my-area`), false);
  // Nobody settled it: it has gone up by its clock, which a job does.
  await until('the matter that nobody settled goes up', () => step(gone) === 'received');
  assert.deepEqual(faults.filter((f) => !/ERR_|answered (401|409)|Failed to load resource|Failed to fetch/.test(f)), []);
  await context.close();
});

test('a report for somebody else without a network: the form is there, what is sent waits and goes once; a used paper brings it back into its form', async () => {
  const clerk = await signIn(x, WARD, 'ha-tang'), list = (await clerk.get(`/${WARD}/desk/folded`)).text;
  const sheet = (await clerk.post(`/${WARD}/desk/folded`, { token: hidden(list, 'token'), s: hidden(list, 's'), sheets: '1' })).text;
  const [one, two, free] = [...sheet.matchAll(/data-x-code>([^<]+)</g)].map((m) => m[1]), told = (code) => x.sql(`SELECT count(*) FROM ward_case WHERE code = '${code}'`);
  const { page, context, faults } = await openPage(browser, { url: line.url });
  await enter(page);
  await page.locator('label[for=own-phone]').waitFor({ state: 'visible' });
  await page.check('#own-phone', { force: true });
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  line.cut();
  await page.goto(`${line.url}/${WARD}/desk/my-area/report`);
  for (const code of [one, two]) {
    await page.fill('input[name=folded]', code);
    await page.check('input[name=kind][value=water]', { force: true });
    await page.fill('textarea', `Cống nghẹt ${code}.`);
    await page.click('.x-area__done');
    await page.waitForFunction((c) => [...document.querySelectorAll('.x-area__kept')].some((e) => e.textContent.includes(c)), code);
    await page.waitForFunction(() => document.querySelector('textarea').value === ''); // ready for the next one
  }
  // Meanwhile somebody else uses the second paper.
  const team = await signIn(x, WARD, 'to-kv'), token = hidden((await team.get(`/${WARD}/desk/sessions`)).text, 'token');
  await must(team.post(`/${WARD}/desk/my-area/report`, { token, key: 'f'.repeat(32), folded: two, kind: 'water', area, street: '', landmark: '', text: 'Nước tràn.' }));
  await page.evaluate(() => { window.before = true; });
  line.join();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  // One was taken, so the page comes anew.
  await page.waitForFunction(() => !window.before && document.querySelectorAll('.x-area__kept').length === 1 && document.querySelector('.x-area__kept').textContent.includes('đã dùng'));
  assert.deepEqual([told(one), told(two)], ['1', '1']);
  await Promise.all([page.waitForURL(/report#/), page.locator('.x-area__kept a').click()]);
  await page.waitForFunction((c) => document.querySelector('input[name=folded]').value === c, two);
  assert.equal(await page.inputValue('textarea'), `Cống nghẹt ${two}.`);
  // Now there is a network: what is wrong is said beside its field, and nothing typed is lost.
  await Promise.all([page.waitForEvent('load'), page.click('.x-area__done')]);
  assert.match(await page.locator('#folded-error').innerText(), /đã dùng/);
  assert.equal(await page.inputValue('textarea'), `Cống nghẹt ${two}.`);
  await page.fill('input[name=folded]', free);
  await Promise.all([page.waitForURL(/done=report/), page.click('.x-area__done')]);
  assert.match(await page.locator('.govuk-notification-banner').innerText(), /dán kín/);
  assert.equal(await kept(page).count(), 0);
  assert.deepEqual([told(one), told(free)], ['1', '1']);
  assert.deepEqual(faults.filter((f) => !/ERR_|answered (401|409|422)|Failed to load resource|Failed to fetch/.test(f)), []);
  await context.close();
});

// What lies in the phone's own store.
const lying = (page) => page.evaluate(() => new Promise((done, failed) => {
  const asked = indexedDB.open('xom-area');
  asked.onerror = failed;
  asked.onsuccess = () => {
    const db = asked.result;
    if (!db.objectStoreNames.contains('acts')) return done(0);
    const all = db.transaction('acts').objectStore('acts').count();
    all.onsuccess = () => { db.close(); done(all.result); };
    all.onerror = failed;
  };
}));

test('on a phone that nobody called their own nothing is kept: a form goes at once, its photo made small', async () => {
  const [one, two] = [await rubbish('Hẻm 4'), await rubbish('Hẻm 5')];
  const { page, context } = await openPage(browser, { url: line.url });
  const press = async (r) => {
    await page.locator(`#c-${r.code} > summary`).click();
    await page.locator(`#c-${r.code} input[type=file]`).setInputFiles(photo(await makeJpeg(browser, { width: 3000, height: 2000 })));
    await page.locator(`#c-${r.code} .x-area__done`).click();
  };
  await enter(page);
  await Promise.all([page.waitForRequest((q) => q.method() === 'POST' && /settle/.test(q.url())).then((q) => assert.ok((q.postDataBuffer()?.length ?? 0) < 2e6)), page.waitForURL(/done=settle/), press(one)]);
  assert.equal(waits(one), '1');
  assert.equal(await lying(page), 0);
  line.cut();
  await Promise.all([page.waitForEvent('requestfailed'), press(two)]);
  line.join();
  const next = await context.newPage(); // this one is on its way to the browser's own page
  await next.goto(`${line.url}/${WARD}/desk/my-area`);
  assert.equal(await lying(next), 0);
  assert.equal(waits(two), '0');
  await context.close();
});
