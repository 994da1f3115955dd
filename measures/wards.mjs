// The wards that measures of size run on: 10,000 and 1,000,000 cases, as many of them open in both.
// Seeded once (`xom test-seed`), under measures/data, then copied for each measure.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { data, idle, serve, sleep, xom } from './lib.mjs';

export const WARD = 'song-may', OPEN = 5000, SIZES = { small: 10_000, large: 1_000_000 };
const media = join(process.cwd(), 'build/run/src/xom-media/xom-media');

// What a served ward has done by itself: changes of the counts are folded.
async function settle(dir) {
  const x = await serve({ data: dir });
  for (let i = 0; i < 600 && execFileSync('sqlite3', [join(dir, 'xom.db'), 'SELECT count(*) FROM case_delta'], { encoding: 'utf8' }).trim() !== '0'; i++) await sleep(1000);
  await idle(x.child.pid, 20);
  await x.stop();
}

// A data set is made anew when the schema is another one.
export async function dataSet(size, schema) {
  const dir = join(data, `cases-${size}`), stamp = join(dir, 'stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === schema) return dir;
  console.log(`making ${size} cases (once) …`);
  const making = `${dir}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const settings = join(making, 'settings.yaml');
  writeFileSync(settings, `media_program: ${media}\n`);
  const run = (...args) => execFileSync(xom.binary, ['--settings', settings, '--data', making, '--share', xom.root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  writeFileSync(join(making, 'demo.txt'), run('demo'));
  run('test-seed', WARD, String(size), String(OPEN));
  await settle(making);
  writeFileSync(join(making, 'stamp'), schema);
  rmSync(dir, { recursive: true, force: true });
  renameSync(making, dir);
  return dir;
}

// What the schema is now: a data set of another one is made anew.
export async function schemaNow() {
  const probe = await serve();
  await probe.kill();
  return createHash('sha256').update(execFileSync('sqlite3', [join(probe.data, 'xom.db'), "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'fts%' ORDER BY name"])).digest('hex').slice(0, 16);
}

// memory: the copy lies there, where a disk that stalls by itself would be all that is measured.
export async function copyOf(size, schema, { memory = false } = {}) {
  const from = await dataSet(size, schema), dir = join(memory ? '/dev/shm' : process.env.XOM_TMP, memory ? `xom-${process.pid}` : `cases-${size}`);
  cpSync(from, dir, { recursive: true });
  execFileSync('sync', ['-f', dir]);   // else the first commits wait for gigabytes
  return dir;
}
