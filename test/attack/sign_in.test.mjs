// Guessing is slowed, and is no way to keep somebody out.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, signIn, PASSWORD } from '../harness/xom.mjs';

test('wrong passwords from elsewhere do not lock a known browser out', async () => {
  const x = await startXom({ settings: 'proxies: [127.0.0.1, "::1"]\n' });
  const officer = await signIn(x, 'song-may', 'ha-tang');
  const page = await officer.get('/song-may/desk/sessions');
  officer.cookies.delete('session');
  assert.match(page.text, /ha-tang|sessions/);
  const from = (n) => ({ headers: { 'x-forwarded-for': `192.0.2.${n}` } });
  const guess = (n, password = 'sai-mat-khau') => x.client().post('/song-may/sign-in', { login: 'ha-tang', password, to: '' }, from(n));
  let last;
  for (let n = 1; n <= 6; n++) last = await guess(n);
  assert.equal(last.status, 429);
  assert.equal((await guess(7, PASSWORD)).status, 429); // not even the right one, from a browser that nobody knows
  const known = (o) => officer.post('/song-may/sign-in', { login: 'ha-tang', password: PASSWORD, to: '', ...o }, from(9));
  assert.equal((await known({})).status, 303);
  // The known browser is slowed by its own failures, and its cookie is of one account.
  officer.cookies.delete('session');
  for (let n = 0; n < 5; n++) await known({ password: 'sai-mat-khau' });
  assert.equal((await known({})).status, 429);
  for (let n = 11; n <= 16; n++) await x.client().post('/song-may/sign-in', { login: 'moi-truong', password: 'x', to: '' }, from(n));
  const other = x.client();
  other.cookies.set('known', officer.cookies.get('known'));
  assert.equal((await other.post('/song-may/sign-in', { login: 'moi-truong', password: PASSWORD, to: '' }, from(20))).status, 429);
  await x.stop();
});
