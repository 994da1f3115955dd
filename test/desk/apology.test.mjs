// The letter of apology for a missed deadline: made with a day by rule, drawn as an official letter, given,
// told on the receipt; the case stays late.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hidden, report, signIn, startXom, words } from '../harness/xom.mjs';
import { casePath, facts, follow, steps } from '../harness/steps.mjs';
import { addDays, areas, moveTo, today } from '../stats/stats.mjs';

const W = 'song-may';
let x, a, lamp, mate, start;
const at = () => `${casePath(lamp.code)}/apology`;
const json = async (who) => JSON.parse((await who.get(`${at()}.json`)).text);
const send = async (who, path) => who.post(path, { token: hidden((await who.get(`/${W}/desk`)).text, 'token') });
const shown = (day) => day.split('-').reverse().join('/');
async function pdf(who, path) {
  const r = await who.request('GET', path, {});
  assert.equal(r.status, 200);
  assert.equal(r.headers.get('content-type'), 'application/pdf');
  const bytes = Buffer.from(await (await fetch(new URL(path, who.base), { headers: { cookie: [...who.cookies].map(([k, v]) => `${k}=${v}`).join('; ') } })).arrayBuffer());
  const file = join(x.data, 'letter.pdf');
  writeFileSync(file, bytes);
  assert.match(execFileSync('pdfinfo', [file], { encoding: 'utf8' }), /Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)/);
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ');
}
// The n-th working day after a day: none of those used here is a holiday.
const working = (day, n) => { let d = day; for (let i = 0; i < n;) { d = addDays(d, 1); if (![0, 6].includes(new Date(`${d}T00:00:00Z`).getUTCDay())) i += 1; } return d; };

before(async () => {
  x = await startXom();
  const [area] = await areas(x, W);
  start = addDays(today(x), 7);
  while (new Date(`${start}T00:00:00Z`).getUTCDay() !== 1) start = addDays(start, 1);
  moveTo(x, start);
  a = await signIn(x, W, 'ha-tang');
  lamp = await report(x, W, { area, street: 'Hẻm 7', text: 'LETTERWORDS đèn tắt.' });
  await steps(a, lamp.code, ['take']);
  // Another one's report of the same lamp: extended once, then merged.
  mate = await report(x, W, { area, street: 'Hẻm 7', text: 'Đèn đầu hẻm tắt.' });
  await steps(a, mate.code, ['take'], ['extend', { 'extend-text': 'OWNWHY chờ trụ mới.' }], ['merge', { 'merge-code': lamp.code, 'merge-reason': 'Cùng một trụ.' }]);
});
after(async () => { await x.stop(); });

test('while nothing is late there is no letter to make', async () => {
  assert.ok(!(await facts(a, lamp.code)).apology);
  assert.match(words((await a.get(at())).text), /không quá hạn/);
  for (const path of [at(), `${at()}/given`]) assert.equal((await send(a, path)).status, 409, path);
  assert.equal((await a.get(`${at()}/letter`)).status, 404);
  assert.equal((await (await follow(x, lamp)).get(`/${W}/receipt/apology`)).status, 404);
});

test('late: it is made with the dates, and a new one by rule that nobody types', async () => {
  moveTo(x, addDays(start, 9));                          // W(5) was the Monday before
  a = await signIn(x, W, 'ha-tang');
  assert.match((await facts(a, lamp.code)).apology, /\/apology$/);
  const before_ = await json(a);
  assert.equal(before_.letter, 'none');
  assert.equal(before_.new_day, working(addDays(start, 9), 5));
  assert.equal((await send(a, `${at()}/given`)).status, 409, 'none waits');
  assert.equal((await a.post(at(), { token: 'x' })).status, 403, 'without the session\'s token');
  const other = await signIn(x, W, 'moi-truong');
  assert.equal((await send(other, at())).status, 404, 'another unit');
  assert.equal((await send(a, at())).status, 303);
  assert.equal((await send(a, at())).status, 303, 'the same again');
  assert.equal(x.sql('SELECT count(*) FROM apology'), '1');
  const made = await json(a);
  assert.deepEqual([made.letter, made.first, made.present, made.day, made.new_day], ['made', addDays(start, 7), addDays(start, 7), addDays(start, 9), working(addDays(start, 9), 5)]);
  const page = await a.get(at());
  assert.doesNotMatch(page.text, /<input[^>]*type="(text|date)"/, 'no date is typed');
  assert.match(words(page.text), /trễ 2 ngày làm việc \(2 ngày theo lịch\)/);
  assert.match(words((await a.get(at().replace(`/${W}/`, `/${W}/en/`))).text), /2 working days late|2 working days \(/);
});

test('the letter: heading, code and no name, reason by hand until it is told, the new date', async () => {
  const text = await pdf(a, `${at()}/letter`);
  const [year, month, day] = addDays(start, 9).split('-');
  for (const must of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'Độc lập - Tự do - Hạnh phúc', 'ỦY BAN NHÂN DÂN', 'PHƯỜNG SÔNG MÂY', 'Ủy ban nhân dân phường Sông Mây', 'THƯ XIN LỖI', `Kính gửi: Người gửi tin mã ${lamp.code}`, 'Ông/Bà: Địa chỉ:', 'Lý do: Ủy ban', `chậm nhất ngày ${shown(working(addDays(start, 9), 5))}`, 'TM. ỦY BAN NHÂN DÂN', 'Nơi nhận:', 'Số: /TXL-UBND'])
    assert.ok(text.includes(must), `${must}\n${text}`);
  assert.ok(text.includes(`Sông Mây, ngày ${day} tháng ${Number(month) < 3 ? month : Number(month)} năm ${year}`), text);
  assert.doesNotMatch(text, /LETTERWORDS|Hẻm 7/);
  await steps(a, lamp.code, ['explain', { 'explain-text': 'REASON chờ vật tư từ kho thành phố.' }]);
  assert.match(await pdf(a, `${at()}/letter`), /Lý do: REASON chờ vật tư từ kho thành phố\./);
});

test('given a day later: the receipt tells the new date of the letter, and that it is still late', async () => {
  const reporter = await follow(x, lamp);
  assert.equal((await reporter.get(`/${W}/receipt/apology`)).status, 404, 'not before it was given');
  assert.doesNotMatch(words((await reporter.get(`/${W}/receipt`)).text), /thư xin lỗi/);
  const was = (await facts(a, lamp.code)).due, fixed = (await json(a)).new_day;
  moveTo(x, addDays(start, 10));
  a = await signIn(x, W, 'ha-tang');
  const r = await send(a, `${at()}/given`);
  assert.equal(r.status, 303);
  assert.match(words((await a.get(r.location)).text), /thư xin lỗi đã ký và trao/);
  assert.equal((await send(a, `${at()}/given`)).status, 409, 'once');
  const now = await facts(a, lamp.code);
  assert.ok(now.late && now.due === was, 'no deadline moved');
  const entry = now.timeline.find((e) => e.what === 'apologise');
  assert.deepEqual(entry.parts.map((p) => p.text).sort(), [shown(addDays(start, 9)), shown(fixed), 'REASON chờ vật tư từ kho thành phố.'].sort());
  const again = await follow(x, lamp), page = words((await again.get(`/${W}/receipt`)).text);
  assert.match(page, new RegExp(`thư xin lỗi vì trễ hẹn, vào ngày ${shown(addDays(start, 10))}.*chậm nhất ngày ${shown(fixed)}.*vẫn tính là quá hạn`));
  assert.match(page, /Đã xin lỗi vì trễ hẹn, hẹn ngày mới Tổ Hạ tầng/);
  assert.match(await pdf(again, `/${W}/receipt/apology`), /REASON/);
  assert.match(words((await (await follow(x, lamp)).get(`/${W}/en/receipt`)).text), /promises to be done by/);
  // Whose report follows it gets the same letter under a code of their own, and keeps their own two dates.
  const follower = await follow(x, mate), theirs = await follower.get(`/${W}/receipt`), both = words(theirs.text), j = JSON.parse((await follower.get(`/${W}/receipt.json`)).text);
  assert.match(both, new RegExp(`thư xin lỗi vì trễ hẹn, vào ngày ${shown(addDays(start, 10))}.*chậm nhất ngày ${shown(fixed)}.*vẫn tính là quá hạn`));
  assert.match(both, /Đã xin lỗi vì trễ hẹn, hẹn ngày mới Tổ Hạ tầng/);
  assert.match(both, /Vì sao là ngày .*Quá hạn|quá hạn/i);
  assert.deepEqual([j.due, j.late, j.own.day, j.own.clock.first], [addDays(start, 7), true, addDays(start, 14), addDays(start, 7)]);
  assert.equal(j.own.clock.traces.at(-1).lines.filter((l) => (l.what.key ?? l.what) === 'counted').at(-1).to, addDays(start, 14), 'its own ten working days, one by one');
  assert.match(both, new RegExp(`Hạn tính riêng cho tin của bạn: ${shown(addDays(start, 14))}.*${shown(addDays(start, 14))} \\(Hạn lúc đầu: ${shown(addDays(start, 7))}\\)`));
  assert.match(both, /OWNWHY/, 'why it was extended: told its own reporter');
  assert.ok(!(await again.get(`/${W}/receipt`)).text.includes('OWNWHY'), 'and nobody else');
  const paper = await pdf(follower, `/${W}/receipt/apology`);
  assert.match(paper, new RegExp(`Người gửi tin mã ${mate.code}.*xử lý chung với các tin khác.*Hạn xử lý là hết ngày ${shown(addDays(start, 7))}.*REASON`));
  assert.ok(!paper.includes(lamp.code) && !theirs.text.includes(lamp.code), 'never the other one’s code');
  await steps(a, lamp.code, ['withhold', { 'withhold-reason': 'Có tên người.' }]);
  assert.equal((await follower.get(`/${W}/receipt/apology`)).status, 404, 'of a case that is shown to nobody');
  assert.deepEqual((({ due, late, why_late, own, apology }) => [due, late, why_late, own, apology])(JSON.parse((await follower.get(`/${W}/receipt.json`)).text)), [addDays(start, 14), false, undefined, undefined, undefined], 'its own date is the one that is left');
  await steps(a, lamp.code, ['unwithhold', { 'unwithhold-reason': 'Đã bỏ.' }], ['note', { 'note-text': 'Xem lại.' }]);
  await steps(a, mate.code, ['unmerge', { 'unmerge-reason': 'Hai trụ.' }]);
  assert.equal((await follower.get(`/${W}/receipt/apology`)).status, 404, 'split off: on time by its own date');
  assert.deepEqual((({ due, late, clock, own }) => [due, late ?? false, clock.first, own])(JSON.parse((await follower.get(`/${W}/receipt.json`)).text)), [addDays(start, 14), false, addDays(start, 7), undefined]);
  // Counted as an act of the authority, without its case.
  const chair = await signIn(x, W, 'chu-tich');
  assert.equal(JSON.parse((await chair.get(`/${W}/chair.json`)).text).apologies, 1);
  assert.equal(JSON.parse((await x.client().get(`/${W}/figures.json`)).text).apologies, 1);
});

test('not made twice while its day is not over; then another one; a stale one is not given', async () => {
  assert.equal((await send(a, at())).status, 303);
  assert.equal(x.sql('SELECT count(*) FROM apology'), '1');
  moveTo(x, addDays(start, 25));
  a = await signIn(x, W, 'ha-tang');
  assert.match(words((await a.get(at())).text), /Ngày mới trong thư đã qua/);
  assert.equal((await send(a, at())).status, 303);
  assert.equal(x.sql('SELECT max(number) FROM apology'), '2');
  moveTo(x, addDays(start, 50));
  a = await signIn(x, W, 'ha-tang');
  const r = await send(a, `${at()}/given`);
  assert.equal(r.status, 409);
  assert.match(words(r.text), /Hãy làm lại thư/);
  assert.equal((await send(a, at())).status, 303);
  assert.equal((await json(a)).day, addDays(start, 50), 'made again in its place');
  assert.equal((await send(a, `${at()}/given`)).status, 303);
});

test('forgotten with the words it held; the chain verifies', async () => {
  const id = x.sql(`SELECT id FROM ward_case WHERE code = '${lamp.code}'`);
  assert.match(x.verb(['verify']), /song-may: .* 0 faults/);
  x.sql(`DELETE FROM part_body WHERE case_id = ${id} AND body LIKE 'REASON%'`);
  assert.match(await pdf(await follow(x, lamp), `/${W}/receipt/apology`), /Lý do: Ủy ban/);
});
