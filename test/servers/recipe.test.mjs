// The commands of docs/operate.md, "Three machines", with the files of packaging/cluster: what they make is
// what the cluster's test runs, but for addresses and places, and the programs take it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tempDir } from '../harness/xom.mjs';
import { filled } from '../harness/cluster.mjs';

const recipe = readFileSync(join(root, 'docs/operate.md'), 'utf8').split('## Three machines')[1].split('\n## ')[0];
const cluster = join(root, 'packaging/cluster');
const addresses = [1, 2, 3].map((i) => [`ADDRESS_${i}`, `10.0.0.${i}`]);
// The command that writes a file, as it stands there, its output taken instead.
const made = (name) => {
  const command = recipe.replace(/\\\n\s*/g, '').split('\n').map((l) => l.trim()).find((l) => l.startsWith('sed ') && new RegExp(` ${name.replace('.', '\\.')}\\s*> `).test(l));
  assert.ok(command, `no command for ${name}`);
  return execFileSync('sh', ['-c', command.replace(/>.*$/, '')], { cwd: cluster, encoding: 'utf8' });
};

test('etcd', () => {
  assert.equal(made('etcd'), filled('etcd', [['NAME=NAME', 'NAME=one'], ['HERE', '10.0.0.1'], ...addresses]));
});

test('the firewall closes each port that the recipe opens between the machines', () => {
  const text = made('nftables.conf');
  assert.equal(text, filled('nftables.conf', addresses));
  const closed = text.match(/tcp dport \{ ([\d, ]+) \} drop/)[1].split(', ');
  const opened = ['etcd', 'patroni.yml', 'haproxy.cfg'].flatMap((name) => [...readFileSync(join(cluster, name), 'utf8').matchAll(/(?:HERE|ADDRESS_\d|127\.0\.0\.1):(\d+)|check port (\d+)/g)].map((m) => m[1] ?? m[2]));
  assert.deepEqual([...closed].sort(), [...new Set(opened)].filter((p) => p !== '5000').sort());
});

test('the socket is there before the network is', () => {
  const [, text] = recipe.match(/printf '(\[Socket\][^']*)' > \/etc\/systemd\/system\/xom\.socket\.d\//);
  assert.match(text, /^\[Socket\]\\nListenStream=\\nListenStream=10\.0\.0\.1:8080\\nFreeBind=yes\\n$/);
});

test('Patroni', () => {
  const text = made('patroni.yml');
  assert.equal(text, filled('patroni.yml', [['name: NAME', 'name: one'], ['HERE', '10.0.0.1'], ...addresses, ...['SUPERUSER', 'REPLICATION', 'REWIND'].map((k) => [`PASSWORD_${k}`, '…'])]));
  const read = JSON.parse(execFileSync('python3', ['-c', 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))'], { input: text, encoding: 'utf8' }));
  assert.equal(read.bootstrap.dcs.synchronous_mode, true);
  assert.ok(read.bootstrap.dcs.ttl >= read.bootstrap.dcs.loop_wait + 2 * read.bootstrap.dcs.retry_timeout, 'a lock that outlives its asking');
  assert.ok(read.etcd && !read.etcd3);
});

test('HAProxy takes its file, keeps no log, and asks each server under a name', () => {
  const dir = tempDir();
  try {
    const text = made('haproxy.cfg');
    assert.equal(text, filled('haproxy.cfg', addresses));
    assert.match(text, /^\tuser haproxy\n\tgroup haproxy$/m);
    assert.doesNotMatch(text, /^\s*(log|option (http|tcp)log)\b/m);
    mkdirSync(join(dir, 'site'));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=xom', '-keyout', join(dir, 'site.key'), '-out', join(dir, 'site.crt')], { stdio: 'ignore' });
    writeFileSync(join(dir, 'xom.pem'), readFileSync(join(dir, 'site.crt'), 'utf8') + readFileSync(join(dir, 'site.key'), 'utf8'));
    writeFileSync(join(dir, 'haproxy.cfg'), text.replace('/etc/haproxy/xom.pem', join(dir, 'xom.pem')).replace('maxconn 20000', 'maxconn 500'));
    execFileSync('/usr/sbin/haproxy', ['-c', '-f', join(dir, 'haproxy.cfg')], { stdio: 'pipe' });
  } finally { rmSync(dir, { recursive: true, force: true }); }
});

test('the certificates are made as it says', () => {
  const dir = tempDir();
  try {
    const lines = recipe.split('\n'), from = lines.findIndex((l) => l.includes('openssl req -x509')), to = lines.findIndex((l, i) => i > from && l.trim() === 'done');
    execFileSync('sh', ['-ec', lines.slice(from, to + 1).map((l) => l.trim()).join('\n')], { cwd: dir, stdio: 'pipe' });
    for (const n of [1, 2]) execFileSync('openssl', ['verify', '-CAfile', 'ca.crt', '-verify_ip', `10.0.0.${n}`, `server${n}.crt`], { cwd: dir, stdio: 'pipe' });
  } finally { rmSync(dir, { recursive: true, force: true }); }
});
