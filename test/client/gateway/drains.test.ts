import assert from 'node:assert/strict';
import { Drains } from '../../../client/gateway/drains.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** So short that whoever waits is told to go on waiting. */
const SOON_MS = 1;
const LONG_MS = 60_000;

function recorded(): { drains: Drains; begun: string[]; ends: ((error?: Error) => void)[] } {
  const begun: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const drains = new Drains((source) => {
    begun.push(source);
    return new Promise((resolve, reject) => {
      ends.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  });
  return { drains, begun, ends };
}

describe('drains that callers wait for', () => {
  it('are one of a source at a time, however often it is asked for', async () => {
    const { drains, begun, ends } = recorded();
    const id = await drains.wait('web', undefined, SOON_MS);
    assert.ok(id !== undefined);
    for (let at = 0; at < 20; at++) assert.notEqual(await drains.wait('web', undefined, SOON_MS), undefined);
    assert.ok((await drains.wait('pos', undefined, SOON_MS)) !== undefined);
    assert.deepEqual(begun, ['web', 'pos']);
    ends[0]?.();
    await turn();
    assert.deepEqual(begun, ['web', 'pos', 'web']);
  });

  it('go on for who names the one that it waits for, and tell it of the end', async () => {
    const { drains, begun, ends } = recorded();
    const id = await drains.wait('web', undefined, SOON_MS);
    assert.equal(await drains.wait('web', id, SOON_MS), id);
    ends[0]?.();
    await turn();
    assert.equal(await drains.wait('web', id, LONG_MS), undefined);
    assert.deepEqual(begun, ['web']);
  });

  it('begin anew for who asks while one goes on: what was accepted since is drained too', async () => {
    const { drains, begun, ends } = recorded();
    const first = drains.wait('web', undefined, LONG_MS);
    await turn();
    const later = [drains.wait('web', undefined, LONG_MS), drains.wait('web', undefined, LONG_MS)];
    let isOver = 0;
    for (const one of later)
      one.then(
        () => (isOver += 1),
        () => undefined,
      );
    ends[0]?.();
    assert.equal(await first, undefined);
    await turn();
    assert.deepEqual([begun.length, isOver], [2, 0]);
    ends[1]?.();
    assert.deepEqual(await Promise.all(later), [undefined, undefined]);
  });

  it('fail for who waits, and for nobody else', async () => {
    const { drains, ends } = recorded();
    const first = drains.wait('web', undefined, LONG_MS);
    await turn();
    const next = drains.wait('web', undefined, LONG_MS);
    ends[0]?.(new Error('paused'));
    await assert.rejects(first, /paused/u);
    await turn();
    ends[1]?.();
    assert.equal(await next, undefined);
  });

  it('of another source, or that nobody knows any more, are asked for anew', async () => {
    const { drains, begun } = recorded();
    const id = await drains.wait('web', undefined, SOON_MS);
    await drains.wait('pos', id, SOON_MS);
    await drains.wait('crm', 'gone', SOON_MS);
    assert.deepEqual(begun, ['web', 'pos', 'crm']);
  });
});
