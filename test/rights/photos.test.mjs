// A photo is shown with its own case alone: its name under another case's address is nothing, for the
// unit that works the other case, for another receipt, and for the public before and after its release.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { signIn } from '../harness/xom.mjs';
import { WARDS, act, login, must, opened, photoNames, png, reported, startWorld } from './world.mjs';

const W = WARDS.own;
let x;
const cases = {};

async function withPhoto(role, kind, seed) {
  const r = await reported(x, W, { kind, text: `Ảnh ${seed}`, photos: [{ bytes: png(64, [], seed), name: 'a.png' }] });
  const officer = await signIn(x, W, login(W, role));
  await must(act(officer, W, r.code, 'take'));
  const html = (await officer.get(`/${W}/desk/case/${r.code}`)).text;
  return {
    ...r, officer, reporter: await opened(x, W, r), photo: photoNames(html)[0],
    id: html.match(/name="release" value="(\d+)"/)[1], public: html.match(/\/case\/([A-Z]{2}-P-[^"]+)"/)[1],
  };
}
const status = async (client, path) => (await client.get(`/${W}${path}`)).status;

before(async () => {
  x = await startWorld();
  cases.lamp = await withPhoto('handler', 'lighting', 1);
  cases.waste = await withPhoto('handler_other', 'rubbish', 2);
});
after(async () => { await x?.stop(); });

for (const [here, there] of [['lamp', 'waste'], ['waste', 'lamp']]) {
  test(`${here}: the desk's page has its own photos alone`, async () => {
    const own = cases[here], other = cases[there];
    assert.equal(await status(own.officer, `/desk/case/${own.code}/photo/${own.photo}`), 200);
    for (const thumb of ['', '?thumb=1'])
      assert.equal(await status(own.officer, `/desk/case/${own.code}/photo/${other.photo}${thumb}`), 404);
  });
  test(`${here}: the receipt has its own photos alone`, async () => {
    const own = cases[here], other = cases[there];
    assert.equal(await status(own.reporter, `/receipt/photo/${own.photo}`), 200);
    for (const thumb of ['', '?thumb=1'])
      assert.equal(await status(own.reporter, `/receipt/photo/${other.photo}${thumb}`), 404);
  });
}

test('the public sees a photo when it is released, with its own case alone', async () => {
  const { lamp, waste } = cases, nobody = x.client();
  const own = `/case/${lamp.public}/photo/${lamp.photo}`, elsewhere = `/case/${waste.public}/photo/${lamp.photo}`;
  for (const at of [own, `${own}?thumb=1`, elsewhere]) assert.equal(await status(nobody, at), 404);
  await must(act(lamp.officer, W, lamp.code, 'release', { 'release-text': 'Đèn tắt.', release: lamp.id }));
  assert.equal(await status(nobody, own), 200);
  assert.equal(await status(nobody, elsewhere), 404);
  await must(act(lamp.officer, W, lamp.code, 'unrelease', { 'unrelease-reason': 'Có biển số xe.' }));
  assert.equal(await status(nobody, own), 404);
});

test('a release names photos of its own case alone', async () => {
  const { lamp, waste } = cases;
  const r = await act(waste.officer, W, waste.code, 'release', { 'release-text': 'Rác.', release: lamp.id });
  assert.ok(r.status >= 400, `${r.status}`);
  assert.equal(await status(x.client(), `/case/${lamp.public}/photo/${lamp.photo}`), 404);
  assert.equal(await status(x.client(), `/case/${waste.public}/photo/${lamp.photo}`), 404);
});
