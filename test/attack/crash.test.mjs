// What once ended the program or stopped it for everybody: each request that did it stays here.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startXom, hidden, tempDir, report } from '../harness/xom.mjs';

// Sends bytes and gives what comes back until the other side ends or `ms` have passed.
function raw(x, bytes, ms = 5000) {
  return new Promise((done) => {
    let got = '';
    const s = connect(x.port, 'localhost', () => s.write(bytes));
    const end = () => { s.destroy(); done(got); };
    const timer = setTimeout(end, ms);
    s.on('data', (d) => { got += d.toString('latin1'); if (/\r\n\r\n/.test(got)) { clearTimeout(timer); end(); } });
    s.on('error', () => { clearTimeout(timer); done(got); });
    s.on('close', () => { clearTimeout(timer); done(got); });
  });
}

test('a multipart body whose headers have a thousand parameters does not outgrow the request', async () => {
  const x = await startXom();
  const part = `--B\r\nContent-Disposition: form-data; name=a${';b=1'.repeat(900)}\r\n\r\nx\r\n`;
  const body = `${part.repeat(120)}--B--\r\n`;
  const got = await raw(x, `POST /song-may/report/photos HTTP/1.1\r\nHost: localhost:${x.port}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.match(got, /^HTTP\/1\.1 4\d\d /);
  assert.equal((await x.client().get('/song-may')).status, 200);
  await x.stop();
});

test('the address of no ward, in every form, is answered', async () => {
  const x = await startXom();
  for (const path of ['/', '/en', '/index.json', '/index.csv', '/en/index.json', '/follow', '/desk', '/en/receipt', '/sign-in', '//', '/%00'])
    assert.ok((await raw(x, `GET ${path} HTTP/1.1\r\nHost: localhost:${x.port}\r\n\r\n`)).startsWith('HTTP/1.1 '), path);
  await x.stop();
});

test('decoders that hang hold photos up, not pages', async () => {
  const dir = tempDir(), slow = join(dir, 'slow');
  writeFileSync(slow, '#!/bin/sh\nsleep 9\n');
  chmodSync(slow, 0o755);
  const x = await startXom();
  x.settings = x.settings.replace(/media_program: .*/, `media_program: ${slow}`);
  await x.kill();
  await x.start();
  const c = x.client();
  let page = await c.get('/song-may/report');
  page = await c.post('/song-may/report/kind', { s: hidden(page.text, 's'), kind: 'lighting', go: 'next' });
  const s = hidden(page.text, 's');
  const sent = Array.from({ length: 24 }, () => {
    const form = new FormData();
    form.set('s', s);
    form.append('photos', new Blob([Buffer.alloc(2000, 1)], { type: 'image/jpeg' }), 'a.jpg');
    return c.post('/song-may/report/photos', form).catch(() => null);
  });
  await new Promise((done) => setTimeout(done, 700));
  const at = Date.now();
  const got = await report(x, 'song-may', { kind: 'noise', text: 'Loa kẹo kéo sau 22 giờ.' });
  assert.ok(got.code);
  assert.ok(Date.now() - at < 5000, `a report took ${Date.now() - at} ms`);
  await x.kill();
  await Promise.all(sent);
});

test('slow senders of many files do not use up the descriptors', async () => {
  const x = await startXom();
  const head = (i) => `--B\r\nContent-Disposition: form-data; name="photos"; filename="${i}.jpg"\r\n\r\nx\r\n`;
  const sockets = [];
  for (let n = 0; n < 60; n++) {
    const s = connect(x.port, 'localhost');
    s.on('error', () => {});
    s.write(`POST /song-may/report/photos HTTP/1.1\r\nHost: localhost:${x.port}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 30000000\r\n\r\n`);
    for (let i = 0; i < 200; i++) s.write(head(i));
    sockets.push(s);
  }
  await new Promise((done) => setTimeout(done, 1500));
  const { readdirSync } = await import('node:fs');
  assert.ok(readdirSync(`/proc/${x.child.pid}/fd`).length < 800);
  assert.ok((await report(x, 'song-may', { kind: 'noise', text: 'Hàn cắt kim loại lúc nửa đêm.' })).code);
  for (const s of sockets) s.destroy();
  await x.stop();
});
