// intake and intakecpu: one load, two figures. The forms are walked to their last page before the
// clock starts; timed is the last POST, whose answer is the receipt, with 64 keep-alive clients.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { block, cost, fdatasync, median, profile, results, serve, since, spread, tools, xom } from './lib.mjs';

const WARD = 'song-may', CLIENTS = 64;

// One load against a server of its own on a fresh copy; all receipts are read back at its end.
async function subject(n, { perf = false } = {}) {
  const x = await serve({ settings: 'proxies: [127.0.0.1]\n' });   // an address each: a flood would be gathered
  const child = spawn(join(tools, 'bench-load'), [String(x.port), `/${WARD}`, 'lighting', String(n), String(CLIENTS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.on('exit', done));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => { const l = await lines.next(); if (l.done) throw new Error('bench-load ended early'); return l.value; };
  const began = Date.now();
  await next();
  const walked = (Date.now() - began) / 1000;
  const before = cost(x.child.pid);
  let seconds, profiled;
  const send = async () => { child.stdin.write('\n'); seconds = Number((await next()).split(' ')[0]); };
  if (perf) profiled = await profile(x.child.pid, send); else await send();
  const spent = since(x.child.pid, before);
  child.stdin.write('\n');
  const found = await next();
  child.stdin.end();
  const status = await ended;
  await x.stop();
  if (status !== 0 || found !== `found ${n} of ${n}`) throw new Error(`receipts read back: ${found}`);
  return { rate: n / seconds, whole: n / (seconds + walked), cpu: (spent.cpu / n) * 1e6, bytes: spent.bytes / n, profiled };
}

// On a fresh copy of the same database.
function raw(base, trace, perCommit) {
  const copy = join(process.env.XOM_TMP, 'raw.db');
  for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true });
  execFileSync('cp', [base, copy]);
  const [seconds, cpu, n] = execFileSync(join(tools, 'bench-raw'), [copy, trace, String(perCommit)], { encoding: 'utf8' }).trim().split(' ').map(Number);
  return { rate: n / seconds, cpu: (cpu / n) * 1e6 };
}

// The SQL of n reports, as the store's writer ran it, and the database before them.
async function opponent(n) {
  const x = await serve();
  await x.kill();
  const base = join(process.env.XOM_TMP, 'base.db'), trace = join(process.env.XOM_TMP, 'trace');
  for (const f of [base, trace]) rmSync(f, { force: true });
  execFileSync('sqlite3', [join(x.data, 'xom.db'), `VACUUM INTO '${base}'`]);
  const out = openSync(trace, 'w');
  execFileSync(xom.binary, ['--settings', join(x.data, 'settings.yaml'), '--data', x.data, '--share', xom.root, 'test-trace', WARD, String(n)], { stdio: ['ignore', out, 'ignore'] });
  closeSync(out);
  return { base, trace };
}

export async function intake(name, { quick }) {
  const n = quick ? 4000 : 12000, rounds = quick ? 1 : 5;
  const sync = fdatasync();
  const { base, trace } = await opponent(n);
  const list = { rate: [], whole: [], cpu: [], bytes: [], raw: [], rawCpu: [], ratio: [], cpuRatio: [] };
  for (let i = 0; i < rounds; i++) {
    const s = await subject(n), single = raw(base, trace, 1), batched = raw(base, trace, 64);
    for (const k of ['rate', 'whole', 'cpu', 'bytes']) list[k].push(s[k]);
    list.raw.push(single.rate);
    list.rawCpu.push(batched.cpu);
    list.ratio.push(s.rate / single.rate);
    list.cpuRatio.push(s.cpu / batched.cpu);
    console.log(`round ${i + 1}: ${s.rate.toFixed(0)} reports/s, raw ${single.rate.toFixed(0)}; CPU ${s.cpu.toFixed(0)} µs a report, raw batched ${batched.cpu.toFixed(0)}; all ${n} receipts read back`);
  }
  const { profiled } = await subject(quick ? 3000 : 12000, { perf: true });
  console.log(profiled.join('\n'));
  const facts = [
    `${median(list.rate).toFixed(0)} reports/s (${spread(list.rate, 0)}); raw SQLite, one commit each: ${median(list.raw).toFixed(0)}/s (${spread(list.raw, 0)})`,
    `timed is the last POST of the form, whose answer is the receipt; counted with the pages before it (one GET, four POSTs): ${median(list.whole).toFixed(0)} reports/s`,
    `CPU a report: ${median(list.cpu).toFixed(0)} µs (${spread(list.cpu, 0)}); raw, 64 a commit: ${median(list.rawCpu).toFixed(0)} µs (${spread(list.rawCpu, 0)}); ${(median(list.bytes) / 1024).toFixed(1)} KiB written a report`,
    `fdatasync of 4 KiB ${sync.toFixed(0)} µs; every receipt of every round was read back by code and PIN`,
    'what limits it (perf, the timed part):', block(profiled)];
  const wanted = {
    intake: { figure: median(list.ratio), title: `Durable reports a second, ${n} forms, ${CLIENTS} keep-alive clients ÷ the same rows by raw SQLite (one commit each, one thread, synchronous=FULL).`, reach: '≥ 1.5', good: median(list.ratio) >= 1.5, values: list.ratio },
    intakecpu: { figure: median(list.cpuRatio), title: `Server CPU a report, ${n} forms ÷ batched raw SQLite of the same rows (the statements come from the store's own trace, \`xom test-trace\`).`, reach: '≤ 8', good: median(list.cpuRatio) <= 8, values: list.cpuRatio },
  };
  for (const [key, m] of Object.entries(wanted))
    results(key, { title: m.title, figure: `${m.figure.toFixed(2)} (${spread(m.values)})`, reach: m.reach, good: m.good, facts, command: `./bench ${name}${quick ? ' --quick' : ''}`, keep: !quick });
  return wanted[name].figure.toFixed(2);
}
