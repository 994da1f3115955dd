// map: KB and server CPU of the public map with 1,000,000 cases ÷ with 10,000, cases of all states; both
// show as many squares. Each request is one that no cache has. The wards are those of wards.mjs.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { block, cost, fdatasync, idle, median, profile, results, serve, since, spread, wrk } from './lib.mjs';
import { OPEN, SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

const PATH = `/${WARD}/map?state=all`;
const squares = (json) => json.squares ?? json.cells;

async function open(size, schema) {
  const x = await serve({ data: await copyOf(size, schema) });
  await idle(x.child.pid, 20);
  const client = x.client(), page = await client.get(PATH), data = await client.get(PATH.replace('/map', '/map.json'));
  if (page.status !== 200) throw new Error(`the map answers ${page.status}`);
  return { x, kb: page.bytes.length / 1000, shown: squares(JSON.parse(data.text)).length };
}

export async function map({ quick }) {
  const rounds = quick ? 1 : 5, seconds = quick ? 3 : 4;
  const schema = await schemaNow();
  const sides = { small: await open(SIZES.small, schema), large: await open(SIZES.large, schema) };
  const script = join(process.env.XOM_TMP, 'map.lua');
  writeFileSync(script, `local n = ${Date.now()}\nrequest = function() n = n + 1; return wrk.format("GET", "${PATH}&n=" .. n) end\n`);
  const ask = (side, s) => wrk(`${side.x.url}${PATH}`, { seconds: s, clients: 2, script });
  const list = { small: [], large: [], ratio: [] };
  let lines;
  try {
    if (sides.small.shown !== sides.large.shown || sides.large.shown < 10) throw new Error(`${sides.small.shown} and ${sides.large.shown} squares are shown`);
    for (const side of Object.values(sides)) ask(side, 1);
    for (let i = 0; i < rounds; i++) {
      for (const size of ['small', 'large']) {
        const side = sides[size], before = cost(side.x.child.pid), r = ask(side, seconds);
        list[size].push((since(side.x.child.pid, before).cpu / r.count) * 1e6);
      }
      list.ratio.push(list.large.at(-1) / list.small.at(-1));
      console.log(`round ${i + 1}: ${list.small.at(-1).toFixed(0)} µs with ${SIZES.small}, ${list.large.at(-1).toFixed(0)} µs with ${SIZES.large}`);
    }
    lines = await profile(sides.large.x.child.pid, async () => ask(sides.large, 2));
  } finally {
    for (const side of Object.values(sides)) { await side.x.kill(); rmSync(side.x.data, { recursive: true, force: true }); }
  }
  const kb = sides.large.kb / sides.small.kb, cpu = median(list.ratio), figure = Math.max(kb, cpu);
  results('map', { title: `KB and server CPU of the public map with ${SIZES.large} cases ÷ with ${SIZES.small}, of all states; ${OPEN} open ones and ${sides.large.shown} squares in both; the worse of both.`,
    figure: `${figure.toFixed(2)} (CPU ${spread(list.ratio)}, KB ${kb.toFixed(2)})`, reach: '≤ 1.5', good: figure <= 1.5, command: `./bench map${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`CPU ${median(list.small).toFixed(0)} µs (${spread(list.small, 0)}) with ${SIZES.small}, ${median(list.large).toFixed(0)} µs (${spread(list.large, 0)}) with ${SIZES.large}`,
      `${sides.small.kb.toFixed(1)} KB and ${sides.large.kb.toFixed(1)} KB of HTML before it is packed`, `fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs (nothing is written)`, 'what limits it (perf):', block(lines)] });
  return figure.toFixed(2);
}
