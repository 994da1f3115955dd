// docs/scale.md names the reads that may be stale; the program's own routes say the same.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, root } from '../harness/xom.mjs';

test('what may be read some seconds late is named, asks for nobody and changes nothing', () => {
  const routes = JSON.parse(execFileSync(binary, ['routes', '--json'], { encoding: 'utf8', maxBuffer: 64 << 20 }));
  const stale = routes.filter((r) => r.cache === 'public');
  assert.ok(stale.length > 5 && stale.length < routes.length / 2);
  for (const r of stale) {
    assert.equal(r.method, 'GET', r.pattern);
    assert.equal(r.may, 'open', r.pattern);
    assert.doesNotMatch(r.pattern, /desk|admin|sign-|receipt/, r.pattern);
  }
  const text = readFileSync(join(root, 'docs/scale.md'), 'utf8');
  const part = text.slice(text.indexOf('## Reads that may be some seconds old'));
  assert.deepEqual([...part.matchAll(/^- `([^`]+)`/gm)].map((m) => m[1]).sort(), stale.map((r) => r.pattern).sort());
});
