// What a quarter's transparency page has to say, counted from the raw rows alone: nothing here is read from the
// program's roll-ups, its formulas or its pages. `ask(sql)` gives rows as objects.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness/xom.mjs';

// Acts of the administrators' log by their numbers.
export const ACTS = Object.fromEntries([...readFileSync(join(root, 'src/ward/people/admin_log.h'), 'utf8').matchAll(/X\((\w+), (\d+)\)/g)].map((m) => [m[2], m[1]]));
const ZONE = 25200000000n, DAY = 86400000000n;
const dayOf = (us) => Number((BigInt(us) + ZONE) / DAY);
const dayNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / 86400000);
export function bounds(quarter) {
  const year = Number(quarter.slice(0, 4)), q = Number(quarter[6]);
  const first = (m) => Math.round(Date.UTC(year, m, 1) / 86400000);
  return { from: first(3 * q - 3), to: first(3 * q) };
}

// Product-limit estimate in whole numbers: after how many days at most `left` (tenths) of them are still open.
function until(list, left) {
  let atRisk = list.length, num = 1n, den = 1n;
  for (const d of [...new Set(list.map((s) => s.days))].sort((a, b) => a - b)) {
    const ended = list.filter((s) => s.days === d && s.ended).length, lost = list.filter((s) => s.days === d && !s.ended).length;
    num *= BigInt(atRisk - ended);
    den *= BigInt(atRisk);
    atRisk -= ended + lost;
    if (ended > 0 && num * 10n <= den * BigInt(left)) return d;
  }
  return undefined;
}

const FILES = ['csv', 'json', 'xlsx', 'ics', 'agency'];
const ROLES = ['', 'anyone', 'reporter', 'area_head', 'member_org', 'handler', 'police', 'secretary', 'chair', 'oversight', 'admin', 'mediator'];

// { 'section|of': n, '<5', or '?' (not known yet) }
export function count(ask, ward, quarter, made, { quiet = [], acts = {} } = {}) {
  const { from, to } = bounds(quarter), madeDay = dayNumber(made), out = {};
  const add = (section, of, n = 1) => { out[`${section}|${of}`] = (out[`${section}|${of}`] ?? 0) + n; };
  const inside = (at) => dayOf(at) >= from && dayOf(at) < to;
  const cases = ask(`SELECT id, kind, listed, withheld, received_at, closed_at, due_at, open, state, channel, lead_id, unit_id FROM ward_case WHERE ward_id = ${ward}`);
  const byId = new Map(cases.map((c) => [String(c.id), c]));
  const shown = (c) => Number(c.listed) === 1 && Number(c.withheld) === 0;
  const spans = {};
  for (const c of cases.filter((k) => shown(k) && k.lead_id === null && inside(k.received_at))) {
    add('received', c.kind);
    add('channel', c.channel);
    add('late', c.kind, Number(c.open) === 1 && c.due_at !== null && dayOf(BigInt(c.due_at) - 1n) < madeDay ? 1 : 0);
    const began = dayOf(c.received_at), days = Number(c.open) === 1 ? madeDay - began : Math.max(0, dayOf(c.closed_at) - began);
    const s = { days, ended: Number(c.open) === 0 && Number(c.state) !== 6 };
    (spans[c.kind] ??= []).push(s);
    (spans.all ??= []).push(s);
  }
  for (const [kind, list] of Object.entries(spans)) {
    out[`half|${kind}`] = until(list, 5) ?? '?';
    out[`ninety|${kind}`] = until(list, 1) ?? '?';
  }
  // Kinds that nobody can open one by one: five and more, or nothing; in no sum.
  for (const kind of quiet) {
    const n = cases.filter((c) => c.kind === kind && !shown(c) && c.lead_id === null && inside(c.received_at)).length;
    out[`received|${kind}`] = n >= 5 ? n : '<5';
  }
  out['late|all'] = madeDay - to < 31 ? cases.filter((c) => Number(c.open) === 1 && c.lead_id === null && c.due_at !== null && dayOf(BigInt(c.due_at) - 1n) < madeDay).length : '?';
  // The authority's steps, one by one; a closing that was undone was none.
  const steps = ask(`SELECT t.case_id, t.seq, t.verb, t.at, b.body FROM timeline t LEFT JOIN part p ON p.ward_id = t.ward_id AND p.case_id = t.case_id AND p.seq = t.seq AND p.name = 'outcome' LEFT JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id AND b.seq = p.seq AND b.part = p.part WHERE t.ward_id = ${ward} ORDER BY t.case_id, t.seq`);
  for (const [i, s] of steps.entries()) {
    if (!inside(s.at)) continue;
    const c = byId.get(String(s.case_id));
    const act = (section) => { add(section, 'all'); if (shown(c)) add(section, c.kind); };
    if (s.verb === 'extend') act('extended');
    if (s.verb === 'pause') act('paused');
    if (s.verb !== 'close') continue;
    const next = steps.slice(i + 1).find((n) => n.case_id !== s.case_id || ['close', 'unclose'].includes(n.verb));
    if (next && next.case_id === s.case_id && next.verb === 'unclose') continue;
    if (shown(c)) add('closed', s.body ?? 'unknown');
    if (['not_ours', 'not_found', 'duplicate'].includes(s.body)) act('declined');
  }
  for (const d of ask(`SELECT rule, day FROM deletion WHERE ward_id = ${ward}`)) if (Number(d.day) >= from && Number(d.day) < to) add('erased', d.rule);
  const holds = ask(`SELECT made_at, ended_at FROM legal_hold WHERE ward_id = ${ward}`), before = (at) => at !== null && dayOf(at) < to;
  out['holds|put'] = holds.filter((h) => inside(h.made_at)).length;
  out['holds|ended'] = holds.filter((h) => h.ended_at !== null && inside(h.ended_at)).length;
  out['holds|standing'] = holds.filter((h) => before(h.made_at) && !before(h.ended_at)).length;
  const requests = ask(`SELECT r.case_id, c.received_at, r.result, r.decided_at, r.appeal_result, r.appeal_at FROM redress r JOIN ward_case c ON c.ward_id = r.ward_id AND c.id = r.case_id WHERE r.ward_id = ${ward}`);
  const requestIds = requests.map((r) => String(r.case_id));
  const decided = (at) => at !== null && inside(at);
  out['redress|received'] = requests.filter((r) => inside(r.received_at)).length;
  out['redress|appeals'] = requests.filter((r) => decided(r.appeal_at)).length;
  for (const result of ['corrected', 'removed', 'unfounded', 'not_upheld'])
    out[`redress|${result}`] = requests.filter((r) => decided(r.decided_at) && r.result === result).length + requests.filter((r) => decided(r.appeal_at) && r.appeal_result === result).length;
  const asked = ask(`SELECT r.case_id, c.received_at, r.result, r.decided_at FROM agency_request r JOIN ward_case c ON c.ward_id = r.ward_id AND c.id = r.case_id WHERE r.ward_id = ${ward}`);
  const scope = ask(`SELECT case_id, about_id, told_at FROM agency_scope WHERE ward_id = ${ward}`), given = ask(`SELECT given_at FROM agency_given WHERE ward_id = ${ward}`);
  const of = (r) => scope.filter((k) => String(k.case_id) === String(r.case_id)), granted = (r) => r.result === 'granted';
  out['agency|asked'] = asked.filter((r) => inside(r.received_at)).length;
  out['agency|granted'] = asked.filter((r) => granted(r) && inside(r.decided_at)).length;
  out['agency|refused'] = asked.filter((r) => r.result === 'refused' && inside(r.decided_at)).length;
  out['agency|withdrawn'] = asked.filter((r) => r.result === 'withdrawn' && inside(r.decided_at)).length;
  out['agency|cases'] = asked.filter((r) => granted(r) && inside(r.decided_at)).flatMap(of).length;
  out['agency|given'] = given.filter((g) => inside(g.given_at)).length;
  out['agency|told'] = scope.filter((k) => decided(k.told_at)).length;
  out['agency|forbidden'] = asked.filter((r) => granted(r) && before(r.decided_at)).flatMap(of).filter((k) => (k.told_at === null ? k.about_id !== null : !before(k.told_at))).length;
  for (const a of ask(`SELECT act, at FROM admin_log WHERE ward_id = ${ward}`)) if (inside(a.at)) add('changes', acts[a.act] ?? `act ${a.act}`);
  // An office's looks stay out, but for those where requests are: every case of theirs is a redress or an agency request.
  const offices = new Set(ask(`SELECT id FROM unit WHERE ward_id = ${ward} AND office_role <> 0`).map((u) => String(u.id)));
  const asking = new Set([...requestIds, ...asked.map((r) => String(r.case_id))]);
  for (const l of ask(`SELECT at, role, what, number, case_id FROM look WHERE ward_id = ${ward}`)) {
    if (!inside(l.at) || (l.case_id !== null && offices.has(String(byId.get(String(l.case_id)).unit_id)) && !asking.has(String(l.case_id)))) continue;
    const role = ROLES[l.role];
    add('looks', role);
    if (l.what === 'search' || l.what === 'find') add('searches', role);
    if (FILES.includes(l.what)) { add('downloads', role); add('rows', role, Number(l.number)); }
  }
  return out;
}
// The same of what is published.
export const published = (page) => Object.fromEntries(page.figures.map((f) => [`${f.section}|${f.of}`, f.n ?? (f.few ? `<${f.few}` : '?')]));
