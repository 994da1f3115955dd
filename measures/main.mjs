// ./bench: runs the measures; the last line is only the figure.
import { spawnSync } from 'node:child_process';

const MEASURES = {
  intake: async (o) => (await import('./intake.mjs')).intake('intake', o),
  intakecpu: async (o) => (await import('./intake.mjs')).intake('intakecpu', o),
  pg: async (o) => (await import('./pg.mjs')).pg(o),
  cached: async (o) => (await import('./cached.mjs')).cached(o),
  growth: async (o) => (await import('./growth.mjs')).growth(o),
  near: async (o) => (await import('./near.mjs')).near(o),
  locate: async (o) => (await import('./locate.mjs')).locate(o),
  holiday: async (o) => (await import('./holiday.mjs')).holiday(o),
  router: async (o) => (await import('./router.mjs')).router(o),
  emergencies: async (o) => (await import('./router.mjs')).emergencies(o),
  clockcheck: async (o) => (await import('./clockcheck.mjs')).clockcheck(o),
  kill: async (o) => (await import('./crash.mjs')).crash({ ...o, name: 'kill', engine: 'sqlite', rounds: o.rounds ?? 20 }),
  crash: async (o) => (await import('./crash.mjs')).crash(o),
  failover: async (o) => (await import('./failover.mjs')).failover(o),
  hostile: async (o) => (await import('./hostile.mjs')).hostile(o),
  photo: async (o) => (await import('./photo.mjs')).photo(o),
  backup: async (o) => (await import('./backup.mjs')).backup(o),
  move: async (o) => (await import('./move.mjs')).move(o),
  forget: async (o) => (await import('./forget.mjs')).forget(o),
  traces: async (o) => (await import('./traces.mjs')).traces(o),
  map: async (o) => (await import('./map.mjs')).map(o),
  restart: async (o) => (await import('./restart.mjs')).restart(o),
  leaks: async (o) => (await import('./leaks.mjs')).leaks(o),
  soak: async (o) => (await import('./soak.mjs')).soak(o),
  start: async (o) => (await import('./start.mjs')).start(o),
  memory: async (o) => (await import('./memory.mjs')).memory(o),
  taps: async (o) => (await import('./taps.mjs')).taps(o),
  looks: async (o) => (await import('./looks.mjs')).looks(o),
  spot: async (o) => (await import('./spot.mjs')).spot(o),
  shrink: async (o) => (await import('./shrink.mjs')).shrink(o),
  counter: async (o) => (await import('./counter.mjs')).counter(o),
  flood: async (o) => (await import('./flood.mjs')).flood(o),
  weight: async (o) => (await import('./weight.mjs')).weight(o),
};
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const WITH_VALUE = ['--rounds', '--minutes', '--engine'];
const value = (name) => { const at = args.indexOf(name); return at >= 0 ? args[at + 1] ?? '' : undefined; };
const number = (name) => (value(name) === undefined ? undefined : Number(value(name)));
const rounds = number('--rounds'), minutes = number('--minutes'), engine = value('--engine');
const names = args.filter((a, i) => !a.startsWith('--') && !WITH_VALUE.includes(args[i - 1]));
if (args.some((a) => a.startsWith('--') && !['--quick', ...WITH_VALUE].includes(a)) || names.some((n) => !(n in MEASURES)) ||
    (rounds !== undefined && !(rounds >= 1)) || (minutes !== undefined && !(minutes > 0)) || !['sqlite', 'postgres', undefined].includes(engine)) {
  console.error(`usage: ./bench [NAME…] [--quick] [--rounds N] [--minutes N] [--engine sqlite|postgres]\nmeasures: ${Object.keys(MEASURES).join(' ')}`);
  process.exit(2);
}
const all = names.length ? names : Object.keys(MEASURES).filter((n) => n !== 'intakecpu'); // comes with intake
// Each in a process of its own: the harness takes its engine and its folders from the environment as it is loaded.
async function measured(name) {
  console.log(`--- ${name}`);
  try {
    const figure = await MEASURES[name]({ quick, rounds, minutes, engine });
    console.log(quick ? 'quick' : 'full');
    console.log(figure);
    return ['traces', 'kill', 'crash', 'failover', 'restart', 'leaks', 'clockcheck', 'emergencies'].includes(name) && figure !== '0' ? 1 : 0;
  } catch (e) {
    console.error(`bench: ${name}: ${e.message}`);
    return 1;
  }
}
if (all.length === 1) process.exit(await measured(all[0]));
const options = args.filter((a, i) => a.startsWith('--') || WITH_VALUE.includes(args[i - 1]));
const statuses = all.map((name) => spawnSync(process.execPath, [process.argv[1], name, ...options], { stdio: 'inherit' }).status);
process.exit(statuses.some((s) => s !== 0) ? 1 : 0);
