// What the device points out while one types (web/people.js) is what the server points out and leaves
// out of the index (src/kit/base/text_people.c): both read test/base/people.txt, here and in mask_test.c.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../harness/xom.mjs';

const dir = mkdtempSync(join(tmpdir(), 'xom-people-'));
execFileSync(join(root, 'web/node_modules/.bin/esbuild'), [join(root, 'web/people.js'), '--bundle', '--minify', '--format=esm', '--target=es2018', '--loader:.h=text', '--log-level=warning', `--outfile=${join(dir, 'people.mjs')}`]);
const { people } = await import(join(dir, 'people.mjs'));
rmSync(dir, { recursive: true });

const lines = readFileSync(join(root, 'test/base/people.txt'), 'utf8').split('\n').filter((l) => l && !l.startsWith('#'));
const places = lines.filter((l) => l.startsWith('place: ')).map((l) => l.slice(7));
const texts = lines.filter((l) => !l.startsWith('place: '));
function marked(text, list) {
  let out = '', at = 0;
  for (const { from, to, kind } of people(text, list)) {
    assert.ok(from >= at && to > from && to <= text.length);
    out += `${text.slice(at, from)}⟦${kind} ${text.slice(from, to)}⟧`;
    at = to;
  }
  return out + text.slice(at);
}
const plain = (line) => line.replace(/⟦\w+ ([^⟧]*)⟧/g, '$1');

test('each text is marked as the server marks it', () => {
  assert.ok(texts.length > 80 && places.length > 5);
  assert.deepEqual(texts.map((line) => marked(plain(line), places)), texts);
});

test('without the ward\'s list its streets look like people', () => {
  assert.equal(marked('gần chợ Bà Chiểu', []), 'gần chợ Bà ⟦name Chiểu⟧');
  assert.equal(marked('gần chợ Bà Chiểu', places), 'gần chợ Bà Chiểu');
});

test('a long text, an empty one and broken halves of characters end soon', () => {
  assert.deepEqual(people('', places), []);
  assert.ok(people('\ud83d chị Lan \ude00', places).length === 1);
  const began = performance.now();
  assert.ok(people('anh Ba 0912345678 '.repeat(120).slice(0, 2000), places).length > 100);
  assert.ok(performance.now() - began < 2000);
});
