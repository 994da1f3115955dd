// The same ward on SQLite and, moved, on PostgreSQL: every page, list, search, figure, feed and export that a
// walk over its links finds is the same, byte for byte, for each role.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root, signIn, startXom, tempDir, verb } from '../harness/xom.mjs';
import { sql } from '../harness/postgres.mjs';

const W = 'song-may', CASES = 200, PAGES = 150;
const ROLES = [null, 'ha-tang', 'cong-an', 'quan-tri', 'truong-kv', 'thu-ky', 'chu-tich', 'giam-sat', 'phu-nu'];
const folder = `/var/tmp/xom-test-answers-${process.pid}`;
const harness = (what) => execFileSync(process.execPath, [join(root, 'test/harness/postgres.mjs'), what], { encoding: 'utf8', env: { ...process.env, XOM_PG_DIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const dir = tempDir(), one = join(dir, 'one'), two = join(dir, 'two');
const media = `media_program: ${join(build, 'src/xom-media/xom-media')}\n`;
let a, b;

before(async () => {
  const url = `${harness('start')}/answers`;
  sql(url.replace(/answers$/, 'postgres'), 'CREATE DATABASE answers TEMPLATE template0');
  const settings = join(dir, 'settings.yaml');
  writeFileSync(settings, media);
  mkdirSync(one);
  writeFileSync(join(one, 'demo.txt'), verb(one, ['demo', '--year', String(CASES)], { settings: ['--settings', settings] }));
  cpSync(one, two, { recursive: true });
  verb(two, ['move', '--from', two, '--to', url], { settings: ['--settings', settings] });
  a = await startXom({ data: one });
  b = await startXom({ data: two, settings: `database: ${url}\n` });
});
after(async () => {
  for (const x of [a, b]) if (x?.child.exitCode === null) await x.stop();
  try { harness('remove'); } finally { rmSync(dir, { recursive: true, force: true }); }
});

// What a server makes for this answer alone: its port, what is sealed for this form and person, the minute.
function plain(x, reply) {
  return reply.text.replaceAll(x.url, 'URL').replaceAll(`:${x.port}`, ':PORT')
    .replace(/(name="(?:s|t|token|csrf)" value=")[^"]*/g, '$1…')
    .replace(/(data-form=")[^"]*/g, '$1…')
    .replace(/([?&](?:s|t)=)[A-Za-z0-9_-]{20,}/g, '$1…')
    .replace(/(name="id" value=")25\d{16}/g, '$1…') // a session of one's own
    .replace(/\b\d\d:\d\d(?=,| |<)/g, 'HH:MM');
}
const links = (text) => [...text.matchAll(/(?:href|src|action)="(\/[^"#]*)"/g)].map((m) => m[1].replaceAll('&amp;', '&'))
  .filter((l) => !/\/(assets|sign-out|lang)|\.(css|js|woff2)$|sign-out|admin\/(settings|health|jobs)/.test(l));
const SEARCHES = ['den', 'rac', 'duong den', 'hem 1', 'khu vuc 3', 'SM-26', 'nga', 'x'];

for (const role of ROLES)
  test(`the same answers for ${role ?? 'a resident'}`, async () => {
    const ca = role ? await signIn(a, W, role) : a.client(), cb = role ? await signIn(b, W, role) : b.client();
    const queue = role ? [`/${W}/desk`, `/${W}/admin`] : [`/${W}`];
    queue.push(`/${W}`, `/${W}/cases`, `/${W}/cases.json`, `/${W}/cases.csv`, `/${W}/feed.json`, `/${W}/feed.atom`, `/${W}/figures.json`, `/${W}/figures.csv`, `/${W}/map.json`);
    // Who has no desk searches as everybody does.
    const desk = role && (await ca.get(`/${W}/desk.json`)).status === 200;
    if (desk) await cb.get(`/${W}/desk.json`);
    for (const s of SEARCHES) for (const q of desk ? ['unit', 'done', 'new'] : ['']) queue.push(desk ? `/${W}/desk.json?queue=${q}&words=${encodeURIComponent(s)}` : `/${W}/cases?words=${encodeURIComponent(s)}`);
    const seen = new Set(queue);
    let pages = 0, fine = 0;
    for (let path; pages < PAGES && (path = queue.shift()) !== undefined; pages += 1) {
      const [ra, rb] = await Promise.all([ca.get(path), cb.get(path)]);
      assert.equal(rb.status, ra.status, path);
      assert.equal(rb.headers.get('content-type'), ra.headers.get('content-type'), path);
      const type = ra.headers.get('content-type') ?? '';
      if (/spreadsheet|pdf|zip/.test(type)) assert.ok(Math.abs(ra.bytes.length - rb.bytes.length) < 64, path); // their own moment is in them
      else if (/text|json|csv|xml|svg/.test(type)) assert.equal(plain(b, rb), plain(a, ra), `${role}: ${path}`);
      else assert.deepEqual(rb.bytes, ra.bytes, path);
      fine += ra.status === 200;
      for (const l of links(ra.text)) if (!seen.has(l)) { seen.add(l); queue.push(l); }
    }
    assert.ok(fine > PAGES / 3, `${fine} of ${pages} pages were there`);
  });
