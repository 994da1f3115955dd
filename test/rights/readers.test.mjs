// "Who will read this", on the page before sending, says for every kind what docs/permissions.md grants: the
// table is read here, the page comes from the program's matrix and the rule that its pages ask.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, startXom, unescape, words } from '../harness/xom.mjs';
import { upToCheck } from '../harness/steps.mjs';

const W = 'song-may';
let x;
before(async () => { x = await startXom(); });
after(async () => { await x.stop(); });

const table = readFileSync(join(root, 'docs/permissions.md'), 'utf8').split('\n').filter((l) => l.startsWith('|')).map((l) => l.split('|').slice(1, -1).map((c) => c.trim()));
const HEAD = { 'khu vực head': 'area_head', 'member organisation': 'member_org', 'handling officer': 'handler', 'ward police': 'police', secretary: 'secretary', chair: 'chair', oversight: 'oversight', administrator: 'admin' };
const row = (n) => Object.fromEntries(table.find((r) => r[0] === String(n)).map((c, i) => [HEAD[table[0][i]], c]).filter(([role]) => role));
const po = readFileSync(join(root, 'po/vi.po'), 'utf8');
const label = (role) => po.match(new RegExp(`msgid "role\\.${role}"\\nmsgstr "([^"]*)"`))[1];
const list = (roles) => roles.map(label).join(', ');

// What a cell says: everywhere, in the own unit, or not at all.
function readers(n) {
  const out = { ward: [], never: [] };
  for (const [role, cell] of Object.entries(row(n))) {
    assert.match(cell, /^(R|–|R(\/W)? own unit(;.*)?|R own khu vực.*)$/, `row ${n}, ${role}: ${cell}`);
    if (cell === 'R') out.ward.push(role);
    if (cell === '–' && role !== 'area_head') out.never.push(role);
  }
  return out;
}
const lines = (html, after, before) => [...html.split(after)[1].split(before)[0].matchAll(/<li>([\s\S]*?)<\/li>/g)].map((m) => unescape(m[1]));

test('for each kind the page names the readers of its row, and those who are none', async () => {
  const start = await x.client().get(`/${W}/report`);
  const kinds = [...start.text.matchAll(/name="kind" type="radio" value="([^"]*)"/g)].map((m) => m[1]);
  const seen = { 2: 0, 3: 0, 51: 0 };
  for (const kind of kinds) {
    const yaml = readFileSync(join(root, `procedures/${kind.replace('_', '-')}.yaml`), 'utf8');
    const says = (key) => new RegExp(`^\\s*${key}: (yes|true)`, 'm').test(yaml);
    if (says('about_staff')) continue; // its readers are named by rule, one by one
    const mediated = kind === 'mediation', head = says('area_head');
    const n = mediated ? 51 : says('listed') ? 2 : 3;
    const { page } = await upToCheck(x, W, { kind });
    const [who, not] = [lines(page.text, 'Ai sẽ đọc điều này', 'Ai không đọc được'), lines(page.text, 'Ai không đọc được', '</section>')];
    const want = readers(n);
    if (!mediated) want.never.push('mediator');
    const watch = who.find((l) => l.startsWith('Trong phường cũng đọc được'));
    assert.equal(watch, want.ward.length > 0 ? `Trong phường cũng đọc được: ${list(want.ward)}. Mỗi lần họ mở đều hiện trên giấy hẹn của bạn.` : undefined, kind);
    assert.equal(not.find((l) => l.startsWith('Trong phường cũng không')), `Trong phường cũng không đọc được: ${list(want.never)}.`, kind);
    assert.equal(not.some((l) => l.startsWith('Trưởng khu vực')), !head, `${kind}: ${words(page.text).slice(-900)}`);
    assert.equal(who.some((l) => l.startsWith('Trưởng khu vực')), head, kind);
    seen[n] += 1;
  }
  assert.ok(seen[2] > 3 && seen[3] > 1 && seen[51] > 0, JSON.stringify(seen));
});

test('each row of the table has a number of its own, in order, and each reason is a row\'s', () => {
  const rows = table.map((r) => Number(r[0])).filter(Number.isInteger);
  const whys = readFileSync(join(root, 'docs/permissions.md'), 'utf8').split('\n').map((l) => l.match(/^(\d+)\. /)?.[1]).filter(Boolean).map(Number);
  const rising = (list) => list.every((n, i) => i === 0 || n > list[i - 1]);
  assert.ok(rows.length > 50 && rising(rows), rows.join(' '));
  assert.ok(rising(whys) && !rising([42, 43, 42]), whys.join(' '));
  assert.deepEqual(whys, rows);
});

test('the paper form says the same', async () => {
  const c = x.client();
  await c.post(`/${W}/sign-in`, { login: 'ha-tang', password: 'song-may-demo', to: '' });
  for (const [kind, n] of [['lighting', 2], ['noise', 3]]) {
    const { text } = await c.get(`/${W}/desk/print/form?kind=${kind}`);
    const want = readers(n);
    want.never.push('mediator');
    assert.equal(words(text).includes('Trong phường cũng đọc được:'), want.ward.length > 0, kind);
    assert.ok(words(text).includes(`Trong phường cũng không đọc được: ${list(want.never)}.`), kind);
  }
});
