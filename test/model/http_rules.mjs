// What the model says over HTTP: which steps of a sequence go there, what the program answers, and what
// pages and their JSON show. The rules are those of model.mjs; here stands only what forms and pages add,
// by hand from docs/permissions.md and what a form asks.
import { random } from './sequences.mjs';
import { AREA_PEOPLE, KINDS, OFFICERS, OUTCOMES, STRANGER, apart, apply as byRules, begin, can, dayOf, dayText, near, seen as allSeen, topOf, workers } from './model.mjs';

export const WAITS = ['ask', 'release', 'close', 'explain']; // the desk's steps that can be taken back
const DESK = ['take', 'ask', 'note', 'assign', 'correct', 'photo', 'release', 'unrelease', 'withhold', 'unwithhold', 'explain', 'pause', 'resume', 'extend', 'close', 'unclose', 'merge', 'unmerge', 'split', 'apologise'];
const REPORTER = ['answer', 'withdraw', 'solved', 'reopen'];
const FORM_HOLDS = 30; // minutes after which a report's form is not sent again
const DRAFTS_STAY = 6 * 1440;
const MOST_WRONG = 3; // PINs that are typed wrong, of one sequence: more of them have to wait
const ELSEWHERE = ['setpin', 'reissue', 'fold', 'rebuild', 'verify']; // the other driver's

const isOpen = (step) => ['received', 'working', 'asked'].includes(step);

// A step as it is said over HTTP, or null: no photos but the desk's own, nothing at the counter.
function said(op) {
  if (op.op === 'both') { const a = said(op.a), b = said(op.b); return a && b ? { ...op, a, b } : null; }
  if (op.by in AREA_PEOPLE) return null; // nobody is entered for a khu vực there: test/area
  if (ELSEWHERE.includes(op.op) || (op.op === 'report' && op.by >= 0)) return null;
  if (op.verb === 'blur') return null; // a page of its own: test/rights/blur.test.mjs
  if (op.op === 'follow') return { ...op, pin: op.pin === 'old' ? 'wrong' : op.pin };
  const o = { ...op };
  if (op.op === 'report') {
    delete o.not_head;
    if (o.at === undefined) delete o.lead;
    else o.area ??= 0; // the squares lie in the first khu vực
  }
  if (op.verb !== 'photo') delete o.photos;
  if (['move', 'pend'].includes(op.op)) {
    o.op = op.by >= 0 && WAITS.includes(op.verb) ? 'pend' : 'move';
    delete o.draft; // the form on the page knows it
  }
  return o;
}

// Merging needs two open cases of one unit, which few of the sequences that are left have at the right moment:
// some steps more, of what can be merged, parted, or shown no longer.
function aboutLinks(r, m) {
  const free = m.cases.filter((c) => c.lead < 0 && isOpen(c.step)), follower = r.one(m.cases.filter((c) => c.lead >= 0).concat(undefined));
  const step = (c, verb, more) => (c && workers(m, c.n).length ? { op: 'move', c: c.n, by: r.one(workers(m, c.n)), verb, reason: 'Cùng một cột đèn.', ...more } : null);
  if (follower && r.chance(0.7)) {
    const top = topOf(m, follower);
    return r.weighted([[2, step(follower, follower.merged ? 'unmerge' : 'split')], [3, step(top, top.withheld ? 'unwithhold' : 'withhold')], [1, step(top, 'correct', { kind: 'noise' })],
      [3, isOpen(top.step) ? { ...step(top, 'close', { result: 'Đã thay bóng.', outcome: 'mended' }), op: 'pend' } : { op: 'move', c: follower.n, by: -1, verb: r.one(['reopen', 'solved']) }]]);
  }
  const c = r.one(free.concat(undefined));
  return c ? step(c, 'merge', { into: r.one(free.filter((x) => x !== c && x.unit === c.unit).concat(c)).n }) : null;
}
function withLinks(s) {
  const r = random(s.id), ops = [];
  let m = begin(s.day, s.hour);
  const add = (op) => { ops.push(op); m = apply(m, op)[0].m; };
  for (const op of s.ops) {
    if (r.chance(0.2)) { const more = aboutLinks(r, m); if (more) add(more); }
    add(op);
  }
  return { ...s, ops, links: true };
}

// Drafts are forgotten after a week, by a job in its time: while there is one the clock stays within.
export function overHttp(s0) {
  const s = s0.links ? s0 : withLinks(s0), ops = [], began = {};
  let may = [begin(s.day, s.hour)], wrong = 0, fresh = 1000, drafts = 0;
  for (const op of s.ops) {
    const o = said(op), { now } = may[0];
    if (!o || (['wrong', 'other'].includes(o.pin) && ++wrong > MOST_WRONG)) continue;
    if (o.op === 'clock' && drafts && now + o.minutes - drafts > DRAFTS_STAY) o.minutes = 5;
    const reports = (o.op === 'both' ? [o.a, o.b] : [o]).filter((r) => r.op === 'report');
    if (reports.length) fresh += 1;
    for (const r of reports) {
      if (now - (began[r.j] ?? now) > FORM_HOLDS) r.j = fresh;
      began[r.j] ??= now;
    }
    const then = may.flatMap((m) => apply(m, o)).map((x) => x.m);
    ops.push(o);
    may = [...new Map(then.map((m) => [JSON.stringify(m), m])).values()].slice(0, 16);
    drafts = may.some((m) => m.cases.some((c) => c.drafts.length)) ? drafts || now : 0;
  }
  return { ...s, ops, people: false };
}

// --- what is answered ---
// "Is it this one?": what the form asks; who means another one goes on and sends a case of its own.
const SAME_DAYS = 30, OFFERED = 5;
const offered = (m, op) => (op.at === undefined || !KINDS[op.kind].listed ? [] : m.cases.filter((c) => c.lead < 0 && c.listed && !c.withheld && c.kind === op.kind && isOpen(c.step) && near(c.at, op.at) && m.now - c.received < SAME_DAYS * 1440).slice(-OFFERED));
function report(m, op) {
  const { lead, ...o } = op;
  return byRules(m, offered(m, op).some((c) => c.n === lead) ? op : o)[0];
}
const works = (m, op) => workers(m, op.c % m.cases.length).includes(op.by);
const ANSWER = { DENIED: 'DENIED', REFUSED: 'INVALID', INVALID: 'INVALID', WAITING: 'CHANGED', CHANGED: 'CHANGED', EXPIRED: 'EXPIRED', OK: 'OK', NONE: 'NONE' };
export const reads = (m, i, k) => {
  const c = m.cases[i];
  return workers(m, i).includes(k) || (OFFICERS[k]?.role === 'police' && OFFICERS[k].unit === topOf(m, c).unit && c.listed && c.proc !== 'noise');
};
const newest = (c, k) => c.drafts.filter((d) => d.by === k).sort((a, b) => b.n - a.n)[0];

// What the form itself asks for, before the step is tried.
function formLacks(m, c, op) {
  const none = (k) => !op[k];
  switch (op.verb) {
    case 'ask': case 'note': case 'unclose': return none('text');
    case 'photo': return !(op.photos > 0);
    case 'close': return none('result') || !OUTCOMES.includes(op.outcome);
    case 'explain': return none('why_late');
    case 'pause': case 'extend': return none('clock_why');
    case 'withhold': case 'unwithhold': case 'unmerge': case 'split': return none('reason');
    case 'merge': return none('reason') || !m.cases[op.into];
    case 'release': return none('public_text') && !(op.show && c.photos > 0);
    case 'assign': return op.unit === undefined || ['ha-tang', 'moi-truong', 'an-toan'][op.unit] === c.unit;
    case 'correct': return none('reason') || (op.kind && !KINDS[op.kind]) || !((op.kind && op.kind !== c.kind) || (op.area !== undefined && op.area !== c.area));
    default: return false;
  }
}

const words = (op) => op.text ?? op.public_text ?? op.result ?? op.why_late ?? '';
function desk(m, op, expected) {
  const c = m.cases[op.c % m.cases.length], go = (o) => byRules(m, o)[0];
  if (op.by === STRANGER) return { said: DESK.includes(op.verb) || op.op !== 'move' ? 'SIGN_IN' : 'NONE', m }; // a session is of one ward
  if (!works(m, op) || (['move', 'pend'].includes(op.op) && !DESK.includes(op.verb))) return { said: 'NONE', m };
  if (op.op === 'back') { const r = go(op); return { said: r.said[0] === 'OK' ? 'OK' : 'late', m: r.m }; }
  if (op.op === 'drop') return { said: 'OK', m: go(op).m };
  if (op.op === 'letter') { const r = go(op); return { said: r.said[0] === 'DENIED' ? 'CHANGED' : 'OK', m: r.m }; } // the one that there is, is shown
  if (op.verb === 'apologise') { const { stale, ...given } = op, r = go(given); return { said: r.said[0] === 'OK' ? 'OK' : 'CHANGED', m: r.m }; }
  if (formLacks(m, c, op)) return { said: 'INVALID', m };
  const o = { ...op, stale: c.version - expected };
  if (op.verb === 'correct') { // the form holds what stands there
    if (o.kind === c.kind) delete o.kind;
    if (o.area === c.area) delete o.area;
  }
  if (o.stale < 0) throw new Error('a page of the future');
  if (['merge', 'unmerge', 'split'].includes(op.verb)) { // what is wrong with the other case stands at its field; what is too late above
    const may = can(m, c.n, op.by).includes(op.verb) && !c.waits && o.stale === 0, r = go(o);
    return { said: r.said[0] === 'DENIED' || (may && r.said[0] !== 'OK') ? 'INVALID' : ANSWER[r.said[0]], m: r.m };
  }
  if (op.op !== 'pend') { const r = go(o); return { said: ['pause', 'extend'].includes(op.verb) && ['LIMIT', 'EXPIRED'].includes(r.said[0]) ? 'INVALID' : ANSWER[r.said[0]], m: r.m }; }
  const same = c.waits && (c.waits.showing ?? 0) === (op.verb === 'release' && op.show ? c.photos : 0);
  if (same && c.waits.by === op.by && c.waits.verb === op.verb && c.waits.version === expected && words(c.waits) === words(op) && (op.outcome ?? '') === (c.waits.outcome ?? '')) return { said: 'OK', m };
  // The form of a step that was given back brings it along.
  const draft = newest(c, op.by), before = c.lastPending;
  if (draft?.verb === op.verb) { o.draft = true; c.lastPending = draft.n; } else delete o.draft;
  const r = go(o);
  c.lastPending = before;
  if (r.said[0] !== 'OK') r.m.cases[c.n].lastPending = before;
  return { said: ANSWER[r.said[0]], m: r.m };
}

function reporter(m, op, expected) {
  const c = m.cases[op.c % m.cases.length];
  if (!REPORTER.includes(op.verb)) return { said: 'NONE', m };
  if (op.verb === 'answer' && !op.text) return { said: 'INVALID', m };
  const { stale, ...o } = op, r = byRules(m, o)[0];
  return { said: r.said[0] !== 'OK' && c.version !== expected ? 'GONE' : ANSWER[r.said[0]], m: r.m };
}

function deed(m, op, version) {
  if (op.op === 'report' || op.op === 'follow') { const r = op.op === 'report' ? report(m, op) : byRules(m, op)[0]; return { said: r.said[0], m: r.m }; }
  const i = op.c % m.cases.length;
  if (op.op === 'look') return { said: reads(m, i, op.by) ? 'OK' : 'NONE', m };
  const page = version ?? m.cases[i].version;
  return op.by >= 0 ? desk(m, op, Math.max(1, page - (op.stale ?? 0))) : reporter(m, op, page);
}

// Of two at once it counts whether a step was done; of two reports that both have a receipt.
export const coarse = (op, word) => (op.op === 'report' ? (['OK', 'EXISTS'].includes(word) ? 'receipt' : word) : word === 'OK' ? 'OK' : 'no');
export function apply(m0, op0) {
  const op = said(op0), m = structuredClone(m0);
  if (op === null) return [{ said: 'nothing', m }];
  if (op.op === 'clock') return byRules(m, op);
  const first = op.op === 'both' ? op.a : op;
  if (first.op !== 'report' && m.cases.length === 0) return [{ said: 'nothing', m }];
  if (op.op !== 'both') { const r = deed(m, op); return [{ said: [r.said], m: r.m }]; }
  const seen = first.op === 'report' ? undefined : m.cases[first.c % m.cases.length].version;
  return [[0, 1], [1, 0]].map((order) => {
    const words_ = [];
    let x = structuredClone(m);
    for (const k of order) { const o = k === 0 ? op.a : op.b, r = deed(x, o, seen); x = r.m; words_[k] = coarse(o, r.said); }
    return { said: words_, m: x };
  });
}

// --- what is shown ---
const WHILE_WAITING = ['note', 'unrelease', 'withhold'];
const DESKS_OWN = ['note', 'photo', 'release', 'unrelease']; // not told on the receipt
const shown = (c) => c.listed && !c.withheld;
const day = (us) => (us ? dayText(dayOf(us / 60 - 1)) : '');
const clockSeen = ({ due, first, ended, paused }) => ({ first: first && first !== (due || ended) ? day(first) : '', ended: day(ended), paused });

// What follows another case reads of it since then what is for all; of one that nobody is shown, that it ended.
const FOR_ALL = ['take', 'assign', 'close', 'unclose', 'reopen', 'explain', 'pause', 'resume', 'extend', 'apologise'], ENDS = ['close', 'unclose', 'reopen'];
function timelineSeen(m, c) {
  const top = topOf(m, c), told = shown(top) ? FOR_ALL : ENDS, out = [];
  let since = -1;
  for (let x = c; x.lead >= 0; x = m.cases[x.lead]) since = Math.max(since, x.leadLog);
  for (const [i, e] of m.log.entries()) {
    const own = e.c === c.n && !DESKS_OWN.includes(e.verb);
    if (!own && !(top !== c && e.c === top.n && i >= since && told.includes(e.verb))) continue;
    if (own && e.verb === 'reopen' && out.at(-1)?.i === i - 1 && out.at(-1).c === top.n && out.at(-1).verb === 'reopen') out.splice(-1, 0, { i, ...e }); // its own words come first
    else out.push({ i, ...e });
  }
  return out.map((e) => e.verb);
}

function receiptSeen(m, s, i) {
  const c = m.cases[i], top = topOf(m, c), all = s.cases[top.n], open = isOpen(top.step), hidden = top !== c && !shown(top);
  const dated = hidden ? apart(m, c) : { due: open ? all.due : 0, first: all.first, ended: all.ended, paused: all.paused }, own = top !== c && !hidden && apart(m, c);
  return {
    kind: c.kind, state: top.step, unit: top.unit, due: day(dated.due), clock: clockSeen(dated), late: hidden ? dated.due > 0 && m.now * 60 >= dated.due : all.late, why_late: open && !hidden ? top.why_late : '',
    outcome: hidden ? '' : top.outcome, may: can(m, i, -1).filter((v) => v !== 'amend').sort(), timeline: timelineSeen(m, c),
    own: own ? { day: day(own.due || own.ended), clock: clockSeen(own) } : null, hidden,
  };
}

function caseSeen(m, s, i) {
  const c = m.cases[i], all = s.cases[i], open = isOpen(c.step), due = open ? day(all.due) : '', clock = clockSeen({ ...all, due: open ? all.due : 0 });
  const follows = c.lead >= 0, top = topOf(m, c);
  const released = c.released !== '' || (c.listed && c.why_late !== '') || c.shown > 0;
  const offered = (k) => can(m, i, k).filter((v) => (!c.waits || WHILE_WAITING.includes(v)) && (v !== 'unrelease' || released) && v !== 'apologise' && v !== 'blur').sort();
  const hands = workers(m, i);
  return {
    desk: {
      kind: c.kind, state: c.step, unit: top.unit, officer: top.officer, area: c.area, listed: c.listed, withheld: c.withheld, solved: c.solved, outcome: c.outcome,
      released: c.released, why_late: open && !follows ? c.why_late : '', due: follows ? '' : due, clock: follows ? { first: '', ended: '', paused: false } : clock, late: all.late, version: c.version, timeline: c.timeline, photos: c.photos, shown: c.shown,
      waits: all.waits ?? null,
    },
    may: OFFICERS.map((_, k) => (!reads(m, i, k) ? null : hands.includes(k) ? offered(k) : [])),
    drafts: hands.flatMap((k) => c.drafts.filter((d) => d.by === k).sort((a, b) => b.n - a.n).map((d) => `${k} ${d.verb}`)),
    receipt: receiptSeen(m, s, i),
    page: follows ? (shown(c) && shown(top) ? `as ${top.n}` : null) : all.page ? { kind: c.kind, state: c.step, area: c.area, text: c.released, outcome: c.outcome, due, clock, late: all.late, why_late: open ? c.why_late : '' } : null,
  };
}

const mapSeen = (squares) => Object.entries(squares.reduce((sum, [area, n]) => ({ ...sum, [area]: (sum[area] ?? 0) + n }), {})).map(([area, n]) => `${area} ${n}`).sort();
export function seen(m, whole) {
  const s = allSeen(m, true);
  const out = { cases: m.cases.map((_, i) => caseSeen(m, s, i)), counts: s.counts.map((n) => n.slice(0, 6)) };
  if (!whole) return out;
  return { ...out, desk: s.desk, list: s.list, map: mapSeen(s.map), events: s.events.map(([verb, i, n]) => `${verb} ${i} ${n}`), figures: s.figures.map((f) => JSON.stringify(f.slice(0, 7))).sort() };
}
