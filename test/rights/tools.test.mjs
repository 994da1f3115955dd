// The tools that watch over rights and the house: each must find what is planted for it.
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { build, root } from '../harness/xom.mjs';

const run = (...argv) => execFileSync(argv[0], argv.slice(1), { cwd: root, env: { ...process.env, XOM_BUILD: build }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('tools/layers finds each kind of forbidden include and an old picture', () => { run('tools/layers', '--test'); });
test('tools/layers: the house keeps its floors', () => { run('tools/layers', 'check'); });
test('tools/plain-words finds planted words, and only in what residents read', () => { run('tools/plain-words', '--test'); });
test('tools/plain-words: residents read plain words', () => { run('tools/plain-words'); });
test('tools/docs finds what is old, missing or forgotten', () => { run('tools/docs', '--test'); });
