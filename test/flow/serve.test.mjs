// What the server refuses to begin with, and how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmSync } from 'node:fs';
import { startXom } from '../harness/xom.mjs';

test('a machine whose clock stands before 2025 does not serve, and says why', async () => {
  const x = await startXom();
  try {
    x.child.kill('SIGTERM');
    await x.ended;
    x.clock.set(-BigInt(Date.now()) * 1000n);
    await assert.rejects(x.start(), /the machine's clock stands before 2025/);
    x.clock.set(0);
    await x.start();
    assert.equal((await x.client().get('/song-may/')).status, 200);
  } finally { await x.stop(); }
});

test('a second SIGTERM while it stops changes nothing', async () => {
  const x = await startXom();
  for (let i = 0; i < 5; i++) x.child.kill(i % 2 ? 'SIGINT' : 'SIGTERM');
  const end = await x.ended;
  rmSync(x.data, { recursive: true, force: true });
  assert.deepEqual(end, { code: 0, signal: null });
});
