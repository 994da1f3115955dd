// A photo is seen where its case is, by whom its case is, and nowhere else.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, signIn, hidden, report } from '../harness/xom.mjs';

test('photos: not by another receipt, unit or ward, nor once they are hidden', async () => {
  const x = await startXom();
  const officer = await signIn(x, 'song-may', 'ha-tang');
  let bytes;
  for (const queue of ['unit', 'closed'])
    for (const c of JSON.parse((await officer.get(`/song-may/desk.json?queue=${queue}`)).text).cases) {
      const found = JSON.parse((await officer.get(`${c.url}.json`)).text).photos?.[0];
      if (found && !bytes) bytes = (await officer.get(found.url)).bytes;
    }
  assert.equal(bytes.readUInt16BE(0), 0xffd8);
  const a = await report(x, 'song-may', { photos: [{ bytes }, { bytes }] }), b = await report(x, 'song-may');
  const open = async (got) => { const c = x.client(); await c.post('/song-may/follow', { code: got.code, pin: got.pin }); return c; };
  const mine = await open(a), theirs = await open(b);
  const page = await mine.get('/song-may/receipt');
  const names = [...new Set([...page.text.matchAll(/\/receipt\/photo\/([0-9a-f]{32})/g)].map((m) => m[1]))];
  assert.equal(names.length, 2);
  const at = `/song-may/desk/case/${a.code}`;
  const pub = JSON.parse((await officer.get(`${at}.json`)).text).public_code;
  const everybody = x.client();
  const other = await signIn(x, 'song-may', 'moi-truong'), rt = await signIn(x, 'rach-truc', 'ha-tang.rt');
  for (const name of names)
    for (const small of ['', '?thumb=1']) {
      assert.equal((await mine.get(`/song-may/receipt/photo/${name}${small}`)).status, 200);
      for (const [who, path] of [[theirs, `/song-may/receipt/photo/${name}`], [everybody, `/song-may/case/${pub}/photo/${name}`],
        [everybody, `/song-may/receipt/photo/${name}`], [everybody, `${at}/photo/${name}`], [other, `${at}/photo/${name}`],
        [officer, `/song-may/desk/case/${b.code}/photo/${name}`], [rt, `/rach-truc/desk/case/${a.code}/photo/${name}`],
        [mine, `/rach-truc/receipt/photo/${name}`], [everybody, `/rach-truc/case/${pub}/photo/${name}`]])
        assert.notEqual((await who.get(path + small)).status, 200, path);
    }
  const step = async (verb, more) => {
    const p = await officer.get(at);
    const form = new URLSearchParams({ token: hidden(p.text, 'token'), version: hidden(p.text, 'version'), seen: hidden(p.text, 'seen'), ...more });
    assert.equal((await officer.post(`${at}/${verb}`, form)).status, 303, verb);
  };
  const ids = JSON.parse((await officer.get(`${at}.json`)).text).photos.map((p) => p.id);
  const shown = async (name, status) => {
    for (const ending of ['', '?thumb=1', '?thumb=1&x=1'])
      for (const headers of [{}, { 'if-none-match': '*' }, { 'accept-encoding': 'br' }])
        for (const lang of ['', '/en']) {
          const r = await everybody.get(`/song-may${lang}/case/${pub}/photo/${name}${ending}`, { headers });
          assert.equal(r.status === 304 ? 200 : r.status, status, `${name}${ending}`);
        }
  };
  await step('release', { 'release-text': 'Một ảnh', release: ids[0] });
  await shown(names[0], 200);
  await shown(names[1], 404);
  await step('withhold', { 'withhold-reason': 'có mặt người' });
  await shown(names[0], 404);
  await step('unwithhold', { 'unwithhold-reason': 'đã che' });
  await shown(names[0], 200);
  // The other case's photo can't be released on this one.
  await step('unrelease', { 'unrelease-reason': 'nhầm' });
  await shown(names[0], 404);
  await step('release', { 'release-text': 'Một ảnh', release: ids[0] });
  const p = await officer.get(at);
  const area = p.text.match(/name="correct-area"[\s\S]*?<\/select>/)[0].match(/value="(\d+)" selected/)?.[1] ?? '0';
  await step('correct', { 'correct-kind': 'noise', 'correct-area': area, 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'chuyện hàng xóm' });
  await shown(names[0], 404);
  const q = await officer.get(`/song-may/desk/case/${b.code}`);
  const wrong = await officer.post(`/song-may/desk/case/${b.code}/release`, { token: hidden(q.text, 'token'), version: hidden(q.text, 'version'), seen: hidden(q.text, 'seen'), 'release-text': 'x', release: ids[1] });
  assert.ok(wrong.status >= 400, `${wrong.status}`);
  await shown(names[1], 404);
  await x.stop();
});
