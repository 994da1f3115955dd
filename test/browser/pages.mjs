// Every page of the product, and how a person comes to it. A walk goes from page to page as people
// do (forms are really filled in) and calls see(name, route, response) on each; pages.test.mjs looks
// at them. A page that is added gets its line here: a test compares with `xom routes`.
import { PASSWORD } from '../harness/xom.mjs';
import { readQr } from '../harness/qr.mjs';
import { follow, go, photo, press, ask, readReceiptPage, upload } from './browser.mjs';

const LATIN_TEXT = Buffer.from('Đây là chữ, không phải ảnh.');
const open = (w, path) => follow(w.page, () => w.page.goto(w.home + path));
const form = (verb) => `form[action$="/${verb}"]`;
// A step's own button; the one that fills in a reply template stands above it.
const SEND = 'button[type=submit]:not([name=fill])';

async function toWhere(w, kind) {
  await open(w, '/report');
  await w.page.check(`input[name=kind][value=${kind}]`);
  await go(w.page, 'next');
  await w.page.check('input[name=area][value=unsure]');
}

// --- residents ---

async function start(w) {
  await w.see('wards', 'GET / of no ward', await follow(w.page, () => w.page.goto(`${w.x.url}/`)), { ward: false });
  await w.see('first page', 'GET /', await open(w, '/'));
  await w.see('not found', 'error', await open(w, '/khong-co'), { status: 404 });
  await w.see('not found, no ward', 'error', await follow(w.page, () => w.page.goto(`${w.x.url}/khong-co/gi`)), { status: 404, ward: false });
}

async function reporting(w) {
  const { page, see } = w;
  await see('kind', 'GET /report', await open(w, '/report'));
  await see('draft on the phone', 'GET /report/draft', await open(w, '/report/draft'));
  await see('a step without its answers', 'GET /report/:step', await open(w, '/report/photos'));
  await see('kind, none chosen', 'POST /report/kind', await go(page, 'next'), { status: 422 });
  await page.check('input[name=kind][value=lighting]');
  await see('where', 'POST /report/kind', await go(page, 'next'));
  await page.fill('input[name=street]', 'Hẻm 7 '.repeat(40));
  await see('where, none chosen and too long', 'POST /report/where', await go(page, 'next'), { status: 422 });
  await page.check('input[name=area][value=unsure]');
  await page.fill('input[name=street]', 'Hẻm 7 Bến Sông Mây');
  await page.fill('input[name=landmark]', 'trước cửa Chợ Cầu Ván');
  await see('what', 'POST /report/where', await go(page, 'next'));
  await see('what, empty', 'POST /report/what', await go(page, 'next'), { status: 422 });
  // One word as long as a page is wide, many times over.
  await page.fill('textarea', `Đèn tắt. Số căn cước 012345678901. ${'nghiêng'.repeat(40)}`);
  const photoStep = await go(page, 'next');
  await see('photos', 'POST /report/what', photoStep);
  await page.setInputFiles('input[type=file]', photo(LATIN_TEXT));
  if (w.js) await page.waitForFunction(() => document.querySelector('[data-x-photo-told]').textContent.includes('anh.jpg'));
  // With scripts the phone says it itself, on the same page.
  await see('photos, not a photo', 'POST /report/photos', w.js ? photoStep : await go(page, 'next'), { status: w.js ? 200 : 422 });
  await see('photos, one taken', 'POST /report/photos', await upload(page, photo(w.jpeg)) ?? photoStep);
  await see('check', 'POST /report/photos', await go(page, 'next'));
  await page.locator('details#mail > summary').click();
  await page.fill('input[name=email]', 'không phải địa chỉ');
  await see('check, not an address', 'POST /report/check', await go(page, 'send'), { status: 422 });
  await page.fill('input[name=email]', 'ai-do@example.com');
  const sent = await go(page, 'send');
  await see('receipt', 'POST /report/check', sent, { sheet: 'A5' });
  // The picture holds the address that the ward gave itself; the test's server has another port.
  w.link = w.x.url + new URL(readQr(await page.content())).pathname;
}

async function conduct(w) {
  const { page, see } = w;
  await toWhere(w, 'noise');
  await go(page, 'next');
  await page.fill('textarea', 'Hát karaoke tới một giờ sáng.');
  await see('check of a conduct kind', 'POST /report/what', await go(page, 'next'));
  // A field of the form that somebody changed.
  await ask(page, () => { const s = document.querySelector('input[name=s]'); s.value = `${s.value.slice(0, -9)}AAAAAAAAA`; });
  await see('form of another time', 'error', await go(page, 'send'), { status: [400, 403, 422] });
}

async function following(w) {
  const { page, see, cases } = w;
  const typed = async (code, pin) => {
    await open(w, '/follow');
    await page.fill('input[name=code]', code);
    await page.fill('input[name=pin]', pin);
    return press(page, 'main form button');
  };
  await see('follow', 'GET /follow', await open(w, '/follow'));
  await see('follow, nothing typed', 'POST /follow', await press(page, 'main form button'), { status: 422 });
  const { code, pin } = cases.received;
  await see('follow, mistyped', 'POST /follow', await typed(`${code.slice(0, -1)}${code.endsWith('2') ? '3' : '2'}`, pin), { status: 422 });
  await see('follow, wrong PIN', 'POST /follow', await typed(cases.withdrawn.code, '00000000'), { status: 403 });
  await see('lost receipt', 'GET /lost', await open(w, '/lost'));
  await see('no such link', 'GET /r/:link', await open(w, '/r/AAAAAAAAAAAAAAAAAAAAAA'), { status: 404 });
  await see('receipt by its QR code', 'GET /r/:link', await follow(page, () => page.goto(w.link)));
  for (const state of ['received', 'taken', 'released', 'withheld', 'solved', 'withdrawn', 'noise'])
    await see(`receipt, ${state}`, 'GET /receipt', await typed(cases[state].code, cases[state].pin));
  await see('receipt, asked', 'GET /receipt', await typed(cases.asked.code, cases.asked.pin));
  await see('photo of a receipt', 'GET /receipt/photo/:name', await open(w, new URL(await page.locator('.x-photos a').first().getAttribute('href'), page.url()).pathname.slice(w.prefix.length)), { image: true });
  await typed(cases.asked.code, cases.asked.pin);
  await page.setInputFiles('input[type=file]', photo(LATIN_TEXT));
  await see('answer, empty and not a photo', 'POST /receipt/answer', await press(page, `${form('answer')} button[type=submit]`), { status: 422 });
  await see('receipt, closed', 'GET /receipt', await typed(cases.closed.code, cases.closed.pin));
  await typed(cases.received.code, cases.received.pin);
  await page.locator('details:has(form[action$="/receipt/mail"]) > summary').click();
  await see('address for mails, none typed', 'POST /receipt/mail', await press(page, `${form('receipt/mail')} button`), { status: 422 });
  await page.fill('input[name=email]', 'ai-do@example.com');
  await see('receipt, an address is kept', 'GET /receipt', await press(page, `${form('receipt/mail')} button`));
  await see('receipt, the address is deleted', 'GET /receipt', await press(page, `${form('mail/delete')} button`));
  await typed(cases.closed.code, cases.closed.pin);
  await page.locator('details:has(form[action$="/reopen"]) > summary').click();
  await see('reopen, no reason', 'POST /receipt/reopen', await press(page, `${form('reopen')} button`), { status: 422 });
}

async function publicly(w) {
  const { page, see, cases } = w;
  await see('public list', 'GET /cases', await open(w, '/cases'));
  await see('public list, filtered', 'GET /cases', await open(w, '/cases?kind=lighting&state=done&month='));
  await see('public list, nothing found', 'GET /cases', await open(w, '/cases?kind=water&state=asked'));
  await see('public list, filter unreadable', 'GET /cases', await open(w, '/cases?kind=x&area=0&month=0'), { status: 422 });
  await see('map', 'GET /map', await open(w, '/map'));
  await see('map, filtered', 'GET /map', await open(w, '/map?state=done'));
  for (const state of ['received', 'released', 'closed'])
    await see(`public case, ${state}`, 'GET /case/:code', await open(w, `/case/${cases[state].publicCode}`));
  await open(w, `/case/${cases.released.publicCode}`);
  await see('released photo', 'GET /case/:code/photo/:name', await press(page, '.x-pair a'), { image: true });
  await see('figures', 'GET /figures', await open(w, '/figures'));
  await see('figures of a kind, none yet', 'GET /figures', await open(w, '/figures?period=2025-01&kind=water'));
  await open(w, '/figures');
  await see('the month\'s sheet', 'GET /figures/sheet/:area/:month', await press(page, '.x-figures a'), { sheet: 'A4' });
  const over = new Date(Date.now() + 7 * 3600000);
  over.setUTCMonth(Math.floor(over.getUTCMonth() / 3) * 3, 0);
  const quarter = `${over.getUTCFullYear()}-Q${Math.floor(over.getUTCMonth() / 3) + 1}`;
  w.x.verb(['figures', 'revise', w.ward, quarter]);
  w.x.verb(['figures', 'revise', w.ward, quarter]);
  await see('quarterly edition', 'GET /figures/edition/:quarter', await open(w, `/figures/edition/${quarter}`));
  await see('no such case', 'error', await open(w, '/case/SM-P-0000000'), { status: 404 });
}

// --- officers ---

async function signIn(w, login) {
  await open(w, '/sign-in');
  await w.page.fill('input[name=login]', login);
  await w.page.fill('input[type=password]', PASSWORD);
  return press(w.page, 'main form button');
}
const signOut = (w) => press(w.page, 'form[action$="/sign-out"] button');

async function plated(w) {
  const { page, see } = w;
  await signIn(w, 'ha-tang');
  await see('plates, none', 'GET /desk/plates', await open(w, '/desk/plates'));
  await page.fill('textarea[name=lines]', `9; Hẻm 7; Cột 1\n${'x'.repeat(300)}`);
  await see('plates, wrong lines', 'POST /desk/plates', await press(page, 'main form[enctype] button'), { status: 422 });
  await page.fill('textarea[name=lines]', '1; Hẻm 7 Bến Sông Mây; Cột đèn 14\n2; Đường Tư Hiền; Cột đèn 15, trước cửa Trường Tiểu học Mây Trắng\n3; Hẻm 22 Lúa Chín; 16\n4;Đường Ven Sông;17\n5;Đường Vườn Cau;18\n6;Đường Chị Ba Lụa;19\n7;Đường Kinh Mới;20');
  await see('sheet of plates', 'GET /desk/plates/:sheet', await press(page, 'main form[enctype] button'));
  const code = await page.locator('.x-plate__code').first().textContent();
  await see('report at a plate', 'GET /p/:code', await open(w, `/p/${code.trim()}`));
  await see('report at a plate, nothing ticked', 'POST /report/what', await go(page, 'next'), { status: 422 });
  await page.check('input[name=fault] >> nth=0');
  await see('check at a plate', 'POST /report/what', await go(page, 'next'));
  await see('plates', 'GET /desk/plates', await open(w, '/desk/plates'));
  await see('plates, one retired', 'GET /desk/plates', await press(page, 'form[action$="/retire"] button'));
  await see('retired or unknown plate', 'GET /p/:code', await open(w, '/p/0000000'), { status: [404, 410] });
  await open(w, '/desk/plates');
  await signOut(w);
}

async function doors(w) {
  const { page, see } = w;
  await see('sign in', 'GET /sign-in', await open(w, '/sign-in'));
  await see('sign in, wrong', 'POST /sign-in', await press(page, 'main form button'), { status: [403, 422] });
  const invite = w.x.verb(['user', 'link', '--ward', w.ward, '--login', w.invited]).match(/\/invite\/(\S+)/)[1];
  await see('invite', 'GET /invite/:token', await open(w, `/invite/${invite}`));
  await page.fill('input[type=password] >> nth=0', 'ngan');
  await see('invite, too short', 'POST /invite/:token', await press(page, 'main form button'), { status: 422 });
  await see('invite of nobody', 'GET /invite/:token', await open(w, '/invite/AAAAAAAAAAAAAAAAAAAAAA'), { status: 410 });
  await signIn(w, 'quan-tri');
  await see('state of the installation', 'GET /admin/health', await open(w, '/admin/health'));
  await signOut(w);
  await see('first page of a role without a desk', 'GET /desk/start', await signIn(w, 'chu-tich'));
  await signOut(w);
}

async function queues(w) {
  const { page, see } = w;
  await see('first page of an officer', 'GET /desk/start', await signIn(w, 'ha-tang'));
  await see('new', 'GET /desk', await open(w, '/desk'));
  const links = await page.locator('.x-queues a').evaluateAll((list) => list.map((a) => new URL(a.href).search));
  for (const search of links) await see(`queue ${search}`, 'GET /desk', await open(w, `/desk${search}`));
  await page.fill('input[name=words]', 'cot den');
  await see('search', 'GET /desk', await press(page, '.x-filter button'));
  await see('search for a number', 'GET /desk', await open(w, '/desk?queue=unit&words=0912345678'));
  await see('search, nothing found', 'GET /desk', await open(w, '/desk?queue=unit&words=khongcogi'));
  await see('sessions', 'GET /desk/sessions', await open(w, '/desk/sessions'));
}

// Several cases: nothing ticked, the form, what is missing, how it went with one that had changed.
async function several(w) {
  const { page, see } = w;
  await signIn(w, 'ha-tang');
  await open(w, '/desk?queue=unit');
  await see('several, nothing ticked', 'GET /desk', await press(page, 'button[name=do][value=close]'));
  await see('list with all ticked', 'GET /desk', await open(w, '/desk?queue=unit&tick=all'));
  for (const step of ['take', 'assign', 'note']) {
    await open(w, '/desk?queue=unit&tick=all');
    await see(`several, ${step}`, 'POST /desk/bulk/form', await press(page, `button[name=do][value=${step}]`));
  }
  await open(w, '/desk?queue=unit');
  for (const c of [w.cases.taken, w.cases.asked]) await page.check(`input[value="${c.code}"]`);
  await see('several, close', 'POST /desk/bulk/form', await press(page, 'button[name=do][value=close]'));
  await see('several, close, refused', 'POST /desk/bulk', await press(page, 'main form button[type=submit]'), { status: 422 });
  await w.meanwhile();
  await page.check('input[name=outcome][value=mended]');
  await page.fill('#words', 'Đã thay bóng và sửa dây cả tuyến.');
  await press(page, 'main form button[type=submit]');
  // What takes longer comes back by itself.
  while (await page.locator('progress').count() > 0) await follow(page, () => page.reload());
  await see('several, how it went', 'GET /desk/bulk/:id', await follow(page, () => page.reload()));
  await signOut(w);
}

// The shift: numbers by night, the sheet, what is wrong with it, handed over, taken; the paper list.
async function shift(w) {
  const { page, see } = w;
  await signIn(w, 'ha-tang');
  await see('new in this shift', 'GET /desk/news', await open(w, '/desk/news'));
  await see('new since, in the list', 'GET /desk', await open(w, '/desk?queue=unit&since=shift'));
  await see('shift', 'GET /desk/shift', await open(w, '/desk/shift'));
  await page.fill('#notes', `Thang ở kho. ${'Chờ thợ. '.repeat(500)}`);
  await see('shift, notes too long', 'POST /desk/shift', await press(page, 'main form button[type=submit]'), { status: 422 });
  await page.fill('#notes', 'Thang để ở kho số 2. Cột đèn đầu hẻm 7 còn chờ thợ.');
  await see('shift handed over', 'GET /desk/shift/:id', await press(page, 'main form button[type=submit]'));
  const at = new URL(page.url()).pathname.slice(w.prefix.length);
  await signOut(w);
  await signIn(w, 'ha-tang-2');
  await see('shift to be taken', 'GET /desk/shift/:id', await open(w, at));
  await see('shift taken', 'GET /desk/shift/:id', await press(page, 'main form button[type=submit]'));
  await see('shift with earlier ones', 'GET /desk/shift', await open(w, '/desk/shift'));
  const day = w.paper();
  await see('paper lists', 'GET /desk/paper', await open(w, '/desk/paper'));
  await see('paper list', 'GET /desk/paper/:day', await open(w, `/desk/paper/${day}`));
  await page.selectOption('#what-1', 'note');
  await page.fill('#words-1', 'Đã che tạm, chờ thợ sáng mai.');
  await page.fill('#at-1', '25:00');
  await see('paper list, time is none', 'POST /desk/paper/:day', await press(page, 'main form button[type=submit]'), { status: 422 });
  await signOut(w);
}

// Reply templates: none yet, the form with what is wrong, the list, one with its versions.
async function templates(w) {
  const { page, see } = w;
  await see('templates, none', 'GET /desk/templates', await open(w, '/desk/templates'));
  await see('new template', 'GET /desk/templates/:id', await open(w, '/desk/templates/new'));
  await page.fill('#body', `Chào anh chị, {ten}. ${'Đã thay bóng đèn. '.repeat(40)}`);
  await see('new template, refused', 'POST /desk/templates/:id', await press(page, 'main form button[type=submit]'), { status: 422 });
  await page.fill('#title', 'Đã thay bóng đèn, mời xem lại vào buổi tối');
  await page.fill('#body', 'Đèn ở {street} đã thay bóng hôm {today}. Nếu tối nay vẫn tắt, mời báo lại theo mã {code}.');
  await see('templates', 'GET /desk/templates', await press(page, 'main form button[type=submit]'));
  await see('template with its versions', 'GET /desk/templates/:id', await press(page, '.x-case a'));
}

// Every form of a case, sent empty: each comes back open, with its error.
async function working(w) {
  const { page, see, cases } = w;
  const at = (c) => `/desk/case/${c.code}`;
  for (const state of ['received', 'asked', 'withdrawn', 'solved'])
    await see(`case, ${state}`, 'GET /desk/case/:code', await open(w, at(cases[state])));
  await see('photo of a case', 'GET /desk/case/:code/photo/:name', await open(w, `${at(cases.received)}/photo/${await firstPhoto(w, at(cases.received))}`), { image: true });
  for (const state of ['released', 'withheld']) {
    const response = await open(w, at(cases[state]));
    await see(`case, ${state}, opened forms`, 'GET /desk/case/:code', response, { before: () => openForms(w) });
  }
  const steps = async (c, done) => {
    await open(w, at(c));
    for (const id of (await page.locator('details.x-action').evaluateAll((list) => list.map((d) => d.id))).filter((d) => !done.has(d))) {
      done.add(id);
      await open(w, at(c));
      if (!await page.locator(`#${id}`).evaluate((d) => d.open)) await page.locator(`#${id} > summary`).click();
      if (id === 'correct') await page.fill('#correct-street', 'x'.repeat(400));
      if (id === 'release') await page.fill('#release-text', 'x'.repeat(9000));
      await see(`${id}, refused`, `POST /desk/case/:code/${id}`, await press(page, `#${id} ${SEND}`), { status: 422 });
    }
  };
  const done = new Set();
  await steps(cases.released, done);
  await steps(cases.withheld, done);
  await see('case, late', 'GET /desk/case/:code', await open(w, at(cases.late)));
  await steps(cases.late, done);
  // Somebody else worked on it meanwhile.
  await open(w, at(cases.taken));
  await w.meanwhile();
  await page.locator('#note > summary').click();
  await page.fill('#note-text', 'Đội sửa chữa hẹn chiều nay.');
  await see('case that changed meanwhile', 'POST /desk/case/:code/note', await press(page, `#note ${SEND}`), { status: 409 });
  await see('case of another unit', 'error', await open(w, at(cases.noise)), { status: 404 });
  await open(w, '/desk/sessions');
  await ask(page, () => { for (const t of document.querySelectorAll('input[name=token]')) t.value = 'x'; });
  await see('form of another session', 'error', await signOut(w), { status: [400, 403, 422] });
  await open(w, '/desk');
  await signOut(w);
  await signIn(w, 'giam-sat');
  await see('list for oversight', 'GET /desk', await open(w, '/desk'));
  await see('case for oversight', 'GET /desk/case/:code', await open(w, at(cases.released)));
  await signOut(w);
}
async function openForms(w) {
  for (const s of await w.page.locator('details.x-action > summary').all()) await s.click();
}
async function firstPhoto(w, at) {
  await open(w, at);
  return (await w.page.locator('.x-photos a').first().getAttribute('href')).split('/').at(-1);
}


// Counter entry, its slip, the word that makes the PIN; a step that waits; a receipt that was lost.
async function counter(w) {
  const { page, see } = w;
  await signIn(w, 'ha-tang');
  await see('counter entry', 'GET /desk/new', await open(w, '/desk/new'));
  await page.fill('textarea', 'nghiêng'.repeat(40));
  await page.fill('input[name=day]', '31/12/2099');
  await see('counter entry, wrong', 'POST /desk/new', await press(page, 'button[value=send]'), { status: 422 });
  await page.fill('input[name=day]', '1/11/2026');
  await page.selectOption('select[name=kind]', 'lighting');
  await page.selectOption('select[name=area]', { index: 1 });
  await page.fill('textarea', 'Đèn đường tắt.');
  await see('counter entry, similar ones', 'POST /desk/new', await press(page, 'button[value=look]'));
  await page.fill('input[name=word]', 'hoa giấy');
  await see('slip', 'POST /desk/new', await press(page, 'button[value=send]'), { sheet: 'A5' });
  const code = await page.locator('[data-x-code]').innerText(), at = `/desk/case/${code}`;
  await see('forms and posters', 'GET /desk/print', await open(w, '/desk/print'));
  for (const [name, kind] of [['of all kinds', ''], ['of one kind', '?kind=fire_safety'], ['about neighbours', '?kind=noise']]) {
    await see(`blank form ${name}`, 'GET /desk/print/form', await open(w, `/desk/print/form${kind}`), { sheet: 'A4' });
    await see(`poster ${name}`, 'GET /desk/print/poster', await open(w, `/desk/print/poster${kind}`), { sheet: 'A4' });
  }
  await open(w, '/follow');
  await page.fill('input[name=code]', code);
  await see('the word is asked', 'POST /follow', await press(page, 'main form button'));
  await see('no word', 'POST /follow/pin', await press(page, 'main form button'), { status: 422 });
  await see('receipt lost', 'GET /desk/lost', await open(w, '/desk/lost'));
  await page.fill('input[name=day]', 'hôm qua');
  await see('receipt lost, no day', 'GET /desk/lost', await press(page, 'main form button'), { status: 422 });
  await see('receipt lost, what only the reporter knows', 'GET /desk/case/:code/lost', await open(w, `${at}/lost`));
  await see('receipt lost, nothing known', 'POST /desk/case/:code/lost', await press(page, 'main form[action$="/lost"] button'), { status: 422 });
  // A step that waits, taken back, and sent for good.
  const unread = () => ask(page, () => { for (const p of document.querySelectorAll('input[name=pending]')) p.value = 'x'; });
  await open(w, at);
  await page.locator('#ask > summary').click();
  await page.fill('#ask-text', 'Cột số mấy? '.repeat(20));
  await see('case with a step that waits', 'GET /desk/case/:code', await press(page, `#ask ${SEND}`));
  await unread();
  await see('taken back, unreadable', 'POST /desk/case/:code/take-back', await press(page, '#wait form button'), { status: 400 });
  await open(w, at);
  await see('case with a step given back', 'GET /desk/case/:code', await press(page, '#wait form button'));
  await see('queue with a step given back', 'GET /desk', await open(w, '/desk?queue=mine'));
  await open(w, at);
  await unread();
  await see('thrown away, unreadable', 'POST /desk/case/:code/drop', await press(page, '#drafts form button'), { status: 400 });
  await open(w, at);
  await press(page, '#drafts form button');
  await page.locator('#close > summary').click();
  await page.check('#close input[value=mended]', { force: true });
  await page.fill('#close-text', 'Đã thay bóng.');
  await press(page, `#close ${SEND}`);
  w.x.clock.move(31 / 86400);
  await open(w, at);
  await page.locator('#unclose > summary').click();
  await see('closing undone, no reason', 'POST /desk/case/:code/unclose', await press(page, '#unclose button[type=submit]'), { status: 422 });
  await open(w, '/desk');
  await signOut(w);
}

// --- administrators ---

async function administering(w) {
  const { page, see } = w;
  await see('rights', 'GET /rights', await open(w, '/rights'));
  await signIn(w, 'quan-tri');
  await see('administration', 'GET /admin', await open(w, '/admin'));
  for (const [name, path, route] of [['who sees what', '/who-sees', 'who-sees'], ['jobs', '/jobs', 'jobs'], ['log', '/log', 'log']])
    await see(name, `GET /admin/${route}`, await open(w, `/admin${path}`));
  const closed = page.locator('main details:not([open]) > summary');
  const unfold = async () => { while (await closed.count()) await closed.first().click(); };
  const send = (form) => press(page, `${form} button[type=submit]`);
  await see('accounts', 'GET /admin/people', await open(w, '/admin/people'), { before: unfold });
  await page.fill('#login', 'không được');
  await page.fill('#name', 'Nguyễn Thị '.repeat(5));
  await see('account, refused', 'POST /admin/people', await send('#add'), { status: 422 });
  await open(w, '/admin/people?words=an-toan');
  await see('an account', 'GET /admin/people/:id', await press(page, '#list tbody a'), { before: unfold });
  await page.fill('#role-from', 'hôm nay');
  await see('a role, refused', 'POST /admin/people/:id', await send('form:has(#role-from)'), { status: 422 });
  await see('units', 'GET /admin/units', await open(w, '/admin/units'), { before: unfold });
  await page.fill('#slug', 'Tổ mới');
  await see('unit, refused', 'POST /admin/units', await send('#add'), { status: 422 });
  await see('a unit', 'GET /admin/units/:slug', await open(w, '/admin/units/ha-tang'), { before: unfold });
  await page.fill('#last', '31/12/2030');
  await see('a unit that is needed', 'POST /admin/units/:slug', await send('form:has(#last)'), { status: 422 });
  await see('kinds', 'GET /admin/procedures', await open(w, '/admin/procedures'), { before: unfold });
  await see('no file', 'POST /admin/procedures', await send('form:has(#definition)'), { status: 422 });
  await page.setInputFiles('#definition', { name: 'lighting.yaml', mimeType: 'text/yaml', buffer: Buffer.from('name: lighting\ncategory: khác\n') });
  await see('a file with faults', 'POST /admin/procedures', await send('form:has(#definition)'), { status: 422 });
  await see('a kind', 'GET /admin/procedures/:kind', await open(w, '/admin/procedures/lighting'), { before: unfold });
  const id = w.x.sql("SELECT id FROM procedure_version WHERE name = 'lighting' LIMIT 1");
  await see('two versions', 'GET /admin/procedures/:kind/compare', await open(w, `/admin/procedures/lighting/compare?from=${id}&to=${id}`));
  await open(w, '/admin/procedures/lighting');
  await unfold();
  await page.fill('#last', '1/1/2020');
  await see('a kind, not withdrawn', 'POST /admin/procedures/:kind', await send('form:has(#last)'), { status: 422 });
  await see('areas', 'GET /admin/areas', await open(w, '/admin/areas'));
  await page.setInputFiles('#areas', 'demo/song-may.geojson');
  await see('areas, drawn', 'POST /admin/areas', await send('form:has(#areas)'));
  await see('settings', 'GET /admin/settings', await open(w, '/admin/settings'));
  await page.fill('#idle_days', '3');
  await see('settings, refused', 'POST /admin/settings', await send('#ward'), { status: 422 });
  await open(w, '/admin');
  await signOut(w);
}

// Answers for programs, which no browser shows (map.test.mjs, figures.test.mjs, draft.test.mjs read them), and a
// page of a ward of its own (practice.test.mjs).
// Answers for programs, which no browser shows, and a page that has a ward of its own.
export const machines = [
  'GET /desk/practice',
  'GET /feed.atom',
  'GET /feed.json',
  'GET /figures/edition/:quarter/bytes',
  'GET /map/areas.geojson',
  'GET /reminder/:day',
  'GET /report/sw.js',
];
// Pages that are offered in languages which aren't whole.
export const residents = [start, reporting, conduct, following, publicly];
// In order, a line each: a walk may use what an earlier one left (a receipt's link, a session).
export const walks = {
  start,
  reporting,
  conduct,
  following,
  publicly,
  doors,
  queues,
  templates,
  working,
  shift,
  several,
  administering,
  counter,
  plated,
};
