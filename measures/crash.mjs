// crash: acknowledged things lost or doubled over rounds of kill -9 under a mixed load, on both engines:
// reports with and without photos, receipts followed, answers, withdrawals, addresses for mail, an
// officer's steps, jobs, backups, the nights' erasing. The ledger is the clients' own: a thing is
// acknowledged when its answer has arrived, not before. On PostgreSQL some rounds kill the database
// server, too, or alone. After each kill: restart, xom verify, and everything of the round is asked for:
// what was acknowledged is there exactly once, what was not at most once.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { crc32 } from '../test/harness/steps.mjs';

const WARD = 'song-may', OFFICERS = ['ha-tang', 'ha-tang-2'];
const OF_A_WORLD = 25;         // rounds on one database; then a new one, so that rounds stay short
const MONTH = 31;              // days; each eighth round begins that much later: the night erases

// --- one engine's rounds, in a process of their own ---

// A small picture with other bytes each time.
function png() {
  const chunk = (type, body) => { const d = Buffer.concat([Buffer.from(type), body]); const n = Buffer.alloc(4), s = Buffer.alloc(4); n.writeUInt32BE(body.length); s.writeUInt32BE(crc32(d) >>> 0); return Buffer.concat([n, d, s]); };
  const head = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0]);
  const rows = Buffer.alloc(64 * 193);
  for (let i = 0; i < rows.length; i++) rows[i] = i % 193 === 0 ? 0 : Math.floor(Math.random() * 256);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
const photo = (form) => form.append('photos', new Blob([png()], { type: 'image/png' }), 'anh.png');
const any = (list) => list[Math.floor(Math.random() * list.length)];
const times = (text, said) => text.split(said).length - 1;
let words = 0;
const saying = (what) => `${what} ${Math.random().toString(36).slice(2, 10)}x${words++}`;

async function engine(rounds) {
  process.setMaxListeners(0); // the harness has one a start
  const { data, fdatasync, serve, sleep, xom } = await import('./lib.mjs');
  const pg = xom.onPostgres ? await import('../test/harness/postgres.mjs') : undefined;
  const fields = (html) => Object.fromEntries([...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], xom.unescape(m[2])]));
  const totals = { rounds: 0, receipts: 0, photos: 0, steps: 0, residents: 0, addresses: 0, backups: 0, erased: 0, unanswered: 0, databaseKills: 0 };
  const said = [];
  let bad = 0;

  // Everything that was sent has a row: sent → acknowledged (ok).
  const newLedger = () => ({ forms: [], steps: [], open: [], refused: 0 });
  const send = async (ledger, entry, work) => {
    ledger.steps.push(entry);
    entry.ok = await work();
  };

  async function reporter(x, ledger, withPhoto, stop) {
    const entry = { photo: withPhoto };
    const c = x.client();
    let page = await c.get(`/${WARD}/report`);
    page = await c.post(`/${WARD}/report/kind`, { s: xom.hidden(page.text, 's'), kind: 'lighting', go: 'next' });
    page = await c.post(`/${WARD}/report/where`, { s: xom.hidden(page.text, 's'), area: 'unsure', street: '', landmark: '', lat: '', lon: '', go: 'next' });
    page = await c.post(`/${WARD}/report/what`, { s: xom.hidden(page.text, 's'), text: 'Đèn đường tắt.', go: 'next' });
    const form = new FormData();
    form.set('s', xom.hidden(page.text, 's'));
    if (withPhoto) photo(form);
    form.set('go', 'next');
    page = await c.post(`/${WARD}/report/photos`, form);
    if (stop.now || page.status !== 200) return;
    entry.s = xom.hidden(page.text, 's');
    ledger.forms.push(entry);
    const answer = await c.post(`/${WARD}/report/check`, { s: entry.s, go: 'send' });
    if (answer.status !== 200) return;
    Object.assign(entry, xom.readReceipt(answer.text));
    ledger.open.push(entry);
  }

  // A resident opens a receipt and does what its page offers.
  async function resident(x, ledger, world) {
    const e = any(ledger.open.length > 3 ? ledger.open : [...ledger.open, ...world.kept]);
    if (!e) { await sleep(5); return; }
    const c = x.client();
    if ((await c.post(`/${WARD}/follow`, { code: e.code, pin: e.pin })).status !== 303) return;
    const page = await c.get(`/${WARD}/receipt`);
    if (page.status !== 200) return;
    const offered = ['answer', 'reopen', 'solved', 'withdraw', 'mail'].filter((v) => new RegExp(`/receipt/${v}"`).test(page.text));
    const does = offered.includes('answer') ? 'answer' : any(offered.filter((v) => v !== 'withdraw' || Math.random() < 0.3));
    if (!does) return;
    const s = xom.hidden(page.text, 's');
    const done = (r, mark) => r.status === 303 && new RegExp(`done=${mark}`).test(r.location);
    if (does === 'answer') {
      const form = new FormData(), text = saying('trả lời');
      form.set('s', s);
      form.set('answer', text);
      if (Math.random() < 0.3) photo(form);
      await send(ledger, { code: e.code, words: text, by: 'resident' }, async () => done(await c.post(`/${WARD}/receipt/answer`, form), 'answered'));
    } else if (does === 'reopen') {
      const text = saying('vẫn tắt');
      await send(ledger, { code: e.code, words: text, by: 'resident' }, async () => done(await c.post(`/${WARD}/receipt/reopen`, { s, reason: text }), 'reopened'));
    } else if (does === 'withdraw' || does === 'solved') {
      await send(ledger, { code: e.code, once: does, by: 'resident' }, async () => done(await c.post(`/${WARD}/receipt/${does}`, { s }), does === 'solved' ? 'solved' : 'with'));
    } else if (does === 'mail' && !e.mail) {
      e.mail = true;
      await send(ledger, { code: e.code, mail: e, by: 'resident' }, async () => done(await c.post(`/${WARD}/receipt/mail`, { s, email: `${saying('a').replace(/ /g, '')}@hop.thu` }), 'mail'));
    }
  }

  async function officer(x, ledger, client) {
    const e = any(ledger.open);
    if (!e) { await sleep(5); return; }
    const at = `/${WARD}/desk/case/${e.code}`;
    const page = await client.get(at);
    if (page.status !== 200) return;
    const offered = ['take', 'ask', 'note', 'close'].filter((v) => page.text.includes(`${at}/${v}"`));
    const does = any(offered.filter((v) => v !== 'close' || Math.random() < 0.4)), text = saying('lời');
    const more = { take: {}, ask: { 'ask-text': text }, note: { 'note-text': text }, close: { 'close-outcome': 'mended', 'close-text': text } }[does];
    if (!more) return;
    await send(ledger, { code: e.code, words: does === 'take' ? undefined : text, take: does === 'take', by: 'officer', client },
      // Half a minute passes only sometimes: else what waits at the kill would never be tried.
      async () => { const r = await client.post(`${at}/${does}`, { ...fields(page.text), ...more }, { wait: Math.random() < 0.5 }); return r.status === 303 && !/sign-in/.test(r.location); });
  }

  // One after the other until the round ends; what fails before that is a failure of the program.
  async function on(stop, ledger, work) {
    while (!stop.now) {
      try { await work(); } catch (e) { if (!stop.now && !stop.shaken) throw e; await sleep(20); }
    }
  }

  function backups(x, world, stop) {
    if (pg) return Promise.resolve();
    return (async () => {
      while (!stop.now) {
        const child = spawn(xom.binary, ['--settings', join(x.data, 'settings.yaml'), '--data', x.data, '--share', xom.root, 'backup', '--fast'], { stdio: 'ignore' });
        stop.backup = child;
        const code = await new Promise((done) => child.on('exit', (c) => done(c)));
        if (code === 0) { world.backups++; totals.backups++; world.fresh = true; }
        await sleep(300);
      }
    })();
  }

  async function underWay(ledger, stop) {
    const enough = () => ledger.forms.some((e) => e.photo && e.code) && ledger.steps.some((s) => s.ok && s.by === 'officer');
    for (let i = 0; i < 200 && !stop.now && !enough(); i++) await sleep(25);
  }

  const count = (verify) => Number(verify.match(/: (\d+) cases,/)[1]);
  const listed = (x) => x.verb(['deletions', 'list', '--ward', WARD]).split('\n').filter((l) => /\tcontact\t/.test(l));

  // Gives what is wrong, in words.
  async function compare(x, ledger, client, world) {
    const wrong = [];
    const verify = x.verb(['verify', '--ward', WARD]);
    if (!/: 0 faults/.test(verify) || /[1-9]\d* faults/.test(verify)) wrong.push(`verify: ${verify}`);
    let made = 0;
    const one = async (e) => {
      const c = x.client();
      const again = await c.post(`/${WARD}/report/check`, { s: e.s, go: 'send' });
      const r = again.status === 200 ? xom.readReceipt(again.text) : undefined;
      if (r) made++;
      if (e.code && (!r || r.code !== e.code || r.pin !== e.pin)) wrong.push(`${e.code}: the same form now gives ${r ? r.code : again.status}`);
      if (!e.code && !r) wrong.push(`an unanswered form cannot be sent again: ${again.status}`);
      if (!e.code) return;
      const opened = await c.post(`/${WARD}/follow`, { code: e.code, pin: e.pin });
      if (opened.status !== 303) { wrong.push(`${e.code}: lost (${opened.status})`); return; }
      const page = await c.get(`/${WARD}/receipt`);
      const photos = [...page.text.matchAll(/(?:href|src)="([^"]*\/receipt\/photo\/[^"]+)"/g)].map((m) => xom.unescape(m[1]));
      if (e.photo && photos.length === 0) wrong.push(`${e.code}: its photo is not on the page`);
      for (const p of photos.slice(0, 2)) if ((await c.get(p)).status !== 200) wrong.push(`${e.code}: its photo is lost`);
      const mails = ledger.steps.filter((s) => s.mail === e && s.ok);
      if (mails.length && !/receipt\/mail\/delete"/.test(page.text)) wrong.push(`${e.code}: its address is lost`);
    };
    const queue = [...ledger.forms];
    await Promise.all(Array.from({ length: 4 }, async () => { for (let e; (e = queue.shift());) await one(e); }));
    x.clock.move(31 / 86400); // what waits half a minute is done when somebody looks
    for (const code of new Set(ledger.steps.map((s) => s.code))) {
      await client.get(`/${WARD}/desk/case/${code}/photo/none`);
      const page = await client.get(`/${WARD}/desk/case/${code}`);
      if (page.status !== 200) { wrong.push(`${code}: the desk cannot open it (${page.status})`); continue; }
      const text = xom.unescape(page.text), facts = JSON.parse((await client.get(`/${WARD}/desk/case/${code}.json`)).text);
      const did = (verb) => facts.timeline.filter((e) => (e.what.key ?? e.what) === verb).length;
      const mine = ledger.steps.filter((s) => s.code === code);
      for (const s of mine.filter((q) => q.words)) {
        // The reporter's words stand on the page alone.
        const n = s.client ? times(JSON.stringify(facts.timeline), s.words) : times(text, s.words);
        // A question or a closing that waited for its half minute when somebody else moved the case
        // goes back to its officer: it is on that officer's page, not in the timeline.
        const back = async () => xom.unescape((await s.client.get(`/${WARD}/desk/case/${code}`)).text).includes(s.words);
        if (n > 1 || (s.ok && n === 0 && !(s.client && await back()))) wrong.push(`${code}: "${s.words}" stands ${n} times in the timeline (${s.ok ? 'acknowledged' : 'not acknowledged'})`);
      }
      for (const [verb, list] of [['take', mine.filter((s) => s.take)], ['withdraw', mine.filter((s) => s.once === 'withdraw')], ['solved', mine.filter((s) => s.once === 'solved')]]) {
        const before = world.did.get(`${code} ${verb}`) ?? 0, n = did(verb) - before, got = list.filter((s) => s.ok).length;
        if (list.length && (n < got || n > list.length)) wrong.push(`${code}: ${verb} stands ${n} times; ${got} of ${list.length} were acknowledged`);
        world.did.set(`${code} ${verb}`, did(verb));
      }
    }
    const cases = count(x.verb(['verify', '--ward', WARD]));
    if (cases !== world.cases + made) wrong.push(`${cases} cases, where ${world.cases} and ${made} forms make ${world.cases + made}`);
    world.cases = cases;
    const rows = listed(x);
    if (new Set(rows.map((l) => l.split('\t').slice(0, 4).join(' '))).size !== rows.length) wrong.push('an erasing stands twice in the list of deletions');
    for (const l of world.erased) if (!rows.includes(l)) wrong.push(`erased, and no longer in the list: ${l}`);
    totals.erased += rows.length - world.erased.length;
    world.erased = rows;
    return wrong;
  }

  async function newWorld() {
    const dir = xom.tempDir(), world = { kept: [], did: new Map(), erased: [], backups: 0, dir };
    let settings = 'mail_url: smtp://localhost:1\nmail_from: xom@localhost\nmail_tls: none\n';
    if (!pg) {
      for (const d of ['data', 'keys']) mkdirSync(join(dir, d));
      const key = (file) => spawnSync(xom.binary, ['backup-key', join(dir, file)], { encoding: 'utf8' }).stdout.trim();
      settings += `backup_dir: ${join(dir, 'data')}\nbackup_key: ${key('a.secret')}\nbackup_keys_dir: ${join(dir, 'keys')}\nbackup_keys_key: ${key('b.secret')}\n`;
    }
    world.x = await serve({ settings });
    world.cases = count(world.x.verb(['verify', '--ward', WARD]));
    return world;
  }

  // The newest acknowledged backup comes back whole.
  function restored(world) {
    if (!world.backups) return [];
    const newest = (d) => readdirSync(join(world.dir, d)).filter((n) => n.endsWith('.box')).sort();
    const both = newest('data').map((n) => n.replace('.data.box', '')).filter((n) => newest('keys').includes(`${n}.keys.box`));
    const name = both.at(-1);
    const r = spawnSync(xom.binary, ['--settings', join(world.x.data, 'settings.yaml'), '--data', join(world.dir, 'restored'), '--share', xom.root, 'restore', '--check', join(world.dir, 'data', `${name}.data.box`), join(world.dir, 'keys', `${name}.keys.box`), '--secret', join(world.dir, 'a.secret'), '--keys-secret', join(world.dir, 'b.secret'), '--deletions', 'none'], { encoding: 'utf8' });
    return r.status === 0 ? [] : [`the newest of ${world.backups} backups does not come back: ${r.stdout}${r.stderr}`];
  }

  // A server that was not killed itself has its way back to the database.
  async function answersAgain(x) {
    for (let i = 0; i < 400; i++) {
      if ((await x.client().get('/readyz')).status === 200 && (await x.client().get(`/${WARD}/report`)).status === 200) return;
      await sleep(50);
    }
    throw new Error('the program does not find its way back to the database');
  }

  async function signedIn(x, world) {
    for (const [i, login] of OFFICERS.entries()) {
      const c = world.officers?.[i];
      if (c) { c.base = x.url; if ((await c.get(`/${WARD}/desk`)).status === 200) continue; }
      world.officers = [...(world.officers ?? [])];
      world.officers[i] = await xom.signIn(x, WARD, login);
    }
  }

  async function round(world, i) {
    const { x } = world, ledger = newLedger(), stop = { now: false };
    if (i % 8 === 7) x.clock.move(MONTH);
    await signedIn(x, world);
    const work = [
      ...Array.from({ length: 8 }, (_, k) => on(stop, ledger, () => reporter(x, ledger, k % 4 === 0, stop))),
      ...world.officers.map((c) => on(stop, ledger, () => officer(x, ledger, c))),
      ...[1, 2, 3].map(() => on(stop, ledger, () => resident(x, ledger, world))),
      i % 3 === 0 ? backups(x, world, stop) : Promise.resolve(),
    ];
    await Promise.race([underWay(ledger, stop).then(() => sleep(Math.random() * 900)), ...work.map((w) => w.then(() => new Promise(() => {})))]);
    // On PostgreSQL a third of the rounds kills both, a third the database alone.
    const which = pg ? ['program', 'both', 'database'][i % 3] : 'program';
    if (which === 'database') stop.shaken = true; else stop.now = true;
    if (which !== 'program') { pg.crash(); totals.databaseKills++; }
    if (which !== 'database') await x.kill();
    if (stop.backup && Math.random() < 0.5) stop.backup.kill('SIGKILL');
    if (which !== 'program') await pg.start();
    if (which === 'database') { await sleep(200); stop.now = true; await Promise.all(work); await answersAgain(x); } else { await Promise.all(work); await x.start(); }
    // Who was signed in still is: that, too, was acknowledged.
    const lost = [];
    for (const c of world.officers) { c.base = x.url; if ((await c.get(`/${WARD}/desk`)).status !== 200) lost.push('an officer is no longer signed in'); }
    await signedIn(x, world);
    const wrong = [...lost, ...await compare(x, ledger, world.officers[0], world)];
    if (world.fresh) { wrong.push(...restored(world)); world.fresh = false; }
    const got = ledger.forms.filter((e) => e.code), done = ledger.steps.filter((s) => s.ok);
    world.kept.push(...got);
    totals.rounds++;
    totals.receipts += got.length;
    totals.photos += got.filter((e) => e.photo).length;
    totals.steps += done.filter((s) => s.by === 'officer').length;
    totals.residents += done.filter((s) => s.by === 'resident' && !s.mail).length;
    totals.addresses += done.filter((s) => s.mail).length;
    totals.unanswered += ledger.forms.length - got.length + ledger.steps.length - done.length;
    console.log(`round ${totals.rounds} (kill of the ${which === 'both' ? 'program and the database' : which}): ${got.length} receipts, ${done.length} steps, ${ledger.forms.length - got.length} + ${ledger.steps.length - done.length} unanswered; ${wrong.length} wrong`);
    bad += wrong.length;
    said.push(...wrong.map((w) => `round ${totals.rounds}: ${w}`));
  }

  if (pg) await pg.start();
  try {
    while (totals.rounds < rounds) {
      const world = await newWorld();
      try {
        for (let i = 0; i < OF_A_WORLD && totals.rounds < rounds; i++) await round(world, i);
        for (const e of world.kept) {
          const r = await world.x.client().post(`/${WARD}/follow`, { code: e.code, pin: e.pin });
          if (r.status !== 303) { bad++; said.push(`at the end: ${e.code} is lost`); }
        }
        if (bad === 0) await world.x.stop(); // ends well, and takes its folder along
      } finally {
        await world.x.kill();
        if (bad === 0) rmSync(world.dir, { recursive: true, force: true });
      }
    }
  } finally {
    if (pg) pg.stop({ gone: bad === 0 });
  }
  if (bad) said.push(`the data lie in ${data}/tmp`);
  return { bad, totals, said, sync: fdatasync() };
}

// --- both ---

// kill: 20 rounds on the embedded database; crash: 100, half of them on PostgreSQL.
export async function crash({ name: measure = 'crash', quick, rounds, engine: only }) {
  const { block, results } = await import('./lib.mjs');
  const n = rounds ?? (quick ? 6 : 100), engines = only ? [only] : ['sqlite', 'postgres'];
  const found = [];
  for (const [i, name] of engines.entries()) {
    const share = Math.floor(n / engines.length) + (i < n % engines.length ? 1 : 0);
    if (share === 0) continue;
    console.log(`${name}: ${share} rounds`);
    found.push([name, await new Promise((done, failed) => {
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), String(share)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, XOM_ENGINE: name, XOM_PG_DIR: `/var/tmp/xom-crash-${process.pid}` } });
      let out;
      child.on('message', (m) => { out = m; });
      child.on('exit', (code) => (code === 0 && out ? done(out) : failed(new Error(`the rounds on ${name} ended with ${code}`))));
    })]);
  }
  const bad = found.reduce((sum, [, r]) => sum + r.bad, 0), said = found.flatMap(([name, r]) => r.said.map((l) => `${name}: ${l}`));
  if (said.length) console.log(said.slice(0, 40).join('\n'));
  for (const [name, { totals: t }] of found)
    if (t.receipts < t.rounds * 3 || t.steps < t.rounds || t.photos === 0) throw new Error(`${name}: too little was acknowledged to say anything: ${JSON.stringify(t)}`);
  results(measure, { title: `Acknowledged things lost or doubled over ${n} rounds of kill -9 under a mixed load, each followed by a restart, \`xom verify\` and the comparison with the clients' own ledger.`,
    figure: String(bad), reach: '0', good: bad === 0, command: `./bench ${measure}${quick ? ' --quick' : ''}${rounds && measure === 'crash' ? ` --rounds ${rounds}` : ''}${only && measure === 'crash' ? ` --engine ${only}` : ''}`, keep: !quick && (measure === 'kill' ? n >= 20 : n >= 100 && !only),
    facts: [...found.map(([name, { totals: t, sync }]) => `${name}: ${t.rounds} rounds${t.databaseKills ? `, in ${t.databaseKills} of them the database server killed` : ''}; acknowledged ${t.receipts} receipts (${t.photos} with a photo), ${t.steps} steps of the desk, ${t.residents} of residents, ${t.addresses} addresses${t.backups ? `, ${t.backups} backups` : ''}, ${t.erased} erasings; ${t.unanswered} unanswered at the kill; fdatasync of 4 KiB ${sync.toFixed(0)} µs`), ...(said.length ? [block(said.slice(0, 40))] : [])] });
  return String(bad);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const r = await engine(Number(process.argv[2]));
  process.send(r, () => process.exit(0));
}
