// Runs the tests and counts: `node test/harness/check.mjs [--all|--long] [ROOM]`. ./check calls it.
// A progress line all along, every failure with its output, a summary a stage, the time each room
// took against test/budgets.txt, and as the last line "N passed, N failed".
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const args = process.argv.slice(2);
const all = args.includes('--all') || args.includes('--long');
const long = args.includes('--long');
const room = args.find((a) => !a.startsWith('--'));
const began = Date.now();
const scratch = mkdtempSync(join(tmpdir(), 'xom-check-'));
const totals = { passed: 0, failed: 0 };
const failures = [];
const spent = new Map();
const passed = new Set();  // files of tests that ran without a failure

const clock = () => { const s = Math.round((Date.now() - began) / 1000); return `${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`; };
const say = (text) => console.log(`${clock()} ${text}`);
const count = (name, ok, output = '') => {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) { failures.push(name); say(`FAILED ${name}\n${output.trimEnd().split('\n').slice(-60).join('\n')}`); }
};
const charge = (where, ms) => spent.set(where, (spent.get(where) ?? 0) + ms);

function run(command, argv, { env = {}, timeout = 900 } = {}) {
  return new Promise((done) => {
    const child = spawn(command, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const add = (d) => { output += d; };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    const timer = setTimeout(() => { output += `\n(ended after ${timeout} s)`; try { process.kill(-child.pid, 'SIGKILL'); } catch { /* gone */ } }, timeout * 1000);
    child.on('error', (e) => { clearTimeout(timer); done({ ok: false, output: String(e) }); });
    child.on('close', (code) => { clearTimeout(timer); done({ ok: code === 0, output }); });
  });
}

// Some at once; each on its own port and in its own folder.
async function parallel(jobs, width = Math.max(2, cpus().length)) {
  const queue = [...jobs];
  await Promise.all(Array.from({ length: width }, async () => { for (let j; (j = queue.shift()) !== undefined;) await j(); }));
}

async function step(name, command, argv, options) {
  const at = Date.now();
  const r = await run(command, argv, options);
  count(name, r.ok, r.output);
  say(`${r.ok ? 'ok' : 'FAILED'} ${name} (${((Date.now() - at) / 1000).toFixed(1)} s)`);
  return r;
}

// --- stages ---

async function buildAll() {
  const builds = room ? ['asan'] : all ? ['asan', 'gcc', 'clang', 'tsan'] : ['asan'];
  for (const b of builds) await step(`build ${b}`, 'tools/build', [b], { timeout: 1200 });
}

async function lint() {
  if (room) return;
  await parallel([
    () => step('tools/codecheck', 'tools/codecheck', []),
    () => step('tools/layers', 'tools/layers', ['check']),
    () => step('po: msgfmt', 'sh', ['-c', 'for f in po/*.po; do msgfmt -c -o /dev/null $f || exit 1; done']),
    () => step('tools/plain-words', 'tools/plain-words', []),
    () => step('tools/docs check', 'tools/docs', ['check']),
    () => step('tools/mutants --check', 'tools/mutants', ['--check']),
  ]);
}

async function unit(build, filter = () => true, { env = {}, as = '' } = {}) {
  const argv = ['test', '-C', `build/${build}`, '--no-rebuild', '--num-processes', String(Math.max(2, cpus().length)), '--timeout-multiplier', '3'];
  if (room && !as) argv.push('--suite', room);
  const list = JSON.parse((await run('meson', ['introspect', '--tests', `build/${build}`])).output);
  const wanted = list.filter((t) => (!room || as || t.suite.some((s) => s === room || s.endsWith(`:${room}`))) && filter(t)).map((t) => t.name);
  if (wanted.length === 0) return;
  if (!room || as) argv.push(...wanted);
  const r = await run('meson', argv, { env: { ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1', TSAN_OPTIONS: 'halt_on_error=1', ...env }, timeout: 1200 });
  const log = `build/${build}/meson-logs/testlog.json`;
  const seen = new Set();
  if (existsSync(log)) for (const line of readFileSync(log, 'utf8').split('\n').filter(Boolean)) {
    const t = JSON.parse(line);
    const name = t.name.replace(/^.* - [^:]*:/, '').replace(/^.*? \/ /, '');
    seen.add(name);
    count(`${as ? `${as} ` : ''}${build} ${t.name}`, ['OK', 'EXPECTEDFAIL', 'SKIP'].includes(t.result), `${t.stdout ?? ''}${t.stderr ?? ''}`);
    const [folder, unitName] = name.split('/');
    for (const f of [`test_${unitName}.c`, `${unitName}.c`, `${unitName}_test.c`].map((n) => `test/${folder}/${n}`)) if (t.result === 'OK' && existsSync(f)) passed.add(f);
    charge(as || name.split('/')[0], t.duration * 1000);
  }
  if (seen.size === 0) count(`${build}: units`, false, r.output);
  say(`units of ${build}${as && ` on ${as}`}: ${seen.size} programs`);
}

function nodeTests(only = room) {
  const found = [];
  for (const dir of readdirSync('test', { withFileTypes: true })) {
    if (!dir.isDirectory() || ['browser', 'harness', 'fuzz', 'cluster', 'race'].includes(dir.name) || (only && dir.name !== only)) continue;
    for (const f of readdirSync(join('test', dir.name))) if (f.endsWith('.test.mjs')) found.push([dir.name, join('test', dir.name, f)]);
  }
  return found;
}

// Of a file's output the first that failed, with all it says, and the end.
function failing(output) {
  const lines = output.split('\n').filter((l) => !/^\s*(duration_ms|type:|---|\.\.\.)/.test(l)), first = lines.findIndex((l) => /^\s*not ok/.test(l));
  if (first < 0 || lines.length - first <= 90) return lines.slice(-90).join('\n');
  return [...lines.slice(first, first + 70), '…', ...lines.slice(Math.max(first + 70, lines.length - 20))].join('\n');
}

async function nodeFile(where, file, env = {}) {
  const at = Date.now();
  const r = await run('node', ['--test', '--test-reporter=tap', file], { env: { XOM_TMP: scratch, ...env }, timeout: 1500 });
  const ms = Date.now() - at;
  charge(where, ms);
  const number = (word) => Number(r.output.match(new RegExp(`^# ${word} (\\d+)`, 'm'))?.[1] ?? 0);
  const failed = number('fail') + number('cancelled');
  totals.passed += number('pass');
  if (failed > 0 || !r.ok || number('pass') === 0) {
    totals.failed += Math.max(1, failed);
    failures.push(file);
    say(`FAILED ${file}\n${failing(r.output)}`);
  } else if (passed.add(file)) say(`ok ${file}: ${number('pass')} (${(ms / 1000).toFixed(1)} s)`);
}

// What a folder's tests need from npm, as its lock says; nothing to do when that is there.
const npm = (folder) => step(`${folder}: npm`, 'sh', ['-c', `cd test/${folder} && (cmp -s package-lock.json node_modules/.xom-lock || (npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.xom-lock))`]);

async function node() {
  if (nodeTests().some(([where]) => where === 's3')) await npm('s3');
  if (nodeTests().some(([, file]) => readFileSync(file, 'utf8').includes('../browser/'))) await npm('browser');
  // One starts first, so that the demo's data are made once.
  await run('node', ['-e', "import('./test/harness/xom.mjs').then(async (h) => (await h.startXom()).stop())"]);
  await parallel(nodeTests().map(([where, file]) => () => nodeFile(where, file, all ? { XOM_LONG: '1', XOM_MANY: '20000' } : {})));
}

async function browser() {
  if (room && room !== 'browser') return;
  await npm('browser');
  const files = readdirSync('test/browser').filter((f) => f.endsWith('.test.mjs'));
  const jobs = files.map((f) => () => nodeFile('browser', join('test/browser', f), { XOM_MATRIX: all ? 'whole' : 'short' }));
  if (all) jobs.unshift(() => nodeFile('spring', SPRING)); // the longest first
  await parallel(jobs);
}

async function fuzz() {
  if (room && room !== 'fuzz') return;
  await step('fuzz: crash corpus', 'tools/fuzz', ['corpus'], { timeout: 300 });
  if (all) await step('fuzz: 10 s each, planted bugs found', 'tools/fuzz', ['all', '10'], { timeout: 1500 });
}

// The same on the other engine: the store's and the jobs' units always, with --all every unit that opens
// a store and the program's tests.
async function postgres() {
  if (room && room !== 'postgres') return;
  const dir = `/var/tmp/xom-check-postgres-${process.pid}`;
  process.env.XOM_PG_DIR = dir;
  const server = await run('node', ['test/harness/postgres.mjs', 'start']);
  count('a PostgreSQL server', server.ok, server.output);
  try {
    if (!server.ok) return;
    const units = all || room ? /^(store\/(?!codecheck|fault)|job|flow|people|place|figure\/(figures|edition)|notify)/ : /^(store\/(?!codecheck|fault|steps)|job)/;
    await unit('asan', (t) => units.test(t.name), { env: { XOM_PG_URL: server.output.trim(), ...(all ? { XOM_LONG: '1' } : {}) }, as: 'postgres' });
    const pg = (where, file, env = {}) => () => nodeFile(where, file, { XOM_ENGINE: 'postgres', ...(all ? { XOM_LONG: '1' } : {}), ...env });
    const jobs = [pg('model', 'test/model/model.test.mjs')];
    if (all || room) {
      // One starts first, so that the demo's data are made once.
      await run('node', ['-e', "import('./test/harness/xom.mjs').then(async (h) => (await h.startXom()).stop())"], { env: { XOM_ENGINE: 'postgres' } });
      jobs.push(pg('model', 'test/model/http.test.mjs'));
    }
    if (all) {
      await npm('browser');
      jobs.unshift(pg('spring', SPRING)); // the longest first
      // An administrator applies a calendar in the browser.
      jobs.push(pg('race', RACE, { XOM_BUILD: 'build/tsan', XOM_MEDIA_BUILD: 'build/gcc' }), pg('postgres', 'test/browser/practice.test.mjs'));
    }
    if (all || room) for (const [, file] of nodeTests('')) if (!ONE_ENGINE.test(file)) jobs.push(() => nodeFile('postgres', file, { XOM_ENGINE: 'postgres' }));
    await parallel(jobs);
  } finally {
    await run('node', ['test/harness/postgres.mjs', 'remove']);
  }
}
const SPRING = 'test/spring/tet.long.mjs'; // the days of a spring, one by one
const RACE = 'test/race/load.test.mjs'; // the server itself under TSan
// What is SQLite's own, uses both engines by itself, or never opens a store; model runs above.
const ONE_ENGINE = /test\/(move|base|http|media|view|calendar|model|servers)\/|air\/(upgrade|setup|database|standby)|rights\/(tools|promises)/;

// Failovers, alone on the machine: they are measured in seconds.
async function cluster() {
  if (room ? room !== 'cluster' : !all) return;
  for (const f of readdirSync('test/cluster').filter((n) => n.endsWith('.test.mjs'))) await nodeFile('cluster', join('test/cluster', f));
}

async function last() {
  if (room || !all) return;
  await unit('tsan', (t) => /^(store|job|http)\//.test(t.name));
  await unit('gcc', (t) => /^media\//.test(t.name)); // the confined child without sanitizers: the escape build
  await parallel([
    () => nodeFile('move', 'test/move/answers.long.mjs'),
    () => nodeFile('fault', 'test/fault/server_full.long.mjs'),
    () => nodeFile('race', RACE, { XOM_BUILD: 'build/tsan', XOM_MEDIA_BUILD: 'build/gcc' }),
  ]);
  await step('12 kills under load, on both engines', './bench', ['crash', '--rounds', '12'], { timeout: 600 });
  if (long) {
    await step('100 kills under load, on both engines', './bench', ['crash'], { timeout: 1500 });
    await step('tools/mutants', 'tools/mutants', [], { timeout: 7200 });
  }
}

function budgets() {
  if (room || !existsSync('test/budgets.txt')) return;
  const lines = readFileSync('test/budgets.txt', 'utf8').split('\n').filter((l) => l && !l.startsWith('#'));
  const limit = new Map(lines.map((l) => { const [name, s, sAll] = l.split(/\s+/); return [name, Number(all ? sAll ?? s : s)]; }));
  for (const [where, ms] of [...spent].sort()) {
    const most = limit.get(where);
    count(`budget of ${where}`, most !== undefined && ms / 1000 <= most, most === undefined ? `${where} has no line in test/budgets.txt` : `${where} took ${(ms / 1000).toFixed(1)} s, its share is ${most} s`);
    say(`time ${where}: ${(ms / 1000).toFixed(1)} s of ${most ?? '?'} s`);
  }
}

try {
  for (const stage of [buildAll, lint, () => unit('asan', undefined, all ? { env: { XOM_LONG: '1' } } : {}), node, postgres, browser, fuzz, cluster, last, budgets]) await stage();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
// What /rights says of each promise's tests: only a whole run without a failure is written down.
if (!room && totals.failed === 0 && totals.passed > 0) {
  const git = (...argv) => { try { return execFileSync('git', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); } catch { return ''; } };
  const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
  writeFileSync('rights/green.json', `${JSON.stringify({ version: readFileSync('VERSION', 'utf8').trim(), day: new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10), commit: `${git('rev-parse', '--short=12', 'HEAD')}${changed ? '+' : ''}`, tests: [...passed].sort() }, null, 1)}\n`);
}
if (failures.length) { console.log('\nFailed:'); for (const f of failures) console.log(`  ${f}`); }
console.log(`\n${clock()} in all`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
