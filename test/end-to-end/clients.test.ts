import assert from 'node:assert/strict';
import type { SourceStatus, Status } from '../support/api.ts';
import { startPlatform, type Platform } from '../support/platform.ts';
import { word } from '../support/segment.ts';
import { eventually } from '../support/wait.ts';
import { openBrowserClient } from './clients/browser.ts';
import type { ClientPlan } from './clients/plan.ts';
import { runNodeClient, runPythonClient } from './clients/run.ts';

const EVENTS = 10_000;
const SOURCE = 'web';
const BROWSER_TIMEOUT_MS = 600_000;

describe('unmodified clients', () => {
  let platform: Platform;
  before(async () => {
    platform = await startPlatform();
  });
  after(async () => {
    await platform.stop();
  });

  const plan = (users: number): ClientPlan => ({
    ...{ host: platform.url, writeKey: platform.tokens.writeKeys[SOURCE] ?? '', count: EVENTS, users },
    ...{ prefix: word('client'), startedAt: new Date(Date.now() - 3_600_000).toISOString() },
  });

  /** Sends twice and checks that the first sending arrived whole and the second changed nothing. */
  async function sendTwice(given: ClientPlan, send: () => Promise<void>): Promise<void> {
    const change = async (before: Status): Promise<SourceStatus & { events: number; profiles: number }> => {
      await send();
      const source = before.sources[SOURCE]!;
      await eventually('every event to be received', async () => {
        const now = (await platform.status()).sources[SOURCE]!;
        return now.received - source.received >= EVENTS ? true : undefined;
      });
      const status = await platform.drained();
      const now = status.sources[SOURCE]!;
      const delta = Object.entries(now).map(([key, value]) => [
        key,
        value - source[key as keyof SourceStatus],
      ]);
      return {
        ...(Object.fromEntries(delta) as SourceStatus),
        events: status.events - before.events,
        profiles: status.profiles - before.profiles,
      };
    };
    const none = {
      received: EVENTS,
      stored: 0,
      duplicates: 0,
      quarantined: 0,
      pending: 0,
      events: 0,
      profiles: 0,
    };
    assert.deepEqual(await change(await platform.status()), {
      ...none,
      ...{ stored: EVENTS, events: EVENTS, profiles: given.users },
    });
    const profile = await platform.profile(`userId:${given.prefix}-u0`);
    assert.equal(profile.computed.events, EVENTS / given.users);
    assert.deepEqual(await change(await platform.status()), { ...none, duplicates: EVENTS });
    assert.deepEqual(await platform.profile(`userId:${given.prefix}-u0`), profile);
  }

  it('@segment/analytics-node: 10,000 events arrive once, however often they are sent', async () => {
    const given = plan(100);
    await sendTwice(given, () => runNodeClient('segment-node', given));
  });

  it('segment-analytics-python: the same', async () => {
    const given = plan(100);
    await sendTwice(given, () => runPythonClient(given));
  });

  it('@segment/analytics-next in headless Chromium: the same', async function () {
    this.timeout(BROWSER_TIMEOUT_MS);
    const given = plan(1);
    const browser = await openBrowserClient();
    try {
      await sendTwice(given, () => browser.send(given));
    } finally {
      await browser.close();
    }
  });

  it('@rudderstack/rudder-sdk-node: 10,000 events arrive as 10,000', async () => {
    const given = plan(100);
    const before = (await platform.drained()).events;
    await runNodeClient('rudder-node', given);
    const status = await platform.drained();
    assert.equal(status.events - before, EVENTS);
    assert.equal((await platform.timeline(`userId:${given.prefix}-u7`)).length, EVENTS / given.users);
  });
});
