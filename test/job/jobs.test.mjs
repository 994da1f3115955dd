// xom jobs: a dead letter can be seen and waits again when a person says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startXom } from '../harness/xom.mjs';

test('a dead letter is listed with its error, retried once, and nothing else is', async () => {
  const x = await startXom();
  try {
    const rows = () => x.verb(['jobs', 'list']).trim().split('\n').map((l) => l.split('\t'));
    const one = rows().find((r) => r[1] === 'song-may' && r[3] === 'flow.search');
    assert.equal(one[2], 'waiting');
    const sql = (text) => x.sql(text);
    // As after the last attempt: dedup is free, the error is kept.
    sql(`UPDATE outbox SET state = 3, attempts = 5, dedup = '', error = 'the disk was away' WHERE id = ${one[0]}`);
    const dead = rows().find((r) => r[0] === one[0]);
    assert.deepEqual([dead[2], dead[6]], ['dead', 'the disk was away']);
    assert.match(x.verb(['jobs', 'retry', one[0]]), /waits again/);
    assert.notEqual(rows().find((r) => r[0] === one[0])?.[2], 'dead');
    assert.match(x.verb(['jobs', 'retry', one[0]], { status: 1 }), /no dead job/);
    assert.match(x.verb(['jobs', 'retry', 'x'], { status: 2 }), /usage/);
  } finally { await x.stop(); }
});
