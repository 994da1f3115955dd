// A real S3 server (s3rver) in a process of its own, and a front before it that misbehaves when it is
// told to. What it keeps lies in `dir`: an object is the file KEY._S3rver_object.
//   const s3 = await startS3();  s3.settings, s3.front.mode = '503', s3.objects(), await s3.stop()
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTls } from 'node:https';
import { join } from 'node:path';
import { root, tempDir } from '../harness/xom.mjs';

const END = '._S3rver_object';
export const SECRET = 'S3RVER';

function below(dir, from = '') {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? below(join(dir, e.name), `${from}${e.name}/`) : [`${from}${e.name}`]));
}

// Whatever it is told: '' (passes on), '503', 'hang', 'short' (ends early), 'long' (says less than it
// sends), 'huge' (says more than a photo has), 'redirect', 'skew' (its clock), 'deny' (strangers are let
// in by s3rver; here they are not, unless mode is 'open').
function pass(front, port, req, res) {
  const signed = req.headers.authorization !== undefined;
  const { mode } = front;
  front.seen.push(`${req.method} ${req.url}`);
  if (mode === 'hang') { front.hanging += 1; front.most = Math.max(front.most, front.hanging); req.on('close', () => { front.hanging -= 1; }); return; }
  if (mode === '503') { req.resume(); res.writeHead(503, { 'content-type': 'application/xml' }).end('<Error><Code>SlowDown</Code></Error>'); return; }
  if (mode === 'redirect') { req.resume(); res.writeHead(301, { location: 'http://127.0.0.1:9/elsewhere' }).end(); return; }
  if (mode === 'huge' && req.method === 'GET') { res.writeHead(200, { 'content-length': 3e9 }); res.write('x'); return; }
  if (mode.includes('versions') && req.url.includes('versioning=')) { res.writeHead(200).end('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'); return; }
  if (!signed && !mode.includes('open')) { req.resume(); res.writeHead(403, { 'content-type': 'application/xml' }).end('<Error><Code>AccessDenied</Code></Error>'); return; }
  if (mode === 'forget' && req.method === 'PUT') { req.resume(); req.on('end', () => res.writeHead(200).end()); return; }
  const on = request({ host: '127.0.0.1', port, method: req.method, path: req.url, headers: req.headers }, (from) => {
    const parts = [];
    from.on('data', (d) => parts.push(d));
    from.on('end', () => {
      const body = Buffer.concat(parts), headers = { ...from.headers };
      if (mode.includes('skew')) headers.date = new Date(Date.now() + 20 * 60e3).toUTCString();
      if (front.onPut && req.method === 'PUT') { front.onPut(); return; }
      if (mode === 'short' && req.method === 'GET' && body.length > 100) {
        res.writeHead(from.statusCode, headers);
        res.write(body.subarray(0, body.length / 2));
        setTimeout(() => res.destroy(), 50);
        return;
      }
      if (mode === 'long' && req.method === 'GET' && body.length > 100) {
        res.socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${Math.floor(body.length / 2)}\r\n\r\n`), body]));
        return;
      }
      res.writeHead(from.statusCode, headers).end(body);
    });
  });
  on.on('error', () => res.destroy());
  req.pipe(on);
}

const listen = (server) => new Promise((done) => { server.listen(0, '127.0.0.1', () => done(server.address().port)); });

export async function startS3() {
  const dir = tempDir();
  mkdirSync(join(dir, 'buckets'));
  const child = spawn(process.execPath, [join(root, 'test/s3/node_modules/s3rver/bin/s3rver.js'), '-d', join(dir, 'buckets'), '-a', '127.0.0.1', '-p', '0', '--no-vhost-buckets', '--configure-bucket', 'photos'], { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const port = await new Promise((found, failed) => {
    let out = '';
    const look = (d) => { out += d; const m = out.match(/listening on [^\s]*:(\d+)/); if (m) found(Number(m[1])); };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => failed(new Error(`s3rver ended with ${code}:\n${out}`)));
  });
  const front = { mode: '', seen: [], hanging: 0, most: 0 };
  const answer = (req, res) => pass(front, port, req, res);
  const servers = [createServer(answer)];
  front.port = await listen(servers[0]);
  const credentials = join(dir, 'credentials');
  writeFileSync(credentials, `[default]\naws_access_key_id = S3RVER\naws_secret_access_key = ${SECRET}\n`);
  chmodSync(credentials, 0o600);
  const settings = (scheme, on) => `attachments: s3://photos/song/may\nattachments_endpoint: ${scheme}://127.0.0.1:${on}\nattachments_credentials: ${credentials}\n`;
  const bucket = join(dir, 'buckets/photos');
  return {
    dir, bucket, front, credentials,
    settings: settings('http', front.port),
    // The same over TLS, under this certificate.
    tls: async (pair) => { servers.push(createTls(pair, answer)); return settings('https', await listen(servers.at(-1))); },
    // Names of photos below the prefix, as "1/ab/NAME.jpg".
    objects: () => below(join(bucket, 'song/may')).filter((f) => f.endsWith(`.jpg${END}`)).map((f) => f.slice(0, -END.length)).sort(),
    file: (key) => join(bucket, 'song/may', `${key}${END}`),
    read: (key) => readFileSync(join(bucket, 'song/may', `${key}${END}`)),
    stop: async () => {
      for (const server of servers) { server.closeAllConnections?.(); server.close(); }
      child.kill('SIGKILL');
      await new Promise((done) => { if (child.exitCode !== null || child.signalCode) done(); else child.on('exit', done); });
    },
  };
}
