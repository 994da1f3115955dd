// What a reporter sends is not lost by what the desk does meanwhile, nor opened by who may not.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, signIn, hidden, report } from '../harness/xom.mjs';

const fields = (page) => ({ token: hidden(page.text, 'token'), version: hidden(page.text, 'version'), seen: hidden(page.text, 'seen') });
async function step(officer, code, verb, more = {}) {
  const page = await officer.get(`/song-may/desk/case/${code}`);
  const r = await officer.post(`/song-may/desk/case/${code}/${verb}`, { ...fields(page), ...more });
  assert.equal(r.status, 303, verb);
}
async function open(x, got) {
  const c = x.client();
  const r = await c.post('/song-may/follow', { code: got.code, pin: got.pin });
  assert.equal(r.status, 303);
  return c;
}
const answer = (s, text) => { const f = new FormData(); f.set('s', s); f.set('answer', text); return f; };

test('an answer survives a note that the desk wrote meanwhile', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may');
  const officer = await signIn(x, 'song-may', 'ha-tang');
  await step(officer, got.code, 'take');
  await step(officer, got.code, 'ask', { 'ask-text': 'Cột đèn số mấy?' });
  const c = await open(x, got);
  const s = hidden((await c.get('/song-may/receipt')).text, 's');
  await step(officer, got.code, 'note', { 'note-text': 'đã gọi đội điện' });
  const r = await c.post('/song-may/receipt/answer', answer(s, 'Cột số 7.'));
  assert.equal(r.location, '/song-may/receipt?done=answered');
  assert.match((await c.get('/song-may/receipt')).text, /Cột số 7\./);
  // The same form once more changes nothing.
  const again = await c.post('/song-may/receipt/answer', answer(s, 'Cột số 7.'));
  assert.equal(again.status, 303);
  assert.equal((await c.get('/song-may/receipt')).text.match(/Cột số 7\./g).length, 1);
  await x.stop();
});

test('an answer to another question comes back as it was typed', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may');
  const officer = await signIn(x, 'song-may', 'ha-tang');
  await step(officer, got.code, 'take');
  await step(officer, got.code, 'ask', { 'ask-text': 'Cột đèn số mấy?' });
  const c = await open(x, got), other = await open(x, got);
  const s = hidden((await c.get('/song-may/receipt')).text, 's');
  await other.post('/song-may/receipt/answer', answer(hidden((await other.get('/song-may/receipt')).text, 's'), 'Số 7.'));
  await step(officer, got.code, 'ask', { 'ask-text': 'Tắt từ hôm nào?' });
  const r = await c.post('/song-may/receipt/answer', answer(s, 'Cột số bảy, gần chùa.'));
  assert.equal(r.status, 422);
  assert.match(r.text, /Cột số bảy, gần chùa\./);
  assert.match(r.text, /Tắt từ hôm nào\?/);
  await x.stop();
});

test('withdrawing survives a note, and happens once', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may');
  const officer = await signIn(x, 'song-may', 'ha-tang');
  const c = await open(x, got);
  const s = hidden((await c.get('/song-may/receipt')).text, 's');
  await step(officer, got.code, 'take');
  const [a, b] = await Promise.all([c.post('/song-may/receipt/withdraw', { s }), c.post('/song-may/receipt/withdraw', { s })]);
  assert.deepEqual([a.location, b.location].sort(), ['/song-may/receipt', '/song-may/receipt?done=withdrawn']);
  await x.stop();
});

test('seals are of one purpose, one receipt and one ward', async () => {
  const x = await startXom();
  const mine = await report(x, 'song-may'), theirs = await report(x, 'song-may');
  const c = await open(x, mine), d = await open(x, theirs);
  const s = hidden((await d.get('/song-may/receipt')).text, 's');
  for (const [where, seal] of [['/song-may/receipt/withdraw', s], ['/song-may/receipt/withdraw', mine.s], ['/song-may/report/check', s],
    ['/rach-truc/report/check', mine.s], ['/song-may/receipt/withdraw', `${s}x`], ['/song-may/receipt/withdraw', ''], ['/song-may/receipt/withdraw', '1.'], ['/song-may/receipt/withdraw', '-1.AAAA']]) {
    const r = await c.post(where, { s: seal, go: 'send' });
    assert.ok(r.status >= 400 && r.status < 500, `${where} ${r.status}`);
  }
  // The receipt's cookie opens nothing in the other ward.
  const r = await c.get('/rach-truc/receipt');
  assert.equal(r.location, '/rach-truc/follow');
  await x.stop();
});

test('wrong links lock nobody else out', async () => {
  const x = await startXom();
  const got = await report(x, 'song-may');
  const link = got.page.text.match(/\/r\/([A-Za-z0-9_-]{22})/)?.[1];
  for (let i = 0; i < 11; i++) assert.equal((await x.client().get(`/song-may/r/AAAAAAAAAAAAAAAAAAAA${10 + i}`)).status, 404);
  if (link) assert.equal((await x.client().get(`/song-may/r/${link}`)).status, 303);
  else assert.equal((await x.client().get('/song-may/r/BBBBBBBBBBBBBBBBBBBBBB')).status, 404); // not 429
  await x.stop();
});
