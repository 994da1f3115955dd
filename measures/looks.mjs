// looks: server CPU of an officer's case page, which writes who looked before anything is shown, ÷ the same page of
// the same program linked without (measures/without_looks.c). Two servers, each with its copy of one ward; the same
// case in turn. With 64 clients, as intake; and with one alone, whose every look has a commit and a wait of its own.
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { block, cost, fdatasync, idle, median, profile, results, serve, since, spread, tools, wrk, xom } from './lib.mjs';

const WARD = 'song-may', WHO = 'ha-tang', CLIENTS = 64;

// The shortest page there is, and the demo's longest: what its unit holds with the most entries.
async function cases(x) {
  const { code } = await xom.report(x, WARD, { text: 'Đèn trước nhà văn hóa tắt.' });
  const long = x.sql(`SELECT c.code FROM ward_case c JOIN ward w ON w.id = c.ward_id JOIN unit u ON u.ward_id = c.ward_id AND u.id = c.unit_id JOIN timeline e ON e.ward_id = c.ward_id AND e.case_id = c.id WHERE w.slug = '${WARD}' AND u.slug = '${WHO}' GROUP BY c.code ORDER BY count(*) DESC, c.code LIMIT 1`);
  return { short: code, long };
}
// As after a year: what a look costs must not grow with those before it. Not chained; nobody verifies them here.
const PAST = 200_000;
const past = (dir) => execFileSync('sqlite3', [join(dir, 'xom.db'), `INSERT INTO look (ward_id, seq, at, pseudonym, key_no, role, unit_id, what, case_id, filter, number, hash, commitment, salt)
  SELECT l.ward_id, l.seq + n.value, l.at, l.pseudonym, l.key_no, l.role, l.unit_id, l.what, l.case_id, l.filter, l.number, l.hash, l.commitment, l.salt
  FROM (SELECT * FROM look WHERE ward_id = (SELECT id FROM ward WHERE slug = '${WARD}') ORDER BY seq DESC LIMIT 1) l, generate_series(1, ${PAST}) n`]);
const written = (x) => Number(x.sql("SELECT count(*) FROM look WHERE what = 'case'"));

async function side(data, program) {
  const x = await serve({ data, program });
  await idle(x.child.pid, 20);
  const client = await xom.signIn(x, WARD, WHO);
  return { x, client, cookie: [...client.cookies].map(([k, v]) => `${k}=${v}`).join('; ') };
}

export async function looks({ quick, rounds = quick ? 1 : 7 }) {
  const seconds = quick ? 2 : 4;
  const first = await serve({ keep: true });
  const codes = await cases(first), officer = await xom.signIn(first, WARD, WHO);
  await officer.get(`/${WARD}/desk/case/${codes.long}`);
  await first.stop();
  past(first.data);
  const copy = xom.tempDir();
  cpSync(first.data, copy, { recursive: true });
  const sides = { with: await side(first.data), without: await side(copy, join(tools, 'bench-unlooked')) };
  const list = {};
  let lines = [];
  const ask = ({ x, cookie }, code, s, clients) => wrk(`${x.url}/${WARD}/desk/case/${code}`, { seconds: s, clients, headers: { Cookie: cookie } });
  try {
    for (const [name, code, clients] of [...Object.entries(codes).map((k) => [...k, CLIENTS]), ['short alone', codes.short, 1]]) {
      const l = list[name] = { with: [], without: [], ratio: [] };
      for (const s of Object.values(sides)) {
        const page = await s.client.get(`/${WARD}/desk/case/${code}`);
        if (page.status !== 200) throw new Error(`${code}: ${page.status}`);
        l.bytes = page.bytes.length;
        ask(s, code, 1, clients);
      }
      for (let i = 0; i < rounds; i += 1) {
        for (const [key, s] of Object.entries(sides)) {
          const had = written(s.x), before = cost(s.x.child.pid), r = ask(s, code, seconds, clients);
          l[key].push((since(s.x.child.pid, before).cpu / r.count) * 1e6);
          const more = written(s.x) - had;
          if (key === 'with' ? more < r.count : more !== 0) throw new Error(`${more} looks were written by ${r.count} pages ${key} them`);
        }
        l.ratio.push(l.with.at(-1) / l.without.at(-1));
        console.log(`${name}, round ${i + 1}: ${l.with.at(-1).toFixed(0)} µs with its look, ${l.without.at(-1).toFixed(0)} µs without`);
      }
    }
    lines = (await profile(sides.with.x.child.pid, async () => ask(sides.with, codes.short, 2, CLIENTS))).slice(0, 12);
  } finally {
    for (const s of Object.values(sides)) { await s.x.kill(); rmSync(s.x.data, { recursive: true, force: true }); }
  }
  console.log(lines.join('\n'));
  const [worse, w] = Object.entries(list).filter(([name]) => name in codes).reduce((a, b) => (median(a[1].ratio) > median(b[1].ratio) ? a : b));
  const figure = median(w.ratio);
  results('looks', { title: `Server CPU of an officer's case page with its look ÷ without; the worse of the shortest page and of the demo's longest; ${CLIENTS} keep-alive clients.`,
    figure: `${figure.toFixed(2)} (${spread(w.ratio)})`, reach: '≤ 1.5', good: figure <= 1.5, command: `./bench looks${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [...Object.entries(list).map(([name, l]) => `${name} page (${l.bytes} bytes): ${median(l.with).toFixed(0)} µs (${spread(l.with, 0)}) with, ${median(l.without).toFixed(0)} µs (${spread(l.without, 0)}) without; ratio ${median(l.ratio).toFixed(2)} (${spread(l.ratio)})${name === worse ? ', the figure' : ''}`),
      'without: the same program, linked so that look_write() checks who asks and writes nothing (measures/without_looks.c); the product has no such switch. Looks are counted in the database after each round: one a page, and none',
      `"alone": one client, each look with a commit of its own, for which the server sleeps and wakes again. The figure is the one with 64, who share commits, as at intake. ${PAST} looks were there before; user and system time of the whole process, its writer and the kernel's share of the sync included; fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs`,
      'what limits it (perf, the short page with its look):', block(lines)] });
  return figure.toFixed(2);
}
