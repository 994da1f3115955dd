// Oversight's sheet of a quarter: what the signed transparency page counted, what was far from usual, what was
// published, the digest of the quarter's last day, and lines to sign; one sheet of A4 in both languages.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { onPostgres, signIn, startXom, words } from '../harness/xom.mjs';
import { launch, within } from '../browser/browser.mjs';

const W = 'song-may';
let x, oversight;
before(async () => { x = await startXom(); oversight = await signIn(x, W, 'giam-sat'); });
after(async () => { await x?.stop(); });

const at = (lang, end = '') => `/${W}${lang}/oversight/sheet${end}`;
const read = async (end = '') => JSON.parse((await oversight.get(`/${W}/en/oversight/sheet.json${end}`)).text);
const ward = () => x.sql(`SELECT id FROM ward WHERE slug = '${W}'`);
const now = new Date(Date.now() + 7 * 3600e3), before_ = new Date(Date.UTC(now.getUTCFullYear(), Math.floor(now.getUTCMonth() / 3) * 3 - 3, 1));
const quarter = `${before_.getUTCFullYear()}-Q${Math.floor(before_.getUTCMonth() / 3) + 1}`;

test('before a quarter is over there is none; what is no quarter is not found', async () => {
  assert.match(words((await oversight.get(at(''))).text), /Chưa có quý nào xong/);
  assert.equal((await read()).there, false);
  for (const bad of ['?quarter=2026', '?quarter=2026-Q5', '?quarter=2026-09', `?quarter=${quarter}`]) assert.equal((await oversight.get(at('', bad))).status, 404, bad);
});

test('it says what the quarter\'s signed page says, what was far from usual, and the last day\'s digest', async () => {
  const w = ward(), day = Math.floor(before_.getTime() / 86400e3) + 40;
  // A secretary who opened eighty matters on a day of the quarter, against two on others.
  const count = (d, who, cases) => x.sql(`INSERT INTO look_day (ward_id, day, pseudonym, role, unit_id, looks, cases, away, night, searches, taken) SELECT ${w}, ${d}, hash, 7, 0, ${cases}, ${cases}, 0, 0, 0, 0 FROM (SELECT hash FROM look WHERE ward_id = ${w} ORDER BY seq LIMIT 1 OFFSET ${who}) AS l`);
  for (let i = 1; i <= 30; i += 1) count(day - i, 1, 2);
  count(day, 0, 80);
  // More days, definitions and a digest: what doesn't fit on the sheet is counted.
  for (let i = 1; i <= 7; i += 1) count(day + i, 0, 80 + i);
  const bytes = (two) => (onPostgres ? `'\\x${two.repeat(32)}'` : `x'${two.repeat(32)}'`), wide = (two) => (onPostgres ? `'\\x${two.repeat(64)}'` : `x'${two.repeat(64)}'`);
  for (const d of [day + 1, day + 2]) x.sql(`INSERT INTO head (ward_id, day, ends, look_seq, look_hash, definitions, prev, digest, key_no, public_key, signature) VALUES (${w}, ${d}, 0, 0, ${bytes('11')}, ${bytes('22')}, ${bytes('33')}, ${bytes(d === day + 2 ? 'ab' : '44')}, 1, ${bytes('55')}, ${wide('66')})`);
  x.sql(`UPDATE procedure_version SET published_at = ${BigInt(day) * 86400000000n}`);
  x.verb(['figures', 'revise', W, quarter]);
  x.verb(['transparency', 'revise', W, quarter]);
  const s = await read(), page = JSON.parse((await x.client().get(`/${W}/en/transparency/${quarter}.json`)).text);
  assert.equal(s.quarter, quarter);
  assert.equal(s.number, 1);
  const of = (section) => page.figures.filter((f) => f.section === section).map((f) => f.n);
  const sorted = (list) => [...list].sort((a, b) => a - b);
  ['redress', 'holds', 'agency', 'erased'].forEach((name, i) => assert.deepEqual(sorted((s.groups[i].lines ?? []).map((l) => l.value)), sorted(of(name)), name));
  assert.deepEqual([s.groups[0].lines[0].label, s.groups[0].lines.at(-1).label], ['Requests received in the quarter', 'Appeals decided']);
  assert.equal(s.facts.length, 6);
  assert.equal(s.facts_more, 2);
  assert.match(s.facts[0].words, /87/);
  assert.equal(s.definitions.length, 8);
  assert.equal(s.definitions_more, page.definitions.length - 8);
  assert.ok(s.definitions.every((d) => d.second === undefined && /^[0-9a-f]{16}$/.test(d.mark)));
  assert.equal(s.head, 'ab'.repeat(32));
  assert.equal(s.head, page.heads.at(-1).digest);
  const asked = await read(`?quarter=${quarter}`);
  assert.deepEqual({ ...asked, quarters: [] }, { ...s, quarters: [] });
  const shown = JSON.stringify(s);
  for (const name of x.sql('SELECT name FROM account').split('\n')) assert.ok(!shown.includes(name), name);
  assert.equal(x.sql(`SELECT filter FROM look WHERE ward_id = ${w} ORDER BY seq DESC LIMIT 1`), `looks&quarter=${quarter}`);
});

test('on paper it is one sheet of A4 with lines to sign, in both languages', async () => {
  const browser = await launch();
  try {
    for (const [lang, sign] of [['', /Họ tên người giám sát[\s\S]*Chữ ký[\s\S]*Ngày ký/], ['/en', /Name of who holds oversight[\s\S]*Signature[\s\S]*Date/]]) {
      const html = (await oversight.get(at(lang))).text, pdf = join(x.data, 'sheet.pdf');
      const context = await browser.newContext({ viewport: { width: 703, height: 1046 } }), page = await context.newPage();
      await page.route(`${x.url}/printed`, (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }));
      await page.goto(`${x.url}/printed`);
      await page.emulateMedia({ media: 'print' });
      await page.evaluate(() => document.fonts.ready);
      if (process.env.XOM_SHOTS) await page.screenshot({ path: join(process.env.XOM_SHOTS, `sheet${lang.slice(1)}.png`), fullPage: true });
      await within(page.pdf({ path: pdf, preferCSSPageSize: true }), 'printing', 30000);
      await context.close();
      const info = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' }), text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
      assert.match(info, /^Pages: +1$/m);
      assert.match(info, /^Page size:.*A4/m);
      assert.match(text, sign);
      assert.match(text.replace(/\s+/g, ''), new RegExp(quarter));
      assert.doesNotMatch(text, /giam-sat|Lý Văn Tâm/, 'nobody\'s name but by hand');
    }
  } finally { await browser.close(); }
});
