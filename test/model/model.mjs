// The model: what residents, officers and the public should see, by rules of its own. Written by hand
// from docs/permissions.md, procedures/*.yaml, calendars/ and the headers of src/ward/flow, it shares no
// line and no table with the program. Time is minutes of the ward's clock from 1970.
//
// XOM_MODEL_PLANT=NAME makes it wrong in one rule, so that a test can see differences found.
const PLANT = process.env.XOM_MODEL_PLANT ?? '';
export const PLANTS = ['assign-keeps-officer', 'reopen-a-day-longer', 'withheld-on-the-map', 'note-crosses', 'figures-forget-withdrawn', 'followers-count-as-cases', 'pause-charges-the-answer', 'merging-buys-time', 'khu-vuc-a-day-longer'];
const planted = (name) => PLANT === name;

export const KINDS = {
  lighting: { unit: 'ha-tang', days: 5, listed: true, area: true, caps: [10, 20], more: [1, 5] },
  rubbish: { unit: 'moi-truong', days: 3, listed: true, area: true, first: true, caps: [10, 20], more: [1, 3] },
  road: { unit: 'ha-tang', days: 10, listed: true, area: true, caps: [10, 20], more: [2, 5] },
  water: { unit: 'ha-tang', days: 5, listed: true, area: true, caps: [10, 20], more: [1, 5] },
  fire_safety: { unit: 'an-toan', days: 2, listed: true, rings: true, caps: [5, 10], more: [0, 0] },
  noise: { unit: 'an-toan', days: 5, listed: false, caps: [10, 20], more: [1, 5] }, // conduct: no photos, never public
};
const FIRST_LOOK = 2; // working days
const AREA_ACTS = 1; // working days that a khu vực has what begins with it
const REOPEN = 15; // calendar days, moved on to a working day
const MOST_PHOTOS = 5;
const SORRY = 5; // working days after a letter of apology that its new date is
export const UNITS = ['ha-tang', 'moi-truong', 'an-toan'];
export const OFFICERS = [
  { unit: 'ha-tang', role: 'handler' }, { unit: 'ha-tang', role: 'handler' }, { unit: 'moi-truong', role: 'handler' },
  { unit: 'an-toan', role: 'handler' }, { unit: 'an-toan', role: 'police' },
];
export const STRANGER = 5; // an officer of another ward
// Who is entered for a khu vực: a head of two, a volunteer of one of them; where the sequence has them.
export const HEAD = 6, TEAM = 7, AREA_PEOPLE = { [HEAD]: [0, 1], [TEAM]: [0] };
export const SORTS = ['tools', 'danger', 'expert', 'not_ours', 'other'];
export const OUTCOMES = ['mended', 'answered', 'not_ours', 'not_found', 'duplicate'];

// Steps: what the desk and the reporter may do there, and where it leads.
const STEPS = {
  khu_vuc: { desk: { take: 'working', ask: 'asked', close: 'closed' }, reporter: { withdraw: 'withdrawn' }, area: { settle: 'closed', pass_up: 'received' } },
  received: { desk: { take: 'working', ask: 'asked', close: 'closed' }, reporter: { withdraw: 'withdrawn' }, area: { settle: 'closed' } },
  working: { desk: { take: 'working', ask: 'asked', close: 'closed' }, reporter: { withdraw: 'withdrawn' } },
  asked: { desk: { take: 'working', close: 'closed' }, reporter: { answer: 'working', withdraw: 'withdrawn' } },
  closed: { desk: {}, reporter: { solved: 'solved', reopen: 'working' } },
  solved: { desk: {}, reporter: {} },
  withdrawn: { desk: {}, reporter: {} },
};
const isOpen = (step) => ['khu_vuc', 'received', 'working', 'asked'].includes(step);
const stateOf = (step) => (step === 'khu_vuc' ? 'received' : step);
const moves = (c, by) => STEPS[c.step][by < 0 ? 'reporter' : by in AREA_PEOPLE ? 'area' : 'desk'] ?? {};

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
export const dayText = (d) => new Date(d * 86400000).toISOString().slice(0, 10);
const month = (d) => dayText(d).slice(0, 7);

// --- the state ---
export const begin = (day, hour, people = false) => ({ now: dayStart(dayNumber(day)) + hour * 60, people, cases: [], journeys: {}, log: [], replaced: [], turn: 0 });
const copy = (m) => structuredClone(m);
// What follows another case stands in no list of its own, and counts as a report of that one.
const alone = (c) => c.lead < 0 || planted('followers-count-as-cases');
export const topOf = (m, c) => { while (c.lead >= 0) c = m.cases[c.lead]; return c; };
const weight = (c) => (c.listed ? c.more : 0);
export const near = (a, b) => a >= 0 && b >= 0 && Math.abs(a - b) <= 1; // squares in a row
const carries = (c) => c.listed && !c.withheld && KINDS[c.kind].listed && KINDS[c.proc].listed;
const shown = (c) => alone(c) && c.listed && !(c.withheld && !planted('withheld-on-the-map'));
const public_ = (c) => alone(c) && c.listed && !c.withheld;
const standing = (c) => (!isOpen(c.step) ? 'closed' : c.step === 'asked' ? 'asked' : c.officer < 0 ? 'new' : 'working');
const takesPhotos = (kind) => kind !== 'noise';

// caps: after so many days a pause for the resident, and one for another authority, is over by itself;
// more: how often the closing is extended, and by how many working days each time.
const capOf = (c, kind) => KINDS[c.proc].caps[kind];
const inPause = (c, d) => c.pauses.some((p) => d > dayOf(p.from) + (planted('pause-charges-the-answer') && p.to !== undefined ? 1 : 0) && d <= Math.min(p.to === undefined ? Infinity : dayOf(p.to), dayOf(p.from) + capOf(c, p.kind)));
function counted(c, d, n) {
  for (let left = n; left > 0;) { d += 1; if (!inPause(c, d) && works(d)) left -= 1; }
  return d;
}
// Two dates of each deadline: as it is, and as it was promised.
function closing(c) {
  let d = counted(c, dayOf(c.began), KINDS[c.proc].days);
  for (let k = 0; k < c.extended.length; k++) d = counted(c, d, KINDS[c.proc].more[1]);
  return endOf(d);
}
function due(c) {
  if (!isOpen(c.step)) return 0;
  const close = closing(c);
  return stateOf(c.step) === 'received' ? Math.min(close, endOf(afterWorkingDays(dayOf(c.began), FIRST_LOOK))) : close;
}
function firstDue(c) {
  if (!isOpen(c.step)) return c.endedFirst;
  const look = endOf(afterWorkingDays(dayOf(c.began), FIRST_LOOK)), close = endOf(afterWorkingDays(dayOf(c.began), KINDS[c.proc].days));
  return stateOf(c.step) === 'received' && look <= closing(c) ? look : close;
}
const stands = (c, kind) => c.pauses.some((p) => p.kind === kind && p.to === undefined);
const used = (c, kind) => c.pauses.filter((p) => p.kind === kind).reduce((n, p) => n + Math.min(dayOf(p.to) - dayOf(p.from), capOf(c, kind)), 0);
const paused = (m, c) => isOpen(c.step) && counting(c) === 'close' && c.pauses.some((p) => p.to === undefined && dayOf(m.now) <= dayOf(p.from) + capOf(c, p.kind));
const mayStop = (c, kind) => !stands(c, kind) && used(c, kind) < capOf(c, kind);
const stop = (m, c, kind) => { if (mayStop(c, kind)) c.pauses.push({ kind, from: m.now }); };
const go = (m, c, kind, by) => { for (const p of c.pauses) if (p.to === undefined && (kind === undefined || p.kind === kind)) { p.to = m.now; p.by = by; } };
// Which of them counts.
const counting = (c) => (stateOf(c.step) === 'received' && endOf(afterWorkingDays(dayOf(c.began), FIRST_LOOK)) <= closing(c) ? 'look' : 'close');
const late = (m, c) => c.lead < 0 && isOpen(c.step) && m.now >= due(c);
const handles = (m, c, by) => by < OFFICERS.length && OFFICERS[by].role === 'handler' && OFFICERS[by].unit === topOf(m, c).unit;
// Read, settled and sent up by whoever is entered for its khu vực: open, listed, of a kind marked so, not ticked away.
const ofArea = (c, by) => (AREA_PEOPLE[by] ?? []).includes(c.area) && c.lead < 0 && c.forHead && isOpen(c.step) && c.listed && !c.withheld;
const areaUntil = (c) => endOf(afterWorkingDays(dayOf(c.began), AREA_ACTS + (planted('khu-vuc-a-day-longer') ? 1 : 0)));
const reopenUntil = (c) => endOf(nextWorking(dayOf(c.closedAt) + REOPEN + (planted('reopen-a-day-longer') ? 1 : 0)));

// Of what follows another case: that one is worked, and disputed.
function mayFollowing(m, c, by) {
  const top = topOf(m, c), open = isOpen(top.step);
  if (by >= 0) return !handles(m, c, by) ? [] : ['note', ...(open ? [c.merged ? 'unmerge' : 'split'] : [])];
  const told = ['closed', 'solved'].includes(top.step) && m.now < reopenUntil(top);
  return [...(open ? ['amend'] : []), ...(open && STEPS[c.step].reporter.withdraw ? ['withdraw'] : []), ...(told ? ['reopen', ...(c.solved ? [] : ['solved'])] : [])];
}

// Which verbs somebody may use now; by -1: the reporter.
function may(m, c, by) {
  if (c.lead >= 0) return mayFollowing(m, c, by);
  if (by < 0) {
    const verbs = [...Object.keys(STEPS[c.step].reporter), ...(isOpen(c.step) ? ['amend'] : [])];
    return verbs.filter((v) => (v !== 'reopen' || m.now < reopenUntil(c)) && (v !== 'withdraw' || c.more === 0)); // others reported it, too
  }
  if (by in AREA_PEOPLE) return ofArea(c, by) ? Object.keys(moves(c, by)) : [];
  if (!handles(m, c, by)) return [];
  const verbs = new Set(Object.keys(STEPS[c.step].desk));
  if (c.officer === by) verbs.delete('take');
  if (c.step === 'closed' && c.closedBy === by && m.now - c.closedAt < DAY) verbs.add('unclose');
  verbs.add('note').add('correct');
  if (isOpen(c.step)) {
    verbs.add('assign');
    if (c.listed && KINDS[c.kind].listed) verbs.add('merge');
    if (takesPhotos(c.kind)) verbs.add('photo');
    if (m.now >= due(c) - DAY) verbs.add('explain');
    if (m.now < due(c) && c.step === 'working') {
      if (mayStop(c, 1)) verbs.add('pause');
    }
    if (m.now < due(c) && counting(c) === 'close' && c.extended.length < KINDS[c.proc].more[0]) verbs.add('extend');
    if (stands(c, 1)) verbs.add('resume');
    if (late(m, c)) verbs.add('apologise');
  }
  if (c.listed) {
    verbs.add(c.withheld ? 'unwithhold' : 'withhold').add('unrelease').add('blur');
    if (KINDS[c.kind].listed) verbs.add('release');
  }
  return [...verbs];
}

function refusal(m, c, op) {
  if (op.by >= 0 && !handles(m, c, op.by) && !ofArea(c, op.by)) return 'DENIED';
  const row = moves(c, op.by)[op.verb];
  if (row && op.verb === 'reopen' && m.now >= reopenUntil(c)) return 'EXPIRED';
  if (op.by >= 0 && ['pause', 'extend'].includes(op.verb)) return clockRefusal(m, c, op.verb);
  return op.by >= 0 && ['release', 'withhold', 'photo'].includes(op.verb) ? 'REFUSED' : 'DENIED';
}
function clockRefusal(m, c, verb) {
  if (!isOpen(c.step)) return 'DENIED';
  if (m.now >= due(c)) return 'EXPIRED';
  if (verb === 'extend') return counting(c) === 'close' && KINDS[c.proc].more[0] > 0 ? 'LIMIT' : 'DENIED';
  return c.step === 'working' ? 'LIMIT' : 'DENIED';
}

const line = (m, c, verb) => { m.log.push({ c: c.n, verb }); c.timeline.push(verb); c.version += 1; };

// --- the letter of apology: made, signed on paper, said to be given. It moves no date. ---
function letter(m, c, op) {
  if (!handles(m, c, op.by) || !late(m, c)) return 'DENIED';
  const today = dayOf(m.now), was = c.letter, same = was && was.due === due(c);
  if (same && was.given && was.ends >= today) return 'EXISTS';
  if (same && !was.given && was.day === today) return 'OK'; // the one of today
  const number = (was?.number ?? 0) + (was && !was.given ? 0 : 1); // one that was not given is put aside
  c.letter = { number, due: due(c), day: today, first: dayOf(firstDue(c) - 1), ends: afterWorkingDays(today, SORRY), given: false };
  return 'OK';
}
function cantGive(m, c) {
  if (!c.letter || c.letter.given || c.letter.due !== due(c)) return 'INVALID';
  return c.letter.ends < dayOf(m.now) ? 'EXPIRED' : '';
}

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
    case 'amend': return none('text');
    case 'answer': return none('text') && !(op.photos > 0);
    case 'photo': return !(op.photos > 0);
    case 'assign': return op.unit === undefined || UNITS[op.unit] === c.unit;
    case 'correct': return none('reason') || (none('kind') && op.area === undefined) || (op.kind && !KINDS[op.kind]);
    case 'close': return none('result') || !OUTCOMES.includes(op.outcome);
    case 'release': return (none('public_text') && !(op.show && c.photos > 0)) || op.photos > 0;
    case 'explain': return none('why_late');
    case 'pause': case 'extend': return none('clock_why');
    case 'pass_up': return !SORTS.includes(op.sort);
    case 'withhold': case 'unwithhold': case 'merge': case 'unmerge': case 'split': return none('reason');
    default: return false;
  }
}

// --- the same matter ---
const weigh = (m, lead, n) => { for (let i = lead; i >= 0; i = m.cases[i].lead) m.cases[i].more += n; };
function follows(m, c, lead, merged) {
  Object.assign(c, { lead: lead.n, merged, leadTurn: ++m.turn, leadLog: m.log.length });
  weigh(m, lead.n, 1 + c.more);
}
// What stopped or extended it before does not count for what begins again.
const beginAgain = (c, began) => { Object.assign(c, { began, why_late: '', pauses: c.pauses.filter((p) => p.from >= began), extended: c.extended.filter((t) => t >= began) }); };
function leave(m, c) {
  const top = topOf(m, c), lead = c.lead;
  weigh(m, lead, -(1 + c.more));
  if (top.beganTurn > c.leadTurn) beginAgain(c, top.began); // closed and reopened with it meanwhile
  Object.assign(c, { lead: -1, merged: false });
  return m.cases[lead];
}
// One that follows by its own clock, as after leaving; where that one ended or is shown to nobody, what it met is met.
export function apart(m, c) {
  const top = topOf(m, c), open = isOpen(top.step), x = copy(c);
  if (top.beganTurn > c.leadTurn) beginAgain(x, top.began);
  const reached = open ? top.step : top.closedFrom, ORDER = ['khu_vuc', 'received', 'working', 'asked'];
  const step = (!open || !top.listed || top.withheld) && ORDER.indexOf(reached) > ORDER.indexOf(c.step) ? reached : c.step;
  Object.assign(x, { lead: -1, step });
  return { due: open ? due(x) * 60 : 0, first: firstDue(x) * 60, ended: open ? 0 : due(x) * 60, paused: open && paused(m, x) };
}
function cantMerge(m, c, op) {
  const lead = m.cases[op.into];
  if (!lead || lead === c) return 'INVALID';
  if (!handles(m, lead, op.by)) return 'INVALID'; // as one that is not there
  if (lead.lead >= 0 || !isOpen(lead.step) || !carries(lead)) return 'REFUSED';
  if (lead.waits) return 'WAITING';
  if (!planted('merging-buys-time') && (closing(c) < closing(lead) || (late(m, c) && !late(m, lead)))) return 'REFUSED';
  return m.cases.some((x) => x.lead === c.n && x.more > 0) ? 'REFUSED' : '';
}
const reopened = (m, c) => Object.assign(c, { closedAt: 0, closedBy: -1, began: m.now, beganTurn: ++m.turn, outcome: '', solved: false, pauses: [], extended: [], ended: 0 });

// What the reporter of something that follows another case says; true: nothing else is to be done.
function saidFollowing(m, c, verb) {
  if (verb === 'solved') { c.solved = true; return true; }
  if (verb === 'withdraw') { leave(m, c); return false; }
  if (verb !== 'reopen') return false;
  const top = topOf(m, c);
  if (top.step === 'solved') { leave(m, c); beginAgain(c, m.now); c.solved = false; return true; }
  top.step = 'working';
  top.why_late = '';
  reopened(m, top);
  line(m, top, 'reopen');
  return true;
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
  const cant = op.verb === 'merge' ? cantMerge(m, c, op) : op.verb === 'apologise' ? cantGive(m, c) : op.verb === 'blur' && !c.shown ? 'CHANGED' : '';
  if (cant) return cant;
  if (c.lead >= 0 && op.by < 0 && saidFollowing(m, c, op.verb)) { line(m, c, op.verb); return 'OK'; }
  const before = due(c), wasOpen = isOpen(c.step);
  const to = moves(c, op.by)[op.verb];
  switch (op.verb) {
    case 'take': c.officer = op.by; break;
    case 'assign': c.unit = UNITS[op.unit]; if (!planted('assign-keeps-officer')) c.officer = -1; break;
    case 'correct':
      if (op.area !== undefined) c.area = op.area;
      if (op.kind) {
        c.kind = op.kind;
        if (!KINDS[op.kind].listed) c.listed = false;
        if (!KINDS[op.kind].area) c.forHead = false;
        if (!c.listed) hide(c);
      }
      break;
    case 'close': c.outcome = op.outcome; break;
    case 'settle': c.outcome = 'mended'; break;
    case 'release': if (op.public_text) c.released = op.public_text; c.shown = op.show ? c.photos : 0; break;
    case 'unrelease': hide(c); break;
    case 'blur': c.version += 1; break; // the photo stays shown, with parts covered; the one that was there goes in a version of its own
    case 'withhold': c.withheld = true; break;
    case 'unwithhold': c.withheld = false; break;
    case 'merge': follows(m, c, m.cases[op.into], true); line(m, m.cases[op.into], 'merge'); break;
    case 'unmerge': case 'split': line(m, leave(m, c), op.verb); break;
    case 'explain': c.why_late = op.why_late; break;
    case 'apologise': c.letter.given = true; break;
    case 'pause': stop(m, c, 1); break;
    case 'resume': go(m, c, 1, c.version); break;
    case 'extend': c.extended.push(m.now); break;
    case 'unclose': for (const p of c.pauses) if (p.by === c.closedVersion) { p.to = undefined; p.by = undefined; } c.ended = 0; c.step = c.closedFrom; c.closedAt = 0; c.closedBy = -1; c.outcome = ''; break;
    default:
  }
  if (to && op.verb !== 'unclose') {
    if (wasOpen && !isOpen(to)) { go(m, c, undefined, c.version); c.ended = due(c); c.endedFirst = firstDue(c); c.closedVersion = c.version; } else if (c.step === 'asked') go(m, c, 0, c.version);
    if (op.verb === 'ask') stop(m, c, 0);
    if (wasOpen && !isOpen(to)) { c.closedAt = m.now; c.closedTurn = ++m.turn; c.closedBy = op.by; c.closedFrom = c.step; }
    c.step = to;
    if (!wasOpen && isOpen(to)) reopened(m, c);
    if (to === 'solved') c.solved = true;
    if (op.by >= 0 && op.by < OFFICERS.length && c.officer < 0) c.officer = op.by;
  }
  if (isOpen(c.step) && (to || ['pause', 'resume', 'extend'].includes(op.verb)) && op.verb !== 'unclose' && due(c) !== before) c.why_late = '';
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
    if (c.timeline.slice(p.since).some((v) => !['note', 'set_pin', 'reissue', 'unmerge', 'split'].includes(v))) { giveBack(c, p, 'changed'); continue; }
    c.waits = null;
    const showing = p.showing ?? 0, was = c.photos;
    c.photos = showing; // only those that were to be shown then
    let said = p.verb === 'release' ? move(m, c, p) : undefined;
    c.photos = was;
    said ??= move(m, c, p);
    if (said !== 'OK') giveBack(c, p, 'denied');
  }
}

// When a khu vực's time is over and nobody there has acted, the clock sends it up; what can still be taken back is an act.
function sendUp(m) {
  for (const c of m.cases) if (c.step === 'khu_vuc' && c.lead < 0 && !c.waits && m.now >= areaUntil(c)) { c.step = 'received'; line(m, c, 'pass_up'); }
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
  const asked = op.lead === undefined ? undefined : m.cases[op.lead], lead = asked && topOf(m, asked);
  if (op.lead !== undefined && !(asked && kind.listed && asked.kind === op.kind && near(asked.at, op.at ?? -1) && isOpen(lead.step) && carries(lead))) return 'STALE';
  const c = {
    n: m.cases.length, kind: op.kind, proc: op.kind, step: 'received', forHead: !!kind.area && !op.not_head, unit: kind.unit, officer: -1, listed: kind.listed, withheld: false,
    solved: false, outcome: '', released: '', why_late: '', area: op.area ?? -1, received: m.now, began: m.now, closedAt: 0, closedTurn: 0,
    closedBy: -1, closedFrom: '', version: 0, timeline: [], photos: op.photos ?? 0, shown: 0, letter: null, waits: null, drafts: [], lastPending: 0, looks: [], pauses: [], extended: [], ended: 0, endedFirst: 0, closedVersion: -1,
    pin: !counter, word: counter ? fold(op.word) : '', tries: 0, setBy: -1, reissued: false, replacedAt: -Infinity, replacedWith: [],
    at: op.at ?? -1, lead: -1, merged: false, leadTurn: 0, beganTurn: 0, more: 0,
  };
  m.cases.push(c);
  m.journeys[op.j] = c.n;
  line(m, c, 'open');
  if (m.people && kind.first && c.forHead && !lead && Object.values(AREA_PEOPLE).flat().includes(c.area)) c.step = 'khu_vuc';
  if (lead) { follows(m, c, lead, false); line(m, c, 'join'); c.version -= 1; }
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
  if (!handles(m, c, op.by)) return 'DENIED';
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
    case 'letter': return letter(m, c, op);
    default: throw new Error(`the model knows no ${op.op}`);
  }
}

// What may have become of it: [{said, m}], more than one where two act at once.
export function apply(m0, op) {
  const m = copy(m0);
  if (op.op === 'clock') { m.now += op.minutes; runPending(m); sendUp(m); return [{ said: 'OK', m }]; }
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
export const workers = (m, c) => OFFICERS.map((_, k) => k).filter((k) => handles(m, m.cases[c], k));
export const entered = (m, c) => (m.people ? Object.keys(AREA_PEOPLE).map(Number).filter((k) => ofArea(m.cases[c], k)) : []);
export const moments = (m) => m.cases.flatMap((c) => [due(c), due(c) - DAY, ...(c.step === 'closed' ? [reopenUntil(c), c.closedAt + DAY] : []), ...(c.step === 'khu_vuc' ? [areaUntil(c)] : []), c.replacedAt + DAY]).filter((t) => t > m.now && t < m.now + 60 * DAY);

// --- what should be seen ---
const by = (f) => (a, b) => (f(a) < f(b) ? -1 : f(a) > f(b) ? 1 : 0);

const letterSeen = (l) => l && [l.number, ...[l.day, l.first, l.ends].map(dayText), l.given].join(' ');
function seenCase(m, c) {
  return {
    kind: c.kind, step: c.step, state: stateOf(c.step), unit: c.unit, officer: c.officer, listed: c.listed, withheld: c.withheld, solved: c.solved,
    outcome: c.outcome, released: c.released, why_late: c.why_late, due: due(c) * 60, first: firstDue(c) * 60, ended: c.ended * 60, paused: paused(m, c), late: late(m, c), letter: letterSeen(c.letter), closed: c.closedAt !== 0,
    version: c.version, area: c.area, may: [-1, 0, 1, 2, 3, 4, ...(m.people ? [HEAD, TEAM] : [])].map((who) => may(m, c, who).sort()), timeline: c.timeline, photos: c.photos,
    shown: c.shown, waits: c.waits ? { verb: c.waits.verb, by: c.waits.by } : undefined,
    drafts: [...OFFICERS.keys(), HEAD, TEAM].flatMap((k) => c.drafts.filter((d) => d.by === k).sort(by((d) => -d.n)).map((d) => `${k} ${d.verb} ${d.why}`)),
    looks: [...new Set(c.looks)].sort(), page: public_(c), lead: c.lead, merged: c.merged, more: c.more,
  };
}

function counts(m, k) {
  const mine = m.cases.filter((c) => alone(c) && c.unit === OFFICERS[k].unit), open = mine.filter((c) => isOpen(c.step));
  const fresh = open.filter((c) => m.now - c.received < DAY);
  return [open.filter((c) => standing(c) === 'new'), open.filter((c) => c.officer === k), open, open.filter((c) => c.step === 'asked'),
    mine.filter((c) => !isOpen(c.step)), open.filter((c) => m.now >= due(c)), fresh, fresh.filter((c) => KINDS[c.kind].rings)].map((l) => l.length)
    .concat([open, mine.filter((c) => !isOpen(c.step))].map((l) => l.reduce((n, c) => n + weight(c), 0)));
}

function queues(m, k) {
  const mine = m.cases.filter((c) => alone(c) && c.unit === OFFICERS[k].unit && (OFFICERS[k].role === 'handler' || c.listed));
  const open = mine.filter((c) => isOpen(c.step)).sort((a, b) => due(a) - due(b) || a.n - b.n);
  const closed = mine.filter((c) => !isOpen(c.step)).sort((a, b) => b.closedTurn - a.closedTurn);
  return [open.filter((c) => standing(c) === 'new'), open.filter((c) => c.officer === k), open, open.filter((c) => c.step === 'asked'), closed].map((l) => l.map((c) => c.n));
}

function events(m) {
  const out = [], times = m.cases.map(() => ({}));
  for (const e of m.log) {
    const n = times[e.c][e.verb] = (times[e.c][e.verb] ?? 0) + 1;
    if (['open', 'release', 'close', 'settle', 'solved', 'withdraw', 'reopen', 'unclose'].includes(e.verb)) out.push([e.verb, e.c, n, m.cases[e.c].shown]);
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
  return [name, list.length - (planted('figures-forget-withdrawn') ? withdrawn.length : 0), list.length - open.length - withdrawn.length, open.length, open.filter((c) => m.now >= due(c)).length, withdrawn.length, median(spans),
    ...[list, list.filter((c) => !isOpen(c.step) && c.step !== 'withdrawn'), open, open.filter((c) => m.now >= due(c)), withdrawn].map((l) => l.reduce((n, c) => n + 1 + c.more, 0))];
}

function figures(m) {
  const list = m.cases.filter(public_);
  const groups = (key) => [...new Set(list.map(key))].map((k) => figure(m, k, list.filter((c) => key(c) === k)));
  return [figure(m, '', list), ...groups((c) => c.kind), ...groups((c) => `area ${c.area}`)];
}

function tally(list, key) {
  const n = new Map();
  for (const c of list) { const k = key(c), was = n.get(k) ?? [0, 0]; n.set(k, [was[0] + 1, was[1] + (shown(c) ? c.more : 0)]); }
  return [...n].map(([k, [count, more]]) => [...JSON.parse(k).slice(1), count, more]);
}

export function seen(m, whole) {
  const cases = m.cases.map((c) => seenCase(m, c));
  const desk = [0, 1, 2, 3].map((k) => counts(m, k));
  if (!whole) return { cases, counts: desk };
  const hidden = m.cases.filter((c) => alone(c) && !public_(c));
  return {
    cases, counts: desk, desk: OFFICERS.map((_, k) => queues(m, k)), list: [m.cases.filter(public_).map((c) => c.n).reverse()],
    map: tally(m.cases.filter(shown), (c) => JSON.stringify([c.at, c.area])), events: events(m), figures: figures(m),
    quiet: tally(hidden, (c) => JSON.stringify([month(dayOf(c.received)), c.kind, 0])),
    quiet_due: tally(hidden.filter((c) => isOpen(c.step)), (c) => JSON.stringify([month(dayOf(c.received)), '', dayOf(due(c) - 1)])),
  };
}
