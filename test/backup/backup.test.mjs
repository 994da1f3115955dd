// Backups of a running ward: what comes back, what is refused, what a full disk or a changed byte does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawn, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, databaseLine, hidden, onPostgres, report, root, signIn, startXom, tempDir, verb } from '../harness/xom.mjs';

// What is restored is a file, whichever engine the backup was made on.
const FILE = onPostgres ? 'database:\n' : '';

// A server with a place for backups and one for keys, and a key pair for each.
async function world(more = '') {
  const dir = tempDir();
  const place = { dir, data: join(dir, 'backups'), keys: join(dir, 'elsewhere'), secret: join(dir, 'a.secret'), keysSecret: join(dir, 'b.secret') };
  mkdirSync(place.data); mkdirSync(place.keys);
  const key = (file) => execFileSync(binary, ['backup-key', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  place.settings = `backup_dir: ${place.data}\nbackup_key: ${key(place.secret)}\nbackup_keys_dir: ${place.keys}\nbackup_keys_key: ${key(place.keysSecret)}\n`;
  const x = await startXom({ settings: place.settings + more });
  return { x, place };
}
const done = async ({ x, place }) => { await x.stop(); rmSync(place.dir, { recursive: true, force: true }); };
const archives = (place) => [readdirSync(place.data)[0], readdirSync(place.keys)[0]];
const restoreArgs = (place, extra = ['--deletions', 'none']) => {
  const [data, keys] = archives(place);
  return ['restore', join(place.data, data), join(place.keys, keys), '--secret', place.secret, '--keys-secret', place.keysSecret, ...extra];
};
const state = (x) => JSON.parse(readFileSync(join(x.data, 'backup-state.json'), 'utf8'));

test('a ward comes back from its two archives: receipts open, chains verify, photos are there', async () => {
  const w = await world();
  const { x, place } = w;
  try {
    const out = x.verb(['backup', '--fast']);
    assert.match(out, /MiB of database, \d+ photos, \d+ keys/);
    const [data, keys] = archives(place);
    assert.match(data, /^xom-\d{8}T\d{6}Z\.data\.box$/);
    assert.match(keys, /^xom-\d{8}T\d{6}Z\.keys\.box$/);
    for (const f of [join(place.data, data), join(place.keys, keys)]) assert.equal(statSync(f).mode & 0o777, 0o600);
    assert.equal(existsSync(join(x.data, 'backup/xom.db')), false);
    const said = state(x);
    assert.equal(said.failed, false);
    assert.equal(said.same_place, true);
    assert.equal(said.missing, 0);

    const there = join(place.dir, 'restored');
    const told = verb(there, restoreArgs(place), { settings: ['--settings', join(x.data, 'settings.yaml')] });
    assert.match(told, /every chain verified/);
    assert.equal(statSync(there).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(join(there, 'keys')).sort(), readdirSync(join(x.data, 'keys')).filter((n) => !n.startsWith('.')).sort());
    const kept = (dir) => execFileSync('find', [join(dir, 'media'), '-name', '*.jpg', '-not', '-path', '*/waiting/*', '-printf', '%P %s\n'], { encoding: 'utf8' }).split('\n').filter(Boolean).sort();
    assert.ok(kept(x.data).length > 0);
    assert.deepEqual(kept(there), kept(x.data));

    // The receipt of before opens in what was restored.
    const [, code, pin] = x.demoText.match(/receipt (\S+), PIN (\S+)/);
    cpSync(join(x.data, 'demo.txt'), join(there, 'demo.txt'));
    const y = await startXom({ data: there, settings: FILE });
    try {
      const c = y.client();
      const r = await c.post('/song-may/follow', { code, pin });
      assert.equal(r.status, 303);
      assert.equal((await c.get(r.location)).status, 200);
    } finally { await y.stop(); }
  } finally { await done(w); }
});

test('the copy is of one moment while reports go on coming, and holds every one that was answered before it', async () => {
  const w = await world();
  const { x, place } = w;
  try {
    const c = await signIn(x, 'song-may', 'ha-tang');
    const list = async (client) => (await client.get('/song-may/cases.json')).text;
    const before = await list(x.client());
    // A slow backup, with looks (rows of a chain) being written meanwhile.
    const child = spawn(binary, ['--settings', join(x.data, 'settings.yaml'), '--data', x.data, '--share', root, 'backup'], { stdio: 'ignore' });
    let ended = false;
    const end = new Promise((ok) => child.on('exit', (code) => { ended = true; ok(code); }));
    let looks = 0;
    while (!ended) { await c.get('/song-may/desk'); looks += 1; }
    assert.equal(await end, 0);
    assert.ok(looks > 0);
    const there = join(place.dir, 'restored');
    verb(there, restoreArgs(place), { settings: ['--settings', join(x.data, 'settings.yaml')] });
    cpSync(join(x.data, 'demo.txt'), join(there, 'demo.txt'));
    const y = await startXom({ data: there, settings: FILE });
    try { assert.equal(await list(y.client()), before); } finally { await y.stop(); }
  } finally { await done(w); }
});

test('a stray file beside the lists or the keys is left out, and is no reason to go without a backup', async () => {
  const w = await world();
  const { x, place } = w;
  try {
    mkdirSync(join(x.data, 'deletions'), { recursive: true });
    for (const name of ['1.list~', 'chép tay.list', `${'n'.repeat(210)}`]) writeFileSync(join(x.data, 'deletions', name), 'x');
    writeFileSync(join(x.data, 'keys', 'pin.1 (copy)'), 'x');
    x.verb(['backup', '--fast']);
    assert.equal(state(x).failed, false);
    const told = verb(join(place.dir, 'restored'), restoreArgs(place), { settings: ['--settings', join(x.data, 'settings.yaml')] });
    assert.match(told, /every chain verified/);
    assert.doesNotMatch(readdirSync(join(place.dir, 'restored', 'keys')).join(), /copy/);
  } finally { await done(w); }
});

test('a damaged archive, a missing key and a wrong one are told, and leave nothing behind', async () => {
  const w = await world();
  const { x, place } = w;
  try {
    x.verb(['backup', '--fast']);
    const settings = ['--settings', join(x.data, 'settings.yaml')];
    const there = join(place.dir, 'restored');
    const [data, keys] = archives(place);
    const file = join(place.data, data);
    const refused = (args, why) => {
      const out = verb(there, args, { status: 1, settings });
      assert.match(out, why);
      assert.equal(existsSync(there), false);
      assert.equal(existsSync(`${there}.restoring`), false);
    };
    const args = restoreArgs(place);
    const good = readFileSync(file);
    for (const at of [5, 40, 200, Math.floor(good.length / 2), good.length - 1]) {
      const bad = Buffer.from(good);
      bad[at] ^= 1;
      writeFileSync(file, bad);
      refused(args, /damaged|not an archive|not made for this key/);
    }
    writeFileSync(file, good.subarray(0, good.length - 100));
    refused(args, /damaged|cut off/);
    writeFileSync(file, good);
    const swap = (from, to) => args.map((a) => (a === from ? to : a));
    refused(swap(place.secret, place.keysSecret), /not made for this key/);
    refused(swap(place.secret, join(place.dir, 'none')), /cannot open/);
    refused(swap(join(place.keys, keys), file), /not made for this key/);
    // The data where the keys belong, with the right secret.
    refused(swap(place.keysSecret, place.secret).map((a) => (a === join(place.keys, keys) ? file : a)), /which no backup of that kind does/);
    assert.match(verb(there, ['restore', file], { status: 2, settings }), /usage/);
    // --check says the same of a good one, and leaves nothing.
    assert.match(verb(there, [...args.slice(0, -2), '--check'], { settings }), /the backup is good/);
    assert.equal(existsSync(`${there}.check`), false);
    assert.equal(existsSync(there), false);
    assert.match(verb(there, args.slice(0, -2), { status: 2, settings }), /--deletions DIR/);
    // A folder with something in it is never restored over.
    mkdirSync(there); writeFileSync(join(there, 'x'), '');
    assert.match(verb(there, args, { status: 1, settings }), /is not empty/);
    assert.equal(existsSync(join(there, 'x')), true);
  } finally { await done(w); }
});

test('what cannot be a backup is refused before anything is written', async () => {
  const w = await world();
  const { x, place } = w;
  try {
    const refused = (settings, why, args = ['backup']) => {
      writeFileSync(join(place.dir, 's.yaml'), databaseLine(x.data) + settings);
      assert.match(verb(x.data, args, { status: 1, settings: ['--settings', join(place.dir, 's.yaml')] }), why);
      assert.deepEqual(readdirSync(place.data), []);
      assert.deepEqual(readdirSync(place.keys), []);
    };
    refused('port: 0\n', /no folder is set for backups/);
    refused(place.settings.replace(/backup_keys_dir: .*/, `backup_keys_dir: ${place.data}`), /must not lie in one folder/);
    refused(place.settings.replace(/backup_key: .*/, ''), /no public key is set for backups/);
    const [, key] = place.settings.match(/backup_key: (.*)/);
    refused(place.settings.replace(key, key.slice(0, -1) + (key.endsWith('7') ? '8' : '7')), /mistyped/);
    refused(place.settings.replace(/backup_keys_key: .*/, `backup_keys_key: ${key}`), /need a key pair each/);
    refused(place.settings.replace(/backup_dir: .*/, 'backup_dir: /nowhere'), /not there/);
    assert.equal(state(x).failed, true);
    assert.match(state(x).error, /not there/);
  } finally { await done(w); }
});

test('a full disk: no half archive, said in words, and the server goes on', { skip: process.getuid() !== 0 && 'mounting a small disk needs root' }, async () => {
  const w = await world();
  const { x, place } = w;
  const small = join(place.dir, 'small');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
  try {
    writeFileSync(join(place.dir, 's.yaml'), databaseLine(x.data) + place.settings.replace(/backup_dir: .*/, `backup_dir: ${small}`));
    const out = verb(x.data, ['backup', '--fast'], { status: 1, settings: ['--settings', join(place.dir, 's.yaml')] });
    assert.match(out, /No space left/);
    assert.deepEqual(readdirSync(small), []);
    assert.deepEqual(readdirSync(place.keys), []);
    assert.equal(state(x).failed, true);
    assert.equal((await x.client().get('/song-may/')).status, 200);
    // Restoring onto it tells what is needed.
    x.verb(['backup', '--fast']);
    const told = verb(join(small, 'restored'), restoreArgs(place), { status: 1, settings: ['--settings', join(x.data, 'settings.yaml')] });
    assert.match(told, /it needs \d+ MiB/);
    assert.deepEqual(readdirSync(small), []);
  } finally {
    execFileSync('umount', [small]);
    await done(w);
  }
});

test('old archives go after a good one, and nothing else does', async () => {
  const w = await world();
  const { x, place } = w;
  try {
    for (const name of ['xom-20200101T000000Z.data.box', 'xom-20200101T000000Z.data.box.txt', 'holiday.jpg', 'xom-20209901T000000Z.data.box']) writeFileSync(join(place.data, name), '');
    assert.match(x.verb(['backup', '--fast']), /1 old archives were removed/);
    const left = readdirSync(place.data).filter((n) => !/^xom-2[^0]|^xom-202[^0]/.test(n) || /99/.test(n)).sort();
    assert.deepEqual(left, ['holiday.jpg', 'xom-20200101T000000Z.data.box.txt', 'xom-20209901T000000Z.data.box']);
    // A photo that went missing is told, and the rest is saved.
    const photo = execFileSync('find', [join(x.data, 'media'), '-name', '*.jpg'], { encoding: 'utf8' }).split('\n')[0];
    rmSync(photo);
    x.clock.move(1 / 86400);
    await x.client().get('/song-may/');
    const told = spawn(binary, ['--settings', join(x.data, 'settings.yaml'), '--data', x.data, '--share', root, '--test-clock', join(x.data, 'clock'), 'backup', '--fast'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    told.stderr.on('data', (d) => { err += d; });
    assert.equal(await new Promise((ok) => told.on('exit', ok)), 0);
    assert.match(err, /1 photos are missing/);
    assert.equal(state(x).missing, 1);
  } finally { await done(w); }
});

test('what was erased after the backup is erased before the restored ward is served', async () => {
  const w = await world('mail_url: smtp://127.0.0.1:9\nmail_from: phuong@example.org\n'); // nobody listens: no mail goes out
  const { x, place } = w;
  try {
    const rows = (dir) => Number(execFileSync('sqlite3', [join(dir, 'xom.db'), 'SELECT count(*) FROM contact'], { encoding: 'utf8' }));
    const { code, pin } = await report(x, 'song-may', { text: 'Đèn tắt.' });
    const c = x.client();
    const opened = await c.post('/song-may/follow', { code, pin }, { follow: true });
    const s = hidden(opened.text, 's');
    assert.equal((await c.post('/song-may/receipt/mail', { s, email: 'chi.nam@example.org' })).status, 303);
    assert.equal((await c.post('/song-may/receipt/mail', { s, email: 'chi.bay@example.org' })).status, 303);   // the first one is erased for it
    assert.equal(x.sql('SELECT count(*) FROM contact'), '1');
    x.verb(['backup', '--fast']);
    assert.equal((await c.post('/song-may/receipt/mail/delete', { s })).status, 303);
    assert.equal(x.sql('SELECT count(*) FROM contact'), '0');
    const settings = ['--settings', join(x.data, 'settings.yaml')];
    const kept = join(place.dir, 'kept');
    verb(kept, restoreArgs(place), { settings });
    assert.equal(rows(kept), 1, 'without the newer list it is there again');
    // A list from before the backup knows of nothing that came after it.
    const there = join(place.dir, 'restored'), old = join(place.dir, 'old-list');
    mkdirSync(old);
    assert.match(verb(there, restoreArgs(place, ['--deletions', old]), { settings, status: 1 }), /is older than the backup \(it ends at number 0, the backup's at 1\)/);
    assert.ok(!existsSync(there));
    assert.match(verb(there, restoreArgs(place, ['--deletions', join(x.data, 'deletions')]), { settings }), /1 parts that were erased since/);
    assert.equal(rows(there), 0);
    writeFileSync(join(place.dir, 'file.yaml'), `port: 0\n${FILE}`);
    assert.match(verb(there, ['deletions', 'verify'], { settings: ['--settings', join(place.dir, 'file.yaml')] }), /song-may: 2 deletions in the database, 2 in the file: 0 faults/);
    assert.match(verb(join(place.dir, 'late'), restoreArgs(place, ['--deletions', join(place.dir, 'nowhere')]), { status: 1, settings }), /nowhere is no folder: name the one of the newest lists/);
  } finally { await done(w); }
});
