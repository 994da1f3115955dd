// ./bench: runs the measures; the last line is only the figure.
const MEASURES = {
  intake: async (o) => (await import('./intake.mjs')).intake('intake', o),
  intakecpu: async (o) => (await import('./intake.mjs')).intake('intakecpu', o),
  pg: async (o) => (await import('./pg.mjs')).pg(o),
  cached: async (o) => (await import('./cached.mjs')).cached(o),
  growth: async (o) => (await import('./growth.mjs')).growth(o),
  locate: async (o) => (await import('./locate.mjs')).locate(o),
  kill: async (o) => (await import('./kill.mjs')).kill(o),
  photo: async (o) => (await import('./photo.mjs')).photo(o),
  backup: async (o) => (await import('./backup.mjs')).backup(o),
  map: async (o) => (await import('./map.mjs')).map(o),
  restart: async (o) => (await import('./restart.mjs')).restart(o),
  start: async (o) => (await import('./start.mjs')).start(o),
  memory: async (o) => (await import('./memory.mjs')).memory(o),
  taps: async (o) => (await import('./taps.mjs')).taps(o),
  counter: async (o) => (await import('./counter.mjs')).counter(o),
  weight: async (o) => (await import('./weight.mjs')).weight(o),
};
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const at = args.indexOf('--rounds');
const rounds = at >= 0 ? Number(args[at + 1]) : undefined;
const names = args.filter((a, i) => !a.startsWith('--') && args[i - 1] !== '--rounds');
if (args.some((a) => a.startsWith('--') && !['--quick', '--rounds'].includes(a)) || names.some((n) => !(n in MEASURES)) || (at >= 0 && !(rounds >= 1))) {
  console.error(`usage: ./bench [NAME…] [--quick] [--rounds N]\nmeasures: ${Object.keys(MEASURES).join(' ')}`);
  process.exit(2);
}
const all = names.length ? names : Object.keys(MEASURES).filter((n) => n !== 'intakecpu'); // comes with intake
let status = 0;
for (const name of all) {
  console.log(`--- ${name}`);
  try {
    const figure = await MEASURES[name]({ quick, rounds });
    console.log(quick ? 'quick' : 'full');
    console.log(figure);
    if (['kill', 'restart'].includes(name) && figure !== '0') status = 1;
  } catch (e) {
    console.error(`bench: ${name}: ${e.message}`);
    status = 1;
  }
}
process.exit(status);
