// A receipt is opened by code and PIN, or by its QR link, and by nothing else; then its reporter
// answers, withdraws, confirms and reopens.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { readQr } from '../harness/qr.mjs';
import { facts, fieldError, follow, png, reporter, steps, withPhotos } from '../harness/steps.mjs';

const W = 'song-may';
let x, officer;
before(async () => { x = await startXom(); officer = await signIn(x, W, 'ha-tang'); });
after(async () => { await x.stop(); });
const open = (code, pin, { ward = W, lang = '', c = x.client() } = {}) => c.post(`/${ward}${lang}/follow`, { code, pin });
const receipt = async (c) => (await c.get(`/${W}/receipt`)).text;

test('code and PIN as people type them', async () => {
  const { code, pin } = await report(x, W);
  const [a, b] = pin.split(' ');
  for (const [c, p] of [[code, pin], [code.toLowerCase(), (a + b).toLowerCase()], [` ${code.replaceAll('-', ' ')} `, ` ${a}  ${b} `], [code.replaceAll('-', ''), `${a}-${b}`],
    [code.replaceAll('0', 'O'), pin.replaceAll('0', 'o').replaceAll('1', 'l')], [code.replace(/(?<=-\d\d-.*)1/g, 'I'), pin]]) {
    const r = await open(c, p);
    assert.equal(r.status, 303, `${c} ${p}: ${words(r.text).slice(0, 200)}`);
    assert.equal(r.location, `/${W}/receipt`);
  }
});

test('a mistyped code is caught beside the field, in both languages', async () => {
  const { code, pin } = await report(x, W);
  const body = code.split('-')[2];
  for (let i = 0; i < body.length; i++) {
    const wrong = `${code.slice(0, 6)}${body.slice(0, i)}${body[i] === '7' ? '8' : '7'}${body.slice(i + 1)}${code.slice(11)}`;
    const r = await open(wrong, pin);
    assert.equal(r.status, 422, wrong);
    fieldError(r.text, 'code');
    assert.ok(r.text.includes(`value="${wrong}"`));
  }
  const swapped = [...body].findIndex((ch, i) => i + 1 < body.length && ch !== body[i + 1]);
  const r = await open(code.replace(body, body.slice(0, swapped) + body[swapped + 1] + body[swapped] + body.slice(swapped + 2)), pin);
  assert.equal(r.status, 422);
  for (const [lang, c, p, field] of [['', '', pin, 'code'], ['/en', '', pin, 'code'], ['', code, '', 'pin'], ['/en', code, 'AB', 'pin'], ['', code, '<b>', 'pin'], ['', '<script>', pin, 'code'], ['', 'x'.repeat(3000), pin, 'code']]) {
    const got = await open(c, p, { lang });
    assert.equal(got.status, 422, `${c.slice(0, 10)} ${p}`);
    fieldError(got.text, field);
    assert.doesNotMatch(got.text, /<script>(?!<)/);
    if (p.length > 2) assert.ok(!got.text.includes(p), 'a PIN is never shown again');
  }
});

test('a wrong PIN and an unknown code look the same; guessing is slowed, and stops being', async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  const mine = await report(y, W), other = await report(y, W);
  // A code that could be and is not: of the other ward's making, in this ward.
  const unknown = y.demoText.match(/receipt (RT-\S+),/)[1];
  const ask = (code, pin) => y.client().post(`/${W}/follow`, { code, pin });
  const wrong = await ask(mine.code, '0000 0000'), none = await ask(unknown, '0000 0000');
  assert.equal(wrong.status, 403);
  assert.equal(none.status, 403);
  assert.equal(wrong.text.replaceAll(mine.code, 'CODE'), none.text.replaceAll(unknown, 'CODE'));
  const heads = (r) => [...r.headers].filter(([k]) => !['date', 'content-length'].includes(k)).map(([k, v]) => `${k}: ${v}`);
  assert.deepEqual(heads(wrong), heads(none));
  assert.equal(wrong.headers.getSetCookie().length, 0);
  // Slowed alike, the right PIN included, until the wait is over.
  for (const code of [mine.code, unknown]) {
    let n = 0, r;
    do r = await ask(code, '0000 0000'); while (r.status === 403 && ++n < 12);
    assert.equal(r.status, 429, code);
    assert.ok(n <= 5, `${n} guesses`);
    fieldError(r.text, 'pin');
  }
  assert.equal((await ask(mine.code, mine.pin)).status, 429);
  assert.equal((await ask(other.code, other.pin)).status, 303, 'another receipt is not slowed');
  y.clock.move(2 / 1440);
  assert.equal((await ask(mine.code, mine.pin)).status, 303);
});

test('the QR link opens it; cookies and links of others do not', async () => {
  const got = await report(x, W), theirs = await report(x, W);
  const link = new URL(readQr(got.page.text));
  const byQr = x.client();
  assert.equal((await byQr.get(link.pathname)).location, `/${W}/receipt`);
  assert.ok((await receipt(byQr)).includes(got.code));
  const last = link.pathname.at(-1);
  assert.equal((await x.client().get(link.pathname.slice(0, -1) + (last === 'A' ? 'Q' : 'A'))).status, 404);
  assert.notEqual((await x.client().get(link.pathname.replace(W, 'rach-truc'))).status, 303);
  const c = await follow(x, got), d = await follow(x, theirs);
  assert.ok((await receipt(c)).includes(got.code));
  assert.ok(!(await receipt(c)).includes(theirs.code));
  // The cookie of this ward opens nothing in the other, not under its name and not renamed.
  const r = await c.get('/rach-truc/receipt');
  assert.equal(r.location, '/rach-truc/follow');
  const stolen = x.client();
  for (const [k, v] of c.cookies) stolen.cookies.set(k.replace(W, 'rach-truc'), v);
  assert.equal((await stolen.get('/rach-truc/receipt')).location, '/rach-truc/follow');
  // One changed letter, and it is no cookie.
  const bent = x.client();
  for (const [k, v] of c.cookies) bent.cookies.set(k, v.slice(0, 20) + (v[20] === 'A' ? 'B' : 'A') + v.slice(21));
  assert.equal((await bent.get(`/${W}/receipt`)).location, `/${W}/follow`);
  const s = hidden(await receipt(d), 's');
  assert.equal((await c.post(`/${W}/receipt/withdraw`, { s })).status, 403);
  assert.equal((await facts(officer, theirs.code)).state, 'received');
  // A photo of another's case.
  await steps(officer, theirs.code, ['ask', { 'ask-text': 'Ảnh?' }]);
  const f = withPhotos(hidden(await receipt(d), 's'), [{ bytes: png() }], { more: { answer: 'Đây.' } });
  assert.equal((await d.post(`/${W}/receipt/answer`, f)).location, `/${W}/receipt?done=answered`);
  const name = (await receipt(d)).match(/receipt\/photo\/([0-9a-f]+)/)[1];
  assert.equal((await d.get(`/${W}/receipt/photo/${name}`)).status, 200);
  assert.equal((await c.get(`/${W}/receipt/photo/${name}`)).status, 404);
});

test('an answer with photos; wrong ones are said and the words kept', async () => {
  const got = await report(x, W);
  await steps(officer, got.code, ['take'], ['ask', { 'ask-text': 'Cột số mấy?' }]);
  const c = await follow(x, got);
  assert.match(await receipt(c), /Cột số mấy\?/);
  const answer = async (text, photos = []) => c.post(`/${W}/receipt/answer`, withPhotos(hidden(await receipt(c), 's'), photos, { more: { answer: text } }));
  let r = await answer('');
  assert.equal(r.status, 422);
  fieldError(r.text, 'answer');
  r = await answer('Cột số 7', [{ bytes: Buffer.from('words'), name: 'x.jpg' }]);
  assert.equal(r.status, 422);
  fieldError(r.text, 'photos');
  assert.match(r.text, /Cột số 7/);
  r = await answer('Cột số 7', [{ bytes: png() }, { bytes: png({ colour: 0 }) }]);
  assert.equal(r.location, `/${W}/receipt?done=answered`);
  assert.equal(new Set((await receipt(c)).match(/receipt\/photo\/[0-9a-f]+/g)).size, 2);
  const seen = await facts(officer, got.code);
  assert.equal(seen.photos.length, 2);
  assert.match((await officer.get(`/${W}/desk/case/${got.code}`)).text, /Cột số 7/);
});

test('withdrawn, once, and then nothing more', async () => {
  const got = await report(x, W);
  const c = await follow(x, got);
  const s = hidden(await receipt(c), 's');
  const both = await Promise.all([1, 2, 3].map(() => c.post(`/${W}/receipt/withdraw`, { s })));
  for (const r of both) assert.equal(r.status, 303);
  assert.equal(both.filter((r) => /done=/.test(r.location)).length, 1);
  assert.equal((await facts(officer, got.code)).timeline.filter((e) => (e.what.key ?? e.what) === 'withdraw').length, 1);
  assert.doesNotMatch(await receipt(c), /receipt\/(withdraw|answer|solved|reopen)"/);
});

for (const [days, fine] of [[14.5, true], [40, false]]) test(`reopened ${days} days after closing: ${fine ? 'yes' : 'no'}`, async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  const desk = await signIn(y, W, 'ha-tang'), got = await report(y, W);
  await steps(desk, got.code, ['take'], ['close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' }]);
  let c = await follow(y, got);
  let s = hidden((await c.get(`/${W}/receipt`)).text, 's');
  const empty = await c.post(`/${W}/receipt/reopen`, { s, reason: ' ' });
  assert.equal(empty.status, 422);
  fieldError(empty.text, 'reason');
  y.clock.move(days);
  c = await follow(y, got);
  const page = (await c.get(`/${W}/receipt`)).text;
  assert.equal(/receipt\/reopen"/.test(page), fine);
  s = hidden(page, 's');
  const r = await c.post(`/${W}/receipt/reopen`, { s, reason: 'Lại tắt.' });
  const now = await facts(await signIn(y, W, 'ha-tang'), got.code);
  assert.equal(now.state.key ?? now.state, fine ? 'working' : 'closed');
  if (fine) assert.equal(r.location, `/${W}/receipt?done=reopened`);
  else assert.doesNotMatch(r.location ?? '', /done=/);
});

test('solved, once; then it stays', async () => {
  const got = await report(x, W);
  await steps(officer, got.code, ['close', { 'close-outcome': 'mended', 'close-text': 'Đã sửa.' }]);
  const c = await follow(x, got);
  const s = hidden(await receipt(c), 's');
  const two = await Promise.all([c.post(`/${W}/receipt/solved`, { s }), c.post(`/${W}/receipt/solved`, { s })]);
  assert.equal(two.filter((r) => /done=solved/.test(r.location)).length, 1);
  assert.doesNotMatch(await receipt(c), /receipt\/reopen"/);
  const late = await c.post(`/${W}/receipt/reopen`, { s, reason: 'Lại tắt.' });
  assert.doesNotMatch(late.location ?? '', /done=/);
  assert.match(JSON.stringify((await facts(officer, got.code)).state), /solved/);
});

test('who looked is told: role, unit and day, never a name', async () => {
  const got = await report(x, W);
  const c = await follow(x, got);
  assert.match(words((await c.get(`/${W}/en/receipt`)).text), /[Nn]obody|[Nn]o one|not (yet )?been/);
  await officer.get(`/${W}/desk/case/${got.code}`);
  await (await signIn(x, W, 'thu-ky')).get(`/${W}/desk/case/${got.code}`);
  const page = (await c.get(`/${W}/en/receipt`)).text;
  const looks = [...page.matchAll(/<ul class="govuk-list">([\s\S]*?)<\/ul>/g)].map((m) => words(m[1])).join(' ');
  const day = new Date(Date.now() + Number(x.clock.us / 1000n) + 7 * 3600e3);
  assert.ok(looks.includes(String(day.getUTCDate())), looks);
  assert.match(looks, /secretary/i);
  assert.match(looks, /handler|officer/i);
  assert.match(looks, /Hạ tầng/i);
  for (const name of [/ha-tang/, /thu-ky/]) assert.doesNotMatch(page, name);
});

test('closing the receipt forgets it in this browser', async () => {
  const got = await report(x, W), c = await follow(x, got);
  const kept = new Map(c.cookies);
  const r = await c.post(`/${W}/receipt/close`, {});
  assert.equal(r.status, 303);
  assert.equal((await c.get(`/${W}/receipt`)).location, `/${W}/follow`);
  assert.ok(kept.size > 0);
  for (const k of kept.keys()) assert.ok(!c.cookies.has(k), k);
});
