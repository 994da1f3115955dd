// Counter entry, a word in place of a PIN, and receipts that were lost.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, readReceipt, report, signIn, startXom, words } from '../harness/xom.mjs';
import { readQr } from '../harness/qr.mjs';
import { casePath, facts, fieldError, follow, steps } from '../harness/steps.mjs';

const W = 'song-may', WORD = 'Hoa Giấy';
let x, a, b, other;
before(async () => {
  x = await startXom();
  [a, b, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2'), await signIn(x, W, 'moi-truong')];
});
after(async () => { await x.stop(); });

const now = () => new Date(Date.now() + Number(x.clock.us) / 1000 + 7 * 3600e3).toISOString();
const form = (page, more = {}) => ({ token: hidden(page.text, 'token'), s: hidden(page.text, 's'), channel: 'phone', kind: 'lighting', area: 'unsure', street: 'Lê Lợi', landmark: 'trước chợ', text: 'CANARYCALL đèn tắt từ tối qua.', day: now().slice(0, 10).split('-').reverse().join('/'), hour: now().slice(11, 16), word: WORD, go: 'send', ...more });
const open = (officer) => officer.get(`/${W}/desk/new`);
const codeOf = (page) => { assert.equal(page.status, 200, words(page.text).slice(0, 400)); return page.text.match(/data-x-code>([^<]+)</)[1]; };
const enter = async (officer, more) => codeOf(await officer.post(`/${W}/desk/new`, form(await open(officer), more)));
const firstUse = (c, code, pin = '') => c.post(`/${W}/follow`, { code, pin });
const setPin = (c, page, word) => c.post(`/${W}/follow/pin`, { s: hidden(page.text, 's'), word });

test('a call is entered in one screen; the slip holds no PIN and no link', async () => {
  const page = await a.post(`/${W}/desk/new`, form(await open(a)));
  const code = codeOf(page);
  assert.doesNotMatch(page.text, /data-x-pin|\/r\/|x-qr|Hoa Giấy/i);
  const f = await facts(a, code);
  assert.deepEqual([f.kind, f.street, f.state, f.channel, f.timeline.length], ['lighting', 'Lê Lợi', 'received', 'Điện thoại', 1]);
  assert.match((await a.get(casePath(code))).text, /CANARYCALL/);
  const list = (await a.get(`/${W}/desk?queue=new`)).text;
  assert.ok(list.includes(code));
  x.verb(['verify']);
});

test('the time of the event stands apart from that of the entry, from which deadlines count', async () => {
  const plain = await facts(a, (await report(x, W)).code);
  const code = await enter(a, { day: '1/11/2026', hour: '22h5', channel: 'letter' }), f = await facts(a, code);
  assert.equal(f.event, '2026-11-01T15:05:00Z');
  assert.equal(f.due, plain.due);
  assert.equal(f.received.slice(0, 10), plain.received.slice(0, 10));
});

test('what is wrong is said beside its field, and nothing typed is lost', async () => {
  const tomorrow = new Date(Date.now() + 31 * 3600e3).toISOString().slice(0, 10);
  for (const [more, field] of [
    [{ day: tomorrow }, 'day'], [{ hour: '23:59' }, 'hour'], [{ day: '31/02/2026' }, 'day'], [{ day: 'hôm qua' }, 'day'], [{ hour: '25:00' }, 'hour'],
    [{ kind: '' }, 'kind'], [{ kind: 'murder' }, 'kind'], [{ area: '' }, 'area'], [{ area: '12' }, 'area'], [{ text: ' ' }, 'text'], [{ text: 'x'.repeat(2001) }, 'text'],
    [{ channel: 'web' }, 'channel'], [{ channel: 'x' }, 'channel'], [{ word: '' }, 'word'], [{ word: 'abc' }, 'word'], [{ word: '0912 345 678' }, 'word'], [{ word: '079012345678 hoa giay' }, 'word'], [{ street: '079012345678' }, 'street'],
  ]) {
    const page = await a.post(`/${W}/desk/new`, form(await open(a), { street: 'KEPTSTREET', ...more }));
    assert.equal(page.status, 422, JSON.stringify(more).slice(0, 80));
    fieldError(page.text, field);
    if (!more.street) assert.match(page.text, /KEPTSTREET/);
    if (!more.text) assert.match(page.text, /CANARYCALL/);
  }
  const future = await a.post(`/${W}/desk/new`, form(await open(a), { day: tomorrow }));
  assert.match(fieldError(future.text, 'day'), /chưa tới/);
  // More than a year ago: it is asked once.
  const old = await a.post(`/${W}/desk/new`, form(await open(a), { day: '1/6/2025' }));
  assert.equal(old.status, 422);
  assert.match(old.text, /name="old" value="1"/);
  codeOf(await a.post(`/${W}/desk/new`, form(old, { day: '1/6/2025', old: '1' })));
  assert.equal((await a.post(`/${W}/desk/new`, form(await open(a), { s: 'AAAA' }))).status, 403);
});

test('the same form twice is one case', async () => {
  const sent = form(await open(a), { text: 'Hai lần bấm.' });
  const pages = await Promise.all([1, 2, 3].map(() => a.post(`/${W}/desk/new`, sent)));
  assert.equal(new Set(pages.map(codeOf)).size, 1);
});

test('another unit\'s kind is entered, and then seen by that unit alone', async () => {
  const code = await enter(a, { kind: 'rubbish' });
  assert.equal((await a.get(casePath(code))).status, 404);
  assert.equal((await other.get(casePath(code))).status, 200);
});

test('similar ones of the own unit are shown, never those about neighbours', async () => {
  const areas = [...(await open(a)).text.match(/name="area"[\s\S]*?<\/select>/)[0].matchAll(/value="(\d{5,})"/g)].map((m) => m[1]);
  const code = await enter(a, { area: areas[0], street: 'Đường Gần' });
  const near = async (officer, more) => words((await officer.post(`/${W}/desk/new`, form(await open(officer), { go: 'look', ...more }))).text);
  assert.match(await near(a, { area: areas[0] }), new RegExp(code));
  assert.doesNotMatch(await near(a, { area: areas[1] }), new RegExp(code));
  assert.doesNotMatch(await near(other, { area: areas[0] }), new RegExp(code));
  const own = await signIn(x, W, 'an-toan');
  const loud = await enter(own, { kind: 'noise', area: areas[0] });
  assert.doesNotMatch(await near(own, { kind: 'noise', area: areas[0] }), new RegExp(loud));
});

test('a fault names the choice as the list does, and the way in says where the own word goes', async () => {
  const page = await a.post(`/${W}/desk/new`, form(await open(a), { area: '' }));
  const asked = words(page.text).match(/Hãy chọn khu vực, hoặc chọn "([^"]+)"/)?.[1];
  assert.ok(asked, 'the fault offers a choice');
  assert.match(words(page.text.match(/name="area"[\s\S]*?<\/select>/)[0]), new RegExp(asked));
  assert.match(words((await x.client().get(`/${W}/follow`)).text), /tại quầy, mở lần đầu: gõ từ riêng/);
});

test('until the word is used the code says the state and nothing else; the word makes the PIN once', async () => {
  const code = await enter(a), c = x.client();
  const page = await firstUse(c, code);
  assert.equal(page.status, 200);
  assert.match(words(page.text), /Tình trạng: Đã tiếp nhận|Tình trạng:/);
  assert.doesNotMatch(page.text, /CANARYCALL|Lê Lợi/);
  assert.equal((await c.get(`/${W}/receipt`)).status, 303);
  for (const [word, said] of [['', 422], ['hoa hong', 403]]) assert.equal((await setPin(c, page, word)).status, said, word);
  const got = await setPin(c, page, ' HOA  giay ');
  const receipt = readReceipt(got.text);
  assert.equal(receipt.code, code);
  assert.deepEqual(readReceipt((await setPin(c, page, WORD)).text), receipt, 'the same form shows the same PIN');
  const opened = await follow(x, receipt);
  assert.match((await opened.get(`/${W}/receipt`)).text, /CANARYCALL/);
  assert.match(words((await opened.get(`/${W}/receipt`)).text), /Đã tạo mã PIN/);
  const link = got.text.match(/x-qr/);
  assert.ok(link, 'with its QR code');
  // Used: a second person with the word learns that it was.
  const late = await firstUse(x.client(), code);
  assert.equal(late.status, 422, 'now it asks for the PIN');
  const again = await setPin(x.client(), page, 'x');
  assert.ok([200, 403, 422].includes(again.status));
  assert.doesNotMatch((await a.get(casePath(code))).text, new RegExp(receipt.pin));
  x.verb(['verify']);
});

test('once the PIN was seen its form is spent two minutes later: Back and reload show neither it nor the way in', async () => {
  const code = await enter(a), c = x.client(), page = await firstUse(c, code), got = await setPin(c, page, WORD), receipt = readReceipt(got.text);
  const shown = got.text.match(/<img src="([^"]*\/report\/shown\/([\w-]{43}))"/);
  // A script on the form's page makes it give way in the tab that has shown the PIN.
  assert.match(page.text, new RegExp(`spent\\.js[^"]*" data-form="${shown[2]}" data-sent="/${W}/report/sent\\?pin=1"`));
  assert.match(got.text, new RegExp(`data-sent="${shown[2]}"`));
  x.clock.move(10 / 1440);
  assert.deepEqual(readReceipt((await setPin(c, page, WORD)).text), receipt, 'lost on its way: ten minutes later the same');
  assert.equal((await c.get(shown[1])).status, 200);
  assert.deepEqual(readReceipt((await setPin(c, page, WORD)).text), receipt, 'pressed twice, or reloaded');
  x.clock.move(3 / 1440);
  for (const word of [WORD, '', 'sai rồi']) {
    const spent = await setPin(c, page, word);
    assert.equal(spent.status, 200);
    assert.match(words(spent.text), /Mã PIN này đã tạo rồi/);
    for (const secret of [receipt.pin, receipt.pin.slice(0, 4), code]) assert.ok(!spent.text.includes(secret), secret);
  }
  for (const [query, said] of [['?pin=1', /Mã PIN này đã tạo rồi/], ['', /Tin này đã gửi rồi/]]) assert.match(words((await c.get(`/${W}/report/sent${query}`)).text), said);
  assert.match((await (await follow(x, receipt)).get(`/${W}/receipt`)).text, /CANARYCALL/, 'the PIN itself opens it');
});

test('the word cannot be guessed: twenty wrong ones and it is dead', async () => {
  const code = await enter(a), c = x.client();
  for (let wrong = 0; wrong < 20;) {
    const page = await firstUse(c, code), r = page.status === 429 ? page : await setPin(c, page, `sai rồi ${wrong}`);
    if (r.status === 429) { x.clock.move(1 / 24); continue; }
    assert.match(words(r.text), /Chưa đúng từ riêng/);
    wrong += 1;
  }
  x.clock.move(1 / 24);
  const r = await setPin(c, await firstUse(c, code), WORD);
  assert.equal(r.status, 403);
  assert.match(words(r.text), /Đến quầy|đến quầy/i);
  [a, b, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2'), await signIn(x, W, 'moi-truong')];
});

test('a lost receipt: what only the reporter knows, a new code; the old one and every open browser are dead', async () => {
  const got = await report(x, W, { street: 'Trần Phú', text: 'Đèn tắt.' }), old = await follow(x, got);
  assert.equal((await old.get(`/${W}/receipt`)).status, 200);
  // The QR code's link, open in a browser of its own.
  const link = new URL(readQr(got.page.text)).pathname, scanned = x.client();
  assert.equal((await scanned.get(link)).location, `/${W}/receipt`);
  assert.equal((await scanned.get(`/${W}/receipt`)).status, 200);
  assert.equal((await a.get(`/${W}/desk/lost?code=${got.code.toLowerCase()}`)).location, `${casePath(got.code)}/lost`);
  const today = now().slice(0, 10).split('-').reverse().join('/');
  assert.match((await a.get(`/${W}/desk/lost?day=${encodeURIComponent(today)}`)).text, new RegExp(got.code));
  assert.doesNotMatch((await other.get(`/${W}/desk/lost?day=${encodeURIComponent(today)}`)).text, new RegExp(got.code));
  assert.equal((await other.get(`${casePath(got.code)}/lost`)).status, 404);
  const page = await a.get(`${casePath(got.code)}/lost`);
  const fields = (checks, word = WORD) => { const f = new URLSearchParams({ token: hidden(page.text, 'token'), s: hidden(page.text, 's'), word }); for (const k of checks) f.append('check', k); return f; };
  assert.equal((await a.post(`${casePath(got.code)}/lost`, fields(['day', 'kind']))).status, 422);
  const [one, two] = await Promise.all([1, 2].map(() => a.post(`${casePath(got.code)}/lost`, fields(['day', 'kind', 'words']))));
  const fresh = codeOf(one);
  assert.equal(codeOf(two), fresh);
  assert.notEqual(fresh, got.code);
  assert.doesNotMatch(one.text, /data-x-pin/);
  // Dead at once: the browser that had it open, code and PIN, the form that made it.
  for (const c of [old, scanned]) assert.equal((await c.get(`/${W}/receipt`)).location, `/${W}/follow`);
  const again = await x.client().get(link);
  assert.ok([404, 410].includes(again.status), `the link in the old QR code answers ${again.status}`);
  assert.doesNotMatch(again.text, new RegExp(`${fresh}|Trần Phú`));
  const dead = await firstUse(x.client(), got.code, got.pin);
  assert.equal(dead.status, 410);
  assert.match(words(dead.text), /cấp lại tại quầy/);
  assert.doesNotMatch(dead.text, new RegExp(`${fresh}|Trần Phú`));
  const resent = await got.client.post(`/${W}/report/check`, { s: got.s, go: 'send' });
  assert.equal(resent.status, 403);
  assert.doesNotMatch(resent.text, new RegExp(fresh));
  assert.equal((await a.get(casePath(got.code))).status, 404);
  // The new one: word, PIN, timeline.
  const c = x.client(), receipt = readReceipt((await setPin(c, await firstUse(c, fresh), WORD)).text);
  const timeline = words((await (await follow(x, receipt)).get(`/${W}/receipt`)).text);
  assert.match(timeline, /Cấp lại giấy hẹn tại quầy[\s\S]*Ngày, giờ gửi; Báo việc gì; Đã viết hay kể những gì/);
  assert.ok((await a.get(`/${W}/desk?words=${fresh}`)).location.endsWith(fresh));
  // Once a day a case.
  const next = await a.get(`${casePath(fresh)}/lost`);
  const f = fields(['day', 'kind', 'place']);
  f.set('s', hidden(next.text, 's'));
  assert.equal((await a.post(`${casePath(fresh)}/lost`, f)).status, 429);
  x.verb(['verify']);
});

test('an officer replaces ten a day at most', async () => {
  let limited = 0;
  for (let i = 0; i < 11; i += 1) {
    const code = await enter(b, { text: `Việc ${i}` }), page = await b.get(`${casePath(code)}/lost`);
    const f = new URLSearchParams({ token: hidden(page.text, 'token'), s: hidden(page.text, 's'), word: WORD });
    for (const k of ['day', 'kind', 'place']) f.append('check', k);
    limited += (await b.post(`${casePath(code)}/lost`, f)).status === 429;
  }
  assert.equal(limited, 1);
});

test('a case entered at the counter goes the whole way', async () => {
  const code = await enter(a);
  await steps(a, code, ['take'], ['ask', { 'ask-text': 'Cột số mấy?' }], ['close', { 'close-outcome': 'mended', 'close-text': 'Đã sửa.' }]);
  assert.equal((await facts(a, code)).state, 'closed');
  assert.match(words((await firstUse(x.client(), code)).text), /Tình trạng:/);
});
