// A month of a khu vực: what its head and volunteers see, settle on the spot, send up, take back; what the clock takes
// to the ward when nobody acts; what the reporter and the ward's unit read of it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hidden, readReceipt, report, signIn, startXom, until, words } from '../harness/xom.mjs';
import { act, must, opened, png } from '../rights/world.mjs';

const W = 'song-may', MINE = 'Rác sau chợ SEEN';
let x, area, far, n = 0;
const key = () => (++n).toString(16).padStart(32, '0');
const as = (login) => signIn(x, W, login);
const step = (code) => x.sql(`SELECT step FROM ward_case WHERE code = '${code}'`);
const minutes = (m) => x.clock.move(m / 1440);
// What somebody of the khu vực sends for a case, from the page as it is.
async function send(who, code, verb, fields = {}, photo) {
  const token = hidden((await who.get(`/${W}/desk/sessions`)).text, 'token');
  const form = { token, key: key(), ...fields };
  if (!photo) return who.post(`/${W}/desk/my-area/${code}/${verb}`, form);
  const data = new FormData();
  for (const [name, value] of Object.entries(form)) data.set(name, value);
  data.append('photo', new Blob([photo], { type: 'image/png' }), 'xong.png');
  return who.post(`/${W}/desk/my-area/${code}/${verb}`, data);
}
const told = async (reply) => ({ status: (await reply).status, ...JSON.parse((await reply).text) });
const list = async (who) => (await who.get(`/${W}/desk/my-area`)).text;
const receipt = async (r) => (await (await opened(x, W, r)).get(`/${W}/receipt`)).text;
const rubbish = (more = {}) => report(x, W, { kind: 'rubbish', area, street: 'Hẻm 7', landmark: 'sau chợ', text: MINE, ...more });

before(async () => {
  x = await startXom();
  area = x.sql("SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'truong-kv'");
  far = x.sql(`SELECT id FROM area WHERE level = 'khu_vuc' AND id <> ${area} AND parent_id = (SELECT parent_id FROM area WHERE id = ${area}) ORDER BY id LIMIT 1`);
});
after(async () => { await x?.stop(); });

test('it begins with the khu vực where somebody is entered, and with the ward everywhere else', async () => {
  const head = await as('truong-kv'), team = await as('to-kv'), r = await rubbish();
  assert.equal(step(r.code), 'khu_vuc');
  const others = [await rubbish({ area: far }), await rubbish({ area: 'unsure' }), await rubbish({ check: { not_head: '1' } })];
  for (const o of others) assert.equal(step(o.code), 'received');
  const lamp = await report(x, W, { kind: 'lighting', area, street: 'Hẻm 9', text: 'Đèn tắt.' });
  assert.equal(step(lamp.code), 'received');
  for (const who of [head, team]) {
    const html = await list(who), [turns, ward] = html.split('Phường đang lo');
    assert.ok(turns.includes(r.code) && turns.includes('Hẻm 7, sau chợ') && ward.includes(lamp.code));
    assert.match(words(turns), /Đến hết \d+\/\d+\/\d{4}/);
    for (const o of others) assert.ok(!html.includes(o.code));
    assert.ok(!html.includes('SEEN'), 'the list holds no word of the report');
    assert.ok(!(await who.get(`/${W}/desk/my-area.json`)).text.includes('sau chợ'), 'what was told of the place is downloaded by nobody');
  }
  assert.ok((await head.get(`/${W}/desk/my-area/${r.code}`)).text.includes('SEEN'));
  const seen = await team.get(`/${W}/desk/my-area/${r.code}`);
  assert.equal(seen.status, 200);
  assert.ok(!seen.text.includes('SEEN'), 'a volunteer reads no word of it');
  assert.match(words(await receipt(r)), /Ai lo trước: khu vực nơi đó/);
  assert.match(words(await receipt(r)), /tổ của khu vực/, 'their looks stand on the receipt');
  // The unit has it all the while, and may act.
  assert.equal((await (await as('moi-truong')).get(`/${W}/desk/case/${r.code}`)).status, 200);
  assert.doesNotMatch(words(await receipt(others[0])), /Ai lo trước/);
});

test('settled on the spot with a photo: taken back, done again, read by the reporter, who says whether it is so', async () => {
  const team = await as('to-kv'), head = await as('truong-kv'), r = await rubbish();
  await must(send(team, r.code, 'settle', { words: 'Đã gom xe đẩy.' }, png()));
  assert.equal(step(r.code), 'khu_vuc', 'it waits');
  assert.doesNotMatch(words(await receipt(r)), /giải quyết tại chỗ/);
  let html = (await team.get(`/${W}/desk/my-area/${r.code}`)).text;
  assert.match(words(html), /Đã ghi: xong tại chỗ ?\. Rút lại được đến \d\d:\d\d/);
  assert.ok(!(await head.get(`/${W}/desk/my-area/${r.code}`)).text.includes('name="pending"'), 'taken back by who did it alone');
  assert.equal((await send(head, r.code, 'pass-up', { sort: 'tools' })).status, 409);
  const undo = { token: hidden(html, 'token'), pending: hidden(html, 'pending') };
  assert.equal((await head.post(`/${W}/desk/my-area/undo`, { ...undo, token: hidden(await list(head), 'token') })).location, `/${W}/desk/my-area?done=late`);
  await must(team.post(`/${W}/desk/my-area/undo`, undo));
  minutes(6);
  html = (await team.get(`/${W}/desk/my-area/${r.code}`)).text;
  assert.equal(step(r.code), 'khu_vuc');
  await must(send(team, r.code, 'settle', { words: 'Đã gom xe đẩy.' }, png()));
  minutes(6);
  await list(team);
  assert.equal(step(r.code), 'closed');
  assert.equal((await team.get(`/${W}/desk/my-area/${r.code}`)).status, 404);
  html = await receipt(r);
  assert.match(words(html), /Khu vực đã giải quyết tại chỗ/);
  assert.match(words(html), /Đã gom xe đẩy\./);
  assert.equal((html.match(/\/receipt\/photo\/[^"?]+"/g) ?? []).length, 1, 'the photo');
  // Not so: it is the ward's now.
  const reporter = await opened(x, W, r), s = hidden((await reporter.get(`/${W}/receipt`)).text, 's');
  await must(reporter.post(`/${W}/receipt/reopen`, { s, reason: 'Vẫn còn rác.' }));
  assert.equal(step(r.code), 'working');
  assert.equal((await send(team, r.code, 'settle')).status, 409, 'the ward works on it');
  const desk = words((await (await as('moi-truong')).get(`/${W}/desk/case/${r.code}`)).text);
  assert.match(desk, /Khu vực đã giải quyết tại chỗ/);
  // Right: solved is solved.
  const two = await rubbish();
  await must(send(head, two.code, 'settle', {}, png()));
  minutes(6);
  await list(head);
  const content = await opened(x, W, two);
  await must(content.post(`/${W}/receipt/solved`, { s: hidden((await content.get(`/${W}/receipt`)).text, 's'), thanks: '' }));
  assert.equal(step(two.code), 'solved');
});

test('a page that is sent again after its act was taken back is meant again; another act of that page is another', async () => {
  const head = await as('truong-kv'), r = await rubbish(), k = key(), page = () => head.get(`/${W}/desk/my-area/${r.code}`);
  const waiting = () => x.sql(`SELECT verb FROM pending_move WHERE waits = (SELECT id FROM ward_case WHERE code = '${r.code}')`);
  const undo = async () => { const { text } = await page(); await must(head.post(`/${W}/desk/my-area/undo`, { token: hidden(text, 'token'), pending: hidden(text, 'pending') })); };
  await must(send(head, r.code, 'settle', { key: k, words: 'Đã gom.' }));
  await must(send(head, r.code, 'settle', { key: k, words: 'Đã gom.' }));
  assert.equal(waiting(), 'settle', 'twice the same is once');
  assert.equal((await send(head, r.code, 'pass-up', { key: k, sort: 'tools' })).status, 409, 'it waits');
  await undo();
  assert.equal(waiting(), '');
  await must(send(head, r.code, 'settle', { key: k, words: 'Đã gom.' }));
  assert.equal(waiting(), 'settle');
  await undo();
  await must(send(head, r.code, 'pass-up', { key: k, sort: 'tools' }));
  assert.equal(waiting(), 'pass_up');
  await undo();
  // What a phone kept comes again by itself, and stays undone.
  const kept = { key: key(), phone: '1', words: 'Đã gom.' };
  assert.equal((await told(send(head, r.code, 'settle', kept))).answer, 'done');
  await undo();
  assert.equal((await told(send(head, r.code, 'settle', kept))).answer, 'done');
  assert.equal(waiting(), '');
});

test('must go up: with a sort of reason, which the reporter and the unit read', async () => {
  const head = await as('truong-kv'), r = await rubbish();
  const none = await send(head, r.code, 'pass-up', { sort: 'vì tôi' });
  assert.equal(none.status, 422);
  assert.match(words(none.text), /chọn vì sao/);
  const form = (await list(head)).split(`id="up-${r.code}"`)[1];
  assert.ok(form.indexOf(`id="why-${r.code}"`) < form.indexOf('name="sort"'), 'a reason sends at once: the words stand before it');
  await must(send(head, r.code, 'pass-up', { sort: 'danger', words: 'Dây điện rơi lên đống rác.' }));
  minutes(6);
  await list(head);
  assert.equal(step(r.code), 'received');
  const html = words(await receipt(r));
  assert.match(html, /Khu vực đưa lên phường Tổ|Khu vực đưa lên phường/);
  assert.match(html, /Vì sao:? Nguy hiểm/);
  assert.ok(!html.includes('Dây điện rơi'), 'what was written for the ward is the ward\'s');
  const unit = await as('moi-truong'), desk = words((await unit.get(`/${W}/desk/case/${r.code}`)).text);
  assert.match(desk, /Nguy hiểm/);
  assert.match(desk, /Dây điện rơi lên đống rác/);
  // It is up: settled on the spot after all, as long as nobody at the ward has taken it.
  assert.ok((await head.get(`/${W}/desk/my-area/${r.code}`)).text.includes('/settle"'));
  await must(act(unit, W, r.code, 'take'));
  const page = (await head.get(`/${W}/desk/my-area/${r.code}`)).text;
  assert.ok(!page.includes('/settle"') && words(page).includes('Phường đang làm việc này'));
});

test('a photo that can\'t be taken just now is no refusal: the phone is told to come again, and its act counts then', async () => {
  const head = await as('truong-kv'), r = await rubbish(), one = { phone: '1', key: key() }, kept = join(x.data, 'media', x.sql(`SELECT id FROM ward WHERE slug = '${W}'`));
  renameSync(kept, `${kept}-away`);
  writeFileSync(kept, 'no folder');
  try {
    const busy = await told(send(head, r.code, 'settle', one, png()));
    assert.deepEqual([busy.status, busy.answer], [503, 'later']);
  } finally {
    rmSync(kept);
    renameSync(`${kept}-away`, kept);
  }
  assert.equal(step(r.code), 'khu_vuc', 'nothing was done');
  assert.equal((await told(send(head, r.code, 'settle', one, png()))).answer, 'done');
});

test('a phone that comes back: each act counts once, and gets its answer', async () => {
  const head = await as('truong-kv'), unit = await as('moi-truong'), r = await rubbish(), one = { phone: '1', key: key() };
  assert.deepEqual(await told(send(head, r.code, 'settle', one)), { status: 200, answer: 'done', text: 'Đã gửi.' });
  assert.equal((await told(send(head, r.code, 'settle', one))).answer, 'done');
  assert.equal(x.sql(`SELECT count(*) FROM pending_move p JOIN ward_case c ON c.id = p.case_id WHERE c.code = '${r.code}'`), '1');
  assert.equal((await told(send(head, r.code, 'settle', { phone: '1' }))).answer, 'waiting');
  minutes(6);
  await list(head);
  assert.equal((await told(send(head, r.code, 'settle', one))).answer, 'done', 'after a week it was done, too');
  const gone = await told(send(head, r.code, 'settle', { phone: '1' }));
  assert.deepEqual([gone.status, gone.answer], [409, 'gone']);
  const hers = await rubbish({ check: { not_head: '1' } }), no = 'SM-26-ZZZZZ-Z';
  for (const code of [hers.code, (await rubbish({ area: far })).code]) assert.deepEqual(await told(send(head, code, 'settle', { phone: '1' })), gone, 'nothing is learnt of what is not theirs');
  assert.equal((await send(head, no, 'settle', { phone: '1' })).status, 404);
  const taken = await rubbish();
  await must(act(unit, W, taken.code, 'take'));
  assert.equal((await told(send(head, taken.code, 'pass-up', { phone: '1', sort: 'tools' }))).answer, 'ward');
  const open = await rubbish();
  assert.equal((await told(send(head, open.code, 'settle', { phone: '1', words: 'Anh Nguyễn Văn Tám đã dọn.' }))).answer, 'words');
  assert.equal((await told(send(head, open.code, 'pass-up', { phone: '1', sort: 'x' }))).status, 422);
  assert.equal((await send(head, open.code, 'settle', { phone: '1', key: 'x' })).status, 400);
  assert.equal((await told(send(head, open.code, 'settle', { phone: '1' }, Buffer.from('no picture')))).answer, 'photo');
  // Without the script: the page again, with what was typed; names are pointed out once.
  const page = await send(head, open.code, 'settle', { words: 'Anh Nguyễn Văn Tám đã dọn.' });
  assert.equal(page.status, 422);
  assert.ok(page.text.includes('value="Anh Nguyễn Văn Tám đã dọn."') && page.text.includes('name="words-advised"'));
  const away = await send(head, hers.code, 'settle', { words: 'Đã quét sạch.' });
  assert.equal(away.status, 409);
  assert.match(words(away.text), /Lời bạn đã ghi: Đã quét sạch\./);
});

test('nobody acts: the clock takes it to the ward, and says so; what the khu vực does at the last moment counts', async () => {
  const r = await rubbish(), other = await rubbish();
  x.clock.move(12);
  const head = await as('truong-kv');
  await until('the clock took it up', () => step(r.code) === 'received' && step(other.code) === 'received');
  assert.match(words(await receipt(r)), /Hết thời gian của khu vực/);
  assert.equal(x.sql("SELECT count(*) FROM area_turn t JOIN ward_case c ON c.id = t.case_id WHERE c.step <> 'khu_vuc'"), '0');
  await must(send(head, other.code, 'settle', {}, png()));
  minutes(6);
  await list(head);
  assert.equal(step(other.code), 'closed');
});

test('a kind that becomes the khu vực\'s first: what began before keeps its way', async () => {
  const { mkdtempSync, readFileSync, writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { tmpdir } = await import('node:os');
  const { root } = await import('../harness/xom.mjs');
  const old = await report(x, W, { kind: 'road', area, text: 'Ổ gà.' }), dir = mkdtempSync(join(tmpdir(), 'xom-area-'));
  const yaml = readFileSync(join(root, 'procedures/road.yaml'), 'utf8'), way = readFileSync(join(root, 'procedures/rubbish.yaml'), 'utf8').match(/ {2}- name: khu_vuc[\s\S]*?(?= {2}- name: received)/)[0];
  writeFileSync(join(dir, 'road.yaml'), yaml.replace(/^(area_head: true.*\n)/m, '$1area_first: area.act\n').replace('  - name: received', `${way}  - name: received`));
  x.verb(['procedures', 'publish', dir]);
  const fresh = await until('the new version', async () => { const r = await report(x, W, { kind: 'road', area, text: 'Ổ gà mới.' }); return step(r.code) === 'khu_vuc' && r; });
  assert.equal(step(old.code), 'received');
  const head = await as('truong-kv'), html = await list(head), [turns, ward] = html.split('Phường đang lo');
  assert.ok(turns.includes(fresh.code) && ward.includes(old.code));
  assert.equal((await told(send(head, old.code, 'pass-up', { phone: '1', sort: 'tools' }))).answer, 'ward');
});

test('the week\'s sheet: what was settled, what is open and late, by public cases alone', async () => {
  const code = x.sql(`SELECT code FROM area WHERE id = ${area}`), shown = (r) => x.sql(`SELECT public_code FROM ward_case WHERE code = '${r.code}'`);
  const open = await rubbish(), hidden_ = await report(x, W, { kind: 'noise', area, text: 'Ồn.' }), away = await rubbish({ area: far });
  const settled = x.sql(`SELECT c.public_code FROM ward_case c JOIN timeline t ON t.case_id = c.id WHERE t.verb = 'settle' AND c.step = 'closed' ORDER BY c.closed_at DESC LIMIT 1`);
  const html = (await x.client().get(`/${W}/figures/week/${code}`)).text, page = words(html);
  assert.ok(!html.includes(shown(away)) && !html.includes(shown(hidden_)) && !html.includes('SEEN') && !html.includes(open.code));
  assert.ok(html.includes(settled), 'settled in these days');
  assert.match(page, /khu vực tự giải quyết/);
  const json = JSON.parse((await x.client().get(`/${W}/figures/week/${code}.json`)).text);
  const own = `FROM ward_case WHERE area_id = ${area} AND listed = 1 AND withheld = 0`;
  // Those whose day comes first, at most twenty; the count tells of all.
  assert.deepEqual(json.cases.map((c) => c.code), x.sql(`SELECT public_code ${own} AND open = 1 ORDER BY sort_at, id LIMIT 20`).split('\n'));
  assert.equal(json.open, Number(x.sql(`SELECT count(*) ${own} AND open = 1`)));
  assert.ok(json.cases.some((c) => c.late) === (json.overdue > 0));
  assert.equal((await x.client().get(`/${W}/figures/week/khong-co`)).status, 404);
});

test('who is my …: by street, by khu vực, dated; the card; names only when the ward says so', async () => {
  const admin = await as('quan-tri'), c = x.client(), mine = x.sql(`SELECT code FROM area WHERE id = ${area}`);
  const page = async (path) => { const r = await c.get(`/${W}${path}`); return { status: r.status, html: r.text, words: words(r.text) }; };
  const token = async () => hidden((await admin.get(`/${W}/admin/nearby`)).text, 'token');
  const add = async (fields) => admin.post(`/${W}/admin/nearby`, { token: await token(), do: 'add', area: '0', address: '', hours: '', phone: '', until: '', from: '1/1/2026', ...fields });
  assert.doesNotMatch((await page(`/who?area=${mine}`)).words, /Phường chưa ghi/, 'the demo answers whole');
  x.sql('DELETE FROM nearby');
  assert.match((await page(`/who?area=${mine}&n=0`)).words, /Trạm y tế Phường chưa ghi/);
  for (const [fields, why] of [[{ sort: 'health', name: '', phone: '0292 000 0001' }, /Hãy ghi tên nơi/], [{ sort: 'health', name: 'Trạm y tế', phone: 'gọi chị Ba' }, /Hãy ghi một số điện thoại/], [{ sort: 'health', name: 'Trạm y tế' }, /Hãy ghi địa chỉ, giờ mở cửa/], [{ sort: 'x', name: 'Trạm y tế', phone: '0292 000 0001' }, /Hãy chọn nơi nào/], [{ sort: 'health', name: 'Trạm y tế', phone: '0292 000 0001', area: '9' }, /Hãy chọn khu vực/], [{ sort: 'health', name: 'Trạm y tế', phone: '0292 000 0001', from: 'hôm qua' }, /Hãy ghi ngày bắt đầu/]]) {
    const r = await add(fields);
    assert.equal(r.status, 422);
    assert.match(words(r.text), why);
  }
  await must(add({ sort: 'health', name: 'Trạm y tế phường', phone: '0292 000 0001' }));
  await must(add({ sort: 'area_head', name: 'Văn phòng khu vực A', phone: '0292 000 0011', area }));
  await must(add({ sort: 'area_head', name: 'Văn phòng phường', phone: '0292 000 0012' }));
  await must(add({ sort: 'shelter', name: 'Trường tiểu học', address: '1 Bến Sông', until: '2/1/2026' }));
  assert.match(words((await admin.get(`/${W}/admin/log`)).text), /Thêm nơi phụ trách khu vực/);
  let p = await page(`/who?area=${mine}`);
  assert.match(p.words, /Trạm y tế phường 0292 000 0001 Từ ngày 0?1\/0?1\/2026, chung cả phường/);
  assert.ok(p.html.includes('Văn phòng khu vực A') && !p.html.includes('Văn phòng phường') && !p.html.includes('Trường tiểu học'), 'its own counts; what is over is gone');
  assert.ok(p.html.includes('href="tel:02920000011"'));
  assert.ok(!p.html.includes('Bùi Thị Sáu'));
  await must(admin.post(`/${W}/admin/settings`, { token: await token(), area_head_names: 'yes' }));
  p = await until('the setting is seen', async () => { const q = await page(`/who?area=${mine}&n=1`); return q.html.includes('Bùi Thị Sáu') && q; });
  assert.ok(!p.html.includes('Lâm Văn Út'), 'volunteers are named nowhere');
  // A street of the list: its khu vực at once; house numbers, marks and half words are no matter.
  const [street, code] = x.sql(`SELECT n.name, n.area_code FROM place_name n JOIN ward w ON w.id = n.ward_id WHERE w.slug = '${W}' AND n.area_code IS NOT NULL ORDER BY n.folded LIMIT 1`).split('|');
  const name = x.sql(`SELECT name FROM area WHERE code = '${code}'`);
  for (const typed of [street, `12 ${street}`, street.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D')]) assert.ok((await page(`/who?street=${encodeURIComponent(typed)}`)).html.includes(name), typed);
  assert.match((await page('/who?street=kh%C3%B4ng%20c%C3%B3%20g%C3%AC')).words, /không có tên đường này/);
  assert.equal((await page('/who?area=khong-co')).status, 404);
  p = await page(`/who/${mine}/card`);
  assert.ok(p.html.includes('Văn phòng khu vực A') && p.html.includes('<path d="M') && p.words.includes('114'));
  for (const lang of ['en', 'km']) assert.ok(!/Ai phụ trách|Chọn khu vực/.test(words((await c.get(`/${W}/${lang}/who?area=${mine}`)).text)), lang);
  assert.equal((await c.get(`/${W}/who?area=${mine}`)).headers.get('set-cookie'), null);
});

test('what was just noted stands unfolded with its way back, for who noted it; an empty list says which emptiness it is', async () => {
  const head = await as('truong-kv'), team = await as('to-kv'), r = await rubbish();
  assert.equal((await send(head, r.code, 'settle', { words: 'Đã dọn.' })).status, 303);
  const card = async (who) => (await list(who)).match(new RegExp(`<details class="[^"]*" id="c-${r.code}"( open)?>[^]*?</details>`));
  const mine = await card(head), theirs = await card(team);
  assert.equal(mine[1], ' open');
  assert.match(words(mine[0]), /Vừa ghi .*Rút lại được đến .*Bấm nhầm, rút lại/);
  assert.equal(theirs[1], undefined);
  assert.doesNotMatch(words(theirs[0]), /Bấm nhầm/);
  // The volunteer's own khu vực, one where nothing is open, none at all.
  const was = x.sql("SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'to-kv'");
  const of = "account_id = (SELECT id FROM account WHERE login = 'to-kv')";
  const quiet = x.sql(`SELECT a.id FROM area a WHERE a.level = 'khu_vuc' AND a.parent_id = (SELECT parent_id FROM area WHERE id = ${was}) ORDER BY (SELECT count(*) FROM ward_case c WHERE c.area_id = a.id AND c.open = 1), a.id LIMIT 1`);
  const still = x.sql(`SELECT id FROM ward_case WHERE area_id = ${quiet} AND open = 1`).split('\n').filter(Boolean).join(',') || '0';
  x.sql(`UPDATE ward_case SET open = 0 WHERE id IN (${still})`);
  x.sql(`UPDATE area_head SET area_id = ${quiet} WHERE ${of}`);
  const none = words(await list(await as('to-kv')));
  assert.match(none, /Khu vực hiện không có việc nào đang mở/);
  assert.doesNotMatch(none, /chưa được giao/);
  x.sql(`UPDATE area_head SET until_day = from_day WHERE ${of}`);
  const nowhere = words(await list(await as('to-kv')));
  assert.match(nowhere, /Bạn chưa được giao khu vực nào/);
  assert.doesNotMatch(nowhere, /không có việc nào đang mở/);
  x.sql(`UPDATE area_head SET until_day = NULL, area_id = ${was} WHERE ${of}`);
  x.sql(`UPDATE ward_case SET open = 1 WHERE id IN (${still})`);
});

test('the first receipt of rubbish says who has it, until when, and where it goes then', async () => {
  const r = await rubbish(), until = x.sql(`SELECT due_at FROM area_turn WHERE case_id = (SELECT id FROM ward_case WHERE code = '${r.code}')`);
  const last = new Date(Number(BigInt(until) / 1000n) - 1 + 7 * 3600e3).toISOString().slice(0, 10).split('-').reverse().join('/');
  const name = x.sql(`SELECT name FROM area WHERE id = ${area}`), unit = x.sql("SELECT name FROM unit WHERE slug = 'moi-truong'").split('\n')[0];
  assert.ok(words(r.page.text).includes(`Ai lo trước Trưởng và tổ của ${name} Hết ngày ${last} mà chưa xong thì chuyển lên phường: ${unit}`), words(r.page.text).slice(0, 800));
  assert.doesNotMatch(words(r.page.text), /Nơi nhận/);
  const elsewhere = words((await rubbish({ area: far })).page.text);
  assert.ok(elsewhere.includes(`Nơi nhận ${unit}`));
  assert.doesNotMatch(elsewhere, /Ai lo trước/);
});

test('what waited when its reporter took the case back is not told as done by somebody else', async () => {
  const head = await as('truong-kv'), r = await rubbish(), c = await opened(x, W, r);
  await must(send(head, r.code, 'pass-up', { sort: 'tools' }));
  await must(c.post(`/${W}/receipt/withdraw`, { s: hidden((await c.get(`/${W}/receipt`)).text, 's') }));
  minutes(6);
  await list(head);
  await until('given back', async () => (await list(head)).includes(`${r.code}</span>)`));
  const said = words((await list(head)).split('<p class="govuk-body">').find((p) => p.includes(`${r.code}</span>)`)));
  assert.match(said, /người báo đã rút/);
  assert.doesNotMatch(said, /xử lý trước/);
});

test('another khu vực\'s head, another ward\'s, and one whose days are over reach nothing; the chains verify', async () => {
  const r = await rubbish(), code = x.sql(`SELECT code FROM area WHERE id = ${far}`), mine = x.sql(`SELECT code FROM area WHERE id = ${area}`);
  const theirs = await signIn(x, 'rach-truc', 'truong-kv.rt');
  const token = hidden((await theirs.get('/rach-truc/desk/sessions')).text, 'token');
  assert.equal((await theirs.post(`/rach-truc/desk/my-area/${r.code}/settle`, { token, key: key() })).status, 409);
  x.verb(['user', 'area', '--ward', W, '--login', 'to-kv', '--area', mine, '--end', '2025-06-01']);
  x.verb(['user', 'area', '--ward', W, '--login', 'to-kv', '--area', code, '--from', '2026-01-01']);
  const team = await as('to-kv');
  assert.equal((await team.get(`/${W}/desk/my-area/${r.code}`)).status, 404);
  assert.equal((await told(send(team, r.code, 'settle', { phone: '1' }))).answer, 'gone');
  assert.equal(step((await rubbish({ area: far })).code), 'khu_vuc', 'a volunteer is somebody who can act');
  assert.equal(step(r.code), 'khu_vuc');
  assert.match(x.verb(['verify']), /: 0 faults/);
  assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
});
