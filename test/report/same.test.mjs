// The same matter: "is it this one?", joining, a receipt of one's own; merging and splitting at the desk;
// one case and its reports as two numbers everywhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hidden, readReceipt, signIn, startXom, until, words } from '../harness/xom.mjs';
import { casePath, facts, fieldError, follow, next, reporter, step, steps, upToCheck } from '../harness/steps.mjs';

const WARD = '/song-may', MARK = 'Dây điện thòng xuống trước nhà số chín';
let x, officer, other, everybody;
const HERE = { lat: '10.000100', lon: '105.700100' }, NEAR = { lat: '10.000900', lon: '105.700900' }, FAR = { lat: '9.996000', lon: '105.697000' };
before(async () => {
  x = await startXom();
  officer = await signIn(x, 'song-may', 'ha-tang');
  other = await signIn(x, 'song-may', 'moi-truong');
  everybody = x.client();
});
after(async () => { await x.stop(); });

const at = (name) => `${WARD}/report/${name}`;
async function send(more = {}) {
  const { client, s } = await upToCheck(x, 'song-may', { area: '', ...more });
  const got = readReceipt((await client.post(at('check'), { s, go: 'send' })).text);
  got.public_code = (await facts(officer, got.code)).public_code;
  return got;
}
// The form up to the question, if it is asked.
async function where(kind, place, client = x.client()) {
  let page = await client.get(at('').slice(0, -1));
  page = await next(client, 'song-may', 'kind', page, { kind });
  page = await next(client, 'song-may', 'where', page, { area: '', street: '', landmark: '', ...place });
  return { client, page };
}
const asks = (page) => /action="[^"]*\/report\/same"/.test(page.text);
const offered = (page) => [...page.text.matchAll(/value="join:([\w-]+)"/g)].map((m) => m[1]);
async function join(lead, { kind = 'lighting', place = NEAR, text = '' } = {}) {
  const { client, page } = await where(kind, place);
  assert.ok(offered(page).includes(lead.public_code), words(page.text).slice(0, 500));
  let check = await client.post(at('same'), { s: hidden(page.text, 's'), go: `join:${lead.public_code}` });
  if (text) {
    check = await client.post(at('check'), { s: hidden(check.text, 's'), go: 'to:what' });
    check = await next(client, 'song-may', 'what', check, { text });
    check = await client.post(at('photos'), { s: hidden(check.text, 's'), go: 'next' });
  }
  assert.match(check.text, /id="send"/, words(check.text).slice(0, 500));
  const s = hidden(check.text, 's'), receipt = await client.post(at('check'), { s, go: 'send' });
  assert.equal(receipt.status, 200, words(receipt.text).slice(0, 500));
  return { client, s, page: receipt, check, ...readReceipt(receipt.text) };
}
const receipt = async (got) => (await follow(x, got)).get(`${WARD}/receipt`);
const json = async (path, client = everybody) => JSON.parse((await client.get(`${WARD}${path}`)).text);
const all = (f) => f.rows.find((r) => r.by === 'all');
const merge = (code, into, more = {}) => step(officer, code, 'merge', { 'merge-code': into, 'merge-reason': 'Cùng một cột đèn.', ...more });
const CLOSE = ['close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng đèn.' }];

test('asked by kind and square alone, and going on makes a case of its own', async () => {
  const first = await send(HERE);
  const asked = await where('lighting', NEAR);
  assert.deepEqual(offered(asked.page), [first.public_code]);
  assert.ok(!words(asked.page.text).includes(first.code), 'no receipt code');
  // What it is and how far, by squares alone; its page in the same tab, since Back brings the form again; both answers weigh the same.
  const card = asked.page.text.slice(asked.page.text.indexOf('class="x-same-one"'));
  assert.match(card, /<h2[^>]*>Đèn đường[^<]*<\/h2>/);
  assert.match(words(card), /Cách chỗ bạn chọn khoảng 1[04]0 m/);
  assert.match(card, new RegExp(`<a class="govuk-link" href="${WARD}/case/${first.public_code}">`));
  assert.equal(asked.page.headers.get('cache-control'), 'private, no-cache');
  assert.equal((asked.page.text.match(/value="(?:join:[\w-]+|no)" class="govuk-button govuk-button--secondary"/g) ?? []).length, 2);
  assert.ok(!asks((await where('lighting', FAR)).page), 'another square');
  assert.ok(!asks((await where('road', NEAR)).page), 'another kind');
  assert.ok(!asks((await where('lighting', { area: 'unsure' })).page), 'no point');
  // Khu vực and kind without a point: a link to the open ones there, if there are any.
  const khuVuc = x.sql(`SELECT area_id FROM ward_case WHERE public_code = '${first.public_code}'`), list = (r) => r.page.text.match(/href="([^"]*\/cases\?kind=[^"]*)"/)?.[1].replace(/&amp;/g, '&');
  const link = list(await where('lighting', { area: khuVuc }));
  assert.equal(link, `${WARD}/cases?kind=lighting&area=${khuVuc}&state=open`);
  assert.ok((await everybody.get(link)).text.includes(first.public_code));
  for (const [kind, area] of [['noise', khuVuc], ['lighting', 'unsure']]) assert.equal(list(await where(kind, { area })), undefined, kind);
  await send({ ...HERE, kind: 'noise' }).catch(() => {});
  assert.ok(!asks((await where('noise', NEAR)).page), 'conduct');
  // Back, and no.
  const back = await asked.client.post(at('same'), { s: hidden(asked.page.text, 's'), go: 'back' });
  assert.match(back.text, /action="[^"]*\/report\/where"/);
  let page = await asked.client.post(at('same'), { s: hidden(asked.page.text, 's'), go: 'no' });
  assert.match(page.text, /action="[^"]*\/report\/what"/);
  assert.equal((await next(asked.client, 'song-may', 'what', page, { text: '' })).status, 422, 'words are needed then');
  page = await asked.client.post(at('same'), { s: hidden(asked.page.text, 's'), go: 'join:SM-P-0000000' });
  assert.equal(page.status, 422);
  assert.match(words(page.text), /vừa xong hoặc vừa thay đổi/);
  // Long ago: not asked.
  x.clock.move(40);
  assert.ok(!asks((await where('lighting', NEAR)).page), 'forty days later');
  x.clock.move(-40);
});

test('who joins has a receipt, words of their own, and sees the one case closed and reopened', async () => {
  const first = await send({ ...FAR, text: 'Trụ số 4 tắt.' });
  const before = await json('/figures.json'), map = await json('/map.json?n=2');
  const got = await join(first, { place: FAR, text: MARK });
  assert.notEqual(got.code, first.code);
  assert.match(words(got.page.text), new RegExp(`xử lý chung: ${first.public_code}`));
  // The same form again: the same receipt, no further report.
  const again = readReceipt((await got.client.post(at('check'), { s: got.s, go: 'send' })).text);
  assert.deepEqual([again.code, again.pin], [got.code, got.pin]);
  const after = await json('/figures.json?kind=');
  assert.equal(all(after).received, all(before).received);
  assert.equal(all(after).reports, all(before).reports + 1);
  const now = await json('/map.json?n=3');
  assert.deepEqual([now.total, now.reports], [map.total, map.reports + 1]);
  assert.equal((await json(`/case/${first.public_code}.json`)).reports, 2);
  assert.match(words((await everybody.get(`${WARD}/case/${first.public_code}`)).text), /Số tin 2/);
  // The desk: one case with its weight; the words are read on their own page, by who works it alone.
  const page = words((await officer.get(`${WARD}/desk/case/${first.code}`)).text);
  assert.match(page, new RegExp(`2 tin .*${got.code}`));
  assert.ok(!page.includes(MARK));
  assert.ok(words((await officer.get(`${WARD}/desk/case/${got.code}`)).text).includes(MARK));
  assert.equal((await other.get(`${WARD}/desk/case/${got.code}`)).status, 404);
  const mute = await join(first, { place: FAR });
  assert.match(words((await officer.get(`${WARD}/desk/case/${mute.code}`)).text), /Lời người báo Không có lời kể\./);
  assert.equal((await reporter(await follow(x, mute), 'withdraw')).status, 303);
  assert.ok(!(await officer.get(`${WARD}/desk?queue=unit`)).text.includes(got.code), 'in no list of its own');
  // Closed: both read the result, in the same moment; what was asked of the first reporter is not the other's.
  await steps(officer, first.code, ['ask', { 'ask-text': 'Nhà chị ở số mấy?' }]);
  const waits = words((await receipt(got)).text);
  assert.ok(!waits.includes('Nhà chị') && !waits.includes('Đang chờ người báo'));
  assert.match(waits, /đang chờ một người khác báo cùng việc trả lời; bạn không cần làm gì\./);
  assert.match(waits, /cán bộ viết cho người báo của việc chung.*chỉ cho biết loại lý do/);
  await steps(officer, first.code, CLOSE);
  for (const r of [first, got]) assert.match(words((await receipt(r)).text), /Đã xong.*Đã thay bóng đèn\./);
  const c = await follow(x, got);
  assert.equal((await reporter(c, 'reopen', { reason: 'Cột này vẫn tối.' })).status, 303);
  assert.equal((await facts(officer, first.code)).state, 'working');
  const theirs = words((await receipt(first)).text);
  assert.match(theirs, /Mở lại/);
  assert.ok(!theirs.includes('Cột này vẫn tối'), 'the other reporter’s words are not this one’s');
  assert.match(words((await officer.get(casePath(first.code))).text), /Mở lại người khác báo cùng việc/);
  // Its first reporter can't withdraw others' matter; the other leaves it.
  assert.match(words((await receipt(first)).text), /không rút lại được/);
  assert.equal((await reporter(await follow(x, got), 'withdraw')).status, 303);
  assert.equal((await json(`/case/${first.public_code}.json`)).reports, 1);
});

test('joined, and then about somebody who works here: nothing is joined, and the chair reads it', async () => {
  const first = await send({ ...FAR, kind: 'water', text: 'Ống vỡ.' });
  const { client, page } = await where('water', FAR);
  let p = await client.post(at('same'), { s: hidden(page.text, 's'), go: `join:${first.public_code}` });
  assert.ok(words(p.text).includes(first.public_code));
  p = await client.post(at('check'), { s: hidden(p.text, 's'), go: 'to:what' });
  const silent = await next(client, 'song-may', 'what', p, { text: '', staff: 'yes' });
  assert.equal(silent.status, 422, 'words are needed then');
  p = await next(client, 'song-may', 'what', p, { text: MARK, staff: 'yes' });
  p = await next(client, 'song-may', 'subject', p, { subject: 'head:ha-tang' });
  if (/action="[^"]*\/report\/photos"/.test(p.text)) p = await client.post(at('photos'), { s: hidden(p.text, 's'), go: 'next' });
  assert.match(p.text, /id="send"/, words(p.text).slice(0, 500));
  assert.ok(!p.text.includes(first.public_code));
  const sent = await client.post(at('check'), { s: hidden(p.text, 's'), go: 'send' });
  assert.equal(sent.status, 200, words(sent.text).slice(0, 500));
  assert.ok(!sent.text.includes(first.public_code));
  assert.equal((await facts(officer, first.code)).reports, 1);
  assert.equal((await officer.get(casePath(readReceipt(sent.text).code))).status, 404);
});

test('closed meanwhile: it is said, nothing is lost, and it can be sent as a new one', async () => {
  const first = await send({ ...HERE, kind: 'road', text: 'Ổ gà.' });
  const { client, page } = await where('road', HERE);
  const check = await client.post(at('same'), { s: hidden(page.text, 's'), go: `join:${first.public_code}` });
  await steps(officer, first.code, CLOSE);
  const said = await client.post(at('check'), { s: hidden(check.text, 's'), go: 'send' });
  assert.equal(said.status, 422);
  assert.match(fieldError(said.text, 'text'), /gửi tin này thành một việc mới/);
  let more = await next(client, 'song-may', 'what', said, { text: 'Ổ gà còn nguyên.' });
  more = await client.post(at('photos'), { s: hidden(more.text, 's'), go: 'next' });
  const got = readReceipt((await client.post(at('check'), { s: hidden(more.text, 's'), go: 'send' })).text);
  assert.equal((await facts(officer, got.code)).reports, 1);
});

test('merged, seen everywhere as one, and undone: figures, dates and receipts as before', async () => {
  const a = await send({ ...HERE, kind: 'water', text: 'Vỡ ống.' }), b = await send({ ...FAR, kind: 'water', text: 'Nước tràn.' });
  const dates = async () => Promise.all([a, b].map(async (r) => { const f = await facts(officer, r.code); return [f.due, f.state, f.unit, f.officer, f.reports]; }));
  const figures = async () => { const f = await json(`/figures.json?kind=water&n=${Math.random()}`); return JSON.stringify([f.rows, f.months]); };
  await steps(officer, a.code, ['take']);  // the other is not looked at yet
  const mine = async () => JSON.parse((await (await follow(x, a)).get(`${WARD}/receipt.json`)).text), own = (await mine()).due;
  const was = [await dates(), await figures()];
  assert.equal((await merge(a.code, ` ${b.code.toLowerCase()} `)).status, 303);
  assert.equal((await facts(officer, b.code)).reports, 2);
  const gone = await everybody.get(`${WARD}/case/${a.public_code}`);
  assert.equal(gone.status, 303);
  assert.match(gone.location, new RegExp(`/case/${b.public_code}$`));
  assert.ok(!(await json('/cases.json')).cases.some((c) => c.code === a.public_code));
  assert.match(words((await receipt(a)).text), new RegExp(`Xử lý chung.*${b.public_code}`));
  assert.equal((await mine()).own.day, own, 'the date that undoing gives back');
  const told = await receipt(a);
  assert.match(words(told.text), /trước đó đã được nhận xử lý; việc chung thì chưa ai xem/);
  assert.equal(told.text.split('<details class="govuk-details x-clock"').length - 1, 2, 'why the shared date, and the own one');
  const list = (await officer.get(`${WARD}/desk?queue=unit`)).text;
  assert.ok(!list.includes(a.code) && /2 tin/.test(words(list)));
  assert.notEqual(await figures(), was[1]);
  assert.equal((await step(officer, a.code, 'unmerge', { 'unmerge-reason': '' })).status, 422);
  assert.equal((await step(officer, a.code, 'unmerge', { 'unmerge-reason': 'Hai ống khác nhau.' })).status, 303);
  assert.deepEqual([await dates(), await figures()], was);
  assert.equal((await mine()).due, own);
  assert.equal((await everybody.get(`${WARD}/case/${a.public_code}`)).status, 200);
  for (const r of [a, b]) assert.match(words((await officer.get(casePath(r.code))).text), /Thôi gộp.*Hai ống khác nhau/);
});

test('what can’t be merged says why, and keeps what was typed', async () => {
  const a = await send({ ...HERE, text: 'Đèn một.' }), b = await send({ ...HERE, text: 'Đèn hai.' }), c = await send({ ...FAR, text: 'Đèn ba.' });
  const rubbish = await (async () => { const { client, s } = await upToCheck(x, 'song-may', { kind: 'rubbish', area: '', ...HERE }); return readReceipt((await client.post(at('check'), { s, go: 'send' })).text); })();
  const elsewhere = await (async () => { const { client, s } = await upToCheck(x, 'rach-truc', {}); return readReceipt((await client.post('/rach-truc/report/check', { s, go: 'send' })).text); })();
  const why = async (code, into, text) => {
    const r = await merge(code, into);
    assert.equal(r.status, 422, words(r.text).slice(0, 200));
    assert.match(fieldError(r.text, 'merge-code'), text);
    assert.match(r.text, /Cùng một cột đèn\./);
  };
  await why(a.code, '', /Hãy chọn/);
  await why(a.code, a.code, /chính việc này/);
  await why(a.code, 'SM-P-0000000', /Không có việc nào/);
  await why(a.code, elsewhere.code, /Không có việc nào/);
  const unknown = fieldError((await merge(a.code, 'SM-P-0000000')).text, 'merge-code');
  await why(a.code, rubbish.code, /Không có việc nào/);
  assert.equal(fieldError((await merge(a.code, rubbish.code)).text, 'merge-code'), unknown, 'another unit’s case is not told to be there');
  // Whatever is typed as a code: said at the field, shown again as text, and nothing is merged.
  for (const typed of [`SM-${'X'.repeat(150)}`, 'Đ'.repeat(155), "' OR 1=1; DROP TABLE ward_case --", '<script>alert(1)</script>', '\u202e\u200b١٢٣４５６', `${b.code} ${b.code}`, '%', '-1', '0']) {
    const r = await merge(a.code, typed);
    assert.equal(r.status, 422, typed);
    assert.match(fieldError(r.text, 'merge-code'), /Không có việc nào mang mã này/, typed);
    assert.ok(!r.text.includes('<script>alert'), 'as text');
    assert.match(r.text, /Cùng một cột đèn\./);
  }
  const long = await merge(a.code, 'x'.repeat(3000));
  assert.equal(long.status, 422);
  assert.match(fieldError(long.text, 'merge-code'), /3000\/160/, 'too long, and how much');
  assert.match(fieldError((await merge(a.code, b.code, { 'merge-reason': 'x'.repeat(5000) })).text, 'merge-reason'), /5000\//);
  assert.equal(x.sql(`SELECT count(*) FROM ward_case WHERE code = '${a.code}' AND lead_id IS NULL`), '1');
  assert.equal((await step(officer, a.code, 'merge', { 'merge-code': b.code, 'merge-reason': '' })).status, 422);
  // One near it is offered to choose.
  let page = await officer.get(casePath(a.code));
  assert.ok(!/ngược lại/.test(words(page.text)), 'nobody looked at either');
  await steps(officer, a.code, ['take']);
  page = await officer.get(casePath(a.code));
  assert.match(words(page.text), /chưa ai xem\. Nên gộp ngược lại/);
  const [, around] = page.text.match(new RegExp(`href="([^"]*${b.code}\\?merge=${a.code}#merge)"`));
  assert.match((await officer.get(around.split('#')[0])).text, new RegExp(`id="merge" open[^]*name="merge-code"[^>]*value="${a.code}"`), 'its form, filled in');
  assert.match(page.text, new RegExp(`name="merge-near"[^>]*value="${b.public_code}"`));
  assert.equal((await step(officer, a.code, 'merge', { 'merge-code': '', 'merge-near': b.public_code, 'merge-reason': 'Một chỗ.' })).status, 303);
  assert.match(words((await officer.get(casePath(a.code))).text), /việc chung chưa ai xem\. Hãy nhận việc chung, hoặc thôi gộp/);
  await why(b.code, a.code, /đã được gộp/);
  await why(c.code, a.code, /đã được gộp/);
  await steps(officer, c.code, CLOSE);
  await why(b.code, c.code, /đã đóng/);
  // A colleague was quicker.
  const old = await officer.get(casePath(b.code)), seal = { token: hidden(old.text, 'token'), version: hidden(old.text, 'version'), seen: hidden(old.text, 'seen') };
  await steps(officer, b.code, ['note', { 'note-text': 'Đã xem.' }]);
  const d = await send({ ...FAR, text: 'Đèn bốn.' });
  assert.equal((await officer.post(`${casePath(b.code)}/merge`, { ...seal, 'merge-code': d.code, 'merge-reason': 'Một chỗ.' })).status, 409);
  // Who may not: another unit, nobody, another ward.
  assert.equal((await other.post(`${casePath(b.code)}/merge`, { ...seal, token: hidden((await other.get(`${WARD}/desk`)).text, 'token'), 'merge-code': d.code, 'merge-reason': 'x' })).status, 404);
  // Splitting after it was closed.
  await steps(officer, b.code, CLOSE);
  const shut = await officer.get(casePath(a.code));
  assert.ok(!/\/unmerge"/.test(shut.text));
  const late = await officer.post(`${casePath(a.code)}/unmerge`, { token: hidden(shut.text, 'token'), version: hidden(shut.text, 'version'), seen: hidden(shut.text, 'seen'), 'unmerge-reason': 'Hai cột khác nhau.' });
  assert.equal(late.status, 422);
  assert.match(words(late.text), /Không tách được: việc chung đã đóng.*Hai cột khác nhau\./, 'why, and what was typed');
  const again = await step(officer, b.code, 'merge', { 'merge-code': d.code, 'merge-reason': 'Cùng một cột.' });
  assert.equal(again.status, 422);
  assert.match(words(again.text), new RegExp(`Việc này đã đóng.*${d.code} Cùng một cột\\.`));
});

test('what is due earlier follows nothing due later: the other way round, and the page says who has it', async () => {
  const soon = await send({ ...FAR, kind: 'water', text: 'Nước ngập.' }), later = await send({ ...FAR, kind: 'road', text: 'Đường lún.' });
  const was = JSON.stringify((await json('/figures.json?n=earlier')).rows);
  const no = await merge(soon.code, later.code);
  assert.equal(no.status, 422);
  assert.match(fieldError(no.text, 'merge-code'), /không được lùi hạn. Hãy gộp ngược lại/);
  assert.ok(no.text.includes(later.code) && /Cùng một cột đèn\./.test(no.text), 'what was typed');
  assert.ok(no.text.includes(`/desk/case/${later.code}?merge=${soon.code}#merge"`), 'where the other way round is made');
  assert.equal(JSON.stringify((await json('/figures.json?n=earlier2')).rows), was);
  assert.equal((await merge(later.code, soon.code)).status, 303);
  assert.match(words((await officer.get(casePath(later.code))).text), /Tổ Hạ tầng đô thị/);
  await steps(officer, soon.code, ['take'], ['assign', { 'assign-unit': 'moi-truong', 'assign-reason': 'Của bên đó.' }]);
  await steps(other, soon.code, ['take']);
  const held = words((await other.get(casePath(later.code))).text);
  assert.match(held, /Tổ Môi trường Phạm Minh Châu/);
  assert.ok(!/Tổ Hạ tầng đô thị Trần Thị Lan/.test(held));
});

test('of a case that is withheld, or turned out to be conduct, its followers see how far it is and no more', async () => {
  const first = await send({ ...FAR, kind: 'road', text: 'Ổ gà.' }), got = await join(first, { kind: 'road', place: FAR });
  const page = async () => { const c = await follow(x, got), r = await c.get(`${WARD}/receipt`), j = await c.get(`${WARD}/receipt.json`); return { text: words(r.text), all: r.text + j.text, j: JSON.parse(j.text) }; };
  await steps(officer, first.code, ['take'], ['extend', { 'extend-text': 'BETWEENUS thêm nhựa.' }], ['pause', { 'pause-text': 'BETWEENUS chờ thanh tra.' }]);
  let seen = await page();
  assert.match(seen.text, new RegExp(`Trang công khai của việc chung: ${first.public_code} Số tin: 2`));
  assert.match(seen.text, /Đã nhận xử lý/);
  assert.match(seen.text, /Hạn lúc đầu: .*Đã gia hạn.*Theo quy tắc: thêm 5 ngày làm việc\. Phường tự đặt/, 'both dates, and by which rule');
  assert.ok(!seen.all.includes('BETWEENUS'), 'why it waits is told its own reporter');
  await steps(officer, first.code, ['resume'], ['withhold', { 'withhold-reason': 'Có tên người.' }], ['close', { 'close-outcome': 'mended', 'close-text': 'SECRETRESULT đã vá.' }]);
  const hides = () => {
    for (const never of [first.public_code, 'SECRETRESULT', 'Đã sửa', 'Số tin', 'Đã nhận xử lý']) assert.ok(!seen.all.includes(never), never);
    assert.match(seen.text, /không có trang công khai, nên ở đây chỉ cho biết tin của bạn đang tới đâu/);
  };
  seen = await page();
  hides();
  assert.equal(seen.j.state, 'closed');
  assert.match(seen.text, /Đã xong/);
  assert.match(words((await receipt(first)).text), /SECRETRESULT/, 'its own reporter reads it');
  await steps(officer, first.code, ['unwithhold', { 'unwithhold-reason': 'Đã bỏ tên.' }]);
  assert.match((await page()).all, /SECRETRESULT/);
  await steps(officer, first.code, ['correct', { 'correct-kind': 'noise', 'correct-area': '0', 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'Chuyện hàng xóm.' }]);
  seen = await page();
  hides();
  // Who merges a withheld case: its code is on nobody's receipt.
  const a = await send({ ...HERE, kind: 'road', text: 'Hố một.' }), b = await send({ ...FAR, kind: 'road', text: 'Hố hai.' });
  await steps(officer, a.code, ['withhold', { 'withhold-reason': 'Có tên người.' }]);
  assert.equal((await merge(a.code, b.code)).status, 303);
  assert.match(words((await receipt(b)).text), /Gộp/);
  assert.ok(!(await receipt(b)).text.includes(a.public_code));
  assert.ok(!(await everybody.get(`${WARD}/case/${b.public_code}`)).text.includes(a.public_code));
});

test('what follows a case is whose that case is: read, found and thanked there, and nowhere else', async () => {
  const own = await signIn(x, 'song-may', 'an-toan'), police = await signIn(x, 'song-may', 'cong-an');
  const first = await (async () => { const { client, s } = await upToCheck(x, 'song-may', { area: '', ...HERE, kind: 'fire_safety' }); return readReceipt((await client.post(at('check'), { s, go: 'send' })).text); })();
  first.public_code = (await facts(own, first.code)).public_code;
  const got = await join(first, { kind: 'fire_safety', place: HERE, text: MARK });
  const { public_code } = await facts(own, got.code);
  const found = async (who) => (await json(`/desk.json?queue=unit&words=${public_code}`, who)).cases.some((c) => c.code === got.code);
  const reads = async (who) => (await who.get(casePath(got.code))).status;
  assert.deepEqual([await reads(own), await reads(police), await found(own), await found(police)], [200, 200, true, true]);
  const handed = x.sql("SELECT id FROM unit WHERE slug = 'moi-truong' AND ward_id = (SELECT id FROM ward WHERE slug = 'song-may')");
  assert.ok(handed);
  await steps(own, first.code, ['assign', { 'assign-unit': 'moi-truong', 'assign-reason': 'Của bên kia.' }]);
  assert.deepEqual([await reads(own), await reads(police), await found(own), await found(police)], [404, 404, false, false]);
  assert.equal(await reads(other), 200);
  await until('the unit that has it finds it', () => found(other));
  const day = new Date(Number(x.sql(`SELECT received_at FROM ward_case WHERE code = '${got.code}'`)) / 1000 + 7 * 3600e3).toISOString().slice(0, 10);
  const lost = async (who) => (await who.get(`${WARD}/desk/lost?day=${day}&area=`)).text.includes(got.code);
  assert.deepEqual([await lost(own), await lost(other)], [false, true]);
  await steps(other, first.code, CLOSE);
  assert.equal((await reporter(await follow(x, got), 'solved', { thanks: 'THANKSWORDS cảm ơn.' })).status, 303);
  const thanked = async (who) => (await who.get(`${WARD}/desk`)).text.includes('THANKSWORDS');
  assert.deepEqual([await thanked(own), await thanked(other)], [false, true]);
});
