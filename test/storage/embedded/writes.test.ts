import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { EmbeddedTable } from '../../../storage/embedded/table.ts';
import { ConditionFailed } from '../../../storage/errors.ts';
import { createMeter } from '../../../storage/meter.ts';
import type { Expectation, Item, Meter, WriteOp } from '../../../storage/ports.ts';

const NOW_SECONDS = 1_000;
const KEYS = 24;

interface Named {
  readonly table: EmbeddedTable;
  readonly meter: Meter;
}

describe('writes of an embedded table that are committed together', () => {
  let dir: string;
  let together: Named;
  let alone: Named;

  const open = (name: string): Named => {
    const meter = createMeter();
    const table = new EmbeddedTable({ dir: join(dir, name), name, meter, now: () => NOW_SECONDS * 1_000 });
    return { table, meter };
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tessera-writes-'));
    together = open('together');
    alone = open('alone');
  });

  afterEach(async () => {
    await Promise.all([together.table.close(), alone.table.close()]);
    await rm(dir, { recursive: true, force: true });
  });

  /** What became of a write: the ops that stood in its way, or that it was done. */
  const outcome = (write: Promise<void>): Promise<readonly number[] | 'done'> =>
    write.then(
      () => 'done' as const,
      (error: unknown) => {
        if (error instanceof ConditionFailed) return error.failed;
        throw error;
      },
    );

  const all = async ({ table }: Named, prefix: string): Promise<Item[]> => {
    const items: Item[] = [];
    for await (const item of table.scan(prefix)) items.push(item);
    return items;
  };

  async function same(prefix: string, writes: readonly (readonly WriteOp[])[]): Promise<void> {
    const inOne = await Promise.all(writes.map((ops) => outcome(together.table.write(ops))));
    const oneByOne = [];
    for (const ops of writes) oneByOne.push(await outcome(alone.table.write(ops)));
    assert.deepEqual(inOne, oneByOne);
    assert.deepEqual(await all(together, prefix), await all(alone, prefix));
  }

  const put = (pk: string, expect?: Expectation, expiresAt?: number): WriteOp => ({
    ...{ kind: 'put', pk, sk: 's', version: 1, value: Buffer.from('value') },
    ...(expect === undefined ? {} : { expect }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });

  it('end as they do one after another, whatever they expect and find', async () => {
    const expectation = fc.constantFrom<Expectation | undefined>(
      'absent',
      'absent',
      'absent',
      1,
      2,
      undefined,
    );
    const expiry = fc.constantFrom(undefined, undefined, NOW_SECONDS - 1, NOW_SECONDS + 1);
    const op = fc.record({
      ...{ kind: fc.constantFrom('put', 'put', 'put', 'delete', 'check'), key: fc.nat({ max: KEYS - 1 }) },
      ...{ version: fc.integer({ min: 1, max: 2 }), expect: expectation, expiresAt: expiry },
    });
    const write = fc.uniqueArray(op, { selector: ({ key }) => key, minLength: 1, maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 30 }), async (writes) => {
        const prefix = `r${++run}/`;
        const ops = writes.map((given) =>
          given.map(({ kind, key, version, expect, expiresAt }): WriteOp => {
            const at = { pk: `${prefix}${key}`, sk: 's' };
            const expected = expect === undefined ? {} : { expect };
            if (kind === 'delete') return { kind, ...at, ...expected };
            if (kind === 'check') return { kind, ...at, expect: expect ?? 'absent' };
            const expires = expiresAt === undefined ? {} : { expiresAt };
            return { kind: 'put', ...at, version, value: Buffer.from(`${version}`), ...expected, ...expires };
          }),
        );
        await same(prefix, ops);
      }),
      { numRuns: 60 },
    );
  });

  it('are counted once, also where they have to be done again', async () => {
    const fresh = Array.from({ length: 40 }, (_, i) => [put(`a/${i}`, 'absent'), put(`b/${i}`, 'absent')]);
    const [first = []] = fresh;
    await same('', [...fresh, first, [put('c', undefined), put('a/0', undefined)]]);
    const { 'together.write.requests': requests, 'together.write.items': items } = together.meter.read();
    assert.deepEqual([requests, items], [42, 84]);
    const units = (name: string, { meter }: Named): number | undefined => meter.read()[`${name}.write.units`];
    assert.equal(units('together', together), units('alone', alone));
  });
});
