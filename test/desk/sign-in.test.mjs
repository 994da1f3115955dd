// Officers' sign-in, one-time links and sessions over HTTP.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { caseFields, casePath, fieldError } from '../harness/steps.mjs';

const W = 'song-may';
let x;
before(async () => { x = await startXom(); });
after(async () => { await x.stop(); });
const sign = (login, password, { lang = '', y = x, to = '', ward = W } = {}) => y.client().post(`/${ward}${lang}/sign-in`, { login, password, to });
const out = async (c) => { const r = await c.get(`/${W}/desk`); return r.status === 303 ? /sign-in/.test(r.location) : r.status === 401; };
const linkOf = (y, login) => new URL(y.verb(['user', 'link', '--ward', W, '--login', login]).match(/http\S+/)[0]).pathname;
const invite = (y, path, password, again = password) => y.client().post(path, { password, again });

test('a password signs in; a wrong one and an unknown name look the same', async () => {
  const good = await sign('ha-tang', PASSWORD);
  assert.equal(good.status, 303);
  assert.match(good.headers.getSetCookie().join(), /HttpOnly/i);
  assert.match(good.headers.getSetCookie().join(), /SameSite=(Lax|Strict)/i);
  for (const lang of ['', '/en']) {
    const wrong = await sign('ha-tang', 'wrong-password', { lang }), unknown = await sign('ha-tanx', 'wrong-password', { lang });
    assert.equal(wrong.status, 403);
    assert.equal(wrong.text.replaceAll('ha-tang', 'LOGIN'), unknown.text.replaceAll('ha-tanx', 'LOGIN'));
    assert.equal(unknown.status, 403);
    fieldError(wrong.text, 'login');
    assert.match(wrong.text, /name="login"[^>]*value="ha-tang"/);
    assert.doesNotMatch(wrong.text, /wrong-password/);
    assert.equal(wrong.headers.getSetCookie().length, 0);
  }
  for (const [l, p] of [['', ''], ['ha-tang', ''], ['\xff', PASSWORD], ['a'.repeat(2000), 'b'.repeat(1000)], ["' or 1=1 --", PASSWORD]]) {
    const r = await sign(l, p);
    assert.ok(r.status === 403 || r.status === 429, `${l.slice(0, 10)} ${r.status}`);
  }
  assert.equal((await sign('ha-tang.rt', PASSWORD)).status, 403, 'an account of the other ward has nothing here');
});

for (const login of ['ha-tang', 'nobody-here']) test(`failures are slowed for ${login}, the right password included, and it passes`, async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  // Nine failures, each after its wait: the next wait is half a minute, longer than this test takes.
  for (let n = 0; n < 9; n++) {
    assert.equal((await sign(login, `guess-${n}-guess`, { y })).status, 403, `${n}`);
    y.clock.move(61 / 86400);
  }
  assert.equal((await sign(login, 'guess-guess', { y })).status, 403);
  for (const [name, lang] of [[login, ''], [login.toUpperCase(), '/en']]) {
    const r = await sign(name, PASSWORD, { y, lang });
    assert.equal(r.status, 429);
    fieldError(r.text, 'login');
  }
  assert.equal((await sign('moi-truong', PASSWORD, { y })).status, 303, 'another name is not slowed');
  y.clock.move(2 / 1440);
  assert.equal((await sign(login, PASSWORD, { y })).status, login === 'ha-tang' ? 303 : 403);
});

test('the page wanted is opened after signing in, and no other place', async () => {
  for (const [to, where] of [['/song-may/desk?queue=mine', '/song-may/desk?queue=mine'], ['https://evil.example/', '/song-may/desk/start'], ['//evil.example', '/song-may/desk/start'],
    ['/song-may/desk\\@evil', '/song-may/desk/start'], ['/song-may/deskx', '/song-may/desk/start'], ['/song-may/desk\r\nX: y', '/song-may/desk/start']])
    assert.equal((await sign('ha-tang', PASSWORD, { to })).location, where, to);
});

test('a one-time link sets a password once, within a day, and no weak one', async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  const path = linkOf(y, 'moi-truong');
  assert.match((await y.client().get(path)).text, /moi-truong/);
  for (const [p, again] of [['short', 'short'], ['', ''], ['moi-truong', 'moi-truong'], ['mật khẩu rất dài', 'mật khẩu khác hẳn']]) {
    const r = await invite(y, path, p, again);
    assert.equal(r.status, 422, p);
    fieldError(r.text, 'password');
    assert.ok(!p || p === 'moi-truong' || !r.text.includes(p));
  }
  assert.equal((await invite(y, path.replace(W, 'rach-truc'), 'một mật khẩu dài')).status, 410, 'as a link that never was');
  const old = await signIn(y, W, 'moi-truong');
  const saved = await invite(y, path, 'một mật khẩu dài');
  assert.equal(saved.status, 303);
  assert.match((await y.client().get(saved.location)).text, /Đã lưu mật khẩu/, 'and says so');
  assert.doesNotMatch((await y.client().get(`/${W}/sign-in`)).text, /Đã lưu mật khẩu/);
  assert.ok(await out(old), 'a new password ends the old sessions');
  assert.equal((await sign('moi-truong', PASSWORD, { y })).status, 403);
  assert.equal((await sign('moi-truong', 'một mật khẩu dài', { y })).status, 303);
  assert.equal((await sign('moi-truong', 'một mật khẩu dài', { y })).status, 303, 'composed or not, it is the same');
  for (const r of [await y.client().get(path), await invite(y, path, 'một mật khẩu khác')]) assert.ok([404, 410].includes(r.status), `${r.status}`);
  const late = linkOf(y, 'an-toan');
  y.clock.move(1.01);
  for (const r of [await y.client().get(late), await invite(y, late, 'một mật khẩu khác')]) assert.ok([404, 410].includes(r.status), `${r.status}`);
  assert.equal((await y.client().get(`/${W}/invite/${'A'.repeat(54)}`)).status, 410);
});

test('sessions are listed and ended: the other browser is out at once', async () => {
  const a = await signIn(x, W, 'an-toan'), b = await signIn(x, W, 'an-toan');
  const page = (await a.get(`/${W}/desk/sessions`)).text;
  const items = [...page.matchAll(/<li class="x-case">([\s\S]*?)<\/li>/g)].map((m) => m[1]);
  assert.equal(items.length, 2);
  assert.equal(items.filter((i) => /govuk-tag/.test(i)).length, 1, 'one is this one');
  const id = hidden(items.find((i) => !/govuk-tag/.test(i)), 'id'), token = hidden(page, 'token');
  const stranger = await signIn(x, W, 'ha-tang');
  await stranger.post(`/${W}/desk/sessions/end`, { token: hidden((await stranger.get(`/${W}/desk/sessions`)).text, 'token'), id });
  assert.ok((await b.get(`/${W}/desk/sessions`)).status === 200, 'a colleague cannot end it');
  assert.equal((await a.post(`/${W}/desk/sessions/end`, { token, id })).status, 303);
  assert.ok(await out(b));
  assert.ok(!(await out(a)));
  for (const bad of ['', 'x', '9'.repeat(30)]) assert.equal((await a.post(`/${W}/desk/sessions/end`, { token, id: bad })).status, 400, bad);
  const kept = new Map(a.cookies);
  assert.equal((await a.post(`/${W}/sign-out`, { token })).status, 303);
  for (const [k, v] of kept) a.cookies.set(k, v);
  assert.ok(await out(a), 'a cookie kept aside opens nothing after signing out');
});

test('the list of sessions names browser and system, in known words alone', async () => {
  const agents = { 'Mozilla/5.0 (Linux; Android 10; K) Chrome/130.0.0.0 Mobile Safari/537.36': 'Chrome, Android', 'EVIL <b>0912345678</b> Firefox/1': 'Firefox', 'EVIL': null };
  for (const [agent, device] of Object.entries(agents)) {
    const c = x.client();
    await c.post(`/${W}/sign-in`, { login: 'moi-truong', password: PASSWORD, to: '' }, { headers: { 'user-agent': agent } });
    const page = (await c.get(`/${W}/desk/sessions`)).text;
    if (device) assert.ok(page.includes(`<strong>${device}</strong>`), device);
    assert.doesNotMatch(page, /EVIL|0912/);
  }
});

test('a session ends two hours after its last use and twelve after its beginning', async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  const idle = await signIn(y, W, 'ha-tang'), busy = await signIn(y, W, 'ha-tang');
  const hours = (n) => y.clock.move(n / 24);
  hours(1.9);
  assert.ok(!(await out(busy)));
  hours(0.2);
  assert.ok(await out(idle));
  for (let at = 2.1; at < 11.7; at += 1.9) { assert.ok(!(await out(busy)), `${at} h`); hours(1.9); }
  assert.ok(await out(busy));
});

test('a step without its token, or with another session\'s, is refused', async () => {
  const officer = await signIn(x, W, 'ha-tang'), colleague = await signIn(x, W, 'ha-tang-2');
  const got = await report(x, W);
  const fields = caseFields(await officer.get(casePath(got.code))), theirs = hidden((await colleague.get(`/${W}/desk`)).text, 'token');
  const take = (more, options) => officer.post(`${casePath(got.code)}/take`, { ...fields, ...more }, options);
  for (const token of ['', 'x', theirs, `${fields.token}A`, fields.token.slice(0, -1)]) assert.equal((await take({ token })).status, 403, token);
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: null }, { origin: x.url.replace('http:', 'https:') }, { 'sec-fetch-site': 'cross-site' }])
    assert.equal((await take({}, { headers })).status, 403, JSON.stringify(headers));
  assert.equal((await x.client().post(`${casePath(got.code)}/take`, fields)).status, 401);
  assert.equal((await take({})).status, 303);
});

test('a closed account is out at once and does not come in again', async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  const c = await signIn(y, W, 'ha-tang');
  const path = linkOf(y, 'ha-tang');
  y.verb(['user', 'close', '--ward', W, '--login', 'ha-tang']);
  assert.ok(await out(c));
  assert.equal((await sign('ha-tang', PASSWORD, { y })).status, 403);
  assert.ok([404, 410].includes((await y.client().get(path)).status));
});
