// Two wards on one server: whatever is guessed or carried over from the other one (codes, public codes,
// photos, ids, cookies, seals, links, accounts) is answered like something that was never there.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { hidden, signIn, PASSWORD } from '../harness/xom.mjs';
import { act, copyOf, everybody, login, must, opened, photoNames, png, reported, startWorld, tokenOf } from './world.mjs';

let x;
const wards = {};

async function fill(slug) {
  const w = { slug, people: await everybody(x, slug), words: slug === 'song-may' ? 'Cò lửa đậu đèn' : 'Vạc xám đậu đèn' };
  w.case = await reported(x, slug, { text: w.words, street: `Hẻm ${slug}`, photos: [{ bytes: png(64, [], slug.length), name: 'a.png' }] });
  await must(act(w.people.handler, slug, w.case.code, 'take'));
  await must(act(w.people.handler, slug, w.case.code, 'ask', { 'ask-text': 'Trụ mấy?' }));
  const html = (await w.people.handler.get(`/${slug}/desk/case/${w.case.code}`)).text;
  w.photo = photoNames(html)[0];
  w.attachment = html.match(/name="release" value="(\d+)"/)[1];
  w.public = html.match(/\/case\/([A-Z]{2}-P-[^"]+)"/)[1];
  w.area = html.match(/name="correct-area"[\s\S]*?<option value="(\d{5,})"/)[1];
  w.people.reporter = await opened(x, slug, w.case);
  w.token = await tokenOf(w.people.handler, slug);
  w.invite = x.verb(['user', 'link', '--ward', slug, '--login', login(slug, 'chair')]).match(/\/invite\/(\S+)/)[1];
  w.seal = hidden((await x.client().get(`/${slug}/report`)).text, 's');
  w.receiptSeal = hidden((await w.people.reporter.get(`/${slug}/receipt`)).text, 's');
  w.timeline = async () => JSON.parse((await w.people.handler.get(`/${slug}/desk/case/${w.case.code}.json`)).text).timeline.length;
  return w;
}

before(async () => {
  x = await startWorld();
  for (const slug of ['song-may', 'rach-truc']) wards[slug] = await fill(slug);
});
after(async () => { await x?.stop(); });

// What the answer may differ in from that to something nobody ever made.
const bare = (html, ...names) => names.reduce((t, n) => t.replaceAll(n, '#').replaceAll(encodeURIComponent(n), '#'), html).replace(/name="(token|s)" value="[^"]*"/g, '');
const NEVER = { code: (p) => `${p}-26-00000-0`, photo: '00000000000000000000000000000000', public: (p) => `${p}-P-0000000` };

for (const [here, there] of [['song-may', 'rach-truc'], ['rach-truc', 'song-may']]) {
  const side = () => [wards[here], wards[there]];

  test(`${here}: addresses of ${there} are addresses of nothing, as every role`, async () => {
    const [own, other] = side(), wrong = [];
    const never = NEVER.public(own.public.slice(0, 2));
    const addresses = [
      [`/desk/case/${other.case.code}`, `/desk/case/${NEVER.code('SM')}`],
      [`/desk/case/${other.case.code}.json`, `/desk/case/${NEVER.code('SM')}.json`],
      [`/desk/case/${other.case.code}.csv`, `/desk/case/${NEVER.code('SM')}.csv`],
      [`/desk/case/${other.case.code}/photo/${other.photo}`, `/desk/case/${NEVER.code('SM')}/photo/${NEVER.photo}`],
      [`/desk/case/${own.case.code}/photo/${other.photo}`, `/desk/case/${own.case.code}/photo/${NEVER.photo}`],
      [`/desk/case/${own.case.code}/photo/${other.photo}?thumb=1`, `/desk/case/${own.case.code}/photo/${NEVER.photo}?thumb=1`],
      [`/case/${other.public}`, `/case/${never}`],
      [`/case/${other.public}.json`, `/case/${never}.json`],
      [`/case/${other.public}/photo/${other.photo}`, `/case/${never}/photo/${NEVER.photo}`],
      [`/case/${own.public}/photo/${other.photo}`, `/case/${own.public}/photo/${NEVER.photo}`],
      [`/receipt/photo/${other.photo}`, `/receipt/photo/${NEVER.photo}`],
    ];
    for (const [role, client] of Object.entries(own.people)) for (const lang of ['', '/en']) for (const [guessed, nothing] of addresses) {
      const a = await copyOf(client).get(`/${here}${lang}${guessed}`), b = await copyOf(client).get(`/${here}${lang}${nothing}`);
      const names = [other.case.code, other.public, other.photo, own.case.code, own.public, NEVER.code('SM'), never, NEVER.photo];
      const denied = a.status === 404 || a.status === 401 || (a.status === 303 && /\/(sign-in\?|follow$)/.test(a.location));
      if (!denied || a.status !== b.status || bare(a.text, ...names) !== bare(b.text, ...names) || a.text.includes(other.words))
        wrong.push(`${lang}${guessed} as ${role}: ${a.status} ${a.location ?? ''}, of nothing ${b.status}`);
    }
    assert.deepEqual(wrong, []);
    // And the test is not blind: the same addresses are good at home.
    assert.equal((await other.people.handler.get(`/${there}/desk/case/${other.case.code}/photo/${other.photo}`)).status, 200);
    assert.equal((await x.client().get(`/${there}/case/${other.public}`)).status, 200);
  });

  test(`${here}: steps sent to a case of ${there} are 404 and change nothing`, async () => {
    const [own, other] = side(), wrong = [], was = await other.timeline();
    for (const verb of ['take', 'ask', 'note', 'assign', 'correct', 'photo', 'release', 'unrelease', 'withhold', 'unwithhold', 'explain', 'pause', 'resume', 'extend', 'merge', 'unmerge', 'split', 'close']) {
      for (const role of ['handler', 'oversight']) {
        const token = await tokenOf(own.people[role], here);
        const r = await own.people[role].post(`/${here}/desk/case/${other.case.code}/${verb}`,
          { token, version: '3', seen: '3', 'ask-text': 'x', 'note-text': 'x', 'explain-text': 'x', 'pause-text': 'x', 'extend-text': 'x', 'close-text': 'x', 'close-outcome': 'mended', 'release-text': 'x', 'withhold-reason': 'x', 'unrelease-reason': 'x', 'unwithhold-reason': 'x', 'assign-unit': 'moi-truong', 'assign-reason': 'x', 'merge-code': own.case.code, 'merge-reason': 'x', 'unmerge-reason': 'x', 'split-reason': 'x' });
        if (r.status !== 404) wrong.push(`${verb} as ${role}: ${r.status}`);
      }
      // The other ward's address, with this ward's session and token: nobody is signed in there.
      const r = await own.people.handler.post(`/${there}/desk/case/${other.case.code}/${verb}`, { token: own.token, version: '3', seen: '3', 'note-text': 'x' });
      if (r.status !== 401) wrong.push(`${verb} with a session of ${here}: ${r.status}`);
    }
    assert.deepEqual(wrong, []);
    assert.equal(await other.timeline(), was);
  });

  test(`${here}: sessions, receipts and seals of ${there} open nothing`, async () => {
    const [own, other] = side();
    for (const role of Object.keys(other.people).filter((r) => r !== 'nobody' && r !== 'reporter')) {
      const r = await copyOf(other.people[role]).get(`/${here}/desk/sessions`);
      assert.ok(r.status === 303 && r.location.includes('/sign-in'), `${role}: ${r.status}`);
    }
    const receipt = await copyOf(other.people.reporter).get(`/${here}/receipt`);
    assert.ok(receipt.status === 303 && receipt.location.endsWith('/follow'));
    assert.ok(!receipt.text.includes(other.words));
    const sealed = await x.client().post(`/${here}/report/kind`, { s: other.seal, kind: 'lighting', go: 'next' });
    assert.ok([400, 403, 409, 410, 422].includes(sealed.status), `a form of the other ward: ${sealed.status}`);
    assert.equal((await x.client().post(`/${here}/report/kind`, { s: own.seal, kind: 'lighting', go: 'next' })).status, 200);
    // The other receipt's seal with this receipt's cookie, and the other way round.
    const was = await other.timeline(), mine = await own.timeline();
    for (const verb of ['withdraw', 'solved', 'answer']) {
      const a = await copyOf(own.people.reporter).post(`/${here}/receipt/${verb}`, { s: other.receiptSeal, answer: 'x' });
      assert.ok(a.status >= 400, `${verb} with the other seal: ${a.status}`);
      const b = await copyOf(other.people.reporter).post(`/${here}/receipt/${verb}`, { s: own.receiptSeal, answer: 'x' });
      assert.ok(b.status >= 400, `${verb} with the other cookie: ${b.status}`);
      const c = await copyOf(other.people.reporter).post(`/${here}/receipt/${verb}`, { s: other.receiptSeal, answer: 'x' });
      assert.ok(c.status >= 400, `${verb} with both: ${c.status}`);
    }
    assert.equal(await other.timeline(), was);
    assert.equal(await own.timeline(), mine);
  });

  test(`${here}: codes, links, passwords and one-time links of ${there} are wrong ones`, async () => {
    const [, other] = side();
    const typed = await x.client().post(`/${here}/follow`, { code: other.case.code, pin: other.case.pin });
    assert.ok([403, 422].includes(typed.status), `${typed.status}`);
    const link = await x.client().get(`/${here}/r/${other.case.link}`), unknown = await x.client().get(`/${here}/r/${'A'.repeat(other.case.link.length)}`);
    assert.ok(link.status >= 400 || link.location?.endsWith('/follow'), `${link.status} ${link.location}`);
    assert.equal(link.status, unknown.status);
    assert.equal(link.headers.getSetCookie().length, 0);
    const denied = await x.client().post(`/${here}/sign-in`, { login: login(there, 'oversight'), password: PASSWORD, to: '' });
    assert.equal(denied.status, 403);
    assert.equal(denied.headers.getSetCookie().length, 0);
    const invite = await x.client().get(`/${here}/invite/${other.invite}`), none = await x.client().get(`/${here}/invite/${'A'.repeat(other.invite.length)}`);
    assert.ok(invite.status >= 400, `a one-time link of the other ward: ${invite.status}`);
    assert.equal(invite.status, none.status);
    const set = await x.client().post(`/${here}/invite/${other.invite}`, { password: 'mat-khau-moi-toanh', again: 'mat-khau-moi-toanh' });
    assert.ok(set.status >= 400, `setting a password by it: ${set.status}`);
    assert.equal((await x.client().get(`/${there}/invite/${other.invite}`)).status, 200);
  });

  test(`${here}: ids of ${there} in forms and filters are unknown`, async () => {
    const [own, other] = side();
    let page = await x.client().get(`/${here}/report`);
    page = await x.client().post(`/${here}/report/kind`, { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
    const where = await x.client().post(`/${here}/report/where`, { s: hidden(page.text, 's'), area: other.area, street: '', landmark: '', lat: '', lon: '', go: 'next' });
    assert.equal(where.status, 422);
    const moved = await act(own.people.handler, here, own.case.code, 'correct', { 'correct-kind': 'lighting', 'correct-area': other.area, 'correct-street': 'X', 'correct-landmark': '', 'correct-reason': 'y' });
    assert.equal(moved.status, 422);
    const shown = await act(own.people.handler, here, own.case.code, 'release', { 'release-text': 'Đèn.', release: other.attachment });
    assert.ok(shown.status >= 400, `releasing a photo of the other ward: ${shown.status}`);
    assert.equal(photoNames((await x.client().get(`/${here}/case/${own.public}`)).text).length, 0);
    assert.equal(photoNames((await x.client().get(`/${there}/case/${other.public}`)).text).length, 0);
    for (const query of [`queue=unit&area=${other.area}`, `queue=unit&words=${encodeURIComponent(other.words.slice(0, 6))}`, `queue=new&words=${other.case.code}`]) {
      const list = await own.people.handler.get(`/${here}/desk?${query}`, { follow: true });
      assert.ok(!list.text.includes(other.words) && !list.text.includes(`href="/${here}/desk/case/${other.case.code}`), query);
    }
    const theirs = await signIn(x, there, login(there, 'handler'));
    const id = (await theirs.get(`/${there}/desk/sessions`)).text.match(/name="id" value="(\d+)"/)[1];
    const ended = await own.people.handler.post(`/${here}/desk/sessions/end`, { token: own.token, id });
    assert.equal(ended.status, 404);
    for (const end of ['', '.json', '.csv']) {
      const list = (await x.client().get(`/${here}/cases${end}`)).text;
      assert.ok(!list.includes(other.public) && list.includes(own.public), `/cases${end}`);
    }
  });
}
