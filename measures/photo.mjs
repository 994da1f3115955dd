// photo: 12-megapixel photos a second through media and its locked child ÷ vipsthumbnail, one process a
// photo. Ours also seals the upload, makes the small picture, and syncs the file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { block, data, fdatasync, median, results, spread, tools } from './lib.mjs';

// Like a photo: noise of natural scale, three channels that differ.
function picture(dir) {
  const run = (...args) => execFileSync('vips', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const bands = ['r', 'g', 'b'].map((c, i) => {
    const raw = join(dir, `${c}.v`), band = join(dir, `${c}8.v`);
    run('fractsurf', raw, '4000', '3000', String(2.3 + i / 10));
    run('scale', raw, band);
    return band;
  });
  const rgb = join(dir, 'rgb.v'), out = join(dir, 'photo.jpg');
  run('bandjoin', bands.join(' '), rgb);
  run('copy', rgb, join(dir, 'srgb.v'), '--interpretation', 'srgb');
  run('jpegsave', join(dir, 'srgb.v'), out, '--Q', '88');
  return out;
}

export async function photo({ quick }) {
  const rounds = quick ? 1 : 5, count = quick ? 5 : 20;
  const dir = join(process.env.XOM_TMP, 'photo');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const file = picture(dir), bytes = statSync(file).size;
  const list = { ours: [], theirs: [], ratio: [] };
  const seconds = (fn) => { const at = process.hrtime.bigint(); fn(); return Number(process.hrtime.bigint() - at) / 1e9; };
  const thumbnail = () => execFileSync('vipsthumbnail', ['--vips-concurrency=1', '--size', '1600x1600>', '-o', join(dir, 'out.jpg[Q=80,strip]'), file]);
  thumbnail();
  for (let i = 0; i < rounds; i++) {
    const media = join(dir, `media-${i}`);
    list.ours.push(count / Number(execFileSync(join(tools, 'bench-photo'), [media, 'build/run/src/xom-media/xom-media', file, String(count)], { encoding: 'utf8' })));
    list.theirs.push(count / seconds(() => { for (let k = 0; k < count; k++) thumbnail(); }));
    list.ratio.push(list.ours.at(-1) / list.theirs.at(-1));
    console.log(`round ${i + 1}: ${list.ours.at(-1).toFixed(2)}/s, vipsthumbnail ${list.theirs.at(-1).toFixed(2)}/s`);
  }
  const figure = median(list.ratio);
  const strace = execFileSync('sh', ['-c', `perf stat -e task-clock build/run/src/xom-media/xom-media < ${file} 2>&1 >/dev/null | grep -E 'task-clock|elapsed|user|sys' || true`], { encoding: 'utf8' }).trim();
  results('photo', { title: `12-megapixel JPEG photos (${(bytes / 1e6).toFixed(1)} MB) a second through media and its locked child ÷ vipsthumbnail 8.14 to 1600 px, one process a photo, one at a time.`,
    figure: `${figure.toFixed(2)} (${spread(list.ratio)})`, reach: '≥ 0.8', good: figure >= 0.8, command: `./bench photo${quick ? ' --quick' : ''}`, keep: !quick,
    facts: [`${median(list.ours).toFixed(2)}/s (${spread(list.ours)}), vipsthumbnail ${median(list.theirs).toFixed(2)}/s (${spread(list.theirs)})`,
      `ours also writes and reads the sealed temporary file, makes the 320 px picture and waits for fsync (fdatasync of 4 KiB: ${fdatasync().toFixed(0)} µs)`,
      ...(strace ? ['the child alone (perf stat):', block(strace.split('\n'))] : [])] });
  return figure.toFixed(2);
}
