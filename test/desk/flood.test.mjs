// A flood at the desk: the same words again and again stand in one row, honest reports beside it; looked at,
// let out, taken out in one step that counts nowhere as work, objected to by who meant it, brought back.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, report, signIn, startXom, until, words } from '../harness/xom.mjs';
import { fieldError, follow } from '../harness/steps.mjs';

const W = 'song-may', DAY = 1;
const TEXT = 'Đèn đường trước nhà tôi tắt ba đêm nay rồi, xin phường cho người xuống sửa giúp cả bà con';
let x, a, other, far;
before(async () => {
  x = await startXom({ settings: 'proxies: [127.0.0.1, "::1"]\n' });
  [a, other, far] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'moi-truong'), await signIn(x, 'rach-truc', 'ha-tang.rt')];
});
after(async () => { await x.stop(); });

// From an address of its own each.
let address = 0;
function from(ip = `10.1.${Math.floor(address / 250)}.${(address++ % 250) + 1}`) {
  const c = x.client(), plain = c.request.bind(c);
  c.request = (method, path, options = {}) => plain(method, path, { ...options, headers: { ...options.headers, 'x-forwarded-for': ip } });
  return c;
}
const send = (text, ward = W, more = {}) => report(x, ward, { text, client: from(), ...more });
const junk = (i) => send(`${i} ${TEXT}!! kq${'xyzwv'[i % 5]}t ${i * 7}`, W, { street: `Hẻm ${i}` });
const json = async (who, path) => JSON.parse((await who.get(`/${W}/desk${path}`)).text);
const queue = async () => (await json(a, '.json?queue=new')).cases.map((c) => c.code);
const group = async () => (await json(a, '/floods.json')).groups[0];
const token = async (who) => hidden((await who.get(`/${W}/desk`)).text, 'token');
const act = async (path, form) => a.post(path, { token: await token(a), ...form });
const ended = (path) => until('the step with all of the group', async () => !JSON.parse((await a.get(path.replace(/(\?|$)/, '.json$1'))).text).running);
const facts = async (code) => json(a, `/case/${code}.json`);

const sent = [];
let path, honest;
test('fourteen with the same words are two rows, and the honest one beside them is seen', async () => {
  const old = await queue();
  for (let i = 0; i < 14; i += 1) sent.push(await junk(i));
  honest = await send('Bóng đèn trước trạm y tế nổ đêm qua, mảnh vỡ còn trên đường.');
  for (let i = 0; i < 12; i += 1) await send(TEXT, 'rach-truc', { street: `Hẻm ${i % 2}` });
  const left = await until('the earlier ones in the group', async () => { const q = (await queue()).filter((c) => !old.includes(c)); return q.length === 2 && q; });
  assert.deepEqual(new Set(left), new Set([sent[0].code, honest.code]));
  const g = await group();
  assert.deepEqual([g.n, g.kind], [13, 'lighting']);
  path = g.url;
  const list = words((await a.get(`/${W}/desk`)).text);
  assert.match(list, /Tin gửi hàng loạt, xếp chung 13 tin cùng một lời, từ \d\d:\d\d/);
  assert.match(list, new RegExp(honest.code));
  assert.equal((await json(a, '.json?queue=new')).queues[0].n, old.length + 2);
  // In no public list; its public page is not there, as if it had none.
  const [row] = x.sql(`SELECT public_code FROM ward_case WHERE code = '${sent[5].code}'`, { json: true });
  assert.equal((await x.client().get(`/${W}/case/${row.public_code}`)).status, 404);
  // Found by its code all the same.
  assert.equal((await a.get(`/${W}/desk?words=${sent[5].code}`)).location, `/${W}/desk/case/${sent[5].code}`);
});

test('its reporter follows it as ever, and is told', async () => {
  const c = await follow(x, sent[5]);
  const page = (await c.get(`/${W}/receipt`)).text;
  assert.match(words(page), /tạm đứng chung một nhóm .* Hạn của tin vẫn tính như thường/);
  assert.match(words(page), /Đã nhận/);
  assert.match(words(page), /Xếp chung nhóm với nhiều tin gửi hàng loạt/);
  assert.doesNotMatch(page, /\/case\/SM-P-/);
});

test('the group is looked at, by its unit alone, and each look is written', async () => {
  const page = await a.get(path);
  assert.equal([...page.text.matchAll(/name="out" value="/g)].length, 13);
  assert.match(page.text, /trước nhà tôi tắt ba đêm/);
  assert.doesNotMatch((await a.get(`${path}.json`)).text, /trước nhà tôi/);
  const [look] = x.sql('SELECT what, filter, number FROM look ORDER BY at DESC, seq DESC LIMIT 2', { json: true }).filter((l) => l.what === 'list');
  assert.match(look.filter, /^flood=\d+$/);
  assert.equal(look.number, 13);
  for (const who of [other, x.client()]) assert.ok([404, 303].includes((await who.get(path)).status));
  assert.equal((await other.get(path)).status, 404);
  assert.equal((await far.get(path.replace(W, 'rach-truc'))).status, 404);
  assert.equal((await other.post(path, { token: await token(other), do: 'ungather', sure: '1' })).status, 404);
  for (const bad of ['0', 'x', '1-x', '-1-1', `${path.match(/\d+-/)[0]}999`]) assert.equal((await a.get(`/${W}/desk/floods/${bad}`)).status, 404);
  for (const form of [{}, { do: 'close' }, { do: 'xyz' }, { out: 'x' }]) assert.equal((await act(path, form)).status, 400);
  assert.equal((await act(path, { out: honest.code })).status, 404);
});

test('one is let out by its button, one by any step', async () => {
  const r = await act(path, { out: sent[3].code });
  assert.equal(r.status, 303);
  assert.match(words((await a.get(r.location)).text), /Đã đưa ra khỏi nhóm/);
  assert.ok((await queue()).includes(sent[3].code));
  const page = await a.get(`/${W}/desk/case/${sent[4].code}`);
  assert.match(words(page.text), /Việc này đứng trong một nhóm tin gửi hàng loạt/);
  const at = { token: hidden(page.text, 'token'), version: hidden(page.text, 'version'), seen: hidden(page.text, 'seen') };
  assert.equal((await a.post(`/${W}/desk/case/${sent[4].code}/take`, at)).status, 303);
  assert.equal((await facts(sent[4].code)).mine, true);
  const c = await follow(x, sent[6]);
  const s = hidden((await c.get(`/${W}/receipt`)).text, 's');
  assert.equal((await c.post(`/${W}/receipt/withdraw`, { s })).status, 303);
  assert.equal((await group()).n, 10);
});

test('taken out in one step, counted apart; who meant it comes back; all are brought back', async () => {
  const figures = async () => JSON.parse((await x.client().get(`/${W}/figures.json`)).text);
  const old = await figures(), all = (f) => f.rows.find((r) => r.by === 'all') ?? f.rows[0];
  const wrong = await act(path, { do: 'clear', reason: ' ' });
  assert.equal(wrong.status, 422);
  fieldError(wrong.text, 'reason');
  const ask = await act(path, { do: 'clear', reason: 'Máy gửi đi gửi lại.' });
  assert.match(words(ask.text), /Dọn 10 tin\?.*Trong bảy ngày có thể đưa tất cả trở lại/);
  assert.equal((await group()).n, 10, 'nothing is done before it is confirmed');
  const form = { do: hidden(ask.text, 'do'), reason: hidden(ask.text, 'reason'), sure: hidden(ask.text, 'sure') };
  const r = await act(path, form);
  assert.equal(r.location, `${path}?cleared=1`);
  await ended(path);
  assert.match(words((await a.get(r.location)).text), /Đưa lại được tới.*đã dọn 10 \/ 10 tin/);
  assert.equal((await json(a, '/floods.json')).groups.length, 0);
  assert.equal((await json(a, '/floods.json')).cleared[0].cleared, 10);
  assert.ok((await queue()).includes(honest.code));
  const now = await figures();
  assert.equal(now.flood_cleared, 10);
  assert.deepEqual([all(now).closed, all(now).received, all(now).median], [all(old).closed, all(old).received, all(old).median]);
  assert.match(words((await x.client().get(`/${W}/figures`)).text), /gửi hàng loạt.*không tính vào các số khác trên trang này: 10/);
  const one = await facts(sent[8].code);
  assert.deepEqual([one.state, one.outcome], ['closed', 'flood']);
  // Its reporter reads what happened, not the reason, and reopens it.
  const c = await follow(x, sent[8]);
  const page = (await c.get(`/${W}/receipt`)).text;
  assert.match(words(page), /Tin này được dọn cùng một đợt gửi hàng loạt.*phường xin lỗi vì đã nhầm.*“Chưa xong”/);
  assert.doesNotMatch(page, /Máy gửi đi gửi lại|solved_url|\/receipt\/solved/);
  assert.equal((await c.post(`/${W}/receipt/reopen`, { s: hidden(page, 's'), reason: 'Đèn tắt thật.' })).status, 303);
  assert.ok((await queue()).includes(sent[8].code));
  const back = await act(path, { do: 'restore', sure: '1' });
  assert.equal(back.status, 303);
  await ended(path);
  assert.equal((await group()).n, 9);
  assert.equal((await figures()).flood_cleared ?? 0, 0);
  assert.equal((await facts(sent[9].code)).state, 'received');
  assert.match(x.verb(['verify']), /0 faults|no faults|không/i);
  x.verb(['rebuild']);
  assert.equal((await group()).n, 9);
});

test('put back into the queue; after seven days nothing is brought back', async () => {
  await act(path, { do: 'clear', reason: 'Máy gửi.', sure: '1' });
  await ended(path);
  x.clock.move(8 * DAY);
  a = await signIn(x, W, 'ha-tang');
  assert.doesNotMatch((await a.get(path)).text, /value="restore"/);
  await act(path, { do: 'restore', sure: '1' });
  await ended(path);
  assert.equal((await facts(sent[9].code)).state, 'closed');
  assert.equal((await json(a, '/floods.json')).cleared.length, 0);
});

// From 300 in an hour on an address counts. Their words are their own: by those alone nothing would be gathered.
const letters = (i) => [...String(1000 + i)].map((d) => 'bcdghklmnt'[d]).join('');
const fresh = (i) => `Ngõ ${letters(i)} có cây ${letters(i * 7 + 1)} đổ ngang đường từ chiều, xe ${letters(i * 3 + 2)} không qua được`;
test('more than 300 in an hour from one address stand in one row; who reports from elsewhere stands in the queue as ever', async () => {
  const ward = 'rach-truc', desk = await signIn(x, ward, 'ha-tang.rt'), one = '10.200.0.7', all = [];
  const read = async (path_) => JSON.parse((await desk.get(`/${ward}/desk${path_}`)).text);
  const early = await report(x, ward, { text: 'Đèn cầu Bà Sáu tắt, trời mưa không thấy đường.', client: from('10.201.0.1') });
  for (let i = 0; i < 304; i += 16) all.push(...await Promise.all(Array.from({ length: 16 }, (_, k) => report(x, ward, { text: fresh(i + k), client: from(one) }))));
  assert.equal(new Set(all.map((r) => r.code)).size, 304, 'each has its receipt: nothing was refused');
  const neighbour = await report(x, ward, { text: 'Bóng đèn trước nhà trẻ nhấp nháy cả tối.', client: from('10.201.0.2') });
  const list = await until('the earlier ones in the group', async () => { const q = await read('.json?queue=new&n=500'); return q.cases.filter((c) => all.some((r) => r.code === c.code)).length <= 1 && q; });
  const codes = list.cases.map((c) => c.code);
  assert.ok(codes.includes(early.code) && codes.includes(neighbour.code));
  const g = (await read('/floods.json')).groups.find((f) => f.n >= 300);
  assert.equal(g.n, 303);
  assert.match(words((await desk.get(`/${ward}/desk`)).text), /303 tin/);
  // Whoever sent one of them is told so, and is not turned away.
  assert.match(words((await (await follow(x, all[200], ward)).get(`/${ward}/receipt`)).text), /tạm đứng chung một nhóm/);
  assert.doesNotMatch(words((await (await follow(x, neighbour, ward)).get(`/${ward}/receipt`)).text), /tạm đứng chung một nhóm/);
});
