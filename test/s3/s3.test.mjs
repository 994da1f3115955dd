// Photos on S3-compatible storage: the story with a real S3 server, and every way it can fail.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, hidden, onPostgres, readReceipt, root, signIn, startXom, tempDir, words } from '../harness/xom.mjs';
import { act, must, opened, photoNames, png, reported } from '../rights/world.mjs';
import { SECRET, startS3 } from './server.mjs';

const W = 'song-may';
const files = (dir) => (existsSync(dir) ? execFileSync('find', [dir, '-type', 'f', '-name', '*.jpg'], { encoding: 'utf8' }).split('\n').filter((f) => f && !f.includes('/waiting/')) : []);
const photo = (seed) => ({ bytes: png(64, [], seed), name: `${seed}.png` });
const until = async (what, ok) => { for (const end = Date.now() + 40e3; !(await ok());) { assert.ok(Date.now() < end, what); await new Promise((r) => { setTimeout(r, 50); }); } };

let s3, x, officer, demo;
before(async () => {
  s3 = await startS3();
  x = await startXom({ settings: s3.settings });
  officer = await signIn(x, W, 'ha-tang');
  demo = files(join(x.data, 'media')).length;
});
after(async () => { await x?.stop(); await s3?.stop(); });

// A verb that asks the bucket: its front is in this process, which must not stand still meanwhile.
function run(args, { status = 0, settings = join(x.data, 'settings.yaml'), data = x.data } = {}) {
  const child = spawn(binary, ['--settings', settings, '--data', data, '--share', root, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { out += d; });
  return new Promise((done, failed) => { child.on('close', (code) => { if (status === null || code === status) done(out); else failed(new Error(`xom ${args.join(' ')} ended with ${code}:\n${out}`)); }); });
}
const kept = async (options) => (await run(['doctor', '--lang', 'en'], { status: null, ...options })).split('\n').filter((l) => /Where photos are kept/.test(l)).join('\n');
const verified = (options) => run(['verify', '--ward', W], options);
// A reported case with a photo, taken by its officer.
async function withPhoto(seed) {
  const r = await reported(x, W, { kind: 'lighting', text: `Đèn tắt ${seed}.`, photos: [photo(seed)] });
  await must(act(officer, W, r.code, 'take'));
  const [name] = photoNames((await officer.get(`/${W}/desk/case/${r.code}`)).text);
  return { ...r, name, url: `/${W}/desk/case/${r.code}/photo/${name}`, key: s3.objects().find((k) => k.endsWith(`${name}.jpg`)) };
}
// The report's form up to its last page, photo taken, not sent.
async function filled(seed) {
  const c = x.client();
  let page = await c.get(`/${W}/report`);
  page = await c.post(`/${W}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
  page = await c.post(`/${W}/report/where`, { s: hidden(page.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
  page = await c.post(`/${W}/report/what`, { s: hidden(page.text, 's'), text: `Đèn tắt ${seed}.`, go: 'next' });
  const form = new FormData();
  form.set('s', hidden(page.text, 's'));
  form.append('photos', new Blob([photo(seed).bytes]), 'a.png');
  form.set('go', 'next');
  page = await c.post(`/${W}/report/photos`, form);
  let s = hidden(page.text, 's');
  return { c, send: async () => { const r = await c.post(`/${W}/report/check`, { s, go: 'send' }); if (r.status === 422) s = hidden(r.text, 's'); return r; } };
}
const sent = async (form) => { let r; await until('the report is taken in the end', async () => { r = await form.send(); return r.status === 200; }); return readReceipt(r.text); };

test('the story: a photo goes to the bucket, is read by who may, and nothing of it lies here', async () => {
  const r = await withPhoto(1);
  assert.equal(s3.objects().length, 1);
  assert.match(r.key, new RegExp(`^\\d+/${r.name.slice(0, 2)}/${r.name}\\.jpg$`));
  assert.equal(files(join(x.data, 'media')).length, demo);
  for (const thumb of ['', '?thumb=1']) {
    const got = await officer.get(r.url + thumb);
    assert.equal(got.status, 200);
    assert.equal(got.headers.get('content-type'), 'image/jpeg');
  }
  const own = await opened(x, W, r);
  assert.equal((await own.get(`/${W}/receipt/photo/${r.name}?thumb=1`)).status, 200);
  // An answer's photos and an officer's go the same way.
  await must(act(officer, W, r.code, 'photo', {}, { files: [['photo-photos', 'b.png', photo(2).bytes]] }));
  assert.equal(s3.objects().length, 2);
  const seen = s3.front.seen.length;
  assert.equal((await officer.get(r.url)).status, 200);
  assert.equal(s3.front.seen.length, seen, 'what was read lately is not asked for again');
  assert.match(await verified(), /song-may: \d+ photos: 0 faults/);
  assert.match(await kept(), /Fine {2}Where photos are kept: The storage s3:\/\/photos\/song\/may takes, gives and removes photos/);
});

test('covered in part, a photo comes into the bucket anew, and the one that was there is gone from it', async () => {
  const r = await withPhoto(3), html = (await officer.get(`/${W}/desk/case/${r.code}`)).text;
  await must(act(officer, W, r.code, 'release', { 'release-text': 'Đèn tắt.', release: html.match(/name="release" value="(\d+)"/)[1] }));
  await must(officer.post(`/${W}/desk/case/${r.code}/blur/${r.name}`, [['token', hidden(html, 'token')], ['cell', '1-1'], ['sure', '1']]));
  const [name] = photoNames((await officer.get(`/${W}/desk/case/${r.code}`)).text);
  assert.notEqual(name, r.name);
  await until('the old object is gone', () => !s3.objects().includes(r.key));
  assert.ok(s3.objects().some((k) => k.endsWith(`${name}.jpg`)));
  assert.equal((await officer.get(`/${W}/desk/case/${r.code}/photo/${name}?thumb=1`)).status, 200);
  assert.equal((await officer.get(r.url)).status, 404);
});

test('missing, short, altered: each is named, the page says so in its place, and nothing else suffers', async () => {
  const cases = [];
  for (const seed of [11, 12, 13, 14]) cases.push(await withPhoto(seed));
  const [gone, short, altered, swapped] = cases;
  rmSync(s3.file(gone.key));
  const bytes = s3.read(short.key);
  writeFileSync(s3.file(short.key), bytes.subarray(0, bytes.length - 30));
  const other = Buffer.from(s3.read(altered.key));
  other[200] ^= 1;
  writeFileSync(s3.file(altered.key), other);
  writeFileSync(s3.file(swapped.key), bytes); // whole, and another one's: its row knows the hash
  for (const c of cases) {
    for (const url of [`/${W}/desk/case/${c.code}`, `/${W}/desk`]) assert.equal((await officer.get(url)).status, 200);
    const thumb = await officer.get(`${c.url}?thumb=1`);
    assert.equal(thumb.status, 404);
    assert.match(thumb.headers.get('content-type'), /^image\/svg\+xml/);
    assert.match(thumb.text, /Ảnh này bị thiếu/);
    const whole = await officer.get(c.url);
    assert.equal(whole.status, 404);
    assert.match(words(whole.text), /Ảnh từng được nhận, nhưng nay không còn/);
  }
  const v = await verified({ status: 1 });
  assert.match(v, new RegExp(`song-may: photo ${gone.name} of case \\d+: missing`));
  for (const c of [short, altered, swapped]) assert.match(v, new RegExp(`song-may: photo ${c.name} of case \\d+: short or altered`));
  assert.match(v, /photos: 4 faults/);
  await run(['verify', '--no-photos']);
  // And mended where the bytes come back.
  writeFileSync(s3.file(short.key), bytes);
  assert.equal((await officer.get(short.url)).status, 200);
  for (const c of [altered, swapped]) rmSync(s3.file(c.key));
  for (const c of [gone, altered, swapped]) x.sql(`DELETE FROM attachment WHERE name = '${c.name}'`);
});

for (const mode of ['503', 'redirect', 'short', 'long', 'huge', 'forget'])
  test(`${mode}: a report with a photo is asked to be sent again, keeps everything, and is taken when the cause goes`, async () => {
    const form = await filled(mode.length + 20), before_ = s3.objects().length;
    s3.front.mode = mode;
    const r = await form.send();
    s3.front.mode = '';
    assert.equal(r.status, 422);
    assert.match(words(r.text), /Chưa cất được ảnh vào kho ảnh\. Phiếu chưa gửi, nhưng không mất gì/);
    const receipt = await sent(form);
    assert.match(receipt.code, /^SM-/);
    assert.equal(s3.objects().length, before_ + 1);
    assert.equal((await officer.get(`/${W}/desk/case/${receipt.code}`)).status, 200);
  });

test('an officer’s photos and those of an answer: what was written stays, and the photos are asked for again', async () => {
  const r = await withPhoto(26), own = await opened(x, W, r), before_ = s3.objects().length;
  await must(act(officer, W, r.code, 'ask', { 'ask-text': 'Cột số mấy?' }));
  const page = await own.get(`/${W}/receipt`);
  const answer = () => {
    const form = new FormData();
    form.set('s', hidden(page.text, 's'));
    form.set('answer', 'Cột số 7.');
    form.append('photos', new Blob([photo(27).bytes]), 'a.png');
    return own.post(`/${W}/receipt/answer`, form);
  };
  const added = () => act(officer, W, r.code, 'photo', {}, { files: [['photo-photos', 'b.png', photo(28).bytes]] });
  s3.front.mode = '503';
  for (const done of [await answer(), await added()]) {
    assert.equal(done.status, 422, words(done.text).slice(0, 300));
    assert.match(words(done.text), /chờ một phút, chọn lại ảnh rồi gửi lần nữa/);
  }
  assert.match((await answer()).text, /Cột số 7\./);
  s3.front.mode = '';
  await until('the answer is taken', async () => (await answer()).status === 303);
  await until('the photo is taken', async () => (await added()).status === 303);
  assert.ok(s3.objects().length >= before_ + 2);
});

test('a photo whose row was erased leaves the storage, also when that was away meanwhile', async () => {
  const r = await withPhoto(31);
  assert.ok(s3.objects().includes(r.key));
  s3.front.mode = '503';
  // As an erasing leaves it: the row is gone, and what is to be done with the photo waits.
  x.sql(`INSERT INTO outbox(ward_id, id, kind, dedup, payload, state, due_at, attempts, lease, error, lane)
      SELECT ward_id, 1, 'net.photo', name, ${onPostgres ? `'${r.name}'::bytea` : `CAST('${r.name}' AS BLOB)`}, 1, 0, 0, 0, '', 1 FROM attachment WHERE name = '${r.name}';
    DELETE FROM attachment WHERE name = '${r.name}'`);
  const job = () => x.sql("SELECT attempts FROM outbox WHERE kind = 'net.photo'").trim();
  await until('the job was tried', () => Number(job()) > 0);
  assert.ok(s3.objects().includes(r.key));
  s3.front.mode = '';
  x.clock.move(1 / 24);
  await until('the photo is gone, and its job', () => !s3.objects().includes(r.key) && job() === '');
  officer = await signIn(x, W, 'ha-tang');
  assert.equal((await officer.get(`/${W}/desk/case/${r.code}`)).status, 200);
});

test('a storage that hangs holds few threads: pages go on, and what needs it is refused at once', async () => {
  const cases = [await withPhoto(31), await withPhoto(32), await withPhoto(33)];
  s3.front.mode = 'hang';
  s3.front.most = 0;
  const form = await filled(34);
  const asked = Array.from({ length: 20 }, (_, i) => officer.get(`${cases[i % 3].url}?thumb=1`));
  await until('some hang there', () => s3.front.hanging > 0);
  for (let i = 0; i < 20; i += 1) {
    const at = performance.now();
    assert.equal((await officer.get(`/${W}/desk`)).status, 200);
    assert.ok(performance.now() - at < 1500, 'a page without photos does not wait');
  }
  const answers = await Promise.all(asked);
  assert.ok(answers.every((r) => r.status === 503 && /Chưa mở được ảnh/.test(r.text)));
  assert.ok(s3.front.most > 0 && s3.front.most <= 4, `${s3.front.most} at once, of 16 workers`);
  const at = performance.now(), hung = s3.front.seen.length;
  for (let i = 0; i < 10; i += 1) assert.equal((await officer.get(`${cases[i % 3].url}?thumb=1`)).status, 503);
  assert.ok(s3.front.seen.length - hung <= 2 && performance.now() - at < 9000, 'the storage is left alone for a while');
  assert.equal((await form.send()).status, 422);
  assert.equal((x.log.match(/whatever needs no photo goes on/g) ?? []).length >= 1, true);
  s3.front.mode = '';
  await sent(form);
  await until('photos are shown again', async () => (await officer.get(`${cases[0].url}?thumb=1`)).status === 200);
  assert.match(x.log, /the storage of photos answers again/);
});

test('the wrong key, a key that others can read, a clock that is off, strangers, versions: doctor says which', async () => {
  const form = await filled(41), good = readFileSync(s3.credentials, 'utf8');
  writeFileSync(s3.credentials, good.replaceAll(SECRET, 'WRONG-SECRET'));
  assert.equal((await form.send()).status, 422);
  assert.match(await kept(), /Wrong {2}.*answered 403 \w+: it does not accept the key/);
  writeFileSync(s3.credentials, good.replace(/.*secret.*/, ''));
  assert.match(await kept(), /needs two lines/);
  writeFileSync(s3.credentials, good);
  chmodSync(s3.credentials, 0o644);
  assert.match(await kept(), /can be read by others: chmod 600/);
  chmodSync(s3.credentials, 0o600);
  await sent(form);
  for (const [mode, ...told] of [['skew open versions', /Wrong {2}.*differ by (19|20) minutes/, /Wrong {2}.*A stranger without a key can read photos/, /Soon {2}.*keeps old versions/],
    ['forget', /Wrong {2}.*does not give back what was stored/], ['503', /Wrong {2}.*does not answer: .*503 SlowDown/]]) {
    s3.front.mode = mode;
    const said = await kept();
    for (const line of told) assert.match(said, line);
  }
  s3.front.mode = '';
  assert.match(await kept(), /^ *Fine/);
  assert.ok(!x.log.includes('WRONG-SECRET') && !x.log.includes('S3RVER'), 'no key in the log');
});

test('over TLS: an expired certificate and a stranger’s get nothing, a known one does', async () => {
  const dir = tempDir(), file = (name) => join(dir, name), openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('key'), '-out', file('request'), '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1');
  for (const [name, days] of [['good', 30], ['expired', -1]]) openssl('x509', '-req', '-in', file('request'), '-signkey', file('key'), '-copy_extensions', 'copy', '-days', String(days), '-out', file(name));
  const asked = async (name, ca) => {
    const text = await s3.tls({ key: readFileSync(file('key')), cert: readFileSync(file(name)) });
    writeFileSync(file('settings'), `${x.settings.replace(/^attachments.*\n/gm, '')}${text}attachments_ca: ${ca}\n`);
    const before_ = s3.front.seen.length, said = await kept({ settings: file('settings') });
    return [said, s3.front.seen.length - before_];
  };
  for (const [name, ca] of [['expired', file('expired')], ['good', "''"]]) {
    const [said, calls] = await asked(name, ca);
    assert.match(said, /Wrong {2}.*does not answer: .*(certificate|SSL)/);
    assert.equal(calls, 0, 'not a byte of a request was sent');
  }
  assert.match((await asked('good', file('good')))[0], /^Fine/);
  rmSync(dir, { recursive: true, force: true });
});

test('settings that would not work, or would tell photos to the line, are refused with their line', async () => {
  const good = { attachments: 's3://photos/a', attachments_endpoint: 'https://s3.example.vn', attachments_credentials: '/etc/xom/attachments' };
  const check = async (more, status) => {
    const dir = tempDir(), file = join(dir, 'settings.yaml');
    writeFileSync(file, Object.entries({ ...good, ...more }).filter(([, v]) => v !== '').map(([k, v]) => `${k}: ${v}\n`).join(''));
    const out = await run(['settings', 'check'], { settings: file, status, data: dir });
    rmSync(dir, { recursive: true, force: true });
    return out;
  };
  for (const fine of [{}, { attachments: 's3://abc/d/e.f', attachments_endpoint: 'http://localhost:9000' }, { attachments: '', attachments_endpoint: '' }]) await check(fine, 0);
  for (const [bad, why] of [
    [{ attachments: 'photos' }, /must be s3:/], [{ attachments: 's3://abc/../x' }, /must be s3:/], [{ attachments: 's3://abc/x?y' }, /must be s3:/], [{ attachments_endpoint: '' }, /needs attachments_endpoint/], [{ attachments_endpoint: 'http://s3.example.vn' }, /needs attachments_endpoint/],
    [{ attachments_endpoint: 'https://u:p@s3.example.vn' }, /needs attachments_endpoint/], [{ attachments_endpoint: 'https://s3.example.vn/x' }, /needs attachments_endpoint/], [{ attachments_endpoint: 'http://localhost.example.vn' }, /needs attachments_endpoint/],
    [{ attachments_credentials: '' }, /needs attachments_credentials/], [{ attachments_region: "'a b'" }, /must be a region/]]) assert.match(await check(bad, 2), why, JSON.stringify(bad));
});

test('killed after the object was stored and before the row: sent again it is one report, left alone it is swept', async () => {
  for (const again of [true, false]) {
    const form = await filled(again ? 51 : 52), before_ = s3.objects();
    const died = new Promise((done) => { s3.front.onPut = () => { s3.front.onPut = null; x.kill().then(done); }; });
    assert.equal(await Promise.race([died.then(() => 'killed'), form.send().then((r) => r.status, () => died.then(() => 'killed'))]), 'killed');
    assert.equal(s3.objects().length, before_.length + 1);
    const [orphan] = s3.objects().filter((k) => !before_.includes(k));
    await x.start();
    officer = await signIn(x, W, 'ha-tang');
    form.c.base = x.url;
    const cases = () => Number(x.sql('SELECT count(*) FROM ward_case'));
    const n = cases();
    if (again) {
      const first = await sent(form);
      assert.equal((await sent(form)).code, first.code);
      assert.equal(cases(), n + 1);
      assert.ok(s3.objects().includes(orphan) && s3.objects().length === before_.length + 1);
    } else {
      x.clock.move(2);
      await until('the orphan is swept', () => !s3.objects().includes(orphan));
      assert.deepEqual(s3.objects(), before_);
      assert.equal(cases(), n);
    }
  }
  await verified();
  officer = await signIn(x, W, 'ha-tang'); // two days have passed
});

test('a copy of the installation reads the bucket, and neither stores nor sweeps in it, until it joins', async () => {
  const mark = join(x.data, 'media/.attachments-owner'), own = readFileSync(mark), before_ = s3.objects();
  await x.kill();
  rmSync(mark);
  await x.start();
  officer = await signIn(x, W, 'ha-tang');
  const form = await filled(61);
  assert.equal((await form.send()).status, 422);
  assert.match(await kept(), /Wrong {2}.*belongs to another installation/);
  // What the other one took since, and this one has no row of.
  const theirs = before_[0].replace(/[0-9a-f]{30}\.jpg$/, `${'5'.repeat(30)}.jpg`);
  for (const end of ['object', 'object.md5', 'metadata.json']) copyFileSync(s3.file(before_[0]).replace(/object$/, end), s3.file(theirs).replace(/object$/, end));
  x.clock.move(3);
  await until('its sweep is refused', () => Number(x.sql("SELECT count(*) FROM outbox WHERE kind = 'net.media' AND error LIKE '%another installation%'")) > 0);
  assert.deepEqual(s3.objects(), [...before_, theirs].sort());
  assert.match(await run(['attachments', 'join']), /this installation's now, too/);
  assert.deepEqual(readFileSync(mark), own);
  x.clock.move(1);
  await until('its sweep goes on', () => !s3.objects().includes(theirs));
  assert.deepEqual(s3.objects(), before_);
  officer = await signIn(x, W, 'ha-tang');
  await sent(await filled(62));
});

test('photos are moved into the bucket and back, broken off and gone on, while they are read', async () => {
  const media = join(x.data, 'media'), settings = join(x.data, 'settings.yaml');
  const here = files(media).length, there = s3.objects().length;
  assert.ok(here > 2 && there > 2);
  const r = await withPhoto(71);
  s3.front.mode = '503';
  assert.match(await run(['attachments', 'move', '--to', 's3'], { status: 1 }), /the same command goes on from here/);
  s3.front.mode = '';
  assert.equal(files(media).length, here);
  assert.match(await run(['attachments', 'move', '--to', 's3']), new RegExp(`song-may: \\d+ photos moved.*compared`));
  assert.equal(files(media).length, 0);
  assert.equal(s3.objects().length, here + there + 1);
  assert.equal((await officer.get(r.url)).status, 200);
  await verified();
  // One that is damaged is named and stays where it is.
  const bytes = s3.read(r.key);
  writeFileSync(s3.file(r.key), bytes.subarray(1));
  assert.match(await run(['attachments', 'move', '--to', 'folder'], { status: 1 }), new RegExp(`photo ${r.name} is not as it was written: it stays`));
  assert.deepEqual(s3.objects(), [r.key]);
  writeFileSync(s3.file(r.key), bytes);
  assert.match(await run(['attachments', 'move', '--to', 'folder']), /song-may: 1 photos moved/);
  assert.deepEqual(s3.objects(), []);
  assert.equal(files(media).length, here + there + 1);
  assert.equal((await officer.get(`${r.url}?thumb=1`)).status, 200);
  // Without the bucket in the settings it all goes on from the folder.
  const plain = join(x.data, 'plain.yaml');
  writeFileSync(plain, readFileSync(settings, 'utf8').replace(/^attachments.*\n/gm, ''));
  await verified({ settings: plain });
  assert.match(await run(['attachments', 'move', '--to', 's3'], { settings: plain, status: 1 }), /no bucket is set/);
  assert.match(await run(['attachments', 'move', '--to', 's3']), /photos moved/);
});

test('a backup holds the photos of the bucket, and a ward that is restored from it has them', { skip: onPostgres && 'PostgreSQL has its own backups' }, async () => {
  const dir = tempDir(), place = { data: join(dir, 'a'), keys: join(dir, 'b') };
  mkdirSync(place.data); mkdirSync(place.keys);
  const key = (f) => execFileSync(binary, ['backup-key', join(dir, f)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const file = join(dir, 'settings.yaml');
  writeFileSync(file, `${x.settings}backup_dir: ${place.data}\nbackup_key: ${key('a.secret')}\nbackup_keys_dir: ${place.keys}\nbackup_keys_key: ${key('b.secret')}\n`);
  const photos = s3.objects().length;
  const [data, keys] = (await run(['backup', '--fast'], { settings: file })).split('\n').filter((l) => l.endsWith('.box'));
  const there = join(dir, 'restored');
  const told = await run(['restore', data, keys, '--secret', join(dir, 'a.secret'), '--keys-secret', join(dir, 'b.secret'), '--deletions', 'none'], { settings: file, data: there });
  assert.match(told, /every chain verified/);
  const rows = Number(x.sql('SELECT count(*) FROM attachment'));
  assert.ok(rows > 3 && rows <= photos);
  assert.equal(files(join(there, 'media')).length, rows);
  const plain = join(dir, 'plain.yaml');
  writeFileSync(plain, x.settings.replace(/^attachments.*\n/gm, ''));
  assert.match(await run(['verify'], { settings: plain, data: there }), /photos: 0 faults/);
  rmSync(dir, { recursive: true, force: true });
});
