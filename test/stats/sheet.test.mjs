// "You said, we did": whatever a month holds, it is one A4 sheet.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { signIn, startXom, words } from '../harness/xom.mjs';
import { png } from '../harness/steps.mjs';
import { readQr } from '../harness/qr.mjs';
import { act, addDays, areas, close, fresh, get, moveTo, report, resident, today } from './stats.mjs';

const W = 'song-may', LONG = 'Đoạn đường trước cổng trường nghiêng hẳn một bên, mỗi khi mưa nước chảy xiết cuốn theo đất đá xuống lòng đường nên xe máy rất dễ trượt ngã. '.repeat(9);
let x, officer, place, start, month;
before(async () => {
  x = await startXom();
  [place] = await areas(x, W);
  // The month after this one: nothing is in it yet.
  const day = today(x);
  start = addDays(`${day.slice(0, 7)}-01`, 40).slice(0, 8).concat('03');
  month = start.slice(0, 7);
  moveTo(x, start);
  officer = await signIn(x, W, 'ha-tang');
});
after(async () => { await x.stop(); });

const CODE = '90001-1';
const sheet = (lang = '') => fresh(`/${W}${lang}/figures/sheet/${CODE}/${month}`);
function printed(path) {
  const file = join(x.data, 'sheet.pdf');
  execFileSync('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-pdf-header-footer', '--virtual-time-budget=5000', `--user-data-dir=${join(x.data, 'chromium')}`, `--print-to-pdf=${file}`, x.url + path], { stdio: 'ignore', timeout: 60000 });
  const info = execFileSync('pdfinfo', [file], { encoding: 'utf8' });
  return { pages: Number(info.match(/^Pages: +(\d+)/m)[1]), size: info.match(/^Page size: +(.*)$/m)[1], text: execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }) };
}

test('a month in which nothing was reported says so', async () => {
  const r = await x.client().get(sheet());
  assert.equal(r.status, 200);
  assert.match(words(r.text), /Không có việc nào được báo/);
  assert.doesNotMatch(r.text, /x-sheet__done|x-sheet__late/);
});

test('only what was released is on it, done ones with both pictures, late ones with rule and day', async () => {
  const photo = (n) => ({ bytes: png({ width: 640, height: 480 }), name: `${n}.png`, type: 'image/png' });
  const show = async (code, text, photos) => {
    const html = (await officer.get(`/${W}/desk/case/${code}`)).text;
    const ids = [...html.matchAll(/name="release" value="(\d+)"/g)].map((m) => m[1]);
    await act(officer, W, code, 'release', { 'release-text': text, ...(photos ? { release: ids } : {}) });
  };
  const done = [], late = [];
  for (let i = 0; i < 6; i += 1) {
    const c = await report(x, W, { area: place, street: 'CANARYSTREET', text: 'CANARYWORDS', photos: i < 3 ? [photo(i)] : [] });
    await close(officer, W, c.code, i < 3 ? [['close-photos', png({ width: 640, height: 480 })]] : []);
    await show(c.code, i === 5 ? 'x'.repeat(1900) : LONG, i < 3);
    done.push(c);
  }
  for (let i = 0; i < 6; i += 1) {
    const c = await report(x, W, { kind: 'road', area: place, text: 'CANARYWORDS' });
    if (i !== 1) await show(c.code, LONG, false);
    late.push(c.code);
  }
  const noise = await report(x, W, { kind: 'noise', area: place, text: 'CANARYNOISE' });
  const hidden = await report(x, W, { area: place, text: 'CANARYWORDS' });
  await act(officer, W, hidden.code, 'withhold', { 'withhold-reason': 'Chỉ ra một nhà.' });
  await resident(x, W, await report(x, W, { area: place, text: 'CANARYWORDS' }), 'withdraw');
  moveTo(x, addDays(start, 23));
  officer = await signIn(x, W, 'ha-tang');
  for (const code of late.slice(0, 2)) await act(officer, W, code, 'explain', { 'explain-text': 'Chờ nhà thầu giao vật tư, hẹn trong tháng. '.repeat(7).slice(0, 300) });
  const page = await get(x, sheet().replace(/\?.*/, '').concat('.json')), html = (await x.client().get(sheet())).text;
  assert.deepEqual([page.received, page.closed, page.open, page.overdue], [13, 6, 6, 6]);
  assert.equal(page.done.length, 4);
  assert.ok(page.done.slice(0, 3).every((c) => c.before && c.after), 'those with both pictures first');
  assert.equal(page.done_more, 2);
  assert.equal(page.late.length, 3);
  assert.equal(page.late_more, 3);
  assert.match(page.late[0].rule, /^2 ngày làm việc/);
  assert.ok(page.late[0].late_days > 10);
  assert.match(words(html), /Trễ vì: Chờ nhà thầu/);
  assert.ok(page.late.slice(0, 2).every((c) => Buffer.byteLength(c.reason) <= 200));
  assert.match(words(html), /Phường chưa nói vì sao trễ/);
  for (const c of [...page.done, ...page.late]) assert.ok(Buffer.byteLength(c.words ?? '') <= 200);
  assert.doesNotMatch(html, /CANARY|Tiếng ồn/);
  for (const c of [noise, hidden, ...done]) assert.ok(!html.includes(c.code), 'a receipt\'s code');
  assert.ok(readQr(html).endsWith(`/figures/sheet/${CODE}/${month}`));
});

test('it prints on one A4 sheet, in both languages, with all that it has to say', () => {
  for (const [lang, said] of [['', /Còn 2 việc nữa đã xong/], ['/en', /2 more are closed/]]) {
    const p = printed(sheet(lang));
    assert.equal(p.pages, 1, p.text);
    assert.match(p.size, /A4/);
    assert.match(p.text, said);
    assert.ok(p.text.replace(/\s+/g, '').includes(`/figures/sheet/${CODE}/${month}`));
    assert.match(p.text, /0292 000 0100/);
  }
});
