// flood: 100,000 junk reports in a row, three texts with other digits, signs and words around them from tens of
// thousands of addresses, a quarter of random words from twenty. Meanwhile somebody honest reports every second, from
// an address of their own; looked for is their report on the first page of their unit's new queue, for a minute.
// Then all junk is taken out, and brought back.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { idle, results, serve, sleep, tools, xom } from './lib.mjs';

const WARD = 'song-may', CLIENTS = 32, ROUND = 10000, MOST_HONEST = 24, MINUTE = 60000;
const HONEST = [
  ['lighting', 'ha-tang', 'Bóng đèn trước trạm y tế nổ đêm qua, mảnh vỡ còn trên đường.'],
  ['rubbish', 'moi-truong', 'Xe gom rác sáng nay bỏ sót cả dãy nhà sau chùa, mong cho xe quay lại.'],
  ['road', 'ha-tang', 'Nắp cống giữa ngã ba bị bể một góc, xe máy tránh nhau dễ té.'],
  ['water', 'ha-tang', 'Nước máy chảy tràn ra vỉa hè chỗ đồng hồ nhà bên cạnh từ chiều.'],
  ['rubbish', 'moi-truong', 'Có người đổ xà bần xuống bờ kè, lấn ra mép sông.'],
  ['lighting', 'ha-tang', 'Trụ đèn đầu cầu nghiêng hẳn sau khi bị xe tải quẹt phải.'],
];
const OWN = ['gần nhà ông Tư', 'ngay quán nước', 'cạnh trường mẫu giáo', 'chỗ bến đò', 'sát vườn dừa', 'bên hông chợ nhỏ'];

function client(x, ip) {
  const c = x.client(), plain = c.request.bind(c);
  c.request = (method, path, options = {}) => plain(method, path, { ...options, headers: { ...options.headers, 'x-forwarded-for': ip } });
  return c;
}

async function junk(x, n) {
  for (let first = 0; first < n; first += ROUND) {
    const child = spawn(join(tools, 'bench-load'), [String(x.port), `/${WARD}`, 'lighting', String(Math.min(ROUND, n - first)), String(CLIENTS), String(first)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((done) => child.on('exit', done));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    child.stdin.write('\n');
    await lines.next();
    if (await ended !== 0) throw new Error('bench-load failed');
  }
}

// All groups of both units, one after the other, by their pages.
async function whole(x, officers, list, form) {
  let n = 0;
  const began = Date.now();
  for (const c of Object.values(officers)) {
    const token = xom.hidden((await c.get(`/${WARD}/desk`)).text, 'token');
    for (const g of JSON.parse((await c.get(`/${WARD}/desk/floods.json`)).text)[list] ?? []) {
      const path = g.url.replace(/\?.*/, '');
      await c.post(path, { token, sure: '1', ...form });
      n += list === 'cleared' ? g.cleared : g.n;
      while (JSON.parse((await c.get(`${path}.json`)).text).running) await sleep(300);
    }
  }
  return { n, seconds: (Date.now() - began) / 1000 };
}

export async function flood({ quick }) {
  const n = quick ? 3000 : 100000;
  const x = await serve({ settings: 'proxies: [127.0.0.1]\n' });
  await idle(x.child.pid);
  const officers = {};
  for (const unit of ['ha-tang', 'moi-truong']) officers[unit] = await xom.signIn(x, WARD, unit);
  const page = [], honest = [], looks = [];
  let running = true;
  const began = Date.now();
  const sent = junk(x, n).finally(() => { running = false; });
  const queue = (async () => {
    while (running) {
      const at = performance.now();
      const r = await officers['ha-tang'].get(`/${WARD}/desk`);
      if (r.status !== 200) throw new Error(`the queue's page: ${r.status}`);
      page.push(performance.now() - at);
      await sleep(200);
    }
  })();
  const seen = async (code, unit) => {
    for (const end = Date.now() + MINUTE; ;) {
      if (JSON.parse((await officers[unit].get(`/${WARD}/desk.json?queue=new`)).text).cases.some((c) => c.code === code)) return true;
      if (Date.now() > end) return false;
      await sleep(1000);
    }
  };
  const gap = quick ? 400 : Math.max(1000, n / 100);
  while (running && honest.length < MOST_HONEST) {
    const i = honest.length, [kind, unit, text] = HONEST[i % HONEST.length];
    const r = await xom.report(x, WARD, { kind, text: `${text} Chỗ này ${OWN[Math.floor(i / HONEST.length) % OWN.length]}.`, street: `Hẻm ${i + 3} Bến Sông Mây`, client: client(x, `172.16.4.${i + 1}`) });
    honest.push(r.code);
    looks.push(seen(r.code, unit));
    await sleep(gap);
  }
  await sent;
  await queue;
  const took = (Date.now() - began) / 1000;
  const found = (await Promise.all(looks)).filter(Boolean).length;
  // Once more when all of it has come: none has been pushed off.
  const first = Object.fromEntries(await Promise.all(Object.entries(officers).map(async ([unit, c]) => [unit, JSON.parse((await c.get(`/${WARD}/desk.json?queue=new`)).text).cases.map((r) => r.code)])));
  const after = honest.filter((code) => Object.values(first).some((l) => l.includes(code))).length;
  const groups = Number(x.sql('SELECT count(*) FROM flood'));
  const gathered = Number(x.sql('SELECT count(*) FROM ward_case WHERE flood_id IS NOT NULL'));
  const out = await whole(x, officers, 'groups', { do: 'clear', reason: 'Máy gửi hàng loạt.' });
  const back = await whole(x, officers, 'cleared', { do: 'restore' });
  await x.stop();
  const share = found / honest.length;
  page.sort((a, b) => a - b);
  const p = (q) => page[Math.min(page.length - 1, Math.floor(page.length * q))].toFixed(1);
  const facts = [
    `${honest.length} honest reports among ${n} of junk, which came within ${took.toFixed(0)} s with the form's pages before; ${after} of them stood on the first page at the end`,
    `${gathered} of ${n} gathered in ${groups} groups; the queue's page meanwhile: median ${p(0.5)} ms, p99 ${p(0.99)} ms`,
    `${out.n} taken out in ${out.seconds.toFixed(0)} s, ${back.n} brought back in ${back.seconds.toFixed(0)} s, by the desk's own buttons`];
  for (const f of facts) console.log(f);
  results('flood', { title: `Share of honest reports on the first page of their unit's new queue within a minute while ${n} junk ones come.`, figure: share.toFixed(2), reach: '1', good: share === 1, facts, command: `./bench flood${quick ? ' --quick' : ''}`, keep: !quick });
  return share.toFixed(2);
}
