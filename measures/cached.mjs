// cached: the first page against nginx with the same compressed bytes and the same headers.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request as ask } from 'node:http';
import { block, cost, fdatasync, median, profile, results, serve, since, sleep, spread, wrk } from './lib.mjs';

const PATH = '/song-may/';
const ACCEPT = { 'Accept-Encoding': 'gzip, deflate, br' };
const OWN = ['date', 'server', 'connection', 'content-length', 'content-type', 'keep-alive', 'last-modified', 'accept-ranges', 'transfer-encoding'];

const fetchRaw = (port, path = PATH) => new Promise((done, failed) => {
  const r = ask({ port, path, headers: ACCEPT }, (answer) => {
    const parts = [];
    answer.on('data', (d) => parts.push(d)).on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
  });
  r.on('error', failed);
  r.end();
});

async function nginx(page, port) {
  const dir = join(process.env.XOM_TMP, 'nginx');
  mkdirSync(join(dir, 'logs'), { recursive: true });
  writeFileSync(join(dir, 'page'), page.body);
  const headers = Object.entries(page.headers).filter(([k]) => !OWN.includes(k)).map(([k, v]) => `      add_header ${k} "${String(v).replace(/(["\\])/g, '\\$1')}";`);
  writeFileSync(join(dir, 'nginx.conf'), `user root;
worker_processes 2;
daemon off;
pid ${dir}/pid;
error_log ${dir}/error.log;
events { worker_connections 1024; multi_accept on; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; etag off; server_tokens off;
  keepalive_requests 100000000; open_file_cache max=100; open_file_cache_valid 600s;
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
  server {
    listen 127.0.0.1:${port} reuseport;
    location = /page { root ${dir}; default_type "${page.headers['content-type']}"; types {}
${headers.join('\n')}
    }
  }
}
`);
  const child = spawn('/usr/sbin/nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: ['ignore', 'inherit', 'ignore'] });
  const ended = new Promise((done) => child.on('exit', done));
  for (let i = 0; i < 50; i++) {
    await sleep(100);
    try {
      const answer = await fetchRaw(port, '/page');
      if (!answer.body.equals(page.body)) throw Object.assign(new Error(`nginx sends other bytes: ${answer.status} ${answer.body.subarray(0, 200)}`), { wrong: true });
      for (const [k, v] of Object.entries(page.headers)) if (!OWN.includes(k) && answer.headers[k] !== v) throw Object.assign(new Error(`nginx sends another ${k}`), { wrong: true });
      return { stop: async () => { child.kill('SIGTERM'); await ended; } };
    } catch (e) { if (e.wrong) { child.kill('SIGTERM'); throw e; } }
  }
  child.kill('SIGTERM');
  throw new Error('nginx does not start');
}

export async function cached({ quick }) {
  const rounds = quick ? 1 : 5, seconds = quick ? 4 : 6;
  const x = await serve();
  await fetchRaw(x.port);
  const page = await fetchRaw(x.port);
  const port = x.port > 40000 ? x.port - 7919 : x.port + 7919;
  const other = await nginx(page, port);
  const list = { ours: [], theirs: [], ratio: [], cpu: [] };
  let lines;
  try {
    for (let i = 0; i < rounds; i++) {
      const before = cost(x.child.pid);
      const ours = wrk(`http://127.0.0.1:${x.port}${PATH}`, { seconds, headers: { ...ACCEPT, Host: `localhost:${x.port}` } });
      list.cpu.push((since(x.child.pid, before).cpu / ours.count) * 1e6);
      const theirs = wrk(`http://127.0.0.1:${port}/page`, { seconds, headers: { ...ACCEPT, Host: `localhost:${port}` } });
      list.ours.push(ours.perSecond);
      list.theirs.push(theirs.perSecond);
      list.ratio.push(ours.perSecond / theirs.perSecond);
      console.log(`round ${i + 1}: ${ours.perSecond.toFixed(0)}/s, nginx ${theirs.perSecond.toFixed(0)}/s`);
    }
    lines = await profile(x.child.pid, async () => wrk(`http://127.0.0.1:${x.port}${PATH}`, { seconds: 2, headers: { ...ACCEPT, Host: `localhost:${x.port}` } }));
  } finally {
    await other.stop();
    await x.stop();
  }
  console.log(lines.join('\n'));
  const figure = median(list.ratio);
  const version = execFileSync('sh', ['-c', '/usr/sbin/nginx -v 2>&1'], { encoding: 'utf8' }).trim().split('/').at(-1);
  results('cached', { title: `Requests a second of the first page (${page.body.length} bytes, ${page.headers['content-encoding']}) ÷ nginx ${version} with the same bytes and headers; 64 keep-alive connections of wrk.`,
    figure: `${figure.toFixed(2)} (${spread(list.ratio)})`, reach: '≥ 0.8, aim 1', good: figure >= 0.8, command: `./bench cached${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`${median(list.ours).toFixed(0)}/s (${spread(list.ours, 0)}), nginx ${median(list.theirs).toFixed(0)}/s (${spread(list.theirs, 0)}); wrk, the server and nginx share the cores`,
      `CPU ${median(list.cpu).toFixed(1)} µs a request, ${page.body.length} bytes of body; fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs (nothing is written)`,
      'what limits it (perf):', block(lines)] });
  return figure.toFixed(2);
}
