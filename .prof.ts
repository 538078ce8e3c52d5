import { mkdtemp } from 'node:fs/promises';
import { CERTIFICATE_URL } from './test/client/gateway/webhooks/signing.ts';
import { CERTIFICATE } from './test/client/gateway/webhooks/sns-certificate.ts';
import { startPlatform } from './test/support/platform.ts';
import { runLoad } from './bench/load/run.ts';
import { SOURCES_SENT, writeWebhooks } from './bench/load/webhooks.ts';
import { cpuPerEvent, cpuSeconds } from './bench/measure/processes.ts';
import { storageTotals, perThousand } from './bench/measure/counters.ts';
const prof = process.argv[2] === 'prof';
const folder = await mkdtemp('/tmp/webhooks-prof-');
const p = await startPlatform({ env: { NODE_OPTIONS: `--import=${new URL('./bench/load/sns-host.mjs', import.meta.url).href}` + (prof ? ' --import=file:///tmp/webhooks-prof.mjs' : ''), BENCH_SNS_URL: CERTIFICATE_URL, BENCH_SNS_CERTIFICATE: CERTIFICATE } });
try {
for (const body of SOURCES_SENT) await p.api('/v1/sources', { method: 'POST', body });
let made = 0;
for (const count of [4000, 12000, 12000]) {
  await writeWebhooks(folder + '/r', { host: `127.0.0.1:${p.port}`, from: made, count, users: 5000 });
  made += count;
  await p.drained();
  const cpu = cpuSeconds(p); const st = await storageTotals(p);
  const t = performance.now();
  const r = await runLoad({ host: '127.0.0.1', port: p.port, writeKey: '', requests: folder + '/r', connections: 64, perRequest: 1, warmupSeconds: 0, seconds: 0, events: count, users: 1, session: 1, maxPending: 16000, adminToken: p.tokens.adminToken });
  const acc = performance.now() - t;
  const atSend = cpuPerEvent(cpu, cpuSeconds(p), count);
  await p.drained(600000);
  console.log(count, Math.round(count / ((performance.now() - t) / 1000)), 'readable/s', Math.round(count/(acc/1000)),'accepted/s', r.p50, r.p99, JSON.stringify(r.failures), JSON.stringify(cpuPerEvent(cpu, cpuSeconds(p), count).byProcess), 'send', JSON.stringify(atSend.byProcess));
  for (const f of perThousand(st, await storageTotals(p), count)) if(process.argv[3]) console.log(f.name, Math.round(f.values[0]!));
}
if (prof) { for (const n of ['gateway','worker']) p.kill(n, 'SIGUSR2'); await new Promise((r) => setTimeout(r, 4000)); }
} finally { await p.stop(); }
