// What the measures share: the program under test, its cost, load, profiles, and RESULTS.md.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, fdatasyncSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';

export const data = join(process.cwd(), 'measures/data');
export const tools = join(process.cwd(), 'build/run/measures');
process.env.XOM_BUILD = 'build/run';
process.env.XOM_TMP = join(data, 'tmp');
rmSync(process.env.XOM_TMP, { recursive: true, force: true });
mkdirSync(process.env.XOM_TMP, { recursive: true });
export const xom = await import('../test/harness/xom.mjs');

// No limit stands in the way of a measure: each client of the load has the same address.
export const serve = (options = {}) => xom.startXom({ ...options, args: ['--rate-scale', '1000000', ...(options.args ?? [])] });

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const median = (list) => { const s = [...list].sort((a, b) => a - b); const h = s.length >> 1; return s.length % 2 ? s[h] : (s[h - 1] + s[h]) / 2; };
export const spread = (list, digits = 2) => `${Math.min(...list).toFixed(digits)}–${Math.max(...list).toFixed(digits)}`;

// CPU seconds and bytes written of a process so far.
export function cost(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return { cpu: (Number(f[11]) + Number(f[12])) / 100, bytes: Number(io.match(/^write_bytes: (\d+)/m)[1]) };
}
export const since = (pid, before) => { const now = cost(pid); return { cpu: now.cpu - before.cpu, bytes: now.bytes - before.bytes }; };

// Jobs of the start are over when the server uses no more CPU.
export async function idle(pid, most = 120) {
  for (let i = 0, calm = 0; i < most * 2 && calm < 3; i++) {
    const before = cost(pid);
    await sleep(500);
    calm = since(pid, before).cpu < 0.02 ? calm + 1 : 0;
  }
}

// Median microseconds of writing 4 KiB and fdatasync, where the databases of the measures lie.
export function fdatasync() {
  const file = join(process.env.XOM_TMP, 'sync');
  const fd = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const took = [];
  for (let i = 0; i < 300; i++) {
    const at = process.hrtime.bigint();
    writeSync(fd, block);
    fdatasyncSync(fd);
    took.push(Number(process.hrtime.bigint() - at) / 1000);
  }
  closeSync(fd);
  rmSync(file);
  return median(took);
}

// --- load ---

// script: Lua for wrk.
export function wrk(url, { seconds, clients = 64, headers = {}, script }) {
  const args = ['-t1', ...(script ? ['-s', script] : []), `-c${clients}`, `-d${seconds}s`, ...Object.entries(headers).flatMap(([k, v]) => ['-H', `${k}: ${v}`]), url];
  const out = execFileSync('wrk', args, { encoding: 'utf8' });
  const bad = out.match(/Non-2xx or 3xx responses: (\d+)/);
  if (bad) throw new Error(`wrk: ${bad[1]} answers were no 2xx:\n${out}`);
  return { perSecond: Number(out.match(/Requests\/sec:\s+([\d.]+)/)[1]), count: Number(out.match(/(\d+) requests in/)[1]) };
}

// --- profile ---

// Runs `work` while perf looks at the process; the dearest places, as lines.
export async function profile(pid, work) {
  const file = join(process.env.XOM_TMP, 'perf.data');
  const perf = spawn('perf', ['record', '-F', '799', '-e', 'cpu-clock', '-p', String(pid), '-o', file], { stdio: 'ignore' });
  const ended = new Promise((done) => { perf.on('exit', done); perf.on('error', done); });
  await sleep(300);
  await work();
  perf.kill('SIGINT');
  await ended;
  const report = (sort, rows) => (spawnSync('perf', ['report', '-i', file, '--stdio', '--no-children', '--sort', sort], { encoding: 'utf8' }).stdout ?? '')
    .split('\n').filter((l) => /^\s+\d+\.\d+%/.test(l)).slice(0, rows).map((l) => l.trim().replace(/\s+/g, ' ').replace(/ -( -)*$/g, ''));
  const lines = existsSync(file) ? [...report('dso', 5), ...report('dso,symbol', 10)] : [];
  rmSync(file, { force: true });
  return lines.length ? lines : ['(no profile: perf could not look at the process here)'];
}

// --- results ---

const RESULTS = 'measures/RESULTS.md';
const HEAD = `# Measures

Written by \`./bench\`: each section by its own full run (\`--quick\` writes only where nothing stands yet).
Figures are ratios of one run on one machine, subject and opponent in turn; median and spread.

`;

// `facts`: lines. A quick run does not replace a full one's section.
export function results(name, { title, figure, reach, good, facts, command, keep = true }) {
  let text = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : HEAD;
  const parts = text.split(/^(?=## )/m);
  const at = parts.findIndex((p) => p.startsWith(`## ${name}\n`));
  if (at > 0 && !keep) return;
  const section = `## ${name}\n\n${title}\n\n- **${figure}**, to reach: ${reach} (${good ? 'reached' : 'missed'})\n- \`${command}\`, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, load ${loadavg().map((n) => n.toFixed(1)).join(' ')} on ${readdirSync('/sys/devices/system/cpu').filter((d) => /^cpu\d+$/.test(d)).length} cores\n${facts.map((f) => (f.startsWith('```') ? f : `- ${f}`)).join('\n')}\n\n`;
  if (at > 0) parts[at] = section; else parts.push(section);
  writeFileSync(RESULTS, [parts[0], ...parts.slice(1).sort()].join('').trimEnd() + '\n');
}
export const block = (lines) => `\`\`\`\n${lines.join('\n')}\n\`\`\``;
