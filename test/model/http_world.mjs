// A server of the real program for one sequence: the demo's data with one more ward, of which nothing is
// known but its officers, the clock where the sequence begins. The ward is made once a build; its officers
// signed in then.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as postgres from '../harness/postgres.mjs';
import { binary, build, databaseOf, onPostgres, signIn, startXom, tempDir } from '../harness/xom.mjs';

export const WARD = 'mau';
const LOGINS = ['ha-tang', 'ha-tang-2', 'moi-truong', 'an-toan', 'cong-an']; // as OFFICERS of model.mjs
const UNIT_OF = ['ha-tang', 'ha-tang', 'moi-truong', 'an-toan', 'an-toan'];
const at = join(build, onPostgres ? 'model-data-postgres' : 'model-data');
const stampOf = () => execFileSync('sha256sum', [binary], { encoding: 'utf8' }).slice(0, 16);

async function make(stamp) {
  const x = await startXom({ keep: true });
  x.verb(['ward', 'add', WARD, '--prefix', 'MX', '--name', 'Phường Mẫu', '--area', '90001', '--hotline', '0292 000 0777']);
  for (const [i, login] of LOGINS.entries()) {
    x.verb(['user', 'role', '--ward', WARD, '--login', login, '--role', login === 'cong-an' ? 'police' : 'handler', '--from', '2026-01-01']);
    x.verb(['user', 'unit', '--ward', WARD, '--login', login, '--unit', UNIT_OF[i], '--from', '2026-01-01']);
  }
  const cookies = [];
  for (const login of LOGINS) cookies.push([...(await signIn(x, WARD, login)).cookies]);
  cookies.push([...(await signIn(x, 'rach-truc', 'ha-tang.rt')).cookies]); // the stranger
  // Sessions are older than the passwords where a sequence begins before today.
  x.sql('UPDATE account SET password_at = 1');
  const list = (text) => x.sql(text, { json: true });
  const names = list('SELECT login, name FROM account');
  const known = {
    stamp, cookies, officers: LOGINS.map((l) => names.find((n) => n.login === l).name),
    units: Object.fromEntries(list(`SELECT slug, name FROM unit WHERE ward_id = (SELECT id FROM ward WHERE slug = '${WARD}')`).map((u) => [u.name, u.slug])),
    areas: [1, 2, 3, 4].map((n) => ({ id: x.sql(`SELECT id FROM area WHERE code = '90001-${n}'`), name: `Khu vực ${n}` })),
  };
  await x.stop();
  if (onPostgres) {
    const url = databaseOf(x.data);
    rmSync(join(x.data, 'database-of-test'));
    if (!postgres.rename(url.slice(url.lastIndexOf('/') + 1), `model_${stamp}`)) { rmSync(x.data, { recursive: true, force: true }); return; }
  }
  writeFileSync(join(x.data, 'known.json'), JSON.stringify(known));
  const making = `${at}.${process.pid}`;
  cpSync(x.data, making, { recursive: true });
  rmSync(x.data, { recursive: true, force: true });
  rmSync(at, { recursive: true, force: true });
  try { renameSync(making, at); } catch { rmSync(making, { recursive: true, force: true }); }
}

let ready;
export function template() {
  ready ??= (async () => {
    const stamp = stampOf(), file = join(at, 'known.json');
    const there = () => existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).stamp === stamp && (!onPostgres || postgres.exists(`model_${stamp}`));
    if (!there()) await make(stamp);
    if (!there()) throw new Error('the ward of the model could not be made');
    return JSON.parse(readFileSync(file, 'utf8'));
  })();
  return ready;
}

// The server of a sequence that begins at `minutes` of the ward's clock.
export async function open(minutes) {
  const known = await template(), data = tempDir();
  cpSync(at, data, { recursive: true });
  if (onPostgres) databaseOf(data, `model_${known.stamp}`);
  const shift = Buffer.alloc(8), now = BigInt(minutes) * 60_000_000n;
  shift.writeBigInt64LE(now - BigInt(Date.now()) * 1000n);
  writeFileSync(join(data, 'clock'), shift);
  const x = await startXom({ data, sameClock: true, args: ['--rate-scale', '1000000'] });
  // Officers sign in again each morning; here the session goes on, for a password costs more than all the rest.
  x.awake = () => {
    const us = x.clock.us + BigInt(Date.now()) * 1000n;
    x.sql(`UPDATE session SET began_at = ${us}, used_at = ${us}`);
  };
  x.awake();
  x.officers = known.cookies.map((pairs) => { const c = x.client(); c.cookies = new Map(pairs); return c; });
  x.end = async (killed) => {
    if (!killed) await x.stop();
    if (onPostgres) postgres.drop(databaseOf(data));
    rmSync(data, { recursive: true, force: true });
  };
  return Object.assign(x, { known });
}
