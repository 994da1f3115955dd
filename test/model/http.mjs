// Drives the real server as people do: the form, receipt pages, the desk's pages, each form read from its
// page and sent as a browser sends it. The same interface as run.mjs's Driver; http_rules.mjs says what
// should come of it.
import { begin, dayOf, OFFICERS, STRANGER, UNITS } from './model.mjs';
import { apply, coarse, overHttp, seen, WAITS } from './http_rules.mjs';
import { open, template, WARD } from './http_world.mjs';
import { look } from './http_see.mjs';
import { hidden, readReceipt, unescape, words } from '../harness/xom.mjs';
import { png } from '../harness/steps.mjs';
import { readQr } from '../harness/qr.mjs';

const SLOW = 20_000; // a step that waits is done after half a minute: on a machine as slow as that nothing is compared
const STREET = 'Đường Trần Phú';
const LAT = '10.010333', lonOf = (at) => (at === undefined ? '' : (105.694679 + at * 0.00091217).toFixed(6)); // middles of squares in a row
const TEXTS = { ask: ['ask-text', 'text'], note: ['note-text', 'text'], unclose: ['unclose-text', 'text'], explain: ['explain-text', 'why_late'], pause: ['pause-text', 'clock_why'], extend: ['extend-text', 'clock_why'], withhold: ['withhold-reason', 'reason'], unwithhold: ['unwithhold-reason', 'reason'], merge: ['merge-reason', 'reason'], unmerge: ['unmerge-reason', 'reason'], split: ['split-reason', 'reason'], release: ['release-text', 'public_text'], close: ['close-text', 'result'], correct: ['correct-reason', 'reason'] };

// What a browser sends of the form with that address: its fields as they stand on the page; null: no such form.
export function formOf(html, path) {
  const form = html.match(new RegExp(`<form[^>]* action="${path}"[^>]*>([\\s\\S]*?)</form>`))?.[1];
  if (form === undefined) return null;
  const out = [], attr = (tag, name) => { const v = tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1]; return v === undefined ? undefined : unescape(v); };
  for (const [tag] of form.matchAll(/<input\b[^>]*>|<textarea\b[^>]*>[^<]*<\/textarea>|<select\b[\s\S]*?<\/select>/g)) {
    const kind = tag.match(/^<(\w+)/)[1], name = attr(tag, 'name'), type = attr(tag, 'type');
    if (!name || type === 'file' || (['radio', 'checkbox'].includes(type) && !/\schecked/.test(tag))) continue;
    if (kind === 'textarea') out.push([name, unescape(tag.replace(/^<[^>]*>\n?/, '').replace(/<\/textarea>$/, ''))]);
    else if (kind === 'select') { const o = tag.match(/<option[^>]*\sselected[^>]*>/)?.[0] ?? tag.match(/<option[^>]*>/)?.[0] ?? ''; out.push([name, attr(o, 'value') ?? '']); }
    else out.push([name, attr(tag, 'value') ?? '']);
  }
  return out;
}
const set = (fields, name, value) => [...fields.filter(([n]) => n !== name), [name, value ?? '']];

class World {
  constructor(x, s) { Object.assign(this, { x, s, now: begin(s.day, s.hour).now, told: [], journeys: {}, waitsSince: undefined }); }
  at(op) { return this.told[op.c % this.told.length]; }
  path(t) { return `/${WARD}/desk/case/${t.code}`; }
  looked(t, k) { if (k < STRANGER) t.looked.add(`${dayOf(this.now)} ${OFFICERS[k].role} ${OFFICERS[k].unit}`); }

  // --- the resident ---
  async report(op) {
    const first = !this.journeys[op.j];
    if (first) {
      const c = this.x.client(), next = (name, page, more) => c.post(`/${WARD}/report/${name}`, { s: hidden(page.text, 's'), go: 'next', ...more });
      let page = await next('kind', await c.get(`/${WARD}/report`), { kind: op.kind });
      page = await next('where', page, { area: op.area === undefined ? 'unsure' : this.x.known.areas[op.area % 4].id, street: STREET, landmark: '', lat: op.at === undefined ? '' : LAT, lon: lonOf(op.at) });
      if (/action="[^"]*\/report\/same"/.test(page.text)) { // "is it this one?"
        const offer = `join:${this.told[op.lead]?.public}`;
        page = await c.post(`/${WARD}/report/same`, { s: hidden(page.text, 's'), go: page.text.includes(`value="${offer}"`) ? offer : 'no' });
      }
      if (/action="[^"]*\/report\/what"/.test(page.text)) page = await next('what', page, { text: 'Đèn đường tắt' });
      if (/action="[^"]*\/report\/photos"/.test(page.text)) page = await next('photos', page, {});
      this.journeys[op.j] = { c, s: hidden(page.text, 's') };
    }
    const { c, s } = this.journeys[op.j];
    return async () => {
      const r = await c.post(`/${WARD}/report/check`, { s, go: 'send' });
      if (r.status !== 200) return `${r.status}`;
      const got = readReceipt(r.text);
      return { after: () => {
        const known = this.told.find((t) => t.code === got.code);
        if (known) return known.pin === got.pin ? 'EXISTS' : 'another receipt';
        this.told.push({ ...got, link: new URL(readQr(r.text)).pathname, looked: new Set(), pending: '', public: '', photos: [] });
        return 'OK';
      } };
    };
  }

  async follow(op) {
    const t = this.at(op);
    if (op.pin === 'link') { const r = await this.x.client().get(t.link); return async () => ({ 303: 'OK', 404: 'DENIED' })[r.status] ?? `${r.status}`; }
    const pin = { right: t.pin, other: this.told[(op.c + 1) % this.told.length].pin }[op.pin] ?? 'BCFGHJKM';
    const r = await this.x.client().post(`/${WARD}/follow`, { code: t.code, pin });
    return async () => ({ 303: 'OK', 403: 'DENIED' })[r.status] ?? `${r.status}`;
  }

  // The receipt as its reporter has it open; code and PIN again when the half hour is over.
  async receipt(t, ending = '') {
    t.client ??= this.x.client();
    let r = await t.client.get(`/${WARD}/receipt${ending}`);
    if (r.status !== 200) {
      const again = await t.client.post(`/${WARD}/follow`, { code: t.code, pin: t.pin });
      if (again.status !== 303) throw new Error(`the receipt does not open: ${again.status} ${words(again.text).slice(0, 300)}`);
      r = await t.client.get(`/${WARD}/receipt${ending}`);
    }
    return r;
  }

  async reporter(op) {
    const t = this.at(op), path = `/${WARD}/receipt/${op.verb}`;
    let fields = formOf((await this.receipt(t)).text, path);
    fields ??= [['s', JSON.parse((await this.receipt(t, '.json')).text).s]];
    if (op.verb === 'answer') fields = set(fields, 'answer', op.text);
    if (op.verb === 'reopen') fields = set(fields, 'reason', 'Vẫn tắt.');
    return async () => {
      const r = await t.client.post(path, op.verb === 'answer' ? multipart(fields) : fields);
      if (r.status === 303) return /[?&]done=/.test(r.location) ? 'OK' : 'GONE';
      return { 403: 'DENIED', 404: 'NONE', 410: 'EXPIRED', 422: 'INVALID' }[r.status] ?? `${r.status}`;
    };
  }

  // --- the desk ---
  async desk(op) {
    const t = this.at(op), officer = this.x.officers[op.by], verb = { back: 'take-back', drop: 'drop' }[op.op] ?? op.verb;
    const path = `${this.path(t)}/${op.op === 'letter' ? 'apology' : verb === 'apologise' ? 'apology/given' : verb}`, page = await officer.get(this.path(t));
    let fields = page.status === 200 ? formOf(page.text, path) : null, version = t.version;
    if (page.status === 200) { this.looked(t, op.by); version = Number(page.text.match(/name="version" value="(\d+)"/)?.[1] ?? version); }
    if (!fields) { // not offered: sent all the same
      const home = op.by === STRANGER ? '/rach-truc/desk' : `/${WARD}/desk`;
      fields = [['token', hidden((await officer.get(home)).text, 'token')], ['seen', page.text.match(/name="seen" value="(\d+)"/)?.[1] ?? '1']];
      if (verb === 'correct') fields.push(['correct-kind', t.kind], ['correct-area', t.area < 0 ? '0' : this.x.known.areas[t.area].id], ['correct-street', STREET]);
    }
    fields = set(fields, 'version', `${Math.max(1, version - (op.stale ?? 0))}`);
    if (['back', 'drop'].includes(op.op)) fields = set(fields, 'pending', t.pending || '1');
    if (TEXTS[verb]) fields = set(fields, TEXTS[verb][0], op[TEXTS[verb][1]]);
    if (verb === 'close') fields = set(fields, 'close-outcome', op.outcome);
    if (verb === 'merge') fields = set(fields, 'merge-code', this.told[op.into]?.code);
    if (verb === 'unrelease') fields = set(fields, 'unrelease-reason', 'Có tên người.');
    if (verb === 'assign') fields = set(set(fields, 'assign-unit', op.unit === undefined ? '' : UNITS[op.unit]), 'assign-reason', 'Của bên kia.');
    if (verb === 'release') {
      fields = fields.filter(([n]) => n !== 'release');
      if (op.show) for (const id of t.photos) fields.push(['release', id]);
    }
    if (verb === 'correct') {
      if (op.kind) fields = set(fields, 'correct-kind', op.kind);
      if (op.area !== undefined) fields = set(fields, 'correct-area', this.x.known.areas[op.area % 4].id);
    }
    const body = verb === 'photo' || verb === 'close' ? multipart(fields) : fields;
    if (verb === 'photo' && op.photos > 0) for (let i = 0; i < op.photos; i++) body.append('photo-photos', new Blob([png({ width: 16, height: 12 })], { type: 'image/png' }), `${i}.png`);
    return async () => {
      const r = await officer.post(path, body, { wait: true });
      if (r.status === 303) {
        if (WAITS.includes(verb)) this.waitsSince ??= Date.now();
        return /done=late/.test(r.location) ? 'late' : 'OK';
      }
      if (r.text.includes(this.path(t))) this.looked(t, op.by); // the case again, with what is wrong
      return { 401: 'SIGN_IN', 403: 'DENIED', 404: 'NONE', 409: 'CHANGED', 410: 'EXPIRED', 422: 'INVALID' }[r.status] ?? `${r.status}`;
    };
  }

  async look(op) {
    const t = this.at(op), r = await this.x.officers[op.by].get(this.path(t));
    if (r.status === 200) this.looked(t, op.by);
    return async () => ({ 200: 'OK', 404: 'NONE' })[r.status] ?? `${r.status}`;
  }

  // --- the clock, and what it brings: whoever looks at a case does what is due there ---
  async clock(minutes) {
    this.now += minutes;
    this.x.clock.move(minutes / 1440);
    if (minutes >= 60) this.x.awake();
    this.waitsSince = undefined;
    const waiting = this.told.filter((t) => t.waiting).sort((a, b) => a.waiting - b.waiting);
    for (const t of waiting) for (const k of [0, 2, 3]) await this.x.officers[k].get(`${this.path(t)}/photo/none`);
    return 'OK';
  }

  prepare(op) {
    if (op.op === 'report') return this.report(op);
    if (op.op === 'follow') return this.follow(op);
    if (op.op === 'look') return this.look(op);
    return op.by >= 0 ? this.desk(op) : this.reporter(op);
  }
  async step(op) {
    const list = op.op === 'both' ? [op.a, op.b] : [op];
    if (op.op === 'clock') return this.clock(op.minutes);
    if (list[0].op !== 'report' && this.told.length === 0) return 'nothing';
    const ready = [];
    for (const o of list) ready.push(await this.prepare(o));
    const got = (await Promise.all(ready.map((go) => go()))).map((a) => (typeof a === 'string' ? a : a.after()));
    return op.op === 'both' ? got.map((a, i) => coarse(list[i], a)) : got;
  }
}

function multipart(fields) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

export class HttpDriver {
  static async start() { await template(); const d = new HttpDriver(); d.ending = []; return d; }
  async run(s) {
    const x = await open(begin(s.day, s.hour).now), w = new World(x, s), steps = [];
    try {
      for (const [i, op] of s.ops.entries()) {
        const said = await w.step(op), one = op.a ?? op;
        const about = one.op === 'report' ? w.told.length - 1 : w.told.length > 0 && one.c !== undefined ? one.c % w.told.length : -1;
        const saw = await look(w, i % s.every === s.every - 1 || i + 1 === s.ops.length, about);
        if (w.waitsSince && Date.now() - w.waitsSince > SLOW) break;
        steps.push({ said, saw });
      }
    } catch (e) {
      steps.push({ said: [], saw: {}, error: `${e.message}\n${x.log.slice(-2000)}` });
      await x.kill();
    }
    const ended = x.end(steps.at(-1)?.error !== undefined);
    ended.catch(() => {}); // told by stop()
    this.ending.push(ended);
    return { id: s.id, steps };
  }
  kill() {}
  async stop() { await Promise.all(this.ending); }
}

// For run(): who looked is what the driver itself looked at.
export const side = {
  sequence: overHttp, apply, told: (saw) => saw, start: HttpDriver.start, tries: 60,
  seen: (m, whole, got) => { const s = seen(m, whole); s.cases = s.cases.map((c, i) => ({ ...c, looks: got.cases[i]?.looked ?? [], looked: got.cases[i]?.looked ?? [] })); return s; },
};
