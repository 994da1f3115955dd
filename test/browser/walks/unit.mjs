// What a unit has together: its shifts, its paper lists, its plates.
import { go, press } from '../browser.mjs';
import { open, signIn, signOut } from './common.mjs';

// The shift: numbers by night, the sheet, what is wrong with it, handed over, taken; the paper list.
export async function shift(w) {
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

export async function plated(w) {
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
