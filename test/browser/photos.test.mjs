// Photos on the phone: made small one after the other, blurred with finger and keyboard, sent with progress
// over a bad line, and what the form does without any of it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom } from '../harness/xom.mjs';
import { ask, go, launch, makeJpeg, openPage, photo, readReceiptPage, within } from './browser.mjs';
import { axeHere, layout } from './looks.mjs';
import { WARD } from './world.mjs';

let browser, x, small, tiny, big;
before(async () => {
  browser = await launch();
  x = await startXom();
  small = await makeJpeg(browser, { width: 640, height: 480 });
  tiny = await makeJpeg(browser, { width: 64, height: 48 });
  big = await noise(2000, 1500);
});
after(async () => { await browser?.close(); await x?.stop(); });

// A JPEG of fine noise, as heavy as a camera's, with what a camera writes into its head: turned by a quarter, taken
// at a place.
async function noise(width, height) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const url = await ask(page, ({ w, h }) => {
    const canvas = document.createElement('canvas');
    canvas.width = w; canvas.height = h;
    const g = canvas.getContext('2d'), tile = g.createImageData(500, 500);
    let seed = 7;
    for (let i = 0; i < tile.data.length; i += 1) { seed = (seed * 1103515245 + 12345) & 0x7fffffff; tile.data[i] = i % 4 === 3 ? 255 : seed >> 16 & 255; }
    for (let y = 0; y < h; y += 500) for (let left = 0; left < w; left += 500) g.putImageData(tile, left, y);
    return canvas.toDataURL('image/jpeg', 0.95);
  }, { w: width, h: height });
  await context.close();
  const jpeg = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), Buffer.from('4d4d002a00000008', 'hex'),
    Buffer.from('0001', 'hex'), Buffer.from('011200030000000100060000', 'hex'), Buffer.from('00000000', 'hex'), Buffer.from('GPS-10.03,105.78', 'latin1')]);
  const head = Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

// The photo step, in a page that counts the pictures which are open at once.
async function toPhotos(options = {}) {
  const opened = await openPage(browser, x, options);
  const { page } = opened;
  await page.addInitScript(() => {
    globalThis.pictures = { open: 0, most: 0, all: 0 };
    const make = globalThis.createImageBitmap.bind(globalThis), close = ImageBitmap.prototype.close;
    globalThis.createImageBitmap = async (...a) => {
      const p = globalThis.pictures;
      p.open += 1; p.all += 1; p.most = Math.max(p.most, p.open);
      try { return await make(...a); } catch (e) { p.open -= 1; throw e; }
    };
    ImageBitmap.prototype.close = function shut() { globalThis.pictures.open -= 1; return close.call(this); };
  });
  await page.goto(`${x.url}/${WARD}/report?kind=lighting`);
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await go(page, 'next');
  await page.fill('textarea', 'Đèn tắt.');
  await go(page, 'next');
  return opened;
}
const told = (page) => page.textContent('[data-x-photo-told]');
const saying = (page, part) => page.waitForFunction((p) => document.querySelector('[data-x-photo-told]').textContent.includes(p), part, { timeout: 60000 });
// What goes over the line: the photos of each upload.
async function uploads(page) {
  const list = [];
  await page.route('**/report/photos', (route) => {
    const r = route.request(), body = r.postDataBuffer();
    const at = body.indexOf(Buffer.from([0xff, 0xd8, 0xff]));
    if (!r.isNavigationRequest()) list.push(body.subarray(at, body.lastIndexOf(Buffer.from([0xff, 0xd9])) + 2));
    return route.continue();
  });
  return list;
}
const pixels = (page, jpeg) => ask(page, async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const p = await createImageBitmap(new Blob([bytes]));
  const canvas = Object.assign(document.createElement('canvas'), { width: p.width, height: p.height });
  const g = canvas.getContext('2d');
  g.drawImage(p, 0, 0);
  const { data } = g.getImageData(0, 0, p.width, p.height);
  // How much neighbours differ, in each of 24 × 24 fields.
  const rough = [];
  for (let f = 0; f < 576; f += 1) {
    const x0 = Math.floor((f % 24) * p.width / 24), y0 = Math.floor(Math.floor(f / 24) * p.height / 24);
    let sum = 0;
    for (let y = y0 + 8; y < y0 + 24; y += 1) for (let c = x0 + 8; c < x0 + 24; c += 1) sum += Math.abs(data[4 * (y * p.width + c)] - data[4 * (y * p.width + c + 1)]);
    rough.push(sum / 256);
  }
  return { width: p.width, height: p.height, rough };
}, jpeg.toString('base64'));

test('thirty large photos at once: five are taken, one is open at a time, each is small when it goes', async () => {
  const { page, context, faults } = await toPhotos();
  const sent = await uploads(page);
  const files = Array.from({ length: 30 }, (_, i) => photo(i === 1 ? Buffer.from('đây là chữ') : [0, 2].includes(i) ? big : tiny, i === 1 ? 'thu.heic' : `anh-${i}.jpg`));
  assert.ok(big.length > 2e6, `${big.length} bytes`);
  await page.setInputFiles('input[type=file]', files);
  await saying(page, 'Chỉ gửi được 5 ảnh');
  assert.match(await told(page), /5 ảnh đã sẵn sàng, chưa gửi đi.*24 ảnh sau không lấy.*Không mở được "thu\.heic"/);
  assert.equal(await page.locator('[data-x-picked] > li').count(), 5);
  assert.equal(await page.inputValue('input[type=file]'), '', 'the originals are let go');
  const { open, most, all } = await ask(page, () => globalThis.pictures);
  assert.deepEqual({ open, most, all }, { open: 0, most: 1, all: 6 }, 'one at a time, and no more than needed');
  assert.equal(sent.length, 0, 'nothing leaves the phone before the form goes on');
  assert.deepEqual(await layout(page, 360), []);
  assert.deepEqual(await axeHere(page), []);
  await go(page, 'next');
  assert.equal(await page.locator('.x-photos img').count(), 5);
  assert.equal(sent.length, 5);
  for (const s of sent) {
    assert.ok(s.length < 1.5e6 && s.length > 500, `${s.length} bytes`);
    assert.equal(s.includes('GPS-10.03'), false);
    assert.equal(s.includes('Exif'), false);
  }
  const { width, height } = await pixels(page, sent[0]);
  assert.deepEqual({ width, height }, { width: 1200, height: 1600 }, 'turned as the camera said, 1600 px high');
  await go(page, 'send');
  await readReceiptPage(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test('blurred with the finger and with the keyboard, in the pixels themselves; undone; cancelled', async () => {
  const { page, context, faults } = await toPhotos();
  const sent = await uploads(page);
  await page.setInputFiles('input[type=file]', photo(big));
  await saying(page, '1 ảnh đã sẵn sàng');
  await page.click('[data-x-picked] button >> nth=0');
  await page.waitForSelector('#blur[open]');
  // An open dialog may cover the page and scroll; all else holds.
  assert.deepEqual((await layout(page, 360)).filter((w) => !w.includes(': <dialog')), []);
  assert.deepEqual(await axeHere(page), []);
  const button = (name) => page.locator(`[data-x-blur=${name}]`);
  assert.equal(await button('done').isDisabled(), true);
  const box = await page.locator('#blur canvas').boundingBox();
  const at = (u, v) => [box.x + box.width * u, box.y + box.height * v];
  await page.mouse.move(...at(0.1, 0.1));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.1), { steps: 4 });
  await page.mouse.up();
  // The keyboard's frame: to the lower right corner, smaller, twice applied and once undone.
  await page.focus('[data-x-stage]');
  for (let i = 0; i < 24; i += 1) { await page.keyboard.press('ArrowRight'); await page.keyboard.press('ArrowDown'); }
  await page.keyboard.press('-');
  await page.keyboard.press('ArrowRight'); await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.match(await page.textContent('[data-x-blur-told]'), /khung được|trong khung/);
  for (let i = 0; i < 10; i += 1) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await button('undo').click();
  await button('done').click();
  await page.waitForSelector('#blur', { state: 'hidden' });
  await page.waitForFunction(() => document.querySelector('[data-x-picked] p').textContent === 'Đã làm mờ.');
  // Opened again and left by Escape: nothing changes.
  await page.click('[data-x-picked] button >> nth=0');
  await page.waitForSelector('#blur[open]');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#blur', { state: 'hidden' });
  await go(page, 'next');
  const { rough } = await pixels(page, sent[0]);
  // 18 × 24 squares over 24 × 24 fields: rows agree, columns are 4/3 wide.
  const field = (u, v) => rough[Math.floor(v * 24) * 24 + Math.floor(u * 24)];
  const clear = field(0.5, 0.6);
  assert.ok(clear > 10, `the rest is as it was (${clear})`);
  for (const u of [0.1, 0.2, 0.3, 0.4, 0.5]) assert.ok(field(u, 0.1) < clear / 5, `rubbed at ${u}: ${field(u, 0.1)}`);
  assert.ok(field(0.97, 0.97) < clear / 5, 'the corner');
  assert.ok(field(0.97, 0.5) > clear / 2, 'what was undone is there');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a line that drops: the same photo goes again by itself, and is there once', async () => {
  const { page, context } = await toPhotos();
  await page.setInputFiles('input[type=file]', [photo(small, 'mot.jpg'), photo(small, 'hai.jpg')]);
  await saying(page, '2 ảnh đã sẵn sàng');
  // The first answer is lost on its way back: the server has the photo, the phone does not know. Then no line at
  // all, then a server that is busy.
  let times = 0;
  await page.route('**/report/photos', async (route) => {
    if (route.request().isNavigationRequest()) return route.continue();
    times += 1;
    if (times === 1) { await route.fetch(); return route.abort('connectionreset'); }
    if (times === 2) return route.abort('internetdisconnected');
    if (times === 3) return route.fulfill({ status: 503, headers: { 'retry-after': '1' }, body: '' });
    return route.continue();
  });
  await page.clock.install();
  await page.click('button[name=go][value=upload]');
  for (const seen of [1, 2, 3]) {
    await page.waitForFunction(() => document.querySelector('[data-x-picked] p').textContent.includes('Mạng bị đứt'));
    assert.equal(times, seen);
    await page.clock.runFor(4500);
    await within((async () => { while (times === seen) await page.evaluate(() => 1); })(), 'another try');
  }
  await saying(page, 'Đã gửi xong 2 ảnh');
  assert.equal(times, 5);
  assert.equal(await page.locator('#photos-taken > li').count(), 2);
  await page.unroute('**/report/photos');
  await go(page, 'next');
  assert.equal(await page.locator('.x-photos img').count(), 2, 'twice on the server, once in the report');
  await context.close();
});

test('no line at all: it says so, keeps the photos, and goes on without them when they are removed', async () => {
  const { page, context } = await toPhotos();
  await page.setInputFiles('input[type=file]', photo(small, 'mot.jpg'));
  await saying(page, '1 ảnh đã sẵn sàng');
  await page.route('**/report/photos', (route) => (route.request().isNavigationRequest() ? route.continue() : route.abort('internetdisconnected')));
  await page.clock.install();
  await page.click('button[name=go][value=next]');
  for (let i = 0; i < 8 && !(await told(page)).includes('không có mạng'); i += 1) {
    await page.waitForFunction(() => /Mạng bị đứt/.test(document.querySelector('[data-x-picked] p').textContent) || /không có mạng/.test(document.querySelector('[data-x-photo-told]').textContent));
    await page.clock.runFor(31000);
  }
  await saying(page, 'không có mạng');
  assert.equal(await page.locator('[data-x-picked] > li').count(), 1);
  await page.click('[data-x-picked] button >> nth=1');
  await go(page, 'next');
  assert.ok(await page.locator('#send').isVisible());
  await context.close();
});

test('a slow line: progress in words, cancelled in the middle, what the server refuses is named', async () => {
  const { page, context } = await toPhotos();
  await page.setInputFiles('input[type=file]', [photo(big, 'lon.jpg'), photo(small, 'nho.jpg')]);
  await saying(page, '2 ảnh đã sẵn sàng');
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 20, downloadThroughput: 1e6, uploadThroughput: 100e3 });
  await page.click('button[name=go][value=upload]');
  await page.waitForFunction(() => /Đã gửi ([1-9]|[1-9]\d) %/.test(document.querySelector('[data-x-picked] li p').textContent));
  assert.match(await told(page), /Đang gửi ảnh 1 trong 2/);
  assert.equal(await page.locator('[data-x-picked] progress >> nth=0').isVisible(), true);
  await page.click('[data-x-picked] li:first-child button >> nth=1');
  await page.waitForFunction(() => document.querySelectorAll('#photos-taken > li').length === 1);
  assert.equal(await page.locator('[data-x-picked] > li').count(), 0, 'the other one went on');
  // A server that refuses one.
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await page.setInputFiles('input[type=file]', photo(small, 'tu-choi.jpg'));
  await saying(page, '1 ảnh đã sẵn sàng');
  await page.route('**/report/photos', async (route) => {
    const r = route.request();
    if (r.isNavigationRequest()) return route.continue();
    const body = r.postDataBuffer(), from = body.indexOf(Buffer.from([0xff, 0xd8, 0xff]));
    body.fill(0, from, from + 200); // no picture any more
    return route.continue({ postData: body });
  });
  await page.click('button[name=go][value=next]');
  await saying(page, 'Không nhận được ảnh "tu-choi.jpg"');
  assert.match(await page.textContent('[data-x-picked] p'), /không phải ảnh JPEG/);
  await page.click('[data-x-picked] button >> nth=1');
  await go(page, 'next');
  assert.equal(await page.locator('.x-photos img').count(), 1);
  await context.close();
});

test('Back to the photo step shows what was sent, and it can be dropped', async () => {
  const { page, context, faults } = await toPhotos();
  await page.setInputFiles('input[type=file]', [photo(small, 'mot.jpg'), photo(small, 'hai.jpg')]);
  await saying(page, '2 ảnh đã sẵn sàng');
  await go(page, 'next');
  await within(page.goBack({ waitUntil: 'load' }), 'Back');
  await page.waitForFunction(() => document.querySelectorAll('#photos-taken > li').length === 2);
  await go(page, await page.getAttribute('#photos-taken button', 'value'));
  assert.equal(await page.locator('#photos-taken img').count(), 1);
  await page.setInputFiles('input[type=file]', photo(small, 'ba.jpg'));
  await saying(page, '1 ảnh đã sẵn sàng');
  await go(page, 'next');
  assert.equal(await page.locator('.x-photos img').count(), 2);
  assert.deepEqual(faults, []);
  await context.close();
});
