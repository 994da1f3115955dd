// restart: requests failed over 20 restarts under load, through a socket that somebody else holds, as
// systemd does (test/harness/holder.py). Clients that keep their connection and ask without pause, that
// keep it and pause as people do, that open a new one each time, and reporters who go through the form
// to their receipt; every answer that is not the awaited one counts, and so does every broken connection.
import { Agent, get } from 'node:http';
import { rmSync } from 'node:fs';
import { median, results, serve, sleep, spread, xom } from './lib.mjs';
import { startHeld } from '../test/harness/held.mjs';

const WARD = 'song-may';

function client(url, paths, out, stop, { keep, pause = 0 }) {
  const agent = new Agent({ keepAlive: keep, maxSockets: 1 });
  const one = (path) => new Promise((done) => {
    const at = performance.now();
    const failed = (why) => { out.failed.push(`${path}: ${why}`); done(); };
    const r = get(`${url}${path}`, { agent }, (answer) => {
      let n = 0;
      answer.on('data', (d) => { n += d.length; });
      answer.on('error', (e) => failed(e.code ?? e.message));
      answer.on('end', () => { out.asked++; out.slowest = Math.max(out.slowest, performance.now() - at); if (answer.statusCode !== 200 || n === 0) failed(answer.statusCode); else done(); });
    });
    r.on('error', (e) => { out.asked++; failed(e.code ?? e.message); });
  });
  return (async () => { for (let i = 0; !stop.now; i++) { await one(paths[i % paths.length]); if (pause) await sleep(pause * (0.5 + Math.random())); } agent.destroy(); })();
}

async function reporter(x, out, stop) {
  while (!stop.now) {
    try { const r = await xom.report(x, WARD, {}); if (!r.code) throw new Error('no receipt'); out.receipts++; } catch (e) { out.failed.push(`report: ${e.cause?.code ?? e.message}`); }
  }
}

export async function restart({ quick, rounds = quick ? 4 : 20 }) {
  const from = await serve();
  from.child.kill('SIGTERM');
  await from.ended;
  const x = await startHeld(from);
  const kinds = { 'kept, without pause': [], 'kept, with pauses': [], 'new each time': [] };
  const out = Object.fromEntries([...Object.keys(kinds), 'reporters'].map((k) => [k, { asked: 0, receipts: 0, failed: [], slowest: 0 }]));
  const stop = { now: false }, paths = [`/${WARD}/`, `/${WARD}/report`, `/${WARD}/cases?n=1`, '/assets/site.css', `/${WARD}/follow`];
  const work = [];
  for (let i = 0; i < 12; i++) work.push(client(x.url, paths, out['kept, without pause'], stop, { keep: true }));
  for (let i = 0; i < 12; i++) work.push(client(x.url, paths, out['kept, with pauses'], stop, { keep: true, pause: 120 }));
  for (let i = 0; i < 6; i++) work.push(client(x.url, paths, out['new each time'], stop, { keep: false }));
  for (let i = 0; i < 2; i++) work.push(reporter(x, out.reporters, stop));
  await sleep(1000);
  for (let i = 0; i < rounds; i++) { await x.restart(); await sleep(400 + Math.random() * 400); }
  stop.now = true;
  await Promise.all(work);
  const ready = x.ready.slice(1), ended = x.ended.filter((e) => e !== '0').length;
  await x.stop();
  rmSync(from.data, { recursive: true, force: true });
  const failed = Object.values(out).flatMap((o) => o.failed);
  for (const line of failed.slice(0, 20)) console.log(line);
  const asked = Object.entries(out).map(([k, o]) => `${k}: ${o.receipts ? `${o.receipts} receipts` : `${o.asked} requests, the slowest ${o.slowest.toFixed(0)} ms`}, ${o.failed.length} failed`);
  console.log(asked.join('\n'));
  results('restart', { title: `Requests failed over ${rounds} restarts under load, the socket held by somebody else.`, figure: String(failed.length), reach: '0', good: failed.length === 0, command: `./bench restart${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [...asked, `from exec to ready ${median(ready).toFixed(3)} s (${spread(ready, 3)}); ${ended} ends with another status than 0`] });
  return String(failed.length);
}
