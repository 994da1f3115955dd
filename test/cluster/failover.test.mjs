// One failover of each kind, with clients that go on: nothing acknowledged is lost or doubled, chains
// verify, and reports are taken again within 30 seconds, both through HAProxy and by the list of addresses.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tempDir } from '../harness/xom.mjs';
import { startCluster } from '../harness/cluster.mjs';
import { all, begin, round, servers } from '../harness/failover.mjs';

test('the primary is killed, stopped, cut off', async (t) => {
  const c = await startCluster(), dir = tempDir();
  let xs = [];
  try {
    xs = await servers(c, dir);
    const state = begin(c);
    const kinds = c.cuts ? ['kill', 'freeze', 'cut'] : ['kill', 'freeze'];
    if (!c.cuts) t.diagnostic('machines cannot be cut off here (it needs root and its own networks): killed and stopped alone');
    for (const kind of kinds) {
      const r = await round(c, xs, kind, state);
      t.diagnostic(`${kind}: back after ${r.back.map((s) => s.toFixed(1)).join(' and ')} s; ${r.receipts} receipts, ${r.notes} notes, ${r.refused} sent again`);
      assert.deepEqual(r.wrong, [], kind);
      assert.ok(Math.max(...r.back) <= 30, `${kind}: back after ${r.back} s`);
      assert.ok(r.receipts > 5 && r.notes > 0);
    }
    assert.deepEqual(await all(xs, state), []);
  } finally {
    for (const x of xs) if (x.child.exitCode === null) x.child.kill('SIGKILL');
    await c.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
