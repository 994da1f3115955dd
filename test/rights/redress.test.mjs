// RIGHTS.md promise 8: "I think something here is about me". A report that wrongly names somebody is found,
// corrected, appealed and withdrawn as unfounded; what isn't public is found by place and day alone; a card left
// after a visit opens a request; nobody else learns of any of it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, hidden, readReceipt, report, signIn, words } from '../harness/xom.mjs';
import { act, must, opened, photoNames, png, startWorld, WARDS } from './world.mjs';

const W = WARDS.own, OTHER = WARDS.other;
let x;
const clients = {};
const sql = (q) => x.sql(q);
before(async () => {
  x = await startWorld();
  for (const login of ['giam-sat-2', 'giam-sat-3']) {
    const who = ['--ward', W, '--login', login];
    x.verb(['user', 'add', ...who, '--name', login]);
    const link = x.verb(['user', 'link', ...who]).match(/\/invite\/(\S+)/)[1];
    await must(x.client().post(`/${W}/invite/${link}`, { password: PASSWORD, again: PASSWORD }));
  }
  x.verb(['user', 'role', '--ward', W, '--login', 'giam-sat-2', '--role', 'oversight', '--from', '2025-01-01']);
  for (const login of ['ha-tang', 'an-toan', 'giam-sat', 'giam-sat-2', 'chu-tich', 'quan-tri', 'thu-ky', 'cong-an']) clients[login] = await signIn(x, W, login);
});
after(async () => { await x?.stop(); });

const at = (code) => `/${W}/oversight/redress/${code}`;
async function send(fields, query = '', client = x.client()) {
  const form = await client.get(`/${W}/redress${query}`);
  return client.post(`/${W}/redress`, { s: hidden(form.text, 's'), ...fields });
}
const sent = async (...args) => { const r = await send(...args); assert.equal(r.status, 200, words(r.text)); return readReceipt(r.text); };
const step = async (who, code, verb, fields = {}) => {
  const page = (await clients[who].get(at(code))).text;
  return clients[who].post(`${at(code)}/${verb}`, { token: hidden(page, 'token'), version: page.match(/name="version" value="(\d+)"/)?.[1] ?? '1', ...fields });
};
const publicCode = async (code) => JSON.parse((await clients['ha-tang'].get(`/${W}/desk/case/${code}.json`)).text).public_code;
const EVERYWHERE = (pub) => ['/cases', '/cases.json', '/cases.csv', '/feed.atom', '/feed.json', '/map', `/case/${pub}`, `/case/${pub}.json`, '/en/cases', `/en/case/${pub}`, '/cases?q=ZQ'].map((p) => `/${W}${p}`);
async function shown(pub, word) {
  const out = [];
  for (const p of EVERYWHERE(pub)) if ((await x.client().get(p)).text.includes(word)) out.push(p);
  return out;
}
const receipt = async (r) => words((await (await opened(x, W, r)).get(`/${W}/receipt`)).text);

test('a report that wrongly names somebody: found on its page, corrected, appealed, withdrawn as unfounded', async () => {
  const wrong = await report(x, W, { text: 'ZQORIGINAL phá đèn.', street: 'ZQSTREET', photos: [{ bytes: png(), type: 'image/png' }] });
  await must(act(clients['ha-tang'], W, wrong.code, 'take'));
  await must(act(clients['ha-tang'], W, wrong.code, 'note', { 'note-text': 'ZQNOTE' }));
  const desk = (await clients['ha-tang'].get(`/${W}/desk/case/${wrong.code}`)).text, photo = photoNames(desk)[0];
  const id = desk.match(/name="release" [^>]*value="(\d+)"/)?.[1] ?? desk.match(/value="(\d+)"[^>]*name="release"/)[1];
  await must(act(clients['ha-tang'], W, wrong.code, 'release', { 'release-text': 'ZQPUBLIC', release: id }));
  const pub = await publicCode(wrong.code), picture = `/${W}/case/${pub}/photo/${photo}`;
  assert.ok((await shown(pub, 'ZQPUBLIC')).length >= 6);
  assert.equal((await x.client().get(picture)).status, 200);

  // From the page itself, without an account; a name in it is pointed out once, and no field asks for one.
  const page = (await x.client().get(`/${W}/case/${pub}`)).text, link = page.match(/href="([^"]*\/redress\?case=[^"]+)"/)[1];
  const resident = x.client(), form = await resident.get(link);
  assert.equal(form.status, 200);
  assert.ok(words(form.text).includes(pub) && !/name="(name|ten|ho_ten|suspect)"/.test(form.text));
  const s = hidden(form.text, 's');
  assert.equal((await resident.post(`/${W}/redress`, { s, text: '' })).status, 422);
  const named = await resident.post(`/${W}/redress`, { s, text: 'Anh Nguyễn Văn Hùng vu cho tôi, số 079 123 456 789.' });
  assert.equal(named.status, 422);
  assert.ok(named.text.includes('name="text-advised"') && !named.text.includes('079 123 456 789') && named.text.includes('vu cho tôi'));
  const ask = await resident.post(`/${W}/redress`, { s: hidden(named.text, 's'), text: 'Không phải tôi phá. ZQASK', 'text-advised': '1' });
  assert.equal(ask.status, 200, words(ask.text));
  const r = readReceipt(ask.text);
  // The same form again is the same request.
  assert.equal(readReceipt((await resident.post(`/${W}/redress`, { s, text: 'Không phải tôi phá. ZQASK' })).text).code, r.code);

  // Nobody but oversight meets it: no page, no row, no count, no search.
  for (const who of ['ha-tang', 'chu-tich', 'quan-tri', 'thu-ky', 'cong-an']) {
    assert.equal((await clients[who].get(at(r.code))).status, 404, who);
    assert.equal((await clients[who].get(`/${W}/desk/case/${r.code}`)).status, 404, who);
    for (const p of ['/desk', '/desk?queue=unit', '/desk?queue=unit&words=ZQASK', '/chair', '/desk/due']) assert.ok(!(await clients[who].get(`/${W}${p}`)).text.includes(r.code), `${who} ${p}`);
  }
  const stranger = await signIn(x, OTHER, 'giam-sat.rt');
  assert.equal((await stranger.get(`/${OTHER}/oversight/redress/${r.code}`)).status, 404);
  assert.ok((await clients['giam-sat'].get(`/${W}/oversight`)).text.includes(r.code));
  assert.equal((await clients['giam-sat'].get(`/${W}/desk/case/${r.code}`)).location, at(r.code));

  // Looked at once, under the request's number; the wrong order is refused.
  const before_ = await step('giam-sat', r.code, 'answer', { result: 'corrected', 'correction-text': 'ZQCORRECTED', 'answer-text': 'Đã sửa.' });
  assert.equal(before_.status, 422);
  assert.ok(words(before_.text).includes('Hãy mở việc đó ra xem trước') && before_.text.includes('ZQCORRECTED'));
  assert.ok(!(await clients['giam-sat'].get(at(r.code))).text.includes('ZQORIGINAL'));
  await must(step('giam-sat', r.code, 'look'));
  const open = (await clients['giam-sat'].get(at(r.code))).text;
  assert.ok(open.includes('ZQORIGINAL') && open.includes('ZQPUBLIC') && open.includes(photo));
  const photoLooks = () => Number(sql(`SELECT COUNT(*) FROM look WHERE what = 'photo' AND filter = '${r.code}'`)), seen = photoLooks();
  assert.equal((await clients['giam-sat'].get(`${at(r.code)}/photo/${photo}`)).status, 200);
  assert.equal(photoLooks(), seen + 1);
  assert.equal((await clients['giam-sat-2'].get(`${at(r.code)}/photo/${photo}`)).status, 404, 'who has not opened it');
  assert.equal((await step('giam-sat', r.code, 'look')).status, 422);
  assert.ok(Number(sql(`SELECT count(*) FROM look WHERE what = 'redress' AND filter = '${r.code}'`)) >= 1);
  assert.match(await receipt(wrong), /giám sát/i);

  await must(step('giam-sat', r.code, 'answer', { result: 'corrected', 'correction-text': 'ZQCORRECTED', 'answer-text': 'Đã thay chữ, rút ảnh.' }));
  assert.deepEqual(await shown(pub, 'ZQPUBLIC'), []);
  assert.ok((await shown(pub, 'ZQCORRECTED')).length >= 6);
  assert.equal((await x.client().get(picture)).status, 404);
  assert.ok((await clients['giam-sat'].get(at(r.code))).text.includes('Đã thay chữ') && !(await clients['giam-sat'].get(at(r.code))).text.includes('ZQORIGINAL'), 'the look ends with the request');

  // Not enough: an appeal, decided by another one, who looks, too.
  const mine = await opened(x, W, r), told = (await mine.get(`/${W}/receipt`)).text;
  assert.ok(words(told).includes('Đã thay chữ, rút ảnh.') && words(told).includes('Tôi không đồng ý'));
  await must(mine.post(`/${W}/receipt/reopen`, { s: hidden(told, 's'), reason: 'Cả tin là sai.' }));
  const own = await step('giam-sat', r.code, 'answer', { result: 'not_upheld', 'answer-text': 'Giữ.' });
  assert.equal(own.status, 422);
  assert.ok(words(own.text).includes('giám sát khác'));
  assert.equal((await step('giam-sat-2', r.code, 'answer', { result: 'unfounded', 'answer-text': 'Rút.' })).status, 422);
  await must(step('giam-sat-2', r.code, 'look'));
  await must(step('giam-sat-2', r.code, 'answer', { result: 'unfounded', 'answer-text': 'Tin không đúng, đã rút và xóa.' }));
  for (const word of ['ZQPUBLIC', 'ZQCORRECTED', 'ZQORIGINAL', 'ZQSTREET']) assert.deepEqual(await shown(pub, word), [], word);
  const stays = (await clients['ha-tang'].get(`/${W}/desk/case/${wrong.code}`)).text;
  assert.ok(!/ZQ(ORIGINAL|PUBLIC|CORRECTED|STREET|NOTE)/.test(stays));
  assert.equal((await clients['ha-tang'].get(`/${W}/desk/case/${wrong.code}/photo/${photo}`)).status, 404);
  assert.equal(sql(`SELECT count(*) FROM part_body WHERE body LIKE '%ZQORIGINAL%' OR body LIKE '%ZQPUBLIC%' OR body LIKE '%ZQCORRECTED%' OR body LIKE '%ZQSTREET%' OR body LIKE '%ZQNOTE%'`), '0');
  assert.equal(sql(`SELECT street || released_text FROM ward_case WHERE code = '${wrong.code}'`), '');
  assert.equal(sql(`SELECT outcome FROM ward_case WHERE code = '${wrong.code}' AND state = 6`), 'unfounded');
  assert.ok(Number(sql(`SELECT count(*) FROM deletion WHERE rule = 'redress' AND code = '${wrong.code}'`)) >= 4);
  assert.match(x.verb(['deletions', 'list', '--ward', W]), new RegExp(`${wrong.code}.*redress`));
  x.verb(['verify']);
  // Withdrawn, unfounded: a figure of its own; and both receipts say so.
  assert.equal(JSON.parse((await x.client().get(`/${W}/figures.json`)).text).unfounded, 1);
  assert.ok(words((await x.client().get(`/${W}/case/${pub}`)).text).includes('Đã rút: tin không đúng'));
  assert.ok((await receipt(wrong)).includes('thấy tin này không đúng'));
  const last = await receipt(r);
  assert.ok(last.includes('Tin không đúng, đã rút và xóa.') && last.includes('kết quả sau cùng') && !last.includes('Tôi không đồng ý'));
});

test('what is not public: found by khu vực and days alone, counted, without a word; its look is over after an hour', async () => {
  const areas = (await x.client().get(`/${W}/redress`)).text.match(/<select[^>]*name="area"[\s\S]*?<\/select>/)[0], area = areas.match(/value="(\d+)"/)[1];
  const today = new Date(Date.now() + Number(x.clock.us / 1000n) + 7 * 3600e3).toISOString().slice(0, 10);
  const quarrel = await report(x, W, { kind: 'noise', area, text: 'ZQNOISE hát suốt đêm.' });
  const staff = await report(x, W, { kind: 'lighting', area, staff: 'yes', subject: 'unit:moi-truong', text: 'ZQSTAFF' });
  for (const wrong of [{}, { area, day: 'hôm qua' }, { area, day: '2999-01-01' }, { area: '99', day: today }])
    assert.equal((await send({ text: 'Tôi không hát.', ...wrong })).status, 422);
  const r = await sent({ area, day: today, landmark: 'hẻm 12', text: 'Tôi không hát.' });
  const page = (await clients['giam-sat'].get(at(r.code))).text;
  assert.ok(words(page).includes('hẻm 12') && !page.includes('ZQNOISE'));
  assert.equal((await step('giam-sat', r.code, 'look')).status, 422, 'it names none');
  for (const [from, until] of [['hôm qua', ''], ['2026-01-01', '2026-01-08'], ['2999-01-01', '']])
    assert.equal((await step('giam-sat', r.code, 'find', { area, from, until })).status, 422, `${from} ${until}`);
  const none = await step('giam-sat', r.code, 'find', { area, from: '2025-01-02', until: '' });
  assert.ok(words(none.text).includes('Không có việc nào'));
  const found = await step('giam-sat', r.code, 'find', { area, from: today, until: '' });
  assert.equal(found.status, 200);
  assert.ok(!/ZQNOISE|ZQSTAFF/.test(found.text) && !found.text.includes(quarrel.code) && !found.text.includes(staff.code));
  const ids = [...found.text.matchAll(/name="hit" value="(\d+)"/g)].map((m) => m[1]);
  const id = sql(`SELECT id FROM ward_case WHERE code = '${quarrel.code}'`), hiddenId = sql(`SELECT id FROM ward_case WHERE code = '${staff.code}'`);
  assert.ok(ids.includes(id) && !ids.includes(hiddenId));
  assert.equal(sql(`SELECT count(*) FROM look WHERE what = 'find' AND filter LIKE '${r.code} area=${area}&%'`), '2');
  // Neither what the search did not find, nor a matter about somebody who works here.
  for (const hit of [hiddenId, sql('SELECT max(id) FROM ward_case WHERE kind = \'lighting\''), '1', 'x']) assert.notEqual((await step('giam-sat', r.code, 'look', { hit })).status, 303, hit);
  await must(step('giam-sat', r.code, 'look', { hit: id }));
  assert.ok((await clients['giam-sat'].get(at(r.code))).text.includes('ZQNOISE'));
  for (let i = 0; i < 3; i += 1) await step('giam-sat', r.code, 'find', { area, from: today, until: '' });
  assert.equal((await step('giam-sat', r.code, 'find', { area, from: today, until: '' })).status, 422, 'no search is left');
  x.clock.move(61 / 1440);
  assert.ok(!(await clients['giam-sat'].get(at(r.code))).text.includes('ZQNOISE'), 'an hour is over');
  // Asked and answered in between, like every case.
  await must(step('giam-sat', r.code, 'ask', { 'ask-text': 'Hôm đó bạn ở đâu?' }));
  const mine = await opened(x, W, r), asked = (await mine.get(`/${W}/receipt`)).text;
  assert.ok(asked.includes('Hôm đó bạn ở đâu?'));
  await must(mine.post(`/${W}/receipt/answer`, { s: hidden(asked, 's'), answer: 'Ở quê.' }));
  // Words and photos are gone, the matter goes on.
  await must(step('giam-sat', r.code, 'answer', { result: 'removed', 'answer-text': 'Đã xóa lời kể.' }));
  assert.equal(sql(`SELECT count(*) FROM part_body WHERE body LIKE '%ZQNOISE%'`), '0');
  assert.match(sql(`SELECT state FROM ward_case WHERE code = '${quarrel.code}'`), /^[12]$/);
  assert.ok(!(await clients['an-toan'].get(`/${W}/desk/case/${quarrel.code}`)).text.includes('ZQNOISE'));
  assert.equal((await clients['an-toan'].get(`/${W}/desk?queue=unit&words=ZQNOISE`)).text.includes(quarrel.code), false);
  assert.ok((await receipt(r)).includes('Đã xóa lời kể.'));
  x.verb(['verify']);
});

test('a ward without oversight says so and takes nothing; a request is withdrawn by who sent it', async () => {
  x.verb(['user', 'role', '--ward', OTHER, '--login', 'giam-sat.rt', '--role', 'oversight', '--end', '2025-01-01']);
  const page = await x.client().get(`/${OTHER}/redress`);
  assert.ok(words(page.text).includes('chưa có người giám sát'));
  assert.ok(!/<textarea/.test(page.text));
  const r = await sent({ area: 'unsure', day: '02/01/2026', text: 'Có người nói về tôi.' });
  const mine = await opened(x, W, r), told = (await mine.get(`/${W}/receipt`)).text;
  await must(mine.post(`/${W}/receipt/withdraw`, { s: hidden(told, 's') }));
  assert.equal((await step('giam-sat', r.code, 'answer', { result: 'not_upheld', 'answer-text': 'Giữ.' })).status, 409);
});

test('a card left after a visit: its code opens a request about that case, and tells nothing of it', async () => {
  const r = await report(x, W, { kind: 'noise', text: 'ZQVISIT hát to.', street: 'ZQROAD' });
  const path = `/${W}/desk/case/${r.code}/card`, officer = clients['an-toan'];
  assert.equal((await clients['ha-tang'].get(path)).status, 404, 'of another unit');
  const before_ = (await officer.get(path)).text;
  assert.ok(!before_.includes('x-code'));
  await must(officer.post(path, { token: hidden(before_, 'token') }));
  const card = (await officer.get(path)).text.replace(/<a [^>]*class="govuk-back-link[^>]*>/, ''), code = card.match(/class="x-code">([^<]+)</)[1];
  for (const word of ['ZQVISIT', 'ZQROAD', r.code, 'Tiếng ồn']) assert.ok(!card.slice(card.indexOf('id="main"')).replace(/<form[\s\S]*?<\/form>/g, '').includes(word), word);
  await must(officer.post(path, { token: hidden(before_, 'token') }));
  assert.ok((await officer.get(path)).text.includes(code), 'the same card again');
  for (const wrong of ['', '0000 0000', `${code}X`, 'ä']) assert.equal((await send({ text: 'Không phải tôi.', card: wrong }, '?card=1')).status, 422, wrong);
  const visited = x.client(), form = await visited.get(`/${W}/redress?card=${code.replace(' ', '')}`);
  assert.ok(form.text.includes(`value="${code.replace(' ', '')}"`) && !/ZQVISIT|ZQROAD/.test(form.text) && !form.text.includes(r.code));
  const sent_ = await visited.post(`/${W}/redress`, { s: hidden(form.text, 's'), card: code.toLowerCase(), text: 'Không phải tôi hát.' });
  assert.equal(sent_.status, 200, words(sent_.text));
  const mine = readReceipt(sent_.text);
  assert.ok(!/ZQVISIT|ZQROAD/.test(await receipt(mine)));
  await must(step('giam-sat', mine.code, 'look'));
  assert.ok((await clients['giam-sat'].get(at(mine.code))).text.includes('ZQVISIT'));
  await must(step('giam-sat', mine.code, 'answer', { result: 'not_upheld', 'answer-text': 'Đội đã nhắc giờ giấc.' }));
  assert.ok((await clients['an-toan'].get(`/${W}/desk/case/${r.code}`)).text.includes('ZQVISIT'), 'nothing was changed');
});
