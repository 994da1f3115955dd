// near: server CPU of "is it this one?" with 1,000,000 cases against 10,000: the page of the form that offers open
// cases of the kind within 150 m of the square that was chosen, sent from the page before it. Both wards
// (wards.mjs) have as many open ones of that kind there, and the page offers as many of them.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { block, cost, idle, median, profile, results, serve, since, spread, wrk, xom } from './lib.mjs';
import { OPEN, SIZES, WARD, copyOf, schemaNow } from './wards.mjs';

const KIND = 'lighting', MOST = 5;

async function open(size, schema) {
  const dir = await copyOf(size, schema);
  const x = await serve({ data: dir, sameClock: true });
  await idle(x.child.pid, 20);
  return { x, size };
}
const rows = (side, sql) => execFileSync('sqlite3', ['-readonly', '-separator', ' ', join(side.x.data, 'xom.db'), sql], { encoding: 'utf8' }).trim().split('\n').filter(Boolean).map((l) => l.split(' ').map(Number));

// Each square that holds open ones of the kind: how many lie in it and beside it, how many of them a page offers
// (of the newest five those of the last thirty days), and a point in it.
function squares(side) {
  const since = (Date.now() - 30 * 86400e3) * 1000;
  const list = rows(side, `SELECT cell_column, cell_row, id, received_at, lat_e7, lon_e7 FROM ward_case WHERE ward_id = (SELECT id FROM ward WHERE slug = '${WARD}')
    AND open = 1 AND listed = 1 AND withheld = 0 AND kind = '${KIND}' AND cell_column > 0 AND lead_id IS NULL ORDER BY id DESC`);
  const first = new Map(list.map((r) => [`${r[0]}-${r[1]}`, r]));
  return [...first.values()].map(([c, r, , , lat, lon]) => {
    const close = list.filter(([c2, r2]) => Math.abs(c - c2) <= 1 && Math.abs(r - r2) <= 1);
    return { lat: lat / 1e7, lon: lon / 1e7, n: close.length, offered: close.slice(0, MOST).filter((x) => x[3] >= since).length };
  });
}

// A square of each with as many open ones, of which as many are offered: the pair with most.
function alike(small, large) {
  const all = squares(large), pairs = squares(small).flatMap((x) => all.filter((y) => y.n === x.n && y.offered === x.offered && x.offered > 0).map((y) => [x, y]));
  if (!pairs.length) throw new Error('no squares of the two wards have as many open cases near them');
  return pairs.sort(([x], [y]) => y.offered - x.offered || y.n - x.n)[0];
}

// The page that asks for the place, filled in: as a browser sends it, again and again.
async function fillIn(side, place) {
  const c = side.x.client(), path = `/${WARD}/report/where`;
  const first = await c.get(`/${WARD}/report`);
  const where = await c.post(`/${WARD}/report/kind`, { s: xom.hidden(first.text, 's'), kind: KIND, go: 'next' });
  const fields = { s: xom.hidden(where.text, 's'), area: '', street: '', landmark: '', lat: place.lat.toFixed(6), lon: place.lon.toFixed(6), go: 'next' };
  const offered = ((await c.post(path, fields)).text.match(/value="join:/g) ?? []).length;
  if (offered !== place.offered) throw new Error(`with ${side.size} cases ${offered} are offered, not ${place.offered}`);
  side.script = join(process.env.XOM_TMP, `near-${side.size}.lua`);
  const cookies = [...c.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  writeFileSync(side.script, `wrk.method = "POST"\nwrk.body = [[${new URLSearchParams(fields)}]]\nwrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\nwrk.headers["Origin"] = "${side.x.url}"\n${cookies ? `wrk.headers["Cookie"] = "${cookies}"\n` : ''}`);
  side.ask = (seconds) => wrk(`${side.x.url}${path}`, { seconds, clients: 2, script: side.script });
}

export async function near({ quick }) {
  const turns = quick ? 1 : 5, seconds = quick ? 3 : 4;
  const schema = await schemaNow();
  const sides = { small: await open(SIZES.small, schema), large: await open(SIZES.large, schema) };
  const took = { small: [], large: [] }, ratio = [];
  let lines = [], places;
  try {
    places = alike(sides.small, sides.large);
    for (const [i, side] of Object.values(sides).entries()) { await fillIn(side, places[i]); side.ask(1); }
    for (let i = 0; i < turns; i++) {
      for (const [name, side] of Object.entries(sides)) {
        const before = cost(side.x.child.pid), r = side.ask(seconds);
        took[name].push((since(side.x.child.pid, before).cpu / r.count) * 1e6);
      }
      ratio.push(took.large.at(-1) / took.small.at(-1));
      console.log(`round ${i + 1}: ${took.small.at(-1).toFixed(0)} µs with ${SIZES.small}, ${took.large.at(-1).toFixed(0)} µs with ${SIZES.large}`);
    }
    lines = (await profile(sides.large.x.child.pid, async () => sides.large.ask(2))).slice(0, 12);
  } finally {
    for (const side of Object.values(sides)) { await side.x.kill(); rmSync(side.x.data, { recursive: true, force: true }); }
  }
  const figure = median(ratio);
  results('near', { title: `Server CPU of "is it this one?" with ${SIZES.large} cases ÷ with ${SIZES.small}; ${OPEN} open ones in both, as many of the kind within 150 m.`,
    figure: `${figure.toFixed(2)} (${spread(ratio)})`, reach: '≤ 1.5', good: figure <= 1.5, command: `./bench near${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`${places[0].n} open ones of "${KIND}" within 150 m in both; the page offers ${places[0].offered}`,
      `${median(took.small).toFixed(0)} µs (${spread(took.small, 0)}) with ${SIZES.small}, ${median(took.large).toFixed(0)} µs (${spread(took.large, 0)}) with ${SIZES.large}`,
      'what limits it (perf):', block(lines)] });
  return figure.toFixed(2);
}
