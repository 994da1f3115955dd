// Looks for what was erased: for strings that were planted everywhere, in all bytes of files, in plain UTF-8, base64
// (wherever the string begins in it, both alphabets), hex (both cases), and in what zlib, gzip, zip, zstd and
// PostgreSQL's pglz made of it.
//   planted('text')             → 'zqvet7041textz'
//   findIn(bytes)               → [{ name: 'text', form: 'base64', at: 512 }]
//   searchTree(dir, { skip })   → the same with `file`, the files' own names searched, too
// By hand, for one word: node test/harness/traces.mjs WORD FOLDER-OR-FILE…   (ends with 1 where it was found)
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

export const MARK = 'zqvet7041';
export const planted = (name) => {
  if (!/^[a-y]+$/.test(name)) throw new Error(`${name}: letters from a to y alone can be told apart`);
  return `${MARK}${name}z`;
};
const NAME = new RegExp(`${MARK}([a-y]+)z`);
const CHUNK = 64 << 20, OVERLAP = 1 << 20, UNPACKED_MOST = 16 << 20, DEPTH = 3;

// Base64 of bytes that begin `skip` bytes into a group of three: without the letters that their neighbours share.
function base64At(bytes, skip) {
  const all = Buffer.concat([Buffer.alloc(skip), bytes]).toString('base64').replace(/=+$/, '');
  return all.slice([0, 2, 3][skip], (skip + bytes.length) % 3 === 0 ? undefined : -1);
}

// Each form of a string: what to look for, and how what follows it is read back.
export function formsOf(word) {
  const bytes = Buffer.from(word), hex = bytes.toString('hex');
  const list = [{ form: 'plain', find: bytes, read: (b, at) => b.subarray(at, at + 64) }];
  for (const find of new Set([hex, hex.toUpperCase()])) list.push({ form: find === hex ? 'hex' : 'HEX', find: Buffer.from(find), read: (b, at) => Buffer.from(b.subarray(at, at + 128).toString('latin1').match(/^[0-9a-fA-F]*/)[0], 'hex') });
  for (const skip of [0, 1, 2]) {
    const plain = base64At(bytes, skip), lead = [0, 2, 3][skip];
    for (const [i, find] of [...new Set([plain, plain.replaceAll('+', '-').replaceAll('/', '_')])].entries()) {
      list.push({ form: `base64${i ? 'url' : ''}+${skip}`, find: Buffer.from(find), read: (b, at) => Buffer.from('A'.repeat(Math.max(lead - at, 0)) + b.subarray(Math.max(at - lead, 0), at + 96).toString('latin1').match(/^[\w+/-]*/)[0], 'base64') });
    }
  }
  // pglz writes what it can't shorten as it is, with a byte of flags before each eight bytes.
  for (let first = 1; first <= 8; first += 1) {
    list.push({ form: 'pglz', broken: first, read: (b, at) => Buffer.from([...b.subarray(at, at + 72)].filter((_, i) => i < first || (i - first) % 9 !== 0)) });
  }
  return list;
}

// Where the string stands with a byte of anything after its first `broken` bytes, and after each eight from there.
function* brokenAt(bytes, word, broken) {
  if (broken >= word.length) return;
  const head = word.subarray(0, broken);
  for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 1)) {
    let fits = true;
    for (let i = broken, k = at + broken; fits && i < word.length; i += 8) {
      const piece = word.subarray(i, i + 8);
      k += 1;
      fits = piece.equals(bytes.subarray(k, k + piece.length));
      k += piece.length;
    }
    if (fits) yield at;
  }
}
function* standsAt(bytes, f, word) {
  if (f.broken) yield* brokenAt(bytes, word, f.broken);
  else for (let at = bytes.indexOf(f.find); at >= 0; at = bytes.indexOf(f.find, at + f.find.length)) yield at;
}

// --- what is packed ---

const SYNC = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED_MOST };
// A stream may be cut off, or be written over behind its beginning: then as much of it as can be read.
function unpack(how, bytes) {
  for (const n of [bytes.length, 65536, 16384, 4096, 1024, 256, 64]) {
    if (n > bytes.length) continue;
    try { return how(bytes.subarray(0, n), SYNC); } catch (e) { if (e.code === 'ERR_BUFFER_TOO_LARGE') continue; }
  }
  return null;
}
function unzstd(bytes) {
  const r = spawnSync('zstd', ['-dcq'], { input: bytes, maxBuffer: UNPACKED_MOST });
  if (r.error && r.error.code !== 'ENOBUFS' && r.error.code !== 'EPIPE') throw r.error;
  return r.stdout;
}
const PACKED = [
  { form: 'gzip', magic: Buffer.from([0x1f, 0x8b, 8]), open: (b) => unpack(gunzipSync, b) },
  ...[0x01, 0x5e, 0x9c, 0xda].map((level) => ({ form: 'zlib', magic: Buffer.from([0x78, level]), open: (b) => unpack(inflateSync, b) })),
  { form: 'zip', magic: Buffer.from('PK\x03\x04', 'latin1'), open: (b) => (b.length > 30 && b.readUInt16LE(8) === 8 ? unpack(inflateRawSync, b.subarray(30 + b.readUInt16LE(26) + b.readUInt16LE(28))) : null) },
  { form: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), open: unzstd },
];
function* unpacked(bytes) {
  for (const p of PACKED) {
    for (let at = bytes.indexOf(p.magic); at >= 0; at = bytes.indexOf(p.magic, at + 1)) {
      const inside = p.open(bytes.subarray(at, at + (4 << 20)));
      if (inside?.length > 0) yield { form: p.form, at, inside };
    }
  }
}

export function findIn(bytes, { word = MARK, depth = DEPTH } = {}) {
  const mark = Buffer.from(word), found = [];
  for (const f of formsOf(word)) {
    for (const at of standsAt(bytes, f, mark)) if (!f.broken || !found.some((h) => h.form === 'plain' && Math.abs(h.at - at) <= 8)) found.push({ name: f.read(bytes, at).toString('latin1').match(NAME)?.[1] ?? '?', form: f.form, at });
  }
  if (depth > 0) for (const { form, at, inside } of unpacked(bytes)) {
    for (const hit of findIn(inside, { word, depth: depth - 1 })) found.push({ ...hit, form: `${form}:${hit.form}`, at });
  }
  return found;
}

// A file of any size, a piece at a time; pieces overlap, so that nothing is cut in two.
export function findInFile(file, options) {
  const fd = openSync(file, 'r'), found = [];
  try {
    const { size } = fstatSync(fd), bytes = Buffer.alloc(Math.min(size, CHUNK + OVERLAP));
    for (let from = 0; from < size; from += CHUNK) {
      const n = readSync(fd, bytes, 0, Math.min(bytes.length, size - from), from);
      for (const hit of findIn(bytes.subarray(0, n), options)) if (hit.at < CHUNK) found.push({ ...hit, at: hit.at + from });
    }
  } finally { closeSync(fd); }
  return found;
}

// Every file below a folder (or the file itself), and the names of them. What goes while it is looked at is gone.
export function searchTree(dir, { skip = () => false, ...options } = {}) {
  const found = [];
  const look = (path) => {
    if (skip(path)) return;
    for (const hit of findIn(Buffer.from(path.slice(path.lastIndexOf('/') + 1)), { ...options, depth: 0 })) found.push({ ...hit, form: `name:${hit.form}`, file: path });
    try {
      const st = statSync(path);
      if (st.isDirectory()) for (const n of readdirSync(path)) look(join(path, n));
      else if (st.isFile()) for (const hit of findInFile(path, options)) found.push({ ...hit, file: path });
    } catch (e) { if (e.code !== 'ENOENT') throw e; }
  };
  look(dir);
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [word, ...places] = process.argv.slice(2);
  if (!word || word.length < 6 || places.length === 0) {
    console.error('usage: node test/harness/traces.mjs WORD FOLDER-OR-FILE…   (a word of six letters or more)');
    process.exit(2);
  }
  const found = places.flatMap((p) => searchTree(p, { word }));
  for (const f of found) console.log(`${f.file}\t${f.at}\t${f.form}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
