// Every address in every form, by whoever it may be: an answer, never a server that is gone.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, signIn, report } from '../harness/xom.mjs';
import { TABLE } from '../rights/permissions.mjs';

test('a page that is no table is asked for as one: there is none, and the server goes on', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may');
  const who = { everybody: x.client(), reporter: x.client(), handler: await signIn(x, 'song-may', 'ha-tang'), admin: await signIn(x, 'song-may', 'quan-tri') };
  assert.equal((await who.reporter.post('/song-may/follow', { code: got.code, pin: got.pin })).status, 303);
  for (const route of Object.keys(TABLE)) {
    const [method, pattern] = route.split(' ');
    if (method !== 'GET') continue;
    const path = `/song-may${pattern}`.replace(':code', pattern.startsWith('/desk/case') ? got.code : '1').replace(':kind', 'noise')
      .replace(':day', '2026-11-25').replace(':quarter', '2026-Q3').replace(/:\w+/g, '1');
    const inside = /^\/admin/.test(pattern) ? 'admin' : /^\/desk/.test(pattern) ? 'handler' : /^\/receipt/.test(pattern) ? 'reporter' : 'everybody';
    for (const ending of ['.csv', '.xlsx']) {
      const r = await who[inside].get(path + ending);
      assert.ok(r.status < 500, `${path}${ending}: ${r.status}`);
    }
  }
  for (const path of ['/lost.csv', '/lost.xlsx', '/en/lost.csv', '/p/1.csv', '/p/1.xlsx']) assert.equal((await who.everybody.get(`/song-may${path}`)).status, 404, path);
  await x.stop();
});
