// A disk that fails under the running program: no room, errors and short writes at the first, second …
// operation, under the database and under the photos. Each gets a clear answer or is made good; nothing
// acknowledged is lost, and all works again as soon as the cause is gone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hidden, onPostgres, readReceipt, report, startXom, tempDir, words } from '../harness/xom.mjs';
import { follow, png, upToCheck, withPhotos } from '../harness/steps.mjs';
import { startFaulty } from './faulty.mjs';

const W = 'song-may';
let x;
before(async () => { x = await startFaulty(); });
after(async () => { await x.stop(); });

const sound = (y) => {
  assert.match(y.verb(['verify']), /: 0 faults/);
  assert.doesNotMatch(y.verb(['verify']), /: [1-9]\d* faults/);
  if (!onPostgres) assert.equal(y.sql('PRAGMA integrity_check'), 'ok');
};
const cases = (y) => Number(y.sql('SELECT count(*) FROM ward_case'));

// The last page of a form sent while the disk fails; and again when it is well: one case, never two.
async function sendTwice(orders) {
  const { client, s } = await upToCheck(x, W), was = cases(x);
  x.fail(orders);
  const first = await client.post(`/${W}/report/check`, { s, go: 'send' });
  const hits = x.well();
  const again = await client.post(`/${W}/report/check`, { s, go: 'send' });
  assert.equal(again.status, 200, words(again.text).slice(0, 300));
  if (first.status === 200) assert.equal(readReceipt(first.text).code, readReceipt(again.text).code);
  else assert.ok(first.status >= 500 && words(first.text).length > 15, `${first.status} ${words(first.text)}`);
  await follow(x, readReceipt(again.text));
  assert.equal(cases(x), was + 1);
  return { status: first.status, text: words(first.text), hits };
}

test('a failure under the database, once or for good, is told, and is over with its cause', { skip: onPostgres && 'the database has its own disk' }, async () => {
  const path = 'xom.db-wal';
  for (const orders of [{ on: ['sync'], error: 'EIO' }, { on: ['write'], error: 'EIO' }, { on: ['write'], error: 'ENOSPC' }]) {
    for (const skip of [0, 1, 3]) {
      // Whoever was alone in the transaction hears of it; nothing of it stands, and the next try is stored.
      const once = await sendTwice({ ...orders, path, skip, times: 1 });
      assert.ok(once.status === 200 || /Chưa nhận được/.test(once.text), `${JSON.stringify(orders)} at the ${skip + 1}th: ${once.status} ${once.text}`);
    }
    const on = await sendTwice({ ...orders, path });
    assert.ok(on.hits > 0 && on.status >= 500 && /Chưa nhận được/.test(on.text), `${JSON.stringify(orders)} for good: ${on.status}`);
    if (orders.error === 'ENOSPC') { assert.equal(on.status, 503); assert.match(on.text, /hết chỗ/); }
  }
  sound(x);
});

test('writes that take only a part are gone on with, everywhere', async () => {
  x.fail({ on: ['write'], path: x.data, error: 'short' });
  const got = await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] });
  assert.ok(onPostgres || x.well() > 0);
  x.well();
  const c = await follow(x, got), page = (await c.get(`/${W}/receipt`)).text;
  const photo = await c.get(page.match(/(?:href|src)="([^"]*\/receipt\/photo\/[^"?]+)/)[1]);
  assert.equal(photo.status, 200);
  assert.equal(photo.bytes.subarray(0, 2).toString('hex'), 'ffd8');
  sound(x);
});

test('a photo that cannot be stored is told, and is taken when the disk is well', async () => {
  for (const error of ['ENOSPC', 'EIO']) for (const on of ['write', 'sync', 'rename', 'make']) for (const skip of [0, 1]) {
    const what = `${error} on ${on}, ${skip} before`;
    const { client, page } = await upToPhotos();
    x.fail({ on: [on], path: '/media', error, skip });
    const told = await client.post(`/${W}/report/photos`, withPhotos(hidden(page.text, 's'), [{ bytes: png() }]));
    const hits = x.well();
    assert.ok(told.status === 200 || told.status >= 400, what);
    if (hits > 0 && told.status !== 200) assert.ok(words(told.text).length > 15, `${what}: ${told.status}`);
    const s = told.status === 200 && /name="s"/.test(told.text) ? hidden(told.text, 's') : hidden(page.text, 's');
    const next = /report\/photos"/.test(told.text) || told.status !== 200 ? await client.post(`/${W}/report/photos`, withPhotos(s, [{ bytes: png() }])) : told;
    assert.equal(next.status, 200, `${what}: ${words(next.text).slice(0, 200)}`);
    const sent = await client.post(`/${W}/report/check`, { s: hidden(next.text, 's'), go: 'send' });
    assert.equal(sent.status, 200, `${what}: ${words(sent.text).slice(0, 200)}`);
    const c = await follow(x, readReceipt(sent.text));
    const url = (await c.get(`/${W}/receipt`)).text.match(/(?:href|src)="([^"]*\/receipt\/photo\/[^"?]+)/)?.[1];
    assert.ok(url, `${what}: its photo is not on the receipt`);
    assert.equal((await c.get(url)).status, 200, what);
  }
  sound(x);
});
async function upToPhotos() {
  const client = x.client();
  let page = await client.get(`/${W}/report`);
  page = await client.post(`/${W}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
  page = await client.post(`/${W}/report/where`, { s: hidden(page.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  page = await client.post(`/${W}/report/what`, { s: hidden(page.text, 's'), text: 'Đèn đường tắt.', go: 'next' });
  return { client, page };
}

test('photos moved to their case on a failing disk: the report is whole or is not there', async () => {
  for (const [on, error] of [['rename', 'EIO'], ['make', 'ENOSPC'], ['sync', 'EIO']]) {
    const { client, s } = await upToCheck(x, W, { photos: [{ bytes: png() }] }), was = cases(x);
    x.fail({ on: [on], path: '/media', error });
    const told = await client.post(`/${W}/report/check`, { s, go: 'send' });
    x.well();
    const again = await client.post(`/${W}/report/check`, { s, go: 'send' });
    assert.equal(again.status, 200, `${on}: first ${told.status}, then ${again.status} ${words(again.text).slice(0, 200)}`);
    const c = await follow(x, readReceipt(again.text));
    const url = (await c.get(`/${W}/receipt`)).text.match(/(?:href|src)="([^"]*\/receipt\/photo\/[^"?]+)/)?.[1];
    assert.ok(url, `${on}: its photo is not on the receipt`);
    assert.equal((await c.get(url)).status, 200, on);
    assert.equal(cases(x), was + 1, on);
  }
  sound(x);
});

test('a data folder on a disk that is full, and then is not', { skip: process.getuid() !== 0 && 'mounting a small disk needs root' }, async () => {
  const dir = tempDir(), disk = join(dir, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', disk]);
  try {
    const from = await startXom({ keep: true });
    await from.stop();
    execFileSync('cp', ['-a', `${from.data}/.`, join(disk, 'data/')]);
    const y = await startXom({ data: join(disk, 'data') });
    const got = await report(y, W, { photos: [{ bytes: png(), type: 'image/png' }] });
    const { client, page } = await upToCheck(y, W, { text: 'Chữ này phải còn.' }), s = hidden(page.text, 's');
    const filler = join(disk, 'filler'), { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - (1 << 16))));
    try { for (let i = 0; ; i += 1) writeFileSync(join(disk, `rest-${i}`), Buffer.alloc(4096)); } catch (e) { assert.equal(e.code, 'ENOSPC'); }
    // Reading goes on; what would be stored is told, until there is no more room in what the database has.
    let told;
    for (let i = 0; i < 40 && !(told && told.status !== 200); i += 1) {
      const form = await upToCheck(y, W, { text: 'Đầy. '.repeat(300) });
      told = await form.client.post(`/${W}/report/check`, { s: form.s, go: 'send' });
    }
    if (!onPostgres) { assert.equal(told.status, 503); assert.match(words(told.text), /hết chỗ/); }
    assert.equal((await y.client().get(`/${W}`)).status, 200);
    await follow(y, got);
    for (const f of readdirSync(disk).filter((n) => n !== 'data')) rmSync(join(disk, f));
    const sent = await client.post(`/${W}/report/check`, { s, go: 'send' });
    assert.equal(sent.status, 200);
    await follow(y, readReceipt(sent.text));
    assert.ok((await report(y, W, { photos: [{ bytes: png(), type: 'image/png' }] })).code);
    sound(y);
    await y.stop();
    rmSync(from.data, { recursive: true, force: true });
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(dir, { recursive: true, force: true });
  }
});
