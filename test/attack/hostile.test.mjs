// Hostile clients of every kind at once (measures/hostile.c), 1,500 idle connections among them: honest
// readers and reporters are served meanwhile, without one failure, and afterwards nothing is held.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, report, startXom } from '../harness/xom.mjs';

const TOOL = join(build, 'measures/bench-hostile'), IDLE = 1500;
const lines = (child) => new Promise((done) => { let out = ''; child.stdout.on('data', (d) => { out += d; }); child.on('exit', (code) => done({ code, out })); });

test('honest people are served while every kind of hostile client is at work', async () => {
  const x = await startXom({ args: ['--rate-scale', '1'] });
  try {
    const attack = spawn('nice', [TOOL, 'attack', String(x.port), '/song-may', String(IDLE)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = lines(attack);
    await new Promise((done) => attack.stdout.once('data', done));
    const honest = await lines(spawn(TOOL, ['honest', String(x.port), '/song-may', '3'], { stdio: ['ignore', 'pipe', 'inherit'] }));
    const [asked, failed, , , worst] = honest.out.trim().split(' ').map(Number);
    assert.equal(honest.code, 0);
    assert.ok(asked > 50, `only ${asked} honest requests were answered`);
    assert.equal(failed, 0, `${failed} of ${asked} honest requests failed`);
    assert.ok(worst < 5e6, `one took ${worst} µs`);
    attack.stdin.end();
    const did = await ended;
    assert.equal(did.code, 0, did.out);
    for (const kind of ['idle', 'uploads of 1 GB', 'no multipart', 'opened and dropped', 'huge cookies', 'junk behind requests', 'wrong PINs'])
      assert.ok(Number(did.out.match(new RegExp(`^${kind}: (\\d+)`, 'm'))[1]) > 0, kind);
    const fds = () => readdirSync(`/proc/${x.child.pid}/fd`).length;
    // Some whose goodbye came with their last byte are there until their deadline of ten seconds.
    for (let i = 0; i < 260 && fds() > 400; i += 1) await new Promise((done) => { setTimeout(done, 50); });
    assert.ok(fds() <= 400, `${fds()} descriptors are held`);
    assert.ok((await report(x, 'song-may', { kind: 'noise', text: 'Loa kẹo kéo sau 22 giờ.' })).code);
    assert.match(x.verb(['verify']), /: 0 faults/);
  } finally { await x.stop(); }
});
