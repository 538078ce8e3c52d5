import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Evidence, GraphNode, IdentityRules } from '../../../domain/identity/evidence.ts';
import { partition } from '../../../domain/identity/partition.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';
import { WRITE_OPS_MAX } from '../../../storage/ports.ts';
import { TIGHT_RULES, anyEvidence, node, shape } from '../../domain/identity/samples.ts';
import { correctionOf } from './corrections.ts';
import { directoryOn, memoryTable } from './memory.ts';
import type { ProfileDirectory, RejudgedRegion } from '../../../storage/identity/types.ts';
import type { MemoryTable } from './memory.ts';
import { headsOf, partitionOf } from './seen.ts';

/** Operations of a transaction, so few that hardly anything fits one. */
const SMALL = 8;

const { version, priority, blocked } = DEFAULT_IDENTITY_RULES;

const at = (type: string, n: number): GraphNode => ({ fragment: `${type}-${1000 + n}`, type });
const seen = (one: GraphNode, other: GraphNode, second: number): Evidence => ({
  ...(one.fragment < other.fragment ? { a: one, b: other } : { a: other, b: one }),
  rule: 'same-event',
  firstSeen: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
  source: 'web',
  messageId: `message-${second}`,
});

/** Two tills that as many addresses each were typed into, where a profile may have half of them and some. */
class Tills {
  readonly nodes: readonly GraphNode[];
  readonly all: readonly Evidence[];
  /** Without the piece that makes both tills one: it keeps the second's addresses out. */
  readonly apart: readonly Evidence[];
  readonly #rules: IdentityRules;

  constructor(addresses: number) {
    this.#rules = { version, priority, blocked, unique: [], limits: { email: addresses + 1 } };
    const [one, other] = [at('loyaltyId', 0), at('loyaltyId', 1)];
    const emails = Array.from({ length: 2 * addresses }, (_, n) => at('email', n));
    this.nodes = [one, other, ...emails];
    this.apart = emails.map((email, n) => seen(email, n < addresses ? one : other, 1 + n));
    this.all = [seen(one, other, 0), ...this.apart];
  }

  directory(table: MemoryTable, opsMax = WRITE_OPS_MAX): ProfileDirectory {
    return directoryOn(table, this.#rules, { opsMax });
  }

  async told(evidence: readonly Evidence[]): Promise<MemoryTable> {
    const table = memoryTable();
    await this.directory(table).resolve({ nodes: this.nodes, evidence }, 'b0');
    return table;
  }

  async standsAs(table: MemoryTable, evidence: readonly Evidence[]): Promise<void> {
    const heads = await headsOf(this.directory(table), this.nodes);
    assert.deepEqual(shape(partitionOf(heads)), shape(partition(this.nodes, evidence, this.#rules)));
  }

  get region(): RejudgedRegion {
    return { fragments: this.nodes.map(({ fragment }) => fragment), isolated: new Map() };
  }

  async profiles(table: MemoryTable): Promise<number> {
    return (await headsOf(this.directory(table), this.nodes)).length;
  }
}

async function fails(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (error instanceof StoreUnavailable) return true;
    throw error;
  }
}

describe('evidence that holds no longer between more profiles than a transaction takes', function () {
  this.timeout(300_000);

  it('falls away in steps, and comes back in steps', async () => {
    const tills = new Tills(WRITE_OPS_MAX + 5);
    const table = await tills.told(tills.all);
    await tills.standsAs(table, tills.all);
    const before = await tills.profiles(table);
    assert.ok(before > WRITE_OPS_MAX, 'the second till is kept without its addresses');
    const there = await tills.directory(table).correct(correctionOf(tills.all, tills.apart), 'c0');
    assert.equal(there.left, 0);
    await tills.standsAs(table, tills.apart);
    const after = await tills.profiles(table);
    assert.equal(after - before, there.minted.length - there.mergedAway.length, 'counted exactly');
    const back = await tills.directory(table).correct(correctionOf(tills.apart, tills.all), 'c1');
    assert.equal(back.left, 0);
    await tills.standsAs(table, tills.all);
  });

  for (const when of ['before', 'after'] as const)
    it(`ends the same where the store fails at any call, ${when} its effect`, async () => {
      const tills = new Tills(12);
      let failures = 0;
      for (const [from, to] of [
        [tills.all, tills.apart],
        [tills.apart, tills.all],
      ] as const) {
        const correction = correctionOf(from, to);
        const start = await tills.told(from);
        const before = await tills.profiles(start);
        for (let call = 1; ; call++) {
          const table = memoryTable();
          for (const [key, item] of start.items) table.items.set(key, item);
          table.failAt = { call, when };
          const failed = await fails(() => tills.directory(table, SMALL).correct(correction, 'c0'));
          delete table.failAt;
          // Nobody is in two profiles even in between.
          await tills.profiles(table);
          if (!failed) break;
          failures++;
          const directory = tills.directory(table, SMALL);
          const { left, minted, mergedAway } = await directory.correct(correction, 'c0');
          assert.equal(left, 0);
          // As at the end of a run, when all profiles are compared with the rules.
          assert.equal(await directory.rejudge(tills.region, 'r0'), true);
          const judged = await directory.resolve({ nodes: [], evidence: [] }, 'r0');
          await tills.standsAs(table, to);
          const after = await tills.profiles(table);
          const counted = minted.length - mergedAway.length + judged.minted.length - judged.mergedAway.length;
          assert.equal(after - before, counted, `call ${call}`);
        }
      }
      assert.ok(failures > 20, `it hardly failed: ${failures}`);
    });
});

describe('any evidence that holds no longer, where transactions are small', () => {
  const nodes = Array.from({ length: 16 }, (_, index) => node(index));
  const small = { opsMax: SMALL };

  async function shapeOf(table: MemoryTable): Promise<unknown> {
    return shape(partitionOf(await headsOf(directoryOn(table, TIGHT_RULES), nodes)));
  }

  it('falls away as if it had never been', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvidence(30),
        anyEvidence(8),
        fc.infiniteStream(fc.boolean()),
        async (evidence, others, keeps) => {
          const table = memoryTable();
          await directoryOn(table, TIGHT_RULES).resolve({ nodes, evidence }, 'b0');
          const after = [...evidence.filter(() => keeps.next().value), ...others];
          for (const [cause, before, then] of [
            ['there', evidence, after],
            ['back', after, evidence],
          ] as const) {
            const correction = correctionOf(before, then);
            const { left } = await directoryOn(table, TIGHT_RULES, small).correct(correction, cause);
            assert.equal(left, 0);
            assert.deepEqual(await shapeOf(table), shape(partition(nodes, then, TIGHT_RULES)));
            await directoryOn(table, TIGHT_RULES, small).correct(correction, cause);
            assert.deepEqual(await shapeOf(table), shape(partition(nodes, then, TIGHT_RULES)), 'and again');
          }
        },
      ),
      { numRuns: 120, endOnFailure: true },
    );
  });

  it('falls away whichever call fails, once all profiles were compared with the rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvidence(30),
        fc.infiniteStream(fc.boolean()),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('before' as const, 'after' as const),
        async (evidence, keeps, call, when) => {
          const table = memoryTable();
          await directoryOn(table, TIGHT_RULES).resolve({ nodes, evidence }, 'b0');
          const after = evidence.filter(() => keeps.next().value);
          const correction = correctionOf(evidence, after);
          table.failAt = { call: table.calls + call, when };
          await fails(() => directoryOn(table, TIGHT_RULES, small).correct(correction, 'c0'));
          delete table.failAt;
          await directoryOn(table, TIGHT_RULES, small).correct(correction, 'c0');
          const region = { fragments: nodes.map(({ fragment }) => fragment), isolated: new Map() };
          assert.equal(await directoryOn(table, TIGHT_RULES, small).rejudge(region, 'r0'), true);
          assert.deepEqual(await shapeOf(table), shape(partition(nodes, after, TIGHT_RULES)));
        },
      ),
      { numRuns: 200, endOnFailure: true },
    );
  });
});
