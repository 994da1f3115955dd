// counter: seconds that a practised typist needs to enter a call at /desk/new: 280 keys a minute, each
// Telex key counted, 2 s a click. Played in a browser for real, so that the keys and clicks are those
// that the page needs; the time is worked out from their number, not slept.
import { results, serve, xom } from './lib.mjs';

const { DESK, launch, openPage, press } = await import('../test/browser/browser.mjs');
const KEYS_A_MINUTE = 280, CLICK = 2, W = 'song-may';
// The call, 30 words, and the caller's word.
const CALL = 'Dạ em báo bóng đèn đường trước cổng trường tiểu học bị tắt từ tối qua, mấy đứa nhỏ đi học thêm về tối quá, sợ té xuống mương nước.';
const STREET = 'Hẻm 7 Bến Sông Mây', LANDMARK = 'cổng trường tiểu học', WORD = 'hoa giấy';

// Keys of Telex: a letter with a mark takes a second key for it, one with a tone another.
export function telexKeys(text) {
  let keys = 0;
  for (const letter of text.normalize('NFD')) {
    if (/[\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b]/.test(letter)) keys += 1;   // s f x r j, aa, aw, ow
    else if (/đ/i.test(letter)) keys += 2;
    else keys += 1;
    if (/\p{Lu}/u.test(letter)) keys += 1;                                             // with Shift
  }
  return keys;
}

export async function counter({ quick }) {
  const x = await serve();
  const browser = await launch();
  let keys = 0, clicks = 0;
  try {
    const { page } = await openPage(browser, x, { js: false, viewport: DESK });
    await page.goto(`${x.url}/${W}/sign-in`);
    await page.fill('input[name=login]', 'ha-tang');
    await page.fill('input[type=password]', xom.PASSWORD);
    await press(page, 'main form button');
    await page.goto(`${x.url}/${W}/desk`);
    const type = async (text) => { await page.keyboard.insertText(text); keys += telexKeys(text); };
    const key = async (name) => { await page.keyboard.press(name); keys += 1; };
    const at = () => page.evaluate(() => document.activeElement.name);
    const tab = async (name) => { await key('Tab'); if (await at() !== name) throw new Error(`Tab leads to ${await at()}, not to ${name}`); };
    await press(page, 'a[href$="/desk/new#kind"]');
    clicks += 1;
    if (await at() !== 'kind') throw new Error(`the page begins at ${await at()}, not at the kind`);
    await key('1');
    await tab('area');
    await key('1');
    await tab('street');
    await type(STREET);
    await tab('landmark');
    await type(LANDMARK);
    await tab('text');
    await type(CALL);
    await tab('day');
    await tab('hour');
    await tab('word');
    await type(WORD);
    const done = page.waitForResponse((r) => r.request().method() === 'POST');
    await key('Enter');
    if ((await done).status() !== 200) throw new Error('the call was not taken');
    await page.waitForSelector('[data-x-code]');
    const code = await page.locator('[data-x-code]').innerText();
    const officer = await xom.signIn(x, W, 'ha-tang');
    const there = (await officer.get(`/${W}/desk/case/${code}`)).text;
    for (const part of [STREET, LANDMARK, CALL, 'Đèn đường']) if (!there.includes(part)) throw new Error(`${part} was called, and is not there`);
  } finally {
    await browser.close();
    await x.stop();
  }
  const seconds = (keys / KEYS_A_MINUTE) * 60 + clicks * CLICK;
  const figure = seconds.toFixed(1);
  results('counter', { title: 'Seconds of a scripted typist (280 keys a minute, Telex keys counted, 2 s a click) for a call of 30 words.',
    figure, reach: '≤ 60', good: seconds <= 60, command: `./bench counter${quick ? ' --quick' : ''}`, facts: [`${keys} keys and ${clicks} clicks, from the queue to the slip`], keep: !quick });
  return figure;
}
