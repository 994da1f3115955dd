// The demo's year: through the same doors as real reports, whole, and the same each time it is made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, databaseLine, sql, tempDir, verb } from '../harness/xom.mjs';
import { ACTS, bounds, count, published } from '../stats/count.mjs';

const CASES = 24;
const ask = (dir, text) => JSON.stringify(sql(dir, text, { json: true }));
const WARD = 'ward_id = (SELECT min(id) FROM ward)';

function make() {
  const dir = tempDir();
  writeFileSync(join(dir, 'settings.yaml'), `media_program: ${join(build, 'src/xom-media/xom-media')}\n${databaseLine(dir)}`);
  const settings = ['--settings', join(dir, 'settings.yaml')];
  verb(dir, ['demo', '--year', String(CASES)], { settings });
  return { dir, settings };
}
// What people wrote and where, in the order in which it came.
const told = (dir) => ask(dir, `SELECT c.kind, c.street, c.landmark, c.lon_e7, c.lat_e7, c.state, c.released_text, b.body FROM ward_case c JOIN part p ON p.ward_id = c.ward_id AND p.case_id = c.id AND p.seq = 1 AND p.name = 'text' JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id AND b.seq = 1 AND b.part = p.part WHERE c.${WARD} ORDER BY c.id LIMIT ${CASES}`);

test('a year of the demo is whole, believable, verified, and the same each time', () => {
  const a = make(), b = make();
  try {
    assert.equal(told(a.dir), told(b.dir));
    const list = JSON.parse(told(a.dir));
    assert.equal(list.length, CASES);
    for (const c of list) assert.doesNotMatch(`${c.body} ${c.street} ${c.landmark} ${c.released_text}`, /[{}]|undefined|\(null\)/);
    assert.ok(new Set(list.map((c) => c.body)).size > CASES * 0.9, 'the words differ');
    assert.ok(list.filter((c) => c.lon_e7).length > CASES / 2, 'most have a point');
    assert.ok(new Set(list.map((c) => c.kind)).size >= 5);
    // Months apart, nothing in the future, nothing ends before it began.
    const [span] = JSON.parse(ask(a.dir, `SELECT (max(received_at) - min(received_at)) / 86400000000 AS days, CASE WHEN max(moved_at) <= ${Date.now() * 1000} THEN 1 ELSE 0 END AS past, count(CASE WHEN closed_at < received_at THEN 1 END) AS backwards FROM ward_case WHERE ${WARD}`));
    assert.ok(span.days > 250, `${span.days} days`);
    assert.equal(span.past, 1);
    assert.equal(span.backwards, 0);
    // What several people told of: joined by themselves, merged by the desk.
    assert.deepEqual(JSON.parse(ask(a.dir, `SELECT l.kind, count(*) AS n FROM ward_case c JOIN ward_case l ON l.ward_id = c.ward_id AND l.id = c.lead_id WHERE c.${WARD} AND l.open = 1 GROUP BY l.kind ORDER BY l.kind`)), [{ kind: 'lighting', n: 2 }, { kind: 'water', n: 1 }]);
    assert.match(verb(a.dir, ['verify'], { settings: a.settings }), /song-may: .* 0 faults/);
    // Each quarter's transparency page is what the raw rows say, counted by another program.
    const ward = sql(a.dir, 'SELECT min(id) FROM ward'), quarters = [...new Set(JSON.parse(ask(a.dir, `SELECT received_at AS at FROM ward_case WHERE ${WARD}`)).map(({ at }) => { const d = new Date(Number(BigInt(at) / 1000n) + 7 * 3600e3); return `${d.getUTCFullYear()}-Q${Math.floor(d.getUTCMonth() / 3) + 1}`; }))].filter((q) => bounds(q).to <= Math.floor((Date.now() + 7 * 3600e3) / 86400e3));
    assert.ok(quarters.length >= 3, `${quarters}`);
    for (const q of quarters) {
      // There already, before the first night: number 1, signed, after its edition.
      assert.deepEqual(JSON.parse(ask(a.dir, `SELECT t.number AS page, e.number AS edition FROM transparency t JOIN edition e ON e.ward_id = t.ward_id AND e.quarter = t.quarter WHERE t.${WARD} AND t.quarter = ${bounds(q).from}`)), [{ page: 1, edition: 1 }], q);
      const page = JSON.parse(JSON.parse(ask(a.dir, `SELECT body FROM transparency WHERE ${WARD} AND quarter = ${bounds(q).from}`))[0].body);
      const quiet = page.figures.filter((f) => f.section === 'received' && !page.figures.some((g) => g.section === 'half' && g.of === f.of)).map((f) => f.of);
      const counted = count((text) => JSON.parse(ask(a.dir, text)), ward, q, page.made, { quiet, acts: ACTS });
      assert.deepEqual(Object.fromEntries(Object.entries(published(page)).sort()), Object.fromEntries(Object.entries(counted).sort()), q);
    }
    // "Who is my …?" answers whole in each khu vực of both wards: every sort of office, its own or the ward's.
    const lacking = JSON.parse(ask(a.dir, `SELECT a.name, s.sort FROM area a JOIN area p ON p.id = a.parent_id JOIN ward w ON w.area_code = p.code CROSS JOIN (SELECT 'area_head' AS sort UNION SELECT 'beat' UNION SELECT 'health' UNION SELECT 'one_stop' UNION SELECT 'shelter') s WHERE a.level = 'khu_vuc' AND NOT EXISTS (SELECT 1 FROM nearby n WHERE n.ward_id = w.id AND n.sort = s.sort AND (n.area_id IS NULL OR n.area_id = a.id))`));
    assert.deepEqual(lacking, []);
    assert.ok(JSON.parse(ask(a.dir, "SELECT area_id FROM nearby WHERE sort = 'area_head'")).length >= 4);
    assert.match(verb(a.dir, ['demo', '--year', '0'], { settings: a.settings, status: 2 }), /usage/);
    assert.match(verb(a.dir, ['demo'], { settings: a.settings, status: 1 }), /has wards already/);
  } finally { for (const x of [a, b]) rmSync(x.dir, { recursive: true, force: true }); }
});
