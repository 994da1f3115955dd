// Whoever uses a changed Xóm over the network is offered its source (AGPL-3.0 section 13).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startXom, tempDir, verb } from '../harness/xom.mjs';

test('the address of the source stands on every page when it is set, and only https is taken', async () => {
  const x = await startXom({ settings: 'source_url: https://example.vn/xom\n' });
  try {
    const c = x.client();
    for (const path of ['/song-may/', '/song-may/en/report', '/', '/song-may/nothing'])
      assert.match((await c.get(path)).text, /href="https:\/\/example\.vn\/xom"/, path);
  } finally { await x.stop(); }
  const file = join(tempDir(), 'settings.yaml');
  for (const url of ['javascript:alert(1)', 'http://example.vn', '"https://example.vn/a b"']) {
    writeFileSync(file, `source_url: ${url}\n`);
    assert.match(verb(tempDir(), ['settings', 'check'], { status: 2, settings: ['--settings', file] }), /settings\.yaml:1: source_url: must begin with https/);
  }
});
