// What somebody wrote is on the page that says why it could not be taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startXom, signIn, report, hidden, words } from '../harness/xom.mjs';

test('a session that ended, a stale token, a case handed on: the words are there to copy', async () => {
  const x = await startXom();
  try {
    const { code } = await report(x, 'song-may', { kind: 'lighting' });
    const officer = await signIn(x, 'song-may', 'ha-tang');
    const page = await officer.get(`/song-may/desk/case/${code}`);
    const seals = { token: hidden(page.text, 'token'), version: hidden(page.text, 'version'), seen: hidden(page.text, 'seen') };
    const note = 'Đã gọi đội sửa chữa, họ hẹn <sáng mai> "7 giờ".';
    const path = `/song-may/desk/case/${code}/note`;

    const stale = await officer.post(path, { ...seals, token: 'x', 'note-text': note });
    assert.equal(stale.status, 403);
    assert.ok(words(stale.text).includes(note), 'a stale token');
    assert.ok(!stale.text.includes('<sáng mai>'), 'escaped');

    const gone = await x.client().post(path, { ...seals, 'note-text': note });
    assert.equal(gone.status, 401);
    assert.ok(words(gone.text).includes(note), 'no session any more');

    const other = await signIn(x, 'song-may', 'ha-tang-2');
    const theirs = await other.get(`/song-may/desk/case/${code}`);
    await other.post(`/song-may/desk/case/${code}/assign`, { token: hidden(theirs.text, 'token'), version: seals.version, seen: seals.seen, 'assign-unit': 'moi-truong', 'assign-reason': 'Việc của tổ môi trường.' });
    const handed = await officer.post(path, { ...seals, 'note-text': note });
    assert.equal(handed.status, 404);
    assert.ok(words(handed.text).includes(note), 'handed to another unit');

    // A resident's form that somebody broke, too; and never a password, a PIN or a sealed field.
    const broken = await x.client().post('/song-may/report/what', { s: 'broken-seal-canary', text: note, go: 'next' });
    assert.equal(broken.status, 403);
    assert.ok(words(broken.text).includes(note) && !broken.text.includes('broken-seal-canary'));
    const secret = await x.client().post('/song-may/sign-out', { login: 'a', password: 'secret-canary', pin: 'pin-canary', code: 'code-canary' });
    assert.ok(!/canary/.test(secret.text));
  } finally { await x.stop(); }
});
