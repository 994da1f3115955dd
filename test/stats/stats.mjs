// What the tests of figures share: the days of the moved clock, cases told by how they go, and the
// published pages.
import { join } from 'node:path';
import { hidden, report, words } from '../harness/xom.mjs';

const DAY = 86400000, WARD_ZONE = 7 * 3600000;

// "2026-09-30" of the ward, as the program sees it.
export const today = (x) => new Date(Date.now() + WARD_ZONE + Number(x.clock.us / 1000n)).toISOString().slice(0, 10);
export const quarterOf = (day) => `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
// Moves the clock to nine o'clock of a day of the ward.
export function moveTo(x, day) {
  const at = Date.parse(`${day}T09:00:00Z`) - WARD_ZONE;
  x.clock.set(BigInt(at - Date.now()) * 1000n);
}
export const addDays = (day, n) => new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY).toISOString().slice(0, 10);
// First days of this quarter and of the next n.
export function quarters(x, n) {
  const [year, month] = today(x).split('-').map(Number);
  const first = Math.floor((month - 1) / 3) * 3;
  return Array.from({ length: n + 1 }, (_, i) => new Date(Date.UTC(year, first + 3 * i, 1)).toISOString().slice(0, 10));
}

export async function act(officer, ward, code, verb, fields = {}, files = []) {
  const page = (await officer.get(`/${ward}/desk/case/${code}`)).text;
  const form = new FormData();
  for (const name of ['token', 'version', 'seen']) form.set(name, hidden(page, name));
  for (const [k, v] of Object.entries(fields)) for (const one of [v].flat()) form.append(k, one);
  for (const [field, bytes] of files) form.append(field, new Blob([bytes], { type: 'image/png' }), 'anh.png');
  const r = await officer.post(`/${ward}/desk/case/${code}/${verb}`, files.length ? form : new URLSearchParams([...form]));
  if (r.status !== 303) throw new Error(`${verb} of ${code}: ${r.status} ${words(r.text).slice(0, 500)}`);
  return page;
}
export const close = (officer, ward, code, files) => act(officer, ward, code, 'close', { 'close-outcome': 'mended', 'close-text': 'Đã làm xong.' }, files);
export async function resident(x, ward, { code, pin }, verb, fields = {}) {
  const c = x.client();
  const opened = await c.post(`/${ward}/follow`, { code, pin }, { follow: true });
  const r = await c.post(`/${ward}/receipt/${verb}`, { s: hidden(opened.text, 's'), ...fields });
  if (r.status !== 303) throw new Error(`${verb} of ${code}: ${r.status} ${words(r.text).slice(0, 300)}`);
}
export async function areas(x, ward) {
  const c = x.client();
  let page = await c.get(`/${ward}/report`);
  page = await c.post(`/${ward}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
  return [...page.text.matchAll(/name="area" type="radio" value="(\d+)"/g)].map((m) => m[1]);
}
export { report };
// `xom figures revise`, on the day that the clock was moved to.
export const revise = (x, ward, quarter, status = 0) =>
  x.verb(['figures', 'revise', ward, quarter], { status, settings: ['--settings', join(x.data, 'settings.yaml'), '--test-clock', join(x.data, 'clock')] });

// Public pages may be some seconds old after an intake: each question is one that nobody asked before.
let asked = 0;
export const fresh = (path) => `${path}${path.includes('?') ? '&' : '?'}n=${asked += 1}`;
export const get = async (x, path) => {
  const r = await x.client().get(fresh(path));
  if (r.status !== 200) throw new Error(`${path}: ${r.status}`);
  return JSON.parse(r.text);
};
// Every case of the public list, over all its pages, by what the list says of it.
export async function publicCases(x, ward) {
  const all = [];
  let path = `/${ward}/cases.json`;
  while (path) {
    const page = await get(x, path);
    all.push(...page.cases);
    path = page.more?.replace('/cases?', '/cases.json?');
  }
  return all;
}
