// pg: PostgreSQL's own cost of a report. The same load as intake, against a server of the measure's
// own; the opponent is pgbench with the statements of real reports, taken from the store's trace
// (xom test-trace), a transaction a report, pipelined and prepared.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
process.env.XOM_ENGINE = 'postgres';
process.env.XOM_PG_DIR = `/var/tmp/xom-measure-postgres-${process.pid}`;
const { fdatasync, median, results, serve, spread, tools, xom } = await import('./lib.mjs');
const postgres = await import('../test/harness/postgres.mjs');

const WARD = 'song-may', CLIENTS = 64, SAMPLES = 24, TRACED = 240;
const bin = ['15', '16', '17'].map((v) => `/usr/lib/postgresql/${v}/bin`).find((d) => existsSync(d));

// CPU seconds of all of the server's processes, those that ended included: the postmaster waits for them.
function spentByServer() {
  const own = Number(readFileSync(join(process.env.XOM_PG_DIR, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((d) => /^\d+$/.test(d))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
      if (Number(pid) === own) ticks += f[11] + f[12] + f[13] + f[14];
      else if (f[1] === own) ticks += f[11] + f[12];
    } catch { /* ended meanwhile */ }
  }
  return ticks / 100;
}
// What the server does by itself (checkpoints, statistics) is the same for both: it is done before and counted in.
async function counted(url, work) {
  postgres.sql(url, 'CHECKPOINT');
  const before = spentByServer(), at = Date.now();
  await work();
  const seconds = (Date.now() - at) / 1000;
  postgres.sql(url, 'CHECKPOINT');
  return { cpu: spentByServer() - before, seconds };
}

// A database that works for a while already: PostgreSQL knows its tables' statistics. Both begin with it.
async function begun() {
  const x = await serve({ settings: 'proxies: [127.0.0.1]\n' });
  await x.kill();
  const url = xom.databaseOf(x.data), settings = join(x.data, 'settings-of-trace.yaml');
  writeFileSync(settings, xom.databaseLine(x.data));
  const text = execFileSync(xom.binary, ['--settings', settings, '--data', x.data, '--share', xom.root, 'test-trace', WARD, String(TRACED)], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
  postgres.sql(url, 'ANALYZE');
  return { x, url, text };
}

async function subject(n) {
  const { x, url } = await begun();
  await x.start();
  const child = spawn(join(tools, 'bench-load'), [String(x.port), `/${WARD}`, 'lighting', String(n), String(CLIENTS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => { child.on('exit', done); });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => { const l = await lines.next(); if (l.done) throw new Error('bench-load ended early'); return l.value; };
  await next(); // the forms are walked to their last page
  const size = () => postgres.sql(url, "SELECT pg_database_size(current_database()), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')").trim().split('|').map(Number);
  const [kept, logged] = size();
  const r = await counted(url, async () => { child.stdin.write('\n'); await next(); });
  const [keptAfter, loggedAfter] = size();
  child.stdin.write('\n');
  const found = await next();
  child.stdin.end();
  const status = await ended;
  const commits = Number(postgres.sql(url, 'SELECT sum(batch) FROM store_writer').trim());
  await x.stop();
  if (status !== 0 || found !== `found ${n} of ${n}`) throw new Error(`receipts read back: ${found}`);
  return { cpu: (r.cpu / n) * 1e6, rate: n / r.seconds, commits, kept: (keptAfter - kept) / n / 1024, logged: (loggedAfter - logged) / n / 1024 };
}

// --- the opponent ---

const LITERAL = /'(?:[^']|'')*'(?:::(?:bytea|tsvector))?|\b(?<![\w"$])\d+\b|\bNULL\b/g;
// The reports of a trace, each a list of statements.
function reports(text) {
  return text.split('\0\0').map((r) => r.split('\0').filter((s) => s.trim() !== '')).filter((r) => r.length > 3);
}
// Values that no two reports share are made anew for each run: numbers and hashes by random, words by a
// number behind them. Everything else stays as it was in that report.
function script(list, at) {
  const seen = new Map();
  for (const r of list) for (const v of new Set(r.join('\n').match(LITERAL))) seen.set(v, (seen.get(v) ?? 0) + 1);
  const names = new Map();
  const made = (literal) => {
    if (!names.has(literal)) names.set(literal, `v${names.size}`);
    return `:${names.get(literal)}`;
  };
  const body = list[at].map((sql) => `${sql.replace(LITERAL, (literal) => {
    if (literal === 'NULL' || seen.get(literal) > 1) return literal;
    if (/^\d+$/.test(literal)) return literal.length >= 15 ? made(literal) : literal;
    if (literal.endsWith('::bytea')) {
      const bytes = (literal.length - "'\\x'::bytea".length) / 2;
      return bytes === 32 ? `sha256(int8send(${made(literal)}))` : bytes === 16 ? `uuid_send(md5(${made(literal)}::text)::uuid)` : literal;
    }
    return /^'[A-Z]{2}-(\d\d|P)-[0-9A-Z-]+'$/.test(literal) ? `('${literal.slice(1, 7)}' || ${made(literal)}::text)` : literal;
  }).replaceAll('\n', ' ')};`);
  const sets = [...names.values()].map((v) => `\\set ${v} random(1, 9000000000000000000)`);
  return `${[...sets, '\\startpipeline', 'BEGIN;', ...body, 'COMMIT;', '\\endpipeline'].join('\n')}\n`;
}

async function opponent(n) {
  const { url, text } = await begun();
  const list = reports(text);
  if (list.length !== TRACED) throw new Error(`the trace holds ${list.length} reports`);
  const files = list.slice(0, SAMPLES).map((_, i) => { const f = join(process.env.XOM_TMP, `report-${i}.sql`); writeFileSync(f, script(list, i)); return f; });
  const cases = () => Number(postgres.sql(url, 'SELECT count(*) FROM ward_case').trim());
  const had = cases(), jobs = 4;
  const r = await counted(url, async () => {
    const out = spawnSync(join(bin, 'pgbench'), ['-n', '-M', 'prepared', '-c', String(jobs), '-j', '1', '-t', String(n / jobs), ...files.flatMap((f) => ['-f', f]), url], { encoding: 'utf8', cwd: '/' });
    if (out.status !== 0 || !/number of failed transactions: 0/.test(out.stdout)) throw new Error(`pgbench: ${out.stderr || out.stdout}`);
  });
  if (cases() - had !== n) throw new Error(`pgbench stored ${cases() - had} of ${n} reports`);
  return { cpu: (r.cpu / n) * 1e6, rate: n / r.seconds, statements: list[0].length };
}

export async function pg({ quick }) {
  const n = quick ? 2000 : 12000, rounds = quick ? 1 : 5;
  const sync = fdatasync();
  const list = { cpu: [], rate: [], other: [], otherRate: [], ratio: [] };
  let last, statements = 0;
  try {
    for (let i = 0; i < rounds; i += 1) {
      const s = await subject(n), o = await opponent(n);
      last = s;
      statements = o.statements;
      list.cpu.push(s.cpu); list.rate.push(s.rate); list.other.push(o.cpu); list.otherRate.push(o.rate);
      list.ratio.push(s.cpu / o.cpu);
      console.log(`round ${i + 1}: PostgreSQL ${s.cpu.toFixed(0)} µs a report at ${s.rate.toFixed(0)}/s, pgbench ${o.cpu.toFixed(0)} µs at ${o.rate.toFixed(0)}/s`);
    }
  } finally {
    postgres.stop({ gone: true });
  }
  const figure = median(list.ratio);
  results('pg', { title: `PostgreSQL's CPU a report, ${n} forms, ${CLIENTS} keep-alive clients ÷ pgbench with the same statements, prepared and pipelined, a transaction a report, 4 clients.`,
    figure: `${figure.toFixed(2)} (${spread(list.ratio)})`, reach: '≤ 1.3', good: figure <= 1.3, keep: !quick, command: `./bench pg${quick ? ' --quick' : ''}`,
    facts: [`PostgreSQL's processes: ${median(list.cpu).toFixed(0)} µs a report (${spread(list.cpu, 0)}) at ${median(list.rate).toFixed(0)} reports/s; under pgbench ${median(list.other).toFixed(0)} µs (${spread(list.other, 0)}) at ${median(list.otherRate).toFixed(0)}/s`,
      `each database with ${TRACED} reports and its statistics before; ${statements} statements a report, from the store's trace of those; pgbench takes one of ${SAMPLES} of them by chance; what no two reports share (ids, hashes, codes) is made anew`,
      `the last round's ${n} reports took ${last.commits} commits, ${last.kept.toFixed(1)} KiB of tables and indexes and ${last.logged.toFixed(1)} KiB of write-ahead log a report; fdatasync of 4 KiB ${sync.toFixed(0)} µs; every receipt was read back`] });
  return figure.toFixed(2);
}
