// The program behind a socket that somebody else holds, as systemd does: test/harness/holder.py.
//   const x = await startHeld();  x.url, await x.restart(), x.states, await x.stop()
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { binary, root, Client } from './xom.mjs';

// from: a server of startXom (its folder and settings), which was stopped.
export async function startHeld(from, { args = [], env = {} } = {}) {
  const child = spawn('python3', [join(root, 'test/harness/holder.py'), '0', binary, '--settings', join(from.data, 'settings.yaml'), '--data', from.data, '--share', root, '--test-clock', join(from.data, 'clock'), 'serve', '--rate-scale', '1000000', ...args],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const x = { child, log: '', states: [], ready: [], ended: [], alive: 0 };
  process.once('exit', () => child.kill('SIGKILL'));
  child.stderr.on('data', (d) => { x.log += d; });
  const wake = [];
  let over = false;
  const line = (l) => {
    const [word, ...rest] = l.split(' ');
    if (word === 'port') x.port = Number(rest[0]);
    if (word === 'ready') x.ready.push(Number(rest[0]));
    if (word === 'state') x.states.push(rest.join(' '));
    if (word === 'ended') { x.ended.push(rest[0]); x.alive = Number(rest[2]); }
    for (const w of wake.splice(0)) w();
  };
  createInterface({ input: child.stdout }).on('line', line);
  const closed = new Promise((done) => child.on('close', () => { over = true; for (const w of wake.splice(0)) w(); done(); }));
  const until = async (fine) => { while (!fine()) { if (over) throw new Error(`the holder ended:\n${x.log}`); await new Promise((w) => wake.push(w)); } };
  await until(() => x.ready.length > 0);
  x.url = `http://localhost:${x.port}`;
  x.client = () => new Client(x.url);
  x.restart = async (how = 'restart') => { const n = x.ready.length; child.stdin.write(`${how}\n`); await until(() => x.ready.length > n); };
  x.stop = async () => { child.stdin.end(); await closed; };
  return x;
}

// Asks over and over from `clients` connections until stopped: a function that stops it and gives
// {asked, failed: [reasons]}. keep: connections are used again and again; otherwise each is new.
export async function asking(url, paths, { clients = 8, keep = true } = {}) {
  const { Agent, get } = await import('node:http');
  const out = { asked: 0, failed: [], closed: 0 };
  let stopped = false;
  const one = (agent, path) => new Promise((done) => {
    const asked = get(`${url}${path}`, { agent, headers: { host: 'localhost' } }, (r) => {
      let n = 0;
      r.on('data', (d) => { n += d.length; });
      r.on('end', () => { out.asked++; if (r.headers.connection === 'close') out.closed++; if (r.statusCode !== 200 || n === 0) out.failed.push(`${path}: ${r.statusCode}`); done(); });
      r.on('error', (e) => { out.failed.push(`${path}: ${e.code ?? e.message}, while it was read`); done(); });
    });
    asked.on('error', (e) => { out.asked++; out.failed.push(`${path}: ${e.code ?? e.message}`); done(); });
  });
  const all = Promise.all(Array.from({ length: clients }, async (_, i) => {
    const agent = new Agent({ keepAlive: keep, maxSockets: 1 });
    for (let k = i; !stopped; k++) await one(agent, paths[k % paths.length]);
    agent.destroy();
  }));
  const stop = async () => { stopped = true; await all; return out; };
  // Until so many more were asked.
  stop.more = async (n) => { const until = out.asked + n; while (out.asked < until) await new Promise((done) => setTimeout(done, 10)); };
  return stop;
}
