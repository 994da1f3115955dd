// The situations that measure the router: what they are, their answers' ways, the sheet without doors. Nothing of a
// story may stand in a failure: some of them stay unread.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, root, tempDir } from '../harness/xom.mjs';
import { listed, replay } from '../harness/situations.mjs';

const all = listed();
const counts = (list) => list.reduce((n, { door }) => ({ ...n, [door]: (n[door] ?? 0) + 1 }), {});
const tool = (...args) => spawnSync(join(root, 'tools/situations'), args, { encoding: 'utf8' });

test('200 situations of the router\'s doors, 20 or more each, half of them hard', () => {
  const { doors, situations: list } = all;
  assert.equal(doors.length, 9);
  assert.equal(new Set(list.map((s) => s.id)).size, 200);
  assert.deepEqual([list.filter((s) => s.set === 'open').length, list.filter((s) => s.set === 'held').length], [140, 60]);
  assert.ok(list.every((s) => /^s\d{3}$/.test(s.id) && s.told && s.why && typeof s.hard === 'boolean'));
  const by = counts(list), hard = counts(list.filter((s) => s.hard)), held = counts(list.filter((s) => s.set === 'held'));
  assert.deepEqual(Object.keys(by).sort(), doors.filter((d) => d !== 'unsure').sort());
  for (const door of Object.keys(by)) {
    assert.ok(by[door] >= 20, door);
    assert.ok(hard[door] * 2 >= by[door], `${door}: ${hard[door]} of ${by[door]} are hard`);
    assert.ok(held[door] >= 7, door);
  }
});

test('each answer reaches a door', () => {
  const ids = new Set(all.situations.map((s) => s.id)), answered = Object.keys(all.answers);
  for (const id of answered) assert.ok(ids.has(id), id);
  if (answered.length > 0) assert.equal(answered.length, 200, 'one for each, or none yet');
  const reached = replay(binary, all);
  for (const id of answered) assert.ok(all.doors.includes(reached.get(id)), `${id}: ${reached.get(id)}`);
});

test('the sheet has every story and no door', () => {
  const r = tool('sheet', 'all');
  assert.equal(r.status, 0);
  const sheet = r.stdout.replace(/\nStories\n[^]*/, ''), stories = [...r.stdout.matchAll(/^(s\d{3}): \S/gm)].map((m) => m[1]);
  assert.deepEqual(stories.sort(), all.situations.map((s) => s.id).sort());
  for (const door of all.doors) assert.ok(!new RegExp(`\\b${door}\\b`).test(sheet.split('\n').filter((l) => /^\s+[a-p]\)|^Question/.test(l)).join('\n')), door);
  assert.match(sheet, /^# Questions [0-9a-f]{12}\n/);
  assert.match(sheet, /^Question 1\. .*\n(?: .*\n)*? {3}a\) .* → end$/m);
  for (const [, n] of sheet.matchAll(/→ question (\d+)/g)) assert.match(sheet, new RegExp(`^Question ${n}\\. `, 'm'));
  assert.ok(!/^\s*(?:door|why|hard):/m.test(r.stdout), 'only the story');
  assert.equal(tool('sheet', 'held').stdout.match(/^s\d{3}: /gm).length, 60);
  assert.equal(tool('sheet', 'half').status, 2);
});

test('answers are taken once, and only those that the questions have', () => {
  const dir = tempDir(), folder = join(dir, 'test/report/situations'), sheet = join(dir, 'sheet');
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of ['open.yaml', 'held.yaml']) cpSync(join(root, 'test/report/situations', name), join(folder, name));
    cpSync(join(root, 'procedures/router.yaml'), join(dir, 'procedures/router.yaml'));
    const head = tool('--root', dir, 'sheet', 'open').stdout.split('\n')[0];
    const take = (...lines) => { writeFileSync(sheet, `${lines.join('\n')}\n`); return tool('--root', dir, 'take', sheet); };
    const id = all.situations[0].id;
    const wrong = take(`${id}: a`, 's999: a', `${id}: p`, `${all.situations[1].id}: c`, `${all.situations[2].id}: a a`, `${id}: a`, `${id} a`);
    assert.equal(wrong.status, 1);
    for (const why of [/sheet:1: .* is wanted here/, /sheet:2: there is no situation s999/, /sheet:3: .* stands here twice/, /sheet:4: question 2 is not answered/, /sheet:5: "a" comes after the end/, /sheet:6: .* stands here twice/, /sheet:7: not an id/])
      assert.match(wrong.stderr, why);
    assert.match(take(head, `${id}: p`).stderr, /sheet:2: question 1 has no answer "p"/);
    assert.ok(!existsSync(join(folder, 'answers.yaml')), 'nothing of what was refused is kept');
    assert.equal(take(head, '# a remark', `${id}: c b a`).stdout, '1 new, 1 answered of 200\n');
    const again = take(head, `${id}: a`);
    assert.equal(again.status, 1);
    assert.match(again.stderr, new RegExp(`sheet:2: ${id} was answered: `));
    assert.match(readFileSync(join(folder, 'answers.yaml'), 'utf8'), new RegExp(`^${id}: \\[\\w+, \\w+, \\w+\\]$`, 'm'));
    const one = listed(dir);
    assert.equal(replay(binary, one).get(id), 'complaint');
    assert.equal(replay(binary, { ...one, answers: { [id]: ['nowhere'] } }).get(id), '- no such answer here: nowhere');
  } finally { rmSync(dir, { recursive: true, force: true }); }
});
