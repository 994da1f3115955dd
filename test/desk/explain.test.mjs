// Why a case is late: asked for at the desk, told to everybody or to the reporter alone, changed, withdrawn.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { caseFields, casePath, facts, fieldError, follow, step, steps } from '../harness/steps.mjs';
import { addDays, areas, moveTo, today } from '../stats/stats.mjs';

const W = 'song-may';
const pages = ['/', '/cases', '/cases.json', '/map', '/feed.atom', '/feed.json', '/figures'];
let x, a, lamp, bare, loud, publicCode, month, asked = 0;
const everybody = async (path) => x.client().get(`/${W}${path}${path.includes('?') ? '&' : '?'}n=${asked += 1}`);
const sheet = (end = '', lang = '') => everybody(`${lang}/figures/sheet/90001-1/${month}${end}`);
before(async () => {
  x = await startXom();
  const [area] = await areas(x, W);
  // The third of the month after this one: nothing of the demo is in it.
  const start = addDays(`${today(x).slice(0, 7)}-01`, 40).slice(0, 8).concat('03');
  month = start.slice(0, 7);
  moveTo(x, start);
  a = await signIn(x, W, 'ha-tang');
  lamp = await report(x, W, { area, street: 'Hẻm 7' });
  bare = await report(x, W, { area });
  loud = await report(x, W, { kind: 'noise', area });
  publicCode = (await facts(a, lamp.code)).public_code;
});
after(async () => { await x.stop(); });

test('a case that is not nearly due has no such step', async () => {
  const page = await facts(a, lamp.code);
  assert.ok(!page.actions.some((s) => s.id === 'explain'));
  assert.equal((await step(a, lamp.code, 'explain', { 'explain-text': 'SOON' })).status, 403);
  assert.equal((await facts(a, lamp.code)).timeline.length, 1);
});

test('when it is late the page asks why, the form stands open, and says what is wrong', async () => {
  x.clock.move(20);
  a = await signIn(x, W, 'ha-tang');
  const html = (await a.get(casePath(lamp.code))).text;
  assert.match(words(html), /quá hạn mà chưa ai nói vì sao/);
  assert.match(html, /<details class="govuk-details x-action" id="explain" open>/);
  assert.match(words(html), /Ai cũng đọc được/);
  for (const bad of ['', '   ', 'z'.repeat(301)]) {
    const r = await step(a, lamp.code, 'explain', { 'explain-text': bad });
    assert.equal(r.status, 422);
    fieldError(r.text, 'explain-text');
    if (bad.trim()) assert.ok(r.text.includes(bad), 'what was typed is kept');
  }
  const other = await signIn(x, W, 'moi-truong');
  const r = await other.post(`${casePath(lamp.code)}/explain`, { token: hidden((await other.get(`/${W}/desk`)).text, 'token'), version: '1', seen: '1', 'explain-text': 'x' });
  assert.equal(r.status, 404, 'another unit');
  assert.match(words((await everybody(`/case/${publicCode}`)).text), /Quá hạn/);
});

test('it waits half a minute, then stands on receipt, public page and sheet; a number is masked', async () => {
  const page = await a.get(casePath(lamp.code));
  const sent = await a.post(`${casePath(lamp.code)}/explain`, { ...caseFields(page), 'explain-text': 'WHYONE chờ vật tư, gọi 079012345678' }, { wait: true });
  assert.match(sent.location, /#wait$/);
  assert.ok(!(await everybody(`/case/${publicCode}.json`)).text.includes('WHYONE'), 'not before it is done');
  await a.settle(casePath(lamp.code));
  const c = await follow(x, lamp), receipt = words((await c.get(`/${W}/receipt`)).text);
  assert.match(receipt, /Đã nói vì sao trễ Tổ Hạ tầng.*WHYONE chờ vật tư/);
  const shown = JSON.parse((await everybody(`/case/${publicCode}.json`)).text);
  assert.match(shown.why_late, /^WHYONE chờ vật tư/);
  assert.doesNotMatch(shown.why_late, /079012345678/);
  assert.match(words((await everybody(`/case/${publicCode}`)).text), /Vì sao trễ WHYONE/);
  assert.match(JSON.parse((await sheet('.json')).text).late.find((k) => k.code === publicCode).reason, /^WHYONE/);
  assert.match(words((await sheet()).text), /Trễ vì: WHYONE.*Phường chưa nói vì sao trễ/, 'and of the other one, that nobody said');
  assert.match(words((await sheet('', '/en')).text), /Late because: WHYONE/);
  assert.ok(!(await facts(a, lamp.code)).untold);
});

test('told again it takes the former\'s place; withdrawn it is gone from the public at once', async () => {
  await steps(a, lamp.code, ['explain', { 'explain-text': 'WHYTWO xong trong tuần' }]);
  const both = await facts(a, lamp.code);
  assert.equal(both.why_late, 'WHYTWO xong trong tuần');
  assert.equal(both.timeline.filter((e) => e.what === 'explain').length, 2);
  for (const { text } of [await everybody(`/case/${publicCode}.json`), await sheet()]) {
    assert.match(text, /WHYTWO/);
    assert.doesNotMatch(text, /WHYONE/);
  }
  assert.match((await a.get(casePath(lamp.code))).text, /<textarea[^>]*name="explain-text"[^>]*>\s*WHYTWO/, 'offered for changing');
  await steps(a, lamp.code, ['unrelease', { 'unrelease-reason': 'Nhầm việc.' }]);
  for (const path of [...pages, `/case/${publicCode}`, `/case/${publicCode}.json`, `/figures/sheet/90001-1/${month}`])
    assert.doesNotMatch((await everybody(path)).text, /WHYONE|WHYTWO/, path);
});

test('what was told of one deadline is not said of the next', async () => {
  await steps(a, bare.code, ['explain', { 'explain-text': 'FIRSTLOOK người trực bệnh' }]);
  assert.equal((await facts(a, bare.code)).why_late, 'FIRSTLOOK người trực bệnh');
  await steps(a, bare.code, ['take']);
  const now = await facts(a, bare.code);
  assert.ok(now.late && now.untold && !now.why_late, 'the closing is late, too, and nobody was told why');
  // Undoing a closing brings it back with its deadline; reopening begins anew.
  await steps(a, bare.code, ['explain', { 'explain-text': 'CLOSING chờ xe thang' }], ['close', { 'close-outcome': 'mended', 'close-text': 'Đã sửa.' }]);
  assert.ok(!(await everybody(`/case/${now.public_code}.json`)).text.includes('CLOSING'), 'closed: no longer late');
  await steps(a, bare.code, ['unclose', { 'unclose-text': 'Bấm nhầm.' }]);
  assert.equal((await facts(a, bare.code)).why_late, 'CLOSING chờ xe thang');
});

test('of a kind about neighbours the reporter alone is told', async () => {
  const team = await signIn(x, W, 'an-toan');
  assert.match(words((await team.get(casePath(loud.code))).text), /Chỉ người báo đọc được/);
  await steps(team, loud.code, ['explain', { 'explain-text': 'CONDUCTWHY hai bên hẹn tuần sau' }]);
  assert.match((await (await follow(x, loud)).get(`/${W}/receipt`)).text, /CONDUCTWHY/);
  const code = (await facts(team, loud.code)).public_code ?? 'SM-P-0000000';
  for (const path of [...pages, `/case/${code}`, `/figures/sheet/90001-1/${month}`])
    assert.doesNotMatch((await everybody(path)).text, /CONDUCTWHY/, path);
  assert.match(x.verb(['verify']), /song-may: .* 0 faults/);
});
