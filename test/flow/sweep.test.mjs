// The hourly sweep over photos, in the real program: what a row names stays, what waits for more than
// a day and what no row ever named goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { startXom, report, hidden } from '../harness/xom.mjs';

const files = (dir) => execFileSync('find', [dir, '-type', 'f'], { encoding: 'utf8' }).split('\n').filter(Boolean);

test('a reported photo outlives the sweep, a waiting one and an orphan do not', async () => {
  const x = await startXom();
  try {
    const media = join(x.data, 'media');
    const kept = files(media).filter((f) => !f.includes('/waiting/'));
    assert.ok(kept.length > 0, 'the demo has photos');
    // What made the demo left photos that wait, too, until the first sweep.
    const waiting = () => files(media).filter((f) => f.includes('/waiting/')), demo = new Set(waiting());
    const orphan = join(dirname(kept[0]), `${basename(dirname(kept[0]))}${'ab'.repeat(15)}.jpg`);
    copyFileSync(kept[0], orphan);
    // A report that is left at the photo step.
    const c = x.client();
    let page = await c.get('/song-may/report');
    page = await c.post('/song-may/report/kind', { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
    page = await c.post('/song-may/report/where', { s: hidden(page.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
    page = await c.post('/song-may/report/what', { s: hidden(page.text, 's'), text: 'Đèn tắt.', go: 'next' });
    const form = new FormData();
    form.set('s', hidden(page.text, 's'));
    form.append('photos', new Blob([await photo(x)], { type: 'image/jpeg' }), 'a.jpg');
    form.set('go', 'upload');
    page = await c.post('/song-may/report/photos', form);
    assert.equal(page.status, 200);
    assert.equal(waiting().filter((f) => !demo.has(f)).length, 1);
    x.clock.move(2);
    const until = Date.now() + 30000;
    while ((existsSync(orphan) || waiting().length > 0) && Date.now() < until) await new Promise((done) => setTimeout(done, 100));
    assert.equal(existsSync(orphan), false, 'the orphan is gone');
    assert.equal(waiting().length, 0, 'the waiting photo is gone');
    for (const f of kept) assert.ok(existsSync(f), `${f} is kept`);
    // Sending that form now says that the photo is gone, and keeps the rest (a day is over: stale).
    const late = await c.post('/song-may/report/photos', { s: hidden(page.text, 's'), go: 'next' });
    assert.equal(late.status, 403);
    const r = await report(x, 'song-may', { text: 'Vẫn gửi được sau khi dọn.' });
    assert.match(r.code, /^SM-/);
  } finally { await x.stop(); }
});

// One of the demo's own photos, as the public page serves it.
async function photo(x) {
  const c = x.client();
  const list = await c.get('/song-may/cases');
  for (const [, url] of list.text.matchAll(/href="(\/song-may\/case\/[^"]+)"/g)) {
    const page = await c.get(url);
    const m = page.text.match(/href="([^"]*\/photo\/[0-9a-f]+)"/);
    if (m) return (await c.get(m[1])).bytes;
  }
  throw new Error(`no public photo among ${readdirSync(x.data)}`);
}
