// What everybody can ask must not say more than the page means to.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, signIn, hidden, report } from '../harness/xom.mjs';

test('the public list is paged by public codes: an id would tell the millisecond of a report', async () => {
  const x = await startXom();
  for (let i = 0; i < 55; i++) await report(x, 'song-may', { text: `Đèn ${i}` });
  const c = x.client();
  const first = await c.get('/song-may/cases');
  const more = first.text.match(/\/song-may\/cases\?after=[^"]+/)[0];
  assert.match(more, /after=SM-P-[0-9BCFGHJKMNPQRSTVXZ]{7}$/);
  const codes = (r) => [...r.text.matchAll(/"code": ?"(SM-P-[^"]+)"/g)].map((m) => m[1]);
  const one = codes(await c.get('/song-may/cases.json')), two = codes(await c.get(more.replace('/cases?', '/cases.json?')));
  assert.equal(one.length, 50);
  assert.ok(two.length > 5);
  assert.equal(new Set([...one, ...two]).size, one.length + two.length);
  for (const after of ['1', '9223372036854775807', '-1', 'SM-P-0000000', '%ff', '%00', 'RT-P-1'])
    assert.equal((await c.get(`/song-may/cases?after=${after}`)).status, 404, after);
  await x.stop();
});

test('what is hidden is gone from every form of the public pages at once', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may', { text: 'CANARYTEXT', street: 'CANARYSTREET', landmark: 'CANARYMARK' });
  const officer = await signIn(x, 'song-may', 'ha-tang'), everybody = x.client();
  const at = `/song-may/desk/case/${got.code}`;
  const pub = JSON.parse((await officer.get(`${at}.json`)).text).public_code;
  const pages = ['', '/en'].flatMap((l) => ['/cases', '/cases.json', '/cases.csv', '/feed.atom', '/feed.json', `/case/${pub}`, `/case/${pub}.json`, `/case/${pub}?a=1`].map((p) => `/song-may${l}${p}`));
  const step = async (verb, more = {}) => {
    const page = await officer.get(at);
    const r = await officer.post(`${at}/${verb}`, { token: hidden(page.text, 'token'), version: hidden(page.text, 'version'), seen: hidden(page.text, 'seen'), ...more });
    assert.equal(r.status, 303, verb);
  };
  const seen = async (words) => {
    for (const p of pages) {
      const r = await everybody.get(p);
      assert.doesNotMatch(r.text, new RegExp(`CANARY|${got.code}`), p);
      if (words !== null) assert.equal(/PUBLICWORDS/.test(r.text), words, p);
      if (words === null && /\/case\//.test(p)) assert.equal(r.status, 404, p);
      if (words === null && !/\/case\//.test(p)) assert.ok(!r.text.includes(pub), p);
    }
  };
  await step('release', { 'release-text': 'PUBLICWORDS' });
  await seen(true);
  await step('unrelease', { 'unrelease-reason': 'nhầm' });
  await seen(false);
  await step('release', { 'release-text': 'PUBLICWORDS' });
  await step('withhold', { 'withhold-reason': 'có người lạ' });
  await seen(null);
  await step('unwithhold', { 'unwithhold-reason': 'đã xem lại' });
  await seen(true);
  const page = await officer.get(at);
  const area = page.text.match(/name="correct-area"[\s\S]*?<\/select>/)[0].match(/value="(\d+)" selected/)?.[1] ?? '0';
  const place = { 'correct-area': area, 'correct-street': 'CANARYSTREET', 'correct-landmark': 'CANARYMARK' };
  await step('correct', { 'correct-kind': 'noise', 'correct-reason': 'chuyện hàng xóm', ...place });
  await seen(null);
  await step('correct', { 'correct-kind': 'lighting', 'correct-reason': 'nhầm', ...place });
  await seen(null);
  await x.stop();
});

test('who sends faster than any hand is told to wait, and for how long; who reports meanwhile goes on, and so does the first one after it', async () => {
  const x = await startXom({ args: ['--rate-scale', '1'], settings: 'proxies: [127.0.0.1, "::1"]\n' });
  const from = (ip) => {
    const c = x.client(), plain = c.request.bind(c);
    c.request = (method, path, options = {}) => plain(method, path, { ...options, headers: { ...options.headers, 'x-forwarded-for': ip } });
    return c;
  };
  try {
    const fast = from('10.7.0.1'), s = hidden((await fast.get('/song-may/report')).text, 's');
    const send = (lang = '') => fast.post(`/song-may${lang}/report/kind`, { s, kind: 'lighting', go: 'next' });
    const said = [], told = () => said.filter((r) => r.status === 429);
    const flood = async (enough) => { for (let i = 0; i < 100 && told().length < enough; i += 1) said.push(...await Promise.all(Array.from({ length: 40 }, () => send()))); };
    await flood(1);
    assert.ok(said.slice(0, 120).every((r) => r.status === 200), 'a hall full of people behind one address is no flood');
    const [got] = await Promise.all([report(x, 'song-may', { text: 'Đèn tắt ở đầu hẻm.', client: from('10.7.0.2') }), flood(60)]);
    assert.match(got.code, /^SM-/);
    assert.ok(told().length >= 60, `${told().length} of ${said.length} were refused`);
    assert.ok(said.every((r) => [200, 429].includes(r.status)));
    for (const r of told()) {
      assert.equal(r.headers.get('retry-after'), '30');
      assert.match(r.text, /Xin chờ một chút/);
    }
    let again;
    for (let i = 0; i < 100 && again?.status !== 200; i += 1) { await new Promise((done) => { setTimeout(done, 50); }); again = await fast.get('/song-may/report'); if (again.status === 200) again = await send(); }
    assert.equal(again.status, 200);
  } finally { await x.stop(); }
});
