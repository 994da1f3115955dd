// The ward to learn in: a frame of its own, fresh cases, tasks that know what was really done.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, databaseLine, hidden, signIn, startXom, tempDir, verb, words } from '../harness/xom.mjs';

test('a new officer finds twelve tasks, does one, and sees it done; in other wards there are none', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'settings.yaml'), `media_program: ${join(build, 'src/xom-media/xom-media')}\n${databaseLine(dir)}`);
  const settings = ['--settings', join(dir, 'settings.yaml')];
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo', '--practice'], { settings }));
  assert.match(verb(dir, ['demo', '--practice', '5'], { settings, status: 2 }), /usage/);
  const x = await startXom({ data: dir });
  const real = await startXom();
  try {
    const c = await signIn(x, '', 'ha-tang'); // one ward alone has no part of its own in addresses
    const first = (await c.get('/desk/practice')).text;
    assert.equal([...first.matchAll(/<li class="x-practice__task/g)].length, 12);
    assert.match(first, /class="[^"]*x-practice-ward/);
    assert.match(words(first), /Đã xong 0 trên 12 bài/);
    // A task calls things what the pages call them.
    const tasks = words(first), desk = words((await c.get('/desk')).text);
    assert.doesNotMatch(tasks, /[{}]/);
    for (const name of ['Mới, chưa ai làm', 'Của tôi', 'Đã xong', 'Nhập tin tại quầy']) {
      assert.ok(desk.includes(name), name);
      assert.ok(tasks.includes(`"${name}"`) || tasks.includes(`&quot;${name}&quot;`), name);
    }
    assert.match((await x.client().get('/')).text, /x-practice-ward/, 'residents see the frame, too');
    const queue = (await c.get('/desk?queue=new')).text;
    const code = queue.match(/\/desk\/case\/([A-Z0-9-]+)/)[1];
    const page = (await c.get(`/desk/case/${code}`)).text;
    const taken = await c.post(`/desk/case/${code}/take`, { token: hidden(page, 'token'), version: hidden(page, 'version'), seen: hidden(page, 'seen') });
    assert.equal(taken.status, 303);
    const after = (await c.get('/desk/practice')).text;
    assert.match(words(after), /Đã xong 1 trên 12 bài/);
    assert.match(words((await c.get('/en/desk/practice')).text), /1 of 12 done/);
    // A colleague's list is their own; who doesn't work cases has none; nor has any real ward.
    assert.match(words((await (await signIn(x, '', 'ha-tang-2')).get('/desk/practice')).text), /Đã xong 0 trên 12 bài/);
    assert.equal((await (await signIn(x, '', 'quan-tri')).get('/desk/practice')).status, 404);
    assert.equal((await (await signIn(real, 'song-may', 'ha-tang')).get('/song-may/desk/practice')).status, 404);
    assert.doesNotMatch((await real.client().get('/song-may/')).text, /x-practice-ward/);
  } finally {
    await x.stop(); await real.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
