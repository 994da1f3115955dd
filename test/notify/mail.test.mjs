// "Something of yours moved", against a real mail server (opensmtpd, STARTTLS).
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { keepDatabase, onPostgres, startXom, stored, signIn, hidden, words, binary, root, readReceipt } from '../harness/xom.mjs';
import { startAuthSmtpd, startSmtpd, readLetter, until } from '../harness/smtpd.mjs';

const W = 'song-may', SECRET = 'nhan@hop.thu';
let m, x, officer;

// The clock goes on from a day's hour, Vietnamese time; each call is a later day.
let day = 1;
function morning(hour = 9) {
  const now = BigInt(Date.now()) * 1000n;
  const start = Math.floor((Date.now() + 7 * 3600e3) / 86400e3) * 86400e3 - 7 * 3600e3;
  x.clock.set(BigInt(start + (day++ * 24 + hour) * 3600e3) * 1000n - now);
}
const minutes = (n) => x.clock.move(n / 1440);

before(async () => {
  m = await startSmtpd();
  x = await startXom({ keep: true, settings: `mail_url: ${m.url}\nmail_from: xom@xom.thu\nmail_ca: ${m.ca}\nmail_bounces: ${m.bounces}\n` });
  morning();
  officer = await signIn(x, W, 'ha-tang');
});
after(async () => { await x?.stop(); if (x) rmSync(x.data, { recursive: true, force: true }); await m?.stop({ remove: true }); });

async function toCheck(lang = '', { kind = 'lighting', text = 'Đèn tắt bảy hôm.' } = {}) {
  const c = x.client(), at = `/${W}${lang}/report`;
  let p = await c.get(at);
  p = await c.post(`${at}/kind`, { s: hidden(p.text, 's'), kind, go: 'next' });
  p = await c.post(`${at}/where`, { s: hidden(p.text, 's'), area: 'unsure', street: 'Hẻm 7', landmark: '', lat: '', lon: '', go: 'next' });
  p = await c.post(`${at}/what`, { s: hidden(p.text, 's'), text, go: 'next' });
  if (/\/report\/photos"/.test(p.text)) p = await c.post(`${at}/photos`, { s: hidden(p.text, 's'), go: 'next' });
  return { c, p, at };
}
async function reportWith(email, lang = '', fields = {}) {
  const { c, p, at } = await toCheck(lang, fields);
  const page = await c.post(`${at}/check`, { s: hidden(p.text, 's'), email, go: 'send' });
  assert.equal(page.status, 200, words(page.text).slice(0, 600));
  return { ...readReceipt(page.text), page, s: hidden(p.text, 's') };
}
async function step(code, verb, fields = {}) {
  const page = (await officer.get(`/${W}/desk/case/${code}`)).text;
  const r = await officer.post(`/${W}/desk/case/${code}/${verb}`, { token: hidden(page, 'token'), version: hidden(page, 'version'), seen: hidden(page, 'seen'), ...fields });
  assert.equal(r.status, 303, words(r.text).slice(0, 600));
}
async function opened({ code, pin }) {
  const c = x.client();
  assert.equal((await c.post(`/${W}/follow`, { code, pin })).status, 303);
  return c;
}
const jobs = () => x.verb(['jobs', 'list']).split('\n').filter((l) => /net\.mail/.test(l)).map((l) => l.split('\t'));
const quiet = () => until(() => jobs().length === 0);
const letterFor = async (n = 1) => { const all = await until(() => m.letters().length >= n && m.letters()); return all.map(readLetter); };
const linkOf = (letter) => letter.body.match(/https?:\/\/\S+\/r\/[\w-]{22}/)[0];
const local = (url) => new URL(url).pathname + new URL(url).search;
async function openLink(url) {
  const c = x.client(), r = await c.get(local(url));
  return { status: r.status, c, page: r.status === 303 ? await c.get(r.location) : r };
}

test('the daily heads come to oversight once a week, and the saved mail proves the database', async () => {
  m.clear();
  const admin = await signIn(x, W, 'quan-tri'), set = async (address) => admin.post(`/${W}/admin/settings`, { token: hidden((await admin.get(`/${W}/admin/settings`)).text, 'token'), oversight_mail: address });
  const wrong = await set('không phải địa chỉ');
  assert.match(words(wrong.text), /Thư điện tử của giám sát: /);
  assert.match(wrong.text, /value="không phải địa chỉ"/, 'what was typed is kept');
  assert.equal((await set('giam-sat@hop.thu')).status, 303);
  // Both wards have one of this kind (a minute after the start at the latest), and it is not due any more.
  const ran = async (kind) => { const now = BigInt(Date.now()) * 1000n + x.clock.us; return until(() => x.sql(`SELECT COUNT(*), SUM(CASE WHEN due_at <= ${now} OR state = 2 THEN 1 ELSE 0 END) FROM outbox WHERE kind = '${kind}'`) === '2|0', 60); };
  const mailed = () => m.letters().map(readLetter).filter((l) => l.subject.startsWith('Dấu mỗi ngày'));
  // Of that night, when no mail goes: the days that are over have their heads before the mail is due.
  await ran('flow.head');
  morning(1);
  await ran('flow.head');
  day -= 1;
  morning();
  const [letter] = await until(() => mailed().length > 0 && mailed(), 60);
  assert.equal(letter.subject, 'Dấu mỗi ngày: Phường Sông Mây');
  const lines = letter.body.split('\n').map((l) => l.trim()).filter((l) => /^song-may \d{4}-\d\d-\d\d [0-9a-f]{64}$/.test(l));
  assert.ok(lines.length >= 5, letter.body);
  assert.match(letter.body, /\/song-may\/transparency\/check/);
  const file = join(x.data, 'thu.txt');
  writeFileSync(file, letter.body);
  assert.match(x.verb(['verify', '--no-photos', '--ward', W, '--heads', file]), new RegExp(`${lines.length} heads that were kept outside: 0 faults`));
  // The next day none, a week later the next.
  morning();
  await ran('net.heads');
  assert.equal(mailed().length, 1);
  day += 6;
  morning();
  await until(() => mailed().length === 2, 60);
  const again = await signIn(x, W, 'quan-tri');
  assert.equal((await again.post(`/${W}/admin/settings`, { token: hidden((await again.get(`/${W}/admin/settings`)).text, 'token'), oversight_mail: '' })).status, 303);
  officer = await signIn(x, W, 'ha-tang');
});

test('a move brings one mail with a fresh link, in the form\'s language, that says nothing of the case', async () => {
  m.clear();
  const r = await reportWith(SECRET);
  assert.match(words(r.page.text), /máy gửi thư tới địa chỉ/);
  assert.equal(jobs().length, 0, 'one\'s own report is no news');
  await step(r.code, 'take');
  await step(r.code, 'ask', { 'ask-text': 'Cột số mấy?' });
  await step(r.code, 'note', { 'note-text': 'ghi chú' });
  assert.equal(jobs().length, 1, 'several moves, one mail');
  assert.equal(m.letters().length, 0);
  minutes(3);
  const [letter, ...others] = await letterFor();
  assert.equal(others.length, 0);
  assert.equal(letter.subject, 'Có tin mới cho bạn');
  assert.equal(letter.from, 'Xóm <xom@xom.thu>');
  assert.equal(letter.fields.to, `<${SECRET}>`);
  assert.match(letter.fields['message-id'], /^<[0-9a-f]{32}@xom\.thu>$/);
  assert.equal(letter.fields['auto-submitted'], 'auto-generated');
  assert.match(letter.fields['return-path'], /^<xom\+[0-9a-f]{32}@xom\.thu>$/);
  assert.match(letter.fields.date, /^\w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d \+0700$/);
  const whole = `${letter.head}\n${letter.body}`;
  for (const word of ['Đèn', 'đèn', 'Hẻm', 'Cột', 'Sông Mây', r.code, r.pin]) assert.ok(!whole.includes(word), word);
  assert.ok(m.log.length === 0 || !m.log.includes('Đèn'));
  const link = await openLink(linkOf(letter));
  assert.equal(link.status, 303);
  assert.match(words(link.page.text), /Cột số mấy\?/);
  // "Unsubscribe" of a mail program leads to the place where the address is deleted.
  const stop = letter.fields['list-unsubscribe'].slice(1, -1);
  assert.equal((await x.client().get(local(stop))).location, `/${W}/receipt#mail`);
  await quiet();

  // The next move: another link; the one before stays good for 30 days.
  m.clear();
  await step(r.code, 'close', { 'close-outcome': 'mended', 'close-text': 'Xong.' });
  minutes(3);
  const [second] = await letterFor();
  assert.notEqual(linkOf(second), linkOf(letter));
  assert.notEqual(second.fields['message-id'], letter.fields['message-id']);
  await quiet();
  assert.equal((await openLink(linkOf(letter))).status, 303);
  assert.equal((await openLink(linkOf(second))).status, 303);
  assert.equal((await openLink(linkOf(second).slice(0, -1) + (linkOf(second).endsWith('A') ? 'B' : 'A'))).status, 404);
  const elsewhere = local(linkOf(second)).replace(W, 'rach-truc');
  assert.equal((await x.client().get(elsewhere)).status, 404, 'a link of another ward');
});

test('an internal note moves nothing that the receipt shows: no mail', async () => {
  m.clear();
  const r = await reportWith('hai@hop.thu', '/en');
  await step(r.code, 'note', { 'note-text': 'ghi chú' });
  assert.equal(jobs().length, 0);
  await step(r.code, 'take');
  minutes(3);
  const [letter] = await letterFor();
  assert.equal(letter.subject, 'There is news for you');
  assert.match(linkOf(letter), /\/song-may\/en\/r\//);
  await quiet();
});

test('at night mail waits for seven o\'clock', async () => {
  m.clear();
  morning(21.5);
  officer = await signIn(x, W, 'ha-tang');
  const r = await reportWith(SECRET);
  await step(r.code, 'take');
  minutes(10);
  const row = await until(() => jobs().find((j) => j[2] === 'waiting' && /T00:00:00/.test(j[4])));
  assert.equal(row[5], '0', 'waiting is no attempt');
  assert.doesNotMatch(x.log, /error job: looking/, 'waiting is no fault');
  assert.equal(m.letters().length, 0);
  minutes(9 * 60 + 30);
  await letterFor();
  await quiet();
});

test('a stopped mail server delays mail and nothing else', async () => {
  m.clear();
  morning();
  officer = await signIn(x, W, 'ha-tang');
  await m.stop();
  const r = await reportWith(SECRET);
  await step(r.code, 'take');
  minutes(3);
  const row = await until(() => jobs().find((j) => Number(j[5]) >= 1 && j[2] === 'waiting'));
  assert.match(row[6], /the mail server/);
  assert.ok(!row.join(' ').includes('hop.thu'), 'no address among the jobs');
  const again = await reportWith(SECRET);                // everything else goes on
  await step(again.code, 'take');
  assert.match(words((await (await opened(again)).get(`/${W}/receipt`)).text), /Đã nhận|nhận việc|đang/i);
  await m.start();
  minutes(70);
  await letterFor(2);
  await quiet();
  assert.equal(m.letters().length, 2);
});

test('an address that the server refuses is told to its reporter, who corrects it', async () => {
  m.clear();
  const r = await reportWith('khongco@hop.thu');
  await step(r.code, 'take');
  minutes(3);
  await quiet();
  const c = await opened(r);
  let page = (await c.get(`/${W}/receipt`)).text;
  assert.match(words(page), /đã bị trả về/);
  assert.ok(!page.includes('khongco@'), 'and the page does not say which address');
  await step(r.code, 'ask', { 'ask-text': 'Ở đâu?' });
  assert.equal(jobs().length, 0, 'nothing more is sent to it');
  const saved = await c.post(`/${W}/receipt/mail`, { s: hidden(page, 's'), email: SECRET });
  assert.equal(saved.location, `/${W}/receipt?done=mail#mail`);
  page = (await c.get(`/${W}/receipt`)).text;
  assert.doesNotMatch(words(page), /trả về/);
  assert.ok(!page.includes(SECRET));
  await step(r.code, 'close', { 'close-outcome': 'mended', 'close-text': 'Xong.' });
  minutes(3);
  await letterFor();
  await quiet();
});

test('a mail that comes back marks its address, through the Maildir and through the pipe', async () => {
  const r = await reportWith('tra@hop.thu'), other = await reportWith(SECRET);
  await step(r.code, 'take');
  minutes(3);
  const returned = await until(() => { const n = readdirSync(join(m.bounces, 'new')); return n.length > 0 && readFileSync(join(m.bounces, 'new', n[0]), 'utf8'); }, 20);
  assert.match(returned, /Action: failed/);
  const c = await opened(r), stuck = join(m.bounces, 'new', '0.stuck');
  mkdirSync(stuck);                                      // what can't be read holds up nothing behind it
  minutes(2);                                            // the Maildir is read each minute
  await until(() => readdirSync(join(m.bounces, 'new')).length === 1);
  rmdirSync(stuck);
  await until(async () => /đã bị trả về/.test(words((await c.get(`/${W}/receipt`)).text)));
  assert.doesNotMatch(words((await (await opened(other)).get(`/${W}/receipt`)).text), /trả về/, 'nobody else\'s');
  // The same by hand: a new address, the old letter says nothing of it; a forged token neither.
  const page = (await c.get(`/${W}/receipt`)).text;
  await c.post(`/${W}/receipt/mail`, { s: hidden(page, 's'), email: 'tra@hop.thu' });
  const pipe = (text, file = join(x.data, 'settings.yaml')) => execFileSync(binary, ['--settings', file, '--data', x.data, '--share', root, 'mail', 'bounce'], { input: text, encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=1' } });
  assert.match(pipe(returned), /nothing to do/);
  assert.match(pipe(returned.replace(/\+[0-9a-f]{32}@/g, `+${'0'.repeat(32)}@`)), /nothing to do/);
  assert.match(pipe('không phải thư'), /nothing to do/);
  await step(r.code, 'ask', { 'ask-text': 'Gì?' });
  minutes(3);
  const again = await until(() => { const n = readdirSync(join(m.bounces, 'new')); return n.length > 0 && readFileSync(join(m.bounces, 'new', n[0]), 'utf8'); }, 20);
  assert.match(pipe(again.replace(/^Action: .*/m, 'Action: delayed')), /nothing to do/);
  assert.match(pipe(again.replace(/^Status: 5/m, 'Status: 4')), /nothing to do/);
  assert.match(pipe(again), /is marked/);
  assert.match(words((await c.get(`/${W}/receipt`)).text), /đã bị trả về/);
  await quiet();
});

async function replaced(code) {
  const lost = `/${W}/desk/case/${code}/lost`, page = (await officer.get(lost)).text;
  const form = new URLSearchParams({ token: hidden(page, 'token'), s: hidden(page, 's'), word: 'hoa giấy' });
  for (const k of ['day', 'kind', 'words']) form.append('check', k);
  const slip = await officer.post(lost, form);
  assert.equal(slip.status, 200, words(slip.text).slice(0, 400));
  return slip.text.match(/data-x-code>([^<]+)</)[1];
}

test('a receipt that was replaced at the counter: the links of all earlier mails are dead, the next one\'s is good', async () => {
  m.clear();
  const r = await reportWith(SECRET);
  await step(r.code, 'take');
  minutes(3);
  const [letter] = await letterFor();
  assert.equal((await openLink(linkOf(letter))).status, 303);
  const code = await replaced(r.code), dead = await openLink(linkOf(letter));
  assert.ok([404, 410].includes(dead.status), `an earlier mail's link answers ${dead.status}`);
  assert.doesNotMatch(dead.page.text, new RegExp(`${code}|Hẻm 7`));
  m.clear();
  await step(code, 'ask', { 'ask-text': 'Cột số mấy?' });
  minutes(3);
  const [next] = await letterFor();
  const good = await openLink(linkOf(next));
  assert.equal(good.status, 303);
  assert.match(words(good.page.text), /Cột số mấy\?/);
  await quiet();
});

test('deleting it at once: the links die, a line of the signed list stands in database and file', async () => {
  m.clear();
  const r = await reportWith(SECRET);
  await step(r.code, 'take');
  minutes(3);
  const [letter] = await letterFor();
  await quiet();
  const c = await opened(r), page = (await c.get(`/${W}/receipt`)).text;
  assert.match(words(page), /đang giữ một địa chỉ/);
  assert.equal((await c.post(`/${W}/receipt/mail/delete`, { s: hidden(page, 's') })).location, `/${W}/receipt?done=unmail#mail`);
  assert.equal((await openLink(linkOf(letter))).status, 404);
  assert.match(x.verb(['deletions', 'list']), new RegExp(`song-may\t\\d+\t${r.code}\tcontact\treporter\t`));
  const file = readdirSync(join(x.data, 'deletions')).map((n) => readFileSync(join(x.data, 'deletions', n), 'utf8')).join('');
  assert.ok(file.includes(`\t${r.code}\tcontact\treporter\t`));
  assert.match(x.verb(['deletions', 'verify']), /: 0 faults/);
  await step(r.code, 'ask', { 'ask-text': 'Còn gì?' });
  assert.equal(jobs().length, 0);
});

test('thirty days after closing the night erases it; a reopening moves the day', async () => {
  const r = await reportWith(SECRET), kept = await reportWith('hai@hop.thu');
  for (const { code } of [r, kept]) {
    await step(code, 'take');
    await step(code, 'close', { 'close-outcome': 'mended', 'close-text': 'Xong.' });
  }
  const c = await opened(kept);
  x.clock.move(3); day += 3;
  const k = await opened(kept), page = (await k.get(`/${W}/receipt`)).text;
  assert.equal((await k.post(`/${W}/receipt/reopen`, { s: hidden(page, 's'), reason: 'Vẫn tắt.' })).status, 303);
  assert.ok(c);
  x.clock.move(26); day += 26;
  const list = () => x.verb(['deletions', 'list', '--ward', W]);
  const night = () => until(() => jobsOf('keep.erase').every((j) => j[2] === 'waiting' && Date.parse(j[4]) > Date.now() + Number(x.clock.us / 1000n)));
  await night();
  assert.ok(!list().includes(`${r.code}\tcontact\tkeep.contact`), 'the 29th day');
  x.clock.move(3); day += 3;
  await until(() => list().includes(`${r.code}\tcontact\tkeep.contact`));
  assert.ok(!list().includes(`${kept.code}\tcontact`), 'it is open again');
  assert.match(x.verb(['verify']), /deletions.*: 0 faults/);
  assert.doesNotMatch(words((await (await opened(r)).get(`/${W}/receipt`)).text), /đang giữ một địa chỉ/);
  assert.match(words((await (await opened(kept)).get(`/${W}/receipt`)).text), /đang giữ một địa chỉ/);
});
const jobsOf = (kind) => x.verb(['jobs', 'list']).split('\n').map((l) => l.split('\t')).filter((j) => j[3] === kind);

test('without TLS, or with a certificate of somebody else, nothing is sent; a demo ward sends to no one outside', async () => {
  m.clear();
  morning();
  officer = await signIn(x, W, 'ha-tang');
  await step((await reportWith(SECRET)).code, 'take');
  const good = x.settings, own = 'mail_from: xom@xom.thu\n', secret = join(x.data, 'mail.password');
  // The one mail that waits, tried under other settings.
  const under = async (settings, state, why) => {
    await x.stop();
    x.settings = good.replace(/^mail_.*\n/gm, '') + settings;
    await x.start();
    minutes(70);
    await until(() => jobs().find((j) => j[2] === state && why.test(j[6])));
    assert.equal(m.letters().length, 0);
  };
  await under(`mail_url: smtp://localhost:${m.plain}\n${own}mail_ca: ${m.ca}\n`, 'waiting', /the mail server.*SSL|the mail server.*TLS/i);
  await under(`mail_url: ${m.url}\n${own}`, 'waiting', /the mail server.*certificate/i);   // the system's do not know ours
  writeFileSync(secret, 'mat-khau\n');
  chmodSync(secret, 0o644);
  await under(`mail_url: ${m.url}\n${own}mail_ca: ${m.ca}\nmail_user: xom\nmail_password_file: ${secret}\n`, 'waiting', /can be read by others/);
  await under(`mail_url: smtp://mail.example.vn\n${own}`, 'dead', /^kept back: a demo ward sends no mail to outside/);
  // Nothing was lost meanwhile.
  await x.stop();
  x.settings = good;
  await x.start();
  x.verb(['jobs', 'retry', jobs()[0][0]]);
  await letterFor();
  await quiet();
});

test('a mail server that wants a name and a password gets them over TLS alone; a wrong password delays', async () => {
  morning();
  const server = await startAuthSmtpd({ ca: m.ca, user: 'xom@xom.thu', password: 'mật khẩu 7' });
  const good = x.settings, secret = join(x.data, 'mail.password');
  try {
    writeFileSync(secret, 'mật khẩu 8\n', { mode: 0o600 });
    chmodSync(secret, 0o600);
    await x.stop();
    x.settings = `${good.replace(/^mail_url.*\n/gm, '')}mail_url: ${server.url}\nmail_user: xom@xom.thu\nmail_password_file: ${secret}\n`;
    await x.start();
    officer = await signIn(x, W, 'ha-tang');
    await step((await reportWith(SECRET)).code, 'take');
    minutes(70);
    await until(() => jobs().find((j) => j[2] === 'waiting' && /the mail server: .*denied/i.test(j[6])));
    assert.ok(server.seen.every((s) => s.auth !== true && !s.to));
    // The password is read anew before each mail.
    writeFileSync(secret, 'mật khẩu 7\n');
    minutes(140);
    await until(() => server.seen.some((s) => s.to));
    await quiet();
  } finally { await x.stop(); x.settings = good; await x.start(); await server.stop(); }
  assert.deepEqual(server.seen.filter((s) => s.to).map((s) => [s.to, s.signed_in]), [[[SECRET], true]]);
  assert.ok(server.seen.filter((s) => 'auth' in s).every((s) => s.tls), JSON.stringify(server.seen));
  assert.doesNotMatch(x.log, /mật khẩu/);
});

test('settings that can not work are refused with their line', () => {
  const wrong = { 'mail_url: mail.example.vn\nmail_from: a@b.vn': /mail_url/, 'mail_url: smtp://mail.example.vn': /needs mail_from/, 'mail_url: smtp://mail.example.vn\nmail_from: ai': /at most 31/,
    'mail_url: smtp://mail.example.vn\nmail_from: a@b.vn\nmail_tls: none': /this machine/, 'mail_url: smtp://localhost\nmail_from: a@b.vn\nmail_tls: maybe': /required or none/ };
  const file = join(x.data, 'wrong.yaml');
  writeFileSync(file, 'mail_url: ""\nmail_from: ""\n');
  execFileSync(binary, ['--settings', file, 'settings', 'check'], { stdio: 'pipe' });
  writeFileSync(file, 'mail_url: smtp://localhost\nmail_from: xom@localhost\nmail_tls: none\n');
  execFileSync(binary, ['--settings', file, 'settings', 'check'], { stdio: 'pipe' });
  for (const [text, why] of Object.entries(wrong)) {
    writeFileSync(file, `${text}\n`);
    assert.throws(() => execFileSync(binary, ['--settings', file, 'settings', 'check'], { encoding: 'utf8', stdio: 'pipe' }), (e) => why.test(`${e.stdout}${e.stderr}`), text);
  }
});

// The database as it was comes back, while the list outside knows more.
async function olderComesBack(then) {
  await x.stop();
  const back = keepDatabase(x.data);
  await x.start();
  officer = await signIn(x, W, 'ha-tang');
  await then();
  await x.stop();
  back();
  assert.match(x.verb(['deletions', 'verify'], { status: 1 }), /the database lacks the deletions from number/);
  await x.start();
  officer = await signIn(x, W, 'ha-tang');
  assert.match(x.log, /the database was an older copy; 1 deletions are done again/);
  x.log = '';
}
const forget = async (r) => {
  const c = await opened(r), page = (await c.get(`/${W}/receipt`)).text;
  assert.equal((await c.post(`/${W}/receipt/mail/delete`, { s: hidden(page, 's') })).status, 303);
};

test('an older copy of the database forgets again what the list names, before it serves', async () => {
  const r = await reportWith(SECRET);
  await olderComesBack(() => forget(r));
  assert.doesNotMatch(words((await (await opened(r)).get(`/${W}/receipt`)).text), /đang giữ một địa chỉ/);
  assert.match(x.verb(['verify']), /deletions.*: 0 faults/);
});

// The list names a case by its code, and an older copy does not know the code that came later.
test('an older copy from before a receipt was replaced forgets again, too', async () => {
  const r = await reportWith(SECRET);
  await olderComesBack(async () => {
    const again = await replaced(r.code);
    const c = x.client();
    let page = await c.post(`/${W}/follow`, { code: again, pin: '' });
    page = await c.post(`/${W}/follow/pin`, { s: hidden(page.text, 's'), word: 'hoa giấy' });
    await forget(readReceipt(page.text));
  });
  assert.doesNotMatch(words((await (await opened(r)).get(`/${W}/receipt`)).text), /đang giữ một địa chỉ/);
  assert.match(x.verb(['verify']), /deletions.*: 0 faults/);
});

test('the address is on no disk in clear: database, its log, photos, lists, the program\'s log', () => {
  const files = (dir) => readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]));
  const all = files(x.data);
  assert.ok(all.some((f) => f.includes('/deletions/')) && (onPostgres || (all.some((f) => f.endsWith('xom.db')) && all.some((f) => f.endsWith('-wal')))));
  const database = stored(x.data);
  for (const address of [SECRET, 'hai@hop.thu', 'tra@hop.thu', 'khongco@hop.thu']) {
    const b64 = [0, 1, 2].map((n) => Buffer.concat([Buffer.alloc(n), Buffer.from(address)]).toString('base64').slice(n ? 4 : 0, -4));
    for (const form of [address, address.split('@')[0] + '@hop', ...b64, Buffer.from(address).toString('hex')]) {
      for (const f of all.filter((p) => !p.endsWith('settings.yaml'))) assert.ok(!readFileSync(f).includes(form), `${form} in ${f}`);
      assert.ok(!database.includes(form), `${form} in the database`);
    }
    assert.ok(!x.log.includes(address.slice(0, -4)));
  }
});
