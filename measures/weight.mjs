// weight: what a first visit to the first page brings over the wire: head and body of the page and of
// all that it names, styles' fonts and pictures included, whether or not a browser needs each.
import { execFileSync } from 'node:child_process';
import { results, serve } from './lib.mjs';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';

export async function weight({ quick }) {
  const x = await serve();
  const seen = new Map();
  const queue = ['/song-may/'];
  const body = join(process.env.XOM_TMP, 'body'), head = join(process.env.XOM_TMP, 'head');
  while (queue.length) {
    const path = queue.shift();
    if (seen.has(path)) continue;
    const out = execFileSync('curl', ['-s', '--raw', '-D', head, '-o', body, '-H', 'Accept-Encoding: gzip, deflate, br', '-w', '%{http_code} %{size_header} %{size_download}', x.url + path], { encoding: 'utf8' });
    const [status, heads, bytes] = out.split(' ').map(Number);
    if (status !== 200) throw new Error(`${path}: status ${status}`);
    seen.set(path, heads + bytes);
    const raw = readFileSync(body), h = readFileSync(head, 'latin1');
    const text = (/content-encoding: br/i.test(h) ? brotliDecompressSync(raw) : /content-encoding: gzip/i.test(h) ? gunzipSync(raw) : raw).toString();
    const found = /content-type: text\/html/i.test(h) ? text.matchAll(/<(?:link[^>]*rel="(?:stylesheet|icon|preload|manifest)"[^>]*href|script[^>]*src|img[^>]*src)="([^"]+)"/g)
      : /content-type: text\/css/i.test(h) ? text.matchAll(/url\(["']?([^"')]+)["']?\)/g) : [];
    for (const [, to] of found) if (!to.startsWith('data:') && !to.startsWith('#')) queue.push(new URL(to, x.url + path).href.slice(x.url.length));
  }
  await x.stop();
  const rows = [...seen].map(([path, bytes]) => `${(bytes / 1024).toFixed(1).padStart(6)}  ${path.replace(/\?v=.*/, '')}`);
  console.log(rows.join('\n'));
  if (![...seen.keys()].some((p) => /woff2/.test(p)) || seen.size < 4) throw new Error('the page names no font: the weight would be too small');
  const kb = [...seen.values()].reduce((a, b) => a + b, 0) / 1024;
  results('weight', { title: 'KB (1,024 bytes) on the wire of a first visit to the first page: heads and bodies (brotli) of the page and of all it names.',
    figure: kb.toFixed(1), reach: '≤ 80', good: kb <= 80, command: `./bench weight${quick ? ' --quick' : ''}`, facts: ['KB by address; what it consists of is what limits it:', 'nothing is written and nothing alternates: the figure is the same each time', rows.length ? `\`\`\`\n${rows.join('\n')}\n\`\`\`` : ''], keep: !quick });
  return kb.toFixed(1);
}
