// Requests that two servers could cut in two places: one answer, and the connection ends.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { startXom } from '../harness/xom.mjs';

test('after a request whose end is in doubt no other is read', async () => {
  const x = await startXom();
  const host = `Host: localhost:${x.port}\r\n`;
  const next = `GET /song-may/cases HTTP/1.1\r\n${host}\r\n`;
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  for (const doubt of [
    `POST /song-may/follow HTTP/1.1\r\n${host}${form}Content-Length : 3\r\n\r\na=b`,
    `POST /song-may/follow HTTP/1.1\r\n${host}${form}Content-Length\t: 3\r\n\r\na=b`,
    `POST /song-may/follow HTTP/1.1\r\n${host}${form}Transfer-Encoding : chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n`,
    `GET /song-may HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    `GET /song-may HTTP/1.1\r\n${host}${host}\r\n`,
    `POST /song-may/follow HTTP/1.1\r\n${host}${form}Content-Length: 3\r\nContent-Length: 4\r\n\r\na=b`,
  ]) {
    const got = await new Promise((done) => {
      let text = '';
      const s = connect(x.port, 'localhost', () => s.write(doubt + next));
      const timer = setTimeout(() => { s.destroy(); done(`${text}[open]`); }, 3000);
      s.on('data', (d) => { text += d.toString('latin1'); });
      s.on('error', () => {});
      s.on('close', () => { clearTimeout(timer); done(text); });
    });
    assert.ok(!got.endsWith('[open]'), doubt);
    assert.ok((got.match(/^HTTP\/1\.1 \d+/gm) ?? []).every((line) => line === 'HTTP/1.1 400'), doubt);
    assert.doesNotMatch(got, /HTTP\/1\.1 200/, doubt);
  }
  await x.stop();
});
