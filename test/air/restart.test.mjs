// Socket activation, readiness, draining: a restart drops no request.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { startXom, hidden } from '../harness/xom.mjs';
import { asking, startHeld } from '../harness/held.mjs';

let from, x;
before(async () => {
  from = await startXom();
  from.child.kill('SIGTERM');
  await from.ended;
  x = await startHeld(from);
});
after(async () => {
  await x?.stop();
  rmSync(from.data, { recursive: true, force: true });
});

test('it serves on the socket that it was given, not on the settings’ port', async () => {
  assert.equal((await x.client().get('/song-may/')).status, 200);
  assert.match(from.settings, /^port: 0$/m);
  assert.equal(x.ready.length, 1);
});

test('three restarts under load lose no request, on kept and on new connections', async () => {
  const paths = ['/song-may/', '/song-may/report', '/song-may/cases?n=1', '/assets/site.css', '/healthz'];
  const kept = await asking(x.url, paths, { clients: 6, keep: true });
  const fresh = await asking(x.url, paths, { clients: 4, keep: false });
  for (let i = 0; i < 3; i++) {
    await Promise.all([kept.more(15), fresh.more(15)]);
    await x.restart();
  }
  await Promise.all([kept.more(15), fresh.more(15)]);
  for (const result of [await kept(), await fresh()]) {
    assert.deepEqual(result.failed, []);
  }
  assert.deepEqual(x.ended, ['0', '0', '0']);
  assert.equal(x.states.filter((s) => s === 'STOPPING=1').length, 3);
});

test('a form that is being sent while it stops is answered, and told to be the last', async () => {
  const c = x.client();
  const s = hidden((await c.get('/song-may/report')).text, 's');
  const body = new URLSearchParams({ s, kind: 'lighting', go: 'next' }).toString();
  const socket = connect(x.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (d) => { answer += d; });
  const ended = new Promise((done) => socket.on('close', done));
  await new Promise((done) => socket.on('connect', done));
  socket.write(`POST /song-may/report/kind HTTP/1.1\r\nHost: localhost:${x.port}\r\nOrigin: http://localhost:${x.port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`);
  // The rest comes when the program has said that it stops.
  const restarted = x.restart();
  const before = x.states.length;
  while (x.states.length === before) await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done, 400)); // longer than a quiet connection is kept
  socket.write(body.slice(9));
  await ended;
  await restarted;
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /\r\nConnection: close\r\n/i);
  assert.match(answer, /<\/html>\s*$/);
});

test('a connection that asks nothing does not hold up the end', async () => {
  const idle = connect(x.port, '127.0.0.1');
  const closed = new Promise((done) => idle.on('close', done));
  await new Promise((done) => idle.on('connect', done));
  await x.client().get('/healthz');
  const began = Date.now();
  await x.restart();
  await closed;
  assert.ok(Date.now() - began < 8000, 'it waited for a quiet connection');
});

test('a watchdog is told that it lives', async () => {
  await x.restart();
  assert.ok(x.alive > 0, 'no WATCHDOG=1 came');
});

test('several sockets are refused', async () => {
  const { spawnSync } = await import('node:child_process');
  const { binary, root } = await import('../harness/xom.mjs');
  const r = spawnSync('sh', ['-c', `export LISTEN_PID=$$ LISTEN_FDS=2; exec "$@"`, 'sh', binary, '--settings', `${from.data}/settings.yaml`, '--data', from.data, '--share', root, 'serve'], { encoding: 'utf8', timeout: 20000 });
  assert.equal(r.status, 1);
  assert.match(r.stderr, /2 sockets were given/);
});
