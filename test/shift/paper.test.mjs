// The paper list as a file for a printer: whole, private, once, gone after a week; what can't be written is
// told and stops nothing else.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { steps } from '../harness/steps.mjs';
import { binary, report, root, signIn, startXom, tempDir, words } from '../harness/xom.mjs';

const W = 'song-may', DAY = 86400e6, HOUR = 3600e6, ZONE = 7 * HOUR;
let x, dir, got, moved;
before(async () => {
  dir = tempDir();
  chmodSync(dir, 0o700);
  x = await startXom({ settings: `paper_list_dir: ${dir}\n` });
});
after(async () => { await x.stop(); rmSync(dir, { recursive: true, force: true }); });

const sql = (text) => x.sql(text);
// The ward's clock at an hour of the day that begins `days` from now.
function clockTo(hour, days = 1) {
  const now = Date.now() * 1000, target = (Math.floor((now + ZONE) / DAY) + days) * DAY + hour * HOUR - ZONE;
  x.clock.set(BigInt(Math.round(target - now)));
}
const today = () => new Date(Date.now() + Number(x.clock.us) / 1000 + ZONE / 1000).toISOString().slice(0, 10);
const name = (unit, ward = W) => join(dir, `${ward}.${unit}.${today()}.pdf`);
// The clock goes on while one waits: a run that began just before the clock was moved asks again five minutes later.
async function until(what) {
  for (let i = 0; i < 600; i += 1) {
    if (what()) return;
    await pause(50);
    if (i % 20 === 19) x.clock.move(1 / 1440);
  }
  assert.fail(`never: ${what}`);
}
const doctor = (more = `paper_list_dir: ${dir}\n`, lang = 'en') => {
  const file = join(x.data, 'doctor.yaml');
  writeFileSync(file, `${x.settings.replace(/paper_list_dir.*\n/, '')}${more}`);
  return spawnSync(binary, ['--settings', file, '--data', x.data, '--share', root, '--test-clock', join(x.data, 'clock'), 'doctor', '--lang', lang], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' }, timeout: 60000 }).stdout;
};
const pdfText = (file) => execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });

test('at the ward\'s hour each unit has a file: A4, its own work, without words, for the program alone', async () => {
  clockTo(16);
  got = await report(x, W, { text: 'ZQWORDS tắt đèn', street: 'Hẻm Bến Sông Mây', landmark: 'đối diện cầu khỉ' });
  moved = await report(x, W, { text: 'ZQWORDS hai' });
  // Its clock stands: the date is the latest one.
  const waits = await report(x, W, { kind: 'road', text: 'ZQWORDS ba' }), officer = await signIn(x, W, 'ha-tang');
  await steps(officer, waits.code, ['take'], ['pause', { 'pause-text': 'Chờ cấp nước.' }]);
  // Where the day of the test is past that hour, that day's own stand there already.
  assert.deepEqual(readdirSync(dir).filter((f) => f.includes(today())), [], 'not before');
  clockTo(17.1);
  await until(() => existsSync(name('ha-tang')) && existsSync(name('moi-truong')) && existsSync(name('an-toan')) && existsSync(name('ha-tang', 'rach-truc')));
  assert.equal(statSync(name('ha-tang')).mode & 0o777, 0o600);
  assert.match(execFileSync('pdfinfo', [name('ha-tang')], { encoding: 'utf8' }), /Page size: +595[\d.]* x 84[12][\d.]* pts \(A4\)/);
  const text = pdfText(name('ha-tang')), flat = text.replace(/\s+/g, ' ');
  for (const said of ['Danh sách giấy – Tổ Hạ tầng đô thị', got.code, moved.code, 'Hẻm Bến Sông Mây', 'đối diện cầu khỉ', 'Đèn đường', 'Đã làm gì', 'hủy giấy này'])
    assert.ok(flat.includes(said), `${said}: ${flat.slice(0, 600)}`);
  assert.doesNotMatch(text, /ZQWORDS/);
  assert.ok(!pdfText(name('moi-truong')).includes(got.code), 'each unit its own');
  // Every list of the day first: a file that is still being written is none that was left half-written.
  const day = Math.floor(Date.parse(today()) / 86400e3);
  await until(() => sql(`SELECT count(*) FROM paper_list WHERE day = ${day}`) === sql('SELECT count(*) FROM unit') && sql('SELECT count(*) FROM paper_list WHERE filed_at IS NULL') === '0');
  assert.deepEqual(readdirSync(dir).filter((f) => !f.endsWith('.pdf')), [], 'nothing half-written');
  // Every row of the page is on the paper, in its order.
  const { cases } = JSON.parse((await officer.get(`/${W}/desk/paper/${today()}.json`)).text), rows = cases.map((c) => c.code);
  const LATEST = 'là muộn nhất; có trả lời thì sớm hơn';
  assert.deepEqual(cases.filter((c) => [waits, got].some((r) => r.code === c.code)).map((c) => [c.code === waits.code, c.latest ?? '']).sort(), [[false, ''], [true, LATEST]]);
  assert.equal(flat.split(LATEST).length - 1, cases.filter((c) => c.latest).length, 'on paper, too');
  const at = rows.map((code) => text.indexOf(code));
  assert.ok(at.every((n) => n >= 0) && at.every((n, i) => i === 0 || n > at[i - 1]), 'all of them, in order');
});

test('taken away by who printed it, it does not come again the same day', async () => {
  unlinkSync(name('ha-tang'));
  const runs = () => sql("SELECT due_at FROM outbox WHERE kind = 'shift.paper' ORDER BY due_at LIMIT 1");
  const was = runs();
  x.clock.move(6 / 1440);
  await until(() => runs() !== was);
  await until(() => sql(`SELECT count(*) FROM paper_list WHERE filed_at IS NULL`) === '0');
  assert.ok(!existsSync(name('ha-tang')));
});

test('a file that cannot be written stops no other; doctor names it and it comes when there is room', async () => {
  clockTo(16, 2);
  // Something that no program can put away stands where the file is written.
  const stone = join(dir, `.${W}.ha-tang.${today()}.pdf.part`);
  mkdirSync(stone);
  writeFileSync(join(stone, 'x'), '');
  clockTo(17.1, 2);
  await until(() => existsSync(name('moi-truong')) && existsSync(name('an-toan')) && /a paper list has no file/.test(x.log));
  assert.ok(!existsSync(name('ha-tang')));
  const officer = await signIn(x, W, 'ha-tang');
  assert.equal((await officer.get(`/${W}/desk/paper/${today()}`)).status, 200, 'the page is there all the same');
  assert.doesNotMatch(x.log, /ZQWORDS|cầu khỉ/);
  clockTo(17.5, 2);
  assert.match(doctor(), /Wrong {2}Paper lists to print: 1 of today’s paper lists could not be written/);
  const admin = await signIn(x, W, 'quan-tri');
  assert.match(words((await admin.get(`/${W}/admin/health`)).text), /1 danh sách giấy của hôm nay chưa ghi được/);
  rmSync(stone, { recursive: true });
  x.clock.move(6 / 1440);
  await until(() => existsSync(name('ha-tang')));
  assert.match(doctor(), /Fine {2}Paper lists to print: The paper lists are written into/);
});

test('without its folder nothing else stops; doctor says what to do; switched off it says nothing', async () => {
  assert.match(doctor(`paper_list_dir: ${dir}/gone\n`), /Wrong {2}Paper lists to print: There is no folder .*\/gone[\s\S]*install -d -m 700 -o xom -g xom/);
  assert.match(doctor(`paper_list_dir: ${dir}/gone\n`, 'vi'), /Không có thư mục/);
  chmodSync(dir, 0o755);
  assert.match(doctor(), /Soon {2}Paper lists to print: Others can read the folder/);
  chmodSync(dir, 0o700);
  assert.doesNotMatch(doctor(''), /Paper lists to print/);
  // Gone under the running program: the list itself is made, and the rest goes on.
  rmSync(dir, { recursive: true });
  clockTo(17.1, 3);
  await until(() => sql(`SELECT count(*) FROM paper_list WHERE day = ${Math.floor(Date.parse(today()) / 86400e3)}`) === sql('SELECT count(*) FROM unit'));
  assert.equal((await x.client().get(`/${W}/`)).status, 200);
  mkdirSync(`${dir}.new`, { mode: 0o700 });
  for (const old of ['mine', `${W}.ha-tang`, `${W}x.ha-tang`]) writeFileSync(join(`${dir}.new`, `${old}.2020-01-01.pdf`), '');
  renameSync(`${dir}.new`, dir);
  x.clock.move(6 / 1440);
  await until(() => existsSync(name('ha-tang')));
  // By the rule of the lists in the database: a week; and nobody else's files.
  assert.deepEqual(readdirSync(dir).filter((f) => f.includes('2020')).sort(), ['mine.2020-01-01.pdf', `${W}x.ha-tang.2020-01-01.pdf`]);
});

test('the unit that prints hands each list to the printer once, and again when the printer was off', () => {
  const unit = readFileSync(join(root, 'packaging/systemd/xom-print.service'), 'utf8');
  const script = unit.match(/^ExecStart=\/bin\/sh -c '(.*)'$/m)[1].replaceAll('$$', '$').replaceAll('%%', '%');
  const place = tempDir(), folder = join(place, 'paper'), lists = ['a.b.2026-11-25.pdf', 'a.c.2026-11-25.pdf'];
  mkdirSync(folder);
  writeFileSync(join(place, 'lp'), `#!/bin/sh\necho "$4" >>"${place}/printed"\n[ ! -e "${place}/off" ]\n`, { mode: 0o755 });
  const run = () => spawnSync('/bin/sh', ['-c', script], { env: { PATH: `${place}:/usr/bin:/bin`, FOLDER: folder } }).status;
  const printed = () => readFileSync(join(place, 'printed'), 'utf8').trim().split('\n');
  for (const f of lists) writeFileSync(join(folder, f), '');
  writeFileSync(join(folder, `.${lists[0]}.part`), 'half');
  assert.deepEqual([run(), run()], [0, 0]);
  assert.deepEqual(printed(), lists, 'once, and no half one');
  writeFileSync(join(place, 'off'), '');
  writeFileSync(join(folder, 'a.b.2026-11-26.pdf'), '');
  assert.equal(run(), 1, 'tried again by systemd');
  rmSync(join(place, 'off'));
  assert.equal(run(), 0);
  assert.equal(printed().at(-1), 'a.b.2026-11-26.pdf');
  unlinkSync(join(folder, lists[0]));
  run();
  assert.deepEqual(readdirSync(folder).filter((f) => f.endsWith('.printed')).sort(), ['.a.b.2026-11-26.pdf.printed', `.${lists[1]}.printed`], 'no mark without its list');
  rmSync(place, { recursive: true });
});
