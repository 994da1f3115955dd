// A share of the model's sequences through the real server, as residents and officers send them (http.mjs):
// routes, forms, permissions and pages stand under the same random test as the flow behind them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { formOf, side } from './http.mjs';
import { begin } from './model.mjs';
import { run, tell } from './run.mjs';
import { sequence } from './sequences.mjs';

const engine = process.env.XOM_ENGINE ?? 'sqlite';
const seconds = process.env.XOM_LONG ? 30 : 6;

test('no sequence over HTTP differs from the model', async (t) => {
  await side.start(); // its ward is made once a build
  const seed = Math.floor(Math.random() * 2 ** 31);
  const r = await run({ engine, seed, seconds, count: process.env.XOM_LONG ? 60 : 10, width: 1, side });
  assert.equal(r.found, null, r.found && `node test/model/run.mjs --http --engine ${engine} --seed ${r.found.seed}\n${r.found.text}\n${tell(r.found.short)}`);
  assert.ok(r.count > 0 && r.steps > 0, `${r.count} sequences, ${r.steps} steps`);
  t.diagnostic(`${r.count} sequences, ${r.steps} steps over HTTP on ${engine} in ${r.seconds.toFixed(1)} s, ${r.cut} cut short, from seed ${seed} on`);
});

test('of most sequences most goes over HTTP, said the same way twice', () => {
  let before = 0, after = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const s = sequence(seed), over = side.sequence(s);
    before += s.ops.length;
    after += over.ops.length;
    assert.deepEqual(side.sequence(over).ops, over.ops);
  }
  assert.ok(after > before * 0.8, `${after} of ${before} steps`);
});

test('a form is sent as it stands on the page', () => {
  const page = `<form method="post" action="/a"><input type="hidden" name="token" value="x&amp;y"><select name="s"><option value="1">a</option><option value="2" selected>b</option></select>
    <input type="hidden" name="seen" value="3"><input type="checkbox" name="r" value="7" checked><input type="checkbox" name="r" value="8"><textarea name="t">\nzwei &lt;</textarea><input type="file" name="f"></form>`;
  assert.deepEqual(formOf(page, '/a'), [['token', 'x&y'], ['s', '2'], ['seen', '3'], ['r', '7'], ['t', 'zwei <']]);
  assert.equal(formOf(page, '/b'), null);
});

// Which of the first sequences comes to such a place with the fewest steps: sequences change with the rules.
function seedOf(there) {
  const of = Array.from({ length: 50 }, (_, i) => {
    const s = side.sequence(sequence(i + 1));
    let m = begin(s.day, s.hour);
    const at = s.ops.findIndex((op, k) => { const r = side.apply(m, op)[0], was = m; m = r.m; return there(op, was, m, (k + 1) % s.every === 0); });
    return { seed: s.id, at: at < 0 ? Infinity : at };
  });
  return of.sort((a, b) => a.at - b.at)[0].seed;
}
const wrote = (m, op, verb) => op.verb === verb && m.cases[op.c % m.cases.length].timeline.at(-1) === verb;
const PLANTED = {
  'figures-forget-withdrawn': (_op, _was, m, whole) => whole && m.cases.some((c) => c.step === 'withdrawn' && c.listed && !c.withheld),
  'followers-count-as-cases': (_op, _was, m) => m.cases.some((c) => c.lead >= 0),
  'note-crosses': (op, was, m) => op.by >= 0 && op.op === 'move' && wrote(m, op, 'note') && was.cases[op.c % was.cases.length].waits,
};

// The model made wrong in one rule: seen on the public's pages, and made short; or by what the desk answers.
for (const [name, steps] of [['figures-forget-withdrawn', process.env.XOM_LONG ? 4 : 0], ...(process.env.XOM_LONG ? [['note-crosses', 0], ['followers-count-as-cases', 0]] : [])]) {
  test(`a planted difference is found over HTTP: ${name}`, { skip: engine === 'postgres' && 'found on the other engine' }, () => {
    const r = spawnSync('node', ['test/model/run.mjs', '--http', '--seed', `${seedOf(PLANTED[name])}`, ...(steps ? [] : ['--tries', '0'])], { encoding: 'utf8', env: { ...process.env, XOM_MODEL_PLANT: name } });
    assert.equal(r.status, 1, r.stdout + r.stderr);
    assert.match(r.stdout, /^seed \d+ on sqlite, step \d+: .*the model says/m);
    if (steps) assert.ok(r.stdout.match(/^ {2}\d+\. /gm)?.length <= steps, r.stdout + r.stderr);
  });
}
