// The day for one's own calendar: RFC 5545's basics, and nothing of a case.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startXom, report, words } from '../harness/xom.mjs';

let x;
before(async () => { x = await startXom(); });
after(async () => { await x?.stop(); });

const unfold = (text) => text.replace(/\r\n[ \t]/g, '').split('\r\n');

for (const [lang, title] of [['', 'Xem lại một việc'], ['/en', 'Have a look at something']]) test(`a receipt's day as iCalendar, ${lang || 'vi'}`, async () => {
  const r = await report(x, 'song-may', { street: 'Hẻm 7', text: 'Đèn tắt.' });
  const href = r.page.text.match(/href="(\/song-may\/reminder\/(\d{4})-(\d\d)-(\d\d)\.ics)"/);
  assert.ok(href, 'the receipt as given links it');
  const got = await x.client().get(href[1].replace('/song-may', `/song-may${lang}`));
  assert.equal(got.status, 200);
  assert.match(got.headers.get('content-type'), /^text\/calendar; charset=utf-8$/);
  assert.match(got.headers.get('content-disposition'), /filename="?reminder\.ics/);
  assert.equal(got.headers.get('set-cookie'), null);
  assert.ok(got.text.endsWith('END:VCALENDAR\r\n'));
  assert.doesNotMatch(got.text, /[^\r]\n|\r[^\n]/, 'lines end in CRLF alone');
  for (const line of got.text.split('\r\n')) {
    assert.ok(Buffer.byteLength(line) <= 75, line);
    assert.ok(!line.includes('\ufffd'), 'no letter is cut');
  }
  const lines = unfold(got.text), value = (name) => lines.find((l) => l.startsWith(name))?.slice(name.length);
  const day = href.slice(2).join('');
  assert.deepEqual(lines.filter((l) => /^(BEGIN|END):/.test(l)), ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'BEGIN:VALARM', 'END:VALARM', 'END:VEVENT', 'END:VCALENDAR']);
  assert.equal(value('VERSION:'), '2.0');
  assert.equal(value('DTSTART;VALUE=DATE:'), day);
  const next = new Date(Date.UTC(href[2], href[3] - 1, Number(href[4]) + 1)).toISOString().slice(0, 10).replaceAll('-', '');
  assert.equal(value('DTEND;VALUE=DATE:'), next);
  assert.match(value('DTSTAMP:'), /^\d{8}T\d{6}Z$/);
  const stamp = value('DTSTAMP:').replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z');
  assert.ok(Math.abs(Date.parse(stamp) - Date.now()) < 120e3, 'DTSTAMP is UTC');
  assert.ok(value('UID:').includes('@') && value('PRODID:').length > 3);
  assert.equal(value('SUMMARY:'), title);
  for (const word of [r.code, r.pin, 'Đèn', 'lighting', 'Hẻm', 'Sông Mây']) assert.ok(!got.text.includes(word), word);
});

test('what is no day near by is not there', async () => {
  for (const bad of ['2026-02-30.ics', '1999-01-01.ics', '9999-12-31.ics', '2026-12-01', 'x.ics', '.ics', '2026-12-01.ics.ics', '2026-12-01%0d%0a.ics'])
    assert.equal((await x.client().get(`/song-may/reminder/${bad}`)).status, 404, bad);
});

test('the opened receipt has it, too, and who lost the receipt is told what to do', async () => {
  const r = await report(x, 'song-may', {});
  const c = x.client();
  await c.post('/song-may/follow', { code: r.code, pin: r.pin });
  assert.match((await c.get('/song-may/receipt')).text, /\/song-may\/reminder\/\d{4}-\d\d-\d\d\.ics/);
  assert.match((await c.get('/song-may/follow')).text, /href="\/song-may\/lost"/);
  const lost = await c.get('/song-may/lost');
  assert.match(words(lost.text), /Đến quầy của phường/);
  assert.doesNotMatch(lost.text, /<input[^>]*type="(text|email)"/, 'it asks for nothing');
});
