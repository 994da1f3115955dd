// holiday: seconds to list which open cases one new day off moves ÷ one SELECT that reads id, rule, receipt day and
// due day of them all. test/flow/holiday (holiday.c) makes the cases and takes both times; SQLite.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { block, median, results, spread, tools } from './lib.mjs';

export async function holiday({ quick }) {
  const run = spawnSync(join(tools, '../test/flow/holiday'), [quick ? '60000' : '1000000', quick ? '3' : '5'], { encoding: 'utf8', env: { ...process.env, XOM_SRC: process.cwd() } });
  if (run.status !== 0) throw new Error(run.stderr || `ended with ${run.status ?? run.signal}`);
  const rounds = run.stdout.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l)), ratio = rounds.map((r) => r.list / r.select);
  for (const r of rounds) console.log(`${r.cases} open cases: ${r.moved} move, listed in ${r.list} s; the SELECT took ${r.select} s`);
  const figure = median(ratio);
  results('holiday', { title: 'Seconds to list which open cases one new day off moves ÷ one SELECT that reads id, rule, receipt day and due day of them all.',
    figure: `${figure.toFixed(2)} (${spread(ratio)})`, reach: '≤ 5', good: figure <= 5, command: `./bench holiday${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`${rounds[0].cases} open cases of 60 days, three kinds, two steps, one in twenty with a pause; ${rounds[0].moved} move`, block(rounds.map((r) => JSON.stringify(r)))] });
  return figure.toFixed(2);
}
