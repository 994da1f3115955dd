// A server whose disk fails where a test asks for it (interpose.c).
//   const x = await startFaulty();
//   x.fail({ on: ['write'], path: 'xom.db-wal', error: 'ENOSPC', skip: 0, times: 1 });  error: 'short' too
//   x.well();          gives how often it failed
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { binary, build, startXom, tempDir } from '../harness/xom.mjs';

const ON = { write: 1, sync: 2, rename: 4, make: 8, size: 16 };

export async function startFaulty(options = {}) {
  const dir = tempDir(), file = join(dir, 'orders');
  writeFileSync(file, Buffer.alloc(256));
  // The sanitizers' library must be the first, or it refuses to run.
  const first = execFileSync('ldd', [binary], { encoding: 'utf8' }).match(/(\S*lib(?:asan|tsan)\S*\.so\S*) \(/)?.[1] ?? execFileSync('ldd', [binary], { encoding: 'utf8' }).match(/lib(?:asan|tsan)\S* => (\S+)/)?.[1];
  const x = await startXom({ ...options, env: { XOM_FAULT_FILE: file, LD_PRELOAD: [first, join(build, 'test/fault/libxom-fault.so')].filter(Boolean).join(' ') } });
  const put = (numbers, path) => {
    const b = Buffer.alloc(256);
    numbers.forEach((n, i) => b.writeInt32LE(n, i * 4));
    b.write(path, 24);
    const fd = openSync(file, 'r+');
    writeSync(fd, b.subarray(4), 0, 252, 4); // armed last
    writeSync(fd, b, 0, 4, 0);
    closeSync(fd);
  };
  x.fail = ({ on, path, error, skip = 0, times = 1 << 30 }) => put([1, on.reduce((sum, o) => sum | ON[o], 0), error === 'short' ? -1 : constants.errno[error], skip, times, 0], path);
  x.well = () => {
    const b = Buffer.alloc(4), fd = openSync(file, 'r+');
    writeSync(fd, b, 0, 4, 0);
    readSync(fd, b, 0, 4, 20);
    closeSync(fd);
    return b.readInt32LE(0);
  };
  const stop = x.stop;
  x.stop = async () => { await stop(); rmSync(dir, { recursive: true, force: true }); };
  return x;
}
