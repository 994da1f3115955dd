// start: seconds from exec to the first answer, with 1,000,000 cases in the ward. Asked without pause from
// before the start on; the public list is no cached page, since there is no cache yet.
import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { median, results, serve, sleep, spread, xom } from './lib.mjs';
import { SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

const free = () => new Promise((done) => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
const ask = (port, path) => new Promise((done) => {
  get({ host: '127.0.0.1', port, path, headers: { host: `localhost:${port}` }, agent: false }, (r) => { r.resume(); r.on('end', () => done(r.statusCode)); }).on('error', () => done(0));
});

async function once(dir, path) {
  const port = await free();
  const at = process.hrtime.bigint();
  const child = spawn(xom.binary, ['--settings', join(dir, 'settings.yaml'), '--data', dir, '--share', xom.root, 'serve', '--port', String(port)], { stdio: 'ignore' });
  const ended = new Promise((done) => child.on('exit', done));
  let status = 0;
  while ((status = await ask(port, path)) === 0) await sleep(1);
  const took = Number(process.hrtime.bigint() - at) / 1e9;
  child.kill('SIGTERM');
  await ended;
  if (status !== 200) throw new Error(`${path}: ${status}`);
  return took;
}

export async function start({ quick, rounds = quick ? 3 : 11 }) {
  const size = quick ? SIZES.small : SIZES.large;
  const dir = await copyOf(size, await schemaNow());
  try {
    await once(dir, `/${WARD}/`); // what a first start does once, as after each restart
    const list = [];
    for (let i = 0; i < rounds; i++) list.push(await once(dir, i % 2 ? `/${WARD}/cases` : `/${WARD}/`));
    const figure = median(list);
    results('start', { title: `Seconds from exec to the first answer, ${size} cases.`, figure: `${figure.toFixed(3)} (${spread(list, 3)})`, reach: '≤ 0.3', good: figure <= 0.3, command: `./bench start${quick ? ' --quick' : ''}`, keep: !quick,
      facts: [`${rounds} starts, asked without pause from before exec on; the first page and the public list in turn`] });
    return figure.toFixed(3);
  } finally { rmSync(dir, { recursive: true, force: true }); }
}
