// The world of the rights tests: the demo's two wards, people of every role, photos.
import { deflateSync } from 'node:zlib';
import { startXom, signIn, report, hidden, Client, PASSWORD } from '../harness/xom.mjs';
import { readQr } from '../harness/qr.mjs';

// Roles as the table names them: the demo's accounts, and two that read what is assigned to their unit.
export const ACCOUNTS = {
  area_head: 'truong-kv', member_org: 'phu-nu', member_org_unit: 'hoi-nd', handler: 'ha-tang',
  handler_other: 'moi-truong', police: 'cong-an', police_unit: 'cong-an-2', secretary: 'thu-ky',
  chair: 'chu-tich', oversight: 'giam-sat', admin: 'quan-tri',
};
export const WARDS = { own: 'song-may', other: 'rach-truc' };
const SUFFIX = { 'song-may': '', 'rach-truc': '.rt' };
export const login = (ward, role) => ACCOUNTS[role] + SUFFIX[ward];

// A client with the same cookies, so that what one request does to them stays with it.
export function copyOf(client) {
  const c = new Client(client.base, client.x);
  c.cookies = new Map(client.cookies);
  return c;
}

// A PNG of n × n squares; `chunks` go in before its picture: [['tEXt', bytes]]. paint(column of a colour, row): its bytes.
export function png(n = 64, chunks = [], seed = 1, paint = (x, y) => x * seed + y * 7) {
  const table = Array.from({ length: 256 }, (_, i) => { let c = i; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0; });
  const crc = (b) => { let c = 0xffffffff; for (const x of b) c = table[(c ^ x) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0); body.copy(out, 4); out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(n, 0); head.writeUInt32BE(n, 4); head[8] = 8; head[9] = 2;
  const rows = Buffer.alloc(n * (1 + 3 * n));
  for (let y = 0; y < n; y++) for (let x = 0; x < 3 * n; x++) rows[y * (1 + 3 * n) + 1 + x] = paint(x, y) & 255;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head),
    ...chunks.map(([t, d]) => chunk(t, Buffer.from(d))), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
// A JPEG with `text` in its EXIF, its XMP and a comment.
export function tellingJpeg(jpeg, text) {
  const segment = (marker, data) => { const h = Buffer.from([0xff, marker, 0, 0]); h.writeUInt16BE(data.length + 2, 2); return Buffer.concat([h, data]); };
  const value = Buffer.from(`${text}\0`), ifd = Buffer.alloc(26);
  ifd.write('II*\0', 0, 'latin1'); ifd.writeUInt32LE(8, 4); ifd.writeUInt16LE(1, 8);
  ifd.writeUInt16LE(0x010e, 10); ifd.writeUInt16LE(2, 12); ifd.writeUInt32LE(value.length, 14); ifd.writeUInt32LE(26, 18);
  return Buffer.concat([jpeg.subarray(0, 2), segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), ifd, value])),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">${text}</x:xmpmeta>`)),
    segment(0xfe, Buffer.from(text)), jpeg.subarray(2)]);
}

export async function startWorld(options) {
  const x = await startXom(options);
  // A server that nobody got hold of would keep the test from ending.
  try { await addPeople(x); } catch (e) { await x.kill(); throw e; }
  return x;
}

async function addPeople(x) {
  for (const slug of Object.values(WARDS))
    for (const role of ['member_org_unit', 'police_unit']) {
      const who = ['--ward', slug, '--login', login(slug, role)];
      x.verb(['user', 'add', ...who, '--name', role]);
      x.verb(['user', 'role', ...who, '--role', role.replace('_unit', ''), '--from', '2025-01-01']);
      x.verb(['user', 'unit', ...who, '--unit', 'ha-tang', '--from', '2025-01-01']);
      const page = x.verb(['user', 'link', ...who]).match(/\/invite\/(\S+)/)[1];
      const r = await x.client().post(`/${slug}/invite/${page}`, { password: PASSWORD, again: PASSWORD });
      if (r.status !== 303) throw new Error(`the first password of ${role}: ${r.status}`);
    }
}

export async function everybody(x, ward) {
  const clients = { nobody: x.client() };
  for (const role of Object.keys(ACCOUNTS)) clients[role] = await signIn(x, ward, login(ward, role));
  return clients;
}
export const tokenOf = async (client, ward) => hidden((await client.get(`/${ward}/desk/sessions`)).text, 'token');

// The step `verb` of the case as an officer sends it: version and last entry read from the case.
export async function act(client, ward, code, verb, fields = {}, { files, token, wait } = {}) {
  const page = (await client.get(`/${ward}/desk/case/${code}`)).text;
  const form = { token: token ?? hidden(page, 'token'), version: hidden(page, 'version'), seen: hidden(page, 'seen'), ...fields };
  if (!files) return client.post(`/${ward}/desk/case/${code}/${verb}`, form, { wait });
  const data = new FormData();
  for (const [k, v] of Object.entries(form)) data.set(k, v);
  for (const [field, name, bytes] of files) data.append(field, new Blob([bytes]), name);
  return client.post(`/${ward}/desk/case/${code}/${verb}`, data);
}
export async function must(promise, status = 303) {
  const r = await promise;
  if (r.status !== status) throw new Error(`${r.status} instead of ${status}: ${r.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 600)}`);
  return r;
}
// Opens a receipt in a new browser.
export async function opened(x, ward, { code, pin }) {
  const c = x.client();
  await must(c.post(`/${ward}/follow`, { code, pin }));
  return c;
}
export async function reported(x, ward, fields) {
  const r = await report(x, ward, fields);
  r.link = new URL(readQr(r.page.text)).pathname.split('/r/')[1];
  return r;
}
export const photoNames = (html) => [...new Set([...html.matchAll(/\/photo\/([^"?&]+)/g)].map((m) => m[1]))];
