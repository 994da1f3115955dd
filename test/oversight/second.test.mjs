// Oversight is granted and ended by a second organisation's signature alone: keys made and statements signed
// where the ward's data is not, each forged, old, repeated or half-signed paper refused with its reason.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, PASSWORD, root, signIn, startXom, tempDir, until, words } from '../harness/xom.mjs';

const W = 'song-may', OTHER = 'rach-truc', WHO = 'phu-nu', MTTQ = 'Ủy ban Mặt trận Tổ quốc xã Thử';
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', TZ: 'UTC' };
let x, away, keys = 0, papers = 0;

before(async () => { x = await startXom(); away = tempDir(); });
after(async () => { await x?.stop(); rmSync(away, { recursive: true, force: true }); });

// The second organisation's machine: a folder without settings and data.
const elsewhere = (...args) => answered('', ...args);
const answered = (input, ...args) => spawnSync(binary, ['--share', root, '--data', join(away, 'none'), 'oversight', ...args], { env, encoding: 'utf8', input });
function newKey() {
  const file = join(away, `key${keys += 1}`);
  const r = elsewhere('key', file);
  assert.equal(r.status, 0, r.stderr);
  return { file, key: r.stdout.trim() };
}
function paper(text) {
  const file = join(away, `paper${papers += 1}`);
  writeFileSync(file, text);
  return file;
}
function sign(text, key) {
  const file = paper(text), r = elsewhere('sign', file, '--key', key.file, '--yes');
  assert.equal(r.status, 0, r.stderr);
  assert.equal(r.stdout, text, 'what is signed is shown word for word');
  return readFileSync(`${file}.signed`, 'utf8');
}
// The ward's machine, at the server's time.
const clock = () => ['--settings', join(x.data, 'settings.yaml'), '--test-clock', join(x.data, 'clock')];
const ask = (...args) => x.verb(['oversight', 'ask', ...args], { settings: clock() });
const askNot = (why, ...args) => assert.match(x.verb(['oversight', 'ask', ...args], { settings: clock(), status: 1 }), why);
const later = (iso, days) => new Date(Date.parse(iso) + days * 86400e3).toISOString().slice(0, 10);
const apply = (text) => assert.equal(x.verb(['oversight', 'apply', paper(text)], { settings: clock() }), 'done\n');
const refused = (text, why, status = 1) => assert.match(x.verb(['oversight', 'apply', paper(text)], { settings: clock(), status }), why);
const grant = (...more) => ask('grant', '--ward', W, '--account', WHO, ...more);
const verified = (status = 0) => x.verb(['verify', '--no-photos', '--ward', W], { status });
const ward = (slug) => x.sql(`SELECT id FROM ward WHERE slug = '${slug}'`);
const account = (login) => x.sql(`SELECT id FROM account WHERE login = '${login}'`);
const rights = async () => JSON.parse((await x.client().get(`/${W}/en/rights.json`)).text);
const page = async (lang = '') => words((await x.client().get(`/${W}${lang}/rights`)).text);
async function seen(fn) {
  for (const end = Date.now() + 20000; ; await new Promise((done) => { setTimeout(done, 100); })) {
    const r = await rights();
    if (fn(r)) return r;
    assert.ok(Date.now() < end, JSON.stringify(r.acts));
  }
}
let first, mttq;

test('the demo has its own invented organisation, whose signature is really proved', async () => {
  const r = await rights();
  assert.match(r.signer, /\(mẫu\)$/);
  assert.deepEqual(r.acts.map((a) => a.what), ['grant', 'signer']);
  assert.equal(r.demo, true);
  assert.match(await page(), /hai chữ ký.*phường mẫu/);
  assert.match(verified(), /2 acts of the second organisation: 0 faults/);
  const kept = x.sql(`SELECT statement FROM second_act WHERE ward_id = ${ward(W)} AND n = 2`);
  x.sql(`UPDATE second_act SET statement = replace(statement, 'giam-sat', 'giam-sax') WHERE ward_id = ${ward(W)} AND n = 2`);
  assert.match(verified(1), /act 2 of the second organisation: the signature is not that/);
  x.sql(`UPDATE second_act SET statement = '${kept}\n' WHERE ward_id = ${ward(W)} AND n = 2`);
  assert.match(verified(), /2 acts of the second organisation: 0 faults/);
});

test('an act that is changed, called something else or taken away with its heads\' key in hand is named', async () => {
  const w = ward(W);
  x.clock.move(1);
  await until('the day has its head', () => Number(x.sql(`SELECT COUNT(*) FROM head WHERE ward_id = ${w} AND version = 2`)) > 0);
  const proofs = (status) => [verified(status), x.verb(['verify', '--looks', '--ward', W], { status })];
  const all = (said, why) => { for (const one of said) assert.match(one, why); };
  all(proofs(0), /rows of the administrators' log: 0 faults/);
  x.sql(`UPDATE second_act SET what = 5 WHERE ward_id = ${w} AND n = 2`);
  all(proofs(1), /act 2 of the second organisation: it is not what was written/);
  x.sql(`UPDATE second_act SET what = 1 WHERE ward_id = ${w} AND n = 2`);
  const name = x.sql(`SELECT organisation FROM second_signer WHERE ward_id = ${w}`);
  x.sql(`UPDATE second_signer SET organisation = 'Ban nào đó' WHERE ward_id = ${w}`);
  all(proofs(1), /act 1 of the second organisation: the signer that it entered is not the one/);
  x.sql(`UPDATE second_signer SET organisation = '${name}' WHERE ward_id = ${w}`);
  const log = Number(x.sql(`SELECT seq FROM head_chain WHERE ward_id = ${w} AND chain = 1 ORDER BY day DESC LIMIT 1`));
  assert.ok(log > 1, 'the heads name the end of the log');
  x.sql(`UPDATE admin_log SET detail = detail || '.' WHERE ward_id = ${w} AND seq = ${log}`);
  all(proofs(1), new RegExp(`row ${log} of the administrators' log: the chain is broken`));
  x.sql(`UPDATE admin_log SET detail = substr(detail, 1, length(detail) - 1) WHERE ward_id = ${w} AND seq = ${log}`);
  all(proofs(0), /in all: 0 faults/);
});

test('a real ward without a second organisation: nobody can be given oversight, and /rights says one signature', async () => {
  await x.kill();
  // As if there never had been any, in its heads neither.
  for (const table of ['head', 'head_end', 'head_chain']) x.sql(`DELETE FROM ${table} WHERE ward_id = ${ward(W)}`);
  x.sql(`DELETE FROM second_act WHERE ward_id = ${ward(W)}; DELETE FROM second_signer WHERE ward_id = ${ward(W)};` +
    `DELETE FROM role_held WHERE ward_id = ${ward(W)} AND role = 9; UPDATE ward SET demo = 0 WHERE slug = '${W}'`);
  await x.start();
  const r = await rights();
  assert.equal(r.signer, undefined);
  assert.match(await page(), /một chữ ký.*không giao vai trò giám sát cho ai được/);
  assert.match(await page('/en'), /one signature.*Until one does, nobody can be given oversight/);
  askNot(/no second organisation is entered/, 'grant', '--ward', W, '--account', WHO);
  const no = x.verb(['user', 'role', '--ward', W, '--login', WHO, '--role', 'oversight', '--from', '2026-01-01'], { status: 1 });
  assert.match(no, /not appointed by those it watches.*second organisation's signature/);
  assert.equal(x.sql(`SELECT count(*) FROM role_held WHERE ward_id = ${ward(W)} AND role = 9`), '0');
  assert.doesNotMatch(verified(), /second organisation/);
});

test('a key is made where the ward is not; its file is for its owner alone, and never overwritten', () => {
  first = newKey();
  assert.match(first.key, /^[0-9a-f]{72}$/);
  assert.equal(statSync(first.file).mode & 0o777, 0o600);
  const before_ = readFileSync(first.file, 'utf8'), again = elsewhere('key', first.file);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /is there already/);
  assert.equal(readFileSync(first.file, 'utf8'), before_);
  assert.ok(!before_.includes(first.key.slice(0, 64)));
  assert.ok(!existsSync(join(away, 'none')), 'no data was needed or made');
  const slip = first.key.replace(/^./, (c) => (c === '0' ? '1' : '0'));
  assert.match(x.verb(['oversight', 'ask', 'signer', '--ward', W, '--organisation', MTTQ, '--key', slip], { status: 2 }), /these aren't them/);
});

test('the first signer signs its own entering; /rights says who it is and how it came there', async () => {
  const text = ask('signer', '--ward', W, '--organisation', MTTQ, '--key', first.key);
  refused(text, /one side alone/);
  refused(sign(text, newKey()), /must be signed with the very key that it names/);
  apply(sign(text, first));
  mttq = first;
  const r = await seen((j) => j.signer === MTTQ);
  assert.equal(r.signer_key, first.key);
  assert.equal(r.signer_first, true);
  assert.match(await page('/en'), /The operator of the machine entered this first key/);
  refused(sign(text, first), /applied before/);
});

test('a role granted by one signature is refused; by another key, changed, of another ward or account, old, or twice, too', async () => {
  const text = grant();
  assert.match(text, /^xom oversight statement 1\nwhat: grant\nward: song-may\nward-id: \d+\naccount: phu-nu\naccount-id: \d+\nname: Huỳnh Ngọc Mai\nfrom: \d{4}-\d\d-\d\d\nlast-day: -\nasked: \d{4}-\d\d-\d\d\nnonce: [0-9a-f]{32}\n$/);
  const good = sign(text, mttq);
  refused(text, /has one side alone: the second organisation hasn't signed it/);
  refused(sign(text, newKey()), /signed with another key than that of Ủy ban Mặt trận/);
  const other = newKey();
  refused(sign(text, other).replace(other.key, mttq.key), /the signature doesn't fit/);
  // What was signed for one isn't good for another.
  const cong = account('cong-an');
  refused(good.replace('account: phu-nu', 'account: cong-an').replace(/account-id: \d+/, `account-id: ${cong}`), /doesn't fit/);
  refused(good.replace('from: 2', 'from: 3'), /doesn't fit/);
  refused(good.replace(`ward: ${W}`, `ward: ${OTHER}`).replace(/ward-id: \d+/, `ward-id: ${ward(OTHER)}`), /another key|doesn't fit/);
  refused(good.replace(`ward: ${W}`, `ward: ${OTHER}`), /for another ward/);
  refused(good.replace(`ward: ${W}`, 'ward: nowhere'), /which is not here/);
  refused(sign(text.replace(/account-id: \d+/, `account-id: ${cong}`), mttq), /not the one that was signed for/);
  refused(sign(text.replace('account: phu-nu', 'account: khong-ai'), mttq), /not the one that was signed for/);
  refused(sign(ask('grant', '--ward', W, '--account', 'quan-tri'), mttq), /administers the ward: it can't watch itself/);
  // Thirty days later it is too old, and from tomorrow it can't be.
  x.clock.move(31);
  refused(good, /older than 30 days/);
  const late = grant();
  x.clock.move(-31);
  refused(sign(late, mttq), /a day that hasn't come/, 2);
  assert.equal(x.sql(`SELECT count(*) FROM role_held WHERE ward_id = ${ward(W)} AND role = 9`), '0', 'nothing of it granted anything');
  const c = await signIn(x, W, WHO);
  assert.notEqual((await c.get(`/${W}/oversight`)).status, 200);
  // What those it watches made for the account before opens nothing after: neither session, password nor link.
  const link = () => new URL(x.verb(['user', 'link', '--ward', W, '--login', WHO], { settings: clock() }).match(/https?:\/\/\S+\/invite\/\S+/)[0]).pathname;
  const set = (path) => x.client().post(path, { password: PASSWORD, again: PASSWORD });
  const before = link();
  apply(good);
  assert.notEqual((await c.get(`/${W}/oversight`)).status, 200, 'the session is over');
  assert.equal((await x.client().post(`/${W}/sign-in`, { login: WHO, password: PASSWORD, to: '' })).status, 403);
  assert.notEqual((await set(before)).status, 303, 'a link of before the grant');
  assert.equal((await set(link())).status, 303);
  assert.equal((await (await signIn(x, W, WHO)).get(`/${W}/oversight`)).status, 200);
  refused(good, /applied before/);
  refused(sign(grant(), mttq), /has this role in these days already/);
  const r = await seen((j) => j.acts.length === 3);
  assert.deepEqual(r.acts.map((a) => [a.what, a.second]), [['link', undefined], ['grant', MTTQ], ['signer', MTTQ]]);
  assert.ok(r.acts[1].from.at ?? r.acts[1].from);
  const shown = (await x.client().get(`/${W}/rights`)).text + JSON.stringify(r);
  for (const name of ['Huỳnh Ngọc Mai', WHO, account(WHO)]) assert.ok(!shown.includes(name), 'no person is named');
  assert.match(verified(), /3 acts of the second organisation: 0 faults/);
});

test('what is no statement is refused, whatever it is', () => {
  const good = sign(grant(), mttq);
  for (const bad of ['', '\n', 'xom oversight statement 1\n', good.replace('\n', '\r\n'), `${good}more: 1\n`, good.slice(0, -1), good.slice(0, -9), good.replace('what: grant', 'what: link'), good.replace('nonce: ', 'nonce:'),
    good.replace(/nonce: ./, 'nonce: G'), good.replace(/account-id: /, 'account-id: 0'), good.replace('from: ', 'from: 0'), good.replace('last-day: -', 'last-day: 2026-13-01'), `${'x'.repeat(70000)}`,
    Buffer.from('xom oversight statement 1\nwhat: grant\nward: \xff\n', 'latin1'), good.replace('signature: ', 'signature: 00'),
    good.replace('name: ', 'name: \x1b[3A\x1b[2Kaccount: '), good.replace('name: ', 'name: \u202e')]) {
    const r = elsewhere('sign', paper(bad), '--key', mttq.file, '--yes');   // the same reader, without the ward's data
    assert.notEqual(r.status, 0, String(bad).slice(0, 80));
    assert.match(r.stderr, /not a statement|changed by hand|bytes|big/);
  }
  refused(good.slice(0, -1), /changed by hand/, 2);
  assert.equal(elsewhere('sign', paper(good.replace('what: grant', 'what: all')), '--key', mttq.file).status, 2);
  assert.match(elsewhere('sign', paper(grant()), '--key', paper('secret')).stderr, /no secret key/);
  assert.match(elsewhere('sign', paper(grant()), '--key', join(away, 'nowhere')).stderr, /there is no file/);
});

test('what is to be signed is said in words, with check digits that the asking side shows, too; only "y" signs', () => {
  const file = paper(grant('--until', '2099-12-31')), text = readFileSync(file, 'utf8');
  const digits = spawnSync(binary, ['--data', x.data, ...clock(), 'oversight', 'ask', 'definitions', '--ward', W], { env, encoding: 'utf8' });
  for (const no of ['', '\n', 'n\n', 'no\n', 'yy\n', ' y\n', `${'y'.repeat(100)}\n`]) {
    const r = answered(no, 'sign', file, '--key', mttq.file);
    assert.equal(r.status, 1, JSON.stringify(no));
    assert.equal(r.stdout, text, 'it is shown all the same');
    assert.match(r.stderr, /not signed/);
    assert.ok(!existsSync(`${file}.signed`));
  }
  const r = answered('y\n', 'sign', file, '--key', mttq.file), asked = text.match(/asked: (\S+)/)[1];
  assert.equal(r.status, 0, r.stderr);
  assert.ok(existsSync(`${file}.signed`));
  for (const said of [`In the ward "${W}" (number ${ward(W)} in its program):`, `Huỳnh Ngọc Mai, account "${WHO}" (number ${account(WHO)}), is given oversight from ${asked} on, until the end of 2099-12-31.`,
    `Asked for on ${asked}, good once and for 30 days. Its check digits: `, 'Sign it? (y/N) ']) assert.ok(r.stderr.includes(said), `${said}: ${r.stderr}`);
  assert.match(r.stderr, /check digits: [0-9a-f]{4} [0-9a-f]{4}\n/);
  const say = (t) => answered('', 'sign', paper(t), '--key', mttq.file).stderr;
  assert.match(say(ask('signer', '--ward', W, '--organisation', 'Hội Luật gia', '--key', mttq.key)), new RegExp(`"Hội Luật gia" signs for oversight from now on, with the public key\n${mttq.key}`));
  assert.match(say(ask('definitions', '--ward', W)), /the changes of definitions named above, \d+ of them, get the second signature/);
  assert.match(say(ask('end', '--ward', W, '--account', WHO, '--day', '2099-01-01')), /Huỳnh Ngọc Mai, account "phu-nu" \(number \d+\), has oversight no longer: its last day is 2099-01-01/);
  assert.notEqual(say(text), say(text.replace('2099-12-31', '2099-12-30')), 'one letter, other digits');
  if (digits.status === 0) assert.match(digits.stderr, /Check digits, to be told to who signs by another way: [0-9a-f]{4} [0-9a-f]{4}/);
  assert.match(elsewhere('key', join(away, 'another'), '--yes').stderr, /not an option of this verb/);
});

test('neither the operator nor an administrator ends it or closes the account; a link for it is told on /rights', async () => {
  const day = '2026-01-01';
  assert.match(x.verb(['user', 'role', '--ward', W, '--login', WHO, '--role', 'oversight', '--end', day], { status: 1 }), /not dismissed by those it watches/);
  assert.match(x.verb(['user', 'close', '--ward', W, '--login', WHO], { status: 1 }), /end it first/);
  // Nor from the side of another ward of this server.
  assert.match(x.verb(['user', 'close', '--ward', OTHER, '--login', WHO], { status: 1 }), /end it first/);
  // Many links hide nothing: the newest stands there, and all that was signed.
  const links = () => x.sql(`SELECT count(*) FROM second_act WHERE ward_id = ${ward(W)} AND what = 5`);
  assert.equal(links(), '1');
  for (const from of [OTHER, W]) x.verb(['user', 'link', '--ward', from, '--login', WHO]);
  assert.equal(links(), '3');
  const r = await rights();
  assert.deepEqual(r.acts.map((a) => a.what), ['link', 'grant', 'signer']);
  assert.equal(r.acts[0].second, undefined, 'nobody signed it');
  assert.match(await page('/en'), /made a password link for somebody of oversight\. one signature/);
  assert.match(verified(), /5 acts of the second organisation: 0 faults/);
});

test('`xom verify` finds who holds oversight without the signature, and whose was taken without it', () => {
  const w = ward(W);
  x.sql(`INSERT INTO role_held (ward_id, account_id, role, from_day, until_day) VALUES (${w}, ${account('chu-tich')}, 9, 20000, NULL)`);
  assert.match(verified(1), /oversight of chu-tich from 2024-10-04 was not granted so/);
  x.sql(`DELETE FROM role_held WHERE ward_id = ${w} AND role = 9 AND account_id = ${account('chu-tich')}`);
  x.sql(`UPDATE role_held SET until_day = from_day WHERE ward_id = ${w} AND role = 9`);
  assert.match(verified(1), /was ended without its signature/);
  x.sql(`UPDATE role_held SET until_day = NULL WHERE ward_id = ${w} AND role = 9`);
  x.sql(`UPDATE second_signer SET from_day = from_day, n = 7 WHERE ward_id = ${w}`);
  assert.match(verified(1), /[1-9]\d* faults/);
  x.sql(`UPDATE second_signer SET n = 1 WHERE ward_id = ${w}`);
  assert.match(verified(), /5 acts of the second organisation: 0 faults/);
});

test('what was published gets its second signature, line by line', async () => {
  const text = ask('definitions', '--ward', W);
  const changes = [...text.matchAll(/^change: (\S+) (\S+) ([0-9a-f]{64})$/gm)];
  assert.ok(changes.length > 5 && changes.length <= 50, text);
  assert.ok((await rights()).changes.every((c) => c.second === undefined));
  refused(text, /one side alone/);
  apply(sign(text, mttq));
  const r = await seen((j) => j.changes.some((c) => c.second === MTTQ));
  const marks = new Set(changes.map((c) => c[3].slice(0, 16)));
  for (const c of r.changes) assert.equal(c.second === MTTQ, marks.has(c.mark), JSON.stringify(c));
});

test('another signer takes the present one\'s signature; the former key is good for nothing then', async () => {
  const next = newKey(), text = ask('signer', '--ward', W, '--organisation', 'Hội Luật gia (mẫu)', '--key', next.key);
  refused(text, /one side alone/);
  refused(sign(text, next), /another key than that of Ủy ban/);
  apply(sign(text, mttq));
  const r = await seen((j) => j.signer === 'Hội Luật gia (mẫu)');
  assert.equal(r.signer_first, false);
  assert.equal(r.acts[0].second, MTTQ, 'the former one signed it');
  const end = ask('end', '--ward', W, '--account', WHO);
  refused(sign(end, mttq), /another key than that of Hội Luật gia/);
  mttq = next;
});

test('it is ended with the signature, from the day that was said, none before its first', async () => {
  const first = grant().match(/asked: (\S+)/)[1], end = (...more) => ask('end', '--ward', W, '--account', WHO, ...more);
  askNot(new RegExp(`oversight of "${WHO}" began on ${first}: its last day can't lie before that`), 'end', '--ward', W, '--account', WHO, '--day', later(first, -1));
  askNot(/began on/, 'end', '--ward', W, '--account', WHO, '--day', '1970-01-02');
  // Nor by a statement that was made by hand.
  refused(sign(end().replace(/last-day: \S+/, `last-day: ${later(first, -1)}`), mttq), /began on .*what was is not undone/);
  x.clock.move(2);
  const c = await signIn(x, W, WHO);
  apply(sign(end(), mttq));
  assert.equal((await c.get(`/${W}/oversight`)).status, 200, 'its last day');
  assert.match(verified(), /0 faults/);
  apply(sign(end('--day', later(first, 1)), mttq));
  assert.notEqual((await c.get(`/${W}/oversight`)).status, 200);
  refused(sign(end(), mttq), /nothing to end/);
  const r = await seen((j) => j.acts[0].what === 'end' && j.acts[1].what === 'end');
  assert.equal(r.acts[0].second, 'Hội Luật gia (mẫu)');
  assert.match(verified(), /acts of the second organisation: 0 faults/);
  assert.match(x.verb(['oversight', 'show', '--ward', W]), /^who signs\tpublic key\tsince\nHội Luật gia \(mẫu\)\t[0-9a-f]{72}\t\S+\n\nact\tday\twhat\taccount\tsigned by\n(\d+\t\S+\t\w+\t\S*\t.+\n)+$/);
  assert.match(x.verb(['oversight', 'show', '--ward', W]), /\tlink\t\S*\tnobody\n/);
});

test('a grant that is still to begin is taken back by an end of today, not of a day that was said', () => {
  const today = grant().match(/asked: (\S+)/)[1], begins = later(today, 5);
  apply(sign(grant('--from', begins), mttq));
  askNot(new RegExp(`begins on ${begins}: its last day can't lie before that \\(without --day it never begins\\)`), 'end', '--ward', W, '--account', WHO, '--day', later(begins, -1));
  apply(sign(ask('end', '--ward', W, '--account', WHO), mttq));
  assert.equal(x.sql(`SELECT count(*) FROM role_held WHERE ward_id = ${ward(W)} AND role = 9 AND from_day > (SELECT MIN(from_day) FROM role_held WHERE ward_id = ${ward(W)} AND role = 9)`), '0');
  assert.match(verified(), /acts of the second organisation: 0 faults/);
  x.verb(['user', 'close', '--ward', W, '--login', WHO], { settings: clock() });
});

test('the log of the administrators says each of them', () => {
  const said = x.sql(`SELECT detail FROM admin_log WHERE ward_id = ${ward(W)} AND (detail LIKE 'oversight %' OR act IN (61, 62)) AND account_id IS NULL`).split('\n');
  assert.ok(said.length >= 6, said.join());
  assert.equal(execFileSync(binary, ['oversight', '--help'], { env, encoding: 'utf8' }).includes('xom verify'), true);
});
