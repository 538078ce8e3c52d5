import fc from 'fast-check';
import type { Ruling } from '../../../domain/identity/ruling.ts';
import type { Evidence, GraphNode, IdentityRules, Partition } from '../../../domain/identity/evidence.ts';

/** Tight rules over few types, so that refusals and displacements are common. */
export const TIGHT_RULES: IdentityRules = {
  version: 1,
  priority: ['userId', 'anonymousId', 'email'],
  unique: ['userId'],
  limits: { email: 2, anonymousId: 2, '*': 3 },
  blocked: [],
};

const TYPES = ['userId', 'anonymousId', 'email', 'shelf'];

/** A fragment whose type is told by its name, as it is in life. */
export function node(index: number): GraphNode {
  const type = TYPES[index % TYPES.length] ?? 'shelf';
  return { fragment: `${type}-${String(Math.floor(index / TYPES.length))}`, type };
}

/** One piece of evidence between the n-th and the m-th node. */
export function piece(a: number, b: number, minute: number, source = 'web'): Evidence {
  return {
    a: node(a),
    b: node(b),
    rule: 'same-event',
    firstSeen: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
    source,
    messageId: `m-${String(a)}-${String(b)}-${String(minute)}`,
  };
}

/** Evidence among up to 16 fragments. */
export const anyEvidence = (maxLength = 30): fc.Arbitrary<Evidence[]> =>
  fc.array(
    fc
      .tuple(fc.nat(15), fc.nat(15), fc.nat(8), fc.constantFrom('web', 'pos'))
      .filter(([a, b]) => a !== b)
      .map(([a, b, minute, source]) => piece(a, b, minute, source)),
    { maxLength, size: 'max' },
  );

/** A ruling of the n-th minute between groups of up to 16 fragments, and for `always` the evidence that joins two of them. */
export const anyRulings = (maxLength = 4): fc.Arbitrary<Ruled[]> =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom('always' as const, 'never' as const),
        fc.uniqueArray(fc.nat(15), { minLength: 2, maxLength: 6 }),
        fc.nat(4),
        fc.nat(8),
      ),
      { maxLength },
    )
    .map((drawn) =>
      drawn.map(([rule, members, cut, minute], index) => ruled(rule, members, cut, minute, index)),
    );

function ruled(rule: Ruling['rule'], members: number[], cut: number, minute: number, index: number): Ruled {
  const at = new Date(Date.UTC(2026, 1, 1, 0, minute)).toISOString();
  const border = 1 + (cut % (members.length - 1));
  const id = `ruling-${String(index)}`;
  const [a, b] = [members.slice(0, border).map(node), members.slice(border).map(node)];
  const earlier = Array.from({ length: index }, (_, other) => `ruling-${String(other)}`);
  const undoes = rule === 'never' && cut === 4 ? earlier : [];
  const [one, two] = [a[0], b[0]];
  const joins =
    rule === 'always' && one && two
      ? [{ a: one, b: two, rule, firstSeen: at, source: 'operator', messageId: id }]
      : [];
  return { ruling: { id, at, rule, a, b, undoes }, joins };
}

/** A ruling and the evidence that comes with it. */
export interface Ruled {
  readonly ruling: Ruling;
  readonly joins: readonly Evidence[];
}

const text = (evidence: Evidence): string =>
  [
    ...[evidence.a.fragment, evidence.b.fragment].sort(),
    evidence.rule,
    evidence.firstSeen,
    evidence.source,
    evidence.messageId,
  ].join(' ');

/** A partition in a form that two may be compared by: no order left, and of refusals the evidence alone. */
export function shape(partition: Partition): unknown {
  return {
    components: partition.components
      .map((component) => ({
        members: component.members.map((member) => member.fragment).sort(),
        links: component.links.map(text).sort(),
      }))
      .sort((x, y) => ((x.members[0] ?? '') < (y.members[0] ?? '') ? -1 : 1)),
    refused: partition.refused.map((refusal) => text(refusal.evidence)).sort(),
  };
}
