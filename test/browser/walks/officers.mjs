// What officers see: how they come in, their queues, a case with all its forms, several cases, the counter.
import assert from 'node:assert/strict';
import { ask, follow, press } from '../browser.mjs';
import { hidden, report, signIn as enter } from '../../harness/xom.mjs';
import { SEND, form, open, signIn, signOut } from './common.mjs';

export async function doors(w) {
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
  await see('the chair, whose first page it is', 'GET /chair', await signIn(w, 'chu-tich'));
  assert.match(page.url(), /\/chair$/);
  await signOut(w);
  await signIn(w, 'to-truong');
  await see('for the head of a unit', 'GET /desk/unit', await open(w, '/desk/unit'));
  await signOut(w);
}

export async function queues(w) {
  const { page, see } = w;
  await see('first page of an officer', 'GET /desk/start', await signIn(w, 'ha-tang'));
  await see('new', 'GET /desk', await open(w, '/desk'));
  await see('falls due', 'GET /desk/due', await open(w, '/desk/due'));
  await see('the unit\'s week', 'GET /desk/week', await open(w, '/desk/week'));
  const letter = `/desk/case/${w.cases.taken.code}/apology`;
  await see('letter of apology, nothing is late', 'GET /desk/case/:code/apology', await open(w, letter));
  for (const [end, name] of [['', 'to be made'], ['/given', 'to be given']]) {
    await open(w, letter);
    await see(`letter of apology, none ${name}`, `POST /desk/case/:code/apology${end}`, await follow(page, () => page.evaluate((to) => {
      const f = document.querySelector('form[action$="/sign-out"]');
      f.action = to;
      f.submit();
    }, w.home + letter + end)), { status: 409 });
  }
  // It waits for another authority. A note of somebody else meanwhile: the page is old, and letting it run again is
  // refused once.
  await open(w, `/desk/case/${w.cases.taken.code}`);
  await page.locator('#pause > summary').click();
  await page.fill('#pause-text', 'Chờ công ty điện lực trả lời.');
  await see('case whose clock waits', 'GET /desk/case/:code', await press(page, `#pause ${SEND}`));
  await w.meanwhile();
  const resume = `${form('resume')} button`;
  await see('running again, changed meanwhile', 'POST /desk/case/:code/resume', await press(page, resume), { status: 409 });
  await press(page, resume);
  assert.equal(await page.locator(resume).count(), 0, 'it runs again');
  await open(w, '/desk');
  const links = await page.locator('.x-queues a').evaluateAll((list) => list.map((a) => new URL(a.href).search));
  for (const search of links) await see(`queue ${search}`, 'GET /desk', await open(w, `/desk${search}`));
  await page.fill('input[name=words]', 'cot den');
  await see('search', 'GET /desk', await press(page, '.x-filter button'));
  await see('search for a number', 'GET /desk', await open(w, '/desk?queue=unit&words=0912345678'));
  await see('search, nothing found', 'GET /desk', await open(w, '/desk?queue=unit&words=khongcogi'));
  await see('sessions', 'GET /desk/sessions', await open(w, '/desk/sessions'));
}

// Reply templates: none yet, the form with what is wrong, the list, one with its versions.
export async function templates(w) {
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
export async function working(w) {
  const { page, see, cases } = w;
  const at = (c) => `/desk/case/${c.code}`;
  for (const state of ['received', 'asked', 'withdrawn', 'solved'])
    await see(`case, ${state}`, 'GET /desk/case/:code', await open(w, at(cases[state])));
  await see('photo of a case', 'GET /desk/case/:code/photo/:name', await open(w, `${at(cases.received)}/photo/${await firstPhoto(w, at(cases.received))}`), { image: true });
  // Parts of a public photo covered: nothing ticked, two squares seen before, nothing done.
  const blur = `${at(cases.released)}/blur/${await firstPhoto(w, at(cases.released))}`;
  await see('covering a photo', 'GET /desk/case/:code/blur/:name', await open(w, blur));
  await see('covering a photo, nothing ticked', 'POST /desk/case/:code/blur/:name', await press(page, 'main form button'), { status: 422 });
  await page.locator('#cell-1-1').check({ force: true });
  await page.locator('#cell-2-2').check({ force: true });
  await see('covering a photo, seen before', 'POST /desk/case/:code/blur/:name', await press(page, 'main form button'));
  await see('covering a photo that is gone', 'error', await open(w, `${at(cases.released)}/blur/none`), { status: 404 });
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
  await see('a card, before it is made', 'GET /desk/case/:code/card', await open(w, `${at(cases.late)}/card`));
  await see('a card for whoever is visited', 'GET /desk/case/:code/card', await press(page, 'main form button'), { sheet: 'A5' });
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
  await see('first page of oversight', 'GET /oversight', await signIn(w, 'giam-sat'));
  await see('looks', 'GET /oversight/looks', await open(w, '/oversight/looks'));
  await see('looks, filter with errors', 'GET /oversight/looks', await open(w, '/oversight/looks?from=x&case=SM-26-AAAAA'));
  await open(w, '/oversight/looks');
  await see('looks, proved by a press', 'POST /oversight/looks/verify', await press(page, '#chain button'));
  await see('legal holds', 'GET /oversight/holds', await open(w, '/oversight/holds'));
  await see('a legal hold without an end', 'POST /oversight/holds', await press(page, '#put button[type=submit]'), { status: 422 });
  await see('sheet, no quarter yet', 'GET /oversight/sheet', await open(w, '/oversight/sheet'));
  await see('a request', 'GET /oversight/redress/:code', await open(w, `/oversight/redress/${w.request}`));
  await see('a request, its matter opened', 'GET /oversight/redress/:code', await press(page, '#matter button[type=submit]'));
  await see('a request, answered without a result', 'POST /oversight/redress/:code/answer', await press(page, '#answer button[type=submit]'), { status: 422 });
  await open(w, `/oversight/redress/${w.request}`);
  await page.check('input[name=result][value=removed]');
  await page.fill('#answer-text', 'Đã xóa.');
  await see('a request, asked once more before it removes', 'POST /oversight/redress/:code/answer', await press(page, '#answer button[type=submit]'));
  await open(w, `/oversight/redress/${w.request}`);
  await see('photo of the matter', 'GET /oversight/redress/:code/photo/:name', await press(page, '#matter .x-photos a'), { image: true });
  await open(w, `/oversight/redress/${w.request}`);
  if (await page.locator('#matter .x-photo-act').count() === 0) throw new Error('the matter has no public photo');
  await see('covering a photo for a request', 'POST /oversight/redress/:code/blur/:name', await press(page, '#matter .x-photo-act'));
  await see('covering a photo for a request, by its address', 'GET /oversight/redress/:code/blur/:name', await open(w, page.url().slice(w.home.length)));
  await see('covering a photo for a request, nothing ticked', 'POST /oversight/redress/:code/blur/:name', await press(page, 'main form button'), { status: 422 });
  await open(w, `/oversight/redress/${w.placed}`);
  await page.locator('#find > summary').click();
  await page.fill('#from', ''); // it begins with the request's own day
  await see('a request, searched without a day', 'POST /oversight/redress/:code/find', await press(page, '#find button[type=submit]'), { status: 422 });
  await page.fill('#from', '1/1/2026');
  await see('a request, nothing found', 'POST /oversight/redress/:code/find', await press(page, '#find button[type=submit]'));
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

// Several cases: nothing ticked, the form, what is missing, how it went with one that had changed.
export async function several(w) {
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

// Counter entry, its slip, the word that makes the PIN; a step that waits; a receipt that was lost.
export async function counter(w) {
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
  await see('folded receipts, none yet', 'GET /desk/folded', await open(w, '/desk/folded'));
  await see('folded receipts to print', 'POST /desk/folded', await press(page, 'main form button'), { sheet: 'A4' });
  const paper = await ask(page, () => ['code', 'pin'].map((what) => document.querySelector(`[data-x-${what}]`).textContent));
  await see('folded receipts', 'GET /desk/folded', await open(w, '/desk/folded'));
  // Handed over by the khu vực, unfolded, and unfolded by somebody who is late.
  const team = await enter(w.x, w.ward, 'to-kv'), token = hidden((await team.get(`/${w.ward}/desk/sessions`)).text, 'token');
  await team.post(`/${w.ward}/desk/my-area/report`, { token, key: 'd'.repeat(32), folded: paper[0], kind: 'water', street: '', landmark: '', text: 'Cống nghẹt.',
    area: w.x.sql("SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'to-kv'") });
  const unfold = async () => {
    await open(w, '/follow');
    await page.fill('input[name=code]', paper[0]);
    await page.fill('input[name=pin]', paper[1]);
    return press(page, 'main form button');
  };
  await see('a folded paper, opened', 'POST /follow', await unfold());
  await see('the PIN that no paper has had', 'POST /follow/pin', await press(page, 'main form button'), { sheet: 'A5' });
  await see('a folded paper, opened before', 'POST /follow', await unfold(), { status: 409 });
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

// A flood: the same words again and again, as one row above the queue; its page, what is asked before all of it is
// taken out, and how it went.
export async function flooded(w) {
  const { page, see } = w;
  const text = 'Đèn đường trước nhà tôi tắt ba đêm nay rồi, xin phường cho người xuống sửa giúp cả bà con trong hẻm';
  for (let i = 0; i < 13; i += 1) await report(w.x, w.ward, { text: `${text} ${i}`, street: `Hẻm ${i}` });
  await signIn(w, 'ha-tang');
  await see('groups above the queue', 'GET /desk', await open(w, '/desk'));
  await see('groups', 'GET /desk/floods', await open(w, '/desk/floods'));
  const path = new URL(await page.getAttribute('.x-flood a', 'href'), page.url()).pathname;
  await see('a group', 'GET /desk/floods/:id', await open(w, path.replace(w.prefix, '')));
  // A step of a single one on a page that is old by now.
  await follow(page, () => page.click('.x-cases h3 a'));
  await see('case in a group', 'GET /desk/case/:code', await follow(page, () => page.reload()));
  await page.evaluate(() => { document.querySelector('form[action$="/ungather"] [name=version]').value = '1000000'; });
  await see('let out, changed meanwhile', 'POST /desk/case/:code/ungather', await press(page, `${form('ungather')} button`), { status: 409 });
  const clear = async () => {
    await open(w, path.replace(w.prefix, ''));
    if (await page.locator('#clear[open]').count() === 0) await page.locator('#clear > summary').click();
  };
  await clear();
  await see('a group, no reason', 'POST /desk/floods/:id', await press(page, '#clear button'), { status: 422 });
  await clear();
  await page.fill('#reason', 'Một máy gửi đi gửi lại cùng một lời, đã xem qua mười tin.');
  await see('all of a group, sure?', 'POST /desk/floods/:id', await press(page, '#clear button'));
  await press(page, 'main form button[type=submit]');
  while (await page.locator('progress').count() > 0) await follow(page, () => page.reload());
  await see('all of a group taken out', 'GET /desk/floods/:id', await follow(page, () => page.reload()));
  await see('groups that were taken out', 'GET /desk/floods', await open(w, '/desk/floods'));
  await signOut(w);
}
