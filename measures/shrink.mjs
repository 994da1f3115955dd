// shrink: random sequences of 20 steps or more of what residents and officers do, each run on both
// engines beside a model of the rules (test/model), without a difference. The test in ./check is the same,
// with fewer.
import { block, results } from './lib.mjs';
import { run, tell } from '../test/model/run.mjs';

export async function shrink({ quick, rounds }) {
  const count = rounds ?? (quick ? 400 : 10000), seed = Math.floor(Math.random() * 2 ** 31), ran = [];
  for (const [engine, width] of [['sqlite', 2], ['postgres', 4]]) {
    const r = await run({ engine, seed, count, width, build: 'build/run', log: console.log });
    console.log(`${engine}: ${r.count} sequences, ${r.steps} steps in ${r.seconds.toFixed(0)} s${r.found ? `; a difference, seed ${r.found.seed}:\n${r.found.text}\n${tell(r.found.short)}` : ''}`);
    ran.push(r);
  }
  const both = [...ran[0].passed].filter((id) => ran[1].passed.has(id)).length, good = !ran.some((r) => r.found) && both === count;
  results('shrink', { title: 'Random sequences of 20 to 32 steps of residents, officers and the clock, each run on both engines beside a model of the rules, without a difference.',
    figure: String(both), reach: 'at least 10,000', good: good && both >= 10000, command: `./bench shrink${quick ? ' --quick' : rounds ? ` --rounds ${rounds}` : ''}`, keep: !quick && count >= 10000,
    facts: [...ran.map((r) => `${r.engine}: ${r.steps} steps in ${r.seconds.toFixed(0)} s`), `seeds from ${seed} on; node test/model/run.mjs --engine E --seed N shows one again`, ...ran.filter((r) => r.found).map((r) => block([`${r.engine}, seed ${r.found.seed}: ${r.found.text}`, tell(r.found.short)]))] });
  if (!good) throw new Error('a sequence differs');
  return String(both);
}
