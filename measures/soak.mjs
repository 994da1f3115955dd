// soak: the server's own memory (PSS, children included) after six minutes of load ÷ after one: readers,
// lists that no cache has, reporters with photos, an officer's desk, uploads that are refused, unknown
// addresses, wrong PINs, after a rush that fills what is kept. What grows with time and not with what is kept would show. --minutes N: shorter.
import { readFileSync, readdirSync } from 'node:fs';
import { median, results, serve, sleep, xom } from './lib.mjs';
import { png, withPhotos } from '../test/harness/steps.mjs';

const W = 'song-may';
const status = (pid, file, re) => { try { return Number(readFileSync(`/proc/${pid}/${file}`, 'utf8').match(re)[1]); } catch { return 0; } };
const family = (pid) => [pid, ...readdirSync('/proc').filter((p) => /^\d+$/.test(p) && status(p, 'status', /^PPid:\s+(\d+)/m) === pid).map(Number)];
const pss = (pid) => family(pid).reduce((sum, p) => sum + status(p, 'smaps_rollup', /^Pss:\s+(\d+)/m), 0) / 1024;

async function load(x, officer, stop, counts, many = 1) {
  const bump = (r) => { counts.all++; if (r.status >= 500) counts.failed++; else if (r.status >= 400) counts.refused++; return r; };
  const on = async (work) => { while (!stop.now) await work(); };
  const reader = async () => {
    const c = x.client(), n = Math.floor(Math.random() * 1e6);
    for (const path of ['/', '/cases', `/cases?n=${n}`, '/report', '/follow', '/map', '/figures', '/feed.atom', `/nothing-${n}`, '/cases.json', `/case/SM-X-${n}`, '/en/rights']) if (!stop.now) bump(await c.get(`/${W}${path}`));
  };
  const reporter = async () => {
    const c = x.client();
    let page = bump(await c.get(`/${W}/report`));
    const post = async (to, form) => { page = bump(await c.post(`/${W}/report/${to}`, form)); };
    await post('kind', { s: xom.hidden(page.text, 's'), kind: 'lighting', go: 'next' });
    await post('where', { s: xom.hidden(page.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
    await post('what', { s: xom.hidden(page.text, 's'), text: '', go: 'next' });
    await post('what', { s: xom.hidden(page.text, 's'), text: 'Đèn đường tắt.', go: 'next' });
    const at = xom.hidden(page.text, 's');
    await post('photos', withPhotos(at, [{ bytes: Buffer.alloc(3000, 7), name: 'none.jpg' }]));
    await post('photos', withPhotos(at, Math.random() < 0.3 ? [{ bytes: png() }] : []));
    await post('check', { s: xom.hidden(page.text, 's'), go: 'send' });
    const got = xom.readReceipt(page.text);
    counts.receipts++;
    bump(await x.client().post(`/${W}/follow`, { code: got.code, pin: '00000001' }));
    bump(await c.post(`/${W}/follow`, { code: got.code, pin: got.pin }));
    bump(await c.get(`/${W}/receipt`));
    const desk = bump(await officer.get(`/${W}/desk/case/${got.code}`));
    if (desk.status === 200) bump(await officer.post(`/${W}/desk/case/${got.code}/take`, Object.fromEntries(['token', 'version', 'seen'].map((f) => [f, xom.hidden(desk.text, f)]))));
  };
  const atDesk = async () => { for (const path of ['/desk', '/desk?queue=unit', '/desk?words=den', '/desk.json', '/desk/case/none', '/desk/print']) if (!stop.now) bump(await officer.get(`/${W}${path}`)); };
  await Promise.all([...Array.from({ length: 3 * many }, () => on(reader)), ...Array.from({ length: 2 * many }, () => on(reporter)), on(atDesk)]);
}

export async function soak({ quick, minutes = quick ? 1 : 6 }) {
  const x = await serve(), stop = { now: false }, counts = { all: 0, refused: 0, failed: 0, receipts: 0 }, seen = [];
  try {
    // A rush first, so that every worker, reader and cache has what it keeps before the first look.
    const officer = await xom.signIn(x, W, 'ha-tang'), rush = { now: false }, crowd = load(x, officer, rush, counts, 8);
    await Promise.race([sleep(Math.min(20000, minutes * 5000)), crowd]);
    rush.now = true;
    await crowd;
    const work = load(x, officer, stop, counts), began = Date.now();
    // The middle of the last sixth's samples: a decoder of photos comes and goes with what it needs.
    const at = async (m) => { const list = []; while (Date.now() - began < m * 60000) { await Promise.race([sleep(250), work]); if (Date.now() - began > (m - minutes / 18) * 60000) list.push(pss(x.child.pid)); } const mib = median(list); seen.push(`after ${m.toFixed(1)} minutes ${mib.toFixed(1)} MiB, ${counts.all} requests`); console.log(seen.at(-1)); return mib; };
    const first = await at(minutes / 6);
    let last = first;
    for (let k = 2; k <= 6; k++) last = await at((minutes * k) / 6);
    stop.now = true;
    await work;
    const ratio = last / first;
    results('soak', { title: `The server's memory (PSS) after ${minutes} minutes of mixed load ÷ after ${(minutes / 6).toFixed(1)}.`, figure: ratio.toFixed(3), reach: '≤ 1.05', good: ratio <= 1.05,
      command: `./bench soak${quick ? ' --quick' : ''}${minutes !== 6 && !quick ? ` --minutes ${minutes}` : ''}`, keep: !quick && minutes >= 6,
      facts: [`${counts.all} requests (${counts.receipts} receipts, ${counts.refused} refused, ${counts.failed} answered with 5xx)`, ...seen] });
    return ratio.toFixed(3);
  } finally {
    stop.now = true;
    await x.stop();
  }
}
