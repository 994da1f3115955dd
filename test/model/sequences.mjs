// Random sequences of what people do, made from a seed alone; and how a failing one is made short.
import { HEAD, KINDS, OUTCOMES, SORTS, STRANGER, TEAM, apply, begin, can, entered, moments, workers } from './model.mjs';

export function random(seed) {
  let a = seed >>> 0;
  const next = () => { a = (a + 0x6d2b79f5) >>> 0; let t = a; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296; };
  const below = (n) => Math.floor(next() * n);
  return { below, chance: (p) => next() < p, one: (list) => list[below(list.length)], weighted: (rows) => { let at = next() * rows.reduce((s, [n]) => s + n, 0); for (const [n, v] of rows) if ((at -= n) < 0) return v; return rows[0][1]; } };
}

const WORDS = ['hoa mai', 'Hoa Mai', 'trang ram', 'ab'];
export const SHORTEST = 20, LONGEST = 32;

function report(r, m) {
  const op = { op: 'report', j: r.below(12), kind: r.chance(0.2) ? 'rubbish' : r.one(Object.keys(KINDS)) };
  if (r.chance(0.85)) op.area = r.weighted([[3, 0], [2, 1], [1, 2], [1, 3]]);
  if (r.chance(0.8)) op.at = r.below(4);
  if (m?.cases.length && r.chance(0.4)) { // "this is it"
    op.lead = r.below(m.cases.length);
    if (r.chance(0.9)) Object.assign(op, { j: r.below(40), kind: m.cases[op.lead].kind, at: Math.max(0, m.cases[op.lead].at + r.below(2)) });
  }
  if (r.chance(0.2)) op.photos = r.one([1, 2, 5, 6]);
  if (r.chance(0.1)) op.not_head = true;
  if (r.chance(0.15)) Object.assign(op, { j: 20 + r.below(3), by: r.below(5), word: r.one(WORDS) });
  return op;
}

// What a case might well be merged into: open, on its own, worked by the same.
function others(m, op) {
  const list = m.cases.filter((x) => x.n !== op.c % m.cases.length && x.lead < 0 && x.listed && ['received', 'working', 'asked'].includes(x.step) && workers(m, x.n).includes(op.by));
  return list.length ? list.map((x) => x.n) : [0];
}

function details(r, op, m) {
  const say = (key, text, missing = 0.06) => { if (!r.chance(missing)) op[key] = r.chance(0.03) ? '' : text; };
  switch (op.verb) {
    case 'ask': case 'note': case 'unclose': say('text', 'Trụ số mấy?'); break;
    case 'answer': say('text', 'Trụ số 4.', 0.3); break;
    case 'close': say('result', 'Đã thay bóng.'); op.outcome = r.chance(0.04) ? 'fixed' : r.one(OUTCOMES); break;
    case 'release': say('public_text', 'Đèn tắt, đã thay.', 0.3); op.show = r.chance(0.5); break;
    case 'explain': say('why_late', 'Chờ vật tư.'); break;
    case 'settle': say('result', 'Đã gom.', 0.5); op.photos = r.below(2); break;
    case 'pass_up': say('reason', 'Cần xe lớn.', 0.5); if (!r.chance(0.06)) op.sort = r.chance(0.05) ? 'weather' : r.one(SORTS); break;
    case 'pause': case 'extend': say('clock_why', 'Chờ điện lực.'); break;
    case 'withhold': case 'unwithhold': case 'unmerge': case 'split': say('reason', 'Có tên người.'); break;
    case 'merge': say('reason', 'Cùng một cột đèn.'); if (m.cases.length && !r.chance(0.03)) op.into = r.chance(0.6) ? r.one(others(m, op)) : r.below(m.cases.length); break;
    case 'correct':
      say('reason', 'Nhầm loại.');
      if (r.chance(0.7)) op.kind = r.chance(0.03) ? 'parking' : r.one(Object.keys(KINDS));
      if (r.chance(0.4)) op.area = r.below(4);
      break;
    case 'assign': if (!r.chance(0.03)) op.unit = r.below(3); break;
    case 'photo': op.photos = r.weighted([[9, 1], [1, 0]]); break;
    default:
  }
  if (['ask', 'answer', 'close'].includes(op.verb) && r.chance(0.1)) op.photos = r.one([1, 2, 6]);
  return op;
}

const RARELY = new Set(['withdraw', 'note', 'unrelease', 'correct', 'withhold']);

// A letter that was made is given; a clock that stands goes on.
const often = (c, verb) => (verb === 'apologise' && c.letter && !c.letter.given) || ['pause', 'resume', 'extend'].includes(verb);

// Two of three by whom and as it can be done, the others by anybody and anything.
function move(r, c, m) {
  if (m.people && r.chance(theirs(m, c) ? 0.35 : 0.03)) return byArea(r, 'move', c, m);
  if (m.cases[c] && r.chance(0.66)) {
    const by = r.chance(0.3) ? -1 : r.one(workers(m, c).concat(-1)), verbs = can(m, c, by).filter((v) => v !== 'amend' && (v !== 'blur' || m.cases[c].shown > 0)); // it moves nothing but the timeline: test/report/yours.test.mjs
    if (verbs.length) return details(r, { op: 'move', c, by, verb: r.weighted(verbs.map((v) => [RARELY.has(v) ? 0.4 : often(m.cases[c], v) ? 4 : v === 'merge' ? 1.5 : 1, v])), ...(r.chance(0.5) ? { stale: r.weighted([[9, 0], [1, 1]]) } : {}) }, m);
  }
  const reporter = r.chance(0.3);
  const verb = reporter ? r.weighted([[4, 'answer'], [0.5, 'withdraw'], [3, 'solved'], [4, 'reopen'], [0.5, 'take']])
    : r.weighted([[6, 'take'], [4, 'ask'], [3, 'note'], [3, 'assign'], [4, 'correct'], [2, 'photo'], [4, 'release'], [2, 'unrelease'], [3, 'withhold'], [2, 'unwithhold'], [6, 'close'], [3, 'unclose'], [3, 'explain'], [2, 'pause'], [1.5, 'resume'], [2, 'extend'], [1, 'apologise'], [0.5, 'blur'], [0.4, 'reopen'], [0.2, 'open'], [4, 'merge'], [1, 'unmerge'], [1, 'split'], [0.1, 'join']]);
  const op = { op: 'move', c, by: reporter ? -1 : r.weighted([[3, 0], [2, 1], [3, 2], [3, 3], [0.6, 4], [0.3, STRANGER]]), verb };
  if (r.chance(0.5)) op.stale = r.weighted([[6, 0], [1, 1], [1, 3]]);
  return details(r, op, m);
}

// Those who are entered for a khu vực, and now and then what is not theirs.
const theirs = (m, c) => m.cases[c] && ['khu_vuc', 'received'].includes(m.cases[c].step) && entered(m, c).length > 0;
function byArea(r, op, c, m) {
  const there = m.cases[c] ? entered(m, c) : [], by = there.length && r.chance(0.9) ? r.one(there) : r.one([HEAD, TEAM]);
  const verb = r.weighted([[5, 'settle'], [4, 'pass_up'], [op === 'move' ? 0.5 : 0, 'take'], [op === 'move' ? 0.3 : 0, 'note'], [op === 'move' ? 0.3 : 0, 'release']]);
  return details(r, { op, c, by, verb, ...(r.chance(0.4) ? { stale: r.weighted([[6, 0], [1, 1]]) } : {}) }, m);
}

const WAITS = ['ask', 'release', 'close', 'explain'];
function pend(r, c, m) {
  if (m.people && r.chance(theirs(m, c) ? 0.6 : 0.03)) return byArea(r, 'pend', c, m);
  const by = m.cases[c] && r.chance(0.7) ? r.one(workers(m, c)) : r.weighted([[3, 0], [2, 1], [3, 2], [3, 3], [0.5, 4], [0.2, STRANGER]]);
  const now = m.cases[c] && r.chance(0.7) ? can(m, c, by).filter((v) => WAITS.includes(v)) : [];
  const op = { op: 'pend', c, by, verb: r.one(now.length ? now : WAITS) };
  if (r.chance(0.5)) op.stale = r.weighted([[6, 0], [1, 1]]);
  if (r.chance(0.3)) op.draft = true;
  return details(r, op, m);
}
const back = (op) => (r, c, m) => ({ op, c, by: m.cases[c]?.waits && r.chance(0.8) ? m.cases[c].waits.by : m.cases[c]?.drafts.at(-1)?.by ?? r.below(4) });

// To one of the moments at which something changes, a little before or after it, or on by some time.
function clock(r, m) {
  const at = moments(m);
  if (at.length && r.chance(0.4)) { const to = r.one(at) + r.one([-10, 5]); if (to - m.now >= 5) return { op: 'clock', minutes: to - m.now }; }
  return { op: 'clock', minutes: r.weighted([[8, 5], [2, 60], [2, 600], [2, 1440], [1, 2880], [1, 7200], [0.7, 17280], [0.5, 30240]]) };
}

const lateNow = (m, c) => m.cases[c] && workers(m, c).some((k) => can(m, c, k).includes('apologise'));
function one(r, c, m) {
  return r.weighted([
    [2.5, () => report(r, m)], [12, () => move(r, c, m)], [3, () => pend(r, c, m)],
    [m.cases[c]?.waits ? 5 : 0.4, () => back('back')(r, c, m)], [m.cases[c]?.drafts.length ? 2 : 0.2, () => back('drop')(r, c, m)], [3, () => clock(r, m)],
    [0.8, () => ({ op: 'follow', c, pin: r.one(['right', 'wrong', 'link', 'other', 'old']) })],
    [m.cases[c]?.word ? 3 : 0.3, () => ({ op: 'setpin', c, word: m.cases[c]?.word && r.chance(0.5) ? m.cases[c].word : r.one(WORDS), j: 60 + r.below(3) })],
    [0.5, () => ({ op: 'reissue', c, by: m.cases[c] && r.chance(0.6) ? r.one(workers(m, c)) : r.below(5), word: r.one(WORDS), j: 40 + r.below(4) })],
    [lateNow(m, c) ? 3 : 0.3, () => ({ op: 'letter', c, by: m.cases[c] && r.chance(0.8) ? r.one(workers(m, c)) : r.weighted([[3, r.below(5)], [0.3, STRANGER]]) })],
    [0.4, () => ({ op: 'look', c, by: r.below(5) })], [0.3, () => ({ op: 'fold' })], [0.05, () => ({ op: 'rebuild' })],
    [1.2, () => {
      if (r.chance(0.2)) { const a = report(r, m); return { op: 'both', a, b: { ...a } }; }
      const two = () => (r.chance(0.25) ? pend(r, c, m) : move(r, c, m)), a = two();
      return { op: 'both', a: { ...a, stale: r.chance(0.7) ? 0 : a.stale }, b: r.chance(0.3) ? { ...a, stale: 0 } : { ...two(), stale: 0 } };
    }],
  ])();
}

export function sequence(seed) {
  const r = random(seed * 2654435761);
  const day = new Date(Date.UTC(2026, 2, 3 + r.below(60))).toISOString().slice(0, 10);
  const hour = 1 + r.below(22), n = SHORTEST + r.below(LONGEST - SHORTEST + 1), ops = [];
  let m = begin(day, hour, true), c = 0;
  const add = (op) => { ops.push(op); m = apply(m, op)[0].m; };
  add({ op: 'report', j: r.below(12), kind: r.chance(0.2) ? 'rubbish' : r.one(Object.keys(KINDS)), area: r.below(4), at: r.below(4) });
  while (ops.length < n - 1) {
    if (r.chance(0.25)) c = r.below(Math.max(1, m.cases.length)); // people stay with a case for a while
    add(one(r, c, m));
  }
  ops.push({ op: 'verify' });
  return { id: seed, day, hour, people: true, every: 6, ops };
}

// --- shrinking: the shortest that still fails, then the plainest steps ---

function* simpler(op) {
  if (op.op === 'both') { yield op.a; yield op.b; for (const a of simpler(op.a)) yield { ...op, a }; for (const b of simpler(op.b)) yield { ...op, b }; return; }
  for (const k of ['stale', 'photos', 'draft', 'lead', 'at', 'area', 'show', 'word', 'kind', 'not_head']) if (k in op && !(op.op === 'report' && k === 'kind')) { const o = { ...op }; delete o[k]; yield o; }
  if (op.c > 0) yield { ...op, c: 0 };
  if (op.op === 'report' && op.kind !== 'lighting') yield { ...op, kind: 'lighting' };
  if (op.op === 'pend') yield { ...op, op: 'move' };
  if (op.op === 'clock' && op.minutes > 5) for (const minutes of [5, 1440, 7200]) if (minutes < op.minutes) yield { ...op, minutes };
}

// fails(sequence): does it differ still? Gives the shortest found.
export async function shrink(first, fails, { most = 400 } = {}) {
  let best = { ...first, every: 1 }, tries = 0;
  const attempt = async (ops) => {
    if (ops.length === 0 || tries >= most) return false;
    tries += 1;
    const s = { ...best, ops };
    if (!await fails(s)) return false;
    best = s;
    return true;
  };
  const fewer = async () => {
    let any = false;
    for (let size = Math.ceil(best.ops.length / 2); size >= 1;) {
      let cut = false;
      for (let i = best.ops.length - size; i > -size && best.ops.length > 1; i -= size) {
        const from = Math.max(0, i);
        if (await attempt([...best.ops.slice(0, from), ...best.ops.slice(from + size)])) cut = any = true;
      }
      if (size > 1) size = Math.ceil(size / 2); else if (!cut) break;
    }
    return any;
  };
  const plainer = async () => {
    let any = false;
    for (let i = 0; i < best.ops.length; i++) for (const op of simpler(best.ops[i])) if (await attempt([...best.ops.slice(0, i), op, ...best.ops.slice(i + 1)])) { any = true; i -= 1; break; }
    return any;
  };
  await fewer();
  while (tries < most && await plainer()) await fewer();
  return { sequence: best, tries };
}
