// The transparency page of a quarter: made by the night after it, right by an independent count of the raw rows,
// frozen, signed; and daily heads that others hold, against somebody who has the database and the server's key.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createPublicKey, verify as check } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, hidden, readReceipt, root, signIn, startXom, tempDir, until, words } from '../harness/xom.mjs';
import { act, areas, close, moveTo, quarterOf, quarters, report, resident, today } from './stats.mjs';
import { ACTS, count, published } from './count.mjs';
import { execFileSync, spawnSync } from 'node:child_process';

const W = 'song-may', OTHER = 'rach-truc';
let x, dir, page;
const ask = (text) => x.sql(text, { json: true });
const ward = (slug) => x.sql(`SELECT id FROM ward WHERE slug = '${slug}'`);
const get = async (path) => { const r = await x.client().get(path); assert.equal(r.status, 200, `${path}: ${r.status}`); return r; };
const clock = () => ['--settings', join(x.data, 'settings.yaml'), '--test-clock', join(x.data, 'clock')];
const verify = (args, status = 0) => x.verb(['verify', '--no-photos', ...args], { status, settings: clock() });

before(async () => { x = await startXom(); dir = tempDir(); });
after(async () => { await x?.stop(); rmSync(dir, { recursive: true, force: true }); });

test('before a quarter is over there is none, and the page says when', async () => {
  const html = (await get(`/${W}/transparency`)).text;
  assert.match(words(html), /Chưa có quý nào/);
  assert.equal((await x.client().get(`/${W}/transparency/2026-Q9`)).status, 404);
  assert.equal((await x.client().get(`/${W}/transparency/${quarterOf(today(x))}`)).status, 404);
  assert.match(x.verb(['transparency', 'revise', W, quarterOf(today(x))], { status: 1 }), /not over/);
});

test('a quarter with everything in it is told as anybody counts it, in both wards', async () => {
  const [, next] = quarters(x, 1), quarter = quarterOf(today(x));
  const officer = await signIn(x, W, 'ha-tang'), secretary = await signIn(x, W, 'thu-ky'), admin = await signIn(x, W, 'quan-tri');
  const places = await areas(x, W), made = [];
  for (let i = 0; i < 9; i += 1) made.push(await report(x, W, { kind: ['lighting', 'road'][i % 2], area: places[i % 3], text: `Việc ${i}.` }));
  for (let i = 0; i < 2; i += 1) await report(x, W, { kind: 'noise', text: `Ồn ${i}.` });
  await close(officer, W, made[0].code);
  await act(officer, W, made[1].code, 'close', { 'close-outcome': 'not_ours', 'close-text': 'Của điện lực.' });
  await act(officer, W, made[2].code, 'close', { 'close-outcome': 'not_found', 'close-text': 'Không thấy.' });
  await act(officer, W, made[2].code, 'unclose', { 'unclose-text': 'Đóng nhầm.' });
  for (const i of [4, 6]) await act(officer, W, made[i].code, 'take');
  await act(officer, W, made[4].code, 'pause', { 'pause-text': 'Chờ điện lực.' });
  await act(officer, W, made[6].code, 'extend', { 'extend-text': 'Chờ vật tư.' });
  await act(officer, W, made[5].code, 'withhold', { 'withhold-reason': 'Xem lại.' });
  await resident(x, W, made[8], 'withdraw');
  const staff = await report(x, W, { staff: 'yes', subject: 'unit:moi-truong', text: 'Việc về người ở tổ.' });
  assert.equal((await (await signIn(x, W, 'chu-tich')).get(`/${W}/desk/case/${staff.code}`)).status, 200);
  await secretary.get(`/${W}/desk/case/${made[0].code}`);
  await officer.get(`/${W}/desk?queue=unit&words=việc`);
  await officer.get(`/${W}/desk.csv?queue=unit`);
  const token = (await admin.get(`/${W}/admin/settings`)).text.match(/name="token" value="([^"]+)"/)[1];
  await admin.post(`/${W}/admin/settings`, { token, idle_days: '61' });
  // A hold that stands, and one that ended.
  const over = await signIn(x, W, 'giam-sat'), holds = `/${W}/oversight/holds`, hold = { token: hidden((await over.get(holds)).text, 'token') };
  const until_ = new Date(Date.parse(today(x)) + 90 * 86400e3).toISOString().slice(0, 10);
  for (const number of ['0/LĐ', '1/LĐ']) assert.equal((await over.post(holds, { ...hold, code: made[7].code, number, day: today(x), who: 'Viện kiểm sát', until: until_ })).status, 303);
  assert.equal((await over.post(holds, { ...hold, do: 'end', hold: hidden((await over.get(holds)).text, 'hold') })).status, 303);
  // Requests to look again: one answered, one not.
  const asks = x.client(), codes = [];
  for (const text of ['Tôi không hát.', 'Không phải tôi.']) {
    const s = hidden((await asks.get(`/${W}/redress`)).text, 's');
    codes.push(readReceipt((await asks.post(`/${W}/redress`, { s, area: places[0], day: today(x), text })).text).code);
  }
  const oversight = await signIn(x, W, 'giam-sat'), form = (await oversight.get(`/${W}/oversight/redress/${codes[0]}`)).text;
  await oversight.post(`/${W}/oversight/redress/${codes[0]}/answer`, { token: hidden(form, 'token'), version: form.match(/name="version" value="(\d+)"/)[1], result: 'not_upheld', 'answer-text': 'Không tìm thấy.' });
  // Agencies' requests: one granted and told, one granted whose reporter may not be told yet, one refused, one not decided, one taken back.
  const police = await signIn(x, W, 'cong-an'), chair = await signIn(x, W, 'chu-tich'), own = async (c) => hidden((await c.get(`/${W}/desk/sessions`)).text, 'token');
  const tokens = { police: await own(police), chair: await own(chair), oversight: await own(oversight), officer: await own(officer) }, numbers = [];
  for (const [scope, order] of [[[made[0], made[1]], 0], [[made[2]], 200], [[made[3]], 0], [[made[4]], 0], [[made[4]], 0]]) {
    const s = hidden((await police.get(`/${W}/agency/new`)).text, 's'), order_ = order ? { order_number: '12/QĐ', order_day: today(x), order_until: new Date(Date.now() + Number(x.clock.us / 1000n) + order * 864e5).toISOString().slice(0, 10) } : {};
    const sent = await police.post(`/${W}/agency/new`, { token: tokens.police, s, who: 'Tòa án', number: `${numbers.length}/YC`, day: today(x), basis: 'Điều 97.', scope: scope.map((r) => r.code).join('\n'), ...order_ });
    numbers.push(sent.location.match(/request\/([^?]+)/)[1]);
  }
  await police.post(`/${W}/agency/request/${numbers[4]}/withdraw`, { token: tokens.police, why: 'Văn bản đã rút.' });
  // Looks at requests are looks like others; oversight's search for one is a search.
  assert.equal((await chair.get(`/${W}/agency/request/${numbers[3]}`)).status, 200);
  const open = (await oversight.get(`/${W}/oversight/redress/${codes[1]}`)).text, searched = await oversight.post(`/${W}/oversight/redress/${codes[1]}/find`, { token: hidden(open, 'token'), area: places[0], from: today(x), until: '' });
  assert.equal(searched.status, 200);
  for (const number of numbers.slice(0, 2)) for (const [who, token] of [[chair, tokens.chair], [oversight, tokens.oversight]]) await who.post(`/${W}/agency/request/${number}/decide`, { token, decision: 'approve', reason: 'Có căn cứ.' });
  await chair.post(`/${W}/agency/request/${numbers[2]}/decide`, { token: tokens.chair, decision: 'refuse', reason: 'Quá rộng.' });
  assert.equal((await officer.post(`/${W}/agency/give`, { token: tokens.officer, number: numbers[0], sort: 'csv' })).status, 200);
  moveTo(x, next);
  page = await until('the night has made the page', async () => {
    const r = await x.client().get(`/${W}/transparency/${quarter}.json?n=${Math.random()}`);
    return r.status === 200 && JSON.parse(r.text);
  });
  for (const slug of [W, OTHER]) {
    const told = JSON.parse(await until(`${slug} has its page`, async () => { const r = await x.client().get(`/${slug}/transparency/${quarter}.json?n=${Math.random()}`); return r.status === 200 && r.text; }));
    const counted = count(ask, ward(slug), quarter, told.made, { acts: ACTS, quiet: told.figures.filter((f) => f.section === 'received' && !told.figures.some((g) => g.section === 'half' && g.of === f.of)).map((f) => f.of) });
    const all = published(told);
    // The days after the quarter looked, too: only what lies in it is counted.
    assert.deepEqual(Object.fromEntries(Object.entries(all).sort()), Object.fromEntries(Object.entries(counted).sort()), slug);
  }
  const f = published(page);
  assert.equal(f['received|noise'], '<5');
  assert.ok(f['declined|all'] >= 1 && f['extended|all'] >= 1 && f['paused|all'] >= 1 && f['changes|setting'] === 1);
  assert.deepEqual([f['holds|put'], f['holds|ended'], f['holds|standing']], [2, 1, 1]);
  assert.deepEqual([f['redress|received'], f['redress|not_upheld'], f['redress|appeals']], [2, 1, 0]);
  assert.deepEqual(['asked', 'granted', 'refused', 'withdrawn', 'cases', 'given', 'told', 'forbidden'].map((of) => f[`agency|${of}`]), [5, 2, 1, 1, 3, 2, 2, 1]);
  assert.equal(f['received|lighting'] + 0, f['received|lighting']);
  const sum = (section, keep) => Object.entries(f).filter(([k]) => k.startsWith(`${section}|`) && keep(k)).reduce((n, [, v]) => n + v, 0);
  assert.equal(sum('channel', () => true), sum('received', (k) => f[k.replace('received', 'half')] !== undefined), 'however sent, of the same cases');
  assert.equal(f['looks|chair'], 1, 'the chair looked at one agency\'s request; looks at a matter about somebody who works here are not counted');
  assert.equal(f['searches|oversight'], 1);
  assert.equal(f['looks|oversight'], 8, 'twice the page of holds and two holds put; two pages of requests, a search, and the page that shows what it found');
  assert.ok(!JSON.stringify(page).includes('about_staff'), 'of a matter about somebody who works here nothing but the totals');
});

test('the page says it in words, in both languages; footer, figures and rights lead to it', async () => {
  const html = (await get(`/${W}/transparency`)).text, en = (await get(`/${W}/en/transparency/${page.quarter}`)).text;
  assert.match(words(html), /dưới 5, hoặc không có/);
  assert.match(words(en), /fewer than 5, or none/);
  assert.match(words(html), /thư ký ban chỉ đạo \d+ lần xem/i);
  assert.match(words(html), /Số ngày không đăng nhập|cài đặt/i);
  for (const at of ['', '/figures', '/rights']) assert.match((await get(`/${W}${at}`)).text, /href="\/song-may\/transparency"/, at);
  const csv = (await get(`/${W}/transparency/${page.quarter}.csv`)).text;
  assert.match(csv, /received,noise,,5/);
});

// The bytes and the signature as a stranger checks them: Node's Ed25519 and coreutils' BLAKE2b, nothing of ours.
function signedBy(bytes, signature) {
  const le = (n) => { const b = Buffer.alloc(8); b.writeBigInt64LE(BigInt(n)); return b; };
  const domain = Buffer.from('xom transparency 1');
  const message = Buffer.concat([le(domain.length), domain, le(bytes.length), bytes]);
  const hash = Buffer.from(execFileSync('b2sum', ['-l', '256'], { input: message, encoding: 'utf8' }).slice(0, 64), 'hex');
  const hex = (name) => Buffer.from(signature.match(new RegExp(`^${name} (\\w+)$`, 'm'))[1], 'hex');
  const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), hex('key')]), format: 'der', type: 'spki' });
  return check(null, hash, key, hex('signature'));
}

test('it is frozen and signed: from outside, without any data of the ward', async () => {
  const bytes = (await get(`/${W}/transparency/${page.quarter}.json`)).bytes, signature = (await get(`/${W}/transparency/${page.quarter}/signature`)).text;
  assert.ok(signedBy(bytes, signature));
  assert.ok(!signedBy(Buffer.from(bytes.toString().replace('"n":1', '"n":2')), signature));
  const file = join(dir, 'page.json'), run = () => spawnSync(binary, ['--data', join(dir, 'none'), '--share', root, 'verify', '--transparency', file], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  writeFileSync(file, bytes);
  writeFileSync(`${file}.sig`, signature);
  assert.match(run().stdout, /number 1: signed, and as it was signed: 0 faults/);
  writeFileSync(file, bytes.toString().replace('"few":5', '"n":3'));
  assert.equal(run().status, 1);
  assert.match(run().stdout, /NOT what was signed: 1 fault/);
  writeFileSync(file, '{}');
  assert.equal(run().status, 2);
  // What was corrected is a new number; the first stays as it was.
  x.verb(['transparency', 'revise', W, page.quarter], { settings: clock() });
  const second = JSON.parse((await get(`/${W}/transparency/${page.quarter}.json?n=2`)).text);
  assert.equal(second.number, 2);
  assert.deepEqual((await get(`/${W}/transparency/${page.quarter}.json?number=1`)).bytes, bytes);
  assert.match(words((await get(`/${W}/transparency/${page.quarter}?n=3`)).text), /Đây là bản số 2/);
  // Bytes that are not what was signed are not shown.
  x.sql(`UPDATE transparency SET body = replace(body, '"few":5', '"n":3') WHERE ward_id = ${ward(W)} AND number = 2`);
  assert.equal((await x.client().get(`/${W}/transparency/${page.quarter}?n=4`)).status, 500);
  x.sql(`UPDATE transparency SET body = replace(body, '"n":3', '"few":5') WHERE ward_id = ${ward(W)} AND number = 2`);
});

test('a row that is changed with the server\'s key in hand is noticed by whoever kept a daily head', async () => {
  const held = join(dir, 'heads.txt'), text = (await get(`/${W}/transparency/heads`)).text;
  const lines = text.split('\n').filter((l) => l.startsWith(W));
  assert.ok(lines.length > 3);
  writeFileSync(held, `Thư hằng tuần, chép nguyên văn.\n${lines.slice(-7).join('\n')}\n`);
  assert.match(verify(['--ward', W, '--heads', held]), /7 heads that were kept outside: 0 faults/);
  assert.match(words((await get(`/${W}/transparency/check`)).text), /xom verify --ward song-may --heads/);
  // A line whose signature is wrong, one that is none, and a key that the ward never had: each has its answer.
  const [slug, day, digest, key, signature] = lines.at(-1).split(' ');
  writeFileSync(held, `${slug} ${day} ${digest} ${key} ${signature.replace(/^../, (b) => (b === '00' ? '01' : '00'))}\n`);
  assert.match(verify(['--ward', W, '--heads', held], 1), /line 1: the signature of the head of .* is wrong/);
  writeFileSync(held, `${slug} ${day} ${digest.slice(2)}\n`);
  assert.match(verify(['--ward', W, '--heads', held], 1), /line 1 is no daily head/);
  writeFileSync(held, 'không có gì\n');
  assert.match(verify(['--ward', W, '--heads', held], 1), /there is no daily head/);
  // Somebody with the database and the key: takes a look out, makes the chain and every head anew, signs them.
  writeFileSync(held, `${lines.at(-2)}\n`);
  const w = ward(W), first = x.sql(`SELECT day FROM head WHERE ward_id = ${w} ORDER BY day LIMIT 1`);
  const last = x.sql(`SELECT case_id FROM timeline WHERE ward_id = ${w} AND verb = 'note' OR ward_id = ${w} AND verb = 'withhold' ORDER BY at DESC LIMIT 1`);
  x.sql(`DELETE FROM head WHERE ward_id = ${w} AND day >= ${first}`);
  x.sql(`DELETE FROM head_end WHERE ward_id = ${w} AND day >= ${first}`);
  const end = JSON.parse(JSON.stringify(ask(`SELECT seq FROM timeline WHERE ward_id = ${w} AND case_id = ${last} ORDER BY seq DESC LIMIT 1`)))[0].seq;
  x.sql(`UPDATE ward_case SET withheld = 0, seq = ${end - 1}, head = (SELECT hash FROM timeline WHERE ward_id = ${w} AND case_id = ${last} AND seq = ${end - 1}) WHERE ward_id = ${w} AND id = ${last}`);
  for (const table of ['part_body', 'part', 'timeline']) x.sql(`DELETE FROM ${table} WHERE ward_id = ${w} AND case_id = ${last} AND seq = ${end}`);
  // The server itself signs its history anew in its next night: by its own key, and in order.
  x.clock.move(1);
  await until('the heads are made anew', () => Number(x.sql(`SELECT COUNT(*) FROM head WHERE ward_id = ${w}`)) > lines.length);
  assert.match(verify(['--ward', W]), /: 0 faults/, 'from inside nothing shows');
  const told = verify(['--ward', W, '--heads', held], 1);
  assert.match(told, /the head of .* that was kept outside \(line 1\): the database has another one/);
  assert.match(told, /1 heads that were kept outside: 1 faults/);
});
