// Codes and PINs typed through Vietnamese input methods: what Telex and VNI make of every two and
// three symbols of the alphabet is what was typed, and what phones and people do besides is read right.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { report, startXom, words } from '../harness/xom.mjs';

const W = 'song-may', ALPHABET = '0123456789BCFGHJKMNPQRSTVXZ';
let x;
before(async () => { x = await startXom(); });
after(async () => { await x.stop(); });

// The rules of both methods: what a key does to the word that stands there already.
const VOWEL = { test: (s) => /[aăâeêioôơuưy]/i.test(s.normalize('NFD')) };
const TELEX = { tone: { s: '\u0301', f: '\u0300', r: '\u0309', x: '\u0303', j: '\u0323' }, alone: { w: 'ư', '[': 'ơ', ']': 'ư' },
  marks: [[/a(?=[^aăâ]*$)/i, 'a', 'â'], [/e(?=[^eê]*$)/i, 'e', 'ê'], [/o(?=[^oôơ]*$)/i, 'o', 'ô'], [/[aou](?=[^aou]*$)/i, 'w', { a: 'ă', o: 'ơ', u: 'ư' }], [/d(?=[^dđ]*$)/i, 'd', 'đ']] };
const VNI = { tone: { 1: '\u0301', 2: '\u0300', 3: '\u0309', 4: '\u0303', 5: '\u0323' }, alone: {},
  marks: [[/[aeo](?=[^aeo]*$)/i, '6', { a: 'â', e: 'ê', o: 'ô' }], [/[ou](?=[^ou]*$)/i, '7', { o: 'ơ', u: 'ư' }], [/a(?=[^a]*$)/i, '8', 'ă'], [/d(?=[^dđ]*$)/i, '9', 'đ']] };
export function typed(method, keys) {
  let out = '';
  for (const key of keys) {
    const k = key.toLowerCase(), mark = method.marks.find(([at, on]) => on === k && at.test(out));
    if (mark) out = out.replace(mark[0], (c) => (typeof mark[2] === 'string' ? mark[2] : mark[2][c.toLowerCase()]));
    else if (method.tone[k] && VOWEL.test(out)) out = out.replace(/([aăâeêioôơuưy])(?=[^aăâeêioôơuưy]*$)/i, `$1${method.tone[k]}`).normalize('NFC');
    else if (k === 'z' && method === TELEX && VOWEL.test(out)) out = out.normalize('NFD').replace(/[\u0300\u0301\u0303\u0309\u0323]/g, '').normalize('NFC');
    else out += method.alone[k] ?? key;
  }
  return out;
}

test('the rules are those of the keyboards', () => {
  for (const [method, keys, word] of [[TELEX, 'ddeemr', 'đểm'], [TELEX, 'tieengs', 'tiếng'], [TELEX, 'w', 'ư'], [TELEX, 'as', 'á'], [TELEX, 'asz', 'a'], [VNI, 'd9e6', 'đê'], [VNI, 'a1', 'á'], [VNI, 'o7', 'ơ'], [VNI, 'a8', 'ă']])
    assert.equal(typed(method, keys), word, keys);
});

test('no two and no three symbols of the alphabet are rewritten, in either case', () => {
  for (const method of [TELEX, VNI])
    for (const a of ALPHABET) for (const b of ALPHABET) for (const c of ['', ...ALPHABET])
      for (const keys of [a + b + c, (a + b + c).toLowerCase()]) assert.equal(typed(method, keys), keys);
});

test('whatever way a code is typed, it is read; what is another code is told', async () => {
  const got = await report(x, W), c = x.client();
  const wide = (s) => [...s].map((k) => (/[0-9A-Za-z-]/.test(k) ? String.fromCharCode(k.charCodeAt(0) + 0xfee0) : k)).join('');
  const zero = (s) => s.replaceAll('0', 'O').replaceAll('1', 'I');
  const ways = [got.code, got.code.toLowerCase(), got.code.replaceAll('-', ''), got.code.replaceAll('-', ' '), ` ${got.code} `, got.code.replaceAll('-', '–'), [...got.code].join(' '), wide(got.code), wide(got.code.toLowerCase()), zero(got.code), zero(got.code).toLowerCase().replaceAll('i', 'l'), got.code.replaceAll('-', '\u00a0'), typed(TELEX, got.code.toLowerCase()), typed(VNI, got.code)];
  for (const code of ways) {
    const r = await c.post(`/${W}/follow`, { code, pin: wide(got.pin) });
    assert.equal(r.status, 303, `${code}: ${words(r.text).slice(0, 200)}`);
  }
  for (const code of [`${got.code}5`, got.code.slice(0, -1), `${got.code}ư`, 'đ', '🙂', got.code.replace(/\d/, 'ê')]) assert.equal((await c.post(`/${W}/follow`, { code, pin: got.pin })).status, 422, code);
});

test('the field asks phones not to correct it', async () => {
  for (const name of ['code', 'pin']) {
    const field = (await x.client().get(`/${W}/follow`)).text.match(new RegExp(`<input[^>]*name="${name}"[^>]*>`))[0];
    for (const at of ['autocapitalize="characters"', 'autocorrect="off"', 'spellcheck="false"', 'autocomplete="off"']) assert.ok(field.includes(at), at);
  }
});
