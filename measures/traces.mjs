// traces: planted strings that are found after their erasure, on both engines: in the database's files, its journal,
// photos, log, temporary files, outbox and backups, in plain, base64, hex and packed (test/harness/forgotten.mjs).
import { execFileSync } from 'node:child_process';
import { block, results } from './lib.mjs';

export async function traces({ quick }) {
  const facts = [];
  let left = 0;
  for (const engine of ['sqlite', 'postgres']) {
    const out = JSON.parse(execFileSync(process.execPath, ['test/harness/forgotten.mjs'], { encoding: 'utf8', env: { ...process.env, XOM_ENGINE: engine }, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 << 20 }).trim().split('\n').at(-1));
    const gone = [...new Set(out.left.map((f) => f.name))];
    left += gone.length;
    facts.push(`${engine}: ${out.planted} strings planted; ${out.before} of them found ${out.places} times before (the others are sealed or left out), ${gone.length} after${gone.length ? `: ${gone.join(', ')}` : ''}`);
    console.log(facts.at(-1));
    if (out.log) facts.push(block([out.log]));
    for (const f of out.left) console.log(`${engine}: ${f.name}\t${f.where}\t${f.form}`);
  }
  results('traces', { title: 'Planted strings found after their erasure, in all files and backups of both engines.', figure: String(left), reach: '0', good: left === 0,
    command: `./bench traces${quick ? ' --quick' : ''}`, keep: !quick, facts });
  return String(left);
}
