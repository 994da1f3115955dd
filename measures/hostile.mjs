// hostile: the 99th percentile of what honest readers and reporters wait while the server is attacked ÷
// what they wait while the same attackers, as strong, attack an nginx beside it (a static page of the
// front page's size, its own configuration): the attackers take the same CPU both times, and only their
// target differs. 10,000 idle connections, headers and bodies a byte at a time, uploads of 1 GB, bodies
// that are no multipart, connections opened and dropped, huge cookies, junk behind pipelined requests,
// wrong PINs (measures/hostile.c). The attackers have half of the CPU, in a cgroup of their own. The
// server's limits by address are the real ones: the attackers come from their own addresses.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { block, idle, median, results, sleep, spread, tools, xom } from './lib.mjs';

const WARD = '/song-may', TOOL = join(tools, 'bench-hostile'), IDLE = 10000;

// Half of the CPU, in a cgroup (version 1 or 2); where none can be made, one of the cores at the lowest rank.
function half() {
  const period = 20000, quota = Math.round((period * cpus().length) / 2);
  for (const [dir, file, text] of [['/sys/fs/cgroup/cpu', 'cpu.cfs_quota_us', String(quota)], ['/sys/fs/cgroup', 'cpu.max', `${quota} ${period}`]]) {
    const mine = join(dir, `xom-bench-${process.pid}`);
    try {
      mkdirSync(mine);
      if (file !== 'cpu.max') writeFileSync(join(mine, 'cpu.cfs_period_us'), String(period));
      writeFileSync(join(mine, file), text);
      return { said: `a cgroup of ${quota / period} of ${cpus().length} cores`, into: ['sh', ['-c', `echo $$ > ${mine}/cgroup.procs && exec "$@"`, 'sh']], end: () => rmdirSync(mine) };
    } catch { try { rmdirSync(mine); } catch { /* was not made */ } }
  }
  return { said: 'no cgroup could be made here: half of the cores (taskset), nice 10', into: ['nice', ['-n', '10', 'taskset', '-c', `0-${Math.max(0, cpus().length / 2 - 1)}`]], end: () => {} };
}

async function nginx(page) {
  const dir = xom.tempDir(), at = (n) => join(dir, n);
  const port = await new Promise((done) => { const s = createServer(); s.listen(0, '127.0.0.1', () => { const { port: p } = s.address(); s.close(() => done(p)); }); });
  mkdirSync(at('www'));
  writeFileSync(at('www/index.html'), page);
  execFileSync('chmod', ['-R', 'a+rX', dir]);
  writeFileSync(at('nginx.conf'), `worker_processes 2; worker_rlimit_nofile 20000; daemon off; pid ${at('pid')}; error_log /dev/null;
events { worker_connections 12000; }
http { access_log off; client_header_timeout 10s; client_body_timeout 300s; keepalive_timeout 60s; client_body_temp_path ${at('b')}; proxy_temp_path ${at('p')}; fastcgi_temp_path ${at('f')}; uwsgi_temp_path ${at('u')}; scgi_temp_path ${at('s')};
server { listen 127.0.0.1:${port} backlog=1024; root ${at('www')}; location / { try_files /index.html =404; } } }
`);
  const child = spawn('nginx', ['-c', at('nginx.conf'), '-p', dir], { stdio: 'ignore' });
  for (let i = 0; i < 100 && !existsSync(at('pid')); i++) await sleep(50);
  return { port, stop: async () => { const ended = new Promise((done) => child.on('exit', done)); child.kill('SIGTERM'); await ended; rmSync(dir, { recursive: true, force: true }); } };
}

async function attack(port, group) {
  const child = spawn(group.into[0], [...group.into[1], TOOL, 'attack', String(port), WARD, String(IDLE)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  const ended = new Promise((done) => child.on('exit', done));
  await new Promise((done) => { child.stdout.on('data', (d) => { out += d; if (/^ready/m.test(out)) done(); }); ended.then(done); });
  const open = Number(out.match(/^ready (\d+)/m)?.[1] ?? 0);
  if (open < IDLE) throw new Error(`only ${open} of ${IDLE} idle connections were taken`);
  return { stop: async () => { child.stdin.end(); await ended; return out.split('\n').filter((l) => / connections, /.test(l)); } };
}

const honest = (port, seconds) => new Promise((done, failed) => {
  const child = spawn(TOOL, ['honest', String(port), WARD, String(seconds)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.on('exit', (code) => { const [n, bad, p50, p99, worst] = out.trim().split(' ').map(Number); if (code !== 0) failed(new Error('the honest ones ended badly')); else done({ n, bad, p50: p50 / 1000, p99: p99 / 1000, worst: worst / 1000 }); });
});

export async function hostile({ quick, rounds = quick ? 1 : 5 }) {
  const seconds = quick ? 8 : 20, group = half();
  const x = await xom.startXom({ args: ['--rate-scale', '1'] });
  const page = await x.client().get(WARD);
  const beside = await nginx(page.bytes);
  const said = { calm: [], nginx: [], xom: [] };
  let did = [];
  try {
    await idle(x.child.pid);
    for (let i = 0; i < rounds; i++) {
      said.calm.push(await honest(x.port, seconds / 2));
      for (const name of i % 2 === 0 ? ['nginx', 'xom'] : ['xom', 'nginx']) {
        const a = await attack(name === 'xom' ? x.port : beside.port, group);
        await sleep(1000);
        const r = await honest(x.port, seconds);
        const lines = await a.stop();
        if (name === 'xom') did = lines;
        said[name].push(r);
        console.log(`${name} attacked: ${r.n} honest requests, ${r.bad} failed, half within ${r.p50.toFixed(1)} ms, 99% within ${r.p99.toFixed(1)}, the slowest ${r.worst.toFixed(1)}`);
        // What the attackers left is gone before the next begins.
        for (let k = 0; k < 200 && readdirSync(`/proc/${x.child.pid}/fd`).length > 400; k++) await sleep(50);
      }
    }
    const left = readdirSync(`/proc/${x.child.pid}/fd`).length;
    const rss = Number(readFileSync(`/proc/${x.child.pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m)[1]) / 1024;
    did.push(`afterwards ${left} descriptors and ${rss.toFixed(0)} MiB resident are held`);
  } finally {
    await beside.stop();
    await x.stop();
    group.end();
  }
  const ratios = said.xom.map((r, i) => r.p99 / said.nginx[i].p99), ratio = median(ratios);
  const bad = [...said.xom, ...said.nginx].reduce((sum, r) => sum + r.bad, 0);
  const line = (name, list) => `${name}: half within ${median(list.map((r) => r.p50)).toFixed(1)} ms, 99% within ${median(list.map((r) => r.p99)).toFixed(1)} ms (${spread(list.map((r) => r.p99), 1)}), ${list.reduce((sum, r) => sum + r.n, 0)} requests, ${list.reduce((sum, r) => sum + r.bad, 0)} failed`;
  results('hostile', { title: 'Honest p99 while the server is attacked ÷ honest p99 while the same attackers attack an nginx beside it.',
    figure: ratio.toFixed(2), reach: '≤ 2, and no honest request failed', good: ratio <= 2 && bad === 0, command: `./bench hostile${quick ? ' --quick' : rounds !== 5 ? ` --rounds ${rounds}` : ''}`, keep: !quick && rounds >= 5,
    facts: [`${rounds} pairs, ratio ${spread(ratios)}; the attackers in ${group.said}; ${IDLE} idle connections and the rest of measures/hostile.c`,
      line('nobody attacked', said.calm), line('nginx attacked', said.nginx), line('the server attacked', said.xom), block(did)] });
  if (bad > 0) throw new Error(`${bad} honest requests failed`);
  return ratio.toFixed(2);
}
