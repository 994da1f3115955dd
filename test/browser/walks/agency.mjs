// Agencies' requests: entered by the ward police, approved by chair and oversight, given by a unit.
import { report } from '../../harness/xom.mjs';
import { press } from '../browser.mjs';
import { open, signIn, signOut } from './common.mjs';

export async function agencies(w) {
  const { page, see } = w, { code, pin } = await report(w.x, w.ward, { text: 'Đèn đầu hẻm tắt.' });
  const decide = async (choice, reason) => {
    await page.check(`input[name=decision][value=${choice}]`);
    await page.fill('#reason', reason);
    return press(page, '#decide ~ form button[type=submit]');
  };
  await signIn(w, 'cong-an');
  await see('agencies\' requests, none yet', 'GET /agency', await open(w, '/agency'));
  await see('entering an agency\'s request', 'GET /agency/new', await press(page, 'main a[href$="/agency/new"]'));
  await page.fill('#who', 'Cơ quan cảnh sát điều tra, Công an thành phố Cần Thơ');
  await page.fill('#order_number', '12/QĐ-VKS');
  await see('an agency\'s request, half of it', 'POST /agency/new', await press(page, 'main form button[type=submit]'), { status: 422 });
  for (const [field, value] of [['number', '45/YC-CQĐT'], ['day', '1/11/2026'], ['basis', 'Điều 88 Bộ luật Tố tụng hình sự: thu thập chứng cứ.'], ['scope', code], ['order_number', '']]) await page.fill(`#${field}`, value);
  await see('an agency\'s request, entered', 'GET /agency/request/:code', await press(page, 'main form button[type=submit]'));
  await page.locator('#withdraw > summary').click();
  await see('an agency\'s request, taken back without a reason', 'POST /agency/request/:code/withdraw', await press(page, '#withdraw button[type=submit]'), { status: 422 });
  await signOut(w);
  await see('the chair, for whom an agency\'s request waits', 'GET /chair', await signIn(w, 'chu-tich'));
  await see('an agency\'s request, for the chair', 'GET /agency/request/:code', await press(page, 'main .x-case a'));
  await see('an agency\'s request, nothing chosen', 'POST /agency/request/:code/decide', await press(page, '#decide ~ form button[type=submit]'), { status: 422 });
  await see('an agency\'s request, approved by the chair', 'GET /agency/request/:code', await decide('approve', 'Có căn cứ, hỏi đúng một tin.'));
  await signOut(w);
  await signIn(w, 'giam-sat');
  await see('agencies\' requests, for oversight', 'GET /agency', await open(w, '/agency'));
  await press(page, 'main .x-case a');
  await see('an agency\'s request, granted', 'GET /agency/request/:code', await decide('approve', 'Đồng ý, trong phạm vi đã ghi.'));
  await see('oversight, nothing of an agency waits', 'GET /oversight', await open(w, '/oversight'));
  await signOut(w);
  await signIn(w, 'ha-tang');
  await see('export for an agency', 'GET /agency/give', await open(w, '/agency/give'));
  await page.fill('#number', 'SM-26-XXXXX-X');
  await see('export for an agency, of no request', 'POST /agency/give', await press(page, 'main form button[type=submit]'), { status: 422 });
  await signOut(w);
  await open(w, '/follow');
  await page.fill('#code', code);
  await page.fill('#pin', pin);
  await see('a receipt: an agency asked', 'GET /receipt', await press(page, 'main form button[type=submit]'));
}
