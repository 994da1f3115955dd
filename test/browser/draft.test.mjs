// The draft on a phone of one's own: without a network, with a closed tab, over a changed form, and never more than
// one report of it. The line is a small relay that the test cuts: for the browser the server is really gone.
import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signIn, startXom } from '../harness/xom.mjs';
import { ask, go, launch, makeJpeg, openPage, photo, readReceiptPage, upload } from './browser.mjs';
import { axeHere, layout } from './looks.mjs';
import { WARD } from './world.mjs';

let browser, x, line, jpeg, officer;
before(async () => {
  browser = await launch();
  x = await startXom();
  line = await relay(x.port);
  jpeg = await makeJpeg(browser, { width: 300, height: 200 });
  officer = await signIn(x, WARD, 'ha-tang');
});
after(async () => { await browser?.close(); line?.stop(); await x?.stop(); });
beforeEach(() => line.join());

function relay(port) {
  let cut = false, swallow = false;
  const open = new Set();
  const server = net.createServer((a) => {
    if (cut) return a.destroy();
    const b = net.connect(port, '127.0.0.1');
    for (const s of [a, b]) { open.add(s); s.on('error', () => {}); s.on('close', () => { open.delete(s); a.destroy(); b.destroy(); }); }
    let lost = false;
    a.on('data', (d) => { lost ||= swallow && d.includes('/report/check'); b.write(d); });
    // The whole of it has arrived when the answer begins, which goes nowhere.
    b.on('data', (d) => { if (!lost) { a.write(d); return; } cut = true; for (const s of open) s.destroy(); });
    return undefined;
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({
    url: `http://localhost:${server.address().port}`,
    cut() { cut = true; for (const s of open) s.destroy(); },
    join() { cut = false; swallow = false; },
    // What is posted to be sent reaches the server; the answer does not come back, and then the line is dead.
    loseAnswer() { swallow = true; },
    stop() { cut = true; for (const s of open) s.destroy(); server.close(); },
  })));
}
const at = (path) => `${line.url}/${WARD}${path}`;
const phone = (options) => openPage(browser, { url: line.url }, options);
// A phone whose storage answers `ms` late, as a cheap full one does.
const slowStorage = (context, ms) => context.addInitScript((late) => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function slow(...what) {
    const asked = {};
    setTimeout(() => {
      const real = open.apply(this, what);
      for (const name of ['onupgradeneeded', 'onsuccess', 'onerror', 'onblocked']) {
        real[name] = (event) => {
          if (real.readyState === 'done') Object.assign(asked, { result: real.error ? null : real.result, error: real.error });
          asked[name]?.(event);
        };
      }
    }, late);
    return asked;
  };
}, ms);
const counted = async () => JSON.parse((await officer.get(`/${WARD}/desk.json?queue=new`)).text).queues[0].n;
const told = (page) => page.textContent('[data-x-draft-told]');
const says = (page, part) => page.waitForFunction((p) => document.querySelector('[data-x-draft-told]')?.textContent.includes(p), part, { timeout: 20000 });
const kept = (page) => ask(page, () => new Promise((done) => {
  const r = indexedDB.open('xom-report', 1);
  r.onupgradeneeded = () => r.result.createObjectStore('kept');
  r.onsuccess = () => { const g = r.result.transaction('kept').objectStore('kept').getAllKeys(); g.onsuccess = () => { r.result.close(); done(g.result); }; };
}));
const governed = (page) => page.waitForFunction(async () => Boolean((await navigator.serviceWorker.getRegistration(location.pathname.replace(/(\/report).*/, '$1')))?.active));
async function tick(page) {
  await page.locator('#own-phone').waitFor({ state: 'visible' }); // the script shows it when it can keep something
  await page.check('#own-phone', { force: true });
  await page.waitForFunction(() => document.querySelector('[data-x-keep-told]').textContent.startsWith('Đang giữ'));
  await governed(page);
}
// On the form up to the words, ticked on the first page.
async function begin(page, words = 'Đèn hẻm tắt ba đêm.') {
  await page.goto(at('/report'));
  assert.equal(await page.isChecked('#own-phone'), false, 'unticked by itself');
  await tick(page);
  await page.check('input[name=kind][value=lighting]');
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await page.fill('input[name=street]', 'Hẻm 7 Bến Sông Mây');
  await go(page, 'next');
  await page.fill('textarea', words);
}
const press = (page) => page.click('form[data-x-draft] button[type=submit]');
// "Send" without a network: it is kept to be sent from when the page says so.
async function sendLater(page) {
  await press(page);
  await says(page, 'Đang chờ mạng');
}
// The network is gone, the form goes on, and the draft's page has filled itself in.
async function cutOff(page) {
  line.cut();
  await go(page, 'next');
  await page.waitForSelector('form[data-x-draft]:not([hidden])');
}
async function received(page) {
  await page.waitForSelector('[data-x-receipt]:not([hidden]) [data-x-code]', { timeout: 20000 });
  return readReceiptPage(page);
}
async function seen(page) {
  await page.click('[data-x-seen]');
  await says(page, 'Đã xóa');
  assert.deepEqual(await kept(page), []);
  assert.equal(await ask(page, async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.equal(await ask(page, async () => (await caches.keys()).length), 0);
}

test('the network goes in the middle, the tab is closed, both come back: one case, its receipt shown, nothing left', async () => {
  const n = await counted();
  const { page, context } = await phone();
  await slowStorage(context, 400); // "next" waits until what was written is kept
  await begin(page);
  await cutOff(page);
  assert.equal(await page.textContent('h1'), 'Việc đang giữ trên máy này');
  assert.equal(await page.inputValue('textarea'), 'Đèn hẻm tắt ba đêm.');
  assert.equal(await page.inputValue('input[name=street]'), 'Hẻm 7 Bến Sông Mây');
  assert.equal(await page.isChecked('input[name=kind][value=lighting]'), true);
  assert.match(await page.textContent('[data-x-kind=lighting]'), /Cán bộ của Tổ Hạ tầng/, 'who will read it, before it is sent');
  assert.deepEqual(await layout(page, 360), []);
  assert.deepEqual(await axeHere(page), []);
  // Without a network it goes on: a photo, other words.
  await page.setInputFiles('input[type=file]', photo(jpeg));
  await page.waitForSelector('[data-x-picked] > li');
  await page.fill('textarea', 'Đèn hẻm tắt bốn đêm.');
  await sendLater(page);
  await page.close();
  assert.equal(await counted(), n);
  line.join();
  const again = await context.newPage();
  await again.goto(at('/report'));
  await again.waitForSelector('[data-x-unsent]:not([hidden])');
  await again.click('[data-x-open]');
  const receipt = await received(again);
  assert.equal(await counted(), n + 1);
  const desk = (await officer.get(`/${WARD}/desk/case/${receipt.code}`)).text;
  assert.ok(desk.includes('Đèn hẻm tắt bốn đêm') && desk.includes('Hẻm 7 Bến Sông Mây') && desk.includes('/photo/'), 'words, place and photo');
  // It stays until it was seen.
  await again.reload();
  assert.deepEqual(await received(again), receipt);
  await seen(again);
  await again.reload();
  await says(again, 'Không có việc nào');
  assert.equal(await counted(), n + 1);
  await context.close();
});

test('the answer to "send" is lost: the same report goes again and gives one case', async () => {
  const n = await counted();
  const { page, context } = await phone();
  await begin(page, 'Đèn cầu tắt.');
  await go(page, 'next');
  await upload(page, photo(jpeg));
  await go(page, 'next');
  line.loseAnswer();
  await go(page, 'send');
  await says(page, 'Đang chờ mạng');
  for (const end = Date.now() + 15000; Date.now() < end && await counted() === n;) await ask(page, () => 1);
  assert.equal(await counted(), n + 1, 'it had arrived');
  line.join();
  await ask(page, () => dispatchEvent(new Event('online')));
  const receipt = await received(page);
  assert.equal(await counted(), n + 1);
  await x.client().post(`/${WARD}/follow`, receipt).then((r) => assert.equal(r.status, 303, 'the receipt opens it'));
  await seen(page);
  await context.close();
});

test('sent the usual way: the draft, the worker and its page are gone', async () => {
  const n = await counted();
  const { page, context, faults } = await phone();
  await begin(page, 'Đèn chập chờn.');
  assert.equal(await ask(page, () => Boolean(navigator.serviceWorker.controller)), true);
  await go(page, 'next');
  await go(page, 'next');
  await go(page, 'send');
  await readReceiptPage(page);
  assert.equal(await counted(), n + 1);
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistrations()).length === 0);
  assert.deepEqual(await kept(page), []);
  assert.deepEqual(faults, []);
  await context.close();
});

test('nothing is kept without the tick, on other pages there is no worker, and the draft can be deleted', async () => {
  const { page, context } = await phone();
  await page.goto(at('/report'));
  await page.check('input[name=kind][value=lighting]');
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await go(page, 'next');
  await page.fill('textarea', 'Không giữ.');
  assert.deepEqual(await kept(page), []);
  assert.equal(await ask(page, async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  await tick(page);
  assert.equal((await kept(page)).length, 1);
  for (const path of ['/', '/follow', '/cases', '/en/report', '/sign-in']) {
    await page.goto(at(path));
    assert.equal(await ask(page, () => Boolean(navigator.serviceWorker.controller)), false, `${path} is governed`);
  }
  const scope = (await x.client().get(`/${WARD}/report/sw.js`)).headers.get('service-worker-allowed');
  assert.equal(scope, `/${WARD}/report`);
  await page.goto(at('/report/draft'));
  await says(page, 'Chưa gửi');
  assert.equal(await page.inputValue('textarea'), 'Không giữ.');
  await page.click('form[data-x-draft] [data-x-forget]');
  await says(page, 'Đã xóa');
  assert.deepEqual(await kept(page), []);
  await page.goto(at('/report'));
  assert.equal(await page.locator('[data-x-unsent]').isVisible(), false);
  // Unticked again: gone too.
  await tick(page);
  await page.uncheck('#own-phone', { force: true });
  await page.waitForFunction(() => document.querySelector('[data-x-keep-told]').textContent.startsWith('Đã xóa'));
  assert.deepEqual(await kept(page), []);
  await context.close();
});

test('a private window or a full phone is told, and the form works', async () => {
  const { page, context } = await phone();
  await page.addInitScript(() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; });
  await page.goto(at('/report'));
  await page.click('label[for=own-phone]');
  await page.waitForFunction(() => document.querySelector('[data-x-keep-told]').textContent.includes('không cho giữ gì'));
  assert.equal(await page.isChecked('#own-phone'), false);
  await page.check('input[name=kind][value=lighting]');
  assert.equal((await go(page, 'next')).status(), 200);
  await context.close();
});

test('a phone whose clock is a year wrong, a draft more than a day old: a new form, the same answers, one case', async () => {
  for (const wrong of [-365, 365]) {
    const n = await counted();
    const { page, context } = await phone();
    await page.clock.install({ time: Date.now() + wrong * 86400000 });
    await page.clock.resume();
    await begin(page, `Đèn tắt, đồng hồ sai ${wrong} ngày.`);
    await cutOff(page);
    await sendLater(page);
    x.clock.move(1.2); // the server's day passes, whatever the phone believes
    officer = await signIn(x, WARD, 'ha-tang');
    line.join();
    await page.reload();
    await received(page);
    assert.equal(await counted(), n + 1);
    await context.close();
  }
});

test('an answer lost for more than a day: nobody can say whether it arrived, so the person decides', async () => {
  const n = await counted();
  const { page, context } = await phone();
  await begin(page, 'Đèn tắt ở khúc cua.');
  await go(page, 'next');
  await go(page, 'next');
  line.loseAnswer();
  await go(page, 'send');
  for (let i = 0; i < 200 && await counted() === n; i += 1) await ask(page, () => 1);
  x.clock.move(1.2);
  officer = await signIn(x, WARD, 'ha-tang');
  line.join();
  await page.reload();
  await says(page, 'không biết phường đã nhận chưa');
  assert.equal(await counted(), n + 1, 'nothing is sent twice by itself');
  await press(page);
  await received(page);
  assert.equal(await counted(), n + 2, 'sent again by the person\'s own wish');
  await context.close();
});

test('a draft older than the kind\'s procedure: shown again against the form of today, nothing lost, then sent', async () => {
  const n = await counted();
  const { page, context } = await phone();
  await begin(page, 'Đèn tắt trước chợ.');
  await cutOff(page);
  await page.setInputFiles('input[type=file]', photo(jpeg));
  await page.waitForSelector('[data-x-picked] > li');
  await sendLater(page);
  // Meanwhile the ward publishes another version.
  const dir = join(x.data, 'newer');
  mkdirSync(dir);
  writeFileSync(join(dir, 'lighting.yaml'), readFileSync('procedures/lighting.yaml', 'utf8').replace('Có số trên cột thì ghi giúp.', 'Có số trên cột thì hãy ghi số.'));
  x.verb(['procedures', 'publish', dir]);
  await x.kill(); // a server reads what is published when it starts
  const { port } = x;
  x.settings = x.settings.replace('port: 0', `port: ${port}`);
  await x.start();
  line.join();
  await page.reload();
  await says(page, 'Mẫu này đã thay đổi');
  assert.equal(await counted(), n, 'not sent by itself');
  assert.equal(await page.inputValue('textarea'), 'Đèn tắt trước chợ.');
  await page.waitForSelector('[data-x-picked] > li'); // the picture is read after the words
  assert.equal(await page.locator('[data-x-picked] > li').count(), 1);
  await press(page);
  await received(page);
  assert.equal(await counted(), n + 1);
  await context.close();
});

test('about somebody who works here: kept, asked for without a network, and it goes to who receives it by rule alone', async () => {
  const n = await counted(), { page, context, faults } = await phone();
  const box = page.locator('[data-x-subject]:not([hidden]), [data-x-kind]:not([hidden])');
  await begin(page, 'Chờ cả buổi, hỏi thì bị nạt.');
  await page.check('input[name=staff][value=yes]');
  await cutOff(page);
  assert.equal(await page.inputValue('textarea'), 'Chờ cả buổi, hỏi thì bị nạt.');
  assert.ok(await page.isChecked('input[name=staff][value=yes]'), 'the answer is kept');
  assert.equal(await box.count(), 0, 'nobody is named as its reader yet');
  assert.equal(await page.locator('[data-x-photo-part]').isVisible(), false);
  await press(page);
  assert.match(await told(page), /Chọn một nơi hoặc chức vụ/);
  await page.check('input[name=subject][value="head:ha-tang"]');
  assert.match(await box.innerText(), /Chủ tịch phường: người nhận theo quy tắc[\s\S]*Tổ Hạ tầng đô thị[\s\S]*không thấy việc này/);
  assert.deepEqual(await layout(page, 360), []);
  assert.deepEqual(await axeHere(page), []);
  await sendLater(page);
  // Nobody is there to receive it by now: it is not sent, and the page says where to go. Then somebody is again.
  x.sql('UPDATE role_held SET until_day = 1 WHERE role IN (8, 9)');
  line.join();
  await page.reload();
  await says(page, 'Mẫu này đã thay đổi');
  assert.ok(await page.isChecked('input[name=subject][value="head:ha-tang"]'));
  x.clock.move(2 / 1440); // the page was kept for a minute
  await page.reload();
  await says(page, 'Mẫu này đã thay đổi');
  assert.match(await box.innerText(), /chưa có ai được phép nhận[\s\S]*Thanh tra thành phố/);
  assert.match((await x.client().get(await box.locator('a').getAttribute('href'))).text, /Thanh tra/);
  await press(page);
  assert.match(await told(page), /không gửi qua đây được/);
  x.sql('UPDATE role_held SET until_day = NULL WHERE role IN (8, 9)');
  x.clock.move(2 / 1440);
  await page.reload();
  await says(page, 'Mẫu này đã thay đổi');
  assert.match(await box.innerText(), /Chủ tịch phường: người nhận/);
  await press(page);
  const { code } = await received(page);
  assert.equal(await counted(), n, 'in no queue of the unit that it is about');
  assert.equal((await officer.get(`/${WARD}/desk/case/${code}`)).status, 404);
  const chair = (await (await signIn(x, WARD, 'chu-tich')).get(`/${WARD}/desk/case/${code}`)).text;
  assert.ok(chair.includes('Chờ cả buổi') && chair.includes('người đứng đầu'));
  await seen(page);
  // Begun as such a matter, its form has no such question: on the draft's page the answer is there.
  await page.goto(at('/report?kind=staff'));
  await tick(page);
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await cutOff(page);
  assert.ok(await page.isChecked('input[name=staff][value=yes]'));
  await page.fill('textarea', 'Nói nặng lời với người già.');
  await page.check('input[name=subject][value="unit:mot-cua"]');
  await sendLater(page);
  line.join();
  await page.reload();
  assert.equal((await officer.get(`/${WARD}/desk/case/${(await received(page)).code}`)).status, 404);
  assert.equal(await counted(), n);
  await seen(page);
  // Kept before the form asked: nobody but the person can answer.
  await ask(page, (key) => new Promise((done) => {
    const r = indexedDB.open('xom-report', 1);
    r.onsuccess = () => {
      const t = r.result.transaction('kept', 'readwrite');
      t.objectStore('kept').put({ s: '', fields: { kind: 'lighting', area: 'unsure', text: 'Đèn tắt.' }, photos: [], state: 'ready', attempted: false }, key);
      t.oncomplete = () => { r.result.close(); done(); };
    };
  }), `draft /${WARD}/report`);
  await page.reload();
  await says(page, 'Mẫu này đã thay đổi');
  assert.equal(await counted(), n, 'not sent by itself');
  assert.deepEqual(faults.filter((f) => !/ERR_CONNECTION|ERR_EMPTY/.test(f)), []);
  await context.close();
});

test('what the form finds wrong is told with the answers kept', async () => {
  const { page, context } = await phone();
  await begin(page, 'Đèn tắt.');
  await cutOff(page);
  await page.fill('input[name=street]', 'Nhà 012345678901');
  await sendLater(page);
  line.join();
  await page.reload();
  await says(page, 'chưa nhận được vì');
  assert.match(await told(page), /căn cước/);
  assert.equal(await page.inputValue('input[name=street]'), 'Nhà 012345678901');
  await page.fill('textarea', '');
  await press(page);
  assert.match(await told(page), /vài chữ/, 'and what is missing, before it is sent');
  await page.fill('input[name=street]', 'Hẻm 7');
  await page.fill('textarea', 'Đèn tắt.');
  await press(page);
  await received(page);
  await context.close();
});
