// What is new since the shift began: a view of the queue, and numbers alone for the bell.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { report, signIn, startXom, words } from '../harness/xom.mjs';
import { steps } from '../harness/steps.mjs';

const W = 'song-may', HOUR = 3600e6;
let x;
before(async () => { x = await startXom(); });
after(async () => { await x.stop(); });
function clockTo(hour, minute = 0) {
  const local = Date.now() * 1000 + 7 * HOUR + Number(x.clock.us);
  x.clock.set(Number(x.clock.us) + Math.round((Math.floor(local / (24 * HOUR)) + 1) * 24 * HOUR + hour * HOUR + minute * 60e6 - local));
}
const news = async (who) => { const n = JSON.parse((await who.get(`/${W}/desk/news.json`)).text); return [n.counts.find((c) => c.name === 'new').n, n.counts.find((c) => c.name === 'ring').n, Number(n.last)]; };

test('since 22:00, by the ward\'s own hours, whatever was there before', async () => {
  clockTo(21, 50);
  let a = await signIn(x, W, 'ha-tang'), safety = await signIn(x, W, 'an-toan');
  const before = await report(x, W, { text: 'Đèn chiều.' });
  clockTo(-2, 10); // ten past ten of the same evening
  [a, safety] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'an-toan')];
  assert.deepEqual(await news(a), [0, 0, 0]);
  const late = await report(x, W, { text: 'Đèn đêm.' });
  clockTo(5, 0); // still the same shift
  [a, safety] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'an-toan')];
  const list = JSON.parse((await a.get(`/${W}/desk.json?queue=unit&since=shift`)).text);
  assert.deepEqual(list.cases.map((c) => c.code), [late.code]);
  assert.ok(JSON.parse((await a.get(`/${W}/desk.json?queue=unit`)).text).cases.some((c) => c.code === before.code));
  assert.match(words((await a.get(`/${W}/desk`)).text), /Gửi đến từ 22:00: 1/);
  assert.match(words((await a.get(`/${W}/desk?queue=unit&since=shift&words=den+dem`)).text), new RegExp(late.code));
  assert.doesNotMatch(words((await a.get(`/${W}/desk?queue=unit&since=shift&words=den+chieu`)).text), new RegExp(before.code));
  assert.deepEqual((await news(a)).slice(0, 2), [1, 0], 'a street light does not ring');
  // A fire hazard does, for the unit that has it.
  const was = await news(safety);
  await report(x, W, { kind: 'fire_safety', text: 'Dây điện cháy sém.' });
  const now = await news(safety);
  assert.deepEqual([now[0] - was[0], now[1] - was[1]], [1, 1]);
  assert.ok(now[2] > was[2]);
  assert.deepEqual((await news(a)).slice(0, 2), [1, 0]);
  await steps(a, late.code, ['close', { 'close-outcome': 'mended', 'close-text': 'Xong.' }]);
  assert.equal((await news(a))[0], 0);
  clockTo(-18, 5); // five past six: the next shift
  a = await signIn(x, W, 'ha-tang');
  assert.match(words((await a.get(`/${W}/desk`)).text), /Gửi đến từ 06:00: 0/);
});

test('counting is no look, and the page without a script comes again', async () => {
  const a = await signIn(x, W, 'ha-tang');
  const looks = () => x.sql('SELECT count(*) FROM look');
  const n = looks();
  for (const end of ['', '.json', '.csv', '.xlsx']) assert.equal((await a.get(`/${W}/desk/news${end}`)).status, 200);
  assert.equal(looks(), n);
  const page = await a.get(`/${W}/desk/news`);
  assert.equal(page.headers.get('refresh'), '60');
  assert.doesNotMatch(page.text, /SM-\d\d-/);
  assert.equal((await a.get(`/${W}/desk/news.json`)).headers.get('refresh'), null);
  for (const login of ['quan-tri', 'thu-ky']) assert.equal((await (await signIn(x, W, login)).get(`/${W}/desk/news`)).status, 404);
});

test('the banner asks to print in the hour after five, and not else', async () => {
  for (const [hour, minute, seen] of [[16, 55, false], [-7, 5, true], [-6, 5, false]]) {
    clockTo(hour, minute);
    const a = await signIn(x, W, 'ha-tang');
    assert.equal(/x-print-now/.test((await a.get(`/${W}/desk`)).text), seen, `${hour}:${minute}`);
  }
});
