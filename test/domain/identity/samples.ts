import fc from 'fast-check';
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

const text = (evidence: Evidence): string =>
  [
    ...[evidence.a.fragment, evidence.b.fragment].sort(),
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
