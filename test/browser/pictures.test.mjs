// The pictures in README.md and docs/: each is of a page that is there, is shown with a sentence, and is
// not too heavy. In ./check --all they are taken anew from a short year of the demo, into a folder of the
// test's own; `tools/pictures` takes them from the whole year into docs/pictures.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root, startXom, tempDir, verb } from '../harness/xom.mjs';
import { DESK, PHONE, launch, makeJpeg, whole } from './browser.mjs';
import { DESKS, MOST, PHONES, SHARP, pagesOf, snap, takeAll } from './pictures.mjs';
import { paperOf } from './world.mjs';

const FOLDER = 'docs/pictures', NAMES = [...PHONES, ...DESKS];
const wanted = process.env.XOM_PICTURES; // where they are to be written for good
const CASES = wanted ? 2000 : 40;

// Width and height of a PNG; fails when it is none.
function size(path) {
  const bytes = readFileSync(path);
  assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n', path);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), bytes: bytes.length };
}

// What is wrong with a folder of pictures.
function faults(folder) {
  const wrong = [], there = readdirSync(folder).sort();
  for (const f of there) if (!NAMES.includes(f.replace(/\.png$/, ''))) wrong.push(`${f}: no page is known for it`);
  for (const name of NAMES) {
    if (!there.includes(`${name}.png`)) { wrong.push(`${name}.png: missing`); continue; }
    const { width, height } = size(join(folder, `${name}.png`));
    const right = PHONES.includes(name) ? PHONE.width * SHARP : DESK.width;
    if (width !== right) wrong.push(`${name}.png: ${width} pixels wide, not ${right}`);
    if (height < 600) wrong.push(`${name}.png: only ${height} pixels high`);
  }
  const sum = there.reduce((n, f) => n + statSync(join(folder, f)).size, 0);
  if (sum > MOST) wrong.push(`${sum} bytes together, more than ${MOST}`);
  return wrong;
}

// What is wrong with how the documents show them.
function shown(documents) {
  const wrong = [], seen = new Set();
  for (const [file, text] of Object.entries(documents))
    for (const [whole_, name] of text.matchAll(/<img[^>]*?src="(?:docs\/)?pictures\/([^"]+)\.png"[^>]*>/g)) {
      seen.add(name);
      if (!NAMES.includes(name)) wrong.push(`${file} shows ${name}.png, and no page is known for it`);
      if (!/ alt="[^"]{15,}"/.test(whole_)) wrong.push(`${file}: ${name}.png says nothing to who cannot see it`);
    }
  for (const name of NAMES) if (!seen.has(name)) wrong.push(`${name}.png is shown nowhere`);
  return wrong;
}
const documents = () => Object.fromEntries(['README.md', ...readdirSync(join(root, 'docs')).filter((f) => f.endsWith('.md')).map((f) => `docs/${f}`)]
  .map((f) => [f, readFileSync(join(root, f), 'utf8')]));

test('each picture of the documents is there, is a page\'s, and is shown with words', { skip: Boolean(wanted) }, () => {
  assert.deepEqual([...faults(join(root, FOLDER)), ...shown(documents())], []);
});

test('a planted fault is found: a page without a picture, a picture without a page or without words', () => {
  const dir = tempDir();
  try {
    writeFileSync(join(dir, 'old-page.png'), '');
    const list = faults(dir).join('\n');
    assert.match(list, /old-page\.png: no page/);
    assert.match(list, /receipt\.png: missing/);
    const said = shown({ 'README.md': '<img src="docs/pictures/old-page.png" alt="An old page, kept">', 'docs/tour.md': '<img src="pictures/queue.png">' }).join('\n');
    assert.match(said, /README\.md shows old-page\.png/);
    assert.match(said, /docs\/tour\.md: queue\.png says nothing/);
    assert.match(said, /receipt\.png is shown nowhere/);
    assert.doesNotMatch(said, /queue\.png is shown nowhere/);
  } finally { rmSync(dir, { recursive: true, force: true }); }
});

test('every picture can be taken from the demo\'s year', { skip: !whole && !wanted }, async () => {
  const dir = tempDir(), out = wanted ?? join(dir, 'pictures');
  let x, browser;
  try {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(dir, 'settings.yaml'), `media_program: ${join(build, 'src/xom-media/xom-media')}\n`);
    writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo', '--year', String(CASES)], { settings: ['--settings', join(dir, 'settings.yaml')] }));
    x = await startXom({ data: dir, settings: 'mail_url: smtp://localhost:9\nmail_from: xom@phuong.example\n' });
    // Ten past nine in the ward, so that the pictures are of a morning.
    const now = new Date(), minutes = (2 - now.getUTCHours()) * 60 + 10 - now.getUTCMinutes();
    x.clock.move(((minutes + 1440) % 1440) / 1440);
    browser = await launch({ own: Boolean(wanted) }); // letters as people see them
    const taken = [];
    const shoot = async (page, name, height, from) => {
      assert.ok(NAMES.includes(name) && !taken.includes(name), name);
      taken.push(name);
      const raw = join(dir, `${name}.raw.png`), file = join(out, `${name}.png`);
      const before = page.viewportSize();
      await snap(page, raw, height ?? before.height, from);
      await page.setViewportSize(before);
      // At most 256 colours: half the bytes or less, and no difference to see.
      execFileSync('vips', ['copy', raw, `${file}[palette,compression=9,effort=10,Q=80,dither=0.5]`]);
    };
    const pages = await pagesOf(browser);
    const gone = [];
    for (const page of Object.values(pages))
      page.on('response', (r) => { if (r.request().isNavigationRequest() && r.status() >= 400) gone.push(`${r.url()} answered ${r.status()}`); });
    await takeAll({ ...pages, x, shoot, jpeg: await makeJpeg(browser), paper: paperOf(x), at: (path) => `${x.url}/song-may${path}` });
    assert.deepEqual(gone, []);
    assert.deepEqual([...taken].sort(), [...NAMES].sort());
    assert.deepEqual(faults(out), []);
  } finally {
    await browser?.close();
    await x?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
