// From everything that is published of the figures, in every period and edition: what comes of every
// difference of sums? Nothing but what anyone can open, and of other kinds nothing under five.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { signIn, startXom } from '../harness/xom.mjs';
import { act, addDays, areas, close, get, moveTo, publicCases, quarterOf, quarters, report, revise, today } from './stats.mjs';

const W = 'song-may', LEAST = 5;
const COUNTS = ['received', 'closed', 'open', 'overdue', 'withdrawn'];
const sum = (rows, m) => rows.reduce((n, r) => n + r[m], 0);
const by = (page, what) => page.rows.filter((r) => r.by === what);

// Everything a stranger can ask for, of a day: figures whole, by each kind, by each khu vực; editions.
async function published(x, periods, places) {
  const out = { figures: {}, editions: [], cases: await publicCases(x, W), today: today(x) };
  const ask = async (period, kind, area) => { out.figures[[period, kind, area]] = await get(x, `/${W}/figures.json?period=${period}&kind=${kind}&area=${area}`); };
  for (const p of periods) {
    await ask(p, '', '');
    for (const r of by(out.figures[[p, '', '']], 'kind')) await ask(p, r.kind, '');
    for (const area of places) await ask(p, '', area);
  }
  for (const e of (await get(x, `/${W}/figures.json`)).editions ?? []) {
    const first = await get(x, e.url.replace(/edition\/(.*)$/, 'edition/$1.json'));
    for (let n = 1; n <= first.number; n += 1) out.editions.push(await get(x, e.url.replace(/edition\/(.*)$/, `edition/$1.json?number=${n}`)));
  }
  return out;
}

// Every leak that is found, as a sentence. `residue` gets what the late total leaves over.
function attack(p, residue = []) {
  const leaks = [];
  const zero = (n, what) => { if (n !== 0) leaks.push(`${what}: ${n}`); };
  const whole = Object.entries(p.figures).filter(([k]) => k.endsWith(',,'));
  const months = whole.filter(([k]) => /^\d{4}-\d\d,/.test(k)).map(([, v]) => v);
  const listed = new Set(p.cases.map((c) => c.kind));
  for (const [name, page] of Object.entries(p.figures)) {
    const all = by(page, 'all')[0];
    for (const m of COUNTS) {
      zero(all[m] - sum(by(page, 'kind'), m), `${name}: all minus the kinds, ${m}`);
      zero(all[m] - sum(by(page, 'area'), m), `${name}: all minus the khu vực, ${m}`);
    }
    zero(all.received - all.closed - all.open - all.withdrawn, `${name}: received minus its states`);
    for (const r of by(page, 'kind')) if (r.received > 0 && !listed.has(r.kind)) leaks.push(`${name}: a row of ${r.kind}: ${r.received}`);
    // Its own twelve months against those months' pages.
    const [, kind, area] = name.split(',');
    for (const row of page.months) {
      const month = kind || area ? null : months.find((v) => v.period === row.month);
      if (month) zero(row.received - by(month, 'all')[0].received, `${name}: its month ${row.month} minus that month's page`);
    }
  }
  for (const [name, page] of whole) {
    for (const m of COUNTS) {
      const parts = Object.entries(p.figures).filter(([k]) => k.startsWith(name.slice(0, -1)));
      const kinds = parts.filter(([k]) => k !== name && k.endsWith(',')), places = parts.filter(([k]) => k.includes(',,') && k !== name);
      const unknown = by(page, 'area').filter((r) => !r.area_code);
      zero(by(page, 'all')[0][m] - sum(kinds.map(([, v]) => by(v, 'all')[0]), m), `${name}: all minus each kind's page, ${m}`);
      zero(by(page, 'all')[0][m] - sum(places.map(([, v]) => by(v, 'all')[0]), m) - sum(unknown, m), `${name}: all minus each khu vực's page, ${m}`);
      const inside = months.filter((v) => (page.period.length === 4 ? v.period.startsWith(page.period) : quarterOf(`${v.period}-01`) === page.period));
      if (page.period.length === 4 || page.period.includes('Q')) zero(by(page, 'all')[0][m] - sum(inside.map((v) => by(v, 'all')[0]), m), `${name}: minus its months, ${m}`);
    }
    // Against the list, one by one: what is counted can be opened.
    const cases = p.cases.filter((c) => c.received.startsWith(page.period) || quarterOf(c.received) === page.period);
    zero(by(page, 'all')[0].received - cases.length, `${name}: all minus the list`);
    for (const r of by(page, 'kind')) zero(r.received - cases.filter((c) => c.kind === r.kind).length, `${name}: ${r.kind} minus the list`);
  }
  for (const e of p.editions) {
    for (const k of e.kinds) {
      if (k.received !== undefined && k.received < LEAST) leaks.push(`edition ${e.quarter}: ${k.kind} is ${k.received}`);
      if (listed.has(k.kind)) leaks.push(`edition ${e.quarter}: ${k.kind} is listed, too`);
    }
    // What numbers an edition has: one a kind, and one over all.
    const numbers = Object.entries(e).filter(([, v]) => typeof v === 'number').map(([k]) => k).sort();
    if (numbers.some((n) => !['number', 'overdue'].includes(n))) leaks.push(`edition ${e.quarter}: more numbers: ${numbers}`);
    // The late total of the same day minus the list's: late of other kinds, and of what is withheld.
    // Two unknowns: each count of a hidden kind from 0 to 4 must go with it.
    if (e.overdue === undefined || e.made !== p.today) continue;
    const left = e.overdue - p.cases.filter((c) => c.open && c.late).length;
    residue.push(left);
    if (left < 0) leaks.push(`edition ${e.quarter}: the total is less than its parts`);
    for (const k of e.kinds.filter((one) => one.received === undefined))
      for (let n = 0; n < LEAST; n += 1) {
        let possible = false;
        for (let late = 0; late <= n && !possible; late += 1) possible = left - late >= 0;   // the rest is withheld, or of other quarters
        if (!possible) leaks.push(`edition ${e.quarter}: ${k.kind} can't be ${n}`);
      }
  }
  return leaks;
}

test('no difference of published sums tells of a kind that is not listed, or of what is withheld', async () => {
  const x = await startXom();
  const officer = await signIn(x, W, 'ha-tang'), places = await areas(x, W);
  const [now, second, third] = quarters(x, 2);
  const day = today(x);
  // This quarter: fewer than five of noise, some withheld, one corrected to noise. The next: seven.
  for (let i = 0; i < 6; i += 1) {
    const c = await report(x, W, { kind: ['lighting', 'road', 'lighting'][i % 3], area: i === 5 ? 'unsure' : places[i % 2] });
    if (i === 1) await act(officer, W, c.code, 'withhold', { 'withhold-reason': 'Chỉ ra một nhà.' });
    if (i === 2) await act(officer, W, c.code, 'correct', { 'correct-kind': 'noise', 'correct-area': places[0], 'correct-street': '', 'correct-landmark': '', 'correct-reason': 'Là tiếng ồn.' });
    if (i === 3) await close(officer, W, c.code);
  }
  await report(x, W, { kind: 'noise', text: 'Ồn.' });
  moveTo(x, addDays(second, 3));
  for (let i = 0; i < 7; i += 1) await report(x, W, { kind: 'noise', text: `Ồn ${i}.` });
  await report(x, W, { kind: 'water', area: places[2], text: 'Nghẹt.' });
  revise(x, W, quarterOf(now));
  moveTo(x, addDays(third, 0));
  revise(x, W, quarterOf(second));
  revise(x, W, quarterOf(now));

  const periods = [...new Set([day, addDays(second, 3), addDays(third, 0)].flatMap((d) => [d.slice(0, 7), quarterOf(d), d.slice(0, 4)]))];
  // The demo's cases are of the days before, perhaps of another month.
  for (const c of await publicCases(x, W)) for (const p of [c.received.slice(0, 7), quarterOf(c.received), c.received.slice(0, 4)]) if (!periods.includes(p)) periods.push(p);
  const p = await published(x, periods, places), residue = [];
  assert.deepEqual(attack(p, residue), []);
  // It is there to be found: hidden in the one edition, told in the other; the late total has it.
  const edition = (q) => p.editions.filter((e) => e.quarter === quarterOf(q));
  assert.equal(edition(now)[0].kinds[0].kind, 'noise');
  assert.equal(edition(now)[0].kinds[0].received, undefined);
  assert.equal(edition(second)[0].kinds[0].received, 7);
  assert.ok(residue.length > 0 && residue.every((n) => n >= 8), `${residue}`);
  const texts = JSON.stringify(Object.values(p.figures));
  assert.doesNotMatch(texts, /noise/);

  // The attack can fail: each of these plants a leak in what was published.
  const planted = (change) => { const copy = structuredClone(p); change(copy); return attack(copy); };
  const q = `${quarterOf(day)},,`, month = `${day.slice(0, 7)},,`;
  const found = {
    'a total with the noise in it': planted((c) => { by(c.figures[q], 'all')[0].received += 3; by(c.figures[q], 'all')[0].open += 3; }),
    'a late total live': planted((c) => { by(c.figures[q], 'all')[0].overdue += 1; }),
    'a khu vực with what is withheld': planted((c) => { const r = by(c.figures[q], 'area')[0]; r.received += 1; r.open += 1; }),
    'a row of noise': planted((c) => { c.figures[q].rows.push({ ...by(c.figures[q], 'kind')[0], kind: 'noise', received: 3, closed: 0, open: 3, overdue: 0, withdrawn: 0 }); }),
    'a chart with the noise in it': planted((c) => { c.figures[q].months.at(-1).received += 2; c.figures[q].months.find((m) => m.month === day.slice(0, 7)).received += 2; }),
    'a month with the noise in it': planted((c) => { for (const r of c.figures[month].rows) if (r.by === 'all') { r.received += 2; r.open += 2; } }),
    'an edition with a small number': planted((c) => { c.editions[0].kinds[0].received = 2; }),
    'an edition with a second total': planted((c) => { c.editions[0].received = 9; }),
    'a listed kind in an edition': planted((c) => { c.editions[0].kinds.push({ kind: 'lighting', received: 9 }); }),
  };
  for (const [what, leaks] of Object.entries(found)) assert.ok(leaks.length > 0, what);
  await x.stop();
});
