// PostgreSQL's own data folder on a full disk: what would be stored is told, what was stored stays, reading
// goes on, and all is well when there is room again, without a hand. Its server is made for this alone,
// which takes long: ./check --all runs it, and no shorter check does.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const why = process.getuid() !== 0 && 'mounting a small disk needs root';
const W = 'song-may';

test('the database server has no room, and then has', { skip: why, timeout: 300000 }, async () => {
  const disk = mkdtempSync('/var/tmp/xom-full-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=420m,mode=755', 'tmpfs', disk]);
  mkdirSync(join(disk, 'server'));
  process.env.XOM_PG_DIR = join(disk, 'server');
  process.env.XOM_ENGINE = 'postgres';
  const pg = await import('../harness/postgres.mjs'), { readReceipt, report, startXom, words } = await import('../harness/xom.mjs'), { follow, upToCheck } = await import('../harness/steps.mjs');
  let x;
  try {
    await pg.start();
    x = await startXom();
    const got = await report(x, W), kept = [got];
    const fill = () => {
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - (1 << 20))));
      try { for (let i = 0; ; i += 1) writeFileSync(join(disk, `rest-${i}`), Buffer.alloc(4096)); } catch (e) { assert.equal(e.code, 'ENOSPC'); }
    };
    const form = await upToCheck(x, W, { text: 'Chữ này phải còn.' });
    fill();
    let told;
    for (let i = 0; i < 400 && !(told && told.status !== 200); i += 1) {
      const f = await upToCheck(x, W, { text: 'Đầy chỗ rồi. '.repeat(120) });
      told = await f.client.post(`/${W}/report/check`, { s: f.s, go: 'send' });
      if (told.status === 200) kept.push(readReceipt(told.text));
    }
    assert.equal(told.status, 503, words(told.text).slice(0, 200));
    assert.match(words(told.text), /Chưa nhận được|bận/);
    await follow(x, got);
    for (const f of readdirSync(disk).filter((n) => n !== 'server')) rmSync(join(disk, f));
    let again;
    for (let i = 0; i < 100 && again?.status !== 200; i += 1) { again = await form.client.post(`/${W}/report/check`, { s: form.s, go: 'send' }); if (again.status !== 200) await new Promise((done) => { setTimeout(done, 100); }); }
    assert.equal(again.status, 200, words(again.text).slice(0, 200));
    for (const k of [...kept, readReceipt(again.text)]) await follow(x, k);
    assert.match(x.verb(['verify']), /: 0 faults/);
    assert.doesNotMatch(x.verb(['verify']), /: [1-9]\d* faults/);
    await x.stop();
    x = undefined;
  } finally {
    if (x) await x.kill();
    pg.stop();
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});
