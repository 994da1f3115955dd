// The ward to learn in, looked at: its frame, its tasks, and a learner's first ones as the page tells them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, build, databaseLine, hidden, signIn, startXom, tempDir, until, verb } from '../harness/xom.mjs';
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

// One ward alone: its administrator applies a calendar. A day off is added on which cases are due.
for (const lang of whole ? ['vi', 'en'] : ['vi'])
  test(`what a calendar moves, before and after it is applied, ${lang}, without JavaScript`, async () => {
    const { context, page } = await openPage(browser, x, { js: false });
    const bench = await axeBench(browser);
    try {
      const admin = await signIn(x, '', 'quan-tri'), token = hidden((await admin.get('/admin/calendars')).text, 'token');
      const due = x.sql('SELECT due_at FROM ward_case WHERE open = 1 AND listed = 0 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1');
      const day = new Date(Number(BigInt(due) / 1000n) - 1 + 7 * 3600e3).toISOString().slice(0, 10);
      const place = (await admin.post('/admin/calendars/copy', { token, year: day.slice(0, 4) })).headers.get('location').split('?')[0];
      const answers = async () => Object.fromEntries([...(await admin.get(place)).text.matchAll(/name="(day-[\d-]+)"/g)].map((m) => [m[1], 'yes']));
      for (const form of [{ do: 'add', day, kind: 'off', name: 'Ngày nghỉ bù', decision: '99/TB-BNV' }, { do: 'answer', ...await answers() }, { do: 'confirm' }])
        assert.equal((await admin.post(place, { token, ...form })).status, 303, form.do);
      const prefix = lang === 'vi' ? '' : `/${lang}`;
      await follow(page, () => page.goto(`${x.url}${prefix}/sign-in?to=${prefix}${place}`));
      await page.fill('input[name=login]', 'quan-tri');
      await page.fill('input[name=password]', PASSWORD);
      await press(page, 'main form button');
      await follow(page, () => page.goto(`${x.url}${prefix}${place}`));
      const look = async (name) => {
        const wrong = [...await frame(page, lang)];
        for (const { width } of [PHONE, DESK, { width: 320 }]) {
          wrong.push(...await layout(page, width));
          if (shots) await page.screenshot({ path: `${shots}/${lang}-${width}-${name}.png`, fullPage: true });
        }
        wrong.push(...await bench.run(page, [PHONE.width, DESK.width]));
        assert.deepEqual(wrong, [], name);
      };
      assert.ok(await page.locator('#moves tbody tr').count() > 0);
      await look('moves');
      await press(page, 'form:has(input[name=mark]) button');
      assert.equal(await page.locator('#moving').count(), 1);
      await until('all moved', async () => /Đã dời xong/.test((await admin.get(place)).text));
      await follow(page, () => page.goto(`${x.url}${prefix}${place}`));
      await look('moved');
    } finally { await bench.close(); await context.close(); }
  });
