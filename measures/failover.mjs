// failover: acknowledged things lost or doubled over failovers of a PostgreSQL with a synchronous standby
// (etcd, Patroni and HAProxy as in packaging/cluster). The primary's machine is killed, stopped and cut
// off in turn, under load on two servers: one reaches the database by HAProxy, one by both addresses.
import { block, fdatasync, median, results, spread, xom } from './lib.mjs';
import { startCluster } from '../test/harness/cluster.mjs';
import { all, begin, round, servers } from '../test/harness/failover.mjs';

export async function failover({ quick, rounds }) {
  const n = rounds ?? (quick ? 3 : 10);
  const c = await startCluster(), dir = xom.tempDir(), said = [], back = { proxy: [], direct: [] };
  const totals = { receipts: 0, notes: 0, again: 0 };
  const kinds = c.cuts ? ['kill', 'freeze', 'cut'] : ['kill', 'freeze'], words = { kill: 'killed', freeze: 'stopped', cut: 'cut off' };
  let xs = [];
  try {
    xs = await servers(c, dir);
    const state = begin(c);
    for (let i = 0; i < n; i++) {
      const r = await round(c, xs, kinds[i % kinds.length], state);
      said.push(...r.wrong.map((w) => `round ${i + 1}, ${words[r.kind]}: ${w}`));
      back.proxy.push(r.back[0]);
      back.direct.push(r.back[1]);
      totals.receipts += r.receipts;
      totals.notes += r.notes;
      totals.again += r.refused;
      console.log(`round ${i + 1}: ${words[r.kind]}, back after ${r.back.map((s) => s.toFixed(1)).join(' and ')} s; ${r.receipts} receipts, ${r.notes} notes, ${r.refused} sent again; ${r.wrong.length} wrong`);
    }
    said.push(...await all(xs, state));
  } finally {
    for (const x of xs) if (x.child.exitCode === null) x.child.kill('SIGKILL');
    await c.stop();
  }
  if (said.length) console.log(said.slice(0, 40).join('\n'));
  if (totals.receipts < n * 5 || totals.notes < n) throw new Error(`too little was acknowledged to say anything: ${JSON.stringify(totals)}`);
  const seconds = [...back.proxy, ...back.direct];
  console.log(`back after ${median(seconds).toFixed(1)} s (${spread(seconds, 1)}); by HAProxy ${spread(back.proxy, 1)}, by both addresses ${spread(back.direct, 1)}`);
  results('failover', { title: `Acknowledged things lost or doubled over ${n} failovers (${kinds.map((k) => words[k]).join(', ')} in turn) of a PostgreSQL with a synchronous standby, under load on two servers, each followed by \`xom verify\` and the comparison with the client's own ledger.`,
    figure: String(said.length), reach: '0', good: said.length === 0, command: `./bench failover${quick ? ' --quick' : rounds ? ` --rounds ${rounds}` : ''}`, keep: !quick && n >= 10,
    facts: [`reports taken again after ${median(seconds).toFixed(1)} s (${spread(seconds, 1)}); by HAProxy ${spread(back.proxy, 1)} s, by both addresses ${spread(back.direct, 1)} s; to reach: 30`,
      `${totals.receipts} receipts, ${totals.notes} notes, ${totals.again} answers that were none and sent again; fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs`, ...(said.length ? [block(said.slice(0, 40))] : [])] });
  return String(said.length);
}
