// backup: the 99th percentile of answers during `xom backup` with 1,000,000 cases ÷ without. Requests come
// at a steady beat, as people's do, whether or not the last one was answered: the first page, the
// public list as no cache has it, an officer's queue (which writes a look).
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { block, cost, fdatasync, idle, median, results, serve, since, sleep, spread, xom } from './lib.mjs';
import { SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

const BEAT_MS = 20;
let fresh = Date.now();

const ask = (x, agent, path, headers) => new Promise((done, failed) => {
  const at = process.hrtime.bigint();
  const r = request({ host: '127.0.0.1', port: x.port, path, agent, headers: { host: `localhost:${x.port}`, ...headers } }, (answer) => {
    answer.resume();
    answer.on('end', () => (answer.statusCode === 200 ? done(Number(process.hrtime.bigint() - at) / 1e6) : failed(new Error(`${path}: ${answer.statusCode}`))));
  });
  r.on('error', failed);
  r.end();
});

// Milliseconds of each answer, asked for until `over` says so.
export async function beat(x, cookie, over) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 }), pages = [
    () => ask(x, agent, `/${WARD}/`, {}),
    () => ask(x, agent, `/${WARD}/cases?n=${fresh += 1}`, {}),
    () => ask(x, agent, `/${WARD}/desk?queue=new`, { cookie }),
  ];
  const all = [];
  const began = performance.now();
  for (let i = 0; !over(); i++) {
    all.push(pages[i % pages.length]());
    const wait = began + (i + 1) * BEAT_MS - performance.now();
    if (wait > 0) await sleep(wait);
  }
  const took = await Promise.all(all);
  agent.destroy();
  return took;
}

export const percentile = (list, p) => [...list].sort((a, b) => a - b)[Math.ceil(list.length * p) - 1];

export async function backup({ quick, rounds = quick ? 1 : 3 }) {
  const seconds = quick ? 10 : 20, size = quick ? SIZES.small : SIZES.large;
  const dir = await copyOf(size, await schemaNow());
  const place = join(process.env.XOM_TMP, 'backups');
  for (const d of ['data', 'keys']) mkdirSync(join(place, d), { recursive: true });
  const key = (name) => execFileSync(xom.binary, ['backup-key', join(place, name)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const settings = join(place, 'settings.yaml');
  writeFileSync(settings, `backup_dir: ${place}/data\nbackup_keys_dir: ${place}/keys\nbackup_key: ${key('a')}\nbackup_keys_key: ${key('b')}\n`);
  const x = await serve({ data: dir });
  await idle(x.child.pid, 20);
  const client = await xom.signIn(x, WARD, 'ha-tang');
  const cookie = [...client.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  const list = { without: [], during: [], ratio: [], seconds: [], cpu: [] };
  const timed = (s) => { const end = performance.now() + s * 1000; return () => performance.now() >= end; };
  let said = '';
  try {
    await beat(x, cookie, timed(3));
    for (let i = 0; i < rounds; i++) {
      list.without.push(percentile(await beat(x, cookie, timed(seconds)), 0.99));
      const child = spawn(xom.binary, ['--settings', settings, '--data', dir, '--share', xom.root, 'backup'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let running = true, out = '';
      const began = performance.now();
      child.stdout.on('data', (d) => { out += d; });
      const ended = new Promise((done) => child.on('exit', (code) => { running = false; done(code); }));
      let before = cost(child.pid), used = 0;
      const look = setInterval(() => { try { used = since(child.pid, before).cpu; } catch { /* it ended */ } }, 200);
      list.during.push(percentile(await beat(x, cookie, () => !running), 0.99));
      clearInterval(look);
      if (await ended !== 0) throw new Error('the backup failed');
      list.seconds.push((performance.now() - began) / 1000);
      list.cpu.push(used);
      list.ratio.push(list.during.at(-1) / list.without.at(-1));
      said = out.trim().split('\n').at(-1);
      console.log(`round ${i + 1}: p99 ${list.without.at(-1).toFixed(2)} ms without, ${list.during.at(-1).toFixed(2)} ms during a backup of ${list.seconds.at(-1).toFixed(1)} s`);
      await sleep(1100); // its archive's name holds the second
    }
  } finally {
    await x.kill();
    rmSync(dir, { recursive: true, force: true });
    rmSync(place, { recursive: true, force: true });
  }
  const figure = median(list.ratio);
  results('backup', { title: `99th percentile of answers during \`xom backup\` with ${size} cases ÷ without; a request each ${BEAT_MS} ms (first page, public list uncached, desk's queue).`,
    figure: `${figure.toFixed(2)} (${spread(list.ratio)})`, reach: '≤ 2', good: figure <= 2, command: `./bench backup${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`p99 ${median(list.without).toFixed(2)} ms (${spread(list.without)}) without, ${median(list.during).toFixed(2)} ms (${spread(list.during)}) during`,
      `the backup took ${median(list.seconds).toFixed(0)} s (${spread(list.seconds, 0)}), ${median(list.cpu).toFixed(1)} CPU s: it rests twice as long as it works, at the lowest priority`,
      block([said]), `fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs`] });
  return figure.toFixed(2);
}
