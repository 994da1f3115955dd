// Every route as every role, against the table written by hand in permissions.mjs. Posts carry the
// right token, version and seal, so that the permission alone decides; what was denied left no trace.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, readReceipt, report, root, signIn } from '../harness/xom.mjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXEMPT, ELSEWHERE } from './looks.mjs';
import { TABLE, COLUMNS } from './permissions.mjs';
import { ACCOUNTS, WARDS, act, copyOf, everybody, login, must, opened, photoNames, png, reported, startWorld, tokenOf } from './world.mjs';

const W = WARDS.own, WORDS = 'Đèn đường quạ đậu không sáng';
let x, people, others, base, tokens = {}, routes, invite;
// The last quarter that is over, in the ward's time.
const quarter = ((d) => `${d.getUTCFullYear()}-Q${Math.floor(d.getUTCMonth() / 3) + 1}`)(new Date(new Date(Date.now() + 7 * 3600000).setUTCMonth(Math.floor(new Date(Date.now() + 7 * 3600000).getUTCMonth() / 3) * 3, 0)));

async function hazard({ take = true, photos = false } = {}) {
  const r = await reported(x, W, { text: WORDS, street: 'Hẻm Cò Trắng', photos: photos ? [{ bytes: png(), name: 'a.png' }] : [] });
  if (take) await must(act(people.handler, W, r.code, 'take'));
  return r;
}
const step = (code, verb, fields, options) => must(act(people.handler, W, code, verb, fields, options));
const CLOSE = { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng.' };

before(async () => {
  x = await startWorld({ settings: 'mail_url: smtp://localhost:9\nmail_from: xom@xom.thu\n' });
  people = await everybody(x, W);
  others = await everybody(x, WARDS.other);
  delete others.nobody;
  const theirs = await reported(x, WARDS.other, { text: 'Đèn bên kia.' });
  others.reporter = await opened(x, WARDS.other, theirs);
  for (const [role, c] of Object.entries(people)) if (role !== 'nobody') tokens[role] = await tokenOf(c, W);
  base = await hazard({ photos: true });
  const html = (await people.handler.get(`/${W}/desk/case/${base.code}`)).text;
  base.photo = photoNames(html)[0];
  base.public = html.match(/\/case\/(SM-P-[^"]+)"/)[1];
  await step(base.code, 'release', { 'release-text': 'Đèn không sáng.', release: html.match(/name="release" value="(\d+)"/)[1] });
  people.reporter = await opened(x, W, base);
  // A letter of apology as it was given, whatever the hour.
  x.sql(`INSERT INTO apology (ward_id, case_id, number, due_at, first_day, made_at, day, new_day, given_at, seq) SELECT ward_id, id, 1, due_at, 20000, 1, 20001, 20010, 1, 1 FROM ward_case WHERE code = '${base.code}'`);
  invite = x.verb(['user', 'link', '--ward', W, '--login', login(W, 'chair')]).match(/\/invite\/(\S+)/)[1];
  x.verb(['figures', 'revise', W, quarter]);
  x.verb(['transparency', 'revise', W, quarter]);
  routes = x.verb(['routes']).trim().split('\n').map((l) => l.split('\t').slice(0, 2).join(' '));
});
after(async () => { await x?.stop(); });

// What to send so that who may is let through, and what the answer is then.
const form = (fields, ok = [200]) => async () => ({ fields, ok });
const page = (path, ok = [200]) => async () => ({ path, ok });
async function firstSeal() { return hidden((await x.client().get(`/${W}/report`)).text, 's'); }
async function lastSeal() {
  const c = x.client();
  let p = await c.post(`/${W}/report/kind`, { s: await firstSeal(), kind: 'noise', go: 'next' });
  p = await c.post(`/${W}/report/where`, { s: hidden(p.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  p = await c.post(`/${W}/report/what`, { s: hidden(p.text, 's'), text: 'Ồn.', go: 'next' });
  return hidden(p.text, 's');
}
// A step of a case made for this route.
const officer = (verb, fields, prepare = async () => {}, take = true) => async () => {
  const r = await hazard({ take });
  await prepare(r.code);
  const html = (await people.handler.get(`/${W}/desk/case/${r.code}`)).text;
  const sent = { version: hidden(html, 'version'), seen: hidden(html, 'seen'), ...fields };
  return { path: `/desk/case/${r.code}/${verb}`, fields: sent, ok: [303], watch: r.code, token: true };
};
const waiting = (verb, prepare = async () => {}) => async () => {
  const r = await hazard({ take: true });
  await must(act(people.handler, W, r.code, 'ask', { 'ask-text': 'Trụ số mấy?' }, { wait: true }));
  const fields = { pending: hidden((await people.handler.get(`/${W}/desk/case/${r.code}`)).text, 'pending') };
  await prepare(r.code, fields);
  return { path: `/desk/case/${r.code}/${verb}`, fields, ok: [303], token: true };
};
// What a reporter does with the receipt of a case made for this route.
const resident = (verb, fields, prepare = async () => {}) => async () => {
  const r = await hazard();
  await prepare(r.code);
  const reporter = await opened(x, W, r);
  const s = hidden((await reporter.get(`/${W}/receipt`)).text, 's');
  return { fields: { s, ...fields }, ok: [303], watch: r.code, reporter, multipart: verb === 'answer' };
};

const somebody = async () => (await people.admin.get(`/${W}/admin/people?words=an-toan`)).text.match(/admin\/people\/(\d+)/)[1];
const version_ = (kind) => x.sql(`SELECT id FROM procedure_version WHERE name = '${kind}' LIMIT 1`);
// A plate made for this route.
const plates = async () => {
  const at = `/${W}/desk/plates`, form = (await people.handler.get(at)).text;
  const made = await people.handler.post(at, { token: tokens.handler, s: hidden(form, 's'), kind: 'lighting', lines: '1; Hẻm 7; Cột 3' });
  return { sheet: made.location.split('/').at(-1), code: (await people.handler.get(made.location)).text.match(/\/p\/(\w{7})/)[1] };
};
const handedOver = async () => (await people.handler.post(`/${W}/desk/shift`, { token: tokens.handler, notes: '', unit: '' })).location.replace(`/${W}`, '').replace(/\?.*/, '');
// A paper list of today for every unit, whatever the hour: as the job makes it.
async function paper() {
  const day = Math.floor((Date.now() + 7 * 3600e3) / 86400e3);
  x.sql(`INSERT INTO paper_list (ward_id, unit_id, day, made_at) SELECT ward_id, id, ${day}, ${Date.now() * 1000} FROM unit WHERE true ON CONFLICT DO NOTHING`);
  return new Date(day * 86400e3).toISOString().slice(0, 10);
}

// One request of somebody whom a report is about.
let asked;
const redress = async () => {
  if (!asked) {
    const c = x.client(), s = hidden((await c.get(`/${W}/redress`)).text, 's');
    asked = readReceipt((await must(c.post(`/${W}/redress`, { s, area: 'unsure', day: '2/1/2026', text: 'Có tin nói về tôi.' }), 200)).text).code;
  }
  return `/oversight/redress/${asked}`;
};
// One request of an agency, entered by the police outside of the unit.
let agency;
const agencyRequest = async () => {
  if (!agency) {
    const html = (await people.police.get(`/${W}/agency/new`)).text;
    const sent = await people.police.post(`/${W}/agency/new`, { token: hidden(html, 'token'), s: hidden(html, 's'), who: 'Cơ quan điều tra', number: '45/YC', day: '2/1/2026', basis: 'Điều 88.', scope: base.code, order_number: '', order_day: '', order_until: '' });
    agency = (await must(sent)).location.match(/request\/([^?]+)/)[1];
  }
  return `/agency/request/${agency}`;
};
const watching = (verb, fields) => async () => ({ path: `${await redress()}/${verb}`, fields: { version: '1', ...fields }, ok: [422], token: true });

// All that this test reports has the same words: what nobody has taken since stands in a flood's group.
async function flooded() {
  for (let i = 0; i < 14; i += 1) {
    const [group] = JSON.parse((await people.handler.get(`/${W}/desk/floods.json`)).text).groups;
    if (group) return group.url.replace(`/${W}`, '');
    await hazard({ take: false });
  }
  throw new Error('no group after so many with the same words');
}

const SEND = {
  'GET /transparency/:quarter': () => page(`/transparency/${quarter}`)(),
  'GET /transparency/:quarter/signature': () => page(`/transparency/${quarter}/signature`)(),
  'POST /oversight/looks/verify': async () => ({ fields: {}, ok: [303], token: true }),
  'POST /oversight/holds': async () => ({ fields: { code: base.code, number: '' }, ok: [422], token: true }),
  'GET /desk/case/:code/card': () => page(`/desk/case/${base.code}/card`)(),
  'POST /desk/case/:code/card': async () => ({ path: `/desk/case/${base.code}/card`, fields: {}, ok: [303], token: true }),
  'POST /redress': async () => ({ fields: { s: hidden((await x.client().get(`/${W}/redress`)).text, 's'), text: '' }, ok: [422] }),
  'GET /oversight/redress/:code': async () => page(await redress())(),
  'GET /oversight/redress/:code/photo/:name': async () => page(`${await redress()}/photo/${base.photo}`)(),
  'GET /oversight/redress/:code/blur/:name': async () => page(`${await redress()}/blur/${base.photo}`)(),
  'POST /oversight/redress/:code/blur/:name': async () => ({ path: `${await redress()}/blur/${base.photo}`, fields: {}, ok: [422], token: true }),
  'POST /oversight/redress/:code/find': watching('find', { area: '0', from: 'hôm qua' }),
  'POST /oversight/redress/:code/look': watching('look', {}),
  'POST /oversight/redress/:code/ask': watching('ask', { 'ask-text': '' }),
  'POST /oversight/redress/:code/answer': watching('answer', {}),
  'POST /agency/new': async () => ({ fields: { s: hidden((await people.police.get(`/${W}/agency/new`)).text, 's'), who: '' }, ok: [422], token: true }),
  'GET /agency/request/:code': async () => page(await agencyRequest())(),
  'POST /agency/request/:code/decide': async () => ({ path: `${await agencyRequest()}/decide`, fields: { decision: '', reason: '' }, ok: [422], token: true }),
  'POST /agency/request/:code/withdraw': async () => ({ path: `${await agencyRequest()}/withdraw`, fields: { why: '' }, ok: [422], token: true }),
  'POST /agency/give': async () => ({ fields: { number: '' }, ok: [422], token: true }),
  'GET /case/:code': () => page(`/case/${base.public}`)(),
  'GET /case/:code/photo/:name': () => page(`/case/${base.public}/photo/${base.photo}`)(),
  'GET /door/:id': page('/door/about'),
  'GET /door/:id/paper': page('/door/crime/paper'),
  'POST /door/:id/paper': async () => ({ path: '/door/crime/paper', fields: { what: 'Việc.', wish: '' }, ok: [200] }),
  'GET /figures/edition/:quarter': () => page(`/figures/edition/${quarter}`)(),
  'GET /figures/edition/:quarter/bytes': () => page(`/figures/edition/${quarter}/bytes`)(),
  'GET /figures/sheet/:area/:month': () => page(`/figures/sheet/90001-1/${quarter.slice(0, 4)}-01`)(),
  'GET /figures/week/:area': page('/figures/week/90001-1'),
  'GET /who/:area/card': page('/who/90001-1/card'),
  'GET /report/:step': page('/report/where', [303]),
  'GET /report/shown/:form': async () => page((await report(x, W)).page.text.match(/<img src="\/[^"/]+(\/report\/shown\/[\w-]{43})"/)[1])(),
  'GET /r/:link': () => page(`/r/${base.link}`, [303])(),
  'GET /receipt/photo/:name': () => page(`/receipt/photo/${base.photo}`)(),
  'GET /sign-in': page('/sign-in', [200, 303]),
  'GET /invite/:token': () => page(`/invite/${invite}`)(),
  'GET /desk/start': page('/desk/start', [303]),
  'GET /desk/case/:code': () => page(`/desk/case/${base.code}`)(),
  'GET /desk/case/:code/photo/:name': () => page(`/desk/case/${base.code}/photo/${base.photo}`)(),
  'GET /desk/case/:code/apology': () => page(`/desk/case/${base.code}/apology`)(),
  'GET /desk/case/:code/apology/letter': () => page(`/desk/case/${base.code}/apology/letter`)(),
  // Nothing is late: whoever works it is told so.
  'POST /desk/case/:code/apology': async () => ({ path: `/desk/case/${base.code}/apology`, fields: {}, ok: [409], token: true }),
  'POST /desk/case/:code/apology/given': async () => ({ path: `/desk/case/${base.code}/apology/given`, fields: {}, ok: [409], token: true }),
  'POST /report/kind': async () => ({ fields: { s: await firstSeal(), kind: 'lighting', go: 'next' }, ok: [200] }),
  'POST /report/where': async () => ({ fields: { s: await firstSeal(), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' }, ok: [200] }),
  'POST /report/same': async () => ({ fields: { s: await firstSeal(), go: 'no' }, ok: [200] }),
  'POST /report/what': async () => ({ fields: { s: await firstSeal(), text: 'x', go: 'next' }, ok: [200] }),
  'POST /report/subject': async () => ({ fields: { s: await firstSeal(), subject: 'chair', go: 'next' }, ok: [200] }),
  'POST /report/photos': async () => ({ fields: { s: await firstSeal(), go: 'next' }, ok: [200], multipart: true }),
  'POST /report/check': async () => ({ fields: { s: await lastSeal(), go: 'send' }, ok: [200] }),
  'POST /follow/pin': async () => {
    const html = (await people.handler.get(`/${W}/desk/new`)).text;
    const slip = (await must(people.handler.post(`/${W}/desk/new`, { token: tokens.handler, s: hidden(html, 's'), channel: 'phone', kind: 'noise', area: 'unsure', text: 'Ồn.', day: '1/11/2026', hour: '', word: 'hoa giấy', go: 'send' }), 200)).text;
    const set = (await x.client().post(`/${W}/follow`, { code: slip.match(/data-x-code>([^<]+)</)[1], pin: '' })).text;
    return { fields: { s: hidden(set, 's'), word: '' }, ok: [422] };
  },
  'POST /desk/folded': async () => ({ fields: { s: hidden((await people.handler.get(`/${W}/desk/folded`)).text, 's'), sheets: '1' }, ok: [200, 409], token: true }),
  'POST /desk/folded/:id/void': async () => {
    await people.handler.post(`/${W}/desk/folded`, { token: tokens.handler, s: hidden((await people.handler.get(`/${W}/desk/folded`)).text, 's'), sheets: '1' });
    return { path: `/desk/folded/${x.sql('SELECT MAX(id) FROM folded_batch')}/void`, fields: {}, ok: [303], token: true };
  },
  'POST /desk/my-area/report': async () => ({ fields: { key: '0'.repeat(32), kind: '' }, ok: [422], token: true }),
  'POST /desk/new': async () => ({ fields: { s: hidden((await people.handler.get(`/${W}/desk/new`)).text, 's'), channel: 'phone', go: 'send' }, ok: [422], token: true }),
  'GET /desk/case/:code/lost': () => page(`/desk/case/${base.code}/lost`)(),
  'POST /desk/case/:code/lost': async () => {
    const path = `/desk/case/${base.code}/lost`;
    return { path, fields: { s: hidden((await people.handler.get(`/${W}${path}`)).text, 's'), word: '' }, ok: [422], token: true };
  },
  'POST /follow': async () => ({ fields: { code: base.code, pin: base.pin }, ok: [303] }),
  'POST /receipt/answer': resident('answer', { answer: 'Trụ 7.' }, (code) => step(code, 'ask', { 'ask-text': 'Trụ số mấy?' })),
  'POST /receipt/withdraw': resident('withdraw', {}),
  'POST /receipt/solved': resident('solved', {}, (code) => step(code, 'close', CLOSE)),
  'POST /receipt/reopen': resident('reopen', { reason: 'Vẫn tối.' }, (code) => step(code, 'close', CLOSE)),
  'POST /receipt/mail': resident('mail', { email: 'ai-do@example.com' }),
  'POST /receipt/mail/delete': resident('mail/delete', {}),
  'GET /reminder/:day': page(`/reminder/${new Date(Date.now() + 864e5).toISOString().slice(0, 10)}.ics`),
  'POST /receipt/kept/amend': resident('kept/amend', { amend: 'Trụ số 8.' }),
  'POST /receipt/kept/erase': resident('kept/erase', { erase: 'place', sure: '1' }),
  'POST /receipt/close': resident('close', {}),
  'POST /sign-in': form({ login: 'khong-co', password: 'sai-mat-khau', to: '' }, [403, 429]),
  'POST /invite/:token': async () => ({ path: `/invite/${invite}`, fields: { password: 'ngắn', again: 'ngắn' }, ok: [422] }),
  'POST /sign-out': async () => ({ fields: {}, ok: [303], token: true, fresh: true }),
  'POST /desk/sessions/end': async () => ({ fields: {}, ok: [303], token: true, fresh: true, ownSession: true }),
  'POST /desk/case/:code/take': officer('take', {}, undefined, false),
  'POST /desk/case/:code/ask': officer('ask', { 'ask-text': 'Trụ số mấy?' }),
  // A lamp has no mediators: whoever works it is told to choose two, nobody else learns that it is there.
  'POST /desk/case/:code/appoint': async () => ({ ...await officer('appoint', {})(), ok: [422] }),
  'GET /desk/my-area/:code': () => page(`/desk/my-area/${base.code}`)(),
  ...Object.fromEntries(['settle', 'pass-up'].map((verb) => [`POST /desk/my-area/:code/${verb}`, async () => ({ path: `/desk/my-area/${base.code}/${verb}`, fields: { key: '0'.repeat(32), sort: 'tools' }, ok: [409], token: true })])),
  'POST /desk/my-area/undo': async () => ({ fields: { pending: '1' }, ok: [303], token: true }),
  'GET /desk/mediations/:code': () => page(`/desk/mediations/${base.code}`)(),
  ...Object.fromEntries(['meet', 'agree', 'disagree'].map((verb) => [`POST /desk/mediations/:code/${verb}`, async () => ({ path: `/desk/mediations/${base.code}/${verb}`, fields: { version: '1' }, ok: [303], token: true })])),
  'POST /desk/case/:code/note': officer('note', { 'note-text': 'Xe thang bận.' }),
  'POST /desk/case/:code/assign': officer('assign', { 'assign-unit': 'moi-truong', 'assign-reason': 'Cây che.' }),
  'POST /desk/case/:code/correct': officer('correct', { 'correct-kind': 'road', 'correct-area': '0', 'correct-street': 'Đường Mới', 'correct-landmark': '', 'correct-reason': 'Ổ gà.' }),
  'POST /desk/case/:code/photo': async () => { const o = await officer('photo', {})(); return { ...o, multipart: true, files: [['photo-photos', 'b.png', png(48)]] }; },
  'POST /desk/case/:code/release': officer('release', { 'release-text': 'Đèn hỏng.' }),
  'POST /desk/case/:code/unrelease': officer('unrelease', { 'unrelease-reason': 'Có tên người.' }, (code) => step(code, 'release', { 'release-text': 'Đèn hỏng.' })),
  'GET /desk/case/:code/blur/:name': async () => page(`/desk/case/${base.code}/blur/${base.photo}`)(),
  'POST /desk/case/:code/blur/:name': async () => ({ path: `/desk/case/${base.code}/blur/${base.photo}`, fields: {}, ok: [422], token: true }),
  'POST /desk/case/:code/withhold': officer('withhold', { 'withhold-reason': 'Xem lại.' }),
  'POST /desk/case/:code/unwithhold': officer('unwithhold', { 'unwithhold-reason': 'Đã xem lại.' }, (code) => step(code, 'withhold', { 'withhold-reason': 'Xem lại.' })),
  // Not due yet: whoever works it is told so, nobody else learns that it is there.
  'POST /desk/case/:code/pause': officer('pause', { 'pause-text': 'Chờ điện lực.' }),
  'POST /desk/case/:code/resume': async () => ({ ...await officer('resume', {})(), ok: [403] }),
  'POST /desk/case/:code/extend': officer('extend', { 'extend-text': 'Chờ vật tư.' }),
  'POST /desk/case/:code/explain': async () => ({ ...await officer('explain', { 'explain-text': 'Chờ vật tư.' })(), ok: [403] }),
  'POST /desk/case/:code/merge': async () => ({ ...await officer('merge', { 'merge-code': 'SM-P-0000000', 'merge-reason': 'Cùng cột đèn.' })(), ok: [422] }),
  // It follows none: whoever works it is told so.
  'POST /desk/case/:code/unmerge': async () => ({ ...await officer('unmerge', { 'unmerge-reason': 'Khác cột.' })(), ok: [422] }),
  'POST /desk/case/:code/split': async () => ({ ...await officer('split', { 'split-reason': 'Khác cột.' })(), ok: [422] }),
  'POST /desk/case/:code/close': officer('close', CLOSE),
  'POST /desk/shift': async () => ({ fields: { notes: 'Thang ở kho.', unit: '' }, ok: [303], token: true }),
  'GET /desk/shift/:id': async () => ({ path: await handedOver(), ok: [200] }),
  'POST /desk/shift/:id/accept': async () => ({ path: `${await handedOver()}/accept`, fields: {}, ok: [303, 403], token: true }),
  'GET /desk/paper/:day': async () => ({ path: `/desk/paper/${await paper()}`, ok: [200] }),
  'POST /desk/paper/:day': async () => ({ path: `/desk/paper/${await paper()}`, fields: { unit: '' }, ok: [200], token: true }),
  'POST /desk/bulk/form': async () => ({ fields: { do: 'take', case: (await hazard({ take: false })).code }, ok: [200, 303], token: true }),
  'POST /desk/bulk': async () => { const r = await hazard({ take: false }); return { fields: { do: 'take', case: `${r.code}:${await version(r.code)}` }, ok: [303], token: true }; },
  'GET /desk/bulk/:id': async () => {
    const r = await hazard({ take: false });
    const sent = await people.handler.post(`/${W}/desk/bulk`, { token: tokens.handler, do: 'take', case: `${r.code}:${await version(r.code)}` });
    return { path: sent.location.replace(`/${W}`, ''), ok: [200] };
  },
  'GET /desk/floods/:id': async () => page(await flooded())(),
  'POST /desk/floods/:id': async () => ({ path: await flooded(), fields: { do: 'ungather' }, ok: [200], token: true }),
  // It stands in no group: whoever works it is told so.
  'POST /desk/case/:code/ungather': async () => ({ ...await officer('ungather', {})(), ok: [403] }),
  'GET /p/:code': async () => page(`/p/${(await plates()).code}`)(),
  'GET /desk/plates/:sheet': async () => page(`/desk/plates/${(await plates()).sheet}`)(),
  'POST /desk/plates': async () => ({ fields: { s: hidden((await people.handler.get(`/${W}/desk/plates`)).text, 's'), kind: 'lighting', lines: '1; Hẻm 7; Cột 3' }, ok: [303], token: true }),
  'POST /desk/plates/:code/retire': async () => ({ path: `/desk/plates/${(await plates()).code}/retire`, fields: {}, ok: [303], token: true }),
  'GET /desk/templates/:id': page('/desk/templates/new'),
  'POST /desk/templates/:id': async () => ({ path: '/desk/templates/new', fields: { version: '0', title: 'Mẫu', uses: 'ask', kind: '', body: 'Việc {code}.' }, ok: [303], token: true }),
  'POST /desk/templates/:id/drop': async () => {
    await people.handler.post(`/${W}/desk/templates/new`, { token: tokens.handler, version: '0', title: 'Bỏ', uses: 'ask', kind: '', body: 'x' });
    const id = (await people.handler.get(`/${W}/desk/templates`)).text.match(/desk\/templates\/(\d+)/)[1];
    return { path: `/desk/templates/${id}/drop`, fields: {}, ok: [303], token: true };
  },
  'POST /admin/people': async () => ({ fields: { login: `moi-${Math.random().toString(36).slice(2, 10)}`, name: 'Mới', role: 'none', from: '1/1/2026' }, ok: [200], token: true }),
  'GET /admin/people/:id': async () => page(`/admin/people/${await somebody()}`)(),
  'POST /admin/people/:id': async () => ({ path: `/admin/people/${await somebody()}`, fields: { do: 'sessions' }, ok: [303], token: true }),
  'POST /admin/units': async () => ({ fields: { slug: `to-${Math.random().toString(36).slice(2, 10)}`, name: 'Tổ', office: '' }, ok: [303], token: true }),
  'GET /admin/units/:slug': page('/admin/units/ha-tang'),
  'POST /admin/units/:slug': async () => ({ path: '/admin/units/moi-truong', fields: { do: 'change', name: 'Tổ Môi trường', office: '' }, ok: [303], token: true }),
  'POST /admin/procedures': async () => ({ fields: { share: 'lighting.yaml' }, ok: [200], token: true }),
  'POST /admin/procedures/publish': async () => ({ fields: { yaml: 'x', since: '1/1/2030' }, ok: [403], token: true }),
  'GET /admin/calendars': page('/admin/calendars'),
  'POST /admin/calendars': async () => ({ fields: { year: String(new Date().getUTCFullYear()) }, ok: [403], token: true }),
  'POST /admin/calendars/copy': async () => ({ fields: { year: String(new Date().getUTCFullYear()) }, ok: [403], token: true }),
  'GET /admin/calendars/:year/:version': page('/admin/calendars/2026/1'),
  'POST /admin/calendars/:year/:version': async () => ({ path: '/admin/calendars/2026/1', fields: { do: 'drop' }, ok: [403], token: true }),
  'GET /admin/procedures/:kind': page('/admin/procedures/lighting'),
  'POST /admin/procedures/:kind': async () => ({ path: '/admin/procedures/lighting', fields: { do: 'offer' }, ok: [303], token: true }),
  'GET /admin/procedures/:kind/compare': () => page(`/admin/procedures/lighting/compare?from=${version_('lighting')}&to=${version_('lighting')}`)(),
  'POST /admin/areas': async () => ({ fields: { level: 'khu_vuc', valid: '1/1/2030' }, ok: [422], token: true, multipart: true }),
  'POST /admin/areas/take': async () => ({ fields: { level: 'khu_vuc', valid: '1/1/2030', mark: 'x' }, ok: [422], token: true }),
  'POST /admin/areas/names': async () => ({ fields: {}, ok: [422], token: true, multipart: true }),
  'POST /admin/nearby': async () => ({ fields: { do: 'add', sort: 'health', area: '0', name: 'Trạm y tế', phone: '0292 000 0001', from: '1/1/2026' }, ok: [303], token: true }),
  'POST /admin/receivers': async () => ({ fields: { do: 'add', door: 'crime', name: 'Trực ban', phone: '0292 000 0001', source: 'gọi hỏi', from: '1/1/2026' }, ok: [303], token: true }),
  'POST /admin/settings': async () => ({ fields: { idle_days: '60' }, ok: [303], token: true }),
  'POST /admin/jobs': async () => ({ fields: { job: 'all' }, ok: [303], token: true }),
  'POST /desk/case/:code/unclose': officer('unclose', { 'unclose-text': 'Đóng nhầm.' }, (code) => step(code, 'close', CLOSE)),
  // A step that waits, and one that was taken back.
  'POST /desk/case/:code/take-back': waiting('take-back'),
  'POST /desk/case/:code/drop': waiting('drop', (code, fields) => step(code, 'take-back', fields)),
};

const version = async (code) => hidden((await people.handler.get(`/${W}/desk/case/${code}`)).text, 'version');

function outcome(r, ok) {
  const to = r.location ?? '';
  if (r.status === 404) return '-';
  if (r.status === 401) return 'asked';
  if (r.status === 303 && to.includes('/sign-in')) return 's';
  if (r.status === 303 && to.endsWith('/follow')) return 'f';
  return ok.includes(r.status) ? 'a' : `${r.status}`;
}
function agrees(expected, got, post) {
  return expected === got || (post && got === 'asked' && (expected === 's' || expected === 'f'));
}
async function send(client, method, path, how, token) {
  if (method === 'GET') return client.get(`/${W}${path}`);
  const fields = { ...how.fields, ...(how.token ? { token: token ?? tokens.handler } : {}) };
  if (!how.multipart) return client.post(`/${W}${path}`, fields);
  const data = new FormData();
  for (const [k, v] of Object.entries(fields)) data.set(k, v);
  for (const [field, name, bytes] of how.files ?? []) data.append(field, new Blob([bytes]), name);
  return client.post(`/${W}${path}`, data);
}

async function cell(route, column, how) {
  const [method, pattern] = route.split(' '), path = how.path ?? pattern;
  const wrong = [], expected = TABLE[route][column];
  const clients = column === 'other ward' ? Object.entries(others) : [[column, column === 'reporter' && how.reporter ? how.reporter : people[column]]];
  for (const [name, who] of clients) {
    let client = copyOf(who), token = column === 'other ward' ? undefined : tokens[column], sent = how;
    if (expected === 'a' && how.fresh && ACCOUNTS[column]) {
      client = await signIn(x, W, login(W, column));
      const own = (await client.get(`/${W}/desk/sessions`)).text;
      token = hidden(own, 'token');
      if (how.ownSession) {
        const ids = (html) => [...html.matchAll(/name="id" value="(\d+)"/g)].map((m) => m[1]);
        await signIn(x, W, login(W, column));
        const id = ids((await client.get(`/${W}/desk/sessions`)).text).find((i) => !ids(own).includes(i));
        sent = { ...how, fields: { id } };
      }
    }
    const r = await send(client, method, path, sent, token);
    const got = outcome(r, how.ok);
    if (!agrees(expected, got, method === 'POST')) wrong.push(`${route} as ${column}${column === name ? '' : ` (${name})`}: expected ${expected}, got ${got} (${r.status} ${r.location ?? ''})`);
    if (expected !== 'a' && r.text.includes(WORDS)) wrong.push(`${route} as ${column}: the denial holds the reporter's words`);
  }
  return wrong;
}

test('every route has its line in the table, and every line its route', () => {
  assert.deepEqual(routes.filter((r) => !TABLE[r]), [], 'routes without a line: write it from docs/permissions.md');
  assert.deepEqual(Object.keys(TABLE).filter((r) => !routes.includes(r)), [], 'lines without a route');
  assert.deepEqual(COLUMNS.filter((c) => c !== 'other ward' && !people[c]), []);
});

for (const route of Object.keys(TABLE)) test(route, async () => {
  const how = await (SEND[route] ?? page(undefined))();
  const wrong = [];
  const before_ = how.watch ? await version(how.watch) : null;
  const order = [...COLUMNS].sort((a, b) => (TABLE[route][a] === 'a') - (TABLE[route][b] === 'a'));
  let watched = false;
  for (const column of order) {
    if (TABLE[route][column] === 'a' && how.watch && !watched) {
      watched = true;
      assert.equal(await version(how.watch), before_, 'a denied post changed the case');
    }
    wrong.push(...await cell(route, column, how));
  }
  assert.deepEqual(wrong, []);
});

// Every page and download of what people told is a look, in each form that it has (RIGHTS.md promise 9).
const looks = () => Number(x.sql('SELECT COUNT(*) FROM look'));
test('whatever somebody of the ward is shown is a look, but what is named as none', async () => {
  const wrong = [], needless = new Set(Object.keys(EXEMPT));
  for (const [route, cells] of Object.entries(TABLE)) {
    const [method, pattern] = route.split(' ');
    if (cells.nobody === 'a' || pattern.startsWith('/receipt')) continue;     // everybody's, or its reporter's own
    const column = Object.keys(ACCOUNTS).find((c) => cells[c] === 'a');
    if (!column) {
      if (EXEMPT[route]) needless.delete(route);                             // of a ward for practice
      else if (!ELSEWHERE[route]) wrong.push(`${route}: nobody of the table reaches it, and no other test is named`);
      else if (!readFileSync(join(root, ELSEWHERE[route]), 'utf8').includes('SELECT COUNT(*) FROM look')) wrong.push(`${route}: ${ELSEWHERE[route]} counts no looks`);
      continue;
    }
    const how = await (SEND[route] ?? page(undefined))();
    if (how.ok.every((s) => s === 303)) continue;                             // it leads elsewhere
    for (const end of method === 'GET' ? ['', '.json', '.csv', '.xlsx'] : ['']) {
      const at = `/${W}${how.path ?? pattern}`, was = looks();
      const r = method === 'GET' ? await people[column].get(end ? at.replace(/(\?|$)/, `${end}$1`) : at)
        : await send(copyOf(people[column]), method, how.path ?? pattern, how, tokens[column]);
      if (r.status === 303 || r.status === 404 || r.status === 403 || r.status === 409) continue;
      const written = looks() - was;
      if (EXEMPT[route] && written === 0) needless.delete(route);
      if (!EXEMPT[route] && written !== 1) wrong.push(`${route}${end} as ${column}: ${r.status}, ${written} looks`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual([...needless], [], 'named as no look, but it is one, or nobody was shown it');
});

test('JSON, CSV and English are denied as the page is', async () => {
  const wrong = [];
  for (const [route, cells] of Object.entries(TABLE)) {
    const [method, pattern] = route.split(' ');
    if (method !== 'GET') continue;
    const how = await (SEND[route] ?? page(undefined))(), path = how.path ?? pattern;
    for (const column of COLUMNS) {
      if (cells[column] === 'a') continue;
      const clients = column === 'other ward' ? Object.entries(others) : [[column, people[column]]];
      for (const [name, client] of clients) for (const at of [`/${W}${path}.json`, `/${W}${path}.csv`, `/${W}/en${path}`]) {
        const r = await copyOf(client).get(at);
        const fine = [401, 404].includes(r.status) || (r.status === 303 && /\/(sign-in\?|follow$)/.test(r.location));
        if (!fine || r.text.includes(WORDS)) wrong.push(`${at} as ${column} (${name}): ${r.status} ${r.location ?? ''}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('the table can fail: a role with the rights of another is found', async () => {
  const kept = people.chair;
  people.chair = people.handler;
  const how = await SEND['GET /desk/case/:code']();
  const wrong = await cell('GET /desk/case/:code', 'chair', how);
  people.chair = kept;
  assert.ok(wrong.length > 0);
});

// A conduct case (noise) is for the unit that works it and the reporter, for nobody else.
test('a conduct case: the unit alone, not police, secretary or oversight', async () => {
  const r = await reported(x, W, { kind: 'noise', text: 'Loa lớn lúc nửa đêm.' });
  const own = await signIn(x, W, 'an-toan');
  assert.equal((await own.get(`/${W}/desk/case/${r.code}`)).status, 200);
  for (const role of [...Object.keys(ACCOUNTS)])
    assert.equal((await people[role].get(`/${W}/desk/case/${r.code}`)).status, 404, role);
  // cong-an is a member of the unit that has it.
  for (const at of ['/desk?queue=unit', '/desk?queue=new', '/desk.json?queue=unit', '/desk.csv?queue=unit', '/desk?queue=unit&words=loa'])
    assert.ok(!(await people.police.get(`/${W}${at}`)).text.includes(r.code), at);
  assert.ok((await own.get(`/${W}/desk?queue=unit`)).text.includes(r.code));
});

test('who reads without working sees no note, reason or exact position', async () => {
  const r = await hazard();
  await step(r.code, 'note', { 'note-text': 'Ghi chú chim cú.' });
  await step(r.code, 'withhold', { 'withhold-reason': 'Lý do chim cú.' });
  await step(r.code, 'unwithhold', { 'unwithhold-reason': 'Lại chim cú.' });
  for (const role of ['member_org_unit', 'police_unit', 'secretary', 'oversight']) for (const end of ['', '.json']) {
    const page_ = await people[role].get(`/${W}/desk/case/${r.code}${end}`);
    assert.equal(page_.status, 200, `${role} ${end}`);
    assert.equal(page_.text.includes(WORDS), end === '', `${role} reads the hazard, and downloads none of its words`);
    assert.ok(!page_.text.includes('chim cú'), `${role} reads what was written for the unit`);
  }
  assert.ok((await people.handler.get(`/${W}/desk/case/${r.code}`)).text.includes('chim cú'));
});
