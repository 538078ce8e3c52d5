import { startPlatform } from './test/support/platform.ts';
import { runLoad } from './bench/load/run.ts';
import { cpuPerEvent, cpuSeconds } from './bench/measure/processes.ts';
const p = await startPlatform();
try {
for (const count of [4000, 12000]) {
  await p.drained(); const cpu = cpuSeconds(p); const t = performance.now();
  const r = await runLoad({ host: '127.0.0.1', port: p.port, writeKey: p.tokens.writeKeys['web']!, connections: 64, perRequest: 1, warmupSeconds: 0, seconds: 0, events: count, users: 5000, session: 1, maxPending: 16000, adminToken: p.tokens.adminToken });
  await p.drained(600000);
  console.log('plain', count, Math.round(count / ((performance.now() - t) / 1000)), 'readable/s', r.p50, r.p99, JSON.stringify(cpuPerEvent(cpu, cpuSeconds(p), count).byProcess));
}
} finally { await p.stop(); }
