// spot: what "settled on the spot", with a photo, costs a thumb, from opening the khu vực's page to its being noted:
// every press, the camera's picture counted as one. Played in the browser with and without JavaScript; the larger counts.
import { results, serve, block } from './lib.mjs';
import { launch, makeJpeg, openPage, photo } from '../test/browser/browser.mjs';
import { PASSWORD, report } from '../test/harness/xom.mjs';

export async function spot({ quick }) {
  const x = await serve();
  const browser = await launch();
  const runs = [];
  try {
    const jpeg = await makeJpeg(browser, { width: 1200, height: 900 });
    const area = x.sql("SELECT h.area_id FROM area_head h JOIN account a ON a.id = h.account_id WHERE a.login = 'truong-kv'");
    for (const js of [false, true]) {
      const steps = [], r = await report(x, 'song-may', { kind: 'rubbish', area, street: 'Hẻm 7', text: 'Rác sau chợ.' });
      const { page, context } = await openPage(browser, x, { js });
      await page.goto(`${x.url}/song-may/sign-in`);
      await page.fill('input[name=login]', 'truong-kv');
      await page.fill('input[name=password]', PASSWORD);
      await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
      const card = page.locator(`#c-${r.code}`);
      await page.goto(`${x.url}/song-may/desk/my-area`);
      steps.push('press the matter');
      await card.locator('> summary').click();
      steps.push('press "take a photo"', 'take it');
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), card.locator('.x-area__photo').click()]);
      await chooser.setFiles(photo(jpeg));
      steps.push('press "settled on the spot"');
      await Promise.all([page.waitForEvent('load'), card.locator('.x-area__done').click({ noWaitAfter: true })]);
      // Honest: it waits to be done, with its photo.
      const there = x.sql(`SELECT count(*) FROM pending_photo q JOIN pending_move p ON p.id = q.pending_id JOIN ward_case c ON c.id = p.case_id WHERE c.code = '${r.code}' AND p.verb = 'settle'`);
      if (there !== '1') throw new Error(`it was not noted with its photo, JavaScript ${js ? 'on' : 'off'}`);
      runs.push(steps);
      await context.close();
    }
  } finally {
    await browser.close();
    await x.stop();
  }
  const n = Math.max(...runs.map((s) => s.length));
  results('spot', { title: 'Presses from opening the khu vực\'s page to "settled on the spot" with a photo, on a phone.',
    figure: String(n), reach: '≤ 5', good: n <= 5, command: `./bench spot${quick ? ' --quick' : ''}`,
    facts: ['played in Chromium with scripts off and on; what was noted waits with its photo',
      'a camera that asks whether the picture is good adds one press', block(runs[0])], keep: !quick });
  return String(n);
}
