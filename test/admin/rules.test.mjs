// The administrator's pages: what they do, what they refuse, what they never show.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fieldError, follow, reporter, step, steps } from '../harness/steps.mjs';
import { PASSWORD, hidden, report, root, signIn, startXom, unescape, words } from '../harness/xom.mjs';

const W = 'song-may', OTHER = 'rach-truc';
let x, admin, token;
const at = (path) => `/${W}/admin${path}`;
const post = (path, form, client = admin, options) => client.post(at(path), { token, ...form }, options);
const personOf = async (login) => {
  const page = (await admin.get(at(`/people?words=${login}`))).text;
  const row = [...page.matchAll(/<tr class="govuk-table__row">([\s\S]*?)<\/tr>/g)].map((m) => m[1]).find((r) => new RegExp(`>${login.replaceAll('.', '\\.')}<`).test(r));
  assert.ok(row, `${login} is on the list`);
  return row.match(/admin\/people\/(\d+)/)[1];
};
const out = async (client) => (await client.get(`/${W}/desk/sessions`)).status === 303;
const day = (n) => { const d = new Date(Date.now() + 7 * 3600e3 + n * 86400e3); return `${d.getUTCDate()}/${d.getUTCMonth() + 1}/${d.getUTCFullYear()}`; };
const log = async () => words((await admin.get(at('/log'))).text);

before(async () => {
  x = await startXom();
  admin = await signIn(x, W, 'quan-tri');
  token = hidden((await admin.get(at('/settings'))).text, 'token');
});
after(async () => { await x?.stop(); });

test('each place stands once on the first page; each setting of the server is explained in both languages', async () => {
  const home = words((await admin.get(at(''))).text);
  assert.equal(home.split('Tình trạng của hệ thống').length - 1, 1);
  const names = [...readFileSync(`${root}/docs/settings.md`, 'utf8').matchAll(/^\| `(\w+)` \|/gm)].map((m) => m[1]);
  assert.ok(names.length > 20);
  for (const lang of ['vi', 'en']) {
    const po = readFileSync(`${root}/po/${lang}.po`, 'utf8');
    assert.deepEqual(names.filter((name) => !po.includes(`msgid "settings.${name}"`)), [], lang);
  }
});

test('an account is added with a link that is shown once, signs in with a role, and is logged', async () => {
  const r = await post('/people', { login: 'lan.moi', name: 'Lan Mới', role: 'handler', from: day(0) });
  assert.equal(r.status, 200);
  const link = r.text.match(/<code>([^<]*\/invite\/[^<]+)<\/code>/)[1];
  assert.ok(!(await admin.get(at(`/people/${await personOf('lan.moi')}`))).text.includes('/invite/'), 'not a second time');
  const set = await x.client().post(new URL(link).pathname, { password: PASSWORD, again: PASSWORD });
  assert.equal(set.status, 303);
  const lan = await signIn(x, W, 'lan.moi');
  assert.equal((await lan.get(`/${W}/desk`)).status, 200);
  assert.equal((await lan.get(at(''))).status, 404);
  const told = await log();
  for (const part of ['lan.moi', 'thêm tài khoản', 'giao vai trò', 'tạo đường dẫn']) assert.ok(told.includes(part), part);
  assert.ok(!told.includes(link.split('/invite/')[1]), 'the log holds no link');
});

test('what is wrong is said, and what was typed is kept', async () => {
  for (const [form, why] of [[{ login: 'X Y', name: 'Tên' }, /Tên đăng nhập: 2 đến 40/], [{ login: 'ha-tang', name: 'Trùng' }, /đã có người dùng/],
    [{ login: 'ok-moi', name: '' }, /Hãy ghi tên/], [{ login: 'ok-moi', name: 'Được', from: '31/02/2026' }, /Hãy ghi ngày/], [{ login: 'ok-moi', name: 'N'.repeat(150) }, /Hãy ghi tên/]]) {
    const r = await post('/people', { from: day(0), role: 'none', ...form });
    assert.equal(r.status, 422, JSON.stringify(form));
    assert.match(words(r.text), why);
    if (form.name && form.name.length < 100) assert.ok(r.text.includes(`value="${form.name}"`), 'kept');
  }
  assert.doesNotMatch((await admin.get(at('/people?words=ok-moi'))).text, /<code>|>ok-moi</);
});

test('ending a role, the sessions or the account is felt at once', async () => {
  const id = await personOf('moi-truong');
  const c = await signIn(x, W, 'moi-truong');
  assert.equal((await post(`/people/${id}`, { do: 'sessions' })).status, 303);
  assert.ok(await out(c), 'the session is over');
  const again = await signIn(x, W, 'moi-truong');
  assert.equal((await post(`/people/${id}`, { do: 'role_end', 'end-role': 'handler', 'end-day': '' })).status, 303);
  assert.ok(await out(again), 'without a role nobody is signed in');
  assert.equal((await post(`/people/${id}`, { do: 'role', role: 'handler', 'role-from': day(0), 'role-until': day(30) })).status, 303);
  const third = await signIn(x, W, 'moi-truong');
  assert.equal((await post(`/people/${id}`, { do: 'close' })).status, 303);
  assert.ok(await out(third));
  assert.equal((await x.client().post(`/${W}/sign-in`, { login: 'moi-truong', password: PASSWORD, to: '' })).status, 403);
  assert.equal((await post(`/people/${id}`, { do: 'role', role: 'police', 'role-from': day(0) })).status, 422, 'a locked account gets no role');
  assert.equal((await post(`/people/${id}`, { do: 'open' })).status, 303);
  assert.equal((await x.client().post(`/${W}/sign-in`, { login: 'moi-truong', password: PASSWORD, to: '' })).status, 403, 'its password is gone');
});

test('nobody promotes themselves, and oversight is neither granted nor touched', async () => {
  const own = await personOf('quan-tri'), watcher = await personOf('giam-sat'), police = await personOf('cong-an');
  for (const form of [{ do: 'role', role: 'handler', 'role-from': day(0) }, { do: 'role', role: 'oversight', 'role-from': day(0) }, { do: 'role_end', 'end-role': 'admin', 'end-day': '' },
    { do: 'join', unit: 'ha-tang', 'join-from': day(0) }, { do: 'close' }, { do: 'link' }]) {
    const r = await post(`/people/${own}`, form);
    assert.equal(r.status, 422, JSON.stringify(form));
    assert.match(words(r.text), /Không ai tự đổi vai trò/);
  }
  for (const form of [{ do: 'link' }, { do: 'close' }, { do: 'sessions' }, { do: 'role_end', 'end-role': 'oversight', 'end-day': '' }, { do: 'name', name: 'Khác' }]) {
    const r = await post(`/people/${watcher}`, form);
    assert.equal(r.status, 422, JSON.stringify(form));
    assert.match(words(r.text), /cơ quan thứ hai/);
    assert.ok(!r.text.includes('/invite/'));
  }
  // Who is to watch from a later day on is nobody's to prepare a password for.
  x.verb(['user', 'role', '--ward', W, '--login', 'phu-nu', '--role', 'oversight', '--from', '2099-01-01']);
  const later = await post(`/people/${await personOf('phu-nu')}`, { do: 'link' });
  assert.equal(later.status, 422);
  assert.ok(!later.text.includes('/invite/'));
  const grant = await post(`/people/${police}`, { do: 'role', role: 'oversight', 'role-from': day(0) });
  assert.equal(grant.status, 422);
  assert.match(words(grant.text), /cơ quan thứ hai/);
  assert.equal((await post('/people', { login: 'giam.sat.2', name: 'Giám', role: 'oversight', from: day(0) })).status, 422);
  assert.equal((await signIn(x, W, 'quan-tri')).get !== undefined && (await admin.get(`/${W}/desk`)).status, 404, 'still no queue');
});

test('the last administrator stays', async () => {
  assert.equal((await post('/people', { login: 'qt.hai', name: 'Hai', role: 'admin', from: day(0) })).status, 200);
  const id = await personOf('qt.hai');
  assert.equal((await post(`/people/${id}`, { do: 'role_end', 'end-role': 'admin', 'end-day': '' })).status, 303, 'the first one remains');
  // The second alone, with an end, can't end the first.
  assert.equal((await post(`/people/${id}`, { do: 'role', role: 'admin', 'role-from': day(0), 'role-until': day(3) })).status, 303);
  const link = (await post(`/people/${id}`, { do: 'link' })).text.match(/<code>([^<]*\/invite\/[^<]+)<\/code>/)[1];
  await x.client().post(new URL(link).pathname, { password: PASSWORD, again: PASSWORD });
  const second = await signIn(x, W, 'qt.hai');
  const own = hidden((await second.get(at('/settings'))).text, 'token'), first = await personOf('quan-tri');
  const r = await second.post(at(`/people/${first}`), { token: own, do: 'role_end', 'end-role': 'admin', 'end-day': day(5) });
  assert.equal(r.status, 422);
  assert.match(words(r.text), /không còn người quản trị/);
});

test('another ward\'s accounts are not there, and one that both have is left to the operator', async () => {
  const theirs = await signIn(x, OTHER, 'quan-tri.rt');
  const list = (await theirs.get(`/${OTHER}/admin/people`)).text, id = list.match(/admin\/people\/(\d+)/)[1];
  assert.equal((await admin.get(at(`/people/${id}`))).status, 404);
  for (const form of [{ do: 'link' }, { do: 'close' }, { do: 'role', role: 'admin', 'role-from': day(0) }]) assert.equal((await post(`/people/${id}`, form)).status, 404);
  assert.ok(!(await admin.get(at('/people'))).text.includes('.rt<'));
  assert.equal((await theirs.get(at('/people'))).status, 303, 'signed in elsewhere is not signed in here');
  x.verb(['user', 'role', '--ward', OTHER, '--login', 'chu-tich', '--role', 'chair', '--from', '2026-01-01']);
  const both = await personOf('chu-tich');
  for (const what of ['link', 'close', 'name']) {
    const r = await post(`/people/${both}`, { do: what, name: 'X' });
    assert.equal(r.status, 422, what);
    assert.match(words(r.text), /phường khác/);
  }
  assert.equal((await post(`/people/${both}`, { do: 'role_end', 'end-role': 'chair', 'end-day': '' })).status, 303, 'the role here can be ended');
});

test('tampered ids, tokens, origins and fields that were not asked change nothing', async () => {
  const id = await personOf('cong-an');
  for (const bad of ['0', '-1', '9'.repeat(30), 'x', '1%20OR%201=1', '../log']) assert.ok([400, 404, 405].includes((await post(`/people/${bad}`, { do: 'close' })).status), bad);
  for (const what of ['', 'delete', 'oversight', 'role;close']) assert.equal((await post(`/people/${id}`, { do: what })).status, 400, what);
  assert.equal((await admin.post(at(`/people/${id}`), { do: 'close' })).status, 403, 'without its token');
  assert.equal((await post(`/people/${id}`, { do: 'close' }, admin, { headers: { origin: 'https://evil.example' } })).status, 403);
  const desk = await signIn(x, W, 'ha-tang'), theirs = hidden((await desk.get(`/${W}/desk/sessions`)).text, 'token');
  assert.equal((await admin.post(at(`/people/${id}`), { token: theirs, do: 'close' })).status, 403);
  assert.equal((await desk.post(at(`/people/${id}`), { token: theirs, do: 'close' })).status, 404, 'an officer finds no such page');
  // mass assignment: what the form does not have is not taken
  assert.equal((await post(`/people/${id}`, { do: 'name', name: 'Lê Văn Chung', role: 'admin', login: 'root', password: 'x', closed_at: '1', id: '1', ward_id: '1' })).status, 303);
  const page = words((await admin.get(at(`/people/${id}`))).text);
  assert.ok(page.includes('cong-an') && !page.includes('root') && !/quản trị \(từ/.test(page));
});

test('names are text: in HTML, JSON and CSV', async () => {
  const name = '=cmd|\'/c calc\'!A1"><script>alert(1)</script>';
  assert.equal((await post('/units', { slug: 'to-la', name, office: '+84 292 000 099' })).status, 303);
  const page = (await admin.get(at('/units'))).text;
  assert.ok(!page.includes('<script>alert'), 'escaped');
  assert.ok(unescape(page).includes(name), 'and kept as it is');
  const csv = (await admin.get(at('/units.csv'))).text;
  assert.doesNotMatch(csv, /(^|[",\n])[=+](cmd|84)/m);
  JSON.parse((await admin.get(at('/units.json'))).text);
  assert.equal((await post('/units', { slug: 'to-la', name: 'Trùng', office: '' })).status, 422);
});

test('what is typed into a table of dated rows stays, however long and whatever else is wrong', async () => {
  const long = `Dài ${'ă'.repeat(400)}`, area = (await admin.get(at('/nearby'))).text.match(/<option value="([1-9]\d*)"/)[1];
  const forms = {
    nearby: [['name', 'address', 'hours', 'phone'], { sort: 'one_stop', area, from: '1/1/2026', until: '2/2/2026' }],
    receivers: [['name', 'address', 'hours', 'phone', 'note', 'source', 'hours_en', 'note_km'], { door: 'hurt', verified: 'yes', from: '1/1/2026', until: '2/2/2026' }],
  };
  for (const [table, [lines, more]] of Object.entries(forms)) {
    const whole = { ...Object.fromEntries(lines.map((name) => [name, name === 'phone' ? '113' : `GIỮ ${name}`])), ...more };
    for (const [field, value] of [...lines.map((name) => [name, long]), ['from', '31/2/2026'], ['until', long], ['until', 'mai']]) {
      const form = { ...whole, [field]: value }, r = await post(`/${table}`, { do: 'add', ...form });
      assert.equal(r.status, 422, `${table} ${field}`);
      assert.ok(fieldError(r.text, field).length > 10, `${table} ${field}`);
      for (const typed of [...lines, 'from', 'until'].map((name) => form[name])) assert.ok(unescape(r.text).includes(typed), `${table} ${field}: ${typed.slice(0, 20)}`);
      assert.match(r.text, new RegExp(`value="${table === 'nearby' ? area : 'hurt'}" selected`));
    }
    // Of the other form, too.
    const row = (await admin.get(at(`/${table}`))).text.match(/name="row"[\s\S]*?<option value="(\d+)"/)[1];
    const r = await post(`/${table}`, { do: 'end', row, last: long });
    assert.equal(r.status, 422);
    assert.ok(r.text.includes(long), `${table}: the last day as typed`);
    assert.equal((await post(`/${table}`, { do: 'end', row: '0', last: '1/1/2026' })).status, 400);
  }
});

test('a unit is renamed, gets a member and a head, and is dissolved only when nothing is with it', async () => {
  assert.equal((await post('/units', { slug: 'to-thu', name: 'Tổ Thử', office: '0292 000 999' })).status, 303);
  // A number that nobody can call is refused, with all that was typed; so is a name that is too long.
  for (const [url, more] of [['/units', { slug: 'to-goi' }], ['/units/to-thu', { do: 'change' }]])
    for (const [wrong, field] of [[{ name: 'Tổ GIỮLẠI', office: 'gọi cô Sáu' }, 'office'], [{ name: `GIỮ${'x'.repeat(201)}`, office: '113' }, 'name']]) {
      const r = await post(url, { ...more, ...wrong });
      assert.equal(r.status, 422, field);
      assert.match(fieldError(r.text, field), field === 'office' ? /một số điện thoại/ : /nhiều nhất 100 ký tự/);
      for (const typed of Object.values(wrong)) assert.ok(r.text.includes(`value="${typed}"`), typed);
    }
  assert.equal((await post('/units/to-thu', { do: 'change', name: 'Tổ Thử Mới', office: '' })).status, 303);
  const id = await personOf('cong-an');
  assert.equal((await post(`/people/${id}`, { do: 'join', unit: 'to-thu', 'join-from': day(0), 'join-until': '', head: 'yes' })).status, 303);
  const page = words((await admin.get(at('/units/to-thu'))).text);
  assert.ok(page.includes('Tổ Thử Mới') && page.includes('cong-an') && page.includes('Có'));
  assert.equal((await post('/units/to-thu', { do: 'end', last: day(1) })).status, 303);
  assert.match(words((await admin.get(at('/units/to-thu'))).text), /Ngày cuối/);
  const busy = await post('/units/ha-tang', { do: 'end', last: day(1) });
  assert.equal(busy.status, 422);
  assert.match(words(busy.text), /loại việc được gửi đến/);
  assert.equal((await admin.get(at('/units/khong-co'))).status, 404);
});

test('a case that is reopened after its unit was dissolved is not nobody\'s', async () => {
  const id = await personOf('an-toan'), desk = await signIn(x, W, 'ha-tang');
  assert.equal((await post('/units', { slug: 'to-cu', name: 'Tổ Cũ', office: '' })).status, 303);
  assert.equal((await post(`/people/${id}`, { do: 'join', unit: 'to-cu', 'join-from': day(0) })).status, 303);
  const got = await report(x, W, { text: 'Đèn lại tắt.' }), late = await report(x, W, { text: 'Đèn khác.' });
  await steps(desk, got.code, ['assign', { 'assign-unit': 'to-cu', 'assign-reason': 'của tổ' }]);
  const old = await signIn(x, W, 'an-toan');
  await steps(old, got.code, ['take', {}], ['close', { 'close-outcome': 'mended', 'close-text': 'Xong.' }]);
  assert.equal((await post('/units/to-cu', { do: 'end', last: day(0) })).status, 303);
  // It takes nothing more, although its last day is not over.
  assert.equal((await step(desk, late.code, 'assign', { 'assign-unit': 'to-cu', 'assign-reason': 'nhầm' })).status, 422);
  assert.doesNotMatch((await desk.get(`/${W}/desk/case/${late.code}`)).text, /value="to-cu"/);
  const c = await follow(x, got);
  assert.equal((await reporter(c, 'reopen', { reason: 'Vẫn tắt.' })).status, 303);
  assert.equal((await desk.get(`/${W}/desk/case/${got.code}`)).status, 200, 'where new reports of the kind go');
  assert.equal((await old.get(`/${W}/desk/case/${got.code}`)).status, 404);
  assert.match(x.verb(['verify']), /0 faults/);
});

test('settings: typed, bounded, with their history, seen at once at the foot of every page', async () => {
  const r = await post('/settings', { hotline: 'gọi tôi', office_address: '12 Bến Tre', office_hours: '', idle_days: '3' });
  assert.equal(r.status, 422);
  assert.ok(r.text.includes('value="gọi tôi"') && r.text.includes('value="3"') && r.text.includes('value="12 Bến Tre"'), 'typed words are kept');
  assert.ok(!(await x.client().get(`/${W}/`)).text.includes('12 Bến Tre'), 'all or nothing');
  assert.equal((await post('/settings', { hotline: '0292 111 222', office_address: '12 đường Bến Tre', office_hours: 'thứ Hai đến thứ Sáu', idle_days: '30', data: '/etc' })).status, 303);
  const home = (await x.client().get(`/${W}/`)).text;
  assert.ok(home.includes('0292 111 222') && home.includes('12 đường Bến Tre') && home.includes('thứ Hai đến thứ Sáu'));
  assert.ok(!(await x.client().get(`/${OTHER}/`)).text.includes('0292 111 222'), 'the other ward keeps its own');
  const page = words((await admin.get(at('/settings'))).text);
  assert.ok(page.includes('60 → 30') && page.includes('Nguyễn Văn Trị'));
  assert.ok(page.includes('base_url'), 'the program\'s settings can be read');
  assert.match((await post('/settings', { idle_days: '30' })).location, /done=nothing/);
});

test('a withdrawn kind takes no new report; what was written stays, open cases go on', async () => {
  const open = await report(x, W, { kind: 'water', text: 'Cống nghẹt.' });
  const c = x.client();
  let page = await c.get(`/${W}/report`);
  page = await c.post(`/${W}/report/kind`, { s: hidden(page.text, 's'), kind: 'water', go: 'next' });
  page = await c.post(`/${W}/report/where`, { s: hidden(page.text, 's'), area: 'unsure', street: 'Hẻm 9', landmark: '', lat: '', lon: '', go: 'next' });
  const before_ = words((await admin.get(at('/procedures/water'))).text);
  assert.match(before_, /đi tiếp đến hết \d+/, 'the page says how many are open');
  assert.equal((await post('/procedures/water', { do: 'withdraw', last: '1/1/2020' })).status, 422);
  assert.equal((await post('/procedures/water', { do: 'withdraw', last: day(0) })).status, 303);
  assert.doesNotMatch((await x.client().get(`/${W}/report`)).text, /value="water"/);
  assert.doesNotMatch((await x.client().get(`/${W}/`)).text, /kind=water/);
  assert.match((await x.client().get(`/${OTHER}/report`)).text, /value="water"/, 'the other ward still offers it');
  const told = await c.post(`/${W}/report/what`, { s: hidden(page.text, 's'), text: 'Nước ngập tới gối.', go: 'next' });
  assert.match(words(told.text), /không còn nhận báo loại việc này/);
  let next = await c.post(`/${W}/report/kind`, { s: hidden(told.text, 's'), kind: 'road', go: 'next' });
  assert.ok(next.text.includes('Hẻm 9'), 'the place is kept');
  next = await c.post(`/${W}/report/where`, { s: hidden(next.text, 's'), area: 'unsure', street: 'Hẻm 9', landmark: '', lat: '', lon: '', go: 'next' });
  assert.ok(next.text.includes('Nước ngập tới gối.'), 'the words, too');
  const plate = await x.client().get(`/${W}/report?kind=water`);
  assert.equal(plate.status, 200);
  assert.match(words(plate.text), /không còn nhận báo loại việc này/);
  const officer = await signIn(x, W, 'ha-tang');
  const r = x.client();
  await r.post(`/${W}/follow`, { code: open.code, pin: open.pin });
  assert.equal((await r.get(`/${W}/receipt`)).status, 200, 'its receipt lives on');
  assert.ok([200, 404].includes((await officer.get(`/${W}/desk/case/${open.code}`)).status));
  assert.equal((await post('/procedures/water', { do: 'offer' })).status, 303);
  assert.match((await x.client().get(`/${W}/report`)).text, /value="water"/);
  assert.ok((await log()).includes('ngừng nhận loại việc'));
});

test('an unlisted kind has no live figure', async () => {
  await report(x, W, { kind: 'noise', text: 'Ồn.' });
  const page = words((await admin.get(at('/procedures/noise'))).text);
  assert.match(page, /Số việc không hiện ở đây/);
  assert.doesNotMatch(page, /đi tiếp đến hết \d/);
});

test('a procedure file is refused with file, line and field, compared when it is right, and published where there is one ward', async () => {
  const send = (text, name = 'lighting.yaml') => { const f = new FormData(); f.set('token', token); f.set('definition', new Blob([text]), name); return admin.post(at('/procedures'), f); };
  const bad = await send('name: lighting\ncategory: protest\n');
  assert.equal(bad.status, 422);
  assert.match(words(bad.text), /lighting\.yaml/);
  assert.match(words(bad.text), /category/);
  for (const text of ['', '\xff\xfe', 'a: &x [*x]\n', '['.repeat(5000), 'x'.repeat(70000)]) { const r = await send(text); assert.ok([413, 422].includes(r.status), `${text.slice(0, 5)} ${r.status}`); }
  const share = await post('/procedures', { share: 'lighting.yaml' });
  assert.equal(share.status, 200);
  assert.match(words(share.text), /Hai bản giống nhau/);
  for (const name of ['../rights/fields.yaml', '/etc/passwd', 'nothing.yaml']) { const r = await post('/procedures', { share: name }); assert.ok(!/root:|purposes/.test(r.text) && r.status === 422, name); }
  const changed = readFileSync(`${root}/procedures/lighting.yaml`, 'utf8').replace(/max_photos: \d/, 'max_photos: 1');
  const fine = await send(changed);
  assert.equal(fine.status, 200);
  assert.match(fine.text, /x-compare--changed/);
  assert.match(words(fine.text), /± sửa/, 'not by colour alone');
  assert.doesNotMatch(fine.text, /name="yaml"/, 'two wards share their procedures');
  assert.equal((await post('/procedures/publish', { yaml: changed, since: day(0) })).status, 403);
});

const SQUARE = (lon, lat, size) => [[[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]];
const feature = (code, name, parent, coordinates) => ({ type: 'Feature', properties: { code, name, parent }, geometry: { type: 'Polygon', coordinates } });
const sendAreas = (text, { level = 'khu_vuc', valid = day(1), client = admin } = {}) => { const f = new FormData(); f.set('token', token); f.set('level', level); f.set('valid', valid); f.set('areas', new Blob([text]), 'a.geojson'); return client.post(at('/areas'), f); };

test('areas: a look with overlaps in square metres, then taken and in use without a restart', async () => {
  const demo = JSON.parse(readFileSync(`${root}/demo/song-may.geojson`, 'utf8'));
  const one = demo.features.find((f) => f.properties.parent), ward = one.properties.parent;
  const [lon, lat] = one.geometry.coordinates.flat(9);
  // The file that holds the ward beside its khu vực: they lie in it, which is no overlap.
  const whole = await sendAreas(JSON.stringify(demo));
  assert.equal(whole.status, 200);
  assert.doesNotMatch(whole.text, /x-drawn--overlap/);
  assert.match(words(whole.text), /Không có chỗ nào chồng nhau/);
  const text = JSON.stringify({ type: 'FeatureCollection', features: [feature('ZZ01', 'Khu vực Mới', ward, SQUARE(lon, lat, 0.002)), feature('ZZ02', '<b>Kề</b>', ward, SQUARE(lon + 0.001, lat, 0.002))] });
  const look = await sendAreas(text);
  assert.equal(look.status, 200, words(look.text).slice(0, 300));
  assert.match(look.text, /x-drawn--overlap/);
  assert.match(words(look.text), /Khu vực Mới và <b>Kề<\/b> Diện tích [\d.]+ m²/);
  assert.ok(!look.text.includes('<b>Kề'), 'names are escaped');
  assert.doesNotMatch((await admin.get(at('/areas'))).text, /ZZ01/, 'a look changes nothing');
  const fields = { level: 'khu_vuc', valid: hidden(look.text, 'valid'), mark: hidden(look.text, 'mark') };
  assert.equal((await post('/areas/take', { ...fields, mark: 'f'.repeat(64) })).status, 422, 'another file than the one that was seen');
  assert.equal((await post('/areas/take', fields)).status, 303);
  assert.match((await admin.get(at('/areas'))).text, /ZZ01/);
  assert.equal((await post('/areas/take', fields)).status, 422, 'once');
  x.clock.move(1.5);
  admin = await signIn(x, W, 'quan-tri');
  token = hidden((await admin.get(at('/settings'))).text, 'token');
  let page = await x.client().get(`/${W}/report`);
  page = await x.client().post(`/${W}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
  assert.ok(page.text.includes('Khu vực Mới'), 'the form offers it');
  assert.ok((await log()).includes('nhập ranh giới'));
});

test('areas of another ward, bombs and broken files are refused with their reason, and nothing changes', async () => {
  const theirs = JSON.parse(readFileSync(`${root}/demo/rach-truc.geojson`, 'utf8'));
  const foreign = await sendAreas(JSON.stringify(theirs));
  assert.equal(foreign.status, 422);
  assert.match(words(foreign.text), /is not of this ward/);
  const own = JSON.parse(readFileSync(`${root}/demo/song-may.geojson`, 'utf8')).features.find((f) => f.properties.parent);
  const code = theirs.features.find((f) => f.properties.parent).properties.code;
  const stolen = await sendAreas(JSON.stringify({ type: 'FeatureCollection', features: [feature(code, 'Lấy mã', own.properties.parent, SQUARE(105.7, 10, 0.001))] }));
  const took = await post('/areas/take', { level: 'khu_vuc', valid: hidden(stolen.text, 'valid'), mark: hidden(stolen.text, 'mark') });
  assert.match(words(took.text), /belongs to another ward/);
  const star = Array.from({ length: 1400 }, (_, i) => [105.7 + 0.01 * Math.cos(i * 2.7), 10 + 0.01 * Math.sin(i * 2.7)]);
  for (const [text, why] of [['', /Hãy chọn một tệp/], ['{', /dòng/], ['[]', /FeatureCollection/], [`${'['.repeat(100000)}`, /dòng/], [`{"type":"FeatureCollection","features":${'[0,'.repeat(1)}0]}`, /Không có khu vực nào/],
    [JSON.stringify({ type: 'FeatureCollection', features: [feature('ZZ09', 'Sao', own.properties.parent, [[...star, star[0]]])] }), /Không có khu vực nào/],
    [JSON.stringify({ type: 'FeatureCollection', features: [feature('ZZ10', 'Dài', own.properties.parent, [Array.from({ length: 5000 }, (_, i) => [105.7 + i * 1e-6, 10])])] }), /Không có khu vực nào/],
    ['x'.repeat(4400000), /lớn quá/]]) {
    const r = await sendAreas(text);
    assert.equal(r.status, 422, text.slice(0, 20));
    assert.match(words(r.text), why, text.slice(0, 20));
  }
  assert.doesNotMatch((await admin.get(at('/areas'))).text, /ZZ09|ZZ10|Lấy mã/);
});

test('jobs: nothing private, a dead letter is tried again', async () => {
  const page = await admin.get(at('/jobs'));
  assert.equal(page.status, 200);
  assert.match(words(page.text), /Không có việc nào hỏng/);
  assert.match((await post('/jobs', { job: 'all' })).location, /done=nothing/);
  assert.equal((await post('/jobs', { job: 'x' })).status, 400);
});

test('no words of a report, no reporter and no look is on any page, in any form', async () => {
  const got = await report(x, W, { text: 'Đèn zqtext tắt', street: 'Hẻm zqstreet', landmark: 'zqmark' });
  const desk = await signIn(x, W, 'ha-tang');
  await desk.get(`/${W}/desk/case/${got.code}`);
  const pages = ['', '/people', `/people/${await personOf('ha-tang')}`, '/units', '/units/ha-tang', '/who-sees', '/areas', '/procedures', '/procedures/lighting', '/settings', '/jobs', '/log'];
  for (const p of pages) for (const form of [at(p), `/${W}/en/admin${p}`, `${at(p)}.json`, `${at(p)}.csv`]) {
    const r = await admin.get(form);
    assert.ok([200, 404].includes(r.status), `${form} ${r.status}`);
    // Words no number or seal holds by chance.
    for (const secret of ['zqtext', 'zqstreet', 'zqmark', got.code, got.pin]) assert.ok(!r.text.includes(secret), `${form} holds ${secret}`);
  }
});

test('the log is a chain: xom verify names a row that was changed', async () => {
  assert.match(x.verb(['verify', '--ward', W]), /administrators' log/);
});

test('what another process writes is seen without a restart', async () => {
  x.verb(['user', 'unit', '--ward', W, '--add', 'to-may', '--name', 'Tổ từ dòng lệnh']);
  assert.ok((await admin.get(at('/units'))).text.includes('Tổ từ dòng lệnh'));
  assert.ok((await log()).includes('người vận hành máy chủ'));
});
