/* What the page of a shop would hold: the unmodified browser SDK, told only where to send. */
import { AnalyticsBrowser } from '@segment/analytics-next';
import { planned, type ClientPlan } from './plan.ts';

declare const window: { sendPlanned: (plan: ClientPlan) => Promise<number>; location: { host: string } };

window.sendPlanned = async (plan) => {
  const host = plan.host.replace('http://', '');
  const [analytics] = await AnalyticsBrowser.load(
    { writeKey: plan.writeKey, cdnURL: plan.host },
    {
      integrations: {
        'Segment.io': {
          apiHost: `${host}/v1`,
          protocol: 'http',
          deliveryStrategy: { strategy: 'batching', config: { size: 20, timeout: 200 } },
        },
      },
    },
  );
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < plan.count; index += 1) {
    const { userId, event, messageId, timestamp, properties } = planned(plan, index);
    sent.push(analytics.track(event, properties, { userId, messageId, timestamp }));
    if (index % 200 === 199) await Promise.all(sent.splice(0));
  }
  await Promise.all(sent);
  return plan.count;
};
