// The situations of test/report/situations as they are counted, and their answers' ways through the router.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './xom.mjs';

// {doors, situations: [{id, door, hard, set, …}], answers: {id: [answer…]}}; no story.
export const listed = (dir = root) => JSON.parse(execFileSync(join(root, 'tools/situations'), ['--root', dir, 'list'], { encoding: 'utf8' }));

// id → the door that its answers lead to, or why none: all in one run of `xom router walk`.
export function replay(program, { answers }) {
  const ids = Object.keys(answers);
  const run = spawnSync(program, ['--share', root, 'router', 'walk'], { input: ids.map((id) => `${answers[id].join(' ')}\n`).join(''), encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  const doors = run.stdout.split('\n').slice(0, -1);
  if ((run.status !== 0 && run.status !== 1) || doors.length !== ids.length) throw new Error(run.stderr || `xom router walk ended with ${run.status ?? run.signal}`);
  return new Map(ids.map((id, i) => [id, doors[i]]));
}
