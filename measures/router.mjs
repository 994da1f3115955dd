// router, emergencies: answers that somebody gave once, from stories and questions alone (test/report/situations),
// led through procedures/router.yaml by the program. The figure of `router` is that of the 60 that nobody of the
// router had read; of `emergencies` that of all 200. Counts only: no story is printed.
import { listed, replay } from '../test/harness/situations.mjs';
import { block, results, xom } from './lib.mjs';

function all() {
  const { doors, situations, answers } = listed();
  const open = situations.filter((s) => !answers[s.id]);
  if (open.length > 0) throw new Error(`${open.length} of ${situations.length} situations are not answered: test/report/situations/README.md`);
  const reached = replay(xom.binary, { answers });
  return { doors, list: situations.map((s) => ({ ...s, reached: reached.get(s.id) })) };
}

const right = (list) => list.filter((s) => s.reached === s.door).length;
const share = (list) => `${right(list)} of ${list.length} (${(right(list) / list.length).toFixed(3)})`;

// A line a door: how many reached it, and which doors the others reached.
function table({ doors, list }) {
  const lines = ['door           held   open   hard   others went to'];
  for (const door of doors) {
    const own = list.filter((s) => s.door === door), astray = own.filter((s) => s.reached !== door);
    if (own.length === 0) continue;
    const part = (some) => `${right(some)}/${some.length}`.padEnd(7);
    const others = [...new Set(astray.map((s) => s.reached))].map((d) => `${d} ${astray.filter((s) => s.reached === d).length}`);
    lines.push(`${door.padEnd(15)}${part(own.filter((s) => s.set === 'held'))}${part(own.filter((s) => s.set === 'open'))}${part(own.filter((s) => s.hard))}${others.join(', ')}`.trimEnd());
  }
  return lines;
}

export async function router({ quick }) {
  const it = all(), held = it.list.filter((s) => s.set === 'held'), open = it.list.filter((s) => s.set === 'open');
  const figure = (right(held) / held.length).toFixed(3), lines = table(it);
  const facts = [`the ${held.length}: ${share(held)}; beside them the ${open.length} that the questions were tried with: ${share(open)}`,
    `of the hard ones ${share(held.filter((s) => s.hard))} of the ${held.length}, ${share(open.filter((s) => s.hard))} of the ${open.length}`];
  console.log([...facts, ...lines].join('\n'));
  results('router', { title: 'Share of situations that reach their right door at the first try: of the 60 that were unread until the router was finished, answered once without the doors in sight.',
    figure, reach: '≥ 0.9', good: Number(figure) >= 0.9, command: `./bench router${quick ? ' --quick' : ''}`, keep: !quick, facts: [...facts, block(lines)] });
  return figure;
}

export async function emergencies({ quick }) {
  const { list } = all(), own = list.filter((s) => s.door === 'emergency'), astray = own.filter((s) => s.reached !== s.door);
  const others = list.filter((s) => s.door !== 'emergency' && s.reached === 'emergency').length;
  const facts = [`${own.length} emergencies, ${own.length - astray.length} reached their door${astray.length ? `; astray: ${astray.map((s) => `${s.id} (${s.set}) to ${s.reached}`).join(', ')}` : ''}`,
    `${others} of the ${list.length - own.length} others were led there`];
  console.log(facts.join('\n'));
  results('emergencies', { title: 'Emergencies among all 200 situations that are sent to another door.',
    figure: String(astray.length), reach: '0', good: astray.length === 0, command: `./bench emergencies${quick ? ' --quick' : ''}`, keep: !quick, facts });
  return String(astray.length);
}
