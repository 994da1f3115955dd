// kill: acknowledged things lost or doubled over rounds of kill -9 under load. The ledger is the
// client's own: it notes a receipt or a step when its answer has arrived, not before. After each
// kill: xom verify, restart, every receipt of the round opened by code and PIN with its photo, every
// step looked for once in its case, every form sent again (the same receipt, no second case).
import { deflateSync } from 'node:zlib';
import { crc32 } from '../test/harness/steps.mjs';
import { block, fdatasync, results, serve, sleep, xom } from './lib.mjs';

const WARD = 'song-may';

// A small picture with other bytes each time.
function png() {
  const chunk = (type, body) => { const d = Buffer.concat([Buffer.from(type), body]); const n = Buffer.alloc(4), s = Buffer.alloc(4); n.writeUInt32BE(body.length); s.writeUInt32BE(crc32(d) >>> 0); return Buffer.concat([n, d, s]); };
  const head = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0]);
  const rows = Buffer.alloc(64 * 193);
  for (let i = 0; i < rows.length; i++) rows[i] = i % 193 === 0 ? 0 : Math.floor(Math.random() * 256);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

// One reporter after the other until the server is gone. sent: forms whose last page was sent.
async function reporter(x, ledger, withPhoto, stop) {
  while (!stop.now) {
    const entry = { photo: withPhoto };
    try {
      const c = x.client();
      let page = await c.get(`/${WARD}/report`);
      page = await c.post(`/${WARD}/report/kind`, { s: xom.hidden(page.text, 's'), kind: 'lighting', go: 'next' });
      page = await c.post(`/${WARD}/report/where`, { s: xom.hidden(page.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
      page = await c.post(`/${WARD}/report/what`, { s: xom.hidden(page.text, 's'), text: 'Đèn đường tắt.', go: 'next' });
      const form = new FormData();
      form.set('s', xom.hidden(page.text, 's'));
      if (withPhoto) form.append('photos', new Blob([png()], { type: 'image/png' }), 'anh.png');
      form.set('go', 'next');
      page = await c.post(`/${WARD}/report/photos`, form);
      entry.s = xom.hidden(page.text, 's');
      ledger.sent.push(entry);
      const answer = await c.post(`/${WARD}/report/check`, { s: entry.s, go: 'send' });
      if (answer.status === 200) Object.assign(entry, xom.readReceipt(answer.text));
      if (entry.code) ledger.open.push(entry.code);
    } catch (e) {
      if (!stop.now) throw e;
    }
  }
}

// An officer writes notes, each with words of its own, and takes cases.
async function officer(x, ledger, client, stop) {
  for (let i = 0; !stop.now; i++) {
    const code = ledger.open[Math.floor(Math.random() * ledger.open.length)];
    if (!code) { await sleep(5); continue; }
    try {
      const page = await client.get(`/${WARD}/desk/case/${code}`);
      if (page.status !== 200) continue;
      const values = Object.fromEntries([...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], xom.unescape(m[2])]));
      const take = i % 3 === 0 && new RegExp(`/desk/case/${code}/take"`).test(page.text);
      const words = `ghi chú ${Math.random().toString(36).slice(2)} ${i}`;
      const answer = await client.post(`/${WARD}/desk/case/${code}/${take ? 'take' : 'note'}`, { ...values, text: words });
      if (answer.status === 303) ledger.steps.push(take ? { code, take: true } : { code, words });
      else if (answer.status >= 500) ledger.refused++;
    } catch (e) {
      if (!stop.now) throw e;
    }
  }
}

const times = (text, words) => text.split(words).length - 1;

// A slow machine needs longer until something can be lost.
async function underWay(ledger) {
  for (let i = 0; i < 80 && !(ledger.open.length >= 5 && ledger.steps.length > 0 && ledger.sent.some((e) => e.photo && e.code)); i++) await sleep(100);
}

// After the restart; gives what is wrong, in words.
async function compare(x, ledger, officerClient, before) {
  const wrong = [];
  const verify = x.verb(['verify', '--ward', WARD]);
  if (!/: 0 faults/.test(verify)) wrong.push(`verify: ${verify}`);
  let made = 0;
  for (const e of ledger.sent) {
    const c = x.client();
    const again = await c.post(`/${WARD}/report/check`, { s: e.s, go: 'send' });
    const r = again.status === 200 ? xom.readReceipt(again.text) : undefined;
    if (r) made++;
    if (e.code && (!r || r.code !== e.code || r.pin !== e.pin)) wrong.push(`${e.code}: the same form now gives ${r ? r.code : again.status}`);
    if (!e.code && !r) wrong.push(`an unanswered form cannot be sent again: ${again.status}`);
    if (!e.code) continue;
    const opened = await c.post(`/${WARD}/follow`, { code: e.code, pin: e.pin });
    if (opened.status !== 303) { wrong.push(`${e.code}: lost (${opened.status})`); continue; }
    const page = await c.get(`/${WARD}/receipt`);
    const photos = [...page.text.matchAll(/(?:href|src)="([^"]*\/receipt\/photo\/[^"]+)"/g)].map((m) => xom.unescape(m[1]));
    if (e.photo && photos.length === 0) wrong.push(`${e.code}: its photo is not on the page`);
    for (const p of photos.slice(0, 1)) if ((await c.get(p)).status !== 200) wrong.push(`${e.code}: its photo is lost`);
  }
  for (const code of new Set(ledger.steps.map((s) => s.code))) {
    const page = await officerClient.get(`/${WARD}/desk/case/${code}`);
    const text = xom.unescape(page.text);
    const state = JSON.parse((await officerClient.get(`/${WARD}/desk/case/${code}.json`)).text).state;
    if (!state) wrong.push(`${code}: its JSON has no state`);
    for (const s of ledger.steps.filter((q) => q.code === code)) {
      if (s.take && state === 'received') wrong.push(`${code}: taking is lost`);
      if (s.words && times(text, s.words) !== 1) wrong.push(`${code}: "${s.words}" stands ${times(text, s.words)} times`);
    }
  }
  const cases = count(x.verb(['verify', '--ward', WARD]));
  if (cases !== before + made) wrong.push(`${cases} cases, where ${before} and ${made} forms make ${before + made}`);
  return { wrong, cases };
}
const count = (verify) => Number(verify.match(/: (\d+) cases,/)[1]);

export async function kill({ quick, rounds }) {
  const n = rounds ?? (quick ? 4 : 20);
  const x = await serve();
  let cases = count(x.verb(['verify', '--ward', WARD])), bad = 0;
  const totals = { receipts: 0, photos: 0, steps: 0, unanswered: 0 }, all = [], said = [];
  try {
    for (let i = 0; i < n; i++) {
      const ledger = { sent: [], open: [], steps: [], refused: 0 }, stop = { now: false };
      const client = await xom.signIn(x, WARD, 'ha-tang');
      const work = [...Array.from({ length: 12 }, (_, k) => reporter(x, ledger, k % 4 === 0, stop)), officer(x, ledger, client, stop), officer(x, ledger, client, stop)];
      await Promise.race([underWay(ledger).then(() => sleep(Math.random() * 1500)), ...work.map((w) => w.then(() => new Promise(() => {})))]);
      stop.now = true;
      await x.kill();
      await Promise.all(work);
      await x.start();
      const found = await compare(x, ledger, await xom.signIn(x, WARD, 'ha-tang'), cases);
      cases = found.cases;
      bad += found.wrong.length;
      said.push(...found.wrong.map((w) => `round ${i + 1}: ${w}`));
      const got = ledger.sent.filter((e) => e.code);
      all.push(...got);
      totals.receipts += got.length;
      totals.photos += got.filter((e) => e.photo).length;
      totals.steps += ledger.steps.length;
      totals.unanswered += ledger.sent.length - got.length;
      console.log(`round ${i + 1}: ${got.length} receipts (${got.filter((e) => e.photo).length} with a photo), ${ledger.steps.length} steps, ${ledger.sent.length - got.length} unanswered; ${found.wrong.length} wrong`);
    }
    for (const e of all) {
      const r = await x.client().post(`/${WARD}/follow`, { code: e.code, pin: e.pin });
      if (r.status !== 303) { bad++; said.push(`at the end: ${e.code} is lost`); }
    }
  } finally {
    await x.kill();
  }
  if (said.length) console.log(said.slice(0, 40).join('\n'));
  if (totals.receipts < n * 3 || totals.steps < n || totals.photos === 0) throw new Error(`too little was acknowledged to say anything: ${JSON.stringify(totals)}`);
  results('kill', { title: `Acknowledged things lost or doubled over ${n} rounds of kill -9 under load, each followed by \`xom verify\`, a restart and the comparison with the client's own ledger.`,
    figure: String(bad), reach: '0', good: bad === 0, command: `./bench kill${quick ? ' --quick' : rounds ? ` --rounds ${rounds}` : ''}`, keep: !quick && n >= 20,
    facts: [`${totals.receipts} receipts (${totals.photos} with a photo), ${totals.steps} steps of the desk, ${totals.unanswered} forms unanswered at the kill and sent again; fdatasync of 4 KiB ${fdatasync().toFixed(0)} µs`, ...(said.length ? [block(said.slice(0, 40))] : [])] });
  return String(bad);
}
