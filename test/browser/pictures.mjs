// The pictures of docs/pictures, in the order of docs/tour.md: a name, and how a person comes to that page.
// pictures.test.mjs takes them from the demo's year; `tools/pictures` renews them.
//   shoot(page, name, height)   takes what stands in the window, its width being the page's own
import { PASSWORD, signIn } from '../harness/xom.mjs';
import { DESK, PHONE, ask, follow, go, press, readReceiptPage, upload, photo } from './browser.mjs';
import { WARD, act } from './world.mjs';

export const PHONES = ['first-page', 'first-page-vi', 'first-page-km-dark', 'report-what', 'report-photos', 'report-check',
  'receipt', 'follow', 'list', 'door', 'why-date', 'public-case', 'map-plain'];
export const DESKS = ['map', 'figures', 'month-sheet', 'rights', 'queue', 'case', 'counter', 'bulk', 'shift', 'paper',
  'administration', 'people', 'who-sees', 'procedures', 'areas', 'calendars', 'health'];
export const MOST = 1.5 * 1024 * 1024; // bytes, all of them
export const SHARP = 2;                // a phone's picture has so many pixels a point

// A resident's way: the report, its receipt, the ward's question.
async function report(w) {
  const { phone: page, at, shoot } = w;
  await follow(page, () => page.goto(at('/en/')));
  await shoot(page, 'first-page', 1000);
  await follow(page, () => page.goto(at('/')));
  await shoot(page, 'first-page-vi', 1000);
  await follow(page, () => page.goto(at('/en/door')));
  await shoot(page, 'door', PHONE.height);
  await follow(page, () => page.goto(at('/en/report')));
  await page.check('input[name=kind][value=lighting]');
  await go(page, 'next');
  await page.check('input[name=area] >> nth=1');
  await page.fill('input[name=street]', 'Hẻm 22 Lúa Chín');
  await page.fill('input[name=landmark]', 'trước cửa Chợ Cầu Ván');
  await go(page, 'next');
  await page.fill('textarea', 'Đèn ở đầu hẻm tắt ba đêm nay, chỗ quẹo ra chợ tối lắm. Số trên cột là 14.');
  await shoot(page, 'report-what');
  await go(page, 'next');
  await upload(page, photo(w.jpeg, 'den-hem-22.jpg'));
  await shoot(page, 'report-photos', PHONE.height, 'h1');
  await go(page, 'next');
  await shoot(page, 'report-check', 1180);
  await go(page, 'send');
  await shoot(page, 'receipt', 1180);
  return readReceiptPage(page);
}

async function followed(w, { code, pin }) {
  const { phone: page, at, shoot } = w;
  await follow(page, () => page.goto(at('/en/follow')));
  await page.fill('input[name=code]', code);
  await page.fill('input[name=pin]', pin);
  await press(page, 'main form button');
  await shoot(page, 'follow', 1000);
  await page.locator('details.x-clock summary').first().click();
  await shoot(page, 'why-date', 900, 'details.x-clock');
}

// What everybody sees.
async function publicly(w) {
  const { phone, desk, at, shoot } = w;
  await follow(phone, () => phone.goto(at('/en/cases?state=done')));
  const both = '.x-case:has(.x-pair > :nth-child(2) img)', some = '.x-case:has(.x-pair img)';
  const found = await phone.locator(both).count() > 0 ? both : some; // a short year may have none with both
  const url = await phone.locator(`${found} a[href*="/case/"]`).first().getAttribute('href');
  await shoot(phone, 'list', 1000, found);

  await follow(phone, () => phone.goto(new URL(url, w.x.url).href));
  await shoot(phone, 'public-case', 1180, 'h1');
  await follow(desk, () => desk.goto(at('/en/map')));
  await desk.waitForSelector('.leaflet-marker-icon');
  await shoot(desk, 'map', 1000, '.x-map-sum');
  await follow(w.plain, () => w.plain.goto(at('/en/map')));
  await shoot(w.plain, 'map-plain', PHONE.height, '.x-map-sum');
  await follow(w.dark, () => w.dark.goto(at('/km/')));
  await shoot(w.dark, 'first-page-km-dark', 1000);
  await follow(desk, () => desk.goto(at('/en/figures')));
  await desk.waitForSelector('.uplot');
  await shoot(desk, 'figures', 1500);
  await press(desk, 'a[href*="/figures/sheet/"]');
  await shoot(desk, 'month-sheet', 1300);
  await follow(desk, () => desk.goto(at('/en/rights')));
  await shoot(desk, 'rights', 1000);
}

async function enter(w, login) {
  const { desk: page, at } = w;
  await page.context().clearCookies();
  await follow(page, () => page.goto(at('/en/sign-in')));
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', PASSWORD);
  await press(page, 'main form button');
}

async function officer(w, { code }) {
  const { desk: page, at, shoot } = w;
  await enter(w, 'ha-tang');
  const show = async (name, path, height) => { await follow(page, () => page.goto(at(`/en/desk${path}`))); await shoot(page, name, height); };
  await show('queue', '', 1200);
  await show('case', `/case/${code}`, 1250);
  await show('bulk', '?queue=unit&tick=all', 1000);
  await follow(page, () => page.goto(at('/en/desk/new')));
  await page.selectOption('select[name=kind]', 'lighting');
  await page.fill('textarea', 'Cô Sáu gọi: cột đèn số 9 đường Vườn Cau nghiêng ra lòng đường.');
  await shoot(page, 'counter', 1250);
  await follow(page, () => page.goto(at('/en/desk/shift')));
  await page.fill('#notes', 'Thang để ở kho số 2. Cột đèn đầu hẻm 22 còn chờ thợ.');
  await press(page, 'main form button[type=submit]');
  await shoot(page, 'shift', 1100);
  await show('paper', `/paper/${w.paper}`, 1000);
}

async function administrator(w) {
  const { desk: page, at, shoot } = w;
  await enter(w, 'quan-tri');
  const show = async (name, path, height) => { await follow(page, () => page.goto(at(`/en/admin${path}`))); await shoot(page, name, height); };
  await show('administration', '', 1100);
  await show('people', '/people', 1000);
  await show('who-sees', '/who-sees', 1100);
  await show('procedures', '/procedures', 1000);
  await follow(page, () => page.goto(at('/en/admin/areas')));
  await page.setInputFiles('#areas', 'demo/song-may.geojson');
  await press(page, 'form:has(#areas) button[type=submit]');
  await shoot(page, 'areas', 1250);
  await show('calendars', '/calendars', 900);
  await show('health', '/health', 1100);
}

export async function takeAll(w) {
  const receipt = await report(w);
  const handler = await signIn(w.x, WARD, 'ha-tang');
  await officer(w, receipt);
  await act(handler, receipt.code, 'take');
  await act(handler, receipt.code, 'ask', { 'ask-text': 'Đèn tắt hẳn hay chập chờn? Tối nay thợ tới xem được không?' });
  await followed(w, receipt);
  await publicly(w);
  await administrator(w);
}

// The pages that take part, each in a browser of its own.
export async function pagesOf(browser) {
  const make = async (options) => {
    const context = await browser.newContext({ locale: 'vi-VN', ...options });
    context.setDefaultTimeout(15000);
    return context.newPage();
  };
  const small = { viewport: PHONE, deviceScaleFactor: SHARP };
  return {
    phone: await make(small),
    plain: await make({ ...small, javaScriptEnabled: false }),
    dark: await make({ ...small, colorScheme: 'dark' }),
    desk: await make({ viewport: DESK }),
  };
}

// Takes what stands in a window of `height`, from the page's top or from a little above `from`.
export async function snap(page, path, height, from) {
  const { width } = page.viewportSize();
  await page.setViewportSize({ width, height });
  await ask(page, (s) => {
    document.activeElement?.blur?.();
    scrollTo(0, s ? document.querySelector(s).getBoundingClientRect().top + scrollY - 12 : 0);
  }, from ?? null);
  // Photos that are only loaded when they come into sight.
  await ask(page, () => Promise.all([...document.images].filter((i) => { const r = i.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight; }).map((i) => Promise.race([i.decode().catch(() => {}), new Promise((late) => { setTimeout(late, 5000); })]))));
  await page.screenshot({ path });
}
