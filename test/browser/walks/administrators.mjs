// What administrators see.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { press } from '../browser.mjs';
import { open, signIn, signOut } from './common.mjs';

export async function administering(w) {
  const { page, see } = w;
  await see('rights', 'GET /rights', await open(w, '/rights'));
  await signIn(w, 'quan-tri');
  await see('administration', 'GET /admin', await open(w, '/admin'));
  for (const [name, path, route] of [['who sees what', '/who-sees', 'who-sees'], ['jobs', '/jobs', 'jobs'], ['log', '/log', 'log']])
    await see(name, `GET /admin/${route}`, await open(w, `/admin${path}`));
  const closed = page.locator('main details:not([open]) > summary');
  const unfold = async () => { while (await closed.count()) await closed.first().click(); };
  const send = (form) => press(page, `${form} button[type=submit]`);
  await see('accounts', 'GET /admin/people', await open(w, '/admin/people'), { before: unfold });
  await page.fill('#login', 'không được');
  await page.fill('#name', 'Nguyễn Thị '.repeat(5));
  await see('account, refused', 'POST /admin/people', await send('#add'), { status: 422 });
  await open(w, '/admin/people?words=an-toan');
  await see('an account', 'GET /admin/people/:id', await press(page, '#list tbody a'), { before: unfold });
  await page.fill('#role-from', 'hôm nay');
  await see('a role, refused', 'POST /admin/people/:id', await send('form:has(#role-from)'), { status: 422 });
  await see('units', 'GET /admin/units', await open(w, '/admin/units'), { before: unfold });
  await page.fill('#slug', 'Tổ mới');
  await see('unit, refused', 'POST /admin/units', await send('#add'), { status: 422 });
  await see('a unit', 'GET /admin/units/:slug', await open(w, '/admin/units/ha-tang'), { before: unfold });
  await page.fill('#last', '31/12/2030');
  await see('a unit that is needed', 'POST /admin/units/:slug', await send('form:has(#last)'), { status: 422 });
  await see('kinds', 'GET /admin/procedures', await open(w, '/admin/procedures'), { before: unfold });
  await see('no file', 'POST /admin/procedures', await send('form:has(#definition)'), { status: 422 });
  await page.setInputFiles('#definition', { name: 'lighting.yaml', mimeType: 'text/yaml', buffer: Buffer.from('name: lighting\ncategory: khác\n') });
  await see('a file with faults', 'POST /admin/procedures', await send('form:has(#definition)'), { status: 422 });
  await see('a kind', 'GET /admin/procedures/:kind', await open(w, '/admin/procedures/lighting'), { before: unfold });
  const id = w.x.sql("SELECT id FROM procedure_version WHERE name = 'lighting' LIMIT 1");
  await see('two versions', 'GET /admin/procedures/:kind/compare', await open(w, `/admin/procedures/lighting/compare?from=${id}&to=${id}`));
  await open(w, '/admin/procedures/lighting');
  await unfold();
  await page.fill('#last', '1/1/2020');
  await see('a kind, not withdrawn', 'POST /admin/procedures/:kind', await send('form:has(#last)'), { status: 422 });
  await see('days off', 'GET /admin/calendars', await open(w, '/admin/calendars'));
  await see('a version of days off', 'GET /admin/calendars/:year/:version', await open(w, '/admin/calendars/2027/1'));
  // A day more of the shipped year, confirmed: with several wards its operator applies it.
  const more = join(w.x.data, 'vn-more.yaml');
  writeFileSync(more, readFileSync('calendars/vn-2027.yaml', 'utf8').replace(/^off:$/m, 'off:\n  - 2027-12-08'));
  w.x.verb(['calendar', 'import', more]);
  w.x.verb(['calendar', 'confirm', '2027', '2', 'all']);
  w.x.verb(['calendar', 'confirm', '2027', '2']);
  await see('a confirmed version of days off', 'GET /admin/calendars/:year/:version', await open(w, '/admin/calendars/2027/2'));
  await see('areas', 'GET /admin/areas', await open(w, '/admin/areas'));
  await page.setInputFiles('#areas', 'demo/song-may.geojson');
  await see('areas, drawn', 'POST /admin/areas', await send('form:has(#areas)'));
  await see('who is where', 'GET /admin/nearby', await open(w, '/admin/nearby'));
  await unfold();
  await see('who is where, refused', 'POST /admin/nearby', await send('form:has(#hours)'), { status: 422 });
  await see('receivers', 'GET /admin/receivers', await open(w, '/admin/receivers'));
  await unfold();
  await see('receivers, refused', 'POST /admin/receivers', await send('form:has(#hours)'), { status: 422 });
  await see('settings', 'GET /admin/settings', await open(w, '/admin/settings'));
  await page.fill('#idle_days', '3');
  await see('settings, refused', 'POST /admin/settings', await send('#ward'), { status: 422 });
  await open(w, '/admin');
  await signOut(w);
}
