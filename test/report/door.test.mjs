// The questions that lead to the right door, the doors, the letter to print, who receives what.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, inflateSync } from 'node:zlib';
import { binary, hidden, root, signIn, startXom, stored, unescape, verb, words } from '../harness/xom.mjs';

const W = 'song-may';
let x;
before(async () => { x = await startXom(); });
after(() => x.stop());

const get = (path, ward = W) => x.client().get(`/${ward}${path}`);
const links = (html) => [...html.matchAll(/class="x-answer" href="([^"]*)"/g)].map((m) => unescape(m[1]));
const xom = (args, input = '') => spawnSync(binary, ['--share', root, ...args], { input, encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
const pdf = async (r) => {
  const file = join(x.data, 'letter.pdf');
  writeFileSync(file, Buffer.from(r.bytes ?? await r.body));
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
};
const letter = async (door, fields, ward = W) => {
  const r = await fetch(`${x.url}/${ward}/door/${door}/paper`, { method: 'POST', headers: { Origin: x.url, 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields) });
  return { status: r.status, type: r.headers.get('content-type'), name: r.headers.get('content-disposition'), cache: r.headers.get('cache-control'), bytes: Buffer.from(await r.arrayBuffer()) };
};

test('every way through the questions ends at a door that says what to do, and leads back', async () => {
  for (const lang of ['', '/en', '/km']) {
    const home = await get(`${lang}/`);
    assert.match(home.text, new RegExp(`href="/${W}${lang}/door"`), 'the button of the first page');
    const doors = new Set(), walked = new Set();
    const walk = async (path, depth) => {
      const r = await x.client().get(path);
      assert.equal(r.status, 200, path);
      const next = path.includes('/report') ? [] : links(r.text).filter((l) => !l.includes('/report'));
      if (next.length === 0) { doors.add(path.replace(/.*door\/|\?.*/g, '')); assert.match(r.text, lang === '' ? /Bây giờ bạn làm gì/ : /What to do now|ឥឡូវធ្វើអ្វី/); assert.match(r.text, new RegExp(`href="/${W}${lang}/door"`)); return; }
      assert.ok(depth <= 3, `more than three questions: ${path}`);
      for (const l of next) if (!walked.has(l)) { walked.add(l); await walk(l, depth + 1); }
    };
    await walk(`/${W}${lang}/door`, 1);
    assert.deepEqual([...doors].sort(), ['complaint', 'crime', 'denunciation', 'emergency', 'feedback', 'info', 'quarrel', 'unsure', 'ward']);
  }
});

test('from a door one is led back to the question that led there, and never twice to the same', async () => {
  const back = (html) => [html.match(/href="([^"]*)" class="govuk-back-link"/)?.[1], html.match(/href="([^"]*)">Quay lại câu hỏi trước/)?.[1]];
  for (const [question, door] of [['about', 'unsure'], ['office', 'unsure'], ['person', 'unsure'], ['office', 'denunciation'], ['person', 'denunciation'], ['about', 'ward'], ['person', 'ward']]) {
    const to = links((await get(`/door/${question}`)).text).find((l) => l.includes(`/door/${door}`)), r = await x.client().get(to);
    assert.equal(to, `/${W}/door/${door}?from=${question}`);
    assert.deepEqual(back(r.text), [`/${W}/door/${question}`, `/${W}/door/${question}`], to);
    const paper = r.text.match(/href="([^"]*\/paper[^"]*)"/)?.[1];
    if (paper) assert.match((await x.client().get(unescape(paper))).text, new RegExp(`href="/${W}/door/${door}\\?from=${question}" class="govuk-back-link"`), 'also from its letter');
    assert.match(r.text, new RegExp(`href="/${W}/en/door/${door}\\?from=${question}"`), 'other languages keep it');
  }
  // Nobody can tell, an address that was made up, and where the question before is the first: one link.
  for (const path of ['unsure', 'unsure?from=nope', 'unsure?from=danger', 'unsure?from=%22', 'emergency', 'info'])
    assert.deepEqual([back((await get(`/door/${path}`)).text)[1], (await get(`/door/${path}`)).text.split('Hỏi lại từ đầu').length], [undefined, 2], path);
  assert.equal(back((await get('/door/complaint')).text)[1], `/${W}/door/office`, 'one question alone leads there');
});

test('emergency: numbers to press, nothing to fill in', async () => {
  const r = await get('/door/emergency');
  for (const n of ['113', '114', '115', '112', '111']) assert.ok(r.text.includes(`class="x-number" href="tel:${n}"`), n);
  assert.doesNotMatch(r.text, /<form|<textarea/);
});

test('who is hurt: no telling title or address, nothing kept, left at once', async () => {
  const r = await get('/door/info');
  assert.equal(r.headers.get('cache-control'), 'no-store');
  assert.match(r.text, /<title>Thông tin – /);
  assert.match(r.text, /<a [^>]*href="https:[^"]*" rel="noreferrer noopener" data-x-leave/);
  assert.match(r.text, /href="tel:113"/);
  assert.match(r.text, /href="tel:111"/);
  assert.match(r.text, /Trạm y tế phường/);
  assert.match(r.text, /Địa chỉ tin cậy/);
  assert.equal(words(r.text).split('Phường chưa gọi hỏi lại những nơi này').length, 2, 'said once for all of them');
  assert.doesNotMatch(r.text, /<form method="post"|<textarea|draft/);
  assert.equal((await get('/door/hurt')).status, 404, 'the telling address is not there');
  assert.equal((await get('/door/hurt/paper')).status, 404);
  assert.doesNotMatch((await get('/door')).text, /door\/hurt/);
  const en = (await get('/en/door/info')).text;
  assert.match(en, /<title>Information – /);
  assert.ok(words(en).includes('There is room to stay for some days') && words(en).includes('Day and night') && !words(en).includes('Cả ngày'), 'hours and notes in the page’s language');
  assert.ok((await get('/km/door/info')).text.includes('មានកន្លែងស្នាក់ពីរបីថ្ងៃ'));
});

test('a law that nobody has read is not shown as a claim', async () => {
  const text = words((await get('/door/crime')).text);
  for (const said of ['3 ngày làm việc', '24 giờ', '20 ngày', '2 tháng', 'Phường chưa đọc lại những điều này', 'TTLT 01/2017', 'BLTTHS 2015 điều 147', 'Thông tư 28/2020/TT-BCA. Phường chưa đọc lại bản gốc.'])
    assert.equal(text.split(said).length, said.includes('147') ? 4 : said === '2 tháng' ? 5 : said.includes('Phường') || said.includes('28/2020') ? 2 : said.includes('TTLT') ? 3 : 3, said);
  const en = (await get('/en/door/complaint')).text;
  assert.ok(words(en).includes('30 days'));
  assert.doesNotMatch(en, /class="x-unread"/, 'that the law is unread says nothing of the translation');
});

test('unknown doors, questions and papers are not there', async () => {
  for (const path of ['/door/nope', '/door/%00', `/door/${'a'.repeat(3000)}`, '/door/about/paper', '/door/emergency/paper', '/door/ward/paper', '/door/..%2f..']) {
    const r = await get(path);
    assert.ok([404, 400, 414].includes(r.status), `${path.slice(0, 40)}: ${r.status}`);
  }
  assert.equal((await letter('nope', { what: 'x' })).status, 404);
});

test('a letter: the words, dots for who one is; script is words, identity numbers are masked', async () => {
  const r = await letter('crime', { what: 'Mất xe. <script>alert(1)</script>\nSố 012345678901.', wish: 'Tìm giúp & <b>báo</b>' });
  assert.deepEqual([r.status, r.type, r.cache, r.name], [200, 'application/pdf', 'no-store', 'inline; filename="don.pdf"']);
  const text = await pdf(r);
  for (const said of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'ĐƠN TRÌNH BÁO', 'Trực ban công an phường', 'Tôi tên là:', '<script>alert(1)</script>', '●●●●●●●●●●●●', 'Tìm giúp & <b>báo</b>', 'Người viết'])
    assert.ok(text.includes(said), `${said}\n${text}`);
  assert.doesNotMatch(text, /012345678901/);
  for (const [door, title] of [['denunciation', 'ĐƠN TỐ CÁO'], ['complaint', 'ĐƠN KHIẾU NẠI'], ['feedback', 'PHIẾU PHẢN ÁNH, KIẾN NGHỊ'], ['quarrel', 'GIẤY ĐỀ NGHỊ HÒA GIẢI'], ['unsure', 'GIẤY ĐỀ NGHỊ']])
    assert.ok((await pdf(await letter(door, { what: 'Việc nhỏ.', wish: '' }))).includes(title), door);
  // As long as it may be: over several pages, all of it.
  const long = await pdf(await letter('complaint', { what: `${'dài dòng '.repeat(440)}HẾT`, wish: '' }));
  assert.ok(long.includes('HẾT') && long.split('\f').length > 2);
});

test('a letter of whatever is typed: ten thousand letters, decomposed, from right to left, without a blank, hostile', async () => {
  const lines = (text) => text.replace(/\s+/g, ' ');
  const whole = 'Đường ngập, nước tràn vào nhà; đã báo nhiều lần. '.repeat(204).slice(0, 9996).trim();
  for (const [name, form] of [['composed', whole], ['decomposed', whole.normalize('NFD')]]) {
    const r = await letter('denunciation', { what: `${form} HẾT`, wish: form.slice(0, 900) }), text = await pdf(r);
    assert.equal(r.status, 200, name);
    assert.ok(text.split('\f').length > 3, 'pages');
    const flat = lines(text).normalize('NFC');
    assert.ok(flat.includes('HẾT') && flat.split('tràn vào nhà').length > 150, name);
  }
  // What no font here has is a plain box each, never a box with a number; no script is a dead end.
  const rare = await pdf(await letter('complaint', { what: 'một \u{10A00}\u{10A00} hai \u{10A00}', wish: '' }));
  assert.match(rare, /một □□ hai □/);
  assert.match(words((await get('/door/complaint/paper')).text), /có thể in thành ô trống/);
  const hostile = {
    'right to left': 'Việc \u202egnor\u202c שלום عربي \u2066đảo\u2069 xong',
    'no blank': 'ă'.repeat(9990), 'one letter with a thousand marks': `a${'\u0301'.repeat(1000)} xong`, 'what breaks lines': 'một\u2028hai\u2029ba\u0085bốn\r\n\tnăm xong',
    'markup of Pango, of TeX, of PostScript': '<span size="999999">a</span> &#0; \\input{/etc/passwd} %!PS (xong) <</JS (app.alert)>>', 'signs': `${'🚓'.repeat(400)} 𠜎 ​﻿xong`,
    'lines alone': `a${'\n'.repeat(3000)}xong`,
  };
  for (const [name, what] of Object.entries(hostile)) {
    const r = await letter('complaint', { what, wish: what.slice(0, 900) });
    assert.deepEqual([r.status, r.type], [200, 'application/pdf'], name);
    const text = await pdf(r);
    assert.ok(name === 'no blank' ? text.replace(/\s/g, '').split('ă').length > 9000 : text.includes('xong'), name);
    assert.doesNotMatch(r.bytes.toString('latin1'), /\/JavaScript|\/OpenAction|\/Launch|\/EmbeddedFile/, name);
  }
  for (const bad of ['%ff%fe', '%c3%28', 'a%00b', '%ed%a0%80']) {
    const r = await fetch(`${x.url}/${W}/door/crime/paper`, { method: 'POST', headers: { Origin: x.url, 'Content-Type': 'application/x-www-form-urlencoded' }, body: `what=${bad}&wish=` });
    assert.ok([400, 422].includes(r.status), `${bad}: ${r.status}`);
  }
  assert.equal((await get('/door')).status, 200);
});

test('who one is stands on no letter: dotted lines, drawn to write on by hand', async () => {
  const drawn = (bytes) => { // the streams of the PDF, and how often a dashed line is drawn in them
    let n = 0;
    for (let at = 0; (at = bytes.indexOf('stream\n', at)) >= 0; at += 7)
      try { n += (inflateSync(bytes.subarray(at + 7), { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1').match(/\[[^\]]+\] 0 d/g) ?? []).length; } catch { /* a font */ }
    return n;
  };
  for (const door of ['crime', 'denunciation', 'complaint', 'feedback', 'quarrel', 'unsure', 'inspectorate']) {
    const form = await get(`/door/${door}/paper`);
    assert.deepEqual([...form.text.slice(form.text.indexOf('<main')).matchAll(/<(?:input|textarea|select)[^>]* name="([^"]+)"/g)].map((m) => m[1]), ['what', 'wish'], 'nobody is asked who they are');
    const r = await letter(door, { what: 'Việc.', wish: 'Sửa.' }), text = await pdf(r);
    for (const label of ['Tôi tên là:', 'Sinh ngày:', 'Số điện thoại:', 'Nơi ở:']) assert.match(text, new RegExp(`${label}(?! *[^\\s.S])`), `${door}: nothing stands behind ${label}`);
    assert.ok(drawn(r.bytes) >= 4, `${door}: ${drawn(r.bytes)} dotted lines`);
  }
});

test('no door is a dead end, not even in a ward that has entered nobody; law and where it was read beside each', async () => {
  x.sql("UPDATE receiver SET valid_to = 1 WHERE ward_id = (SELECT id FROM ward WHERE slug = 'rach-truc')");
  for (const door of ['emergency', 'info', 'crime', 'denunciation', 'complaint', 'feedback', 'quarrel', 'ward', 'unsure', 'inspectorate']) {
    const html = (await get(`/door/${door}`, 'rach-truc')).text, main = html.slice(html.indexOf('<main'), html.indexOf('</main>'));
    assert.match(main, /href="tel:|class="govuk-button govuk-button--start"|\/paper"/, `${door}: nothing to do`);
    assert.ok(words(main).includes('Bây giờ bạn làm gì') && main.includes('href="/rach-truc/door"'), door);
    // Its law by name and number, folded; where that was read is for whoever looks after the file.
    if (door !== 'info') assert.match(words(main.slice(main.indexOf('<details'))), /^Theo luật nào\? \p{Lu}.+ Phường chưa đọc lại bản gốc\./u, door);
    for (const lang of ['', '/en', '/km'])
      assert.doesNotMatch(words((await get(`${lang}/door/${door}`, 'rach-truc')).text.split('<main')[1]), /\.md|lời hứa|vietjack|kienthuc|post\d|●|nút bên dưới|button below/, door);
    if (!['emergency', 'ward'].includes(door)) assert.match(words(main), /Phường chưa ghi/, door);
  }
  x.sql("UPDATE receiver SET valid_to = NULL WHERE ward_id = (SELECT id FROM ward WHERE slug = 'rach-truc')");
});

test('a letter without words, or with too many, is asked for again with what was typed', async () => {
  const empty = await letter('crime', { what: '  ', wish: 'Giữ tôi' });
  assert.equal(empty.status, 422);
  assert.match(empty.bytes.toString(), /Hãy kể chuyện gì đã xảy ra/);
  assert.match(empty.bytes.toString(), /Giữ tôi<\/textarea>/);
  const many = await letter('crime', { what: 'chữ '.repeat(2501), wish: '' });
  assert.equal(many.status, 422);
  assert.match(many.bytes.toString(), /\/10000/);
  assert.match(many.bytes.toString(), /chữ chữ/);
  assert.equal((await letter('crime', { what: 'x'.repeat(300000), wish: '' })).status, 413);
  assert.equal((await letter('crime', { what: Buffer.from([0xff, 0xfe]).toString('latin1'), wish: '' })).status, 200, 'latin letters are letters');
  const elsewhere = await fetch(`${x.url}/${W}/door/crime/paper`, { method: 'POST', headers: { Origin: 'https://evil.example', 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'what=x' });
  assert.equal(elsewhere.status, 403);
});

test('of a letter nothing stays: no row, no log, no file', async () => {
  const core = 'zqletter7041', before_ = x.sql('SELECT count(*) FROM timeline');
  assert.ok((await pdf(await letter('crime', { what: `Việc ${core} xảy ra`, wish: `${core}wish` }))).includes(core));
  await letter('crime', { what: '', wish: `${core}wrong` });
  execFileSync('rm', ['-f', join(x.data, 'letter.pdf')]);   // our own copy
  assert.ok(!x.log.includes(core));
  assert.ok(!stored(x.data).includes(core));
  const grep = spawnSync('grep', ['-rl', core, x.data], { encoding: 'utf8' });
  assert.equal(grep.stdout, '');
  assert.equal(x.sql('SELECT count(*) FROM timeline'), before_);
});

test('receivers: entered, shown, ended, followed; the other ward keeps its own; who may', async () => {
  const admin = await signIn(x, W, 'quan-tri'), page = await admin.get(`/${W}/admin/receivers`);
  const send = (fields) => admin.post(`/${W}/admin/receivers`, { token: hidden(page.text, 'token'), ...fields });
  const row = { do: 'add', door: 'crime', name: 'Trực ban MỚI <b>', address: '9 đường Mới', hours: 'Cả ngày', phone: '0292 000 0999', note: 'Gõ cửa bên trái', note_en: 'Knock at the left door', hours_km: 'ពេញមួយថ្ងៃ', note_km: 'គោះទ្វារខាងឆ្វេង', source: 'gọi hỏi', verified: 'yes', from: '1/1/2026', until: '' };
  for (const [wrong, said] of [[{ name: ' ' }, 'Hãy ghi nơi nhận'], [{ address: '', phone: '' }, 'địa chỉ hoặc số điện thoại'], [{ phone: 'javascript:alert(1);ext=1' }, 'Hãy ghi một số điện thoại'], [{ phone: '12' }, 'Hãy ghi một số điện thoại'], [{ phone: '0'.repeat(21) }, 'Hãy ghi một số điện thoại'], [{ source: '' }, 'biết điều này từ đâu'], [{ from: '31/2/2026' }, 'ngày bắt đầu'], [{ until: '1/1/2025' }, 'Ngày cuối'], [{ door: 'ward' }, 'Hãy chọn một việc'],
    [{ note_km: 'x'.repeat(401) }, 'Dài quá'], [{ hours_en: 'x'.repeat(201) }, 'Dài quá'], [{ note_en: 'Ask for ông Bảy' }, 'Có chỗ giống tên người']]) {
    const r = await send({ ...row, ...wrong });
    assert.equal(r.status, 422, said);
    assert.ok(words(r.text).includes(said), said);
    assert.match(r.text, /value="Cả ngày"/, 'what was typed stays');
    for (const typed of Object.values(wrong)) assert.ok(typed.trim() === '' || typed === 'ward' || /^0{21}$/.test(typed) /* masked */ || r.text.includes(`value="${typed}"`), typed);
  }
  assert.equal((await send(row)).status, 303);
  const shown = (await get('/door/crime')).text;
  assert.match(shown, /Trực ban MỚI &lt;b&gt;/);
  assert.match(shown, /Phường đã hỏi lại/);
  const english = words((await get('/en/door/crime')).text);
  assert.ok(english.includes('Knock at the left door') && !english.includes('Gõ cửa bên trái') && english.includes('Cả ngày'), 'in English where it was entered, else as it stands');
  const khmer = words((await get('/km/door/crime')).text);
  assert.ok(khmer.includes('ពេញមួយថ្ងៃ') && khmer.includes('គោះទ្វារខាងឆ្វេង') && !khmer.includes('Gõ cửa bên trái'), 'and in Khmer');
  assert.doesNotMatch((await get('/door/crime', 'rach-truc')).text, /Trực ban MỚI/);
  const id = x.sql("SELECT id FROM receiver WHERE name LIKE 'Trực ban MỚI%'"), other = x.sql(`SELECT id FROM receiver WHERE door = 'crime' AND ward_id <> (SELECT ward_id FROM receiver WHERE id = ${id})`);
  assert.equal((await send({ do: 'end', row: other, last: '1/1/2026' })).status, 422, 'another ward’s');
  assert.equal((await send({ do: 'end', row: id, last: '1/1/2020' })).status, 422);
  assert.equal((await send({ do: 'end', row: id, last: '31/12/2025' })).status, 303, 'wrong from the beginning');
  assert.doesNotMatch((await get('/door/crime')).text, /Trực ban MỚI/);
  assert.match(words((await admin.get(`/${W}/admin/log`)).text), /Nơi nhận hết hạn/);
  // A door that nobody receives says so, gives the ward's phone, and doctor names it.
  for (const one of x.sql(`SELECT id FROM receiver WHERE door = 'complaint' AND valid_to IS NULL AND ward_id = (SELECT ward_id FROM receiver WHERE id = ${id})`).split('\n'))
    assert.equal((await send({ do: 'end', row: one, last: new Date(Date.now() - 864e5).toISOString().slice(0, 10) })).status, 303);
  const bare = await get('/door/complaint');
  assert.match(words(bare.text), /Phường chưa ghi nơi nhận/);
  assert.match(bare.text, /href="tel:02920000100"/);
  assert.match(await pdf(await letter('complaint', { what: 'Việc.', wish: '' })), /Kính gửi:/);
  assert.match(words((await admin.get(`/${W}/admin/health`)).text), /chưa ghi nơi nhận cho: Xin xem lại một quyết định/);
});

test('xom receiver: adds, lists, ends; refuses what it should', () => {
  const call = (...args) => verb(x.data, ['receiver', ...args]);
  call('add', '--ward', W, '--door', 'complaint', '--name', 'Bộ phận tiếp dân', '--phone', '0292 000 0555', '--source', 'gọi hỏi', '--from', '2026-01-01', '--verified', '--hours', 'Buổi sáng', '--hours-en', 'Mornings', '--hours-km', 'ពេលព្រឹក', '--note-km', 'ច្រកខាងក្រោយ');
  assert.match(call('list', '--ward', W), /complaint {2}Bộ phận tiếp dân {2}2026-01-01 – … {2}verified\n.*\n {4}hours: Buổi sáng \| en: Mornings \| km: ពេលព្រឹក\n {4}note: km: ច្រកខាងក្រោយ\n/);
  for (const bad of [['add', '--ward', W, '--door', 'nope', '--name', 'x', '--phone', '113', '--source', 's', '--from', '2026-01-01'], ['add', '--ward', W, '--door', 'crime', '--name', 'x', '--source', 's', '--from', '2026-01-01'], ['add', '--ward', W, '--door', 'crime', '--name', 'x', '--phone', '113 máy 2', '--source', 's', '--from', '2026-01-01'], ['end', '--ward', W, '--end', '1', '--last', '2026-01-01'], ['list', '--ward', 'nope']])
    verb(x.data, ['receiver', ...bad], { status: 1 });
  verb(x.data, ['receiver', 'add', '--ward'], { status: 2 });
});

test('router check: its own file is fine, each of must-fail is refused for its reason', () => {
  assert.equal(xom(['router', 'check']).status, 0);
  assert.equal(xom(['router', 'check', join(root, 'test/router/fine.yaml')]).status, 0);
  const dir = join(root, 'test/router/must-fail'), files = readdirSync(dir).filter((f) => f.endsWith('.yaml'));
  assert.ok(files.length >= 30);
  for (const f of files) {
    const r = xom(['router', 'check', join(dir, f)]), expected = readFileSync(join(dir, f.replace('.yaml', '.expected')), 'utf8').trim();
    assert.equal(r.status, 1, f);
    assert.ok(r.stderr.includes(expected), `${f}: ${expected}\n${r.stderr}`);
  }
  assert.equal(xom(['router', 'check', '/nicht/da.yaml']).status, 1);
  // A server with such a file does not start.
  const walk = xom(['router', 'walk'], 'now\nsafe office undo\nsafe\nsafe nope\nnow now\n').stdout.split('\n');
  assert.deepEqual(walk.slice(0, 5).map((l) => l.split(' ')[0]), ['emergency', 'complaint', '-', '-', '-']);
});

// Both ways: what speaks of harm, and what only sounds so.
export const HARM = ['Có vũ khí trong nhà trọ', 'họ đang đánh nhau trước chợ', 'cháy nhà bà Tư', 'CHÁY NHÀ', 'Hoả hoạn ở hẻm 5', 'chay nha roi ba con oi', 'dang danh nhau', 'vu khi', 'có mùi gas nồng nặc', 'ổng cầm dao rượt người ta', 'someone has a gun', 'the house is on fire', 'they are being beaten', 'hàng xóm đánh vợ hoài', 'có người đuối nước'];
export const HARMLESS = ['Bình chữa cháy hết hạn', 'bàn cháy lem', 'chỗ này người ta đánh cầu lông ồn', 'tiếng nổ máy xe lúc 5 giờ sáng', 'bóng đèn cháy', 'Đèn đường bị cháy ba đêm nay', 'xe chạy nhanh trước quán chay', 'bong den chay', 'xe dang chay au', 'dễ cháy lắm', 'the fire extinguisher is out of date', 'ao có bông súng', 'đánh bài ăn tiền', 'Đèn tắt'];
test('words of emergency: found with and without marks, and in English; not where they mean no harm', () => {
  const out = xom(['router', 'words'], `${[...HARM, ...HARMLESS].join('\n')}\n`).stdout.trim().split('\n');
  HARM.forEach((t, i) => assert.notEqual(out[i], '-', t));
  HARMLESS.forEach((t, i) => assert.equal(out[HARM.length + i], '-', t));
});
