// RIGHTS.md promise 8: "I think something here is about me". A report that wrongly names somebody is found,
// corrected, appealed and withdrawn as unfounded; what isn't public is found by place and day alone; a card left
// after a visit opens a request; nobody else learns of any of it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { PASSWORD, hidden, readReceipt, report, signIn, unescape, until, words } from '../harness/xom.mjs';
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
const press = async (who, code, verb, fields = {}) => {
  const page = (await clients[who].get(at(code))).text;
  return clients[who].post(`${at(code)}/${verb}`, { token: hidden(page, 'token'), version: page.match(/name="version" value="(\d+)"/)?.[1] ?? '1', ...fields });
};
// An answer that destroys or hides something is asked once more, on a page that carries all that was typed.
const carried = (html) => [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map((m) => [m[1], unescape(m[2])]);
const step = async (who, code, verb, fields = {}) => {
  const page = await press(who, code, verb, fields);
  return verb === 'answer' && page.status === 200 ? clients[who].post(`${at(code)}/answer`, [...carried(page.text), ['sure', '1']]) : page;
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
  // The search begins with the khu vực and the day that the request names.
  assert.match(page, new RegExp(`<option value="${area}"[^>]* selected`));
  assert.ok(new RegExp(`name="from"[^>]*value="${today.split('-').reverse().join('/')}"`).test(page), page.match(/<input[^>]*name="from"[^>]*>/)[0]);
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
  // Its own words: nobody reported here; a day has no time; who looked is named once.
  assert.match(words(asked), /Chờ bạn trả lời/);
  assert.doesNotMatch(words(asked), /người báo trả lời|Đã hỏi người báo|00:00|giám sát, Giám sát/i);
  assert.match(words((await clients['giam-sat'].get(at(r.code))).text), /Chờ người đề nghị trả lời/);
  assert.match(words((await clients['giam-sat'].get(`/${W}/oversight`)).text), /Chờ người đề nghị trả lời/);
  await must(mine.post(`/${W}/receipt/answer`, { s: hidden(asked, 's'), answer: 'Ở quê.' }));
  // Words and photos are gone, the matter goes on.
  await must(step('giam-sat', r.code, 'answer', { result: 'removed', 'answer-text': 'Đã xóa lời kể.' }));
  assert.equal(sql(`SELECT count(*) FROM part_body WHERE body LIKE '%ZQNOISE%'`), '0');
  assert.match(sql(`SELECT state FROM ward_case WHERE code = '${quarrel.code}'`), /^[12]$/);
  assert.ok(!(await clients['an-toan'].get(`/${W}/desk/case/${quarrel.code}`)).text.includes('ZQNOISE'));
  // By whom and when it was erased, wherever it stood; that somebody asked is said nowhere (the card promises it).
  const reporter = await opened(x, W, quarrel), plain = async (client, path, lang = '') => words((await client.get(`/${W}${lang}${path}`)).text);
  for (const path of ['/receipt', '/receipt/kept']) {
    assert.match(await plain(reporter, path), /giám sát đã xóa ngày \d/i, path);
    assert.match(await plain(reporter, path, '/en'), /erased by oversight on \d/i, path);
    assert.match(await plain(reporter, path, '/km'), /អ្នកត្រួតពិនិត្យបានលុបនៅថ្ងៃ/, path);
  }
  const folder = `/desk/case/${quarrel.code}`;
  assert.match(await plain(clients['an-toan'], folder), /Lời kể giám sát đã xóa ngày \d|giám sát đã xóa ngày \d/);
  for (const [client, path] of [[reporter, '/receipt'], [reporter, '/receipt/kept'], [clients['an-toan'], folder]])
    for (const lang of ['', '/en', '/km']) assert.doesNotMatch(await plain(client, path, lang), /\(redress\)|xóa đúng hạn|on time, on|người liên quan|concerned|theo đề nghị/, `${path} ${lang}`);
  assert.match(await plain(reporter, '/receipt'), /Giám sát đã xem lại/);
  assert.match(await plain(clients['an-toan'], folder, '/en'), /Oversight looked at it again/);
  assert.equal((await clients['an-toan'].get(`/${W}/desk?queue=unit&words=ZQNOISE`)).text.includes(quarrel.code), false);
  assert.ok((await receipt(r)).includes('Đã xóa lời kể.'));
  assert.doesNotMatch(words((await clients['giam-sat'].get(at(r.code))).text), /giờ đã hết|vẫn trả lời được/, 'answered: no time is told any more');
  // On appeal: another person, who opens what was decided without a search.
  assert.ok(!(await clients['giam-sat'].get(at(r.code))).text.includes('do người giám sát khác trả lời'));
  const once = (await mine.get(`/${W}/receipt`)).text;
  await must(mine.post(`/${W}/receipt/reopen`, { s: hidden(once, 's'), reason: 'Vẫn còn tin.' }));
  const second = (await clients['giam-sat-2'].get(at(r.code))).text;
  assert.ok(words(second).includes('Xem lại lần hai do người giám sát khác trả lời') && second.includes(`formaction="${at(r.code)}/look"`));
  await must(step('giam-sat-2', r.code, 'look'));
  assert.equal(sql(`SELECT about_id FROM redress_look WHERE stage = 1 AND case_id = (SELECT id FROM ward_case WHERE code = '${r.code}')`), id);
  await must(step('giam-sat-2', r.code, 'answer', { result: 'not_upheld', 'answer-text': 'Đã xóa rồi.' }));
  x.verb(['verify']);
});

test('several matters are opened for one request: each is listed, the answer says which it is about, and no step loses what is half written', async () => {
  const areas = (await x.client().get(`/${W}/redress`)).text.match(/<select[^>]*name="area"[\s\S]*?<\/select>/)[0], area = areas.match(/value="(\d+)"/)[1];
  const today = new Date(Date.now() + Number(x.clock.us / 1000n) + 7 * 3600e3).toISOString().slice(0, 10);
  for (const login of ['ha-tang', 'giam-sat']) clients[login] = await signIn(x, W, login);
  const photos = [{ bytes: png(), type: 'image/png' }], reports = [];
  for (const text of ['ZQFIRST đèn tắt', 'ZQSECOND đèn tắt']) {
    const c = await report(x, W, { kind: 'lighting', area, street: 'ZQLANE', text, photos });
    await must(act(clients['ha-tang'], W, c.code, 'take'));
    const desk = (await clients['ha-tang'].get(`/${W}/desk/case/${c.code}`)).text;
    const photo = desk.match(/name="release" [^>]*value="(\d+)"/)?.[1] ?? desk.match(/value="(\d+)"[^>]*name="release"/)[1];
    await must(act(clients['ha-tang'], W, c.code, 'release', { 'release-text': `${text} PUBLIC`, release: photo }));
    reports.push({ ...c, photo, id: idOf(c.code) });
  }
  const [first, second] = reports, r = await sent({ area, day: today, text: 'Không phải tôi.' });
  // What is half written when a search is made, or a matter is opened, stands in the form again.
  const draft = { result: 'corrected', 'answer-text': 'ZQHALF đã xem', 'correction-text': 'ZQRIGHT', 'ask-text': 'ZQQUESTION' };
  const kept = (page) => page.includes('ZQHALF đã xem') && page.includes('ZQRIGHT') && page.includes('ZQQUESTION') && /value="corrected"[^>]* checked/.test(page);
  const bad = await step('giam-sat', r.code, 'find', { area, from: 'hôm qua', until: '', ...draft });
  assert.equal(bad.status, 422);
  assert.ok(kept(bad.text), 'a search that is refused');
  const found = await step('giam-sat', r.code, 'find', { area, from: today, until: '', ...draft });
  assert.equal(found.status, 200);
  assert.ok(kept(found.text), 'a search');
  assert.ok(found.text.includes('ZQLANE'), 'no square is known: the street is told');
  await must(step('giam-sat', r.code, 'look', { hit: first.id }));
  const one = (await clients['giam-sat'].get(at(r.code))).text;
  assert.equal(hidden(one, 'about'), first.id, 'one: the form says which it was');
  const both = await step('giam-sat', r.code, 'look', { hit: second.id, ...draft, about: first.id });
  assert.equal(both.status, 200);
  assert.ok(kept(both.text), 'a look');
  assert.ok(both.text.includes('ZQFIRST') && both.text.includes('ZQSECOND'), 'the second one does not take the place of the first');
  const radios = [...both.text.matchAll(/<input[^>]*name="about"[^>]*>/g)].map((m) => m[0]);
  assert.deepEqual(radios.map((m) => m.match(/value="(\d+)"/)[1]), [first.id, second.id]);
  assert.deepEqual(radios.map((m) => m.includes(' checked')), [true, false], 'what was chosen stays chosen');
  for (const c of reports) assert.ok(Number(sql(`SELECT count(*) FROM look WHERE what = 'redress' AND filter = '${r.code}' AND case_id = ${c.id}`)) >= 1);
  // About none that was opened: refused; about the first: that one is changed, the other stays as it is.
  for (const about of [idOf(r.code), '1', 'x']) assert.notEqual((await step('giam-sat', r.code, 'answer', { ...draft, about })).status, 303, about);
  const asked = await step('giam-sat', r.code, 'ask', { ...draft, about: first.id, keep: first.photo });
  assert.equal(asked.status, 200);
  assert.ok(asked.text.includes('ZQHALF đã xem') && !/<textarea[^>]*name="ask-text"[^>]*>\s*ZQQUESTION/.test(asked.text), 'a question: it is sent, the answer stays');
  // Which of the two it is about has no preset: said beside the field, and nothing is done.
  const fresh = (await clients['giam-sat'].get(at(r.code))).text;
  assert.deepEqual([...fresh.matchAll(/<input[^>]*name="about"[^>]*>/g)].map((m) => m[0].includes(' checked')), [false, false]);
  for (const result of ['corrected', 'not_upheld']) {
    const which = await press('giam-sat', r.code, 'answer', { ...draft, result });
    assert.equal(which.status, 422);
    assert.ok(words(which.text).includes('Chọn việc mà câu trả lời này nói đến.') && which.text.includes('href="#about') && which.text.includes('ZQRIGHT'));
  }
  // Covering a part of a photo, and back: what is half written goes along.
  const name = sql(`SELECT name FROM attachment WHERE id = ${first.photo}`), cover = `${at(r.code)}/blur/${name}`;
  assert.ok(fresh.includes(`formaction="${cover}" name="open"`));
  const most = 'ặ'.repeat(2000), long = { ...draft, 'answer-text': `ZQHALF đã xem ${most}`.slice(0, 2000), 'correction-text': `ZQRIGHT${most}`.slice(0, 2000) };
  const grid = await press('giam-sat', r.code, `blur/${name}`, { ...long, about: first.id, keep: second.photo, open: '1' });
  assert.equal(grid.status, 200);
  assert.equal(grid.text.match(/type="checkbox" name="cell"/g).length > 3, true);
  assert.ok(!/Đánh dấu ít nhất một ô/.test(words(grid.text)) && grid.text.includes(`formaction="${at(r.code)}/answer" name="again"`));
  const none = await clients['giam-sat'].post(cover, carried(grid.text));
  assert.equal(none.status, 422);
  for (const page of [grid, none]) {
    const home = await clients['giam-sat'].post(`${at(r.code)}/answer`, [...carried(page.text), ['again', '1']]);
    assert.equal(home.status, 200);
    assert.ok(kept(home.text) && home.text.includes(long['correction-text']), 'back from covering');
    assert.match(home.text, new RegExp(`name="about"[^>]*value="${first.id}"[^>]* checked`));
    assert.deepEqual([first, second].map((c) => new RegExp(`id="keep-${c.photo}"[^>]* checked`).test(home.text)), [false, true]);
  }
  // What would be hidden is asked once more, with the matter that it is about; until then nothing is done.
  const public_ = (c) => sql(`SELECT released_text FROM ward_case WHERE id = ${c.id}`);
  const sure = await press('giam-sat', r.code, 'answer', { ...draft, about: first.id, keep: second.photo });
  assert.equal(sure.status, 200);
  for (const word of ['Đèn', 'ZQLANE', await publicCode(first.code), 'Đã sửa lại. Chữ công khai được thay ngay', 'ZQRIGHT', 'ZQHALF đã xem']) assert.ok(words(sure.text).includes(word), word);
  assert.equal(public_(first), 'ZQFIRST đèn tắt PUBLIC');
  assert.equal(sql(`SELECT result FROM redress WHERE case_id = ${idOf(r.code)}`), '');
  const back = await clients['giam-sat'].post(`${at(r.code)}/answer`, [...carried(sure.text), ['again', '1']]);
  assert.ok(back.status === 200 && kept(back.text), 'back to change it');
  await must(step('giam-sat', r.code, 'answer', { ...draft, about: first.id, keep: second.photo }));
  assert.deepEqual([public_(first), public_(second)], ['ZQRIGHT', 'ZQSECOND đèn tắt PUBLIC']);
  assert.equal(sql(`SELECT released FROM attachment WHERE id = ${second.photo}`), '1', 'what is ticked of the other one says nothing');
  assert.equal(sql(`SELECT released FROM attachment WHERE id = ${first.photo}`), '0');
  assert.equal(sql(`SELECT about_id FROM redress WHERE case_id = ${idOf(r.code)}`), first.id);
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

// --- decisions on what has others behind it, is held, or is over ---

const idOf = (code) => sql(`SELECT id FROM ward_case WHERE code = '${code}'`);
const bodies = (word) => Number(sql(`SELECT count(*) FROM part_body WHERE body LIKE '%${word}%'`));
const place = (n) => ({ kind: 'road', area: '', lat: `10.00${n}100`, lon: '105.700100' });
// Another report of the same thing, which its reporter joins to the first.
async function joins(spot, text) {
  const c = x.client(), to = (name, page, more) => c.post(`/${W}/report/${name}`, { s: hidden(page.text, 's'), go: 'next', ...more });
  let form = await to('where', await to('kind', await c.get(`/${W}/report`), { kind: spot.kind }), { area: '', street: '', landmark: '', lat: spot.lat, lon: spot.lon });
  form = await to('same', form, { go: form.text.match(/value="(join:[\w-]+)"/)[1] });
  form = await to('check', form, { go: 'to:what' });
  form = await to('photos', await to('what', form, { text }));
  return readReceipt((await to('check', form, { email: '', go: 'send' })).text);
}
async function asks(code, who = 'giam-sat') {
  const r = await sent({ text: 'Không đúng như vậy.' }, `?case=${await publicCode(code)}`);
  await must(step(who, r.code, 'look'));
  return r;
}
const decide = (code, result, who = 'giam-sat') => step(who, code, 'answer', { result, 'answer-text': 'Đã xem lại.' });
const day = (n) => new Date(Date.now() + Number(x.clock.us / 1000n) + n * 86400e3 + 7 * 3600e3).toISOString().slice(0, 10);
async function hold(code) {
  const at_ = `/${W}/oversight/holds`, over = clients['giam-sat'], token = hidden((await over.get(at_)).text, 'token');
  await must(over.post(at_, { token, code, number: `7/${code}`, day: day(-1), who: 'Viện kiểm sát', until: day(100) }));
  const id = sql(`SELECT id FROM legal_hold WHERE case_id = ${idOf(code)} AND ended_at IS NULL`);
  return () => must(over.post(at_, { token, do: 'end', hold: id }));
}

test('what follows the matter goes with it, up to twenty reports; more is refused with its reason, and nothing is done by half', async () => {
  for (const login of ['ha-tang', 'giam-sat']) clients[login] = await signIn(x, W, login);
  const spot = place(1), lead = await report(x, W, { ...spot, text: 'ZQLEAD ổ gà' }), behind = [];
  for (let i = 0; i < 21; i += 1) behind.push(await joins(spot, `ZQBEHIND${i}Q cùng ổ gà`));
  assert.equal(sql(`SELECT more FROM ward_case WHERE code = '${lead.code}'`), '21');
  const r = await asks(lead.code), lines = () => sql(`SELECT count(*) FROM deletion WHERE rule = 'redress'`), was = lines();
  for (const result of ['unfounded', 'removed']) {
    const no = await decide(r.code, result);
    assert.equal(no.status, 422, result);
    assert.match(words(no.text), /Quá nhiều tin được gộp vào việc này để xóa cùng lúc\. Nhờ bàn tiếp nhận tách bớt/);
    assert.ok(no.text.includes('Đã xem lại.'), 'what was typed stays');
  }
  assert.equal(bodies('ZQLEAD') + bodies('ZQBEHIND'), 22);
  assert.equal(lines(), was);
  assert.equal(sql(`SELECT count(*) FROM timeline WHERE verb IN ('unfounded', 'redress') AND case_id = ${idOf(lead.code)}`), '0');
  assert.match(sql(`SELECT state FROM ward_case WHERE code = '${r.code}'`), /^[12]$/, 'the request stands as before');
  // One is parted from it by the desk: it stays, the twenty go.
  await must(act(clients['ha-tang'], W, behind[7].code, 'split', { 'split-reason': 'Ổ gà khác.' }));
  await must(decide(r.code, 'unfounded'));
  assert.equal(bodies('ZQLEAD'), 0);
  assert.equal(bodies('ZQBEHIND'), 1);
  assert.equal(bodies('ZQBEHIND7Q'), 1);
  for (const b of behind) {
    const told = await receipt(b);
    assert.equal(told.includes('ZQBEHIND'), b === behind[7], b.code);
    assert.equal(Number(sql(`SELECT count(*) FROM deletion WHERE rule = 'redress' AND code = '${b.code}'`)) > 0, b !== behind[7]);
  }
  assert.equal(sql(`SELECT state FROM ward_case WHERE code = '${behind[7].code}'`), '1');
  assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
});

test('a legal hold on the matter, or on one that follows it: nothing is erased while it stands, and oversight is told what can be done', async () => {
  const spot = place(2), lead = await report(x, W, { ...spot, text: 'ZQHELD ổ gà' }), behind = await joins(spot, 'ZQHELDTOO cùng ổ gà');
  await must(act(clients['ha-tang'], W, lead.code, 'release', { 'release-text': 'ZQHELDPUBLIC' }));
  const r = await asks(lead.code), pub = await publicCode(lead.code);
  for (const code of [behind.code, lead.code]) {
    const ends = await hold(code);
    for (const result of ['removed', 'unfounded']) {
      const no = await decide(r.code, result);
      assert.equal(no.status, 422, `${code} ${result}`);
      assert.match(words(no.text), /Có lệnh giữ chứng cứ trên việc này, nên chưa được xóa gì\. Chọn "Đã sửa lại"/);
    }
    assert.equal(bodies('ZQHELD'), 3, 'both, and what was released');
    assert.equal(sql(`SELECT count(*) FROM deletion WHERE code IN ('${lead.code}', '${behind.code}')`), '0');
    assert.ok((await shown(pub, 'ZQHELDPUBLIC')).length > 0);
    await ends();
  }
  // Held or not, what is shown to all is put right at once; once no order stands, it is erased.
  const ends = await hold(lead.code);
  await must(step('giam-sat', r.code, 'answer', { result: 'corrected', 'correction-text': 'ZQHELDRIGHT', 'answer-text': 'Đã thay chữ.' }));
  assert.deepEqual(await shown(pub, 'ZQHELDPUBLIC'), []);
  await ends();
  const again = await asks(lead.code);
  await must(decide(again.code, 'removed'));
  assert.equal(bodies('ZQHELD'), 0);
  const gone = async (lang) => words((await x.client().get(`/${W}${lang}/case/${pub}`)).text);
  assert.match(await gone(''), /không có lời công khai/);
  assert.doesNotMatch(await gone(''), /sau khi phường xem và công khai/);
  assert.match(await gone('/en'), /no public words about this matter/);
  assert.match(await gone('/km'), /គ្មានពាក្យសាធារណៈ/);
  assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
});

test('a closed matter is found unfounded, too: it counts as withdrawn and not as work, and nobody reopens it', async () => {
  const r = await report(x, W, { kind: 'lighting', text: 'ZQOVER đèn tắt' }), officer = clients['ha-tang'];
  await must(act(officer, W, r.code, 'take'));
  await must(act(officer, W, r.code, 'close', { 'close-outcome': 'mended', 'close-text': 'ZQOVERDONE' }));
  const figures = async () => { const f = JSON.parse((await x.client().get(`/${W}/figures.json`)).text); return { unfounded: f.unfounded ?? 0, ...(({ closed, withdrawn, received }) => ({ closed, withdrawn, received }))(f.rows.find((k) => k.by === 'all') ?? f.rows[0]) }; };
  const closedAt = () => sql(`SELECT closed_at FROM ward_case WHERE code = '${r.code}'`), at_ = closedAt(), was = await figures();
  const ask = await asks(r.code), mine = await opened(x, W, r), open = (await mine.get(`/${W}/receipt`)).text, desk = (await officer.get(`/${W}/desk/case/${r.code}`)).text;
  assert.match(open, /receipt\/reopen/);
  await must(decide(ask.code, 'unfounded'));
  assert.equal(sql(`SELECT state || ' ' || outcome FROM ward_case WHERE code = '${r.code}'`), '6 unfounded');
  assert.equal(closedAt(), at_, 'when it ended stays as it was');
  const now = await figures();
  assert.deepEqual(now, { unfounded: was.unfounded + 1, closed: was.closed - 1, withdrawn: was.withdrawn + 1, received: was.received });
  assert.equal(bodies('ZQOVER'), 0);
  // Pages that stood open meanwhile: nothing of them goes through.
  const page = (await mine.get(`/${W}/receipt`)).text;
  assert.match(words(page), /thấy tin này không đúng/);
  assert.doesNotMatch(page, /receipt\/reopen/);
  const late = await mine.post(`/${W}/receipt/reopen`, { s: hidden(open, 's'), reason: 'Vẫn tắt.' });
  assert.equal(late.location, `/${W}/receipt`, 'back to the page as it is now, and nothing done');
  assert.notEqual((await officer.post(`/${W}/desk/case/${r.code}/unclose`, { token: hidden(desk, 'token'), version: hidden(desk, 'version'), seen: hidden(desk, 'seen'), 'unclose-text': 'Nhầm.' })).status, 303);
  assert.equal(sql(`SELECT state || ' ' || outcome FROM ward_case WHERE code = '${r.code}'`), '6 unfounded');
  assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
});

test('a request\'s result that was changed behind the program\'s back is named; so is one on appeal', () => {
  const one = sql("SELECT MIN(case_id) FROM redress WHERE result <> '' AND appeal_result = ''"), two = sql("SELECT MIN(case_id) FROM redress WHERE appeal_result <> ''");
  const proof = (status = 0) => x.verb(['verify', '--looks', '--ward', W], { status });
  const rows = [['result', 'not_upheld', 'removed', one, 'result'], ['appeal_result', 'removed', 'corrected', two, 'result on appeal']];
  proof();
  for (const [column, a, b, id, what] of rows) {
    const now = sql(`SELECT ${column} FROM redress WHERE case_id = ${id}`);
    sql(`UPDATE redress SET ${column} = '${now === a ? b : a}' WHERE case_id = ${id}`);
    assert.ok(proof(1).includes(`request to look again, case ${id}: its ${what} is not what its entries say`));
    sql(`UPDATE redress SET ${column} = '${now}' WHERE case_id = ${id}`);
  }
  for (const d of ['-', '+']) {
    sql(`UPDATE redress SET decided_at = decided_at ${d} 1 WHERE case_id = ${one}`);
    sql(`UPDATE redress SET appeal_at = appeal_at ${d} 1 WHERE case_id = ${two}`);
    const said = proof(d === '-' ? 1 : 0);
    assert.equal(said.includes(`case ${one}: its result is not what`) && said.includes(`case ${two}: its result on appeal is not what`), d === '-', said);
  }
});

test('on its last day a request keeps no more than the figures need: not what it was about, nor by whom it was answered', async () => {
  const r = await report(x, W, { text: 'ZQLAST đèn tắt' }), ask = await asks(r.code), id = idOf(ask.code);
  await must(decide(ask.code, 'not_upheld'));
  const row = () => sql(`SELECT about_id, decided_by, result FROM redress WHERE case_id = ${id}`);
  assert.equal(row().split('|')[0], idOf(r.code));
  // Ten years, without a signed head for each of their days: of the request alone.
  sql(`UPDATE part SET due_day = due_day - 3660 WHERE due_day IS NOT NULL AND case_id = ${id}`);
  const jump = () => { const now = Date.now() + Number(x.clock.us / 1000n), zone = 7 * 3600e3, d = 86400e3; x.clock.move(((Math.floor((now + zone) / d) + 1) * d - zone + 2.1 * 3600e3 - now) / d); };
  jump();
  await until('the night takes it', () => sql(`SELECT count(*) FROM receipt WHERE code = '${ask.code}'`) === '0');
  assert.equal(row(), '||not_upheld');
  assert.equal(sql(`SELECT count(*) FROM redress_look WHERE case_id = ${id}`), '0');
  assert.equal(sql(`SELECT code FROM ward_case WHERE id = ${id}`), '');
  assert.ok(bodies('ZQLAST') > 0, 'the matter has its own days');
  assert.equal((await x.client().post(`/${W}/follow`, { code: ask.code, pin: ask.pin })).status, 410);
  assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
});
