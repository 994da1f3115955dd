// RIGHTS.md promise 10: what agencies ask for. Entered by the ward police, decided by chair and oversight, neither of
// them who entered it; nothing leaves, by the desk or by command, without the number of an approved request; the
// reporter is told, unless a dated order forbids it, and then by the night after its last day.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { hidden, report, signIn, until, words } from '../harness/xom.mjs';
import { act, must, opened, startWorld, WARDS } from './world.mjs';

const W = WARDS.own, OTHER = WARDS.other;
let x, lamp, noise, other;
const clients = {}, LOGINS = ['ha-tang', 'an-toan', 'giam-sat', 'chu-tich', 'quan-tri', 'thu-ky', 'cong-an', 'cong-an-2'];
const clock = () => ['--settings', join(x.data, 'settings.yaml'), '--test-clock', join(x.data, 'clock')];
const sql = (q) => x.sql(q);
const day = (offset) => new Date(Date.now() + Number(x.clock.us / 1000n) + 7 * 3600e3 + offset * 864e5).toISOString().slice(0, 10);
const LETTER = () => ({ who: 'Cơ quan cảnh sát điều tra', number: '45/YC-CQĐT', day: day(-1), basis: 'Điều 88 Bộ luật Tố tụng hình sự. ZQBASIS', scope: lamp.code, order_number: '', order_day: '', order_until: '' });
async function enter(fields, who = 'cong-an', s) {
  const page = (await clients[who].get(`/${W}/agency/new`)).text;
  return clients[who].post(`/${W}/agency/new`, { token: hidden(page, 'token'), s: s ?? hidden(page, 's'), ...LETTER(), ...fields });
}
const codeOf = (r) => r.location.match(/\/agency\/request\/([^?]+)/)[1];
const entered = async (fields, who) => codeOf(await must(enter(fields, who)));
const at = (code) => `/${W}/agency/request/${code}`;
const tokens = {};
const token = async (who) => (tokens[who] ??= hidden((await clients[who].get(`/${W}/desk/sessions`)).text, 'token'));
const decide = async (who, code, decision, reason = 'Có căn cứ.') => clients[who].post(`${at(code)}/decide`, { token: await token(who), decision, reason });
const both = async (code) => { await must(decide('chu-tich', code, 'approve')); await must(decide('giam-sat', code, 'approve')); return code; };
const give = async (who, number, sort = 'csv') => clients[who].post(`/${W}/agency/give`, { token: await token(who), number, sort });
const command = (number, options = {}) => x.verb(['agency', 'give', '--ward', W, ...(number ? ['--number', number] : []), '--login', options.login ?? 'ha-tang'], { settings: clock(), status: options.status ?? 0 });
// A night that is at work while the clock moves would count the next one from where it then stands.
const nightPassed = () => BigInt(sql(`SELECT MIN(due_at) FROM outbox WHERE kind = 'keep.erase' AND state = 1 AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`)) > BigInt(Date.now()) * 1000n + x.clock.us;
const night = () => until('the night is over', nightPassed);
const receipt = async (r) => words((await (await opened(x, W, r)).get(`/${W}/receipt`)).text);
// To noon of a day of the ward (UTC+7).
function moveTo(days, hour) {
  const now = Date.now() + Number(x.clock.us / 1000n), zone = 7 * 3_600_000;
  x.clock.move((Math.floor((now + zone) / 864e5) * 864e5 - zone + days * 864e5 + hour * 3_600_000 - now) / 864e5);
}
// How many lines "who looked" has on a receipt.
const looksOn = (text) => (text.replace(/[\s\S]*Ai đã xem/, '').match(/\d\d\/\d\d\/\d{4}: cán bộ xử lý/g) ?? []).length;
const count = (q) => Number(sql(`SELECT COUNT(*) FROM ${q}`));
const signAll = async () => { for (const login of LOGINS) { clients[login] = await signIn(x, W, login); delete tokens[login]; } };

before(async () => {
  x = await startWorld({ settings: 'mail_url: smtp://localhost:9\nmail_from: xom@xom.thu\n' });
  await signAll();
  lamp = await report(x, W, { text: 'ZQLAMP tắt.', street: 'ZQSTREET' });
  noise = await report(x, W, { kind: 'noise', text: 'ZQNOISE.' });
  other = await report(x, W, { text: 'ZQOTHER.' });
});
after(async () => { await x?.stop(); });

test('what is wrong is told all at once, and what was typed stands there again', async () => {
  const empty = await enter({ who: '', number: '', day: '', basis: '', scope: '' });
  assert.equal(empty.status, 422);
  for (const said of ['Hãy ghi cơ quan nào yêu cầu.', 'Văn bản nào cũng có số.', 'Hãy ghi ngày của văn bản', 'Hãy ghi theo luật nào', 'Hãy ghi mã của ít nhất một tin']) assert.ok(words(empty.text).includes(said), said);
  const later = await enter({ day: day(2) });
  assert.equal(later.status, 422);
  assert.ok(words(later.text).includes('Ngày này chưa đến') && later.text.includes(`value="${day(2)}"`) && later.text.includes('45/YC-CQĐT'));
  // One line of the scope that is none does not lose the others, and is named.
  const lines = await enter({ scope: `${lamp.code}, SM-26-XXXXX-X\n\n  ${noise.code} \nlinh tinh` });
  assert.equal(lines.status, 422);
  const said = words(lines.text);
  assert.match(said, /không phải mã của một tin; các dòng khác vẫn còn đó: SM-26-XXXXX-X, linh tinh/);
  assert.ok(lines.text.includes(lamp.code) && lines.text.includes(noise.code));
  // An order without an end, over already, too far off, still to come, without a number.
  for (const [order, why] of [[{ order_number: '12/QĐ' }, 'Văn bản cấm phải có ngày hết hạn'], [{ order_number: '12/QĐ', order_day: day(-1), order_until: day(-1) }, 'Ngày hết hạn này đã qua'],
    [{ order_number: '12/QĐ', order_day: day(-1), order_until: day(4000) }, 'quá xa'], [{ order_number: '12/QĐ', order_day: day(1), order_until: day(9) }, 'Ngày của văn bản cấm chưa đến'],
    [{ order_day: day(-1), order_until: day(9) }, 'Văn bản cấm phải có số']]) {
    const r = await enter(order);
    assert.equal(r.status, 422);
    assert.ok(words(r.text).includes(why), why);
    assert.ok(r.text.includes('ZQBASIS') && (!order.order_number || r.text.includes('12/QĐ')));
  }
  // A name in the basis is pointed out once; an identity number is never kept.
  const named = await enter({ basis: 'Hỏi về anh Nguyễn Văn Hùng, số 079 123 456 789.' });
  assert.equal(named.status, 422);
  assert.ok(named.text.includes('name="basis-advised"') && !named.text.includes('079 123 456 789'));
  // More than fifty; what goes past somebody by rule is answered as what is not there.
  const staff = await report(x, W, { staff: 'yes', subject: 'unit:moi-truong', text: 'ZQSTAFF' });
  const hiddenOne = await enter({ scope: `${staff.code}\n${lamp.code}` });
  assert.match(words(hiddenOne.text), new RegExp(`vẫn còn đó: ${staff.code}`));
  assert.equal(count('agency_request'), 0);
  assert.equal(count("ward_case WHERE kind = 'agency_request'"), 0);
});

test('entered by the police; two decide, neither who entered it; refused by either is refused', async () => {
  const page = (await clients['cong-an'].get(`/${W}/agency/new`)).text, s = hidden(page, 's');
  const code = codeOf(await must(enter({}, 'cong-an', s)));
  assert.equal(codeOf(await must(enter({}, 'cong-an', s))), code, 'the same form twice makes one');
  assert.equal(count('agency_request'), 1);
  // Another officer of the police, a unit, the secretary, the administrator and the other ward meet nothing of it.
  for (const who of ['cong-an-2', 'ha-tang', 'thu-ky', 'quan-tri']) assert.equal((await clients[who].get(at(code))).status, 404, who);
  const stranger = await signIn(x, OTHER, 'giam-sat.rt');
  assert.equal((await stranger.get(`/${OTHER}/agency/request/${code}`)).status, 404);
  assert.ok(!(await clients['cong-an-2'].get(`/${W}/agency`)).text.includes(code) && (await clients['cong-an'].get(`/${W}/agency`)).text.includes(code));
  assert.equal((await clients['giam-sat'].get(`/${W}/desk/case/${code}`)).location, at(code));
  // It stands where it waits; each page of it is a look.
  for (const p of ['/chair', '/oversight']) assert.ok((await clients[p === '/chair' ? 'chu-tich' : 'giam-sat'].get(`/${W}${p}`)).text.includes(code), p);
  const looks = () => count(`look WHERE what = 'case' AND case_id = (SELECT id FROM ward_case WHERE code = '${code}')`), seen = looks();
  const shown = await clients['chu-tich'].get(at(code));
  assert.ok(shown.text.includes('ZQBASIS') && shown.text.includes(lamp.code) && !/ZQLAMP|ZQSTREET/.test(shown.text));
  assert.equal(looks(), seen + 1);
  // Without a choice or a reason nothing is decided, and what was typed stays.
  for (const [decision, reason] of [['', 'ZQWHY'], ['approve', ''], ['refuse', '   ']]) {
    const r = await decide('chu-tich', code, decision, reason);
    assert.equal(r.status, 422);
    assert.ok(reason !== 'ZQWHY' || r.text.includes('ZQWHY'));
  }
  assert.equal((await decide('cong-an', code, 'approve')).status, 404);
  assert.equal((await decide('ha-tang', code, 'approve')).status, 404);
  await must(decide('chu-tich', code, 'approve', 'ZQREASON'));
  assert.ok(!(await clients['chu-tich'].get(`/${W}/chair`)).text.includes(code), 'it waits for oversight alone');
  assert.ok((await clients['giam-sat'].get(`/${W}/oversight`)).text.includes(code));
  const again = await decide('chu-tich', code, 'approve', 'ZQTWICE');
  assert.equal(again.status, 409);
  assert.match(words(again.text), /Bạn đã đồng ý rồi/);
  // Half approved gives nothing, by the desk or by command.
  assert.match(words((await give('ha-tang', code)).text), /chưa được cả hai đồng ý/);
  assert.match(command(code, { status: 1 }), /not approved by chair and oversight/);
  await must(decide('giam-sat', code, 'refuse', 'Hỏi quá rộng.'));
  const twice = await decide('giam-sat', code, 'approve', 'ZQAGAIN');
  assert.equal(twice.status, 409);
  assert.match(words(twice.text), /đã được quyết định trước đó/);
  assert.match(words((await clients['cong-an'].get(at(code))).text), /Không đồng ý.*Hỏi quá rộng\..*ZQREASON/);
  const refused = await give('ha-tang', code);
  assert.equal(refused.status, 422);
  assert.ok(words(refused.text).includes('đã bị từ chối') && refused.text.includes(`value="${code}"`));
  assert.match(command(code, { status: 1 }), /was refused/);
  assert.equal(count('agency_given'), 0);
  assert.ok(!(await receipt(lamp)).includes('Cơ quan cảnh sát điều tra'), 'a refused one is told to nobody');
  // Who entered it does not decide it, whatever else they are.
  x.verb(['user', 'role', '--ward', W, '--login', 'cong-an-2', '--role', 'chair', '--from', '2025-01-01']);
  clients['cong-an-2'] = await signIn(x, W, 'cong-an-2');
  delete tokens['cong-an-2'];
  const own = await entered({ number: '46/YC' }, 'cong-an-2');
  assert.match(words((await clients['cong-an-2'].get(at(own))).text), /Bạn đã ghi yêu cầu này/);
  const mine = await decide('cong-an-2', own, 'approve');
  assert.equal(mine.status, 409);
  assert.match(words(mine.text), /Bạn đã ghi yêu cầu này/);
  await must(decide('giam-sat', own, 'approve'));
  assert.match(words((await decide('giam-sat', own, 'refuse')).text), /Bạn đã đồng ý rồi/);
  assert.equal(sql(`SELECT state FROM ward_case WHERE code = '${own}'`), '2');
  await must(decide('chu-tich', own, 'refuse'));
  x.verb(['user', 'role', '--ward', W, '--login', 'cong-an-2', '--role', 'chair', '--end', '2025-01-01']);
  x.verb(['verify']);
});

test('until it is decided who entered it takes it back: with a reason, alone, and nobody is told', async () => {
  const take = async (who, code, why = 'Cơ quan đã rút văn bản. ZQBACK') => clients[who].post(`${at(code)}/withdraw`, { token: await token(who), why });
  const code = await entered({ number: '44/YC' }), told = await receipt(lamp);
  await must(decide('chu-tich', code, 'approve'));
  const bare = await take('cong-an', code, '  ');
  assert.equal(bare.status, 422);
  assert.match(words(bare.text), /Rút lại cũng cần lý do/);
  for (const who of ['cong-an-2', 'ha-tang', 'chu-tich', 'giam-sat']) assert.equal((await take(who, code)).status, 404, who);
  assert.equal(sql(`SELECT state FROM ward_case WHERE code = '${code}'`), '2', 'one approval stands');
  await must(take('cong-an', code));
  assert.equal(sql(`SELECT r.result || ' ' || c.state || ' ' || c.outcome FROM agency_request r JOIN ward_case c ON c.ward_id = r.ward_id AND c.id = r.case_id WHERE c.code = '${code}'`), 'withdrawn 6 withdrawn');
  const page = words((await clients['giam-sat'].get(at(code))).text);
  assert.match(page, /Đã rút lại.*ZQBACK/);
  // Nothing more: no decision, no second withdrawal, nothing given; and no reporter learns of it.
  const late = await decide('giam-sat', code, 'approve');
  assert.equal(late.status, 409);
  assert.match(words(late.text), /đã được rút lại trước đó/);
  assert.equal((await take('cong-an', code)).status, 409);
  const given = await give('ha-tang', code);
  assert.equal(given.status, 422);
  assert.match(words(given.text), /đã được rút lại\. Không có gì được cung cấp/);
  assert.match(command(code, { status: 1 }), /was taken back/);
  assert.ok(!(await clients['chu-tich'].get(`/${W}/chair`)).text.includes(code) && !(await clients['giam-sat'].get(`/${W}/oversight`)).text.includes(code), 'it waits for nobody');
  assert.equal(await receipt(lamp), told);
  // A decided one can't be taken back; nor by somebody who may enter requests but did not enter this one.
  const refused = await entered({ number: '43/YC' }), telling = async (of) => /Báo cho người báo/.test(words((await clients['chu-tich'].get(at(of))).text));
  assert.ok(await telling(refused), 'it waits: when its reporters will be told');
  await must(decide('chu-tich', refused, 'refuse'));
  assert.deepEqual([await telling(refused), await telling(code)], [false, false], 'refused, taken back: nobody is told');
  const over = await take('cong-an', refused);
  assert.equal(over.status, 409);
  assert.match(words(over.text), /đã được quyết định trước đó/);
  x.verb(['user', 'role', '--ward', W, '--login', 'cong-an-2', '--role', 'chair', '--from', '2025-02-01']);
  clients['cong-an-2'] = await signIn(x, W, 'cong-an-2');
  delete tokens['cong-an-2'];
  const others = await entered({ number: '42/YC' });
  assert.equal((await take('cong-an-2', others)).status, 409);
  assert.equal(sql(`SELECT state FROM ward_case WHERE code = '${others}'`), '1');
  x.verb(['user', 'role', '--ward', W, '--login', 'cong-an-2', '--role', 'chair', '--end', '2025-02-01']);
  await must(take('cong-an', others));
  x.verb(['verify']);
});

test('granted: the reporter is told at once, the unit gives its own cases of the scope, and each giving stands written', async () => {
  const mine = await opened(x, W, lamp), page = (await mine.get(`/${W}/receipt`)).text;
  await must(mine.post(`/${W}/receipt/mail`, { s: hidden(page, 's'), email: 'bao-tin@example.com' }));
  const mails = () => count(`outbox WHERE kind = 'net.mail' AND dedup = (SELECT CAST(id AS TEXT) FROM ward_case WHERE code = '${lamp.code}')`);
  await until('what was mailed before is gone', () => mails() === 0);
  const code = await both(await entered({ scope: `${lamp.code}\n${noise.code}` }));
  const told = await receipt(lamp);
  assert.match(told, /Một cơ quan được phép hỏi về tin này/);
  for (const part of ['Cơ quan cảnh sát điều tra', '45/YC-CQĐT']) assert.ok(told.includes(part), part);
  assert.ok(!/ZQBASIS|ZQREASON/.test(told) && !told.includes(noise.code));
  assert.match(await receipt(noise), /Một cơ quan được phép hỏi/);
  assert.ok(!(await receipt(other)).includes('Một cơ quan'), 'not in its scope');
  assert.equal(mails(), 1, '"something of yours moved"');
  // No number, no such number, another ward's officer, a unit without a case in it.
  for (const [who, number, why] of [['ha-tang', '', 'Hãy ghi số'], ['ha-tang', 'SM-26-XXXXX-X', 'Không có yêu cầu nào'], ['ha-tang', lamp.code, 'Không có yêu cầu nào']]) {
    const r = await give(who, number);
    assert.equal(r.status, 422, number);
    assert.ok(words(r.text).includes(why), why);
  }
  assert.match(command('', { status: 1 }), /without the number of an approved request/);
  assert.match(command('SM-26-XXXXX-X', { status: 1 }), /no request of this number/);
  assert.match(command(code, { status: 1, login: 'chu-tich' }), /only who works cases/);
  assert.equal(count('agency_given'), 0);
  // Each unit its own cases, and of these what the scope names: no word, no photo.
  const looks = () => count("look WHERE what = 'agency'");
  const csv = await give('ha-tang', code.toLowerCase());
  assert.equal(csv.status, 200);
  // For people: columns and kinds in the page's language, the ward's time with its zone; the JSON is for machines.
  assert.match(csv.text, /^\uFEFFMã,Loại việc,Tình trạng,Nhận lúc \(UTC\+7\),/);
  assert.match(csv.text, new RegExp(`${lamp.code},Đèn đường,[^,]+,"\\d\\d:\\d\\d, \\d\\d/\\d\\d/\\d{4}"`));
  assert.ok(!/lighting|received|T\d\d:\d\d/.test(csv.text), csv.text);
  assert.match(csv.headers.get('content-disposition'), new RegExp(`attachment; filename="${code}\\.csv"`));
  assert.ok(csv.text.includes(lamp.code) && csv.text.includes('ZQSTREET'));
  for (const not of [noise.code, other.code, 'ZQLAMP', 'ZQNOISE', 'ZQOTHER', lamp.pin]) assert.ok(!csv.text.includes(not), not);
  assert.equal(looks(), 1);
  const json = JSON.parse((await give('an-toan', code, 'json')).text);
  assert.deepEqual(json.cases.map((c) => c.code), [noise.code]);
  assert.match(json.cases[0].received, /^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$/);
  assert.equal(json.cases[0].kind, 'noise');
  assert.equal((await give('ha-tang', code, 'xlsx')).status, 200);
  const line = command(code);
  assert.ok(line.startsWith(`${lamp.code}\tlighting\t`) && line.trim().split('\n').length === 1 && !line.includes('ZQLAMP'));
  assert.equal(looks(), 4);
  assert.equal(count('agency_given'), 4);
  // Each giving is a look of each case, too: by case for oversight, role, unit and day for its reporter.
  assert.equal(count(`look WHERE what = 'given' AND case_id = (SELECT id FROM ward_case WHERE code = '${lamp.code}')`), 3);
  const byCase = words((await clients['giam-sat'].get(`/${W}/oversight/looks?case=${lamp.code}`)).text);
  assert.match(byCase, /đưa vào tệp cung cấp cho cơ quan/);
  assert.ok(byCase.includes(code), 'by which request');
  assert.equal(looksOn(await receipt(noise)), 1, 'nobody but who gave it looked');
  assert.match(sql(`SELECT filter FROM look WHERE what = 'agency' ORDER BY seq LIMIT 1`), new RegExp(`${code} csv`));
  const shown = words((await clients['giam-sat'].get(at(code))).text);
  assert.match(shown, /số lần đã cung cấp: 3/);
  assert.match(shown, /Đã cung cấp.*Dòng lệnh trên máy chủ.*Bảng tính XLSX/);
  assert.match(words((await clients['giam-sat'].get(`/${W}/oversight/looks?what=agency`)).text), /cung cấp cho cơ quan yêu cầu/);
  // The list as a file, for one's own work, is what it was, and says what an agency needs.
  assert.match(words((await clients['ha-tang'].get(`/${W}/desk?queue=unit`)).text), /Cung cấp cho một cơ quan thì cần số/);
  x.verb(['verify']);
});

test('a dated order forbids telling until its last day; the night after it tells', async () => {
  const until_ = day(3), code = await both(await entered({ number: '47/YC', scope: other.code, order_number: '12/QĐ-VKS', order_day: day(-1), order_until: until_ }));
  const before_ = await receipt(other), seq = sql(`SELECT seq FROM ward_case WHERE code = '${other.code}'`);
  assert.ok(!before_.includes('Một cơ quan') && !before_.includes('47/YC'));
  const looked = looksOn(before_);
  assert.equal((await give('ha-tang', code)).status, 200);
  assert.equal(count(`look WHERE what = 'given' AND case_id = (SELECT id FROM ward_case WHERE code = '${other.code}')`), 1);
  assert.equal(looksOn(await receipt(other)), looked, 'nor does the look of it');
  assert.equal(sql(`SELECT seq FROM ward_case WHERE code = '${other.code}'`), seq, 'nothing of it moved');
  assert.ok(!(await clients['ha-tang'].get(`/${W}/desk/case/${other.code}`)).text.includes('47/YC'));
  assert.match(words((await clients['chu-tich'].get(at(code))).text), /12\/QĐ-VKS.*chưa được báo cho người báo/);
  const untold = () => count('agency_scope WHERE told_at IS NULL AND case_id = (SELECT id FROM ward_case WHERE code = \'' + code + '\')');
  await night();
  moveTo(3, 12);
  // The order's last day itself: a whole night's work passes, and tells nobody.
  await night();
  assert.equal(untold(), 1);
  moveTo(1, 12);
  await until('the night tells', () => untold() === 0);
  const told = await receipt(other);
  assert.match(told, /Một cơ quan được phép hỏi về tin này/);
  assert.ok(told.includes('47/YC') && told.includes('12/QĐ-VKS'));
  assert.equal(count(`timeline WHERE verb = 'agency' AND case_id = (SELECT id FROM ward_case WHERE code = '${other.code}')`), 1);
  x.verb(['verify']);
});

test('rows of a request that were changed behind the program\'s back are named, each of them; oversight\'s proof finds them, too', async () => {
  await signAll();
  const id = sql('SELECT MIN(case_id) FROM agency_given'), refused = sql("SELECT MIN(case_id) FROM agency_request WHERE result = 'refused'");
  const late = sql("SELECT MIN(case_id) FROM agency_request WHERE order_until IS NOT NULL AND result = 'granted'");
  const somebody = sql("SELECT id FROM account WHERE login = 'moi-truong'"), away = sql(`SELECT MIN(id) FROM ward_case WHERE id NOT IN (SELECT about_id FROM agency_scope WHERE about_id IS NOT NULL)`);
  const proof = (status = 0) => x.verb(['verify', '--looks', '--ward', W], { status });
  assert.match(proof(), /requests to look again, compared with their entries\n/);
  const kept = new Map();
  const set = (table, column, value, where) => {
    const now = sql(`SELECT ${column} FROM ${table} WHERE ${where}`);
    kept.set(`${table} SET ${column} = ${now === '' ? 'NULL' : /^\d+$/.test(now) ? now : `'${now}'`} WHERE ${where}`, true);
    sql(`UPDATE ${table} SET ${column} = ${value} WHERE ${where}`);
  };
  const back = () => { for (const one of kept.keys()) sql(`UPDATE ${one}`); kept.clear(); };
  const first = Number(sql(`SELECT MIN(n) FROM agency_given WHERE case_id = ${id}`)), row = `case_id = ${id}`, once = `seq = (SELECT MIN(seq) FROM agency_given WHERE case_id = ${id})`;
  set('agency_request', 'who', "'Ai đó'", row);
  set('agency_request', 'number', "'0/YC'", row);
  set('agency_request', 'day', 'day - 1', row);
  set('agency_request', 'entered_by', somebody, row);
  set('agency_request', 'chair_by', somebody, row);
  set('agency_request', 'oversight_at', 'oversight_at + 1', row);
  set('agency_request', 'decided_at', 'decided_at + 1', row);
  set('agency_scope', 'told_at', 'told_at + 1', `${row} AND n = ${first}`);
  set('agency_given', 'given_at', 'given_at + 1', `${row} AND n = ${first} AND ${once}`);
  set('agency_request', 'result', "'granted'", `case_id = ${refused}`);
  set('agency_request', 'refused_by', 'NULL', `case_id = ${refused}`);
  set('agency_request', 'order_until', 'order_until - 1', `case_id = ${late}`);
  set('agency_scope', 'about_id', away, `case_id = ${late} AND n = 1`);
  const said = proof(1), of = (n) => `agency's request, case ${n}: `;
  for (const [n, what] of [[id, 'the agency is not the one'], [id, "the letter's number is not the one"], [id, "the letter's date is not the one"],
    [id, 'who entered it is not who'], [id, "the chair's approval is not what"], [id, "oversight's approval is not what"], [id, 'its result is not what'],
    [id, `the reporter of number ${first} was not told then`], [refused, 'who refused it is not who'], [refused, 'its result is not what'],
    [late, 'the order not to tell is not the one'], [late, 'number 1 of its scope is not the case']]) assert.ok(said.includes(of(n) + what), `${n} ${what}: ${said}`);
  assert.match(said, new RegExp(`${of(id)}what entry \\d+ gave is not what is kept`));
  assert.match(said, /case \d+ entry \d+: no agency's request says that its reporter was told then/);
  const token = hidden((await clients['giam-sat'].get(`/${W}/oversight/looks`)).text, 'token');
  await clients['giam-sat'].post(`/${W}/oversight/looks/verify`, { token });
  const page = await until('the page\'s proof has ended', async () => {
    const { check } = JSON.parse((await clients['giam-sat'].get(`/${W}/oversight/looks.json`)).text);
    return check?.running ? undefined : check;
  });
  assert.equal(page.faults, Number(said.match(/in all: (\d+) faults/)[1]), 'the page and the command find the same');
  assert.ok(page.said.some((l) => l.text.includes('the agency is not the one')));
  back();
  assert.match(proof(), /in all: 0 faults/);
});

test('after its days a request gives nothing more; its words are erased on time, and what a figure needs stays', async () => {
  await signAll();
  const code = await both(await entered({ number: '48/YC' }));
  await night();
  x.clock.move(35);
  await signAll();
  const late = await give('ha-tang', code);
  assert.equal(late.status, 422);
  assert.ok(words(late.text).includes('đã hết hạn dùng') && late.text.includes(code));
  assert.match(command(code, { status: 1 }), /days on which the request may be used are over/);
  await night();
  x.clock.move(340);
  await until('the night erases its words', () => count("part_body WHERE body LIKE '%ZQBASIS%'") === 0, 120);
  await signAll();
  const page = words((await clients['giam-sat'].get(at(code))).text);
  assert.ok(page.includes('Cơ quan cảnh sát điều tra') && !page.includes('ZQBASIS') && !page.includes('Có căn cứ.'));
  // What stays after ten years: test/notify/test_forget.c.
  x.verb(['verify'], { settings: clock() });
});
