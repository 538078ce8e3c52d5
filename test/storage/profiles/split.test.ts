import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../../domain/canonical.ts';
import { parseIdentifierKey } from '../../../domain/identity/identifier.ts';
import type { GraphNode } from '../../../domain/identity/evidence.ts';
import { evolveAll, emptyState } from '../../../domain/profile/fold.ts';
import { fragmentOf } from '../../../storage/profiles/membership.ts';
import { january, openPeople } from './people.ts';
import type { Happening, People } from './people.ts';

/** Two people's identifiers: no rule keeps them apart, so that whatever names both joins them. */
const JANE = ['userId:jane', 'anonymousId:janes-phone', 'email:jane@example.com'];
const JOHN = ['crmId:john', 'anonymousId:johns-phone', 'email:john@example.com'];

const pick = (from: readonly string[]): fc.Arbitrary<string[]> =>
  fc.subarray([...from], { minLength: 1, maxLength: 2 });

const happening = (who: fc.Arbitrary<string[]>): fc.Arbitrary<Happening> =>
  fc.record({
    who,
    at: fc.tuple(fc.integer({ min: 1, max: 28 }), fc.nat(23)).map(([day, hour]) => {
      const digits = (n: number): string => String(n).padStart(2, '0');
      return `${digits(day)}T${digits(hour)}:00`;
    }),
    event: fc.constantFrom('Page Viewed', 'Order Completed'),
    source: fc.constantFrom('web', 'pos'),
    traits: fc.dictionary(fc.constantFrom('name', 'city', 'plan'), fc.constantFrom('a', 'b', 'c'), {
      maxKeys: 2,
    }),
  });

/** Each person's own life, and events that name both. */
const histories = fc.record({
  own: fc.array(fc.oneof(happening(pick(JANE)), happening(pick(JOHN))), { minLength: 1, maxLength: 8 }),
  shared: fc.array(
    happening(fc.tuple(fc.constantFrom(...JANE), fc.constantFrom(...JOHN)).map((who) => [...who])),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  later: fc.array(
    fc.oneof(
      happening(pick(JANE)),
      happening(pick(JOHN)),
      happening(fc.tuple(fc.constantFrom(...JANE), fc.constantFrom(...JOHN)).map((who) => [...who])),
    ),
    { maxLength: 4 },
  ),
});

const WHOLE: Happening[] = [
  { who: JANE, at: '01' },
  { who: JOHN, at: '01' },
];
const isShared = ({ who }: Happening): boolean =>
  who.some((key) => JANE.includes(key)) && who.some((key) => JOHN.includes(key));

const nodeOf = async (people: People, key: string): Promise<GraphNode> => ({
  fragment: (await fragmentOf(people, key))!,
  type: parseIdentifierKey(key)!.type,
});

/** All that a profile says, without its ids and what was decided about it: fold, identifiers, timeline. */
async function told(people: People, address: string): Promise<string> {
  const view = await people.profiles.read(address);
  const timeline = await people.profiles.timeline(address);
  // Addresses differ from tenant to tenant; how many there are of which type does not.
  const members = view?.head.members.map(({ type }) => type).sort();
  return canonicalJson({
    ...view?.state,
    members,
    timeline: timeline?.items.map((event) => ({ ...event, batchId: '' })),
  });
}

describe('a split', function () {
  this.timeout(120_000);

  it('leaves both as if they had never been joined, whatever comes later; and a link joins them as before', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ own, shared, later }) => {
        const [people, control] = [await openPeople(), await openPeople()];
        try {
          await people.tell('29', ...WHOLE, ...own, ...shared);
          await control.tell('29', ...WHOLE, ...own, ...shared.map((each) => ({ ...each, unlinked: true })));
          const joined = await told(people, JANE[0]!);
          assert.equal(await told(people, JOHN[0]!), joined);
          const away = await Promise.all(JOHN.map((key) => nodeOf(people, key)));
          const split = { kind: 'split' as const, id: 's1', at: january('29T01:00'), away };
          await people.directory.resolve({ nodes: [], evidence: [], splits: [split] }, 's1');
          for (const address of [...JANE, ...JOHN])
            assert.equal(await told(people, address), await told(control, address), address);
          await people.tell('30', ...later);
          await control.tell('30', ...later.map((each) => ({ ...each, unlinked: isShared(each) })));
          for (const address of [...JANE, ...JOHN])
            assert.equal(await told(people, address), await told(control, address), address);
          if (later.length > 0) return;
          const [a, b] = [await nodeOf(people, JANE[2]!), await nodeOf(people, JOHN[1]!)];
          const again = {
            a,
            b,
            rule: 'always' as const,
            firstSeen: january('31'),
            source: 'operator',
            messageId: 'l1',
          };
          await people.directory.resolve({ nodes: [], evidence: [again] }, 'l1');
          assert.equal(await told(people, JOHN[0]!), joined);
        } finally {
          await people.close();
          await control.close();
        }
      }),
      {
        numRuns: 20,
        examples: [[{ own: [], shared: [{ who: [JANE[1]!, JOHN[2]!], at: '02' }], later: [] }]],
      },
    );
  });

  it('shows of each half what its own events fold to', async () => {
    const people = await openPeople();
    try {
      await people.tell('29', ...WHOLE, { who: [JANE[1]!, JOHN[0]!], at: '03', traits: { name: 'both' } });
      const away = await Promise.all(JOHN.map((key) => nodeOf(people, key)));
      const split = { kind: 'split' as const, id: 's1', at: january('29T01:00'), away };
      await people.directory.resolve({ nodes: [], evidence: [], splits: [split] }, 's1');
      const policy = (await people.registry.config()).fold;
      for (const [address, events] of [
        [JANE[0]!, 2],
        [JOHN[0]!, 1],
      ] as const) {
        const view = await people.profiles.read(address);
        const timeline = (await people.profiles.timeline(address))?.items ?? [];
        assert.equal(timeline.length, events);
        const folded = evolveAll(emptyState, timeline, policy);
        const state = { ...view!.state, identifiers: folded.identifiers };
        assert.equal(canonicalJson(state), canonicalJson(folded));
      }
    } finally {
      await people.close();
    }
  });
});
