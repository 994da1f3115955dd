// What was erased is in no file any more: strings planted in each field that people write into are looked for in all
// bytes of the database, its journal, photos, log, temporary files, outbox and backups (test/harness/traces.mjs).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { tempDir } from '../harness/xom.mjs';
import { SEALED, WRITTEN, end, inBackup, names, night, plantAll, traces, world } from '../harness/forgotten.mjs';
import { findIn, planted, searchTree } from '../harness/traces.mjs';

// --- the searcher: what it must find, it finds ---

// A zip of one file, as spreadsheets are.
function zip(bytes) {
  const packed = deflateRawSync(bytes), head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1'); head.writeUInt16LE(8, 8); head.writeUInt32LE(packed.length, 18); head.writeUInt16LE(1, 26);
  return Buffer.concat([head, Buffer.from('x'), packed]);
}
// As PostgreSQL's pglz leaves what it can't shorten: a byte of flags before each eight bytes.
function pglz(bytes, first) {
  const pieces = [bytes.subarray(0, first)];
  for (let i = first; i < bytes.length; i += 8) pieces.push(Buffer.from([0x40]), bytes.subarray(i, i + 8));
  return Buffer.concat(pieces);
}
const noise = (n, seed) => Buffer.from(Array.from({ length: n }, (_, i) => ((i * 2654435761 + seed * 40503) >>> 11) & 0xff));
const word = planted('copy'), bytes = Buffer.from(`một lời ${word} nữa`);
const DISGUISES = {
  plain: [bytes], hex: [Buffer.from(bytes.toString('hex'))], HEX: [Buffer.from(bytes.toString('hex').toUpperCase())],
  base64: [0, 1, 2].map((n) => Buffer.from(Buffer.concat([Buffer.alloc(n, '?'), bytes]).toString('base64'))),
  base64url: [0, 1, 2].map((n) => Buffer.from(Buffer.concat([Buffer.alloc(n, '?'), bytes]).toString('base64url'))),
  zlib: [1, 6, 9].map((level) => deflateSync(bytes, { level })), gzip: [gzipSync(bytes)], zip: [zip(bytes)],
  zstd: [spawnSync('zstd', ['-cq'], { input: bytes }).stdout], pglz: [1, 2, 3, 4, 5, 6, 7, 8].map((first) => pglz(Buffer.from(word), first)),
  packedTwice: [gzipSync(Buffer.from(deflateSync(bytes).toString('latin1'), 'latin1'))], hexPacked: [deflateSync(Buffer.from(bytes.toString('hex')))],
};
test('the searcher finds a planted copy in each form, wherever it stands among other bytes, and none where there is none', () => {
  for (const [form, list] of Object.entries(DISGUISES)) for (const [i, d] of list.entries()) {
    assert.ok(d.length > 0, form);
    for (const before_ of [0, 1, 4095]) {
      const hits = findIn(Buffer.concat([noise(before_, 3), d, noise(700, i)]));
      assert.ok(hits.some((h) => h.name === 'copy'), `${form} ${i} after ${before_} bytes: ${JSON.stringify(hits)}`);
    }
  }
  assert.deepEqual(findIn(Buffer.concat([noise(100000, 7), Buffer.from(word.replace('7041', '7014')), gzipSync(noise(5000, 1))])), []);
  // Cut off behind the string, it is still found.
  const cut = deflateSync(Buffer.concat([bytes, noise(20000, 5)]), { level: 6 });
  assert.ok(findIn(Buffer.concat([cut.subarray(0, 9000), noise(3000, 9)])).some((h) => h.name === 'copy'));
});
test('the searcher finds planted copies in each kind of place: database, journal, folders, names of files', () => {
  const dir = tempDir();
  try {
    for (const d of ['media/90001', 'spool', 'backups']) mkdirSync(join(dir, d), { recursive: true });
    // A database whose journal stays beside it, as that of a server that is killed.
    const db = join(dir, 'xom.db'), run = (sql) => execFileSync('sqlite3', [db], { input: `.filectrl persist_wal 1\nPRAGMA journal_mode = wal;\nPRAGMA wal_autocheckpoint = 0;\n${sql}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
    run(`CREATE TABLE t (b); INSERT INTO t VALUES ('${planted('data')}'), (x'${deflateSync(Buffer.from(planted('blob'))).toString('hex')}'); PRAGMA wal_checkpoint;`);
    const held = spawnSync('python3', ['-c', `import sqlite3, os\nc = sqlite3.connect(${JSON.stringify(db)})\nc.execute("INSERT INTO t VALUES ('${planted('wal')}')")\nc.commit()\nos._exit(0)`]);
    assert.equal(held.status, 0, String(held.stderr));
    writeFileSync(join(dir, 'media/90001', 'a.jpg'), Buffer.concat([noise(5000, 2), DISGUISES.zlib[1]]));
    writeFileSync(join(dir, 'spool', planted('named')), '');
    writeFileSync(join(dir, 'backups', 'x.gz'), gzipSync(gzipSync(planted('inside'))));
    const found = searchTree(dir), where = (name) => found.filter((f) => f.name === name).map((f) => f.file.slice(dir.length + 1));
    assert.ok(where('data').includes('xom.db'));
    assert.ok(where('blob').includes('xom.db'));
    assert.ok(where('wal').includes('xom.db-wal'), JSON.stringify(found));
    assert.deepEqual(where('copy'), ['media/90001/a.jpg']);
    assert.deepEqual(where('named'), [`spool/${planted('named')}`]);
    assert.deepEqual(where('inside'), ['backups/x.gz']);
  } finally { rmSync(dir, { recursive: true, force: true }); }
});

// --- the program, in ./check --all: a year of everything that is written takes half a minute ---
const skip = process.env.XOM_LONG || process.env.XOM_ENGINE ? false : 'only in ./check --all';

// What the night does not take yet. Empty: nothing of what people wrote outlives its day.
const STAYS = [];

test('what people wrote is in no file any more once it is due: database, journal, photos, log, outbox, backups', { skip }, async () => {
  const w = await world(), { x } = w;
  try {
    const first = await plantAll(w);
    assert.deepEqual(names(first.filter((f) => WRITTEN.includes(f.name))), [...WRITTEN].sort(), 'each is written somewhere, and seen there');
    assert.deepEqual(first.filter((f) => SEALED.includes(f.name)), [], 'what is sealed or left out is nowhere, ever');
    assert.deepEqual(first.filter((f) => f.where.startsWith('log') || f.where.startsWith('temporary')), []);
    x.verb(['backup', '--fast']);
    assert.deepEqual(first.filter((f) => f.where.startsWith('backup')), []);
    assert.ok(names(inBackup(w)).includes('text'), 'the backup of before has them, unpacked with its keys');
    const old = { data: join(w.place.dir, 'old'), keys: join(w.place.dir, 'old-keys') };
    for (const k of ['data', 'keys']) cpSync(w.place[k], old[k], { recursive: true });

    // At noon: what the night erases is out of the files at ten past three.
    const hour = new Date(Date.now() + 7 * 3600e3 + Number(x.clock.us / 1000n)).getUTCHours();
    x.clock.move(400 + (36 - hour) / 24);
    await night(x);
    let left = traces(w);
    for (let i = 0; i < 20 && left.some((f) => !STAYS.includes(f.name)); i += 1) { // a reader may hold the journal for a moment
      await new Promise((done) => { setTimeout(done, 250); });
      left = traces(w);
    }
    assert.deepEqual(left.filter((f) => !STAYS.includes(f.name)), []);
    assert.deepEqual(names(left), [...STAYS].sort(), 'what stays is what is said to stay');
    x.verb(['--test-clock', join(x.data, 'clock'), 'backup', '--fast']);
    assert.equal(readdirSync(w.place.data).length, 1, 'the backups that still have them are gone after backup_keep_days');
    assert.deepEqual(names(inBackup(w)), [...STAYS].sort());
    // What goes by its age stands in no list: words for several cases, a hand-over's notes, steps given back. Their
    // own sweeps take them in the first night that the restored ward is served.
    const own = ['bulk', 'sheet', 'waiting'];
    assert.deepEqual(names(inBackup(w, { from: old, deletions: join(x.data, 'deletions') })).filter((n) => !own.includes(n)), [], 'the old backup, restored with the list of today, has them no more');
    assert.match(x.verb(['verify']), /0 faults/);
  } finally { await end(w); }
});
