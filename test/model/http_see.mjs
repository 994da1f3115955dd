// What pages and their JSON tell after a step, in the words of http_rules.mjs.
import { dayNumber, OFFICERS } from './model.mjs';
import { WARD } from './http_world.mjs';

const QUEUES = ['new', 'mine', 'unit', 'asked', 'closed'];
const json = async (client, path) => {
  const r = await client.get(path);
  if (r.status !== 200 && r.status !== 404) throw new Error(`${path}: ${r.status}`);
  return r.status === 404 ? null : JSON.parse(r.text);
};
const areaOf = (w, name) => (name === undefined ? -1 : w.x.known.areas.findIndex((a) => a.name === name));
const unitOf = (w, name) => w.x.known.units[name] ?? name ?? '';
const key = (v) => v?.key ?? v ?? '';

const clockOf = ({ clock: c }) => ({ first: c?.first ?? '', ended: c?.ended ?? '', paused: Boolean(c?.paused) });
// A public page; of what follows another case, whose page it leads to.
async function publicPage(w, t, everybody) {
  const path = `/${WARD}/case/${t.public}.json`, r = await everybody.get(path);
  return r.status === 303 ? `as ${w.told.findIndex((x) => x.public && r.location.endsWith(`/${x.public}.json`))}` : json(everybody, path);
}
async function oneCase(w, t, everybody) {
  const views = await Promise.all(OFFICERS.map((_, k) => json(w.x.officers[k], `${w.path(t)}.json`)));
  const may = views.map((v) => v && v.actions.map((a) => a.id).sort());
  for (const [k, v] of views.entries()) if (v) w.looked(t, k);
  const k = views.findIndex((v) => v && v.lost_url), d = views[k]; // who works it
  if (!d) throw new Error(`nobody works ${t.code}`);
  t.public = d.public_code ?? t.public;
  Object.assign(t, { version: Number(d.actions[0]?.version ?? 0), kind: d.kind, area: areaOf(w, d.area), photos: d.photos.map((x) => x.id) });
  if (d.wait) t.pending = d.wait.id;
  t.waiting = d.wait ? Number(BigInt(d.wait.id) & 0xffffffffffffn) : 0;
  const mine = (views_) => views_.flatMap((v, n) => (v ? v.drafts.map((x) => `${n} ${key(x.what)}`) : []));
  const receipt = JSON.parse((await w.receipt(t, '.json')).text);
  const page = t.public ? await publicPage(w, t, everybody) : null;
  return {
    desk: {
      kind: d.kind, state: d.state, unit: unitOf(w, d.unit), officer: d.officer === undefined ? -1 : w.x.known.officers.indexOf(d.officer), area: areaOf(w, d.area), listed: d.listed,
      withheld: d.withheld, solved: d.solved, outcome: d.outcome ?? '', released: d.released ?? '', why_late: d.why_late ?? '', due: d.due ?? '', clock: clockOf(d), late: d.late ?? false, version: t.version,
      timeline: d.timeline.map((e) => key(e.what)).reverse(), photos: d.photos.length, shown: d.photos.filter((p) => p.released).length,
      waits: d.wait ? { verb: key(d.wait.what), by: w.x.known.officers.indexOf(d.wait.who) } : null,
    },
    may, drafts: mine(views),
    receipt: {
      kind: receipt.kind, state: receipt.state, unit: unitOf(w, receipt.unit), due: receipt.due ?? '', clock: clockOf(receipt), late: receipt.late ?? false, why_late: receipt.why_late ?? '', outcome: receipt.outcome ?? '',
      may: [['answer', receipt.can_answer], ['reopen', receipt.can_reopen], ['solved', receipt.can_confirm], ['withdraw', receipt.can_withdraw]].filter(([, can]) => can).map(([v]) => v),
      timeline: receipt.timeline.map((e) => key(e.what)), own: receipt.own ? { day: receipt.own.day ?? '', clock: clockOf(receipt.own) } : null, hidden: receipt.lead_hidden ?? false,
    },
    page: typeof page === 'string' ? page : page && { kind: page.kind, state: page.state, area: areaOf(w, page.area), text: page.text ?? '', outcome: page.outcome ?? '', due: page.due ?? '', clock: clockOf(page), late: page.late ?? false, why_late: page.why_late ?? '' },
    looks: receipt.looks.map((l) => `${dayNumber(l.day)} ${l.role} ${unitOf(w, l.unit)}`).sort(), looked: [...t.looked].sort(),
  };
}

async function counts(w, k) {
  const d = await json(w.x.officers[k], `/${WARD}/desk.json`);
  return [...QUEUES.map((q) => d.queues.find((x) => x.url.endsWith(`queue=${q}`)).n), d.overdue];
}

// whole: all cases, lists, the public's pages and figures, too; otherwise the case `about`, -1: all.
export async function look(w, whole, about) {
  const everybody = w.x.client(), at = (codes, field) => codes.map((c) => w.told.findIndex((t) => t[field] === c.code));
  const cases = [];
  for (const [i, t] of w.told.entries()) cases.push(whole || about < 0 || about === i ? await oneCase(w, t, everybody) : null);
  const out = { cases, counts: await Promise.all([0, 1, 2, 3].map((k) => counts(w, k))) };
  if (!whole) return out;
  out.desk = await Promise.all(OFFICERS.map((_, k) => Promise.all(QUEUES.map(async (q) => at((await json(w.x.officers[k], `/${WARD}/desk.json?queue=${q}`)).cases, 'code')))));
  // A report alone may reach the public's pages a minute later, as they are kept that long: each number of
  // reports has addresses of its own. Every other step must be on the page that was kept.
  const open = (page, more = '') => json(everybody, `/${WARD}/${page}.json?n=${w.told.length}${more}`);
  out.list = [at((await open('cases')).cases, 'public')];
  const map = await open('map', '&state=all');
  out.map = map.areas.map((a) => [areaOf(w, a.name), a.n]).filter(([, n]) => n > 0).map(([a, n]) => `${a} ${n}`).sort();
  out.events = (await open('feed')).items.map((e) => { const [code, verb, n] = e.id.split(':').at(-1).split('/'); return `${verb} ${w.told.findIndex((t) => t.public === code)} ${n}`; });
  out.figures = (await open('figures', `&period=${new Date((w.now + 420) * 60000).getUTCFullYear()}`)).rows.filter((f) => f.by === 'all' || f.received > 0).map((f) => JSON.stringify([f.by === 'all' ? '' : f.by === 'kind' ? f.kind : `area ${areaOf(w, f.area)}`, f.received, f.closed, f.open, f.overdue, f.withdrawn, f.median ?? -1])).sort();
  return out;
}
