// Words of danger, read on the phone and by the server: one list, one answer. A file of its own, since it needs
// the browser's build, which a copy of the tree without one (tools/mutants) has not.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, root, startXom } from '../harness/xom.mjs';

test('the phone compares as the server does', async () => {
  const x = await startXom(), page = (await x.client().get('/song-may/report/draft')).text;
  await x.stop();
  const dir = mkdtempSync(join(tmpdir(), 'xom-alarm-'));
  execFileSync(join(root, 'web/node_modules/.bin/esbuild'), [join(root, 'web/alarm.js'), '--bundle', '--minify', '--format=esm', '--target=es2018', '--log-level=warning', `--outfile=${join(dir, 'alarm.mjs')}`]);
  const { readList, speaksOfDanger } = await import(join(dir, 'alarm.mjs'));
  rmSync(dir, { recursive: true });
  const yaml = readFileSync(join(root, 'rights/emergency-words.yaml'), 'utf8');
  const of = [...yaml.matchAll(/^ +- (?!name:)(.+)$|^ +(?:vi|bare|en): \[(.*)\]$/gm)].flatMap((m) => (m[1] ? [m[1]] : m[2].split(', ')));
  const texts = [...of, ...of.map((w) => `Hôm qua ${w} ở đây.`), ...of.map((w) => w.normalize('NFD').toUpperCase()), 'hoả hoạn', 'HỎA HOẠN', 'Hỏa-hoạn!', 'đèn đường bị cháy mà nhà cũng cháy', 'bóng đèn cháy', 'chay nha', 'xe chạy', 'ăn chay', '', '…', '\ud83d cháy', 'gunman', 'a gun!', '１１３ cháy'];
  const said = execFileSync(binary, ['--share', root, 'router', 'words'], { input: texts.map((t) => t.replace(/\n/g, ' ')).join('\n') + '\n', encoding: 'utf8' }).trimEnd().split('\n');
  const list = readList(page.match(/data-x-danger="([^"]*)"/)[1].replaceAll('&amp;', '&'));
  const wrong = texts.filter((t, i) => speaksOfDanger(list, t) !== (said[i] !== '-'));
  assert.ok(of.length > 200, `${of.length}`);
  assert.deepEqual(wrong, []);
});
