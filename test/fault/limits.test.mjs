// No more descriptors or memory, and a clock that jumps: pages go on or say so, nothing is lost, and it is over
// with its cause.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { report, signIn, startXom, words } from '../harness/xom.mjs';
import { facts, follow, png, steps } from '../harness/steps.mjs';

const W = 'song-may';
const cpu = (pid) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return (Number(f[11]) + Number(f[12])) / 100; };

test('no more descriptors: who is connected goes on, who comes waits, and nothing spins', async () => {
  const x = await startXom(), pid = x.child.pid;
  try {
    const got = await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] });
    const limit = readFileSync(`/proc/${pid}/limits`, 'utf8').match(/Max open files\s+(\d+)\s+(\d+)/);
    const used = Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number)) + 1;
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${used + 6}:${limit[2]}`]);
    const sockets = Array.from({ length: 40 }, () => { const s = connect(x.port, '127.0.0.1'); s.on('error', () => {}); s.resume(); return s; });
    await new Promise((done) => { setTimeout(done, 300); });
    const before = cpu(pid);
    await new Promise((done) => { setTimeout(done, 1000); });
    assert.ok(cpu(pid) - before < 0.5, `it used ${cpu(pid) - before} s of CPU in a second of nothing`);
    for (const s of sockets) s.destroy();
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit[1]}:${limit[2]}`]);
    // The same moment on: pages, photos and receipts.
    await follow(x, got);
    assert.ok((await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] })).code);
    assert.match(x.verb(['verify']), /: 0 faults/);
  } finally { await x.stop(); }
});

test('photos without a descriptor left are told, and are taken afterwards', async () => {
  const x = await startXom(), pid = x.child.pid;
  try {
    const limit = readFileSync(`/proc/${pid}/limits`, 'utf8').match(/Max open files\s+(\d+)\s+(\d+)/);
    for (let spare = 0; spare < 8; spare += 1) {
      const c = x.client();
      await c.get(`/${W}/report`); // its connection is there
      const used = Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number)) + 1;
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${used + spare}:${limit[2]}`]);
      const got = await Promise.race([report(x, W, { client: c, photos: [{ bytes: png(), type: 'image/png' }] }).catch((e) => ({ told: e.message })), new Promise((done) => { setTimeout(() => done({ told: 'waits' }), 1500); })]);
      execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit[1]}:${limit[2]}`]);
      assert.ok(got.code || got.told, `${spare}`);
    }
    const got = await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] });
    await follow(x, got);
    assert.match(x.verb(['verify']), /: 0 faults/);
  } finally { await x.stop(); }
});

// A cgroup (version 1 or 2) in which the process has no more than that from now on; undefined: none can be made.
function cramped(pid, bytes) {
  for (const [dir, limit] of [['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'], ['/sys/fs/cgroup', 'memory.max']]) {
    const mine = `${dir}/xom-test-${process.pid}`;
    try {
      mkdirSync(mine);
      writeFileSync(`${mine}/${limit}`, String(bytes));
      writeFileSync(`${mine}/cgroup.procs`, String(pid));
      return { end: () => { for (let i = 0; i < 50; i += 1) try { rmdirSync(mine); return; } catch { execFileSync('sleep', ['0.05']); } } };
    } catch { try { rmdirSync(mine); } catch { /* was not made */ } }
  }
  return undefined;
}

test('no more memory: what was acknowledged is there, whoever the kernel ends', async (t) => {
  const x = await startXom(), kept = [];
  try {
    // What is used from now on counts: a few MiB, which photos and pages soon need.
    const group = cramped(x.child.pid, 6 << 20);
    if (!group) { t.diagnostic('no cgroup of memory can be made here'); await x.stop(); return; }
    const photo = Buffer.from(png({ width: 1600, height: 1200 }));
    let told = 0;
    for (let i = 0; i < 8 && x.child.signalCode === null; i += 1) {
      const some = await Promise.all(Array.from({ length: 4 }, () => report(x, W, { photos: [{ bytes: photo, type: 'image/png' }] }).catch(() => { told += 1; })));
      kept.push(...some.filter((r) => r?.code));
    }
    assert.ok(told > 0 || x.child.signalCode !== null, 'there was memory enough');
    await x.kill();
    group.end();
    await x.start();
    for (const k of kept) await follow(x, k);
    assert.ok((await report(x, W, { photos: [{ bytes: photo, type: 'image/png' }] })).code);
    assert.match(x.verb(['verify']), /: 0 faults/);
    assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
    await x.stop();
  } finally { await x.kill(); }
});

test('a clock that jumps on and back, over years, and to before there was anything', async () => {
  const x = await startXom();
  try {
    const first = await report(x, W), kept = [first];
    let at = 0;
    for (const days of [365, -364, 400, -801, 500, -1, 30]) {
      at += days;
      x.clock.move(days);
      const got = await report(x, W, { photos: [{ bytes: png(), type: 'image/png' }] });
      kept.push(got);
      for (const k of kept) await follow(x, k);
      const officer = await signIn(x, W, 'ha-tang');
      // A clock of before the password was chosen: its sessions are over, as after any change of it.
      if (at < 0) assert.equal((await officer.get(`/${W}/desk`)).status, 303);
      else await steps(officer, got.code, ['take'], ['note', { 'note-text': `sau ${days} ngày` }]);
      if (at >= 0) assert.ok(JSON.stringify(await facts(officer, got.code)).includes(`sau ${days} ngày`));
      // A wrong PIN of before the jump locks nobody out.
      const wrong = await x.client().post(`/${W}/follow`, { code: got.code, pin: '00000000' });
      assert.notEqual(wrong.status, 303, words(wrong.text));
      assert.equal((await x.client().get(`/${W}/cases`)).status, 200);
      assert.equal((await x.client().get('/readyz')).status, 200);
    }
    await x.kill();
    await x.start();
    for (const k of kept) await follow(x, k);
    assert.match(x.verb(['verify']), /: 0 faults/);
    assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
  } finally { await x.stop(); }
});
