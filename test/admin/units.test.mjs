// A kind whose unit the ward does not have: it is not offered, those who run the ward are told, and a report
// that was begun meanwhile is not lost.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hidden, readReceipt, report, root, signIn, startXom, words } from '../harness/xom.mjs';
import { fieldError, upToCheck } from '../harness/steps.mjs';

const W = 'song-may', N = 'phuong-moi';
let x, admin;
before(async () => { x = await startXom(); admin = await signIn(x, W, 'quan-tri'); });
after(async () => { await x.stop(); });
const sql = (text) => x.sql(text);
const home = async (ward = W) => (await x.client().get(`/${ward}/?n=${Math.random()}`)).text;
async function until(what) {
  for (let i = 0; i < 400; i += 1) { if (await what()) return; await pause(50); }
  assert.fail('it was never so');
}
const unitOf = (kind) => readFileSync(join(root, `procedures/${kind}.yaml`), 'utf8').match(/^unit: (\S+)/m)[1];
const PLAIN = { s: '', go: 'send' };

test('a ward made by the command takes a report of every kind', async () => {
  assert.match(x.verb(['ward', 'add', N, '--prefix', 'NN', '--name', 'Phường Mới', '--area', '90001', '--hotline', '0292 000 0777']), /with a unit for each kind/);
  await until(async () => (await x.client().get(`/${N}/`)).status === 200);
  const offered = [...(await home(N)).matchAll(/\/report\?kind=(\w+)/g)].map((m) => m[1]);
  assert.equal(offered.length, 10);
  // About somebody who works here: no unit receives it, and nobody who may is entered yet.
  for (const kind of offered.filter((k) => k !== 'staff')) {
    assert.equal(sql(`SELECT count(*) FROM unit u JOIN ward w ON w.id = u.ward_id WHERE w.slug = '${N}' AND u.slug = '${unitOf(kind.replace('_', '-'))}'`), '1', kind);
    const got = await report(x, N, { kind });
    assert.match(got.code, /^NN-/, kind);
  }
  // Without any unit there is nothing to choose, and the page says whom to call.
  sql(`UPDATE unit SET until_day = 1 WHERE ward_id = (SELECT id FROM ward WHERE slug = '${N}'); UPDATE definition SET number = number + 1 WHERE name = 'procedures'`);
  await until(async () => !(await home(N)).includes('kind='));
  assert.match(words((await x.client().get(`/${N}/report`)).text), /chưa nhận báo việc qua trang này.*0292 000 0777/);
  assert.match(words((await x.client().get(`/${N}/en/report`)).text), /takes no reports on this page/);
});

test('a unit that ends between two pages: the report says so, keeps everything, and goes on with another kind', async () => {
  const { client, page } = await upToCheck(x, W, { kind: 'noise', street: 'Hẻm 7', text: 'Ồn tới khuya ZQKEPT.' });
  // Behind the program's back, so that it learns of it only while sending.
  sql(`UPDATE unit SET until_day = 1 WHERE slug = 'an-toan' AND ward_id = (SELECT id FROM ward WHERE slug = '${W}')`);
  let r = await client.post(`/${W}/report/check`, { ...PLAIN, s: hidden(page.text, 's') });
  assert.equal(r.status, 422);
  assert.match(fieldError(r.text, 'kind'), /không còn nhận báo loại việc này/);
  r = await client.post(`/${W}/report/kind`, { s: hidden(r.text, 's'), kind: 'lighting', go: 'next' });
  r = await client.post(`/${W}/report/where`, { s: hidden(r.text, 's'), area: 'unsure', street: 'Hẻm 7', landmark: '', lat: '', lon: '', go: 'next' });
  assert.ok(r.text.includes('ZQKEPT'), 'the words are there still');
  // At the counter, too.
  const officer = await signIn(x, W, 'ha-tang');
  const entry = await officer.get(`/${W}/desk/new`);
  r = await officer.post(`/${W}/desk/new`, { token: hidden(entry.text, 'token'), s: hidden(entry.text, 's'), channel: 'phone', kind: 'noise', area: 'unsure', street: 'Hẻm 9', landmark: '', text: 'ZQCOUNTER ồn', day: new Date(Date.now() + 6 * 3600e3).toISOString().slice(0, 10), hour: new Date(Date.now() + 6 * 3600e3).toISOString().slice(11, 16), word: 'bông hoa giấy', go: 'send' });
  assert.equal(r.status, 422);
  fieldError(r.text, 'kind');
  assert.ok(r.text.includes('ZQCOUNTER'));
  sql(`UPDATE unit SET until_day = NULL WHERE slug = 'an-toan'`);
});

test('a procedure that names a unit nobody made: not offered, told to doctor and administrator, mended by adding it', async () => {
  const { client, page } = await upToCheck(x, W, { kind: 'water', text: 'Cống nghẹt ZQKEPT.' });
  const dir = join(x.data, 'procs');
  mkdirSync(dir);
  writeFileSync(join(dir, 'water.yaml'), readFileSync(join(root, 'procedures/water.yaml'), 'utf8').replace(/^unit: .*$/m, 'unit: thoat-nuoc'));
  x.verb(['procedures', 'publish', dir]);
  await until(async () => !(await home()).includes('kind=water'));
  const r = await client.post(`/${W}/report/check`, { ...PLAIN, s: hidden(page.text, 's') });
  assert.notEqual(r.status, 500);
  assert.match(words(r.text), /không còn nhận báo loại việc này/);
  assert.match(words((await x.client().get(`/${W}/report?kind=water`)).text), /không còn nhận báo loại việc này/);
  assert.match(x.verb(['doctor', '--lang', 'en'], { status: 1 }), /Wrong {2}Wards: .*nobody can report “Cống và nước”, since there is no unit “thoat-nuoc”[\s\S]*?add a unit with the short name “thoat-nuoc”/);
  for (const path of ['', '/units', '/procedures', '/health'])
    assert.match(words((await admin.get(`/${W}/admin${path}`)).text), /(phường chưa có|vì chưa có) đơn vị “thoat-nuoc”/, path);
  assert.match(words((await admin.get(`/${W}/admin/procedures`)).text), /thiếu đơn vị/);
  const units = (await admin.get(`/${W}/admin/units`)).text;
  assert.equal((await admin.post(`/${W}/admin/units`, { token: hidden(units, 'token'), slug: 'thoat-nuoc', name: 'Tổ Thoát nước', office: '' })).status, 303);
  assert.ok((await home()).includes('kind=water'), 'offered at once');
  assert.doesNotMatch(words((await admin.get(`/${W}/admin/units`)).text), /phường chưa có đơn vị/);
  assert.match((await report(x, W, { kind: 'water' })).code, /^SM-/);
  assert.ok(!(await home('rach-truc')).includes('kind=water'), 'the other ward has no such unit yet');
});
