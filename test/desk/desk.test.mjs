// An officer's work over HTTP: queues, search, every step of a case, and two at once.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { caseFields, casePath, facts, fieldError, follow, png, reporter, step, steps, withPhotos } from '../harness/steps.mjs';

const W = 'song-may';
let x, a, b, other, everybody;
before(async () => {
  x = await startXom();
  [a, b, other] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2'), await signIn(x, W, 'moi-truong')];
  everybody = x.client();
});
after(async () => { await x.stop(); });

const list = async (officer, query = '') => JSON.parse((await officer.get(`/${W}/desk.json${query}`)).text);
const counts = async (officer) => Object.fromEntries((await list(officer)).queues.map((k) => [k.url.match(/queue=(\w+)/)[1], k.n]));
const codes = async (officer, query) => (await list(officer, query)).cases.map((c) => c.code);
const close = { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng mới.' };

test('the queues count exactly, after every move, for each who looks', async () => {
  const was = [await counts(a), await counts(b), await counts(other)];
  const changed = async (ofA, ofB, ofOther = {}) => {
    const now = [await counts(a), await counts(b), await counts(other)];
    for (const [i, by] of [ofA, ofB, ofOther].entries()) {
      for (const [k, n] of Object.entries(by)) was[i][k] += n;
      assert.deepEqual(now[i], was[i]);
    }
    // A queue's number is the number of its rows.
    for (const [who, n] of [[a, now[0]], [b, now[1]], [other, now[2]]])
      for (const k of Object.keys(n)) assert.equal((await list(who, `?queue=${k}`)).cases.length, n[k], k);
  };
  const got = await report(x, W);
  await changed({ new: 1, unit: 1 }, { new: 1, unit: 1 });
  await steps(a, got.code, ['take']);
  await changed({ new: -1, mine: 1 }, { new: -1 });
  await steps(a, got.code, ['ask', { 'ask-text': 'Cột số mấy?' }]);
  await changed({ asked: 1 }, { asked: 1 });
  const f = withPhotos(hidden((await (await follow(x, got)).get(`/${W}/receipt`)).text, 's'), [], { more: { answer: 'Bảy.' } });
  const c = await follow(x, got);
  assert.equal((await c.post(`/${W}/receipt/answer`, f)).location, `/${W}/receipt?done=answered`);
  await changed({ asked: -1 }, { asked: -1 });
  await steps(b, got.code, ['take']);
  await changed({ mine: -1 }, { mine: 1 });
  await steps(b, got.code, ['note', { 'note-text': 'gọi thợ' }]);
  await changed({}, {});
  await steps(b, got.code, ['close', close]);
  await changed({ unit: -1, closed: 1 }, { mine: -1, unit: -1, closed: 1 });
  assert.equal((await reporter(c, 'reopen', { reason: 'Vẫn tắt.' })).location, `/${W}/receipt?done=reopened`);
  await changed({ unit: 1, closed: -1 }, { mine: 1, unit: 1, closed: -1 });
});

test('filters and search find their cases and no others', async () => {
  const one = await report(x, W, { text: 'Bóng đèn đường hỏng chỗ cầu khỉ.' }), two = await report(x, W, { kind: 'road', text: 'Ổ gà to giữa cầu khỉ.' });
  assert.deepEqual((await codes(a, '?queue=new&words=den+duong+cau+khi')), [one.code]);
  assert.deepEqual((await codes(a, `?queue=new&words=${encodeURIComponent('ĐÈN ĐƯỜNG cầu khỉ')}`)), [one.code]);
  assert.deepEqual((await codes(a, '?queue=new&words=cau+khi&kind=road')), [two.code]);
  assert.deepEqual((await codes(a, '?queue=new&words=khongcogi')), []);
  // Nothing in this queue: the page leads to the same words in a wider one.
  const none = (await a.get(`/${W}/desk?queue=mine&words=cau+khi`)).text;
  assert.match(words(none), /Không có việc nào khớp/);
  const wider = none.match(/Tìm chữ này trong danh sách khác:\s*<a[^>]*href="([^"]*queue=unit[^"]*)"/)?.[1].replaceAll('&amp;', '&');
  assert.match((await a.get(wider)).text, new RegExp(one.code));
  assert.deepEqual(await codes(other, '?queue=new&words=cau+khi'), [], 'another unit finds nothing');
  const areas = (await list(a)).filters.find((f) => f.name === 'area').options.filter((o) => o.value);
  const here = await report(x, W, { area: areas[1].value, text: 'Nắp cống rạch cầu khỉ.' });
  assert.deepEqual(await codes(a, `?queue=new&words=cau+khi&area=${areas[1].value}`), [here.code]);
  for (const typed of [one.code, one.code.toLowerCase(), ` ${one.code.replaceAll('-', ' ')}`]) {
    const r = await a.get(`/${W}/desk?words=${encodeURIComponent(typed)}`);
    assert.equal(r.location, casePath(one.code), typed);
  }
  for (const bad of ['area=x', 'after=x&due=1', 'after=1', 'kind=xyz', 'area=99999999999999999999'])
    assert.equal((await a.get(`/${W}/desk?${bad}`)).status, 404, bad);
});

test('a search for a person, phone or plate is refused with its reason and is not kept', async () => {
  for (const typed of ['Nguyễn Văn An', '0912 345 678', '65B1-123.45', '079012345678']) {
    for (const [lang, said] of [['', /./], ['/en', /name|person|people/i]]) {
      const r = await a.get(`/${W}${lang}/desk?words=${encodeURIComponent(typed)}`);
      const error = r.text.match(/id="words-error">([^<]*)</)?.[1];
      assert.ok(error, `${typed}: ${r.status}`);
      assert.match(error, said);
      assert.match(r.text, /aria-describedby="words-error"/);
      assert.doesNotMatch(r.text, /class="x-case[ "]/);
    }
  }
  assert.doesNotMatch(x.log, /Nguyễn Văn An|0912 ?345/);
});

test('each step asks for what it needs, beside its field, and keeps the rest', async () => {
  const got = await report(x, W, { street: 'Lê Lợi' });
  const area = (await facts(a, got.code)).actions.find((s) => s.id === 'correct').fields.find((f) => f.name === 'correct-area').options[1].value;
  const place = { 'correct-kind': 'lighting', 'correct-area': '0', 'correct-street': 'Lê Lợi', 'correct-landmark': '' };
  const long = 'x'.repeat(2001);
  for (const [verb, fields, wrong] of [
    ['ask', { 'ask-text': '' }, ['ask-text']], ['ask', { 'ask-text': long }, ['ask-text']], ['note', { 'note-text': '  ' }, ['note-text']],
    ['assign', { 'assign-reason': '' }, ['assign-unit', 'assign-reason']], ['assign', { 'assign-unit': 'ha-tang', 'assign-reason': 'KEPT' }, ['assign-unit']],
    ['assign', { 'assign-unit': 'xyz', 'assign-reason': 'KEPT' }, ['assign-unit']],
    ['correct', { ...place, 'correct-reason': 'KEPT' }, ['correct-reason']], ['correct', { ...place, 'correct-area': area, 'correct-reason': '' }, ['correct-reason']],
    ['correct', { ...place, 'correct-kind': 'murder', 'correct-reason': 'KEPT' }, ['correct-kind']], ['correct', { ...place, 'correct-area': '12', 'correct-reason': 'KEPT' }, ['correct-area']],
    ['correct', { ...place, 'correct-street': 'y'.repeat(161), 'correct-reason': 'KEPT' }, ['correct-street']],
    ['release', { 'release-text': '' }, ['release-text']], ['withhold', { 'withhold-reason': '' }, ['withhold-reason']],
    ['close', { 'close-text': 'KEPT' }, ['close-outcome']], ['close', { 'close-outcome': 'mended', 'close-text': '' }, ['close-text']],
    ['close', { 'close-outcome': 'gone', 'close-text': 'KEPT' }, ['close-outcome']], ['photo', {}, ['photo-photos']],
  ]) {
    const r = await step(a, got.code, verb, fields);
    assert.equal(r.status, 422, `${verb} ${JSON.stringify(fields).slice(0, 80)}`);
    for (const field of wrong) fieldError(r.text, field);
    if (Object.values(fields).includes('KEPT')) assert.match(r.text, />\n?KEPT<|value="KEPT"/, verb);
    assert.match(r.text, new RegExp(`<details class="govuk-details x-action" id="${verb}" open>`));
  }
  assert.equal((await facts(a, got.code)).timeline.length, 1, 'nothing was written');
  for (const fields of [{ version: '' }, { version: '0' }, { seen: '-1' }, { version: 'x' }])
    assert.equal((await step(a, got.code, 'take', fields)).status, 400);
});

test('a whole case: taken, asked, noted, corrected, photographed, handed on', async () => {
  const got = await report(x, W, { kind: 'road', text: 'CANARYWORDS' });
  await steps(a, got.code, ['take'], ['note', { 'note-text': 'NOTE' }]);
  const form = new FormData();
  for (const [k, v] of Object.entries(caseFields(await a.get(casePath(got.code))))) form.set(k, v);
  form.append('photo-photos', new Blob([png()]), 'a.png');
  assert.equal((await a.post(`${casePath(got.code)}/photo`, form)).status, 303);
  const area = (await facts(a, got.code)).actions.find((s) => s.id === 'correct').fields.find((f) => f.name === 'correct-area').options[2];
  await steps(a, got.code, ['correct', { 'correct-kind': 'lighting', 'correct-area': area.value, 'correct-street': 'Hẻm 5', 'correct-landmark': '', 'correct-reason': 'nhầm' }]);
  const now = await facts(a, got.code);
  assert.deepEqual([now.kind, now.area, now.street, now.photos.length], ['lighting', area.label, 'Hẻm 5', 1]);
  // The reporter sees the photo and the correction, and no note.
  const c = await follow(x, got), page = (await c.get(`/${W}/receipt`)).text;
  assert.doesNotMatch(page, /NOTE/);
  assert.doesNotMatch(page, /receipt\/photo\//, 'a photo of the work is the desk\'s own');
  // Handed on: the old unit loses sight of it, the new one has it.
  assert.equal((await other.get(casePath(got.code))).status, 404);
  const r = await step(a, got.code, 'assign', { 'assign-unit': 'moi-truong', 'assign-reason': 'của bên môi trường' });
  assert.match(r.location, /\/desk\?done=assign/);
  for (const officer of [a, b]) assert.equal((await officer.get(casePath(got.code))).status, 404);
  assert.equal((await a.post(`${casePath(got.code)}/take`, { ...caseFields(await other.get(casePath(got.code))), token: hidden((await a.get(`/${W}/desk`)).text, 'token') })).status, 404);
  assert.match((await other.get(casePath(got.code))).text, /NOTE/);
  await steps(other, got.code, ['take'], ['close', close]);
});

test('the public page holds what was released at each state, and nothing of a conduct case', async () => {
  const got = await report(x, W, { text: 'CANARYWORDS', street: 'CANARYSTREET', photos: [{ bytes: png(), type: 'image/png' }] });
  const { public_code: pub } = await facts(a, got.code);
  const shown = async () => { const r = await everybody.get(`/${W}/case/${pub}.json`); assert.doesNotMatch(r.text, /CANARY|NOTE|RESULT/); return r.status === 200 ? JSON.parse(r.text) : r.status; };
  let s = await shown();
  assert.deepEqual([s.state, s.text ?? '', s.before.length + s.after.length, s.open], ['received', '', 0, true]);
  await steps(a, got.code, ['take'], ['note', { 'note-text': 'NOTE' }]);
  assert.equal((await shown()).state, 'working');
  const { photos } = await facts(a, got.code);
  // A telephone in the public words is the reporter's until it is known as the ward's.
  const named = await a.post(`${casePath(got.code)}/release`, { ...caseFields(await a.get(casePath(got.code))), 'release-text': 'Đèn tắt. Gọi 0912 345 678.' });
  assert.equal(named.status, 422);
  assert.match(words(named.text), /số điện thoại không phải của phường/);
  assert.match(named.text, /Gọi 0912 345 678\./, 'what was typed stays');
  await steps(a, got.code, ['release', { 'release-text': 'Đèn ở hẻm tắt.', release: photos[0].id }]);
  s = await shown();
  assert.deepEqual([s.text, s.before.length + s.after.length], ['Đèn ở hẻm tắt.', 1]);
  const shownPhoto = s.before[0].url;
  assert.equal((await everybody.get(shownPhoto)).status, 200);
  await steps(a, got.code, ['release', { 'release-text': 'Chỉ còn chữ.' }]);
  assert.deepEqual([(await shown()).text, (await shown()).before.length], ['Chỉ còn chữ.', 0]);
  assert.equal((await everybody.get(shownPhoto)).status, 404);
  await steps(a, got.code, ['unrelease', { 'unrelease-reason': 'có tên' }]);
  assert.equal((await shown()).text ?? '', '');
  await steps(a, got.code, ['ask', { 'ask-text': 'Số mấy?' }]);
  assert.equal((await shown()).state, 'asked');
  await steps(a, got.code, ['withhold', { 'withhold-reason': 'lộ nhà' }]);
  assert.equal(await shown(), 404);
  assert.match((await (await follow(x, got)).get(`/${W}/receipt`)).text, /receipt\/answer"/);
  await steps(a, got.code, ['unwithhold', { 'unwithhold-reason': 'đã xem' }], ['close', { ...close, 'close-text': 'RESULT' }]);
  s = await shown();
  assert.deepEqual([s.state, s.outcome, s.open], ['closed', 'mended', false]);
  assert.equal((await reporter(await follow(x, got), 'solved')).status, 303);
  assert.equal((await shown()).state, 'solved');
  // A correction to a conduct kind: at once gone.
  const loud = await report(x, W, { text: 'CANARYLOUD' }), code = (await facts(a, loud.code)).public_code;
  assert.equal((await everybody.get(`/${W}/case/${code}`)).status, 200);
  await steps(a, loud.code, ['correct', { 'correct-kind': 'noise', 'correct-area': '0', 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'ồn' }]);
  for (const e of ['', '.json', '.csv']) assert.equal((await everybody.get(`/${W}/case/${code}${e}`)).status, 404);
  assert.ok(!(await everybody.get(`/${W}/cases`)).text.includes(code));
});

test('who was slower is told what is new and keeps what they typed', async () => {
  const got = await report(x, W);
  const old = caseFields(await b.get(casePath(got.code)));
  await steps(a, got.code, ['note', { 'note-text': 'ANEWNOTE' }]);
  for (const [verb, fields] of [['close', { 'close-outcome': 'not_found', 'close-text': 'KEPTTEXT' }], ['ask', { 'ask-text': 'KEPTTEXT' }], ['assign', { 'assign-unit': 'an-toan', 'assign-reason': 'KEPTTEXT' }]]) {
    const r = await b.post(`${casePath(got.code)}/${verb}`, { ...old, ...fields, token: hidden((await b.get(casePath(got.code))).text, 'token') });
    assert.equal(r.status, 409, verb);
    assert.match(r.text, /id="changed"/);
    assert.match(r.text, /<li class="x-new">[\s\S]*ANEWNOTE/);
    assert.match(r.text, /<textarea[^>]*>\nKEPTTEXT<\/textarea>/);
    if (verb !== 'ask') assert.match(r.text, / checked>/);
    // Sent again from the page that told: now it is done.
    if (verb === 'ask') assert.equal((await b.post(`${casePath(got.code)}/ask`, { ...caseFields(r), ...fields })).status, 303);
  }
});

test('what can no longer be done keeps the words that were typed for it', async () => {
  const got = await report(x, W);
  const old = caseFields(await b.get(casePath(got.code)));
  await steps(a, got.code, ['close', close]);
  const r = await b.post(`${casePath(got.code)}/close`, { ...old, 'close-outcome': 'not_ours', 'close-text': 'KEPT <words>' });
  assert.equal(r.status, 409);
  assert.match(r.text, /KEPT &lt;words&gt;/);
  assert.match(r.text, /id="changed"/);
});

test('sixteen closes at once: one wins', async () => {
  const got = await report(x, W);
  const pages = [caseFields(await a.get(casePath(got.code))), caseFields(await b.get(casePath(got.code)))];
  const sent = await Promise.all(Array.from({ length: 16 }, (_, i) => [a, b][i % 2].post(`${casePath(got.code)}/close`, { ...pages[i % 2], 'close-outcome': 'mended', 'close-text': `Lần ${i}.` })));
  assert.deepEqual(sent.map((r) => r.status).sort(), [303, ...Array(15).fill(409)]);
  assert.equal((await facts(a, got.code)).timeline.filter((e) => e.what === 'close').length, 1);
});

test('lists for machines carry no original words', async () => {
  await report(x, W, { text: 'CANARYWORDS của người báo', street: 'Đường =HYPERLINK("x")', landmark: '@CANARYMARK' });
  for (const e of ['json', 'csv']) {
    const r = await a.get(`/${W}/desk.${e}?queue=new`);
    assert.equal(r.status, 200);
    assert.doesNotMatch(r.text, /CANARY/);
    assert.match(r.text, /SM-26-/);
  }
  assert.match((await a.get(`/${W}/desk?queue=new`)).text, /CANARYWORDS/);
});

test('a deadline: its day is told, and when it is over the case is late', async (t) => {
  const y = await startXom();
  t.after(() => y.stop());
  let officer = await signIn(y, W, 'ha-tang');
  const got = await report(y, W);
  const late = async () => (await facts(officer, got.code));
  const first = await late();
  assert.equal(first.late, false);
  const today = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10);
  assert.ok(first.due > today, `${first.due} ${today}`);
  const until = (Date.parse(`${first.due}T23:59:00+07:00`) - Date.now()) / 86400e3;
  y.clock.move(until);
  officer = await signIn(y, W, 'ha-tang');
  assert.equal((await late()).late, false, 'the last day belongs to it');
  const was = JSON.parse((await officer.get(`/${W}/desk.json`)).text).overdue;
  y.clock.move(2 / 1440);
  assert.equal((await late()).late, true);
  const now = JSON.parse((await officer.get(`/${W}/desk.json`)).text);
  assert.ok(now.overdue > was);
  assert.equal(now.cases.find((c) => c.code === got.code).late, true);
  await steps(officer, got.code, ['take']);
  const taken = await late();
  assert.ok(taken.due > first.due, 'the next deadline counts');
  assert.equal(taken.late, false);
  await steps(officer, got.code, ['close', close]);
  assert.equal((await late()).due, undefined);
});
