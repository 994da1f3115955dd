// A question, a release and a closing wait half a minute, seen by colleagues alone, and can be taken
// back; a closing is undone within a day by who closed it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { advised, caseFields, casePath, facts, follow, png, reporter, step, steps } from '../harness/steps.mjs';

const W = 'song-may', HALF_A_MINUTE = 31 / 86400;
let x, a, b, everybody;
before(async () => {
  x = await startXom();
  [a, b] = [await signIn(x, W, 'ha-tang'), await signIn(x, W, 'ha-tang-2')];
  everybody = x.client();
});
after(async () => { await x.stop(); });

const close = { 'close-outcome': 'mended', 'close-text': 'PENDINGWORDS đã thay bóng.' };
const ask = async (officer, code, verb, fields) => {
  const page = await officer.get(casePath(code));
  return officer.post(`${casePath(code)}/${verb}`, { ...caseFields(page), ...fields }, { wait: true });
};
const send = async (officer, code, verb, fields) => {
  const r = await ask(officer, code, verb, fields);
  assert.equal(r.status, 303, words(r.text).slice(0, 400));
  assert.match(r.location, /#wait$/);
};
const pendingOf = (page) => hidden(page, 'pending');
const back = async (officer, code, verb = 'take-back') => {
  const page = (await officer.get(casePath(code))).text;
  return officer.post(`${casePath(code)}/${verb}`, { ...caseFields({ text: page }), pending: pendingOf(page) });
};
const later = () => x.clock.move(HALF_A_MINUTE);
const did = async (officer, code) => (await facts(officer, code)).timeline.map((e) => e.what);
const counts = async (officer) => Object.fromEntries(JSON.parse((await officer.get(`/${W}/desk.json`)).text).queues.map((k) => [k.url.match(/queue=(\w+)/)[1], k.n]));

test('what waits is seen by colleagues with what and when, and by nobody else', async () => {
  const got = await report(x, W);
  const pub = (await facts(a, got.code)).public_code, c = await follow(x, got);
  for (const [verb, fields, mark] of [['ask', { 'ask-text': 'ASKWORDS cột số mấy?' }, 'ASKWORDS'], ['release', { 'release-text': 'SHOWNWORDS một đèn tắt.' }, 'SHOWNWORDS'], ['close', close, 'PENDINGWORDS']]) {
    await send(a, got.code, verb, fields);
    assert.ok(!(await did(a, got.code)).includes(verb), `${verb} is not in the timeline yet`);
    for (const [officer, mine] of [[a, true], [b, false]]) {
      const page = (await officer.get(casePath(got.code))).text;
      const wait = page.match(/<section class="x-wait" id="wait"[\s\S]*?<\/section>/)[0];
      assert.match(wait, new RegExp(mark));
      assert.match(words(wait), /Trần Thị Lan/);
      assert.match(words(wait), /lúc \d\d:\d\d:\d\d/);
      assert.equal(/take-back/.test(wait), mine, 'who asked for it takes it back');
      assert.deepEqual(JSON.parse((await officer.get(`${casePath(got.code)}.json`)).text).actions.map((s) => s.id).filter((id) => id !== 'note' && id !== 'unrelease' && id !== 'withhold'), []);
    }
    for (const r of [await c.get(`/${W}/receipt`), await c.get(`/${W}/receipt.json`), await everybody.get(`/${W}/case/${pub}`), await everybody.get(`/${W}/case/${pub}.json`), await everybody.get(`/${W}/cases`)])
      assert.ok(!r.text.includes(mark), verb);
    later();
    assert.ok((await did(a, got.code)).includes(verb), `${verb} is done after half a minute`);
  }
  assert.match((await c.get(`/${W}/receipt`)).text, /PENDINGWORDS/);
  assert.match((await everybody.get(`/${W}/case/${pub}`)).text, /SHOWNWORDS/);
});

test('its job does it when nobody looks, also after the server was killed', async () => {
  const y = await startXom();
  try {
    const officer = await signIn(y, W, 'ha-tang'), got = await report(y, W), c = await follow(y, got);
    const form = new FormData();
    for (const [k, v] of Object.entries({ ...caseFields(await officer.get(casePath(got.code))), ...close })) form.set(k, v);
    form.append('close-photos', new Blob([png()]), 'sau.png');
    assert.equal((await officer.post(`${casePath(got.code)}/close`, form, { wait: true })).status, 303);
    await y.kill();
    y.clock.move(2);             // the sweep of photos that no row names comes by, too
    await y.start();
    c.base = y.url;
    const again = await signIn(y, W, 'ha-tang');
    let text = '';
    for (let i = 0; i < 100 && !/PENDINGWORDS/.test(text); i += 1) {
      await pause(50);
      text = (await (await follow(y, got)).get(`/${W}/receipt`)).text;
    }
    assert.match(text, /PENDINGWORDS/, 'the reporter reads it without an officer having looked');
    const { photos } = await facts(again, got.code);
    assert.equal(photos.length, 1);
    assert.equal((await again.get(photos[0].url)).status, 200, 'its photo is there');
    y.verb(['verify']);
  } finally { await y.stop(); }
});

test('taken back: nothing was done, and everything that was typed is there to send again', async () => {
  const got = await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] });
  const form = new FormData();
  for (const [k, v] of Object.entries({ ...caseFields(await a.get(casePath(got.code))), ...close })) form.set(k, v);
  form.append('close-photos', new Blob([png({ width: 20 })]), 'sau.png');
  assert.equal((await a.post(`${casePath(got.code)}/close`, form, { wait: true })).status, 303);
  assert.equal((await b.post(`${casePath(got.code)}/take-back`, { token: hidden((await b.get(`/${W}/desk`)).text, 'token'), version: '1', seen: '1', pending: pendingOf((await a.get(casePath(got.code))).text) })).location.endsWith('done=late'), true, 'a colleague cannot');
  const r = await back(a, got.code);
  assert.match(r.location, /#drafts$/);
  later();
  const page = (await a.get(casePath(got.code))).text;
  assert.ok(!(await did(a, got.code)).includes('close'));
  assert.match(page, /<details class="govuk-details x-action" id="close" open>/);
  assert.match(page, /<textarea[^>]*id="close-text"[^>]*>\nPENDINGWORDS đã thay bóng\.<\/textarea>/);
  assert.match(page, /value="mended"[^>]* checked>/);
  assert.match(page, /name="keep" value="1"[^>]* checked>/);
  assert.match((await a.get(`/${W}/desk?queue=mine`)).text, new RegExp(`id="drafts"[\\s\\S]*${got.code}`), 'the officer finds it among their own');
  assert.doesNotMatch((await b.get(casePath(got.code))).text, /PENDINGWORDS/, 'a draft is its officer\'s own');
  const sent = { ...caseFields({ text: page }), draft: hidden(page, 'draft'), keep: '1', 'close-outcome': 'mended', 'close-text': 'Thay bóng và dây.' };
  assert.equal((await a.post(`${casePath(got.code)}/close`, sent)).status, 303);
  const now = await facts(a, got.code);
  assert.ok(now.timeline.some((e) => e.what === 'close'));
  assert.equal(now.photos.length, 2, 'the photo came along');
  assert.doesNotMatch((await a.get(casePath(got.code))).text, /id="drafts"/);
});

test('thrown away, or a week old, a draft is gone; a late taking back says so', async () => {
  const got = await report(x, W);
  await send(a, got.code, 'ask', { 'ask-text': 'PENDINGWORDS?' });
  // Two tabs: what the first has taken back is not called late in the second.
  const second = { ...caseFields(await a.get(casePath(got.code))), pending: pendingOf((await a.get(casePath(got.code))).text) };
  await back(a, got.code);
  const twice = await a.post(`${casePath(got.code)}/take-back`, second, { follow: true });
  assert.match(words(twice.text), /Bạn đã lấy lại/);
  assert.doesNotMatch(words(twice.text), /Đã quá lúc lấy lại/);
  later();
  assert.ok(!(await did(a, got.code)).includes('ask'), 'nothing was asked');
  assert.equal((await back(a, got.code, 'drop')).status, 303);
  assert.doesNotMatch((await a.get(casePath(got.code))).text, /PENDINGWORDS/);
  await send(a, got.code, 'ask', { 'ask-text': 'Cột số mấy?' });
  const form = { ...caseFields(await a.get(casePath(got.code))), pending: pendingOf((await a.get(casePath(got.code))).text) };
  later();
  const late = await a.post(`${casePath(got.code)}/take-back`, form, { follow: true });
  assert.match(words(late.text), /Đã quá lúc lấy lại/);
  assert.ok((await did(a, got.code)).includes('ask'));
  assert.equal((await a.post(`${casePath(got.code)}/take-back`, { ...form, pending: 'x' })).status, 400);
});

test('the reporter moved it meanwhile: it is given back, with the reason, and nothing is lost', async () => {
  const got = await report(x, W), c = await follow(x, got);
  await steps(a, got.code, ['take']);
  await send(a, got.code, 'close', close);
  assert.equal((await reporter(c, 'withdraw')).status, 303, 'the reporter is never refused');
  later();
  const page = (await a.get(casePath(got.code))).text;
  assert.match(words(page), /có thay đổi trong lúc chờ/);
  assert.match(page, /id="drafts"[\s\S]*PENDINGWORDS/);
  assert.deepEqual((await facts(a, got.code)).state, 'withdrawn');
  assert.doesNotMatch((await c.get(`/${W}/receipt`)).text, /PENDINGWORDS/);
});

test('the officer who may no longer is not acted for', async () => {
  const y = await startXom();
  try {
    const officer = await signIn(y, W, 'ha-tang'), other = await signIn(y, W, 'ha-tang-2'), got = await report(y, W);
    await officer.post(`${casePath(got.code)}/ask`, { ...caseFields(await officer.get(casePath(got.code))), 'ask-text': 'PENDINGWORDS?' }, { wait: true });
    y.verb(['user', 'close', '--ward', W, '--login', 'ha-tang']);
    y.clock.move(HALF_A_MINUTE);
    const now = await facts(other, got.code);
    assert.deepEqual([now.state, now.timeline.length, now.wait ?? null], ['received', 1, null]);
  } finally { await y.stop(); }
});

test('colleagues wait with steps that cross it, and may note or hide', async () => {
  const got = await report(x, W);
  await steps(a, got.code, ['release', { 'release-text': 'Một đèn tắt.' }]);
  const old = caseFields(await b.get(casePath(got.code)));
  await send(a, got.code, 'close', close);
  for (const [verb, fields] of [['take', {}], ['ask', { 'ask-text': 'KEPTTEXT?' }], ['close', { 'close-outcome': 'not_ours', 'close-text': 'KEPTTEXT' }], ['assign', { 'assign-unit': 'an-toan', 'assign-reason': 'KEPTTEXT' }]]) {
    const r = await b.post(`${casePath(got.code)}/${verb}`, { ...old, ...fields });
    assert.equal(r.status, 409, verb);
    assert.match(r.text, /id="crossed"/);
    if (verb !== 'take') assert.match(r.text, /KEPTTEXT/);
  }
  assert.equal((await step(b, got.code, 'note', { 'note-text': 'Thợ đã về.' })).status, 303);
  later();
  assert.ok((await did(a, got.code)).includes('close'), 'a note does not cross it');
  // The same form sent twice is one step; two officers at once, one.
  const two = await report(x, W);
  const form = { ...caseFields(await a.get(casePath(two.code))), 'ask-text': 'Số mấy?' };
  const both = await Promise.all([1, 2, 3].map(() => a.post(`${casePath(two.code)}/ask`, form, { wait: true })));
  assert.deepEqual(both.map((r) => r.status), [303, 303, 303]);
  later();
  assert.equal((await did(a, two.code)).filter((w) => w === 'ask').length, 1);
  // Hiding is never delayed, and what would show it again is given back.
  await send(a, two.code, 'release', { 'release-text': 'PENDINGWORDS' });
  assert.equal((await step(b, two.code, 'withhold', { 'withhold-reason': 'lộ nhà' })).status, 303);
  later();
  assert.ok(!(await did(a, two.code)).includes('release'));
});

test('a release with other photos ticked is not the same form again', async () => {
  const got = await report(x, W), photo = new FormData();
  for (const [k, v] of Object.entries(caseFields(await a.get(casePath(got.code))))) photo.set(k, v);
  photo.append('photo-photos', new Blob([png()]), 'a.png');
  assert.equal((await a.post(`${casePath(got.code)}/photo`, photo)).status, 303);
  const [{ id }] = (await facts(a, got.code)).photos;
  const form = { ...caseFields(await a.get(casePath(got.code))), 'release-text': 'SHOWNWORDS' };
  const send_ = (more) => a.post(`${casePath(got.code)}/release`, { ...form, ...more }, { wait: true });
  assert.equal((await send_({ release: id })).status, 303);
  assert.equal((await send_({ release: id })).status, 303, 'a second tap');
  const other = await send_({}); // the old page, the photo no longer ticked
  assert.equal(other.status, 409, 'the officer must not believe that the photo stays hidden');
  assert.match(words(other.text), /SHOWNWORDS/);
  assert.equal((await back(a, got.code)).status, 303);
  assert.equal((await ask(a, got.code, 'release', { 'release-text': 'SHOWNWORDS' })).status, 303);
  later();
  assert.deepEqual((await facts(a, got.code)).photos.map((p) => p.released), [false]);
});

test('a closing is undone within a day by who closed it: deadlines and counts as if never closed', async () => {
  const got = await report(x, W), c = await follow(x, got);
  await steps(a, got.code, ['take'], ['ask', { 'ask-text': 'Cột số mấy?' }]);
  const before_ = await facts(a, got.code), counted = [await counts(a), await counts(b)];
  await steps(a, got.code, ['close', close]);
  assert.equal((await facts(a, got.code)).state, 'closed');
  const has = async (officer) => (await facts(officer, got.code)).actions.some((s) => s.id === 'unclose');
  assert.deepEqual([await has(a), await has(b)], [true, false]);
  const form = { ...caseFields(await b.get(casePath(got.code))), 'unclose-text': 'x' };
  assert.equal((await b.post(`${casePath(got.code)}/unclose`, form)).status, 403);
  assert.equal((await step(a, got.code, 'unclose', { 'unclose-text': '' })).status, 422);
  advised(await step(a, got.code, 'unclose', { 'unclose-text': 'Nhầm với nhà bà Bảy.' }), 'unclose-text', 'Bảy');
  assert.equal((await facts(a, got.code)).state, 'closed');
  assert.equal((await step(a, got.code, 'unclose', { 'unclose-text': 'Bấm nhầm việc.' })).status, 303);
  const now = await facts(a, got.code);
  assert.deepEqual([now.state, now.due, now.rule, now.outcome ?? ''], [before_.state, before_.due, before_.rule, '']);
  assert.deepEqual([await counts(a), await counts(b)], counted);
  assert.match(words((await c.get(`/${W}/receipt`)).text), /Đã bỏ việc đóng[\s\S]*Bấm nhầm việc\./);
  x.verb(['verify']);
  // Not after a day, and not what the reporter has confirmed.
  await steps(a, got.code, ['close', close]);
  assert.equal((await reporter(await follow(x, got), 'solved')).status, 303);
  assert.equal(await has(a), false);
  const old = await report(x, W);
  await steps(a, old.code, ['close', close]);
  x.clock.move(1);
  a = await signIn(x, W, 'ha-tang');
  assert.equal((await facts(a, old.code)).actions.some((s) => s.id === 'unclose'), false);
});
