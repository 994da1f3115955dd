// /rights: what it says is what rights/promises.yaml and the last green run say, and nothing is green
// that is not offered, not tested or not known.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { binary, root, startXom, tempDir, words } from '../harness/xom.mjs';

const W = 'song-may';
let x, share;
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', TZ: 'UTC' };

// A share folder of links, whose rights/ is a copy that the test may change.
function shareFolder() {
  const dir = tempDir();
  for (const name of readdirSync(root)) if (name !== 'rights' && !name.startsWith('.')) symlinkSync(join(root, name), join(dir, name));
  mkdirSync(join(dir, 'rights'));
  for (const f of readdirSync(join(root, 'rights'))) if (f !== 'green.json') cpSync(join(root, 'rights', f), join(dir, 'rights', f));
  return dir;
}
const rights = (dir, ...args) => spawnSync(binary, ['--share', dir, 'rights', ...args], { env, encoding: 'utf8' });
const version = readFileSync(join(root, 'VERSION'), 'utf8').trim();

before(async () => { x = await startXom(); share = shareFolder(); });
after(async () => { await x?.stop(); rmSync(share, { recursive: true, force: true }); });

test('every refusal and promise is on the page in both languages, with its tests, and the hash of the definitions', async () => {
  const list = x.verb(['procedures', 'list']).match(/definitions (\w+)/)[1];
  for (const lang of ['', '/en']) {
    const page = await x.client().get(`/${W}${lang}/rights`);
    assert.equal(page.status, 200);
    for (let n = 1; n <= 6; n++) assert.ok(page.text.includes(`id="refused-${n}"`), `refused ${n}`);
    for (let n = 1; n <= 13; n++) assert.ok(page.text.includes(`id="promise-${n}"`), `promise ${n}`);
    assert.ok(page.text.includes(list), 'the hash that xom procedures list prints');
    assert.match(words(page.text), lang ? /one signature/ : /một chữ ký/);
  }
  const json = JSON.parse((await x.client().get(`/${W}/rights.json`)).text);
  assert.equal(json.definitions, list);
  for (const p of [...json.refusals, ...json.promises]) {
    assert.equal((p.tests ?? []).length > 0, p.offered === true, `${p.title}: offered with tests, or neither`);
    for (const t of p.tests ?? []) assert.ok(existsSync(join(root, t.file)), t.file);
  }
  assert.deepEqual(json.promises.filter((p) => [2, 12].includes(p.number) && p.offered), [], 'what is not built is not green');
});

test('the definitions\' changes name a role and a time, never a person', async () => {
  const json = JSON.parse((await x.client().get(`/${W}/en/rights.json`)).text);
  assert.ok(json.changes.length >= 6);
  for (const c of json.changes) assert.match(c.by, /^(operator of the machine|administrator)$/);
});

test('every page links to it', async () => {
  for (const at of ['/', '/report', '/cases', '/khong-co']) assert.match((await x.client().get(`/${W}${at}`)).text, /href="\/song-may\/rights"/);
});

test('a green day is shown for this version alone, and only for tests that ran', () => {
  const green = (o) => { writeFileSync(join(share, 'rights/green.json'), typeof o === 'string' ? o : JSON.stringify(o)); return rights(share).stdout; };
  const run = { version, day: '2026-11-20', commit: 'abc', tests: ['test/rights/canaries.test.mjs'] };
  const seen = green(run);
  assert.match(seen, /canaries\.test\.mjs\t2026-11-20/);
  assert.match(seen, /permissions\.test\.mjs\tnot known for this build/);
  for (const bad of [{ ...run, version: '0.0.9' }, { ...run, day: 'gestern' }, '{', '[]', 'null', { ...run, version: 7 }]) assert.doesNotMatch(green(bad), /2026-11-20/, JSON.stringify(bad));
  rmSync(join(share, 'rights/green.json'));
});

test('a promise without a test, with one that is not there, or green without being offered does not build', () => {
  const file = join(share, 'rights/promises.yaml'), kept = readFileSync(file, 'utf8');
  assert.equal(rights(share, 'check').status, 0, rights(share, 'check').stderr);
  for (const [from, to, why] of [
    [/tests: \[test\/report\/form\.test\.mjs[^\]]*\]/, 'tests: []', /without a test/],
    ['test/report/form.test.mjs', 'test/report/forms.test.mjs', /no test test\/report\/forms/],
    ['test/report/form.test.mjs', 'test/../README.md', /no test/],
    [/    state: not_yet/, '    state: offered', /without a test/],
    [/    state: offered/, '    state: not_yet', /no test may make it green/],
    [/    state: offered/, '    state: green', /promises\[0\]/],
    [/number: 2/, 'number: 1', /number of an earlier/],
    [/en: "[^"]*"/, 'fr: "x"', /en|fr/],
  ]) {
    const text = kept.replace(from, to);
    assert.notEqual(text, kept);
    writeFileSync(file, text);
    const r = rights(share, 'check');
    assert.equal(r.status, 1, `${to}: ${r.stdout}`);
    assert.match(r.stderr, why);
  }
  writeFileSync(file, kept);
});

test('no library that recognises faces, plates or voices is among the dependencies', () => {
  const deps = readdirSync(join(root, 'deps')).map((f) => readFileSync(join(root, 'deps', f), 'utf8')).join('\n') + readFileSync(join(root, 'web/package.json'), 'utf8');
  assert.ok(deps.length > 100);
  assert.doesNotMatch(deps, /opencv|dlib|tesseract|tensorflow|torch|onnx|whisper|vosk|face|alpr|mediapipe/i);
  const linked = execFileSync('ldd', [binary], { encoding: 'utf8' });
  assert.doesNotMatch(linked, /opencv|dlib|tesseract|tensorflow|torch|onnx/i);
});
