// leaks: 200,000 mixed requests (signed in and not, errors, uploads) to the build with AddressSanitizer and
// LeakSanitizer: test/fault/leaks.test.mjs with that many. The figure: runs that lost something. --rounds N:
// thousands of requests, where 200 take too long.
import { spawnSync } from 'node:child_process';
import { results } from './lib.mjs';

export async function leaks({ quick, rounds = quick ? 10 : 200 }) {
  const built = spawnSync('tools/build', ['asan'], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) throw new Error('the build with sanitizers failed');
  const began = Date.now(), r = spawnSync(process.execPath, ['--test', '--test-reporter=tap', 'test/fault/leaks.test.mjs'], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, XOM_BUILD: 'build/asan', XOM_MANY: String(rounds * 1000) } });
  const lost = r.status === 0 && /^# pass 1$/m.test(r.stdout) ? 0 : 1;
  if (lost) console.log(r.stdout.slice(-4000));
  results('leaks', { title: `Runs of ${rounds},000 mixed requests under LeakSanitizer that lost memory.`, figure: String(lost), reach: '0', good: lost === 0, command: `./bench leaks${quick ? ' --quick' : ''}`, keep: !quick && rounds >= 200,
    facts: [`${rounds},000 requests in ${((Date.now() - began) / 1000).toFixed(0)} s`] });
  return String(lost);
}
