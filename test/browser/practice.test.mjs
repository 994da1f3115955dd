// The ward to learn in, looked at: its frame, its tasks, and a learner's first ones as the page tells them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, build, databaseLine, startXom, tempDir, verb } from '../harness/xom.mjs';
import { DESK, PHONE, follow, launch, openPage, press, whole } from './browser.mjs';
import { axeBench, frame, layout } from './looks.mjs';

const shots = process.env.XOM_SHOTS;
let browser, x, dir;
before(async () => {
  dir = tempDir();
  writeFileSync(join(dir, 'settings.yaml'), `media_program: ${join(build, 'src/xom-media/xom-media')}\n${databaseLine(dir)}`);
  writeFileSync(join(dir, 'demo.txt'), verb(dir, ['demo', '--practice'], { settings: ['--settings', join(dir, 'settings.yaml')] }));
  x = await startXom({ data: dir });
  browser = await launch();
});
after(async () => { await browser?.close(); await x?.stop(); rmSync(dir, { recursive: true, force: true }); });

for (const lang of whole ? ['vi', 'en'] : ['vi'])
  test(`the learner's tasks, ${lang}, without JavaScript`, async () => {
    const { context, page } = await openPage(browser, x, { js: false });
    const bench = await axeBench(browser);
    try {
      const prefix = lang === 'vi' ? '' : `/${lang}`;
      await follow(page, () => page.goto(`${x.url}${prefix}/sign-in?to=${prefix}/desk/practice`));
      await page.fill('input[name=login]', 'ha-tang');
      await page.fill('input[name=password]', PASSWORD);
      await press(page, 'main form button');
      await follow(page, () => page.goto(`${x.url}${prefix}/desk/practice`));
      const wrong = [...await frame(page, lang)];
      for (const { width } of [PHONE, DESK, { width: 320 }]) {
        wrong.push(...await layout(page, width));
        if (shots) await page.screenshot({ path: `${shots}/${lang}-${width}-practice.png`, fullPage: true });
      }
      wrong.push(...await bench.run(page, [PHONE.width, DESK.width]));
      assert.deepEqual(wrong, []);
      // The first task leads to a queue with something in it.
      await press(page, '.x-practice__task a');
      assert.ok(await page.locator('a[href*="/desk/case/"]').count() > 0, 'nothing to practise on');
    } finally { await context.close(); await bench.close(); }
  });
