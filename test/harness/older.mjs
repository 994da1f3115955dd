// The program of the version before, as CHANGELOG.md has it, built from its commit and kept under
// build/: what the upgrade test begins with. Only the two programs; no sanitizers.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './xom.mjs';

export const BEFORE = { version: '0.1.0', commit: '76c74c5' };

// {xom, media, share}: paths.
export function older({ version, commit } = BEFORE) {
  const dir = join(root, 'build', `xom-${version}`);
  const it = { xom: join(dir, 'build/src/xom'), media: join(dir, 'build/src/xom-media/xom-media'), share: dir };
  if (existsSync(join(dir, 'done'))) return it;
  const making = `${dir}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const sh = (text) => execFileSync('sh', ['-ec', text], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  sh(`git archive ${commit} | tar -x -C "${making}"`);
  // Its pages' files come from npm; ours do for a test of data. They are linked, not copied.
  rmSync(join(making, 'assets'), { recursive: true, force: true });
  symlinkSync(join(root, 'assets'), join(making, 'assets'));
  sh(`cd "${making}" && meson setup build -Dbuildtype=debug -Dwerror=false >/dev/null && ninja -C build src/xom src/xom-media/xom-media >/dev/null && touch done`);
  rmSync(dir, { recursive: true, force: true });
  renameSync(making, dir);
  return it;
}
