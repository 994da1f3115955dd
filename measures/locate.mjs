// locate: bench-locate (locate.c) alternates and compares by itself; here only its section is written.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { block, fdatasync, results, tools } from './lib.mjs';

export async function locate({ quick }) {
  const file = process.env.XOM_AREAS ?? '../shared/data/geo/can-tho-communes.geojson';
  if (!existsSync(file)) throw new Error(`the boundaries are missing: ${file} is not there; set XOM_AREAS to a GeoJSON file of areas`);
  const out = execFileSync(join(tools, 'bench-locate'), [...(quick ? ['--quick'] : []), file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = out.trim().split('\n');
  const figure = Number(lines.at(-1));
  console.log(lines.slice(0, -1).join('\n'));
  results('locate', { title: 'Point → area by the index of places ÷ box test and prepared GEOS over all areas; 100,000 points, same answers.',
    figure: figure.toFixed(2), reach: '≥ 3', good: figure >= 3, command: `./bench locate${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [block(lines.slice(0, -1)), `fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs (nothing is written while it is measured)`] });
  return figure.toFixed(2);
}
