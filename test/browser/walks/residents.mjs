// What residents see: the first page, the questions, the form, their receipt, the public pages.
import { readQr } from '../../harness/qr.mjs';
import { ask, follow, go, photo, press, upload } from '../browser.mjs';
import { NO_PHOTO, form, open, toWhere } from './common.mjs';

export async function start(w) {
  await w.see('wards', 'GET / of no ward', await follow(w.page, () => w.page.goto(`${w.x.url}/`)), { ward: false });
  await w.see('first page', 'GET /', await open(w, '/'));
  await w.see('not found', 'error', await open(w, '/khong-co'), { status: 404 });
  await w.see('not found, no ward', 'error', await follow(w.page, () => w.page.goto(`${w.x.url}/khong-co/gi`)), { status: 404, ward: false });
}

export async function asked(w) {
  const { page, see } = w;
  await see('first question', 'GET /door', await open(w, '/door'));
  await see('a question', 'GET /door/:id', await follow(page, () => page.click('.x-answer[href$="/door/about"]')));
  await see('a door: numbers', 'GET /door/:id', await open(w, '/door/emergency'));
  await see('a door: handed over', 'GET /door/:id', await open(w, '/door/crime'));
  await see('a door: the ward’s own', 'GET /door/:id', await open(w, '/door/ward'));
  await see('a door: who is hurt', 'GET /door/info', await open(w, '/door/info'));
  await see('a letter', 'GET /door/:id/paper', await open(w, '/door/complaint/paper'));
  await see('a letter, empty', 'POST /door/:id/paper', await press(page, 'form[action$="/paper"] button'), { status: 422 });
}

export async function reporting(w) {
  const { page, see } = w;
  await see('kind', 'GET /report', await open(w, '/report'));
  await see('draft on the phone', 'GET /report/draft', await open(w, '/report/draft'));
  await see('sent already', 'GET /report/sent', await open(w, '/report/sent'));
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
  await page.fill('textarea', `Đèn tắt trước nhà bà Bảy. Số căn cước 012345678901. ${'nghiêng'.repeat(40)}`);
  const photoStep = await go(page, 'next');
  await see('photos', 'POST /report/what', photoStep);
  await page.setInputFiles('input[type=file]', photo(NO_PHOTO));
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

export async function conduct(w) {
  const { page, see } = w;
  await toWhere(w, 'noise');
  await go(page, 'next');
  await page.fill('textarea', 'Hát karaoke tới một giờ sáng.');
  await see('check of a conduct kind', 'POST /report/what', await go(page, 'next'));
  // A field of the form that somebody changed.
  await ask(page, () => { const s = document.querySelector('input[name=s]'); s.value = `${s.value.slice(0, -9)}AAAAAAAAA`; });
  await see('form of another time', 'error', await go(page, 'send'), { status: [400, 403, 422] });
}

export async function following(w) {
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
  await see('when it would be due', 'GET /clock', await open(w, '/clock'));
  await see('when it would be due, a day', 'GET /clock', await open(w, '/clock?kind=road&day=13/02/2026'));
  await see('when it would be due, no such day', 'GET /clock', await open(w, '/clock?kind=road&day=30/02/2026'), { status: 422 });
  await see('no such link', 'GET /r/:link', await open(w, '/r/AAAAAAAAAAAAAAAAAAAAAA'), { status: 404 });
  await see('receipt by its QR code', 'GET /r/:link', await follow(page, () => page.goto(w.link)));
  for (const state of ['received', 'taken', 'released', 'withheld', 'solved', 'withdrawn', 'noise'])
    await see(`receipt, ${state}`, 'GET /receipt', await typed(cases[state].code, cases[state].pin));
  await see('receipt, asked', 'GET /receipt', await typed(cases.asked.code, cases.asked.pin));
  await see('photo of a receipt', 'GET /receipt/photo/:name', await open(w, new URL(await page.locator('.x-photos a').first().getAttribute('href'), page.url()).pathname.slice(w.prefix.length)), { image: true });
  await typed(cases.asked.code, cases.asked.pin);
  await page.setInputFiles('input[type=file]', photo(NO_PHOTO));
  await see('answer, empty and not a photo', 'POST /receipt/answer', await press(page, `${form('answer')} button[type=submit]`), { status: 422 });
  await see('receipt, closed', 'GET /receipt', await typed(cases.closed.code, cases.closed.pin));
  await typed(cases.received.code, cases.received.pin);
  await page.locator('details:has(form[action$="/receipt/mail"]) > summary').click();
  await see('address for mails, none typed', 'POST /receipt/mail', await press(page, `${form('receipt/mail')} button`), { status: 422 });
  await page.fill('input[name=email]', 'ai-do@example.com');
  await see('receipt, an address is kept', 'GET /receipt', await press(page, `${form('receipt/mail')} button`));
  await see('receipt, the address is deleted', 'GET /receipt', await press(page, `${form('mail/delete')} button`));
  await see('what is kept, open', 'GET /receipt/kept', await open(w, '/receipt/kept'));
  await see('words put right, none typed', 'POST /receipt/kept/amend', await press(page, `${form('kept/amend')} button`), { status: 422 });
  await see('erase, nothing chosen', 'POST /receipt/kept/erase', await press(page, `${form('kept/erase')} button`), { status: 422 });
  await page.check('input[name=erase][value=place]');
  await see('erase, asked once more', 'POST /receipt/kept/erase', await press(page, `${form('kept/erase')} button`));
  await typed(cases.closed.code, cases.closed.pin);
  await see('what is kept, closed', 'GET /receipt/kept', await open(w, '/receipt/kept'));
  await typed(cases.closed.code, cases.closed.pin);
  await page.locator('details:has(form[action$="/reopen"]) > summary').click();
  await see('reopen, no reason', 'POST /receipt/reopen', await press(page, `${form('reopen')} button`), { status: 422 });
}

export async function publicly(w) {
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
  await open(w, `/case/${cases.released.publicCode}`);
  await see('something is about me, from a page', 'GET /redress', await press(page, 'a[href*="/redress?case="]'));
  await see('something is about me, nothing said', 'POST /redress', await press(page, 'form button[type=submit]'), { status: 422 });
  await page.fill('#text', 'Không phải tôi.');
  await see('receipt of a request', 'POST /redress', await press(page, 'form button[type=submit]'));
  w.request = (await page.locator('[data-x-code]').first().textContent()).trim();
  await see('something is about me, with a card', 'GET /redress', await open(w, '/redress?card=1'));
  await see('something is about me', 'GET /redress', await open(w, '/redress'));
  await page.selectOption('#area', 'unsure');
  await page.fill('#landmark', 'hẻm 12');
  await page.fill('#day', '2/1/2026');
  await page.fill('#text', 'Không phải tôi.');
  await press(page, 'form button[type=submit]');
  w.placed = (await page.locator('[data-x-code]').first().textContent()).trim();
  await see('figures', 'GET /figures', await open(w, '/figures'));
  await see('figures of a kind, none yet', 'GET /figures', await open(w, '/figures?period=2025-01&kind=water'));
  await open(w, '/figures');
  await see('the month\'s sheet', 'GET /figures/sheet/:area/:month', await press(page, '.x-figures a'), { sheet: 'A4' });
  await see('who is my', 'GET /who', await open(w, '/who'));
  await page.fill('#street', 'không có đường này');
  await see('who is my, no such street', 'GET /who', await press(page, '.x-who__ask button'));
  await see('who is my, a khu vực', 'GET /who', await press(page, '.x-who__areas a'));
  await see('a card for the door', 'GET /who/:area/card', await press(page, 'main a[href*="/card"]'), { sheet: 'A6' });
  const over = new Date(Date.now() + 7 * 3600000);
  over.setUTCMonth(Math.floor(over.getUTCMonth() / 3) * 3, 0);
  const quarter = `${over.getUTCFullYear()}-Q${Math.floor(over.getUTCMonth() / 3) + 1}`;
  w.x.verb(['figures', 'revise', w.ward, quarter]);
  w.x.verb(['figures', 'revise', w.ward, quarter]);
  await see('quarterly edition', 'GET /figures/edition/:quarter', await open(w, `/figures/edition/${quarter}`));
  await see('transparency, no quarter yet', 'GET /transparency', await open(w, '/transparency'));
  w.x.verb(['transparency', 'revise', w.ward, quarter]);
  w.x.verb(['transparency', 'revise', w.ward, quarter]);
  await see('transparency of a quarter', 'GET /transparency/:quarter', await open(w, `/transparency/${quarter}`));
  await see('how to check from outside', 'GET /transparency/check', await open(w, '/transparency/check'));
  await see('no such case', 'error', await open(w, '/case/SM-P-0000000'), { status: 404 });
}
