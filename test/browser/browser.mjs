// Debian's Chromium for the tests, on a closed network, with a time-out round everything that the
// browser is asked: with JavaScript off some calls never end (timers of the page don't run).
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 900 };
export const whole = process.env.XOM_MATRIX === 'whole';

// The shell is Chromium's engine without its windows, which nobody looks at here: half the time. `own`: the whole
// browser, as people have it.
export const launch = ({ own = false } = {}) => chromium.launch({ executablePath: process.env.XOM_CHROMIUM ?? `/usr/bin/${own ? 'chromium' : 'chromium-headless-shell'}`, args: FLAGS });

export function within(promise, what, ms = 15000) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what} took longer than ${ms} ms`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
export const ask = (page, fn, argument) => within(page.evaluate(fn, argument), `asking ${page.url()}`);

// A context with one page, and all that went wrong in it: `faults`. What a test means to be refused
// (its own page answered 404 or 422) is no fault; a style, a script, a photo that failed is.
export async function openPage(browser, x, { js = true, viewport = PHONE, ...more } = {}) {
  const context = await browser.newContext({ javaScriptEnabled: js, viewport, locale: 'vi-VN', ...more });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  const faults = [];
  watch(page, x, faults);
  return { context, page, faults };
}

export function watch(page, x, faults) {
  const add = (what) => faults.push(`${page.url()}: ${what}`);
  page.on('console', (m) => {
    if (!['error', 'warning'].includes(m.type())) return;
    if (/^Failed to load resource/.test(m.text())) return; // told by its response, below
    add(`console: ${m.text()}`);
  });
  page.on('pageerror', (e) => add(`script: ${e.message}`));
  page.on('requestfailed', (r) => {
    // A page that is left before its last picture came has not failed.
    if (r.failure()?.errorText !== 'net::ERR_ABORTED') add(`request ${r.url()}: ${r.failure()?.errorText}`);
  });
  page.on('request', (r) => { if (!r.url().startsWith(`${x.url}/`) && !/^(data|about):/.test(r.url())) add(`request to somebody else: ${r.url()}`); });
  page.on('response', (r) => { if (r.status() >= 400 && !r.request().isNavigationRequest()) add(`${r.url()} answered ${r.status()}`); });
}

// Does `what`, which leads to another page; gives the answer to that page's own request. (Not
// waitForNavigation: a page that only writes into its history is still the same page.)
export async function follow(page, what) {
  let response = null;
  const seen = (r) => { if (r.request().isNavigationRequest() && r.frame() === page.mainFrame()) response = r; };
  page.on('response', seen);
  try {
    await Promise.all([page.waitForEvent('load', { timeout: 20000 }), what()]);
  } finally {
    page.off('response', seen);
  }
  return response;
}
export const press = (page, selector) => follow(page, () => page.locator(selector).first().click({ noWaitAfter: true }));
// The form's own buttons. "next" and "back" are what the steps of the report call them.
export const go = (page, value) => press(page, `button[name="go"][value="${value}"]`);

// Photos of the report's photo step, uploaded: by its script, where that runs, else by the form's button.
export async function upload(page, files) {
  await page.setInputFiles('input[type=file]', files);
  if (!await ask(page, () => Boolean(globalThis.xomPhotos))) return go(page, 'upload');
  await page.waitForSelector('[data-x-picked] > li');
  await page.click('button[name=go][value=upload]');
  await page.waitForSelector('#photos-taken > li');
  await page.waitForSelector('[data-x-picked] > li', { state: 'detached' });
  return null;
}

// A photo as a phone makes one, drawn by Chromium: a lamp post by night, or by day when mended.
export async function makeJpeg(browser, { mended = false, width = 900, height = 600 } = {}) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const url = await ask(page, ({ mended: lit, width: w, height: h }) => {
      const canvas = document.createElement('canvas');
      canvas.width = w; canvas.height = h;
      const g = canvas.getContext('2d');
      g.fillStyle = lit ? '#26466b' : '#0b1420'; g.fillRect(0, 0, w, h);
      g.fillStyle = '#31302c'; g.fillRect(0, h * 0.8, w, h * 0.2);
      g.fillStyle = '#8b8f94'; g.fillRect(w * 0.48, h * 0.15, w * 0.02, h * 0.67); g.fillRect(w * 0.48, h * 0.15, w * 0.14, h * 0.02);
      g.fillStyle = lit ? '#ffe9a0' : '#3b3f45'; g.beginPath(); g.arc(w * 0.62, h * 0.19, h * 0.035, 0, 7); g.fill();
      return canvas.toDataURL('image/jpeg', 0.85);
    }, { mended, width, height });
    return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  } finally {
    await context.close();
  }
}
export const photo = (buffer, name = 'anh.jpg') => ({ name, mimeType: 'image/jpeg', buffer });

export async function readReceiptPage(page) {
  const code = await page.locator('[data-x-code]').textContent();
  const pin = await page.locator('[data-x-pin]').textContent();
  return { code: code.trim(), pin: pin.trim() };
}
