import assert from 'node:assert/strict';
import { createLogger } from '../../../client/gateway/log.ts';
import { Waker } from '../../../client/gateway/wake.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const OLDEST = {
  batchId: 'b',
  mapping: 'segment',
  items: 1,
  receivedAt: '2026-01-01T00:00:00.000Z',
};

interface Call {
  readonly lane: string;
  readonly finish: (error?: Error) => void;
}

function recorded(pending: { source: string; lane: number }[] = []): { waker: Waker; calls: Call[] } {
  const calls: Call[] = [];
  const waker = new Waker({
    signal: (source, lane) =>
      new Promise((resolve, reject) => {
        calls.push({
          lane: `${source}/${lane}`,
          finish: (error) => {
            if (error === undefined) resolve();
            else reject(error);
          },
        });
      }),
    batches: {
      pendingLanes: () =>
        Promise.resolve(pending.map((lane) => ({ ...lane, oldest: { ...OLDEST, ...lane } }))),
    },
    log: createLogger('silent', 'demo'),
  });
  return { waker, calls };
}

describe('the waker', () => {
  it('has one call a lane under way, and makes another where one was asked for meanwhile', async () => {
    const { waker, calls } = recorded();
    for (let at = 0; at < 5; at++) waker.wake('web', 0);
    waker.wake('web', 1);
    assert.deepEqual(
      calls.map(({ lane }) => lane),
      ['web/0', 'web/1'],
    );
    for (const call of calls) call.finish();
    await turn();
    assert.deepEqual(
      calls.map(({ lane }) => lane),
      ['web/0', 'web/1', 'web/0'],
    );
    calls[2]?.finish();
    await turn();
    assert.equal(calls.length, 3);
    waker.stop();
  });

  it('tries again until Temporal takes it', async () => {
    const { waker, calls } = recorded();
    waker.wake('web', 0);
    calls[0]?.finish(new Error('away'));
    while (calls.length < 2) await turn();
    calls[1]?.finish();
    await turn();
    waker.wake('web', 0);
    assert.equal(calls.length, 3);
    waker.stop();
  });

  it('wakes at its start the lanes that a process before it left with batches', async () => {
    const { waker, calls } = recorded([
      { source: 'web', lane: 0 },
      { source: 'pos', lane: 1 },
    ]);
    waker.start();
    while (calls.length < 2) await turn();
    assert.deepEqual(calls.map(({ lane }) => lane).sort(), ['pos/1', 'web/0']);
    waker.stop();
  });
});
