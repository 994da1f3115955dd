// clockcheck: bench-clockcheck (clockcheck.c) reckons and compares; here only its section is written.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { block, results, tools } from './lib.mjs';

export async function clockcheck({ quick }) {
  const cases = quick ? 20_000 : 1_000_000;
  const run = spawnSync(join(tools, 'bench-clockcheck'), [String(cases), '20261126'], { encoding: 'utf8' });
  if (run.status !== 0 && run.status !== 1) throw new Error(run.stderr || `ended with ${run.status ?? run.signal}`);
  const lines = run.stdout.trim().split('\n');
  const figure = lines.at(-1);
  console.log(lines.slice(0, -1).join('\n'));
  results('clockcheck', { title: 'Deadlines on which src/ward/calendar and a second, slow reckoning (test/calendar/slow.c) disagree: every unit, pauses, extensions, closings, calendars changed meanwhile, missing years; 22 years, three zones of the machine.',
    figure, reach: '0', good: figure === '0', command: `./bench clockcheck${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [block(lines.slice(0, -1))] });
  return figure;
}
