import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { planned, type ClientPlan } from './plan.ts';

/** The SDK measures its whole queue at each event, so a program that queues thousands at once waits for minutes. */
const QUEUE_MAX = 200;

const plan = JSON.parse(process.argv[2] ?? '') as ClientPlan;
const client = new RudderAnalytics(plan.writeKey, {
  dataPlaneUrl: plan.host,
  flushAt: 100,
  flushInterval: 500,
  errorHandler: () => undefined,
});
for (let start = 0; start < plan.count; start += QUEUE_MAX) {
  const sent = Array.from(
    { length: Math.min(QUEUE_MAX, plan.count - start) },
    (_, index) =>
      new Promise<void>((resolve, reject) => {
        client.track(planned(plan, start + index), (error?: Error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      }),
  );
  await client.flush();
  await Promise.all(sent);
}
