// move: rows a second of `xom move` into PostgreSQL, with all indexes and without the comparison ÷ psql's
// \copy of the same rows, from files of its binary form, into the same tables on the same server, in turn.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fdatasync, median, results, spread, xom } from './lib.mjs';
import { SIZES, copyOf, schemaNow } from './wards.mjs';

export async function move({ quick, rounds = quick ? 3 : 7 }) {
  const size = quick ? SIZES.small : 30_000;
  const dir = await copyOf(size, await schemaNow());
  const tmp = join(process.env.XOM_TMP, 'move'), file = join(dir, 'xom.db'), kept = join(tmp, 'xom.db');
  process.env.XOM_PG_DIR = `/var/tmp/xom-measure-move-${process.pid}`;
  const pg = await import('../test/harness/postgres.mjs?move'); // an instance of its own, with its own folder
  rmSync(tmp, { recursive: true, force: true });
  mkdirSync(tmp);
  try {
    const server = await pg.start(), admin = `${server}/postgres`;
    const psql = (url, ...args) => { const r = spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, ...args], { encoding: 'utf8' }); if (r.status !== 0) throw new Error(`psql: ${r.stderr}`); };
    const fresh = (name, from = 'template0') => { pg.drop(`${server}/${name}`); const url = pg.database(name, from); pg.sql(admin, 'CHECKPOINT'); return url; };
    const run = (url) => {
      execFileSync('cp', [kept, file]);
      execFileSync('sync', [file]);
      const r = spawnSync(xom.binary, ['--data', dir, '--share', xom.root, 'move', '--from', dir, '--to', url], { encoding: 'utf8' });
      const m = r.stdout.match(/^(\d+) rows in ([\d.]+) s, (\d+) a second; compared in ([\d.]+) s: every row is the same/m);
      if (r.status !== 0 || !m) throw new Error(`xom move: ${r.stdout}${r.stderr}`);
      return { rows: Number(m[1]), perSecond: Number(m[3]), compared: Number(m[4]) };
    };
    execFileSync('sqlite3', [file, 'PRAGMA wal_checkpoint(TRUNCATE)']);
    execFileSync('cp', [file, kept]);
    // The rows as files, and the empty tables, out of a first move that is not counted.
    const first = fresh('first');
    run(first);
    const ask = (text) => pg.sql(first, text).trim().split('\n').filter(Boolean);
    const names = ask("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('schema_step', 'store_writer', 'store_erased') ORDER BY relname");
    const indexes = ask("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'")[0];
    const points = ask("SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid").map((l) => l.split('|'));
    const tables = [];
    while (tables.length < names.length) tables.push(...names.filter((n) => !tables.includes(n) && points.every(([from, to]) => from !== n || tables.includes(to))));
    let bytes = 0;
    for (const t of tables) {
      psql(first, '-c', `\\copy ${t} TO '${tmp}/${t}' (FORMAT binary)`);
      bytes += statSync(join(tmp, t)).size;
    }
    const empty = fresh('empty', 'first');
    psql(empty, '-c', `TRUNCATE ${tables.join(', ')}`);
    writeFileSync(join(tmp, 'copy.sql'), tables.map((t) => `\\copy ${t} FROM '${tmp}/${t}' (FORMAT binary)`).join('\n'));
    const ours = [], theirs = [], ratios = [], compared = [];
    let rows = 0;
    pg.drop(first);
    // What was filled goes before the other's turn: the server would tidy it meanwhile.
    const subject = () => { const url = fresh('subject'), moved = run(url); pg.drop(url); return moved; };
    const opponent = () => {
      const url = fresh('opponent', 'empty'), at = process.hrtime.bigint();
      psql(url, '-f', join(tmp, 'copy.sql'));
      const took = Number(process.hrtime.bigint() - at) / 1e9;
      pg.drop(url);
      return took;
    };
    for (let i = 0; i < rounds; i += 1) {
      const before = i % 2 ? opponent() : undefined, moved = subject(), took = before ?? opponent();
      rows = moved.rows;
      ours.push(moved.perSecond); theirs.push(rows / took); ratios.push(moved.perSecond / (rows / took)); compared.push(moved.compared);
    }
    const figure = median(ratios), round = (n) => Math.round(n);
    results('move', { title: `Rows a second of \`xom move\` into PostgreSQL, indexes in place, without its comparison ÷ psql's \\copy of the same rows from files (binary) into the same tables; ${size} cases.`,
      figure: `${figure.toFixed(2)} (${spread(ratios)})`, reach: '≥ 0.5', good: figure >= 0.5, command: `./bench move${quick ? ' --quick' : ''}`, keep: !quick,
      facts: [`${rows} rows of ${tables.length} tables with ${indexes} indexes, ${round(bytes / 2 ** 20)} MiB as rows; ${rounds} rounds in turn, a checkpoint before each`,
        `${round(median(ours))} rows/s (${round(Math.min(...ours))}–${round(Math.max(...ours))}), psql ${round(median(theirs))} (${round(Math.min(...theirs))}–${round(Math.max(...theirs))})`,
        `the comparison of every row took ${median(compared).toFixed(2)} s (${spread(compared)})`,
        `fdatasync of 4 KiB ${round(fdatasync())} µs`] });
    return figure.toFixed(2);
  } finally {
    pg.stop({ gone: true });
    rmSync(tmp, { recursive: true, force: true });
    rmSync(dir, { recursive: true, force: true });
  }
}
