// The receipt kept as two pictures: the code on one, PIN and QR code on the other, never both on one.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { startXom } from '../harness/xom.mjs';
import { ask, go, launch, openPage, readReceiptPage } from './browser.mjs';
import { WARD } from './world.mjs';

let browser, x;
before(async () => { browser = await launch(); x = await startXom(); });
after(async () => { await browser?.close(); await x?.stop(); });

async function receipt(options = {}, prepare = () => {}) {
  const opened = await openPage(browser, x, options);
  const { page } = opened;
  // What is drawn, in words: each text that is put on a canvas.
  await page.addInitScript(() => {
    globalThis.drawn = [];
    const text = CanvasRenderingContext2D.prototype.fillText, fill = CanvasRenderingContext2D.prototype.fill;
    CanvasRenderingContext2D.prototype.fillText = function put(t, ...a) { globalThis.drawn.push(t); return text.call(this, t, ...a); };
    CanvasRenderingContext2D.prototype.fill = function put(...a) { if (a[0] instanceof Path2D) globalThis.drawn.push('QR'); return fill.apply(this, a); };
  });
  await prepare(page);
  await page.goto(`${x.url}/${WARD}/report?kind=noise`);
  await go(page, 'next');
  await page.check('input[name=area][value=unsure]');
  await go(page, 'next');
  await page.fill('textarea', 'Ồn tới khuya.');
  await go(page, 'next');
  await go(page, 'send');
  return { ...opened, ...await readReceiptPage(page) };
}

test('two pictures: neither holds what the other does', async () => {
  const { page, context, faults, code, pin } = await receipt();
  const save = async (which) => {
    await ask(page, () => { globalThis.drawn.length = 0; });
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-x-picture=${which}]`)]);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
    assert.equal(bytes.readUInt32BE(16), 800);
    return { name: download.suggestedFilename(), words: (await ask(page, () => globalThis.drawn)).join('\n') };
  };
  const one = await save('code'), two = await save('pin');
  assert.ok(one.words.includes(code) && one.words.includes('/follow') && one.words.includes('Tiếng ồn'));
  assert.equal(one.words.includes(pin) || one.words.includes('QR'), false);
  assert.ok(two.words.includes(pin) && two.words.includes('QR'));
  assert.equal(two.words.includes(code) || two.words.includes('Tiếng ồn'), false);
  assert.deepEqual([one.name, two.name], ['xom-1.png', 'xom-2.png'], 'names that tell nothing');
  assert.deepEqual(faults, []);
  await context.close();
});

test('a phone that shares pictures is asked to; one that can make none says so', async () => {
  const shares = await receipt({ hasTouch: true, isMobile: true }, (page) => page.addInitScript(() => {
    globalThis.shared = [];
    navigator.canShare = ({ files }) => files.length === 1;
    navigator.share = async ({ files }) => { globalThis.shared.push(files[0].name); };
  }));
  await shares.page.click('[data-x-picture=pin]');
  await shares.page.waitForFunction(() => globalThis.shared.length === 1);
  assert.deepEqual(await ask(shares.page, () => globalThis.shared), ['xom-2.png']);
  await shares.context.close();
  const none = await receipt({}, (page) => page.addInitScript(() => { HTMLCanvasElement.prototype.toBlob = function gives(done) { done(null); }; }));
  await none.page.click('[data-x-picture=code]');
  await none.page.waitForFunction(() => document.querySelector('[data-x-picture-told]').textContent.includes('không lưu được'));
  await none.context.close();
  const plain = await receipt({ js: false });
  assert.equal(await plain.page.locator('[data-x-pictures]').isVisible(), false);
  await plain.context.close();
});
