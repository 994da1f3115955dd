// What every page is held to. Each check gives a list of what is wrong, as text; empty: fine.
// All work with the page's own JavaScript off.
import axe from 'axe-core';
import { ask, within } from './browser.mjs';

const OPTIONS = { resultTypes: ['violations'] };
const told = (result) => result.violations.map((v) => `axe ${v.id} (${v.help}): ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);

// axe on a page that runs scripts itself, at each of the widths.
export async function axeHere(page, widths = [page.viewportSize().width]) {
  if (!await ask(page, () => 'axe' in globalThis)) await ask(page, axe.source);
  const wrong = [];
  for (const width of widths) {
    await resize(page, width);
    const result = await within(page.evaluate((o) => globalThis.axe.run(document, o), OPTIONS), `axe on ${page.url()}`, 30000);
    wrong.push(...told(result).map((w) => `at ${width} px: ${w}`));
  }
  return wrong;
}
// For a context whose pages are all looked at: axe (half a megabyte) lies in each from the beginning.
export const axeEverywhere = (context) => context.addInitScript({ content: axe.source });

// axe on what a page without JavaScript is: its DOM is written into a second page, in which scripts
// may run, with what stood in <noscript> as plain elements (there it was the page; here it would be
// text), without its scripts and pictures. That page loads axe and the styles once, and has a context of its own.
export async function axeBench(browser, scheme = {}) {
  const context = await browser.newContext({ bypassCSP: true, ...scheme });
  const page = await context.newPage();
  const bare = (html) => html.replace(/<\/?noscript[^>]*>/gi, '').replace(/<script\b[\s\S]*?<\/script>/gi, '').replace(/(<img\b[^>]*?\ssrc=")[^"]*/gi, '$1data:,');
  return {
    page,
    async run(from, widths = [from.viewportSize().width]) {
      const html = bare(await within(from.content(), `reading ${from.url()}`));
      const { origin } = new URL(from.url());
      if (!page.url().startsWith(`${origin}/`)) {
        await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>-</title>' }));
        await page.goto(`${origin}/`);
        await page.unroute('**/*');
      }
      await ask(page, ([text, url]) => new Promise((done) => {
        history.replaceState(null, '', url);
        document.open();
        document.write(text);
        document.close();
        if (document.readyState === 'complete') done(); else addEventListener('load', () => done(), { once: true });
      }), [html, from.url()]);
      await ask(page, () => document.fonts.ready.then(() => null));
      return axeHere(page, widths);
    },
    close: () => context.close(),
  };
}

// Another width is given only when it is another: each time the whole page is laid out anew.
async function resize(page, width, height = page.viewportSize().height) {
  const now = page.viewportSize();
  if (now.width !== width || now.height !== height) await page.setViewportSize({ width, height });
}

// Head and headings.
export async function frame(page, lang) {
  const seen = await ask(page, () => ({
    lang: document.documentElement.lang,
    title: document.title,
    ward: document.querySelector('.x-header__ward')?.textContent.trim() ?? '',
    h1: [...document.querySelectorAll('h1')].map((h) => h.textContent.replace(/\s+/g, ' ').trim()),
    main: document.querySelectorAll('main').length,
  }));
  const wrong = [];
  if (seen.lang !== lang) wrong.push(`lang is ${seen.lang}, not ${lang}`);
  if (seen.h1.length !== 1 || seen.h1[0] === '') wrong.push(`h1: ${JSON.stringify(seen.h1)}`);
  if (seen.main !== 1) wrong.push(`${seen.main} main`);
  const [name, ...rest] = seen.title.split(' – ');
  if (!name?.trim()) wrong.push('no title');
  if (seen.ward && rest.at(-1) !== seen.ward) wrong.push(`the title "${seen.title}" does not end in the ward's name`);
  if (rest.includes(name)) wrong.push(`the title "${seen.title}" says the same twice`);
  return wrong;
}

// Layout at the viewport's width: nothing sideways, nothing cut, targets and letters large enough.
// `js`: the page's scripts run, and are given the two frames that they need to follow a new width.
export async function layout(page, width, js = false) {
  await resize(page, width, width === 320 ? 256 : page.viewportSize().height);
  if (js) await ask(page, () => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))); }));
  const look = () => ask(page, () => {
    if (document.fonts.status !== 'loaded') return null;
    const out = [], wide = innerWidth, root = document.documentElement;
    const name = (e) => `<${e.tagName.toLowerCase()}${e.id ? ` id=${e.id}` : ''}${e.className && typeof e.className === 'string' ? ` class="${e.className}"` : ''}> ${(e.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 40)}`;
    const hidden = (e) => e.closest('.govuk-visually-hidden, .govuk-skip-link, [hidden], template, title') !== null || !e.checkVisibility?.({ visibilityProperty: true });
    if (root.scrollWidth > wide) out.push(`scrolls sideways: ${root.scrollWidth} in ${wide}`);
    for (const e of document.body.querySelectorAll('*')) {
      if (hidden(e)) continue;
      const style = getComputedStyle(e), box = e.getBoundingClientRect();
      if (box.width > 0 && box.height > 0 && !e.closest('svg') && (box.right > wide + 1 || box.left < -1)) out.push(`out of sight: ${name(e)}`);
      const cuts = (axis) => ['hidden', 'clip', 'auto', 'scroll'].includes(style[axis]);
      // Leaflet draws a live map's lines a little beyond its frame, for when it is moved; squares, names and buttons
      // have to be inside when it opens.
      if (e.matches('.leaflet-container'))
        for (const m of e.querySelectorAll('.leaflet-marker-icon, .leaflet-tooltip, .leaflet-control')) {
          const r = m.getBoundingClientRect();
          if (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1) out.push(`cut by the map's frame: ${name(m)}`);
        }
      if (!['INPUT', 'TEXTAREA', 'SELECT', 'svg'].includes(e.tagName) && e !== document.body && !e.matches('.leaflet-container') &&
          ((cuts('overflowX') && e.scrollWidth > e.clientWidth + 1) || (cuts('overflowY') && e.scrollHeight > e.clientHeight + 1))) out.push(`cut: ${name(e)}`);
      if (['fixed', 'sticky'].includes(style.position) && box.height > innerHeight / 3) out.push(`covers the page: ${name(e)}`);
      const target = e.matches('button, input:not([type=hidden]), select, textarea, summary, [role=button], .govuk-button, nav a, a.govuk-link, a.govuk-back-link, .govuk-error-summary a, a.x-number, header a');
      // A radio's or a box's own square is drawn by its label.
      if (target && box.height < 43.5) out.push(`only ${box.height.toFixed(1)} px high: ${name(e)}`);
      if (e.matches('.govuk-radios__label, .govuk-checkboxes__label') && Math.max(box.height, e.closest('.govuk-radios__item, .govuk-checkboxes__item').getBoundingClientRect().height) < 43.5) out.push(`label only ${box.height} px high: ${name(e)}`);
      const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim() !== '');
      if (own && !e.closest('svg, option') && Number.parseFloat(style.fontSize) < 19) out.push(`letters of ${style.fontSize}: ${name(e)}`);
    }
    return [...new Set(out)];
  });
  // A link is as high as its letters: those of the page's own font.
  let wrong = await look();
  for (let k = 0; k < 200 && wrong === null; k++) {
    await new Promise((done) => { setTimeout(done, 20); });
    wrong = await look();
  }
  return (wrong ?? ['its fonts never came']).map((w) => `at ${width} px: ${w}`);
}

// On paper: what is for the screen alone is gone, the page's own matter is not.
export async function paper(page) {
  await page.emulateMedia({ media: 'print' });
  try {
    return await ask(page, () => {
      const seen = [...document.querySelectorAll('nav, button, footer, .govuk-skip-link, .govuk-back-link, .x-header__lang, .x-account, .x-screen-only, input:not([type=hidden])')]
        .filter((e) => e.matches('nav, button, footer, .govuk-skip-link, .govuk-back-link, .x-header__lang, .x-account, .x-screen-only') && e.checkVisibility());
      const out = seen.map((e) => `printed: <${e.tagName.toLowerCase()} class="${e.className}"> ${e.textContent.trim().slice(0, 40)}`);
      const h1 = document.querySelector('h1');
      if (!h1 || !h1.checkVisibility()) out.push('the heading is not printed');
      return out;
    });
  } finally {
    await page.emulateMedia({ media: null });
  }
}

export async function sheets(page, format) {
  const pdf = await within(page.pdf({ format, preferCSSPageSize: true }), 'printing', 30000);
  const text = pdf.toString('latin1');
  const size = text.match(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/);
  return { pages: [...text.matchAll(/\/Type\s*\/Page\b(?!s)/g)].length, width: Number(size?.[1]), height: Number(size?.[2]), pdf };
}
