import type { Evidence, GraphNode, ProfileHead, Refusal } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import type { KnownRuling } from '../../domain/identity/ruling.ts';
import { StorageError } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Decision } from './types.ts';

/** Most bytes of a stored decision, well within an item; a profile of thousands of fragments would need pages. */
export const DECISION_BYTES_MAX = 300_000;

/** A profile holds more members or refused evidence than one item takes; the evidence that came last is not applied. */
export class ProfileTooLarge extends StorageError {
  constructor(profile: ProfileId) {
    super(
      'profile-too-large',
      `profile ${profile} would exceed ${DECISION_BYTES_MAX} bytes; block the identifier that so many people share`,
    );
  }
}

type EvidenceRow = [
  a: number,
  b: number,
  rule: Evidence['rule'],
  at: string,
  source: string,
  messageId: string,
  score?: number,
  model?: string,
];
type RefusalRow = [
  evidence: EvidenceRow,
  refusedBy: Refusal['refusedBy'],
  type: string,
  ...(readonly [ruling: string] | readonly []),
];
type RulingRow = [
  id: string,
  at: string,
  rule: KnownRuling['rule'],
  a: readonly number[],
  b: readonly number[],
  undoes?: readonly string[],
];

/** A decision as stored: fragments are named once and referred to by place; members come first. */
interface Row {
  readonly d: [version: number, recordedAt: string, kind: Decision['kind'], cause: string];
  readonly o?: readonly ProfileId[];
  readonly p: [profileId: ProfileId, mintedAt: string, mintedBy: string, rulesVersion: number];
  /** How many of the fragments are members. */
  readonly n: number;
  readonly f: readonly (readonly [fragment: FragmentId, type: string])[];
  readonly l?: readonly EvidenceRow[];
  readonly r?: readonly RefusalRow[];
  readonly v?: readonly RulingRow[];
  readonly to?: [mergedInto: ProfileId, mergedBy: string];
  readonly m?: Record<FragmentId, ProfileId>;
}

/** Writes a decision compactly. Throws `ProfileTooLarge`. */
export function encodeDecision(decision: Decision): Uint8Array {
  const { head } = decision;
  const places = new Map<FragmentId, number>();
  const fragments: [FragmentId, string][] = [];
  const placeOf = (node: GraphNode): number => {
    const known = places.get(node.fragment);
    if (known !== undefined) return known;
    places.set(node.fragment, fragments.length);
    return fragments.push([node.fragment, node.type]) - 1;
  };
  for (const member of head.members) placeOf(member);
  const rowOf = (piece: Evidence): EvidenceRow => [
    placeOf(piece.a),
    placeOf(piece.b),
    piece.rule,
    piece.firstSeen,
    piece.source,
    piece.messageId,
    ...(piece.score === undefined ? ([] as const) : ([piece.score, piece.model ?? ''] as const)),
  ];
  const links = head.links.map(rowOf);
  const refused = head.refused.map((refusal): RefusalRow => [
    rowOf(refusal.evidence),
    refusal.refusedBy,
    refusal.type,
    ...(refusal.ruling === undefined ? ([] as const) : ([refusal.ruling] as const)),
  ]);
  const placeAt = (fragment: FragmentId): number => places.get(fragment) ?? -1;
  const rulings = (head.rulings ?? []).map(({ id, at, rule, a, b, undoes }): RulingRow => [
    id,
    at,
    rule,
    a.map(placeAt),
    b.map(placeAt),
    ...(undoes === undefined ? ([] as const) : ([undoes] as const)),
  ]);
  const row: Row = {
    d: [decision.version, decision.recordedAt, decision.kind, decision.cause],
    p: [head.profileId, head.mintedAt, head.mintedBy, head.rulesVersion],
    n: head.members.length,
    f: fragments,
    ...(decision.others.length > 0 && { o: decision.others }),
    ...(links.length > 0 && { l: links }),
    ...(refused.length > 0 && { r: refused }),
    ...(rulings.length > 0 && { v: rulings }),
    ...(head.mergedInto !== undefined && { to: [head.mergedInto, head.mergedBy ?? ''] as const }),
    ...(Object.keys(head.moved).length > 0 && { m: head.moved }),
  };
  const bytes = encodeJson(row);
  if (bytes.length > DECISION_BYTES_MAX) throw new ProfileTooLarge(head.profileId);
  return bytes;
}

/** Reads what `encodeDecision` wrote. */
export function decodeDecision(bytes: Uint8Array): Decision {
  const row = decodeJson<Row>(bytes);
  const nodes = row.f.map(([fragment, type]): GraphNode => ({ fragment, type }));
  const nodeAt = (place: number): GraphNode => {
    const node = nodes[place];
    if (!node)
      throw new StorageError('corrupt-profile', 'a stored profile names a fragment it does not hold');
    return node;
  };
  const evidenceOf = ([a, b, rule, firstSeen, source, messageId, score, model]: EvidenceRow): Evidence => ({
    a: nodeAt(a),
    b: nodeAt(b),
    rule,
    firstSeen,
    source,
    messageId,
    ...(score === undefined ? {} : { score, model: model ?? '' }),
  });
  const fragmentsAt = (at: readonly number[]): FragmentId[] => at.map((place) => nodeAt(place).fragment);
  const [version, recordedAt, kind, cause] = row.d;
  const [profileId, mintedAt, mintedBy, rulesVersion] = row.p;
  const head: ProfileHead = {
    profileId,
    mintedAt,
    mintedBy,
    members: nodes.slice(0, row.n),
    links: (row.l ?? []).map(evidenceOf),
    refused: (row.r ?? []).map(([evidence, refusedBy, type, ruling]) => ({
      evidence: evidenceOf(evidence),
      refusedBy,
      type,
      ...(ruling === undefined ? {} : { ruling }),
    })),
    ...(row.v && {
      rulings: row.v.map(([id, at, rule, a, b, undoes]) => ({
        id,
        at,
        rule,
        a: fragmentsAt(a),
        b: fragmentsAt(b),
        ...(undoes && { undoes }),
      })),
    }),
    rulesVersion,
    moved: row.m ?? {},
    ...(row.to && { mergedInto: row.to[0], mergedBy: row.to[1] }),
  };
  return { version, recordedAt, kind, cause, head, others: row.o ?? [] };
}

/** What one write did to the number of profiles. */
export interface Effects {
  readonly minted: readonly ProfileId[];
  readonly mergedAway: readonly ProfileId[];
}
