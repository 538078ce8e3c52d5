import assert from 'node:assert/strict';
import { StoreFull, StoreUnavailable } from '../../../storage/errors.ts';
import type { BatchStore } from '../../../storage/intake/types.ts';
import { basic, startGateway } from './support.ts';
import type { Running } from './support.ts';

const TRACK = '{"type":"track","event":"E","userId":"u"}';

/** A batch store whose appends wait for `open`, or fail with `fault`. */
class Gate {
  fault: Error | undefined;
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  waiting = 0;
  close(): void {
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }
  open(): void {
    this.#open();
  }
  wrap = (batches: BatchStore): BatchStore => ({
    ...batches,
    append: async (header, lines) => {
      this.waiting += 1;
      await this.#opened;
      this.waiting -= 1;
      if (this.fault !== undefined) throw this.fault;
      return batches.append(header, lines);
    },
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a gateway whose store is slow, full or away', () => {
  let running: Running;
  let gate: Gate;
  beforeEach(async () => {
    gate = new Gate();
    running = await startGateway({ wrap: gate.wrap, pendingCharsMax: 10_000 });
  });
  afterEach(async () => {
    gate.open();
    await running.stop();
  });

  it('answers nobody before the batch is durable', async () => {
    gate.close();
    let isAnswered = false;
    const sent = running.post('/v1/t', TRACK).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await until(() => gate.waiting === 1);
    assert.equal(isAnswered, false);
    gate.open();
    assert.equal((await sent).status, 200);
  });

  it('turns away with 429 and Retry-After what it has no room for, and takes it later', async () => {
    gate.close();
    const first = running.post('/v1/batch', `{"batch":[${Array.from({ length: 200 }, () => TRACK).join()}]}`);
    await until(() => gate.waiting === 1);
    const refused = await running.post('/v1/t', TRACK);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(refused.body['type'], 'urn:tessera:error:overloaded');
    assert.equal(refused.headers.get('access-control-allow-origin'), '*');
    assert.equal(refused.headers.get('access-control-expose-headers'), 'retry-after');
    gate.open();
    assert.equal((await first).body['accepted'], 200);
    assert.equal((await running.post('/v1/t', TRACK)).status, 200);
    assert.equal((await running.items()).length, 201);
  });

  for (const [fault, code] of [
    [new StoreFull('the disk'), 'store-full'],
    [new StoreUnavailable('the store'), 'store-unavailable'],
  ] as const) {
    it(`answers 503 to ${code}, holds nothing in memory, and recovers`, async () => {
      gate.fault = fault;
      const refused = await running.post('/v1/t', TRACK);
      assert.equal(refused.status, 503);
      assert.equal(refused.body['type'], `urn:tessera:error:${code}`);
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      assert.equal(running.gateway.batcher.pending, 0);
      gate.fault = undefined;
      assert.equal((await running.post('/v1/t', TRACK)).status, 200);
      assert.equal((await running.items()).length, 1);
    });
  }

  it('answers 500 to what is nobody else’s fault, without its words', async () => {
    gate.fault = new Error('jane@example.com');
    const failed = await running.post('/v1/t', TRACK);
    assert.equal(failed.status, 500);
    assert.doesNotMatch(JSON.stringify(failed.body), /jane/);
  });

  it('stops only when what it holds is durable and answered', async () => {
    gate.close();
    const sent = running.post('/v1/t', TRACK);
    await until(() => gate.waiting === 1);
    const closed = running.gateway.close();
    gate.open();
    assert.equal((await sent).status, 200);
    await closed;
    assert.equal((await running.items()).length, 1);
    await assert.rejects(fetch(`${running.url}/health`));
  });

  it('writes what came in meanwhile as one batch', async () => {
    gate.close();
    const first = running.post('/v1/t', TRACK);
    await until(() => gate.waiting === 1);
    const others = Array.from({ length: 10 }, () => running.post('/v1/t', TRACK));
    await until(() => running.gateway.batcher.pending > 1_500);
    gate.open();
    await Promise.all([first, ...others]);
    const batches = await running.store.batches.pending('web', 0, 100);
    assert.equal(
      batches.reduce((sum, { items }) => sum + items, 0),
      11,
    );
    assert.ok(batches.length <= 3, `${batches.length} batches`);
  });

  it('does not take the key of one source for another’s', async () => {
    await running.post('/v1/t', TRACK, { authorization: basic(running.tokens.writeKeys['pos'] ?? '') });
    assert.equal((await running.items('pos')).length, 1);
    assert.equal((await running.items('web')).length, 0);
  });
});
