// forget: the 99th percentile of answers while the nightly job erases from 1,000,000 cases, all of them due, ÷ without.
// Requests come at a steady beat, whether or not the last one was answered (as in backup.mjs).
import { rmSync } from 'node:fs';
import { beat, percentile } from './backup.mjs';
import { idle, median, results, serve, sleep, spread, xom } from './lib.mjs';
import { SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

export async function forget({ quick, rounds = quick ? 1 : 3 }) {
  const seconds = quick ? 8 : 20, size = quick ? SIZES.small : SIZES.large;
  const dir = await copyOf(size, await schemaNow(), { memory: true });
  const x = await serve({ data: dir });
  const timed = (s) => { const until = performance.now() + s * 1000; return () => performance.now() >= until; };
  const erased = () => Number(x.sql('SELECT count(*) FROM deletion'));
  const cookieOf = async () => [...(await xom.signIn(x, WARD, 'ha-tang')).cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  const list = { without: [], during: [], rate: [] };
  try {
    await idle(x.child.pid, 20);
    let cookie = await cookieOf();
    await beat(x, cookie, timed(seconds));
    for (let i = 0; i < rounds; i += 1) list.without.push(percentile(await beat(x, cookie, timed(seconds)), 0.99));
    // Every closed case of the ward is past its words' last day; the heads of the days between are signed first.
    x.clock.move(400);
    const unsigned = () => Number(x.sql("SELECT count(*) FROM outbox WHERE kind <> 'keep.erase' AND state < 3 AND due_at <= " + (BigInt(Date.now()) * 1000n + x.clock.us)));
    const first = erased();
    for (let i = 0; i < 1200 && (erased() === first || unsigned() > 0); i += 1) await sleep(500);
    cookie = await cookieOf();
    await beat(x, cookie, timed(seconds));   // what else a jump of 400 days brings: notices, editions
    for (let i = 0; i < rounds; i += 1) {
      const before = erased();
      list.during.push(percentile(await beat(x, cookie, timed(seconds)), 0.99));
      list.rate.push((erased() - before) / seconds);
      if (list.rate.at(-1) === 0) throw new Error('nothing was erased meanwhile: the job had ended or never began');
      console.log(`round ${i + 1}: p99 ${list.without[i].toFixed(2)} ms without, ${list.during[i].toFixed(2)} ms while ${list.rate[i].toFixed(0)} things a second were erased`);
    }
  } finally {
    await x.kill();
    rmSync(dir, { recursive: true, force: true });
  }
  const ratio = list.during.map((d, i) => d / list.without[i]), figure = median(ratio);
  results('forget', { title: `99th percentile of answers while the nightly job erases from ${size} cases ÷ without; a request each 20 ms (first page, public list uncached, desk's queue).`,
    figure: `${figure.toFixed(2)} (${spread(ratio)})`, reach: '≤ 2', good: figure <= 2, command: `./bench forget${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`p99 ${median(list.without).toFixed(2)} ms (${spread(list.without)}) without, ${median(list.during).toFixed(2)} ms (${spread(list.during)}) during`,
      `${median(list.rate).toFixed(0)} lines of the deletion list a second (${spread(list.rate, 0)}): slices of some 5 ms, and a rest three times as long after each, longer while others wait`,
      'the data lie in memory: on this machine\'s disk a write waits 50–250 ms now and then with nothing erased, and up to 2.7 s meanwhile, at whatever pace'] });
  return figure.toFixed(2);
}
