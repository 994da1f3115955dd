// Runs sequences against the program and the model at once.
//   node test/model/run.mjs [--http] [--engine sqlite|postgres] [--seed N] [--count N] [--tries N]
// --http: through the real server, as browsers send it (http.mjs); otherwise the flow alone (drive.c). --tries: so many to make it short.
// A difference is shrunk and printed with its seed; the same --seed shows it again.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as postgres from '../harness/postgres.mjs';
import * as rules from './model.mjs';
import { sequence, shrink } from './sequences.mjs';

export class Driver {
  static async start(engine, build = process.env.XOM_BUILD ?? 'build/asan') {
    const env = { ...process.env, XOM_SRC: process.cwd() };
    delete env.XOM_PG_URL;
    if (engine === 'postgres') env.XOM_PG_URL = (await postgres.start()).trim();
    const d = new Driver();
    d.child = spawn(join(build, 'test/model/drive'), { env, stdio: ['pipe', 'pipe', 'pipe'] });
    d.errors = '';
    d.child.stderr.on('data', (x) => { d.errors = (d.errors + x).slice(-4000); });
    d.waiting = [];
    createInterface({ input: d.child.stdout }).on('line', (l) => d.waiting.shift()?.done(JSON.parse(l)));
    d.over = new Promise((done) => { d.child.on('close', (code) => { for (const w of d.waiting) w.fail(new Error(`the driver ended with ${code}: ${d.errors}`)); d.waiting = []; done(code); }); });
    d.child.stdin.on('error', () => {});
    return d;
  }
  run(s) { return new Promise((done, fail) => { this.waiting.push({ done, fail }); this.child.stdin.write(`${JSON.stringify(s)}\n`); }); }
  kill() { this.child.kill('SIGKILL'); }
  async stop() { this.child.stdin.end(); const code = await this.over; if (code !== 0) throw new Error(`the driver ended with ${code}: ${this.errors}`); }
}

const { begin } = rules;
// How a sequence is said, what should come of it, and who says it.
const FLOW = { sequence: (s) => s, apply: rules.apply, seen: (m, whole) => plain(rules.seen(m, whole)), told: plain, start: Driver.start, tries: 400 };

// Both sides in one form: what has no order is sorted.
const sorted = (list) => [...list].map((x) => JSON.stringify(x)).sort();
function plain(o) {
  const out = { cases: o.cases.map((c) => c && ({ ...c, may: c.may.map((v) => [...v].sort()), looks: [...c.looks].sort(), waits: c.waits ?? null })), counts: o.counts };
  for (const k of ['desk', 'list', 'events']) if (o[k]) out[k] = o[k];
  for (const k of ['map', 'figures', 'quiet', 'quiet_due']) if (o[k]) out[k] = sorted(o[k]);
  return out;
}

// The first place where they part, as path and both values.
export function difference(want, got, path = '') {
  if (isDeepStrictEqual(want, got)) return '';
  if (typeof want === 'object' && typeof got === 'object' && want && got && Array.isArray(want) === Array.isArray(got) && (!Array.isArray(want) || want.length === got.length)) {
    for (const k of new Set([...Object.keys(want), ...Object.keys(got)])) { const d = difference(want[k], got[k], `${path}.${k}`); if (d) return d; }
  }
  return `${path.slice(1) || 'it'}: the model says ${JSON.stringify(want)}, the program ${JSON.stringify(got)}`;
}

// null, or what differs, at which step. Where two acted at once, each order that fits what was seen so far
// is followed: which it was may show only later.
export function compare(s, answer, { apply, seen, told } = FLOW) {
  let models = [begin(s.day, s.hour, s.people)];
  for (let i = 0; i < answer.steps.length; i++) {
    const step = answer.steps[i], whole = 'list' in step.saw;
    if (step.error) return { at: i, text: `the program could not be looked at: ${step.error}` };
    const may = models.flatMap((m) => apply(m, s.ops[i])), got = told(step.saw);
    const want = (x) => { const w = seen(x.m, whole, got); w.cases = w.cases.map((c, k) => (got.cases[k] === null ? null : c)); return w; };
    const saying = may.filter((x) => isDeepStrictEqual(x.said, step.said));
    if (saying.length === 0) return { at: i, text: `${JSON.stringify(s.ops[i])}: the model says ${[...new Set(may.map((x) => JSON.stringify(x.said)))].join(' or ')}, the program ${JSON.stringify(step.said)}` };
    const fits = saying.filter((x) => isDeepStrictEqual(want(x), got));
    if (fits.length === 0) return { at: i, text: `after ${JSON.stringify(s.ops[i])} ${difference(want(saying[0]), got)}` };
    models = fits.length === 1 ? [fits[0].m] : [...new Map(fits.map((x) => [JSON.stringify(x.m), x.m])).values()];
  }
  return null;
}

export const tell = (s) => [`  on ${s.day} at ${s.hour}:00`, ...s.ops.map((o, i) => `  ${i + 1}. ${JSON.stringify(o)}`)].join('\n');

// `count` sequences from `seed` on, or as many as `seconds` allow; {count, steps, found}: found is the
// first difference, made short.
export async function run({ engine = 'sqlite', seed = 1, count = Infinity, seconds = Infinity, width = 2, build, log = () => {}, side = FLOW }) {
  const began = Date.now(), out = { engine, count: 0, steps: 0, cut: 0, passed: new Set(), found: null };
  let next = seed;
  const check = async (driver, of) => { const s = side.sequence(of); return compare(s, await driver.run(s), side); };
  await Promise.all(Array.from({ length: width }, async () => {
    const driver = await side.start(engine, build);
    const ahead = [];
    const more = () => !out.found && next < seed + count && Date.now() - began < seconds * 1000;
    try {
      // One is under way in the driver while the answer before it is compared here.
      while (more() || ahead.length) {
        while (more() && ahead.length < 2) { const s = side.sequence(sequence(next++)); ahead.push({ s, answer: driver.run(s) }); }
        const { s, answer } = ahead.shift();
        const said = await answer, d = compare(s, said, side);
        if (d && !out.found) {
          log(`seed ${s.id} on ${engine}, step ${d.at + 1}: ${d.text}`);
          out.found = { seed: s.id, ...d };
          for (const a of ahead.splice(0)) await a.answer;
          const short = await shrink({ ...s, ops: s.ops.slice(0, d.at + 1) }, async (x) => await check(driver, x) !== null, { most: side.tries });
          out.found.short = side.sequence(short.sequence);
          out.found.tries = short.tries;
          out.found.text = (await check(driver, short.sequence))?.text ?? `${d.text} (only once: it comes and goes)`;
        } else if (!d) { out.count += 1; out.steps += said.steps.length; out.cut += said.steps.length < s.ops.length ? 1 : 0; out.passed.add(s.id); }
      }
    } catch (e) {
      driver.kill();
      throw e;
    }
    await driver.stop();
  }));
  out.seconds = (Date.now() - began) / 1000;
  return out;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const arg = (name, none) => { const i = process.argv.indexOf(`--${name}`); return i > 0 ? process.argv[i + 1] : none; };
  const engine = arg('engine', 'sqlite');
  if (process.argv.includes('--http')) process.env.XOM_ENGINE = engine; // where the harness looks
  const side = process.argv.includes('--http') ? (await import('./http.mjs')).side : FLOW;
  const r = await run({ engine, seed: Number(arg('seed', 1)), count: Number(arg('count', 1)), width: Number(arg('width', 1)), log: console.log, side: { ...side, tries: Number(arg('tries', side.tries)) } });
  if (r.found) console.log(`shortest (${r.found.tries} tries): ${r.found.text}\n${tell(r.found.short)}`);
  console.log(`${r.engine}: ${r.count} sequences, ${r.steps} steps without a difference in ${r.seconds.toFixed(1)} s${r.cut ? `; ${r.cut} cut short, the machine being slow` : ''}`);
  process.exit(r.found ? 1 : 0);
}
