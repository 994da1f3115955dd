// /healthz, /readyz and /metrics: what a supervisor sees, and what it never sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from 'node:net';
import { request } from 'node:http';
import { report, signIn, startXom } from '../harness/xom.mjs';

const free = () => new Promise((done) => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
const ask = (port, path, host = 'localhost') => new Promise((done, failed) => {
  request({ host: '127.0.0.1', port, path, headers: { host } }, (r) => { let text = ''; r.on('data', (d) => { text += d; }); r.on('end', () => done({ status: r.statusCode, headers: r.headers, text })); }).on('error', failed).end();
});

// Prometheus' text form, version 0.0.4, read strictly: every line, every name, every value.
export function parse(text) {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const families = new Map();
  let current;
  const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*', LABEL = '[a-zA-Z_][a-zA-Z0-9_]*';
  for (const line of text.split('\n').slice(0, -1)) {
    let m;
    if ((m = line.match(new RegExp(`^# HELP (${NAME}) (\\S.*)$`)))) {
      assert.ok(!families.has(m[1]), `${m[1]} comes twice`);
      families.set(m[1], current = { name: m[1], help: m[2], samples: [] });
    } else if ((m = line.match(new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)))) {
      assert.equal(current?.name, m[1], 'TYPE follows its HELP');
      current.type = m[2];
    } else {
      m = line.match(new RegExp(`^(${NAME})(?:\\{((?:${LABEL}="(?:[^"\\\\\\n]|\\\\[\\\\"n])*",?)*)\\})? (-?[0-9.eE+-]+|[+-]Inf|NaN)$`));
      assert.ok(m, `not a line of the format: ${line}`);
      const base = current.type === 'histogram' ? m[1].replace(/_(bucket|sum|count)$/, '') : m[1];
      assert.equal(base, current?.name, `${m[1]} stands outside of its family`);
      assert.ok(Number.isFinite(Number(m[3])), line);
      const labels = Object.fromEntries([...(m[2] ?? '').matchAll(new RegExp(`(${LABEL})="((?:[^"\\\\]|\\\\.)*)"`, 'g'))].map((l) => [l[1], l[2]]));
      assert.ok(!current.samples.some((s) => s.name === m[1] && JSON.stringify(s.labels) === JSON.stringify(labels)), `${line} comes twice`);
      current.samples.push({ name: m[1], labels, value: Number(m[3]) });
    }
  }
  for (const f of families.values()) {
    assert.ok(f.type, `${f.name} has no type`);
    if (f.type === 'counter') assert.match(f.name, /_total$/);
    if (f.type !== 'histogram') continue;
    const buckets = f.samples.filter((s) => s.name.endsWith('_bucket'));
    for (let i = 1; i < buckets.length; i++) assert.ok(buckets[i].value >= buckets[i - 1].value, `${f.name} falls`);
    assert.equal(buckets.at(-1).labels.le, '+Inf');
    assert.equal(buckets.at(-1).value, f.samples.find((s) => s.name.endsWith('_count')).value);
  }
  return families;
}

let x, port;
before(async () => {
  port = await free();
  x = await startXom({ settings: `metrics_port: ${port}\n` });
});
after(async () => { await x?.stop(); });
const until = async (path, status) => { for (let i = 0; i < 400; i++) { const r = await ask(x.port, path); if (r.status === status) return r; await new Promise((d) => setTimeout(d, 25)); } throw new Error(`${path} never answers ${status}`); };

test('healthz and readyz answer under any host name, without a ward', async () => {
  assert.equal((await ask(x.port, '/healthz', '10.0.0.7:8080')).text, 'ok\n');
  const r = await until('/readyz', 200);
  assert.equal(r.text, 'ok\n');
  assert.equal(r.headers['cache-control'], 'no-store');
});

test('metrics: the format is whole, answers are counted by route and status', async () => {
  const { code } = await report(x, 'song-may', { street: 'Hẻm Bí Mật', text: 'Đèn tắt từ đêm qua.' });
  await ask(x.port, '/song-may/'); await ask(x.port, '/song-may/');
  await ask(x.port, '/khong-co');
  const c = await signIn(x, 'song-may', 'ha-tang');
  await c.get(`/song-may/desk/case/${code}`);
  const r = await ask(port, '/metrics');
  assert.equal(r.status, 200);
  assert.equal(r.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const all = parse(r.text);
  const count = (route, status) => all.get('xom_http_answers_total').samples.find((s) => s.labels.route === route && s.labels.status === String(status))?.value ?? 0;
  assert.equal(count('POST /report/check', 200), 1);
  assert.equal(count('GET /desk/case/:code', 200), 1);
  assert.ok(count('GET /', 200) >= 2);
  assert.ok(count('other', 404) >= 1);
  assert.ok(all.get('xom_http_cache_hits_total').samples[0].value >= 1);
  for (const name of ['xom_http_answer_seconds', 'xom_http_waiting', 'xom_outbox', 'xom_writer_batch', 'xom_writer_waiting', 'xom_disk_free_bytes', 'xom_ready'])
    assert.ok(all.get(name)?.samples.length, name);
  assert.ok(all.get('xom_writer_batch').samples.find((s) => s.name.endsWith('_sum')).value > 0);
  // Nothing of a person, a case or a ward.
  for (const secret of [code, code.slice(-7), 'song-may', 'ha-tang', 'lighting', 'Bí Mật'])
    assert.ok(!r.text.includes(secret), `${secret} stands in /metrics`);
});

test('metrics: only there, only GET /metrics, only under the machine’s own names', async () => {
  assert.equal((await ask(x.port, '/metrics')).status, 404);
  assert.equal((await ask(port, '/')).status, 404);
  assert.equal((await ask(port, '/metrics', 'xom.example.vn')).status, 404);
  assert.equal((await ask(port, '/metrics', `127.0.0.1:${port}`)).status, 200);
});

test('a program whose xom-media does not start is not ready, and serves on', async () => {
  const y = await startXom({ settings: '' });
  y.child.kill('SIGTERM');
  await y.ended;
  y.settings = y.settings.replace(/^media_program: .*/m, 'media_program: /khong/co/xom-media');
  await y.start();
  try {
    let r;
    for (let i = 0; i < 400 && !/photos can't be opened/.test(y.log); i++) await new Promise((d) => setTimeout(d, 25));
    r = await ask(y.port, '/readyz');
    assert.equal(r.status, 503);
    assert.equal(r.text, 'not ready\n');
    assert.equal((await ask(y.port, '/healthz')).status, 200);
    assert.equal((await ask(y.port, '/song-may/')).status, 200);
  } finally { await y.stop(); }
});

test('a port that is taken is told at the start', async () => {
  const y = await startXom();
  y.child.kill('SIGTERM');
  await y.ended;
  y.settings += `metrics_port: ${port}\n`;
  await assert.rejects(y.start(), /metrics_port/);
  y.settings = y.settings.replace(/metrics_port.*\n/, '');
  await y.start();
  await y.stop();
});
