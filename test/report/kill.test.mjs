// Ends the program in the middle of reports and steps, three times: what was acknowledged is there.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { report, signIn, startXom } from '../harness/xom.mjs';
import { facts, follow, png, step } from '../harness/steps.mjs';

const W = 'song-may';

test('three kills under load: every receipt is found, every step, nothing twice', async () => {
  const x = await startXom();
  const receipts = [], taken = new Set(), begun = new Set();
  const photo = png({ width: 64, height: 64 });
  for (let round = 0; round < 3; round++) {
    let ending = false, n = 0;
    const officer = await signIn(x, W, 'ha-tang');
    const load = Array.from({ length: 6 }, async (_, i) => {
      for (let k = 0; !ending; k++) {
        const text = `Vòng ${round} luồng ${i} lần ${k} tải`;
        begun.add(text);
        try {
          const got = await report(x, W, { text, photos: i % 2 ? [] : [{ bytes: photo, type: 'image/png' }] });
          receipts.push({ ...got, text, photos: i % 2 ? 0 : 1 });
          n++;
          if (k % 2 === 0) continue;
          if ((await step(officer, got.code, 'take')).status === 303) taken.add(got.code);
        } catch (e) { if (!ending) throw e; }
      }
    });
    const until = Date.now() + 10000;
    while (n < 18 && Date.now() < until) await new Promise((done) => setTimeout(done, 20));
    ending = true;
    await x.kill();
    await Promise.all(load);
    assert.ok(n > 0, 'no load');
    await x.start();
  }
  const officer = await signIn(x, W, 'ha-tang');
  for (const got of receipts) {
    const c = await follow(x, got);
    const page = await c.get(`/${W}/receipt`);
    assert.ok(page.text.includes(got.text), got.text);
    const names = new Set(page.text.match(/receipt\/photo\/[0-9a-f]+/g));
    assert.equal(names.size, got.photos, got.text);
    for (const name of names) assert.equal((await c.get(`/${W}/${name}`)).status, 200, name);
    if (taken.has(got.code)) assert.equal((await facts(officer, got.code)).timeline.filter((e) => e.what === 'take').length, 1);
  }
  // Of each text at most one case, those without an answer included.
  const seen = new Map();
  for (const queue of ['new', 'unit', 'mine']) {
    let next = `/${W}/desk?queue=${queue}`;
    while (next) {
      const r = await officer.get(next);
      for (const [, code, text] of r.text.matchAll(/desk\/case\/(SM-[^"]+)"[\s\S]*?(Vòng \d luồng \d lần \d+ tải|<\/li>)/g))
        if (text !== '</li>') seen.set(text, (seen.get(text) ?? new Set()).add(code));
      next = r.text.match(/href="([^"]+)" rel="next"/)?.[1].replaceAll('&amp;', '&');
    }
  }
  for (const [text, codes] of seen) { assert.equal(codes.size, 1, text); assert.ok(begun.has(text)); }
  assert.ok(seen.size >= receipts.length, `${seen.size} of ${receipts.length}`);
  x.child.kill('SIGTERM');
  assert.equal((await x.ended).code, 0, x.log);
  x.verb(['verify']);
  await x.start();
  await x.stop();
});
