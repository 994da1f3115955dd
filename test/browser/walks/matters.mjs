// Matters that go their own way: about somebody who works here, between neighbours, several reports of one.
import { readReceipt } from '../../harness/xom.mjs';
import { upToCheck } from '../../harness/steps.mjs';
import { follow, go, press, readReceiptPage } from '../browser.mjs';
import { SEND, form, open, signIn, signOut, toWhere } from './common.mjs';

// About somebody who works here; and nobody left to receive it.
export async function aboutStaff(w) {
  const { page, see } = w;
  const upTo = async (subject) => {
    await toWhere(w, 'lighting');
    await go(page, 'next');
    await page.fill('textarea', 'Phải chờ cả buổi ở quầy, hỏi thì bị nạt.');
    await page.check('input[name=staff][value=yes]');
    const asked = await go(page, 'next');
    if (subject) await page.check(`input[name=subject][value="${subject}"]`);
    return asked;
  };
  await see('about whom', 'POST /report/what', await upTo(null));
  await see('about whom, none chosen', 'POST /report/subject', await go(page, 'next'), { status: 422 });
  await page.check('input[name=subject][value="head:ha-tang"]');
  await see('about somebody: who reads it', 'POST /report/subject', await go(page, 'next'));
  await see('about somebody: the receipt', 'POST /report/check', await go(page, 'send'));
  w.x.sql("UPDATE role_held SET until_day = 1 WHERE role = 9");
  await upTo('chair');
  await see('about somebody: handed over', 'POST /report/subject', await go(page, 'next'));
  w.x.sql("UPDATE role_held SET until_day = NULL WHERE role = 9");
  await signIn(w, 'chu-tich');
  await see("the chair's desk", 'GET /desk', await open(w, '/desk?queue=unit'));
  await see('a matter about somebody', 'GET /desk/case/:code', await follow(page, () => page.click('.x-case a')));
  await signOut(w);
}

export async function mediating(w) {
  const { page, see } = w;
  await toWhere(w, 'mediation');
  await go(page, 'next');
  await page.fill('textarea', 'Nước mái nhà bên cạnh chảy qua sân, nói hoài không được.');
  await go(page, 'next');
  await go(page, 'send');
  const code = await page.locator('[data-x-code]').innerText();
  await signIn(w, 'an-toan');
  await open(w, `/desk/case/${code}`);
  await press(page, form('take') + ' button');
  await page.locator('#appoint > summary').click();
  await see('mediators, none chosen', 'POST /desk/case/:code/appoint', await press(page, form('appoint') + ' button'), { status: 422 });
  await page.selectOption('#appoint-first', { index: 1 });
  await page.selectOption('#appoint-second', { index: 2 });
  await press(page, form('appoint') + ' button');
  await see('a mediation at the desk', 'GET /desk/case/:code', await open(w, `/desk/case/${code}`));
  await signOut(w);
  await signIn(w, 'hoa-giai');
  await see('mediations', 'GET /desk/mediations', await open(w, '/desk/mediations'));
  await see('a mediation', 'GET /desk/mediations/:code', await open(w, `/desk/mediations/${code}`));
  await press(page, form('agree') + ' button');
  await page.locator('#meet > summary').click();
  await see('a meeting without a day', 'POST /desk/mediations/:code/meet', await press(page, form('meet') + ' button'), { status: 422 });
  await press(page, form('disagree') + ' button');
  await signOut(w);
  await open(w, '/report');
  await page.check('input[name=kind][value=water]');
  await go(page, 'next');
  await page.locator('input[name=area]').first().check();
  await go(page, 'next');
  await page.fill('textarea', 'Cống nghẹt, nước tràn ra đường.');
  await go(page, 'next');
  await go(page, 'next');
  await see('a kind that khu vực heads read: sent', 'POST /report/check', await go(page, 'send'));
  await signIn(w, 'truong-kv');
  await see("a khu vực head's list", 'GET /desk/my-area', await open(w, '/desk/my-area'));
  await see("a case of a khu vực head's", 'GET /desk/my-area/:code', await follow(page, async () => { await page.locator('.x-area__case > summary').first().click(); await page.locator('.x-area__case[open] a').first().click(); }));
  const words = (text) => page.locator('.x-area input[name=words]').first().evaluate((i, typed) => { i.value = typed; }, text);
  await words('Anh Nguyễn Văn Tám đã dọn.');
  // With a script the answer comes into the page that is open (area.test.mjs).
  if (!w.js) await see('settled on the spot, naming somebody', 'POST /desk/my-area/:code/settle', await press(page, '.x-area__done'), { status: 422 });
  await words('Đã dọn.');
  await see('settled on the spot', 'GET /desk/my-area', await press(page, '.x-area__done'));
  await see('a report for somebody else', 'GET /desk/my-area/report', await open(w, '/desk/my-area/report'));
  if (!w.js) await see('a report for somebody else, empty', 'POST /desk/my-area/report', await press(page, '.x-area__done'), { status: 422 });
  await open(w, '/desk/my-area');
  await see("a khu vực's week", 'GET /figures/week/:area', await follow(page, () => page.locator('main a[href*="/figures/week/"]').first().click()), { sheet: 'A4' });
  await open(w, '/desk/my-area');
  await signOut(w);
}

// Several reports of one matter: joined by a resident, merged and split by an officer.
export async function sameMatter(w) {
  const { page, see } = w, HERE = { lat: '10.000100', lon: '105.700100', area: '' };
  const send = async (text) => {
    const { client, s } = await upToCheck(w.x, 'song-may', { ...HERE, kind: 'water', text });
    return readReceipt((await client.post('/song-may/report/check', { s, go: 'send' })).text);
  };
  const first = await send('Vỡ ống nước ở đầu hẻm.'), second = await send('Nước tràn ra đường.');
  await signIn(w, 'ha-tang');
  await open(w, `/desk/case/${second.code}`);
  await page.locator('#merge > summary').click();
  await see('merging, nothing chosen', 'POST /desk/case/:code/merge', await press(page, `#merge ${SEND}`), { status: 422 });
  await page.fill('#merge-code', first.code);
  await page.fill('#merge-reason', 'Cùng một chỗ vỡ.');
  await see('case that follows another', 'GET /desk/case/:code', await press(page, `#merge ${SEND}`));
  await page.locator('#unmerge > summary').click();
  await see('undoing a merge, no reason', 'POST /desk/case/:code/unmerge', await press(page, `#unmerge ${SEND}`), { status: 422 });
  await toWhere(w, 'water');
  await page.evaluate(() => { document.querySelector('input[value=unsure]').checked = false; document.querySelector('#lat').value = '10.000900'; document.querySelector('#lon').value = '105.700900'; });
  await see('is it this one?', 'POST /report/where', await go(page, 'next'));
  await page.locator('button[name=go][value^="join:"]').first().evaluate((b) => { b.value = 'join:SM-P-0000000'; });
  await see('is it this one, gone', 'POST /report/same', await press(page, 'button[name=go][value^="join:"]'), { status: 422 });
  await see('check of a report that joins', 'POST /report/same', await press(page, 'button[name=go][value^="join:"]'));
  await see('receipt of one that joined', 'POST /report/check', await go(page, 'send'), { sheet: 'A5' });
  const joined = await readReceiptPage(page);
  await open(w, '/follow');
  await page.fill('input[name=code]', joined.code);
  await page.fill('input[name=pin]', joined.pin);
  await see('receipt of what is handled together', 'GET /receipt', await press(page, 'main form button'));
  await see('case with reports of the same matter', 'GET /desk/case/:code', await open(w, `/desk/case/${first.code}`));
  await see('queue with a case of several reports', 'GET /desk', await open(w, '/desk?queue=unit&kind=water'));
  await open(w, `/desk/case/${joined.code}`);
  await page.locator('#split > summary').click();
  await see('splitting, no reason', 'POST /desk/case/:code/split', await press(page, `#split ${SEND}`), { status: 422 });
  await see('figures with several reports of a case', 'GET /figures', await open(w, '/figures?kind=water'));
  await open(w, '/desk');
  await signOut(w);
}
