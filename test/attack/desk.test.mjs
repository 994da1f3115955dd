// What an officer's addresses must not do: keep free words for ever, miss a look, show another's case.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, signIn, report } from '../harness/xom.mjs';

test('a kind that is none is no filter, so that a name cannot get into the looks', async () => {
  const x = await startXom();
  const officer = await signIn(x, 'song-may', 'ha-tang');
  for (const kind of ['Nguyễn Văn A', '%00', 'lighting%0a', '0912345678'])
    assert.equal((await officer.get(`/song-may/desk?kind=${encodeURIComponent(kind)}`)).status, 404);
  assert.equal((await officer.get('/song-may/desk?kind=lighting')).status, 200);
  await x.stop();
});

test('the data of a case are found by its code and ending, by who may read it alone', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may', { text: 'CANARYWORDS' }), conduct = await report(x, 'song-may', { kind: 'noise', text: 'CANARYNOISE' });
  const officer = await signIn(x, 'song-may', 'ha-tang');
  const own = await officer.get(`/song-may/desk/case/${got.code}.json`);
  assert.equal(own.status, 200);
  assert.match(own.headers.get('content-type'), /application\/json/);
  const data = JSON.parse(own.text);
  const shown = JSON.parse((await x.client().get(`/song-may/case/${data.public_code}.json`)).text);
  assert.equal(shown.code, data.public_code);
  assert.doesNotMatch(JSON.stringify(shown), new RegExp(`CANARY|${got.code}`));
  for (const login of ['moi-truong', 'cong-an', 'truong-kv', 'phu-nu', 'chu-tich', 'quan-tri'])
    for (const ending of ['', '.json', '.csv', '/photo/x', '/photo/x?thumb=1'])
      assert.equal((await (await signIn(x, 'song-may', login)).get(`/song-may/desk/case/${got.code}${ending}`)).status, 404, `${login} ${ending}`);
  for (const login of ['giam-sat', 'thu-ky', 'quan-tri', 'chu-tich', 'cong-an'])
    for (const ending of ['', '.json', '.csv'])
      assert.equal((await (await signIn(x, 'song-may', login)).get(`/song-may/desk/case/${conduct.code}${ending}`)).status, 404, `${login} ${ending}`);
  const rt = await signIn(x, 'rach-truc', 'ha-tang.rt');
  for (const path of [`/rach-truc/desk/case/${got.code}`, `/rach-truc/desk/case/${got.code}.json`])
    assert.equal((await rt.get(path)).status, 404, path);
  for (const ending of ['', '.json', '.csv'])
    assert.notEqual((await rt.get(`/song-may/desk/case/${got.code}${ending}`)).status, 200);
  await x.stop();
});

test('on a computer that officers share, Back shows nothing of a case to who comes after', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may'), officer = await signIn(x, 'song-may', 'ha-tang');
  for (const path of ['/desk', '/desk.json', '/desk.csv', '/desk.xlsx', '/desk/shift',  '/desk/paper', '/desk/lost', `/desk/case/${got.code}`, `/desk/case/${got.code}/lost`, '/desk/sessions'])
    assert.equal((await officer.get(`/song-may${path}`)).headers.get('cache-control'), 'no-store', path);
  assert.equal((await officer.get('/song-may/desk/new')).headers.get('cache-control'), 'private, no-cache', 'an empty form keeps what is typed');
  await x.stop();
});
