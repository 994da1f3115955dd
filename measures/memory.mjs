// memory: MiB of the server's own pages (PSS, children included) with 1,000,000 cases, 1,000 open
// connections, after a minute of load: public pages, lists that no cache has, an officer's queue, reports.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { results, serve, sleep, xom } from './lib.mjs';
import { SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

const CONNECTIONS = 1000;

function children(pid) {
  return readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => { try { return Number(readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid; } catch { return false; } }).map(Number);
}
const pss = (pid) => { try { return Number(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)[1]) / 1024; } catch { return 0; } };
const whole = (pid) => [pid, ...children(pid)].reduce((sum, p) => sum + pss(p), 0);

export async function memory({ quick }) {
  const size = quick ? SIZES.small : SIZES.large, seconds = quick ? 6 : 60;
  const dir = await copyOf(size, await schemaNow());
  const x = await serve({ data: dir });
  const sockets = [], stop = { now: false };
  let worst = 0, samples = 0;
  try {
    const before = whole(x.child.pid);
    const officer = await xom.signIn(x, WARD, 'ha-tang');
    const cookie = [...officer.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    const visit = (s) => s.write(`GET /${WARD}/follow HTTP/1.1\r\nHost: localhost:${x.port}\r\n\r\n`);
    // Each asks at once: one that has asked nothing yet is closed after ten seconds.
    for (let i = 0; i < CONNECTIONS; i++) {
      const s = connect(x.port, '127.0.0.1');
      await new Promise((done, failed) => { s.on('connect', done); s.on('error', failed); });
      s.resume();
      visit(s);
      sockets.push(s);
    }
    const reports = (async () => { while (!stop.now) await xom.report(x, WARD, { text: 'Đèn đường tắt từ tối qua, cả hẻm không thấy đường.' }); })();
    const watch = (async () => { while (!stop.now) { worst = Math.max(worst, whole(x.child.pid)); samples++; await sleep(200); } })();
    // A connection that asks nothing for a minute is closed: these ask now and then.
    const visits = (async () => { while (!stop.now) for (const s of sockets) { if (stop.now) break; visit(s); await sleep(15); } })();
    const until = performance.now() + seconds * 1000;
    for (let n = Date.now(); performance.now() < until; n++) {
      await load(`${x.url}/${WARD}/cases?n=${n}`);
      await load(`${x.url}/${WARD}/desk?queue=new`, cookie);
      await load(`${x.url}/${WARD}/`);
    }
    stop.now = true;
    await Promise.all([reports, watch, visits]);
    const open = sockets.filter((s) => !s.destroyed && s.readyState === 'open').length;
    const after = whole(x.child.pid);
    results('memory', { title: `MiB PSS with children, ${size} cases, ${CONNECTIONS} open connections, after ${seconds} s of load.`, figure: after.toFixed(1), reach: '≤ 128', good: after <= 128, command: `./bench memory${quick ? ' --quick' : ''}`, keep: !quick,
      facts: [`at the start ${before.toFixed(1)} MiB; the most seen under load ${worst.toFixed(1)} MiB in ${samples} looks; ${open} of the connections still open at the end`] });
    if (open < CONNECTIONS * 0.9) throw new Error(`only ${open} connections stayed open`);
    return after.toFixed(1);
  } finally {
    stop.now = true;
    for (const s of sockets) s.destroy();
    await x.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

// A second of it, beside everything else that this process does.
const load = (url, cookie) => new Promise((done) => { spawn('wrk', ['-t1', '-c8', '-d1s', ...(cookie ? ['-H', `Cookie: ${cookie}`] : []), url], { stdio: 'ignore' }).on('exit', done); });
