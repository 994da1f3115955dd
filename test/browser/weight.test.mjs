// What a first visit to the first page costs a person who pays for each megabyte.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom } from '../harness/xom.mjs';
import { launch, openPage } from './browser.mjs';
import { WARD } from './world.mjs';

const MOST = 80 * 1000; // bytes on the wire

let browser, x;
before(async () => { browser = await launch(); x = await startXom(); });
after(async () => { await browser?.close(); await x?.stop(); });

for (const [lang, path] of [['vi', '/'], ['en', '/en/']])
  test(`a first visit to the first page, ${lang}: at most 80 KB`, async (t) => {
    const { page, context, faults } = await openPage(browser, x);
    // Bytes as they came over the wire, heads included.
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    const urls = new Map(), sizes = new Map(), heads = new Map();
    cdp.on('Network.requestWillBeSent', (e) => urls.set(e.requestId, e.request.url));
    cdp.on('Network.responseReceived', (e) => heads.set(e.requestId, e.response));
    cdp.on('Network.loadingFinished', (e) => sizes.set(e.requestId, e.encodedDataLength));
    await page.goto(`${x.url}/${WARD}${path}`, { waitUntil: 'networkidle' });
    let total = 0;
    for (const [id, size] of sizes) {
      total += size;
      const header = (name) => Object.entries(heads.get(id).headers).find(([k]) => k.toLowerCase() === name)?.[1];
      const encoding = header('content-encoding'), tiny = Number(header('content-length')) < 256; // SMALLEST of pack.c
      t.diagnostic(`${String(size).padStart(6)} ${encoding ?? 'as is'} ${new URL(urls.get(id)).pathname}`);
      if (/\.(css|js)\b|\/$/.test(new URL(urls.get(id)).pathname)) assert.equal(encoding, tiny ? undefined : 'br', urls.get(id));
    }
    t.diagnostic(`${total} bytes`);
    assert.equal(sizes.size, urls.size, 'every request ended');
    assert.ok([...urls.values()].some((u) => u.endsWith('.css') || u.includes('.css?')) && [...urls.values()].some((u) => u.includes('.woff2')), 'styles and fonts are counted');
    assert.ok(total > 10000 && total <= MOST, `${total} bytes`);
    // The second page costs little: what does not change is kept.
    sizes.clear(); urls.clear();
    await page.goto(`${x.url}/${WARD}${path}cases`, { waitUntil: 'networkidle' });
    assert.deepEqual([...urls.values()].filter((u) => u.includes('/assets/') && !u.startsWith('data:')).filter((u) => [...sizes].some(([id, n]) => urls.get(id) === u && n > 1000)), [], 'of the assets nothing comes twice but the answer that they are still the same');
    assert.deepEqual(faults, []);
    await context.close();
  });
