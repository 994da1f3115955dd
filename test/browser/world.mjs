// Cases in every state, made over HTTP before the pages are looked at.
import { hidden, report, signIn } from '../harness/xom.mjs';

export const WARD = 'song-may';

// A step of a case as an officer's form sends it.
export async function act(officer, code, verb, fields = {}, files = []) {
  const page = (await officer.get(`/${WARD}/desk/case/${code}`)).text;
  const form = new FormData();
  for (const name of ['token', 'version', 'seen']) form.set(name, hidden(page, name));
  for (const [k, v] of Object.entries(fields)) for (const one of [v].flat()) form.append(k, one);
  for (const [field, bytes] of files) form.append(field, new Blob([bytes], { type: 'image/jpeg' }), 'anh.jpg');
  const r = await officer.post(`/${WARD}/desk/case/${code}/${verb}`, files.length ? form : Object.fromEntries(form));
  if (r.status !== 303) throw new Error(`${verb} of ${code}: ${r.status}`);
  return r;
}

// The receipt of a case, opened; `verb` sends one of its forms.
export async function resident(x, { code, pin }, verb, fields = {}) {
  const c = x.client();
  const opened = await c.post(`/${WARD}/follow`, { code, pin }, { follow: true });
  const r = await c.post(`/${WARD}/receipt/${verb}`, { s: hidden(opened.text, 's'), ...fields });
  if (r.status !== 303 && r.status !== 200) throw new Error(`${verb} of ${code}: ${r.status}`);
}

export async function makeWorld(x, jpeg) {
  // Three weeks ago: nobody has looked at it since.
  x.clock.move(-21);
  const late = await report(x, WARD, { text: 'Đèn đầu hẻm tắt đã lâu.', street: 'Hẻm 7 Bến Sông Mây' });
  x.clock.set(0);
  const officer = await signIn(x, WARD, 'ha-tang');
  const photos = [{ bytes: jpeg }];
  const make = (text, more = {}) => report(x, WARD, { text, street: 'Hẻm 7 Bến Sông Mây', landmark: 'trước cửa Chợ Cầu Ván', ...more });
  const cases = {
    received: await make('Đèn đường trước cửa chợ tắt từ tối qua.', { photos }),
    taken: await make('Đèn chập chờn.'),
    asked: await make('Đèn tắt ở khúc cua.', { photos }),
    released: await make('Cột đèn nghiêng, nhà bác Tư sợ đổ.', { photos }),
    withheld: await make('Nắp điện ở chân cột bị hở.'),
    closed: await make('Đèn hẻm tắt.', { photos }),
    solved: await make('Đèn cầu tắt.'),
    withdrawn: await make('Đèn tắt, nhưng tối nay sáng lại rồi.'),
    late,
    noise: await report(x, WARD, { kind: 'noise', text: 'Hát karaoke tới khuya.' }),
  };
  const { code } = cases.taken;
  await act(officer, code, 'take');
  await act(officer, code, 'note', { 'note-text': 'Đã gọi đội sửa chữa.' });
  await act(officer, cases.asked.code, 'take');
  await act(officer, cases.asked.code, 'ask', { 'ask-text': 'Cột số mấy, gần nhà ai?' });
  await act(officer, cases.released.code, 'take');
  const page = (await officer.get(`/${WARD}/desk/case/${cases.released.code}`)).text;
  await act(officer, cases.released.code, 'release', { 'release-text': 'Một cột đèn ở đầu hẻm bị nghiêng.', release: page.match(/name="release" value="(\d+)"/)[1] });
  await act(officer, cases.withheld.code, 'withhold', { 'withhold-reason': 'Lời kể chỉ ra một nhà.' });
  for (const name of ['closed', 'solved']) {
    await act(officer, cases[name].code, 'take');
    await act(officer, cases[name].code, 'close', { 'close-outcome': 'mended', 'close-text': 'Đã thay bóng và sửa dây.' }, [['close-photos', jpeg]]);
  }
  await resident(x, cases.solved, 'solved');
  await resident(x, cases.withdrawn, 'withdraw');
  for (const c of Object.values(cases)) {
    const seen = c === cases.noise ? null : (await officer.get(`/${WARD}/desk/case/${c.code}`)).text;
    c.publicCode = seen?.match(/\/case\/([A-Z0-9-]+-P-[A-Z0-9]+)"/)?.[1];
  }
  return { officer, cases };
}

// The paper list of today of every unit, as the job makes it at the ward's hour; gives the day.
export function paperOf(x) {
  const now = Date.now() + Number(x.clock.us) / 1000, day = Math.floor((now + 7 * 3600e3) / 86400e3);
  x.sql(`DELETE FROM paper_row; DELETE FROM paper_list; INSERT INTO paper_list (ward_id, unit_id, day, made_at) SELECT ward_id, id, ${day}, ${Math.floor(now * 1000)} FROM unit;
    INSERT INTO paper_row SELECT ward_id, unit_id, ${day}, ROW_NUMBER() OVER (PARTITION BY ward_id, unit_id ORDER BY sort_at, id), id, state, due_at FROM ward_case WHERE open = 1`);
  return new Date(day * 86400e3).toISOString().slice(0, 10);
}
