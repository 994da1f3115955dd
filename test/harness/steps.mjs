// What the tests of the story share: a form's error beside its field, the desk's steps, a receipt
// opened by code and PIN, drawn photos.
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { hidden, words } from './xom.mjs';

// Of PNG chunks (Node 18's zlib gives none).
export function crc32(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k += 1) c = (c & 1) !== 0 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return (c ^ 0xffffffff) >>> 0;
}

// The error of a field: in the summary with a link to it, below its label, and named by the field.
export function fieldError(html, name) {
  const at = html.match(new RegExp(`<p class="govuk-error-message" id="${name}-error">([\\s\\S]*?)</p>`));
  assert.ok(at, `no error beside ${name}: ${words(html).slice(0, 600)}`);
  assert.match(html, new RegExp(`aria-describedby="[^"]*\\b${name}-error"`), `${name} does not name its error`);
  assert.match(html, new RegExp(`<a href="#${name}">`), `the summary does not lead to ${name}`);
  return words(at[1]);
}

// A form that came back with advice: what names somebody is marked above its field, the summary leads there, and the same
// button sends it as it is.
export function advised(r, field, name) {
  assert.equal(r.status, 422, `${field}: ${words(r.text).slice(0, 400)}`);
  assert.match(r.text, new RegExp(`x-advice-mark">${name}<[\\s\\S]*?name="${field}-advised" value="1"`), field);
  assert.match(r.text, new RegExp(`<a href="#${field}">[^<]*Chưa xong`), `the summary does not lead to ${field}`);
}

// One page of the form, as a browser sends it.
export const next = (c, ward, name, page, answers) =>
  c.post(`/${ward}/report/${name}`, { s: hidden(page.text, 's'), go: 'next', ...answers });

// The form up to the page before sending.
export async function upToCheck(x, ward, { kind = 'lighting', area = 'unsure', street = '', landmark = '', lat = '', lon = '', text = 'Đèn đường tắt.', client = x.client(), photos = [] } = {}) {
  let page = await client.get(`/${ward}/report`);
  page = await next(client, ward, 'kind', page, { kind });
  page = await next(client, ward, 'where', page, { area, street, landmark, lat, lon });
  page = await next(client, ward, 'what', page, { text });
  if (/action="[^"]*\/report\/photos"/.test(page.text)) page = await client.post(`/${ward}/report/photos`, withPhotos(hidden(page.text, 's'), photos));
  return { client, page, s: hidden(page.text, 's') };
}
export function withPhotos(s, photos, { go = 'next', field = 'photos', more = {} } = {}) {
  const form = new FormData();
  form.set('s', s);
  for (const [k, v] of Object.entries(more)) form.set(k, v);
  for (const p of photos) form.append(field, new Blob([p.bytes], { type: p.type ?? 'image/png' }), p.name ?? 'anh.png');
  form.set('go', go);
  return form;
}

// A PNG of one colour, or with rows as `raw` says.
export function png({ width = 40, height = 30, depth = 8, colour = 2, raw, tail = Buffer.alloc(0) } = {}) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(8 + data.length + 4);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body) >>> 0, 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = depth;
  head[9] = colour;
  const bits = { 0: 1, 2: 3, 6: 4 }[colour] * depth;
  const row = 1 + Math.ceil((width * bits) / 8);
  const data = raw ?? Buffer.alloc(row * height, 0x55).map((b, i) => (i % row === 0 ? 0 : b));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(data, { level: 9 })), chunk('IEND', Buffer.alloc(0)), tail]);
}

export const casePath = (code) => `/${code.startsWith('RT') ? 'rach-truc' : 'song-may'}/desk/case/${code}`;
export const caseFields = (page) => ({ token: hidden(page.text, 'token'), version: hidden(page.text, 'version'), seen: hidden(page.text, 'seen') });
// A step of a case as the page of the moment offers it; gives the reply.
export async function step(officer, code, verb, more = {}) {
  const page = await officer.get(casePath(code));
  assert.equal(page.status, 200, `${verb}: the case is not there`);
  return officer.post(`${casePath(code)}/${verb}`, { ...caseFields(page), ...more });
}
export async function steps(officer, code, ...list) {
  for (const [verb, more] of list) {
    const r = await step(officer, code, verb, more);
    assert.equal(r.status, 303, `${verb}: ${words(r.text).slice(0, 400)}`);
  }
}
export const facts = async (officer, code) => JSON.parse((await officer.get(`${casePath(code)}.json`)).text);

export async function follow(x, got, ward = 'song-may') {
  const c = x.client();
  const r = await c.post(`/${ward}/follow`, { code: got.code, pin: got.pin });
  assert.equal(r.status, 303, words(r.text).slice(0, 300));
  return c;
}
// A step of the reporter with the seal that the receipt's page has now.
export async function reporter(c, verb, more = {}, ward = 'song-may') {
  const page = await c.get(`/${ward}/receipt`);
  return c.post(`/${ward}/receipt/${verb}`, { s: hidden(page.text, 's'), ...more });
}
