import { Analytics } from '@segment/analytics-node';
import { planned, type ClientPlan } from './plan.ts';

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;
const analytics = new Analytics({
  host: plan.host,
  writeKey: plan.writeKey,
  flushAt: 100,
  flushInterval: 500,
});
const failures: unknown[] = [];
analytics.on('error', (error) => failures.push(error));
for (let index = 0; index < plan.count; index += 1) analytics.track(planned(plan, index));
await analytics.closeAndFlush();
if (failures.length > 0) {
  console.error(failures);
  process.exitCode = 1;
}
