// growth: server CPU of the desk's queue and of the public list with 1,000,000 cases against 10,000.
// Both sizes have as many open cases and answer with 50 rows; each request of the public list is one
// that no cache has. The wards are those of wards.mjs.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { block, cost, fdatasync, idle, median, profile, results, serve, since, spread, wrk, xom } from './lib.mjs';
import { OPEN, SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

async function open(size, schema) {
  const dir = await copyOf(size, schema);
  const x = await serve({ data: dir });
  await idle(x.child.pid, 20);
  const client = await xom.signIn(x, WARD, 'ha-tang');
  return { x, cookie: [...client.cookies].map(([k, v]) => `${k}=${v}`).join('; '), client };
}

// The last list of the page: the queue stands below what falls due.
const rows = (html) => (html.slice(html.lastIndexOf('<ul class="x-cases"')).match(/<li class="x-case[ "]/g) ?? []).length;

export async function growth({ quick }) {
  const rounds = quick ? 1 : 5, seconds = quick ? 3 : 4;
  const schema = await schemaNow();
  const sides = { small: await open(SIZES.small, schema), large: await open(SIZES.large, schema) };
  const script = join(process.env.XOM_TMP, 'fresh.lua');
  writeFileSync(script, `local n = ${Date.now()}\nrequest = function() n = n + 1; return wrk.format("GET", "/${WARD}/cases?n=" .. n) end\n`);
  const pages = { queue: { path: `/${WARD}/desk?queue=new`, who: true }, list: { path: `/${WARD}/cases?n=0`, script } };
  const ask = (side, page, s) => wrk(`${side.x.url}${page.path}`, { seconds: s, clients: 2, headers: page.who ? { Cookie: side.cookie } : {}, script: page.script });
  const list = {};
  let lines = [];
  try {
    for (const [name, page] of Object.entries(pages)) {
      for (const [size, side] of Object.entries(sides)) {
        const n = rows((await side.client.get(page.path)).text);
        if (n !== 50) throw new Error(`${name} of the ${size} ward has ${n} rows, not 50`);
        ask(side, page, 1);
      }
      list[name] = { small: [], large: [], ratio: [] };
      for (let i = 0; i < rounds; i++) {
        for (const size of ['small', 'large']) {
          const side = sides[size], before = cost(side.x.child.pid), r = ask(side, page, seconds);
          list[name][size].push((since(side.x.child.pid, before).cpu / r.count) * 1e6);
        }
        list[name].ratio.push(list[name].large.at(-1) / list[name].small.at(-1));
        console.log(`${name}, round ${i + 1}: ${list[name].small.at(-1).toFixed(0)} µs with ${SIZES.small}, ${list[name].large.at(-1).toFixed(0)} µs with ${SIZES.large}`);
      }
    }
    for (const [name, page] of Object.entries(pages))
      lines.push(`${name}, large:`, ...(await profile(sides.large.x.child.pid, async () => ask(sides.large, page, 2))).slice(0, 12));
  } finally {
    for (const side of Object.values(sides)) { await side.x.kill(); rmSync(side.x.data, { recursive: true, force: true }); }
  }
  console.log(lines.join('\n'));
  const worse = Object.values(list).reduce((a, b) => (median(a.ratio) > median(b.ratio) ? a : b));
  const figure = median(worse.ratio);
  results('growth', { title: `Server CPU of a page with ${SIZES.large} cases ÷ with ${SIZES.small}; ${OPEN} open ones and 50 rows in both; the worse of the desk's queue and the public list.`,
    figure: `${figure.toFixed(2)} (${spread(worse.ratio)})`, reach: '≤ 1.2', good: figure <= 1.2, command: `./bench growth${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [...Object.entries(list).map(([name, l]) => `${name}: ${median(l.small).toFixed(0)} µs (${spread(l.small, 0)}) with ${SIZES.small}, ${median(l.large).toFixed(0)} µs (${spread(l.large, 0)}) with ${SIZES.large}; ratio ${median(l.ratio).toFixed(2)} (${spread(l.ratio)})`),
      `the queue writes a look before each answer: fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs`, 'what limits it (perf):', block(lines)] });
  return figure.toFixed(2);
}
