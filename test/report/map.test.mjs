// The public map, its filter and the feeds: kinds about things only, squares of the grid, plain counts,
// and what is withheld gone at once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hidden, readReceipt, signIn, startXom, unescape, words } from '../harness/xom.mjs';
import { facts, png, steps, upToCheck } from '../harness/steps.mjs';

const WARD = '/song-may';
let x, officer, everybody;
// A point well inside of the ward, and one in another square.
const HERE = { lat: '10.000100', lon: '105.700100' }, THERE = { lat: '9.996000', lon: '105.697000' };

async function send(more) {
  const { client, s } = await upToCheck(x, 'song-may', more);
  const got = readReceipt((await client.post(`${WARD}/report/check`, { s, go: 'send' })).text);
  got.publicCode = more.kind === 'noise' ? undefined : (await facts(officer, got.code)).public_code;
  return got;
}
const json = async (path) => JSON.parse((await everybody.get(`${WARD}${path}`)).text);
const mapOf = (query = '') => json(`/map.json${query}`);
const codes = async (query) => (await json(`/cases.json${query}`)).cases.map((c) => c.code);
const db = (sql) => x.sql(sql);
// As the month of the test's clock stands in an address.
const monthOf = (days = 0) => new Date(Date.now() + Number(x.clock.us / 1000n) + (days * 24 + 7) * 3600e3).toISOString().slice(0, 7);

before(async () => {
  x = await startXom();
  officer = await signIn(x, 'song-may', 'ha-tang');
  everybody = x.client();
});
after(async () => { await x.stop(); });

test('the map counts open cases by square, in JSON, CSV, a drawn picture and a table, all alike', async () => {
  const old = await mapOf();
  await send({ ...HERE, area: '' });
  await send({ ...HERE, area: '', kind: 'road' });
  await send({ text: 'Không rõ ở đâu.' });
  const now = await mapOf('?n=1');
  assert.equal(now.total, old.total + 3);
  assert.equal(now.nowhere ?? 0, (old.nowhere ?? 0) + 1);
  assert.equal(now.squares.reduce((sum, s) => sum + s.n, 0) + now.nowhere, now.total);
  assert.equal(now.areas.reduce((sum, s) => sum + s.n, 0), now.total);
  const column = Math.floor((105.7001 - now.west) / now.cell_lon) + 1, row = Math.floor((10.0001 - now.south) / now.cell_lat) + 1;
  const square = now.squares.find((s) => s.column === column && s.row === row);
  assert.ok(square.n >= 2, 'the square of both');
  assert.equal(square.cell, `C${column}-${row}`);
  const csv = (await everybody.get(`${WARD}/map.csv?n=1`)).text;
  assert.match(csv, new RegExp(`^${square.cell},[^,]*,${square.n},`, 'm'));
  // The page: squares of 200 m here; the picture and the table have the same numbers.
  const html = (await everybody.get(`${WARD}/map?n=1`)).text;
  const drawn = [...html.matchAll(/<text class="x-map__n"[^>]*>(\d+)<\/text>/g)].map((m) => Number(m[1]));
  assert.equal(drawn.reduce((a, b) => a + b, 0), now.total - now.nowhere);
  const table = html.slice(html.indexOf('<caption'));
  assert.deepEqual([...table.matchAll(/numeric">(\d+)<\/td>/g)].map((m) => Number(m[1])), drawn);
  assert.match(html, /<path class="x-map__ward"[^>]*d="M\d/);
  // The list behind a square has just its cases, and so many.
  for (const [, url, n] of html.matchAll(/<a href="([^"]+)" tabindex="-1"><rect[^>]*><\/rect><text[^>]*>(\d+)</g)) {
    const list = JSON.parse((await everybody.get(unescape(url).replace('/cases?', '/cases.json?'))).text).cases;
    assert.equal(list.length, Number(n), url);
    assert.ok(list.every((c) => c.open && c.cell));
  }
  assert.equal((await json('/cases.json?state=open&cell=none')).cases.length, now.nowhere);
});

test('only the square is told, never a point, and nothing of conduct', async () => {
  const before = await mapOf('?state=all&n=2');
  const noise = await send({ kind: 'noise', ...HERE, area: '', text: 'CANARYNOISE' });
  const got = await send({ lat: '10.0012345', lon: '105.7054321', area: '', street: 'CANARYSTREET', landmark: 'CANARYMARK', text: 'CANARYTEXT' });
  for (const lang of ['', '/en'])
    for (const path of ['/map', '/map.json', '/map.csv', '/cases', '/cases.json', '/cases.csv', '/feed.atom', '/feed.json', `/case/${got.publicCode}`, `/case/${got.publicCode}.json`]) {
      const r = await everybody.get(`${WARD}${lang}${path}?state=all&n=3`);
      assert.equal(r.status, 200, path);
      assert.doesNotMatch(r.text, new RegExp(`CANARY|10\\.00123|105\\.70543|${got.code}|${noise.code}|karaoke`), path);
      assert.match(r.headers.get('cache-control'), /public/);
      assert.equal(r.headers.get('set-cookie'), null);
    }
  assert.equal((await mapOf('?state=all&n=4')).total, before.total + 1);
  for (const path of ['/map', '/cases']) {
    const r = await everybody.get(`${WARD}${path}?kind=noise`);
    assert.equal(r.status, 422);
    assert.doesNotMatch(r.text, /<option value="noise"/);
  }
});

test('filters: kind, khu vực, state and month, each alone and together, on map and list alike', async () => {
  const areas = (await mapOf('?state=all&n=5')).areas;
  const month = monthOf(), all = await json('/cases.json?n=5');
  for (const query of ['kind=lighting', 'kind=road&state=open', `month=${month}`, 'state=done', 'state=received', 'state=working', 'state=asked', `kind=lighting&state=all&month=${month}`, new URL(areas[2].url, x.url).search.slice(1)]) {
    const list = await json(`/cases.json?${query}${/state=/.test(query) ? '' : '&state=all'}&n=6`);
    const p = new URLSearchParams(query);
    const want = all.cases.filter((c) => (!p.get('kind') || c.kind === p.get('kind'))
      && (!p.get('month') || c.received.startsWith(p.get('month'))) && (!p.get('area') || c.area === areas[2].name)
      && (!p.get('state') || p.get('state') === 'all' || (p.get('state') === 'open' ? c.open : p.get('state') === 'done' ? !c.open : c.state === p.get('state'))));
    assert.deepEqual(list.cases.map((c) => c.code).sort(), want.map((c) => c.code).sort(), query);
    assert.equal((await mapOf(`?${query}${/state=/.test(query) ? '' : '&state=all'}&n=6`)).total, want.length, query);
  }
  const html = (await everybody.get(`${WARD}/cases?kind=road&area=&state=open&month=${month}`)).text;
  assert.match(html, /<option value="road" selected>/);
  assert.match(html, /<option value="open" selected>/);
  assert.match(html, new RegExp(`<option value="${month}" selected>`));
  assert.match(html, /href="\/song-may\/cases\.csv\?kind=road&amp;state=open&amp;month=/);
  assert.match(html, /href="\/song-may\/en\/cases\?kind=road&amp;area=&amp;state=open/, 'the other language keeps the filter');
});

test('what of a filter cannot be read is named, the rest is kept', async () => {
  for (const [query, name] of [['kind=nonsense', 'kind'], ['kind=%27%20OR%201', 'kind'], ['area=99', 'area'], ['area=1e3', 'area'], ['state=burnt', 'state'], ['month=2026-13', 'month'], ['month=%F0%9F%92%A9', 'month'], ['month=99999-1', 'month'], ['cell=C0-0', 'kind'], ['cell=C1', 'kind'], ['cell=C1-1&side=99', 'kind'], ['cell=C99999999999-1', 'kind'], ['kind=%ff', 'kind']])
    for (const path of ['/map', '/cases']) {
      const r = await everybody.get(`${WARD}${path}?${/month/.test(query) ? '' : 'month=2026-02&'}${query}`);
      if (/kind=%ff/.test(query) && r.status === 400) continue;
      assert.equal(r.status, 422, `${path}?${query}`);
      assert.match(r.text, new RegExp(`href="#${name}"`), query);
      if (!/month/.test(query)) assert.match(r.text, /value="2026-02" selected/);
    }
  for (const path of ['/feed.atom', '/feed.json']) assert.equal((await everybody.get(`${WARD}${path}?kind=nonsense`)).status, 422);
});

test('a withheld, corrected or withdrawn case leaves map and feed at once and comes back', async () => {
  const got = await send({ ...THERE, area: '', text: 'Đèn chập chờn.' });
  // Cached for everybody until something is released, withheld or moved.
  const seen = async () => ({ map: (await mapOf()).total, feed: (await everybody.get(`${WARD}/feed.atom`)).text });
  await steps(officer, got.code, ['take'], ['release', { 'release-text': 'PUBLICWORDS ở đầu hẻm.' }]);
  const there = await seen();
  assert.match(there.feed, /PUBLICWORDS/);
  await steps(officer, got.code, ['withhold', { 'withhold-reason': 'Nói rõ một nhà.' }]);
  const gone = await seen();
  assert.equal(gone.map, there.map - 1);
  assert.doesNotMatch(gone.feed, new RegExp(`PUBLICWORDS|${got.publicCode}`));
  await steps(officer, got.code, ['unwithhold', { 'unwithhold-reason': 'Đã sửa.' }]);
  assert.equal((await seen()).map, there.map);
  await steps(officer, got.code, ['unrelease', { 'unrelease-reason': 'Nhầm chỗ.', 'unrelease-text': 'Nhầm chỗ.' }]);
  const without = await seen();
  assert.match(without.feed, new RegExp(`${got.publicCode}/open/1`));
  assert.doesNotMatch(without.feed, new RegExp(`PUBLICWORDS|${got.publicCode}/release`));
  // What turns out to be between neighbours leaves for good.
  await steps(officer, got.code, ['correct', { 'correct-kind': 'noise', 'correct-reason': 'Chuyện giữa hai nhà.', 'correct-street': '', 'correct-landmark': '', 'correct-area': '0' }]);
  const corrected = await seen();
  assert.equal(corrected.map, there.map - 1);
  assert.doesNotMatch(corrected.feed, new RegExp(got.publicCode));
});

test('before and after: released photos alone, the reporter\'s and the desk\'s', async () => {
  const bytes = png({ width: 60, height: 40 });
  const { client, s } = await upToCheck(x, 'song-may', { photos: [{ bytes }], text: 'Đèn tắt.' });
  const got = readReceipt((await client.post(`${WARD}/report/check`, { s, go: 'send' })).text);
  await steps(officer, got.code, ['take']);
  const at = `${WARD}/desk/case/${got.code}`, form = new FormData(), page = (await officer.get(at)).text;
  for (const name of ['token', 'version', 'seen']) form.set(name, hidden(page, name));
  form.set('close-outcome', 'mended');
  form.set('close-text', 'CANARYRESULT: đã thay bóng.');
  form.append('close-photos', new Blob([bytes], { type: 'image/png' }), 'sau.png');
  assert.equal((await officer.post(`${at}/close`, form)).status, 303);
  const row = async () => (await json('/cases.json')).cases.find((c) => c.code === got.publicCode);
  got.publicCode = (await facts(officer, got.code)).public_code;
  assert.deepEqual([(await row()).before, (await row()).after], [[], []]);
  assert.equal((await row()).outcome, 'mended');
  const ids = [...(await officer.get(at)).text.matchAll(/name="release" value="(\d+)"/g)].map((m) => m[1]);
  assert.equal(ids.length, 2);
  const release = async (list) => { const p = (await officer.get(at)).text; const f = new URLSearchParams({ token: hidden(p, 'token'), version: hidden(p, 'version'), seen: hidden(p, 'seen'), 'release-text': 'Đã thay bóng đèn.' }); for (const id of list) f.append('release', id); assert.equal((await officer.post(`${at}/release`, f)).status, 303); };
  await release(ids);
  assert.deepEqual([(await row()).before.length, (await row()).after.length], [1, 1]);
  assert.equal((await everybody.get((await row()).after[0].url)).status, 200);
  const html = (await everybody.get(`${WARD}/case/${got.publicCode}`)).text;
  assert.match(words(html), /Trước .*Sau/);
  assert.match(words(html), /Đã thay bóng đèn/);
  const item = (await json('/feed.json')).items.find((i) => i.id.endsWith(`${got.publicCode}/release/1`));
  assert.match(item.image, /\/case\/SM-P-\w+\/photo\//);
  await release(ids.slice(0, 1));
  assert.deepEqual([(await row()).before.length, (await row()).after.length], [1, 0]);
  for (const path of ['/cases', '/cases.json', `/case/${got.publicCode}`, '/feed.atom', '/feed.json', '/map'])
    assert.doesNotMatch((await everybody.get(`${WARD}${path}`)).text, /CANARYRESULT/, path);
});

test('the feeds are valid: a real XML parser, stable ids, newest first, days alone', async () => {
  const atom = (await everybody.get(`${WARD}/feed.atom?kind=lighting&state=all`));
  assert.equal(atom.headers.get('content-type'), 'application/atom+xml; charset=utf-8');
  const script = `
import json, sys, xml.etree.ElementTree as E
A = '{http://www.w3.org/2005/Atom}'
f = E.fromstring(sys.stdin.buffer.read())
assert f.tag == A + 'feed' and f.get('{http://www.w3.org/XML/1998/namespace}lang') == 'vi'
one = lambda e, n: [c for c in e if c.tag == A + n]
for n in ('id', 'title', 'updated', 'author'): assert len(one(f, n)) == 1, n
links = {l.get('rel'): l.get('href') for l in one(f, 'link')}
out = []
for e in one(f, 'entry'):
    for n in ('id', 'title', 'updated', 'published', 'content'): assert len(one(e, n)) == 1, n
    assert one(e, 'link')[0].get('href').startswith('http')
    out.append({n: one(e, n)[0].text for n in ('id', 'title', 'updated', 'published')})
print(json.dumps({'links': links, 'id': one(f, 'id')[0].text, 'updated': one(f, 'updated')[0].text, 'entries': out}))`;
  const feed = JSON.parse(execFileSync('python3', ['-c', script], { input: atom.bytes, encoding: 'utf8' }));
  assert.ok(feed.entries.length > 3);
  assert.equal(new URL(feed.links.self).pathname + new URL(feed.links.self).search, `${WARD}/feed.atom?kind=lighting&state=all`);
  assert.equal(new URL(feed.links.alternate).pathname, `${WARD}/cases`);
  assert.equal(feed.updated, feed.entries[0].updated);
  for (const e of feed.entries) {
    assert.match(e.id, /^tag:localhost,\d{4}-\d\d-\d\d:SM-P-\w{7}\/(open|release|close|solved|withdraw|reopen)\/\d+$/);
    assert.match(e.updated, /T00:00:00\+07:00$/);
    assert.match(e.title, /Đèn đường/);
  }
  assert.equal(new Set(feed.entries.map((e) => e.id)).size, feed.entries.length);
  assert.deepEqual(feed.entries.map((e) => e.updated), feed.entries.map((e) => e.updated).sort().reverse());
  const j = await json('/feed.json?kind=lighting&state=all');
  assert.equal(j.version, 'https://jsonfeed.org/version/1.1');
  assert.deepEqual(j.items.map((i) => i.id), feed.entries.map((e) => e.id));
  assert.ok(j.items.every((i) => i.url && i.content_text && i.date_published));
  assert.equal((await json('/en/feed.json?kind=lighting')).items[0].id, j.items[0].id, 'the same in both languages');
  const home = (await everybody.get(`${WARD}/`)).text;
  assert.match(home, /<link rel="alternate" type="application\/atom\+xml" title="[^"]+" href="\/song-may\/feed\.atom">/);
  assert.doesNotMatch(home, /map\.js|map\.css/);
  assert.doesNotMatch((await officer.get(`${WARD}/desk`)).text, /feed\.atom/);
  // Another ward's feed has nothing of it.
  assert.ok(JSON.parse((await everybody.get('/rach-truc/feed.json')).text).items.every((i) => /:RT-P-/.test(i.id)));
});

test('the ward\'s boundaries are GeoJSON with fewer points, for everybody', async () => {
  const r = await everybody.get(`${WARD}/map/areas.geojson`);
  assert.equal(r.headers.get('content-type'), 'application/geo+json');
  assert.match(r.headers.get('cache-control'), /public/);
  const { features } = JSON.parse(r.text);
  assert.deepEqual(features.map((f) => f.properties.level), ['commune', ...Array(8).fill('khu_vuc')]);
  for (const f of features) {
    const [ring] = f.geometry.coordinates[0];
    assert.deepEqual(ring[0], ring.at(-1));
    assert.ok(ring.length > 8 && ring.every(([lon, lat]) => lon > 105.6 && lon < 105.8 && lat > 9.9 && lat < 10.1));
  }
});

test('the counts are those of the cases, folded or not, and xom rebuild makes the same', async () => {
  const before = await mapOf('?state=all&n=20');
  const dump = () => db('SELECT month, state, kind, area_id, cell_column, cell_row, SUM(n) FROM (SELECT month, state, kind, area_id, cell_column, cell_row, n FROM map_count UNION ALL SELECT month * k, state, kind, area_id, cell_column, cell_row, n FROM map_delta, (SELECT 0 AS k UNION ALL SELECT 1) AS ks) AS t GROUP BY 1, 2, 3, 4, 5, 6 HAVING SUM(n) <> 0 ORDER BY 1, 2, 3, 4, 5, 6');
  const right = dump();
  assert.equal(Number(db("SELECT SUM(n) FROM (SELECT n FROM map_count WHERE month = 0 UNION ALL SELECT n FROM map_delta) AS t")), Number(db('SELECT COUNT(*) FROM ward_case WHERE listed = 1 AND withheld = 0')));
  // The month of each row is that of the ward's calendar.
  const months = db("SELECT DISTINCT month FROM (SELECT month FROM map_count UNION SELECT month FROM map_delta) AS t WHERE month <> 0").split('\n').map((m) => `${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, '0')}`).sort();
  assert.deepEqual(months, [...new Set(db('SELECT DISTINCT (received_at + 25200000000) / 86400000000 FROM ward_case WHERE listed = 1 AND withheld = 0').split('\n').map((day) => new Date(day * 86400e3).toISOString().slice(0, 7)))].sort());
  db("UPDATE map_count SET n = n + 3; DELETE FROM map_delta; DELETE FROM map_count WHERE kind = 'road'");
  x.verb(['rebuild', '--ward', 'song-may']);
  x.verb(['rebuild', '--ward', 'rach-truc']);
  assert.equal(dump(), right);
  assert.equal((await mapOf('?state=all&n=21')).total, before.total);
});

test('pages of a month, of a square and of open cases follow one another without loss', async () => {
  const client = x.client();
  for (const query of [`?month=${monthOf()}`, '?state=open', '?cell=none&state=all']) {
    const rows = await json(`/cases.json${query}&n=30`);
    assert.ok(rows.cases.length > 0, query);
    assert.equal(new Set(rows.cases.map((c) => c.code)).size, rows.cases.length);
    const at = Math.floor(rows.cases.length / 2);
    const tail = await codes(`${query}&after=${rows.cases[at].code}`);
    assert.deepEqual(tail, rows.cases.slice(at + 1).map((c) => c.code), query);
  }
  assert.equal((await client.get(`${WARD}/cases?after=SM-P-0000000`)).status, 404);
});

test('a tile server is a setting: none by default, its origin alone in the policy', async () => {
  const plain = await everybody.get(`${WARD}/map`);
  assert.match(plain.headers.get('content-security-policy'), /img-src 'self' data:;/);
  assert.match(plain.text, /data-tiles=""/);
  const tiles = createServer((q, r) => { r.writeHead(200, { 'content-type': 'image/png' }); r.end(png({ width: 256, height: 256 })); });
  await new Promise((done) => { tiles.listen(0, '127.0.0.1', done); });
  const origin = `http://127.0.0.1:${tiles.address().port}`;
  const other = await startXom({ settings: `tile_url: "${origin}/{z}/{x}/{y}.png"\ntile_credit: "Bản đồ <của> phường"\n` });
  try {
    const r = await other.client().get(`${WARD}/map`);
    assert.match(r.headers.get('content-security-policy'), new RegExp(`img-src 'self' data: ${origin.replaceAll('.', '\\.')};`));
    assert.match(r.text, /data-credit="Bản đồ &lt;của&gt; phường"/);
  } finally { await other.stop(); tiles.close(); }
  for (const url of ['http://tiles.example.vn/{z}/{x}/{y}.png', "https://a.vn'; script-src *; x/{z}/{x}/{y}", 'https://a.vn/{z}/{x}', 'https://{z}{x}{y}', '//a.vn/{z}/{x}/{y}'])
    assert.match(x.verb(['settings', 'check'], { status: 2, settings: ['--settings', writeSettings(url)] }), /tile_url: must be https/, url);
});
function writeSettings(url) {
  const file = join(x.data, 'tiles.yaml');
  writeFileSync(file, `tile_url: ${JSON.stringify(url)}\n`);
  return file;
}
