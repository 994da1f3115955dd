// Reads the QR code of a receipt page as a phone would, so that tests hold what its picture holds.
// Versions 1 to 7, level M, one run of bytes: what the program draws. No error correction: the
// picture is exact or the test fails.
const BLOCKS = { 1: [16], 2: [28], 3: [44], 4: [32, 32], 5: [43, 43], 6: [27, 27, 27, 27], 7: [31, 31, 31, 31] };
const ALIGN = { 1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38] };
const MASKS = [(y, x) => (y + x) % 2, (y) => y % 2, (y, x) => x % 3, (y, x) => (y + x) % 3,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2, (y, x) => ((y * x) % 2) + ((y * x) % 3),
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2, (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2];

export function readQr(html) {
  const box = Number(html.match(/viewBox="0 0 (\d+) \1"/)?.[1]);
  const path = html.match(/<path d="(M[^"]+)"/)?.[1];
  if (!box || !path) throw new Error('no QR code on the page');
  const n = box - 8, dark = Array.from({ length: n }, () => new Array(n).fill(0));
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let i = 0; i < Number(run); i++) dark[y - 4][Number(x) - 4 + i] = 1;
  const version = (n - 17) / 4;
  if (!BLOCKS[version]) throw new Error(`a QR code of ${n} squares`);
  // Format bits beside the upper left finder: level and mask.
  const mask = [2, 3, 4].reduce((v, x) => (v << 1) | dark[8][x], 0) ^ 0b101;
  const fixed = (y, x) => {
    if (x === 6 || y === 6) return true;
    if ((x < 9 && y < 9) || (x >= n - 8 && y < 9) || (x < 9 && y >= n - 8)) return true;
    if (version >= 7 && ((x < 6 && y >= n - 11) || (y < 6 && x >= n - 11))) return true;
    const a = ALIGN[version], last = a.length - 1;
    for (let i = 0; i < a.length; i++) for (let k = 0; k < a.length; k++) {
      if ((i === 0 && k === 0) || (i === 0 && k === last) || (i === last && k === 0)) continue;
      if (Math.abs(y - a[i]) <= 2 && Math.abs(x - a[k]) <= 2) return true;
    }
    return false;
  };
  const bits = [];
  let up = true;
  for (let right = n - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1;
    for (let i = 0; i < n; i++) for (const x of [right, right - 1]) {
      const y = up ? n - 1 - i : i;
      if (!fixed(y, x)) bits.push(dark[y][x] ^ (MASKS[mask](y, x) === 0 ? 1 : 0));
    }
    up = !up;
  }
  const words = [];
  for (let i = 0; i + 8 <= bits.length; i += 8) words.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  const blocks = BLOCKS[version].map(() => []);
  for (let i = 0, at = 0; i < BLOCKS[version][0]; i++) for (const b of blocks) b.push(words[at++]);
  const data = blocks.flat().map((w) => w.toString(2).padStart(8, '0')).join('');
  if (data.slice(0, 4) !== '0100') throw new Error('the QR code is no run of bytes');
  const count = parseInt(data.slice(4, 12), 2);
  const bytes = Array.from({ length: count }, (_, i) => parseInt(data.slice(12 + 8 * i, 20 + 8 * i), 2));
  return Buffer.from(bytes).toString('utf8');
}
