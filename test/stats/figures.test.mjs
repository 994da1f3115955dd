// The figures' page against a count of the public list, in two wards, as cases come, move and go.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { signIn, startXom, words } from '../harness/xom.mjs';
import { act, addDays, areas, close, fresh, get, moveTo, publicCases, quarterOf, quarters, report, resident, revise, today } from './stats.mjs';

const W = 'song-may', OTHER = 'rach-truc';
let x, officer, places;
before(async () => {
  x = await startXom();
  officer = await signIn(x, W, 'ha-tang');
  places = await areas(x, W);
});
after(async () => { await x.stop(); });

const COUNTS = ['received', 'closed', 'open', 'overdue', 'withdrawn'];
const MEASURE = {
  received: () => true,
  closed: (c) => !c.open && c.state !== 'withdrawn',
  open: (c) => c.open,
  overdue: (c) => c.open && c.late,
  withdrawn: (c) => c.state === 'withdrawn',
};
const inPeriod = (day, p) => (p.length === 4 ? day.startsWith(p) : p.includes('Q') ? quarterOf(day) === p : day.startsWith(p));

// Whatever the page says is what anybody counts from the list.
async function same(ward, period) {
  const page = await get(x, `/${ward}/figures.json?period=${period}`);
  const cases = (await publicCases(x, ward)).filter((c) => inPeriod(c.received, period));
  for (const row of page.rows) {
    const of = cases.filter((c) => (row.by === 'kind' ? c.kind === row.kind : row.by === 'area' ? (c.area ?? '') === (row.area_code ? row.area : '') : true));
    for (const m of COUNTS) assert.equal(row[m], of.filter(MEASURE[m]).length, `${period} ${row.by} ${row.kind ?? row.area}: ${m}`);
  }
  return page;
}
const row = (page, by, key) => page.rows.find((r) => r.by === by && (by === 'all' || r.kind === key || r.area_code === key));

test('the figures are a count of the public list, whatever happens to the cases', async () => {
  const day = today(x), period = day.slice(0, 7);
  const all = [period, quarterOf(day), day.slice(0, 4)];
  const check = async () => { for (const p of all) for (const w of [W, OTHER]) await same(w, p); };
  await check();
  const was = row(await get(x, `/${W}/figures.json?period=${period}`), 'all').received;
  const cases = [];
  for (let i = 0; i < 6; i += 1) cases.push(await report(x, W, { kind: ['lighting', 'road'][i % 2], area: places[i % 3] }));
  await report(x, W, { kind: 'noise', text: 'Ồn.' });
  await report(x, OTHER, { kind: 'water', text: 'Nghẹt.' });
  await check();
  assert.equal(row(await same(W, period), 'all').received, was + 6, 'the noise is not counted');
  await close(officer, W, cases[0].code);
  await close(officer, W, cases[1].code);
  await resident(x, W, cases[2], 'withdraw');
  await act(officer, W, cases[3].code, 'withhold', { 'withhold-reason': 'Lời kể chỉ ra một nhà.' });
  await act(officer, W, cases[4].code, 'correct', { 'correct-kind': 'water', 'correct-area': places[4], 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'Nhầm.' });
  await check();
  assert.equal(row(await same(W, period), 'all').received, was + 5, 'what is withheld is not counted');
  await resident(x, W, cases[0], 'reopen', { reason: 'Vẫn tắt.' });
  await act(officer, W, cases[3].code, 'unwithhold', { 'unwithhold-reason': 'Đã xem lại.' });
  await act(officer, W, cases[5].code, 'correct', { 'correct-kind': 'noise', 'correct-area': places[0], 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'Là tiếng ồn.' });
  await check();
  moveTo(x, addDays(day, 20));
  for (const p of all) await same(W, p);
  assert.ok(row(await get(x, `/${W}/figures.json?period=${period}`), 'all').overdue >= 3);
  assert.match(x.verb(['rebuild']), /song-may/);
  for (const p of all) await same(W, p);
  moveTo(x, day);
});

test('the page says in words, table, CSV and JSON the same, in both languages', async () => {
  const period = quarterOf(today(x));
  const page = await get(x, `/${W}/figures.json?period=${period}`);
  const c = x.client();
  for (const [lang, said] of [['', 'việc đã báo nay đã xong'], ['/en', 'reported are closed by now']]) {
    const html = (await c.get(fresh(`/${W}${lang}/figures?period=${period}`))).text;
    assert.ok(words(html).includes(said), said);
    const light = row(page, 'kind', 'lighting');
    const cells = html.match(/<th scope="row" role="rowheader">(?:Đèn đường|Street light)<\/th>((?:<td [^>]*>.*?<\/td>){5})/)[1].match(/<td [^>]*>.*?<\/td>/g).map((t) => words(t));
    assert.deepEqual(cells, [light.received, light.closed, light.open, light.overdue, light.half].map(String));
    // A chart has its sentence, and its table stands there without a script.
    for (const [, label] of html.matchAll(/role="img" aria-label="([^"]*)" hidden/g)) assert.ok(label.length > 20 && words(html).includes(words(label)), label);
    assert.match(html, /id="months-table"/);
    assert.equal((html.match(/data-x-chart=/g) ?? []).length, page.curve?.length ? 2 : 1);
  }
  const csv = (await c.get(fresh(`/${W}/figures.csv?period=${period}`))).text.trim().split('\r\n');
  assert.equal(csv.length, page.rows.length + 1);
  assert.match(csv[0], /received,closed,open,overdue,withdrawn,median/);
  // Khu vực stand in the order of their names, never by size.
  const names = page.rows.filter((r) => r.area_code).map((r) => r.area);
  assert.deepEqual(names, [...names].sort((a, b) => a.localeCompare(b, 'vi', { numeric: true })));
  assert.equal(names.length, 8);
});

test('under twenty there are counts and no percentage; a chosen kind and khu vực are all there is', async () => {
  const period = quarterOf(today(x));
  const path = `/${W}/figures?period=${period}&kind=lighting&area=${places[0]}`;
  const page = await get(x, path.replace('?', '.json?'));
  assert.ok(page.rows[0].received > 0 && page.rows[0].received < 20);
  assert.equal(page.small, true);
  assert.ok(page.rows.every((r) => r.share === undefined) && !page.curve?.length);
  assert.equal(page.rows.filter((r) => r.by === 'kind').length, 1);
  assert.equal(page.rows.filter((r) => r.by === 'area').length, 1);
  assert.doesNotMatch(words((await x.client().get(fresh(path))).text).replace(/phần trăm/g, ''), /\d %/);
  for (let i = row(await get(x, `/${W}/figures.json?period=${period}`), 'kind', 'rubbish').received; i < 20; i += 1) await report(x, W, { kind: 'rubbish', area: places[1], text: 'Rác.' });
  const twenty = row(await get(x, `/${W}/figures.json?period=${period}`), 'kind', 'rubbish');
  assert.match(twenty.share, /^\d+ %$/);
  assert.ok(twenty.share_low <= parseInt(twenty.share, 10) && parseInt(twenty.share, 10) <= twenty.share_high);
});

test('an address that makes no sense is not there; a period without cases says so', async () => {
  const c = x.client();
  for (const bad of ['period=x', 'period=2026-13', 'period=2026-Q5', 'period=2999', 'kind=noise', 'kind=x', 'area=x', 'area=1', 'area=99999999999999999999', 'period=%ff'])
    assert.equal((await c.get(`/${W}/figures?${bad}`)).status, 404, bad);
  const other = (await areas(x, OTHER))[0];
  assert.equal((await c.get(`/${W}/figures?area=${other}`)).status, 404, 'another ward\'s khu vực');
  for (const bad of ['edition/2026', 'edition/2026-09', 'edition/x', 'edition/2020-Q1', 'edition/2020-Q1/bytes', 'sheet/x/2026-09', 'sheet/90001-1/2026', 'sheet/90001-1/2999-01', 'sheet/90001-1/x', 'sheet/90002-1/2026-09'])
    assert.equal((await c.get(`/${W}/figures/${bad}`)).status, 404, bad);
  const empty = await c.get(`/${W}/figures?period=2024-05`);
  assert.equal(empty.status, 200);
  assert.match(words(empty.text), /Không có việc nào được báo/);
});

test('a revised edition is a new one; each stays as it was, and is served as it was made', async () => {
  const [now, next] = quarters(x, 1), quarter = quarterOf(now);
  for (let i = 0; i < 4; i += 1) await report(x, W, { kind: 'noise', text: `Ồn ${i}` });
  assert.match(revise(x, W, quarter, 1), /not over/);
  assert.match(revise(x, W, '2026-09', 2), /usage/);
  assert.match(revise(x, 'nowhere', quarter, 2), /no ward/);
  moveTo(x, addDays(next, 1));
  const made = revise(x, W, quarter);
  const at = `/${W}/figures/edition/${quarter}`;
  // The server's own night may have been quicker with the first.
  const n = Number(made.match(/^number (\d+)$/m)[1]);
  const page = await get(x, `${at}.json?number=${n}`), bytes = (await x.client().get(`${at}/bytes?number=${n}`)).text;
  assert.ok(n <= 2 && made.endsWith(bytes));
  assert.equal(page.number, n);
  // Four, one that was corrected to it, and the demo's own.
  assert.equal(page.kinds.length, 4);
  assert.ok(page.kinds[0].received >= 5);
  // The other kinds that nobody can open one by one: under five, so that none of them has a number.
  for (const k of page.kinds.slice(1)) assert.ok(!k.received);
  assert.match(page.checksum, /^[0-9a-f]{64}$/);
  assert.equal(String(page.overdue), bytes.match(/^overdue (\d+)$/m)[1]);
  await report(x, W, { kind: 'noise', text: 'Ồn nữa' });
  assert.equal((await x.client().get(fresh(`${at}/bytes`))).text, bytes);
  revise(x, W, quarter);
  const revised = (await x.client().get(fresh(at))).text;
  assert.match(words(revised), new RegExp(`bản số ${n + 1}`));
  // One more since: two editions that differ by one would tell of one report.
  assert.match(words(revised), /chỉ đổi khi lệch từ 5 tin/);
  assert.equal((await get(x, fresh(`${at}.json?number=${n + 1}`))).kinds[0].received, page.kinds[0].received);
  assert.equal((await x.client().get(fresh(`${at}/bytes?number=${n}`))).text, bytes);
  assert.equal((await x.client().get(`${at}?number=${n + 2}`)).status, 404);
  assert.doesNotMatch((await x.client().get(`/${OTHER}/figures/edition/${quarter}/bytes`)).text, new RegExp(`ward ${W}`));
  assert.match((await x.client().get(fresh(`/${W}/figures`))).text, new RegExp(`href="${at}"`));
  moveTo(x, now < today(x) ? addDays(next, 1) : now);
});
