// A day off is declared: first the list of what would move, then it is applied, and each open case tells of it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { report, root, signIn, startXom, until, verb, words } from '../harness/xom.mjs';
import { facts, follow, steps } from '../harness/steps.mjs';
import { addDays, moveTo, today } from '../stats/stats.mjs';

const W = 'song-may';
let x, a, lamp, due, day, file;
const calendar = (...args) => verb(x.data, ['calendar', ...args]);
before(async () => {
  x = await startXom();
  moveTo(x, addDays(today(x), 3));
  a = await signIn(x, W, 'ha-tang');
  lamp = await report(x, W, {});
  await steps(a, lamp.code, ['take']);
  ({ due } = await facts(a, lamp.code));
  // The last day itself becomes a day off.
  day = due;
  file = join(x.data, `vn-${day.slice(0, 4)}.yaml`);
  writeFileSync(file, readFileSync(`${root}/calendars/vn-${day.slice(0, 4)}.yaml`, 'utf8').replace(/^off:\n/m, `off:\n  - ${day}\n`));
});
after(async () => { await x.stop(); });

test('the list changes nothing; applied, the case tells of both dates, and the first one stays', async () => {
  const year = day.slice(0, 4);
  calendar('import', file);
  const version = calendar('list').match(new RegExp(`${year} {2}version (\\d+) {2}proposed`))[1];
  const said = calendar('moves', year, version);
  assert.match(said, new RegExp(`${lamp.code} {2}${due} → \\d{4}-\\d\\d-\\d\\d {2}lighting, ha-tang`));
  assert.match(said, /\d+ open cases? would move/);
  assert.equal((await facts(a, lamp.code)).due, due);
  calendar('confirm', year, version, 'all');
  calendar('confirm', year, version);
  calendar('apply', year, version);
  const moved = said.match(new RegExp(`${lamp.code} {2}${due} → (\\S+)`))[1];
  await until('the case moved', async () => { x.clock.move(1 / 1440); return (await facts(a, lamp.code)).due === moved; });
  const mine = JSON.parse((await (await follow(x, lamp)).get(`/${W}/receipt.json`)).text);
  assert.deepEqual([mine.due, mine.clock.first], [moved, due]);
  const page = words((await (await follow(x, lamp)).get(`/${W}/receipt`)).text);
  const people = (d) => `${d.slice(8)}/${d.slice(5, 7)}/${d.slice(0, 4)}`;
  assert.match(page, new RegExp(`Lịch nghỉ thay đổi: hạn tính lại.*${people(due)} → ${people(moved)}`));
  assert.match(calendar('moves', year, version), /nothing moves/);
  assert.match(verb(x.data, ['calendar', 'moves', year, '99'], { status: 1 }), /there is no version 99/);
});
