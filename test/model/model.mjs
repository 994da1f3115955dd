// The model: what residents, officers and the public should see, by rules of its own. Written by hand
// from docs/permissions.md, procedures/*.yaml, calendars/ and the headers of src/ward/flow, it shares no
// line and no table with the program. Time is minutes of the ward's clock from 1970.
//
// XOM_MODEL_PLANT=NAME makes it wrong in one rule, so that a test can see differences found.
const PLANT = process.env.XOM_MODEL_PLANT ?? '';
export const PLANTS = ['assign-keeps-officer', 'reopen-a-day-longer', 'withheld-on-the-map', 'note-crosses', 'figures-forget-withdrawn'];
const planted = (name) => PLANT === name;

export const KINDS = {
  lighting: { unit: 'ha-tang', days: 5, listed: true },
  rubbish: { unit: 'moi-truong', days: 3, listed: true },
  road: { unit: 'ha-tang', days: 10, listed: true },
  water: { unit: 'ha-tang', days: 5, listed: true },
  fire_safety: { unit: 'an-toan', days: 2, listed: true, rings: true },
  noise: { unit: 'an-toan', days: 5, listed: false }, // conduct: no photos, never public
};
const FIRST_LOOK = 2; // working days
const REOPEN = 15; // calendar days, moved on to a working day
const MOST_PHOTOS = 5;
export const UNITS = ['ha-tang', 'moi-truong', 'an-toan'];
export const OFFICERS = [
  { unit: 'ha-tang', role: 'handler' }, { unit: 'ha-tang', role: 'handler' }, { unit: 'moi-truong', role: 'handler' },
  { unit: 'an-toan', role: 'handler' }, { unit: 'an-toan', role: 'police' },
];
export const STRANGER = 5; // an officer of another ward
export const OUTCOMES = ['mended', 'not_ours', 'not_found', 'duplicate'];

// Steps: what the desk and the reporter may do there, and where it leads.
const STEPS = {
  received: { desk: { take: 'working', ask: 'asked', close: 'closed' }, reporter: { withdraw: 'withdrawn' } },
  working: { desk: { take: 'working', ask: 'asked', close: 'closed' }, reporter: { withdraw: 'withdrawn' } },
  asked: { desk: { take: 'working', close: 'closed' }, reporter: { answer: 'working', withdraw: 'withdrawn' } },
  closed: { desk: {}, reporter: { solved: 'solved', reopen: 'working' } },
  solved: { desk: {}, reporter: {} },
  withdrawn: { desk: {}, reporter: {} },
};
const isOpen = (step) => ['received', 'working', 'asked'].includes(step);

// --- days of the ward, UTC+7 ---
const DAY = 1440, ZONE = 420;
export const dayOf = (t) => Math.floor((t + ZONE) / DAY);
const dayStart = (d) => d * DAY - ZONE;
export const dayNumber = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / 86400000);
const OFF = new Set(['2026-04-27', '2026-04-30', '2026-05-01', '2026-08-31', '2026-09-01', '2026-09-02'].map(dayNumber));
const WORKED = new Set(['2026-08-22'].map(dayNumber));
const works = (d) => WORKED.has(d) || (!OFF.has(d) && ![6, 0].includes((d + 4) % 7)); // 1 January 1970 was a Thursday
const afterWorkingDays = (d, n) => { for (let left = n; left > 0;) if (works(++d)) left -= 1; return d; };
const nextWorking = (d) => { while (!works(d)) d += 1; return d; };
const endOf = (d) => dayStart(d + 1);
const month = (d) => new Date(d * 86400000).toISOString().slice(0, 7);

// --- the state ---
export const begin = (day, hour) => ({ now: dayStart(dayNumber(day)) + hour * 60, cases: [], journeys: {}, log: [], replaced: [], turn: 0 });
const copy = (m) => structuredClone(m);
const shown = (c) => c.listed && !(c.withheld && !planted('withheld-on-the-map'));
const public_ = (c) => c.listed && !c.withheld;
const standing = (c) => (!isOpen(c.step) ? 'closed' : c.step === 'asked' ? 'asked' : c.officer < 0 ? 'new' : 'working');
const takesPhotos = (kind) => kind !== 'noise';

function due(c) {
  if (!isOpen(c.step)) return 0;
  const day = dayOf(c.began);
  const close = endOf(afterWorkingDays(day, KINDS[c.proc].days));
  return c.step === 'received' ? Math.min(close, endOf(afterWorkingDays(day, FIRST_LOOK))) : close;
}
const handles = (c, by) => by < OFFICERS.length && OFFICERS[by].role === 'handler' && OFFICERS[by].unit === c.unit;
const reopenUntil = (c) => endOf(nextWorking(dayOf(c.closedAt) + REOPEN + (planted('reopen-a-day-longer') ? 1 : 0)));

// Which verbs somebody may use now; by -1: the reporter.
function may(m, c, by) {
  if (by < 0) {
    const verbs = Object.keys(STEPS[c.step].reporter);
    return verbs.filter((v) => v !== 'reopen' || m.now < reopenUntil(c));
  }
  if (!handles(c, by)) return [];
  const verbs = new Set(Object.keys(STEPS[c.step].desk));
  if (c.officer === by) verbs.delete('take');
  if (c.step === 'closed' && c.closedBy === by && m.now - c.closedAt < DAY) verbs.add('unclose');
  verbs.add('note').add('correct');
  if (isOpen(c.step)) {
    verbs.add('assign');
    if (takesPhotos(c.kind)) verbs.add('photo');
    if (m.now >= due(c) - DAY) verbs.add('explain');
  }
  if (c.listed) {
    verbs.add(c.withheld ? 'unwithhold' : 'withhold').add('unrelease');
    if (KINDS[c.kind].listed) verbs.add('release');
  }
  return [...verbs];
}

function refusal(m, c, op) {
  if (op.by >= 0 && !handles(c, op.by)) return 'DENIED';
  const row = STEPS[c.step][op.by < 0 ? 'reporter' : 'desk'][op.verb];
  if (row && op.verb === 'reopen' && m.now >= reopenUntil(c)) return 'EXPIRED';
  return op.by >= 0 && ['release', 'withhold', 'photo'].includes(op.verb) ? 'REFUSED' : 'DENIED';
}

const line = (m, c, verb) => { m.log.push({ c: c.n, verb }); c.timeline.push(verb); c.version += 1; };
const hide = (c) => { c.released = ''; c.why_late = ''; c.shown = 0; };
const photosRefused = (c, op) => {
  if (!(op.photos > 0)) return '';
  if (!takesPhotos(c.kind) || !takesPhotos(c.proc)) return 'REFUSED';
  return op.by < 0 && op.photos > MOST_PHOTOS ? 'LIMIT' : '';
};

// What a verb needs to be done; '' when it has it.
function lacks(c, op) {
  const none = (k) => !op[k];
  switch (op.verb) {
    case 'ask': case 'note': case 'unclose': return none('text');
    case 'answer': return none('text') && !(op.photos > 0);
    case 'photo': return !(op.photos > 0);
    case 'assign': return op.unit === undefined || UNITS[op.unit] === c.unit;
    case 'correct': return none('reason') || (none('kind') && op.area === undefined) || (op.kind && !KINDS[op.kind]);
    case 'close': return none('result') || !OUTCOMES.includes(op.outcome);
    case 'release': return (none('public_text') && !(op.show && c.photos > 0)) || op.photos > 0;
    case 'explain': return none('why_late');
    case 'withhold': case 'unwithhold': return none('reason');
    default: return false;
  }
}

// A step through the one door. Changes c when it gives OK.
function move(m, c, op, { expected = 0 } = {}) {
  if (op.by === STRANGER) return 'NONE';
  if (expected && expected !== c.version) return 'CHANGED';
  if (!may(m, c, op.by).includes(op.verb)) return refusal(m, c, op);
  const crosses = planted('note-crosses') ? !['unrelease', 'withhold'].includes(op.verb) : !['note', 'unrelease', 'withhold'].includes(op.verb);
  if (op.by >= 0 && crosses && c.waits) return 'WAITING';
  const photos = photosRefused(c, op);
  if (photos) return photos;
  if (lacks(c, op)) return 'INVALID';
  const before = due(c), wasOpen = isOpen(c.step);
  const to = STEPS[c.step][op.by < 0 ? 'reporter' : 'desk'][op.verb];
  switch (op.verb) {
    case 'take': c.officer = op.by; break;
    case 'assign': c.unit = UNITS[op.unit]; if (!planted('assign-keeps-officer')) c.officer = -1; break;
    case 'correct':
      if (op.area !== undefined) c.area = op.area;
      if (op.kind) {
        c.kind = op.kind;
        if (!KINDS[op.kind].listed) c.listed = false;
        if (!c.listed) hide(c);
      }
      break;
    case 'close': c.outcome = op.outcome; break;
    case 'release': if (op.public_text) c.released = op.public_text; c.shown = op.show ? c.photos : 0; break;
    case 'unrelease': hide(c); break;
    case 'withhold': c.withheld = true; break;
    case 'unwithhold': c.withheld = false; break;
    case 'explain': c.why_late = op.why_late; break;
    case 'unclose': c.step = c.closedFrom; c.closedAt = 0; c.closedBy = -1; c.outcome = ''; break;
    default:
  }
  if (to && op.verb !== 'unclose') {
    if (wasOpen && !isOpen(to)) { c.closedAt = m.now; c.closedTurn = ++m.turn; c.closedBy = op.by; c.closedFrom = c.step; }
    c.step = to;
    if (!wasOpen && isOpen(to)) { c.closedAt = 0; c.closedBy = -1; c.began = m.now; c.outcome = ''; c.solved = false; }
    if (to === 'solved') c.solved = true;
    if (op.by >= 0 && c.officer < 0) c.officer = op.by;
    if (isOpen(c.step) && due(c) !== before) c.why_late = '';
  }
  if (op.photos > 0) c.photos += op.photos;
  line(m, c, op.verb);
  return 'OK';
}

// --- steps that can be taken back ---
function pend(m, c, op, expected) {
  if (c.waits) return 'WAITING';
  if (expected && expected !== c.version) return 'CHANGED';
  if (!may(m, c, op.by).includes(op.verb)) return refusal(m, c, op);
  const photos = photosRefused(c, op);
  if (photos) return photos;
  if (lacks(c, op)) return 'INVALID';
  const p = { ...op, version: c.version, since: c.timeline.length, n: ++m.turn, photos: op.photos ?? 0 };
  if (op.show && op.verb === 'release') p.showing = c.photos; // the photos that were there
  if (op.draft) {
    const i = c.drafts.findIndex((d) => d.n === c.lastPending && d.by === op.by);
    if (i >= 0) p.photos += c.drafts.splice(i, 1)[0].photos;
  }
  c.waits = p;
  c.lastPending = p.n;
  return 'OK';
}
const giveBack = (c, p, why) => { c.waits = null; c.drafts.push({ ...p, why }); };

function runPending(m) {
  for (const c of m.cases.filter((x) => x.waits).sort((a, b) => a.waits.n - b.waits.n)) {
    const p = c.waits;
    if (c.timeline.slice(p.since).some((v) => !['note', 'set_pin', 'reissue'].includes(v))) { giveBack(c, p, 'changed'); continue; }
    c.waits = null;
    const showing = p.showing ?? 0, was = c.photos;
    c.photos = showing; // only those that were to be shown then
    let said = p.verb === 'release' ? move(m, c, p) : undefined;
    c.photos = was;
    said ??= move(m, c, p);
    if (said !== 'OK') giveBack(c, p, 'denied');
  }
}

function takeBack(c, op) {
  if (c.waits && c.waits.n === c.lastPending) {
    if (c.waits.by !== op.by) return 'NONE';
    giveBack(c, c.waits, 'taken_back');
    return 'OK';
  }
  return c.drafts.some((d) => d.n === c.lastPending && d.by === op.by) ? 'OK' : 'NONE';
}

function drop(c, op) {
  const i = c.drafts.findIndex((d) => d.n === c.lastPending && d.by === op.by);
  if (i >= 0) c.drafts.splice(i, 1);
  return i >= 0 ? 'OK' : 'NONE';
}

// --- reports and receipts ---
function report(m, op) {
  const kind = KINDS[op.kind], counter = op.by >= 0;
  if (op.photos > 0 && !takesPhotos(op.kind)) return 'REFUSED';
  if (op.photos > MOST_PHOTOS) return 'LIMIT';
  if (counter && OFFICERS[op.by]?.role !== 'handler') return 'DENIED';
  const known = m.journeys[op.j];
  if (known !== undefined) return m.cases[known].reissued ? 'STALE' : 'EXISTS';
  if (counter && !goodWord(op.word)) return 'INVALID';
  const c = {
    n: m.cases.length, kind: op.kind, proc: op.kind, step: 'received', unit: kind.unit, officer: -1, listed: kind.listed, withheld: false,
    solved: false, outcome: '', released: '', why_late: '', area: op.area ?? -1, received: m.now, began: m.now, closedAt: 0, closedTurn: 0,
    closedBy: -1, closedFrom: '', version: 0, timeline: [], photos: op.photos ?? 0, shown: 0, waits: null, drafts: [], lastPending: 0, looks: [],
    pin: !counter, word: counter ? fold(op.word) : '', tries: 0, setBy: -1, reissued: false, replacedAt: -Infinity, replacedWith: [],
  };
  m.cases.push(c);
  m.journeys[op.j] = c.n;
  line(m, c, 'open');
  return 'OK';
}
const fold = (word) => (word ?? '').toLowerCase();
const goodWord = (word) => (word ?? '').replace(/[^a-z]/gi, '').length >= 4;

function follow(m, c, op) {
  if (op.pin === 'right' || op.pin === 'link') return c.pin ? 'OK' : 'DENIED';
  if (op.pin === 'other') return m.cases.length === 1 && c.pin ? 'OK' : 'DENIED';
  return 'DENIED';
}

function setPin(m, c, op) {
  if (!c.word) return 'DENIED';
  if (c.setBy === op.j) return 'EXISTS';
  if (c.setBy >= 0) return 'EXPIRED';
  if (c.tries >= 20) return 'LIMIT';
  if (fold(op.word) !== c.word) { c.tries += 1; return 'DENIED'; }
  c.setBy = op.j;
  c.pin = true;
  line(m, c, 'set_pin');
  return 'OK';
}

function reissue(m, c, op) {
  if (!handles(c, op.by)) return 'DENIED';
  if (c.replacedWith.includes(op.j)) return 'EXISTS';
  const mine = m.replaced.filter((r) => r.by === op.by && m.now - r.at < DAY).length;
  if (m.now - c.replacedAt < DAY || mine >= 10) return 'LIMIT';
  if (!goodWord(op.word)) return 'INVALID';
  Object.assign(c, { replacedAt: m.now, reissued: true, pin: false, word: fold(op.word), tries: 0, setBy: -1 });
  c.replacedWith.push(op.j);
  m.replaced.push({ by: op.by, at: m.now });
  line(m, c, 'reissue');
  return 'OK';
}

function look(m, c, op) {
  if (op.by === STRANGER) return 'DENIED';
  c.looks.push(`${dayOf(m.now)} ${OFFICERS[op.by].role} ${OFFICERS[op.by].unit}`);
  return 'OK';
}

// --- one step ---
function deed(m, op) {
  if (op.op === 'report') return report(m, op);
  const c = m.cases[op.c % m.cases.length];
  const expected = op.stale === undefined ? 0 : Math.max(1, (op.seen ?? c.version) - op.stale);
  switch (op.op) {
    case 'follow': return follow(m, c, op);
    case 'setpin': return setPin(m, c, op);
    case 'reissue': return reissue(m, c, op);
    case 'move': return move(m, c, { ...op, by: op.by ?? -1 }, { expected });
    case 'pend': return pend(m, c, op, expected);
    case 'back': return takeBack(c, op);
    case 'drop': return drop(c, op);
    case 'look': return look(m, c, op);
    default: throw new Error(`the model knows no ${op.op}`);
  }
}

// What may have become of it: [{said, m}], more than one where two act at once.
export function apply(m0, op) {
  const m = copy(m0);
  if (op.op === 'clock') { m.now += op.minutes; runPending(m); return [{ said: 'OK', m }]; }
  if (['fold', 'rebuild', 'verify'].includes(op.op)) return [{ said: 'OK', m }]; // nothing that anybody sees changes
  const first = op.op === 'both' ? op.a : op;
  if (first.op !== 'report' && m.cases.length === 0) return [{ said: 'nothing', m }];
  if (op.op !== 'both') return [{ said: [deed(m, op)], m }];
  const seen = first.op === 'report' ? undefined : m.cases[first.c % m.cases.length].version; // both looked at the same page
  return [[0, 1], [1, 0]].map((order) => {
    const x = copy(m), said = [];
    for (const i of order) said[i] = deed(x, { ...(i === 0 ? op.a : op.b), seen });
    return { said, m: x };
  });
}

// What somebody could do now, and the moments at which that changes; for making sequences that reach far.
export const can = (m, c, who) => may(m, m.cases[c], who);
export const workers = (m, c) => OFFICERS.map((_, k) => k).filter((k) => handles(m.cases[c], k));
export const moments = (m) => m.cases.flatMap((c) => [due(c), due(c) - DAY, ...(c.step === 'closed' ? [reopenUntil(c), c.closedAt + DAY] : []), c.replacedAt + DAY]).filter((t) => t > m.now && t < m.now + 60 * DAY);

// --- what should be seen ---
const by = (f) => (a, b) => (f(a) < f(b) ? -1 : f(a) > f(b) ? 1 : 0);

function seenCase(m, c) {
  return {
    kind: c.kind, step: c.step, state: c.step, unit: c.unit, officer: c.officer, listed: c.listed, withheld: c.withheld, solved: c.solved,
    outcome: c.outcome, released: c.released, why_late: c.why_late, due: due(c) * 60, late: isOpen(c.step) && m.now >= due(c), closed: c.closedAt !== 0,
    version: c.version, area: c.area, may: [-1, 0, 1, 2, 3, 4].map((who) => may(m, c, who).sort()), timeline: c.timeline, photos: c.photos,
    shown: c.shown, waits: c.waits ? { verb: c.waits.verb, by: c.waits.by } : undefined,
    drafts: OFFICERS.flatMap((_, k) => c.drafts.filter((d) => d.by === k).sort(by((d) => -d.n)).map((d) => `${k} ${d.verb} ${d.why}`)),
    looks: [...new Set(c.looks)].sort(), page: public_(c),
  };
}

function counts(m, k) {
  const mine = m.cases.filter((c) => c.unit === OFFICERS[k].unit), open = mine.filter((c) => isOpen(c.step));
  const fresh = open.filter((c) => m.now - c.received < DAY);
  return [open.filter((c) => standing(c) === 'new'), open.filter((c) => c.officer === k), open, open.filter((c) => c.step === 'asked'),
    mine.filter((c) => !isOpen(c.step)), open.filter((c) => m.now >= due(c)), fresh, fresh.filter((c) => KINDS[c.kind].rings)].map((l) => l.length);
}

function queues(m, k) {
  const mine = m.cases.filter((c) => c.unit === OFFICERS[k].unit && (OFFICERS[k].role === 'handler' || c.listed));
  const open = mine.filter((c) => isOpen(c.step)).sort((a, b) => due(a) - due(b) || a.n - b.n);
  const closed = mine.filter((c) => !isOpen(c.step)).sort((a, b) => b.closedTurn - a.closedTurn);
  return [open.filter((c) => standing(c) === 'new'), open.filter((c) => c.officer === k), open, open.filter((c) => c.step === 'asked'), closed].map((l) => l.map((c) => c.n));
}

function events(m) {
  const out = [], times = m.cases.map(() => ({}));
  for (const e of m.log) {
    const n = times[e.c][e.verb] = (times[e.c][e.verb] ?? 0) + 1;
    if (['open', 'release', 'close', 'solved', 'withdraw', 'reopen', 'unclose'].includes(e.verb)) out.push([e.verb, e.c, n, m.cases[e.c].shown]);
  }
  return out.filter(([verb, i, n]) => public_(m.cases[i]) && (verb !== 'release' || (n === times[i].release && (m.cases[i].released !== '' || m.cases[i].shown > 0)))).reverse();
}

// The first day after which half or more were closed; whoever is still open, or withdrew, counts until then.
function median(spans) {
  let left = 1n, of = 1n, risk = BigInt(spans.length);
  for (const day of [...new Set(spans.map((s) => s.days))].sort((a, b) => a - b)) {
    const here = spans.filter((s) => s.days === day), ended = BigInt(here.filter((s) => s.ended).length);
    left *= risk - ended;
    of *= risk;
    if (ended > 0n && left * 2n <= of) return day;
    risk -= BigInt(here.length);
  }
  return -1;
}

function figure(m, name, list) {
  const today = dayOf(m.now), open = list.filter((c) => isOpen(c.step)), withdrawn = list.filter((c) => c.step === 'withdrawn');
  const spans = list.map((c) => ({ days: (isOpen(c.step) ? today : dayOf(c.closedAt)) - dayOf(c.received), ended: !isOpen(c.step) && c.step !== 'withdrawn' }));
  return [name, list.length - (planted('figures-forget-withdrawn') ? withdrawn.length : 0), list.length - open.length - withdrawn.length, open.length, open.filter((c) => m.now >= due(c)).length, withdrawn.length, median(spans)];
}

function figures(m) {
  const list = m.cases.filter(public_);
  const groups = (key) => [...new Set(list.map(key))].map((k) => figure(m, k, list.filter((c) => key(c) === k)));
  return [figure(m, '', list), ...groups((c) => c.kind), ...groups((c) => `area ${c.area}`)];
}

function tally(list, key) {
  const n = new Map();
  for (const c of list) n.set(key(c), (n.get(key(c)) ?? 0) + 1);
  return [...n].map(([k, count]) => [...JSON.parse(k).slice(1), count]);
}

export function seen(m, whole) {
  const cases = m.cases.map((c) => seenCase(m, c));
  const desk = [0, 1, 2, 3].map((k) => counts(m, k));
  if (!whole) return { cases, counts: desk };
  const hidden = m.cases.filter((c) => !public_(c));
  return {
    cases, counts: desk, desk: OFFICERS.map((_, k) => queues(m, k)), list: [m.cases.filter(public_).map((c) => c.n).reverse()],
    map: tally(m.cases.filter(shown), (c) => JSON.stringify([0, c.area])), events: events(m), figures: figures(m),
    quiet: tally(hidden, (c) => JSON.stringify([month(dayOf(c.received)), c.kind, 0])),
    quiet_due: tally(hidden.filter((c) => isOpen(c.step)), (c) => JSON.stringify([month(dayOf(c.received)), '', dayOf(due(c) - 1)])),
  };
}
