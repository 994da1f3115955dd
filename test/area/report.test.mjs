// A report for somebody who has no phone: the counter prints folded receipts, somebody of the khu vực reports with one of
// them and hands it over closed. Whoever reports never has the PIN, and whoever has seen a PIN never reports with it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, readReceipt, signIn, startXom, until, words } from '../harness/xom.mjs';
import { readQr } from '../harness/qr.mjs';
import { fieldError, follow } from '../harness/steps.mjs';
import { unzip } from '../harness/zip.mjs';

const W = 'song-may', OTHER = 'rach-truc', TEXT = 'CANARYTOLD cống nghẹt, nước tràn ra hẻm.';
let x, clerk, head, team, area, far, n = 0;
const key = () => (++n).toString(16).padStart(32, 'e');
const as = (login) => signIn(x, W, login);
before(async () => {
  x = await startXom();
  [clerk, head, team] = [await as('ha-tang'), await as('truong-kv'), await as('to-kv')];
  area = x.sql("SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'truong-kv'");
  far = x.sql(`SELECT id FROM area WHERE level = 'khu_vuc' AND id <> ${area} AND parent_id = (SELECT parent_id FROM area WHERE id = ${area}) ORDER BY id LIMIT 1`);
});
after(async () => { await x?.stop(); });

async function print(who = clerk, ward = W, sheets = '1') {
  const page = (await who.get(`/${ward}/desk/folded`)).text;
  return { s: hidden(page, 's'), token: hidden(page, 'token'), reply: await who.post(`/${ward}/desk/folded`, { token: hidden(page, 'token'), s: hidden(page, 's'), sheets }) };
}
const read = (html) => html.split('class="x-folded__one"').slice(1).map((one) => ({ code: one.match(/data-x-code>([^<]+)</)[1], pin: one.match(/data-x-pin>([^<]+)</)[1].replace(/\s/g, ''), link: new URL(readQr(one)).pathname }));
async function sheet(who, ward) {
  const { reply } = await print(who, ward);
  assert.equal(reply.status, 200, words(reply.text).slice(0, 300));
  return read(reply.text);
}
// Unfolding it: code and PIN of the paper, or its link, then the button, which makes PIN and link that no paper has.
async function unfold(one, { link = false, c = x.client() } = {}) {
  const page = link ? await c.get(one.link) : await c.post(`/${W}/follow`, { code: one.code, pin: one.pin });
  assert.equal(page.status, 200, words(page.text).slice(0, 300));
  assert.match(words(page.text), /chỉ mở được một lần/);
  const made = await c.post(`/${W}/follow/pin`, { s: hidden(page.text, 's') });
  assert.equal(made.status, 200, words(made.text).slice(0, 300));
  assert.match(words(made.text), /Đây là mã PIN mới: chép vào tám ô.*Đã chép, đóng lại/);
  assert.doesNotMatch(made.text, /data-x-picture=/, 'no picture of a PIN on a phone that may be somebody else\'s');
  return { ...readReceipt(made.text), link: new URL(readQr(made.text)).pathname, s: hidden(page.text, 's'), page, made };
}
const open = async (one) => follow(x, await unfold(one));
const form = (folded, more = {}) => ({ key: key(), folded, kind: 'water', area, street: 'Hẻm 4', landmark: 'trước tiệm tạp hóa', text: TEXT, ...more });
async function send(who, fields, ward = W) {
  const token = hidden((await who.get(`/${ward}/desk/sessions`)).text, 'token');
  return who.post(`/${ward}/desk/my-area/report`, { token, ...fields });
}
const told = async (reply) => ({ status: (await reply).status, ...JSON.parse((await reply).text) });
const done = async (reply) => { const r = await reply; assert.equal(r.location, `/${W}/desk/my-area?done=report`, words(r.text).slice(0, 400)); };
const ALPHABET = '0123456789BCFGHJKMNPQRSTVXZ';
const coded = (body) => { const symbols = body.replaceAll('-', ''); return `${body}-${ALPHABET[[...symbols].reduce((sum, c, i) => sum + ALPHABET.indexOf(c) * (i % 2 ? 2 : 1), 0) % 27]}`; };
const cases = () => Number(x.sql('SELECT count(*) FROM ward_case'));

test('a sheet holds four, each with a PIN of its own, given once and kept as a hash; the printing is a look', async () => {
  const before_ = Number(x.sql("SELECT count(*) FROM look WHERE what = 'folded'")), { s, token, reply } = await print(clerk, W, '2');
  const made = read(reply.text);
  assert.equal(made.length, 8);
  assert.equal(new Set(made.flatMap((m) => [m.code, m.pin, m.link])).size, 24);
  for (const m of made) { assert.match(m.code, /^SM-\d\d-[0-9A-Z]{5}-[0-9A-Z]$/); assert.match(m.pin, /^[0-9BCFGHJKMNPQRSTVXZ]{8}$/); }
  assert.equal(reply.headers.get?.('cache-control') ?? reply.headers['cache-control'], 'no-store');
  assert.equal(Number(x.sql("SELECT count(*) FROM look WHERE what = 'folded'")), before_ + 1);
  assert.equal(x.sql("SELECT number FROM look WHERE what = 'folded' ORDER BY seq DESC LIMIT 1"), '8');
  // The same form, and every page after it: no PIN.
  const again = await clerk.post(`/${W}/desk/folded`, { token, s, sheets: '2' }), list = await clerk.get(`/${W}/desk/folded`);
  assert.equal(again.status, 409);
  assert.match(words(again.text), /không giữ mã PIN nên không mở lại được/);
  assert.match(words(list.text), /Bấm nút thì trang in mở ra, và chỉ mở lần đó/);
  // Each batch has its number, on its papers and in the list; taking one back asks first.
  const number = words(reply.text).match(/Xấp (\d+)/)[1], earlier = words((await print()).reply.text).match(/Xấp (\d+)/)[1];
  assert.equal(Number(earlier), Number(number) + 1);
  const batches = words((await clerk.get(`/${W}/desk/folded`)).text);
  for (const b of [number, earlier]) assert.match(batches, new RegExp(`Xấp ${b}, .*Hủy những tờ chưa dùng Xấp ${b} .*không dùng được nữa, và không lấy lại được\\. Số tờ chưa dùng: \\d.*Hủy xấp ${b}`));
  for (const page of [again, list]) for (const m of made) for (const secret of [m.code, m.pin, `${m.pin.slice(0, 4)} ${m.pin.slice(4)}`, m.link]) assert.ok(!page.text.includes(secret), secret);
  for (const sheets of ['', '0', '6', 'x']) assert.equal((await print(clerk, W, sheets)).reply.status, 422);
  const rows = x.sql('SELECT * FROM folded_receipt');
  for (const m of made) for (const secret of [m.pin, m.link.split('/').pop()]) assert.ok(!rows.includes(secret));
  assert.match(words((await clerk.get(`/${W}/desk/print`)).text), /Giấy hẹn gấp cho người không có điện thoại/);
});

test('head and volunteer report; the receipt\'s page says who wrote it; whoever reported has the PIN nowhere', async () => {
  const pages = [], seen = async (who, path) => { const r = await who.get(path); pages.push(r.text); return r; };
  const [mine, theirs] = await sheet();
  for (const [who, one] of [[head, mine], [team, theirs]]) {
    const page = await seen(who, `/${W}/desk/my-area/report`);
    assert.deepEqual([...page.text.matchAll(/name="kind"[^>]* value="(\w+)"/g)].map((m) => m[1]).filter((k) => ['noise', 'staff', 'redress'].includes(k)), [], 'no quarrel and nothing about an officer passes their hands');
    const sent = await send(who, form(one.code));
    pages.push(sent.text);
    await done(sent);
    assert.match(words((await seen(who, `/${W}/desk/my-area?done=report`)).text), /Đã gửi\. Đưa tờ giấy hẹn còn dán kín cho người nhờ/);
    await seen(who, `/${W}/desk/my-area/${one.code}`);
    for (const f of ['json', 'csv']) await seen(who, `/${W}/desk/my-area.${f}`);
    pages.push((await send(who, form(one.code))).text);
    assert.equal(x.sql(`SELECT channel FROM ward_case WHERE code = '${one.code}'`), 'area');
  }
  assert.ok(!(await team.get(`/${W}/desk/my-area/${theirs.code}`)).text.includes('CANARYTOLD'), 'what a volunteer wrote down is not theirs to read again');
  // The unit, the clerk's own pages, the log.
  const unit = await clerk.get(`/${W}/desk/case/${mine.code}`);
  assert.match(words(unit.text), /Khu vực ghi giúp/);
  pages.push(unit.text, x.log);
  for (const one of [mine, theirs]) for (const secret of [one.pin, `${one.pin.slice(0, 4)} ${one.pin.slice(4)}`, one.link, one.link.split('/').pop()]) for (const page of pages) assert.ok(!page.includes(secret));
  assert.ok(read((await print()).reply.text).length === 4, 'the search finds what is on a page');
  // Whoever unfolds it: by code and PIN, and by the QR code.
  const opened = await open(mine), text = words((await opened.get(`/${W}/receipt`)).text);
  assert.match(text, /CANARYTOLD/);
  assert.match(text, /Đã gửi trưởng khu vực \d\d:\d\d/);
  // In the download, too, somebody wrote it down.
  const file = words(unzip((await opened.get(`/${W}/en/receipt/kept/file`)).bytes)['report.html'].toString());
  assert.match(file, /Sent , khu vực head, \d\d:\d\d/i);
  assert.doesNotMatch(file, /, ,/);
  const scanned = x.client(), got = await unfold(theirs, { link: true, c: scanned });
  assert.equal((await scanned.get(got.link)).location, `/${W}/receipt`);
  assert.match((await scanned.get(`/${W}/receipt`)).text, /CANARYTOLD/);
});

test('used, unknown, expired, taken back, another ward\'s, printed by oneself: each is said beside its field, and all typed stays', async () => {
  const refused = async (who, code, say) => {
    const before_ = cases(), page = await send(who, form(code, { street: 'KEPTSTREET' }));
    assert.equal(page.status, 422);
    assert.match(fieldError(page.text, 'folded'), say);
    for (const kept of ['KEPTSTREET', 'CANARYTOLD', `value="${code}"`]) assert.ok(page.text.includes(kept), kept);
    assert.match(page.text, /value="water"[^>]* checked/);
    assert.equal(cases(), before_);
    const phone = await told(send(who, form(code, { phone: '1' })));
    assert.deepEqual([phone.status, phone.answer], [422, 'report']);
    assert.match(phone.text, say);
  };
  const [used, old, ...rest] = await sheet();
  await done(send(head, form(used.code)));
  await refused(head, used.code, /đã dùng/);
  await refused(head, coded('SM-26-00000'), /Phường không có tờ giấy nào/);
  assert.equal(coded(used.code.slice(0, -2)), used.code);
  await refused(head, used.code.replace(/.$/, (c) => (c === '0' ? '1' : '0')), /gõ chưa đúng/);
  const elsewhere = await signIn(x, OTHER, 'ha-tang.rt');
  await refused(head, (await sheet(elsewhere, OTHER))[0].code, /của phường khác/);
  // Taken back.
  const [back] = await sheet(), id = x.sql(`SELECT batch_id FROM folded_receipt WHERE code = '${back.code}'`);
  const list = (await clerk.get(`/${W}/desk/folded`)).text, token = hidden(list, 'token');
  assert.ok(list.includes(`/desk/folded/${id}/void`));
  assert.equal((await elsewhere.post(`/${OTHER}/desk/folded/${id}/void`, { token: hidden((await elsewhere.get(`/${OTHER}/desk/folded`)).text, 'token') })).status, 404);
  assert.equal((await clerk.post(`/${W}/desk/folded/${id}/void`, { token })).location, `/${W}/desk/folded?done=void`);
  assert.equal(x.sql(`SELECT count(*) FROM admin_log WHERE act = 71 AND subject LIKE '20__-%' AND account_id IS NOT NULL`), '1', 'who took it back is written down');
  await refused(head, back.code, /đã hủy xấp/);
  assert.equal((await x.client().post(`/${W}/follow`, { code: back.code, pin: back.pin })).status, 403, 'taken back it waits for nothing');
  // Who printed it: an officer who is a khu vực's head, too.
  x.verb(['user', 'role', '--ward', W, '--login', 'truong-kv', '--role', 'handler', '--from', '2026-01-01']);
  x.verb(['user', 'unit', '--ward', W, '--login', 'truong-kv', '--unit', 'ha-tang', '--from', '2026-01-01']);
  const both = await as('truong-kv'), [own] = await sheet(both);
  await refused(both, own.code, /do chính bạn in/);
  await done(send(team, form(own.code)));
  x.sql('UPDATE folded_batch SET expires_at = made_at');
  await refused(head, old.code, /quá ngày dùng/);
  assert.equal((await x.client().post(`/${W}/follow`, { code: old.code, pin: old.pin })).status, 403);
  assert.ok(rest.length === 2);
});

test('the paper is there before its report: it says so to who has its PIN, and nothing to anybody else', async () => {
  const [one] = await sheet(), c = x.client();
  for (const r of [await c.post(`/${W}/follow`, { code: one.code, pin: one.pin }), await c.get(one.link)]) {
    assert.equal(r.status, 409);
    assert.match(words(r.text), /chưa tới phường/);
  }
  const wrong = await c.post(`/${W}/follow`, { code: one.code, pin: '00000000' });
  assert.equal(wrong.status, 403);
  assert.doesNotMatch(words(wrong.text), /chưa tới phường/);
  await done(send(head, form(one.code)));
  assert.match((await (await open(one)).get(`/${W}/receipt`)).text, /CANARYTOLD/);
});

const opened = (code) => x.sql(`SELECT count(*) FROM receipt_word w JOIN receipt r ON r.case_id = w.case_id WHERE r.code = '${code}' AND w.set_at IS NOT NULL`);
let used;
test('a paper opens once: a copy that is used later is dead, by PIN and by link, and learns nothing of the case', async () => {
  const [one] = await sheet();
  await done(send(head, form(one.code)));
  // Who only looks uses nothing up: a preview of the link, a page that is left.
  for (let i = 0; i < 2; i++) {
    const seen = await x.client().get(one.link);
    assert.equal(seen.status, 200);
    assert.ok(!seen.text.includes('CANARYTOLD'));
  }
  assert.equal((await x.client().post(`/${W}/follow`, { code: one.code, pin: '00000000' })).status, 403);
  assert.equal((await x.client().post(`/${W}/follow`, { code: one.code, pin: '' })).status, 422, 'a code alone asks for no word and says no state');
  assert.equal(opened(one.code), '0');
  const late = await x.client().post(`/${W}/follow`, { code: one.code, pin: one.pin }); // the copier's page stands open
  const mine = await unfold(one);
  assert.notEqual(mine.pin, one.pin);
  assert.match(mine.made.text, /href="\/song-may\/?" role="button"/);
  assert.equal(mine.made.headers.getSetCookie().filter((k) => /receipt/.test(k)).length, 0, 'nothing stays open where it was copied');
  assert.notEqual(mine.link, one.link);
  assert.deepEqual(readReceipt((await x.client().post(`/${W}/follow/pin`, { s: mine.s })).text).pin, mine.pin, 'a line that broke: the same form, the same PIN');
  for (const [how, reply] of [['PIN', await x.client().post(`/${W}/follow`, { code: one.code, pin: one.pin })], ['link', await x.client().get(one.link)],
    ['a page that stood open', await x.client().post(`/${W}/follow/pin`, { s: hidden(late.text, 's') })]]) {
    assert.equal(reply.status, 409, how);
    assert.match(words(reply.text), /Giấy này đã có người mở lúc \d\d:\d\d ngày \d+\/\d+\/\d{4}.*không phải bạn.*quầy một cửa/, how);
    assert.match(fieldError(reply.text, 'pin'), /không dùng được nữa/);
    assert.equal(words(reply.text).split('Giấy này đã có người mở').length, 2, 'said once');
    assert.ok(!reply.text.includes('CANARYTOLD') && !reply.text.includes(mine.pin) && !reply.text.includes(mine.link), how);
  }
  for (const lang of ['en', 'km']) assert.match(words((await x.client().post(`/${W}/${lang}/follow`, { code: one.code, pin: one.pin })).text), lang === 'en' ? /Somebody opened this paper at/ : /បានបើកក្រដាសនេះ/);
  assert.match((await (await follow(x, mine)).get(`/${W}/receipt`)).text, /Đã tạo mã PIN/);
  used = one;
});

test('a copy that is used first is found out: the paper says so, the desk sees it and who printed it, and a new receipt locks the copier out', async () => {
  const [one] = await sheet();
  await done(send(head, form(one.code)));
  const desk = async (who = clerk) => words((await who.get(`/${W}/desk/case/${one.code}`)).text);
  assert.match(await desk(), /Giấy hẹn gấp Chưa ai mở/);
  const thief = await unfold(one), inside = await follow(x, thief);
  assert.equal((await inside.get(`/${W}/receipt`)).status, 200);
  const person = await x.client().get(one.link);
  assert.equal(person.status, 409);
  assert.match(words(person.text), /có người đã biết mã trên giấy/);
  const printer = x.sql("SELECT name FROM account WHERE login = 'ha-tang'");
  for (const who of [clerk, await as('giam-sat')]) assert.match(await desk(who), new RegExp(`Giấy hẹn gấp Mở lần đầu lúc .*cấp lại giấy hẹn ngay\\. Người in: ${printer}`));
  // At the counter the person answers what only they know.
  const lost = (await clerk.get(`/${W}/desk/case/${one.code}/lost`)).text;
  const slip = await clerk.post(`/${W}/desk/case/${one.code}/lost`, new URLSearchParams([['token', hidden(lost, 'token')], ['s', hidden(lost, 's')], ['word', 'hoa giấy'], ['check', 'day'], ['check', 'kind'], ['check', 'place']]));
  assert.equal(slip.status, 200, words(slip.text).slice(0, 300));
  assert.notEqual((await inside.get(`/${W}/receipt`)).status, 200, 'whoever had it open has it open no more');
  for (const copy of [one, thief]) {
    assert.notEqual((await x.client().post(`/${W}/follow`, { code: copy.code, pin: copy.pin })).status, 303);
    assert.equal((await x.client().get(copy.link)).status, 404);
  }
  const code = x.sql(`SELECT code FROM ward_case WHERE id = (SELECT case_id FROM receipt_dead WHERE code = '${one.code}')`);
  assert.match(words((await clerk.get(`/${W}/desk/case/${code}`)).text), new RegExp(`Người in: ${printer}`), 'who printed it is known as long as the case is');
});

test('only what a khu vực may read, of its own; what is wrong is said beside its field', async () => {
  const [one] = await sheet(), before_ = cases();
  for (const [more, field] of [[{ kind: '' }, 'kind'], [{ kind: 'noise' }, 'kind'], [{ kind: 'staff' }, 'kind'], [{ kind: 'redress' }, 'kind'], [{ kind: 'x' }, 'kind'], [{ area: '' }, 'area'], [{ area: far }, 'area'], [{ area: 'unsure' }, 'area'],
    [{ text: ' ' }, 'text'], [{ text: 'x'.repeat(2001) }, 'text'], [{ street: '079012345678' }, 'street'], [{ folded: '' }, 'folded'], [{ text: 'CCCD 079 012 345 678' }, 'text']]) {
    const page = await send(head, form(one.code, more));
    assert.equal(page.status, 422, JSON.stringify(more).slice(0, 60));
    fieldError(page.text, field);
  }
  assert.equal((await send(head, form(one.code, { key: 'x' }))).status, 400);
  for (const who of [clerk, await as('cong-an'), await as('chu-tich'), await as('quan-tri')]) assert.equal((await send(who, form(one.code))).status, 404);
  assert.equal(cases(), before_);
  // All that is wrong is said at once: a paper that is none, a name, danger.
  const both = await send(head, form(coded('SM-26-00000'), { text: 'Anh Nguyễn Văn Tám đốt rác, cháy nhà.' }));
  assert.equal(both.status, 422);
  assert.match(fieldError(both.text, 'folded'), /Phường không có tờ giấy nào/);
  assert.match(both.text, /name="text-advised"/);
  assert.match(both.text, /id="danger"/);
  // Names are pointed out once, danger shows its numbers once; sent again it goes, and rings.
  const named = await send(head, form(one.code, { text: 'Anh Nguyễn Văn Tám đổ rác xuống cống.' }));
  assert.equal(named.status, 422);
  assert.match(named.text, /name="text-advised"/);
  const danger = await send(head, form(one.code, { text: 'Cháy nhà ở cuối hẻm.' }));
  assert.equal(danger.status, 422);
  assert.match(danger.text, /id="danger"/);
  await done(send(head, form(one.code, { text: 'Cháy nhà ở cuối hẻm.', danger: '1' })));
  assert.notEqual(x.sql(`SELECT COALESCE(danger_at, 0) FROM ward_case WHERE code = '${one.code}'`), '0');
});

test('a phone that sends twice, and two that hold the same paper: one case', async () => {
  const [one, two] = await sheet(), sent = form(one.code, { phone: '1' }), before_ = cases();
  const replies = await Promise.all([1, 2, 3].map(() => told(send(head, sent))));
  for (const r of replies) assert.deepEqual(r, { status: 200, answer: 'done', text: 'Đã gửi.' });
  assert.equal((await told(send(head, sent))).answer, 'done');
  assert.equal(cases(), before_ + 1);
  // The page sent once more with another paper is another report; with the same paper and other words it is held back.
  const [next] = await sheet(), other = form(one.code, { key: sent.key });
  assert.equal((await send(head, { ...other, text: 'Lời khác hẳn.' })).status, 422);
  await done(send(head, { ...other, folded: next.code }));
  assert.equal(cases(), before_ + 2);
  const both = await Promise.all([head, team].map((who) => send(who, form(two.code, { text: 'Cháy nhà ở cuối hẻm.', phone: '1' }))));
  assert.deepEqual(both.map((r) => r.status).sort(), [200, 422], 'danger is held back for nobody');
  assert.equal(cases(), before_ + 3);
  x.verb(['verify']);
});

test('in English, too; forgotten when their time is over', async () => {
  const page = words((await clerk.get(`/${W}/en/desk/folded`)).text), mine = words((await head.get(`/${W}/en/desk/my-area/report`)).text);
  assert.match(page, /Folded receipts/);
  assert.match(mine, /Report for somebody who has no phone/);
  assert.match(mine, /the PIN inside is for the person alone/);
  const [one] = await sheet();
  assert.match(words((await x.client().post(`/${W}/en/follow`, { code: one.code, pin: one.pin })).text), /has not reached the ward yet/);
  // Until 60 days after their last day: an expired one is told so, and then is known no more.
  const [old] = await sheet(), batch = (p) => x.sql(`SELECT count(*) FROM folded_batch b JOIN folded_receipt r ON r.batch_id = b.id WHERE r.code = '${p.code}'`);
  for (const [p, days] of [[one, 239], [old, 241]]) x.sql(`UPDATE folded_batch SET made_at = made_at - ${days * 86400e6}, expires_at = expires_at - ${days * 86400e6} WHERE id = (SELECT batch_id FROM folded_receipt WHERE code = '${p.code}')`);
  x.clock.move(1);
  await until('they are forgotten', () => batch(old) === '0');
  assert.equal(batch(one), '1');
});

test('two hundred a day are printed in a ward at most', async () => {
  clerk = await as('ha-tang');
  for (let i = 0; i < 10; i++) assert.equal((await print(clerk, W, '5')).reply.status, 200);
  const last = await print(clerk, W, '1');
  assert.equal(last.reply.status, 429);
  assert.match(words(last.reply.text), /Mai in tiếp/);
});

// The last one: nobody on this address guesses any more today.
test('the old PIN of an opened paper gives no free guesses at the new one', async () => {
  const said = [];
  for (let i = 0; i < 6; i++) {
    said.push((await x.client().post(`/${W}/follow`, { code: used.code, pin: 'BCFGHJKM' })).status);
    await x.client().post(`/${W}/follow`, { code: used.code, pin: used.pin });
  }
  assert.ok(said.includes(429), said.join());
});
