// Reply templates: written, versioned, taken away, put into the words of a step without JavaScript.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { caseFields, casePath, facts, fieldError, steps } from '../harness/steps.mjs';

const W = 'song-may', AT = `/${W}/desk/templates`;
let x, a, b, other;
before(async () => {
  x = await startXom();
  [a, b, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2'), await signIn(x, W, 'moi-truong')];
});
after(async () => { await x.stop(); });

const list = async (who) => JSON.parse((await who.get(`${AT}.json`)).text).templates;
const TEMPLATE = { title: 'Đã thay bóng', uses: 'close', kind: '', body: 'Đã thay bóng đèn ở {street} ({area}), việc {code}.' };
const send = (form) => { const f = new URLSearchParams(); for (const [k, v] of Object.entries(form)) for (const one of [v].flat()) f.append(k, one); return f; };
async function write(who, form, id = 'new') {
  const page = await who.get(`${AT}/${id}`);
  assert.equal(page.status, 200);
  return who.post(`${AT}/${id}`, send({ token: hidden(page.text, 'token'), version: hidden(page.text, 'version'), ...form }));
}
const idOf = (t) => t.url.split('/').at(-1);

test('what is wrong with a template is said beside its field, and nothing is lost', async () => {
  for (const [more, field, said] of [
    [{ title: '' }, 'title', /./], [{ title: 'x'.repeat(81) }, 'title', /81\/80/], [{ title: 'Số 079012345678' }, 'title', /./],
    [{ body: '' }, 'body', /./], [{ body: 'x'.repeat(2001) }, 'body', /2001\/2000/],
    [{ body: 'Chào, việc {mã} đã xong.' }, 'body', /\{mã\}/], [{ body: 'Xong {code}, { tên }' }, 'body', /\{ tên \}/],
    [{ body: 'Đã báo cho đối tượng.' }, 'body', /suspects/], [{ title: 'Danh sách đối tượng' }, 'title', /suspects/],
    [{ uses: [] }, 'uses', /./], [{ kind: 'murder' }, 'kind', /./]]) {
    const r = await write(a, { ...TEMPLATE, ...more });
    assert.equal(r.status, 422, JSON.stringify(more));
    assert.match(fieldError(r.text, field), said);
    if (field !== 'body') assert.match(r.text, />\nĐã thay bóng đèn ở \{street\}/);
  }
  assert.deepEqual(await list(a), []);
});

test('a template is kept as versions, of its unit alone', async () => {
  assert.equal((await write(a, { ...TEMPLATE, body: 'Một { và một {\nkhông đóng } thì vẫn là ngoặc. {code}' })).status, 303);
  let [t] = await list(b);
  assert.deepEqual([t.title, t.unit ?? ''], ['Đã thay bóng', '']);
  assert.deepEqual(await list(other), []);
  for (const path of [`${AT}/${idOf(t)}`, `${AT}/0`, `${AT}/x`, `${AT}/99999999`]) assert.equal((await other.get(path)).status, 404, path);
  // Two open it; the slower sees what the quicker wrote and keeps their words.
  const old = await b.get(`${AT}/${idOf(t)}`);
  assert.equal((await write(a, { ...TEMPLATE, body: 'SECOND {code}' }, idOf(t))).status, 303);
  const slow = { ...TEMPLATE, body: 'THIRD {due}', token: hidden(old.text, 'token'), version: hidden(old.text, 'version') };
  let r = await b.post(`${AT}/${idOf(t)}`, send(slow));
  assert.equal(r.status, 409);
  assert.match(r.text, /id="changed"[\s\S]*>\nTHIRD \{due\}<[\s\S]*SECOND/);
  r = await b.post(`${AT}/${idOf(t)}`, send({ ...slow, version: hidden(r.text, 'version') }));
  assert.equal(r.status, 303);
  const page = await a.get(`${AT}/${idOf(t)}.json`), all = JSON.parse(page.text).versions;
  assert.deepEqual(all.map((v) => v.body.split(' ')[0]), ['THIRD', 'SECOND', 'Một']);
  // Taken away: gone from the list and its page, known in the table.
  r = await a.post(`${AT}/${idOf(t)}/drop`, { token: slow.token && hidden((await a.get(AT)).text, 'token') });
  assert.equal(r.status, 303);
  assert.deepEqual(await list(a), []);
  for (const again of [await a.get(`${AT}/${idOf(t)}`), await a.post(`${AT}/${idOf(t)}`, send({ ...slow, token: hidden((await a.get(AT)).text, 'token'), version: '3' }))])
    assert.equal(again.status, 404);
});

test('put into a question, a result, public words and a note, with the case\'s own', async () => {
  const got = await report(x, W, { text: 'Đèn tắt.', street: 'Hẻm <7>' });
  const { public_code: pub } = await facts(a, got.code);
  for (const [title, uses, kind, body] of [['Hỏi', 'ask', '', 'Việc {code}: cột số mấy ở {street}?'], ['Xong', ['close', 'note'], 'lighting', '{kind} {area} {code} {today}'],
    ['Công bố', 'release', '', 'Việc {code}.'], ['Đường', 'close', 'road', 'Đã vá.']])
    assert.equal((await write(a, { title, uses, kind, body })).status, 303);
  const page = await b.get(casePath(got.code));
  const offered = (verb) => [...(page.text.match(new RegExp(`id="template-${verb}"[\\s\\S]*?</select>`))?.[0] ?? '').matchAll(/<option value="(\d+)" data-x-text="([^"]*)">([^<]*)</g)].map((m) => [m[3], m[1], m[2]]);
  assert.deepEqual(['ask', 'close', 'release', 'note', 'assign'].map((v) => offered(v).map((o) => o[0])), [['Hỏi'], ['Xong'], ['Công bố'], ['Xong'], []]);
  assert.equal(offered('ask')[0][2], `Việc ${got.code}: cột số mấy ở Hẻm &lt;7&gt;?`);
  const before = (await facts(b, got.code)).timeline.length;
  const fill = (verb, more) => b.post(`${casePath(got.code)}/${verb}`, { ...caseFields(page), template: offered(verb)[0][1], fill: '1', ...more });
  let r = await fill('ask', { 'ask-text': '' });
  assert.equal(r.status, 200);
  assert.match(r.text, new RegExp(`id="ask" open>[\\s\\S]*>\\nViệc ${got.code}: cột số mấy ở Hẻm &lt;7&gt;\\?</textarea>`));
  assert.doesNotMatch(r.text, /govuk-error-summary/);
  // What stood there stays, and so does the outcome.
  r = await fill('close', { 'close-text': 'Gõ trước.', 'close-outcome': 'mended' });
  assert.equal(r.status, 200);
  assert.match(r.text, new RegExp(`>\\nGõ trước\\.\\n[^<]*Đèn đường … ${got.code} \\d\\d/\\d\\d/\\d{4}</textarea>`));
  assert.match(r.text, /value="mended"[^>]* checked/);
  // The receipt's code is never published.
  r = await fill('release', { 'release-text': '' });
  assert.match(r.text, new RegExp(`>\\nViệc ${pub}\\.</textarea>`));
  r = await fill('note', { template: '12345', 'note-text': 'KEPT' });
  assert.match(r.text, />\nKEPT<\/textarea>/);
  assert.equal((await facts(b, got.code)).timeline.length, before, 'nothing was sent');
  // Sent from the page that came back.
  r = await fill('ask', { 'ask-text': '' });
  assert.equal((await b.post(`${casePath(got.code)}/ask`, { ...caseFields(r), 'ask-text': 'Việc: cột số mấy?' })).status, 303);
  // A colleague of another unit is offered none of them.
  await steps(a, got.code, ['assign', { 'assign-unit': 'moi-truong', 'assign-reason': 'nhầm' }]);
  assert.doesNotMatch((await other.get(casePath(got.code))).text, /data-x-template/);
});

test('in English, and who may not', async () => {
  const r = await a.get(`/${W}/en/desk/templates/new`);
  assert.match(words(r.text), /Offered for[\s\S]*\{office\}/);
  for (const login of ['chu-tich', 'quan-tri', 'thu-ky', 'giam-sat'])
    assert.equal((await (await signIn(x, W, login)).get(AT)).status, 404, login);
});
