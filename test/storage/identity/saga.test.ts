import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Evidence, GraphNode } from '../../../domain/identity/evidence.ts';
import { DEFAULT_IDENTITY_RULES } from '../../../domain/identity/rules.ts';
import { StoreUnavailable } from '../../../storage/errors.ts';
import { ResolutionReleased } from '../../../storage/identity/prepared.ts';
import type { IdentityInput, IdentityOutcome, ProfileDirectory } from '../../../storage/identity/types.ts';
import { directoryOn, memoryTable } from './memory.ts';
import type { MemoryTable } from './memory.ts';
import { headsOf } from './seen.ts';

const RULES = { ...DEFAULT_IDENTITY_RULES, limits: {}, junk: { after: 10_000 }, alarm: {} };
/** So many, that the two together are stored in pages. */
const FRAGMENTS = 700;
const AT = '2026-03-01T00:00:00.000Z';

/** A person of a user id and so many cards, addresses as random as real ones. */
function person(name: string, size: number): { nodes: GraphNode[]; evidence: Evidence[] } {
  const hub = { fragment: `${name}-user-000000`, type: 'userId' };
  const cards = Array.from({ length: size - 1 }, (_, n) => ({
    fragment: `${name}-card-${String(n).padStart(6, '0')}`,
    type: 'contactId',
  }));
  const evidence = cards.map((card, n): Evidence => ({
    ...{ a: card, b: hub, rule: 'same-event', source: 'web', messageId: `${name}-message-${String(n)}` },
    firstSeen: new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString(),
  }));
  return { nodes: [hub, ...cards], evidence };
}

const [JANE, JOHN] = [person('jane', FRAGMENTS), person('john', FRAGMENTS)];
/** Some of their fragments: reading a profile by each of them would take minutes. */
const NODES = [...JANE.nodes, ...JOHN.nodes].filter((_, index) => index % 350 === 0);
const LINK: IdentityInput = {
  nodes: [JANE.nodes[0]!, JOHN.nodes[0]!],
  evidence: [
    {
      ...{ a: JANE.nodes[0]!, b: JOHN.nodes[0]!, rule: 'always', firstSeen: AT },
      ...{ source: 'operator', messageId: 'link-1' },
    },
  ],
  prepared: true,
};
const SPLIT: IdentityInput = {
  nodes: LINK.nodes,
  evidence: [],
  splits: [{ kind: 'split', id: 'split-1', at: '2026-03-02T00:00:00.000Z', away: JOHN.nodes }],
  prepared: true,
};

/** The steps of the saga, in their order. */
async function saga(
  directory: ProfileDirectory,
  input: IdentityInput,
  cause: string,
): Promise<IdentityOutcome> {
  await directory.prepare(input, cause);
  const outcome = await directory.resolve(input, cause);
  await directory.repoint(
    input.nodes.map((node) => node.fragment),
    cause,
  );
  return outcome;
}

async function apart(): Promise<MemoryTable> {
  const table = memoryTable();
  for (const [n, { nodes, evidence }] of [JANE, JOHN].entries())
    await directoryOn(table, RULES).resolve({ nodes, evidence }, `b${String(n)}`);
  return table;
}

function copyOf(table: MemoryTable): MemoryTable {
  const copy = memoryTable();
  for (const [key, item] of table.items) copy.items.set(key, item);
  return copy;
}

/** What readers see: sizes of profiles, asserting that nothing is half done. */
async function sizes(table: MemoryTable): Promise<number[]> {
  const heads = await headsOf(directoryOn(table, RULES), NODES);
  for (const { members, links } of heads) assert.ok(links.length >= members.length - 1);
  return heads.map(({ members }) => members.length).sort((x, y) => x - y);
}

const pagesIn = (table: MemoryTable): number =>
  [...table.items.keys()].filter((key) => key.startsWith('g/') && key.includes('\np/')).length;

describe('the resolution of two profiles of hundreds of fragments each', function () {
  this.timeout(120_000);
  let separate: MemoryTable;
  let joined: MemoryTable;

  before(async () => {
    separate = await apart();
    joined = copyOf(separate);
    await saga(directoryOn(joined, RULES), LINK, 'r/1');
  });

  it('makes one of them by a link, two again by a split, each as it was', async () => {
    assert.deepEqual(await sizes(separate), [FRAGMENTS, FRAGMENTS]);
    assert.deepEqual(await sizes(joined), [FRAGMENTS * 2]);
    const split = copyOf(joined);
    await saga(directoryOn(split, RULES), SPLIT, 'r/2');
    const [was, is] = [
      await headsOf(directoryOn(separate, RULES), NODES),
      await headsOf(directoryOn(split, RULES), NODES),
    ];
    const facts = (heads: typeof was): unknown =>
      heads
        .map(({ members, links }) => ({ members, links }))
        .sort((x, y) => (x.members[0]!.fragment < y.members[0]!.fragment ? -1 : 1));
    assert.deepEqual(facts(is), facts(was));
    // No pointer is left that names a former profile.
    const calls = split.calls;
    await directoryOn(split, RULES).profileOf(JOHN.nodes[FRAGMENTS - 1]!.fragment);
    assert.ok(split.calls - calls <= 3, 'a reader had to follow a redirect');
  });

  for (const [name, input, from, ends] of [
    ['link', LINK, () => separate, [[FRAGMENTS, FRAGMENTS], [FRAGMENTS * 2]]],
    ['split', SPLIT, () => joined, [[FRAGMENTS * 2], [FRAGMENTS, FRAGMENTS]]],
  ] as const)
    for (const when of ['before', 'after'] as const)
      it(`${name}: ends done or not begun wherever it crashes ${when} a call, and done when it is taken up again`, async () => {
        let outcomes = new Set<string>();
        for (let call = 1; ; call++) {
          const table = copyOf(from());
          table.failAt = { call, when };
          const failed = await saga(directoryOn(table, RULES), input, 'r/x').then(
            () => false,
            (error: unknown) => {
              assert.ok(error instanceof StoreUnavailable);
              return true;
            },
          );
          delete table.failAt;
          const found = JSON.stringify(await sizes(table));
          outcomes = outcomes.add(found);
          const again = await saga(directoryOn(table, RULES), input, 'r/x');
          assert.equal(again.minted.length + again.mergedAway.length, 1);
          assert.deepEqual(await sizes(table), ends[1]);
          if (!failed && table.calls < call) break;
          assert.ok(call < 200, 'it never comes to an end');
        }
        assert.deepEqual([...outcomes].sort(), ends.map((sizesThen) => JSON.stringify(sizesThen)).sort());
      });

  it('clears away what was prepared in vain, and commits nothing to it any more', async () => {
    const table = copyOf(separate);
    const directory = directoryOn(table, RULES);
    const pages = pagesIn(table);
    assert.ok((await directory.prepare(LINK, 'r/3')) > 0);
    assert.ok(pagesIn(table) > pages);
    await directory.release('r/3');
    assert.equal(pagesIn(table), pages);
    await assert.rejects(directory.resolve(LINK, 'r/3'), ResolutionReleased);
    assert.deepEqual(await sizes(table), [FRAGMENTS, FRAGMENTS]);
    await saga(directory, LINK, 'r/4');
    await directory.release('r/4');
    assert.deepEqual(await sizes(table), [FRAGMENTS * 2]);
  });
});
