// taps: what the shortest honest report costs a hand, without JavaScript, from the first page to the receipt:
// every press and every field. Played in the browser; each step is a real click or a field really filled in.
import { results, serve, block } from './lib.mjs';
import { launch, openPage, readReceiptPage } from '../test/browser/browser.mjs';

export async function taps({ quick }) {
  const x = await serve();
  const browser = await launch();
  const steps = [];
  try {
    const { page, context } = await openPage(browser, x, { js: false });
    const loaded = async (what) => Promise.all([page.waitForEvent('load'), what()]);
    const press = async (name, selector) => { steps.push(`press ${name}`); await loaded(() => page.locator(selector).first().click({ noWaitAfter: true })); };
    const choose = async (name, selector) => { steps.push(`choose ${name}`); await page.locator(selector).first().check(); };
    const write = async (name, selector, text) => { steps.push(`write ${name}`); await page.fill(selector, text); };
    await page.goto(`${x.url}/song-may/`);
    await press('the kind on the first page', 'main a[href*="kind=lighting"]');
    await press('on: the kind is chosen', 'button[name=go][value=next]');
    await choose('the khu vực', 'input[name=area]');
    await press('on', 'button[name=go][value=next]');
    await write('what has happened', 'textarea', 'Đèn trước cổng chợ tắt ba đêm nay.');
    await press('on', 'button[name=go][value=next]');
    await press('on, without a photo', 'button[name=go][value=next]');
    await press('send', '#send');
    const { code, pin } = await readReceiptPage(page);
    // Honest: the receipt opens the case, and the desk has its words.
    const opened = await x.client().post('/song-may/follow', { code, pin }, { follow: true });
    if (!opened.text.includes('Đèn trước cổng chợ tắt ba đêm nay.')) throw new Error('the receipt does not open what was reported');
    await context.close();
  } finally {
    await browser.close();
    await x.stop();
  }
  const n = steps.length;
  results('taps', { title: 'Steps (presses and fields) of the shortest honest report without JavaScript, from the first page to the receipt.',
    figure: String(n), reach: '≤ 12', good: n <= 12, command: `./bench taps${quick ? ' --quick' : ''}`,
    facts: ['played in Chromium with scripts off; the receipt was opened with its code and PIN', block(steps)], keep: !quick });
  return String(n);
}
