import { createHash } from 'node:crypto';
import type { Evidence, GraphNode, ProfileHead, Refusal } from '../../domain/identity/evidence.ts';
import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import type { KnownRuling } from '../../domain/identity/ruling.ts';
import type { Mutable } from '../../domain/mutable.ts';
import { StorageError } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Decision, PageRef } from './types.ts';

/** Most bytes of what a head holds, as JSON: some 20,000 members with their links. */
export const HEAD_BYTES_MAX = 2_000_000;
/** Beyond so many bytes (some 1,000 members with their links) a head's members are stored in pages of their own. */
export const INLINE_BYTES_MAX = 120_000;
/** Bytes of a page, well within an item. */
const PAGE_BYTES = 256_000;
/** Most departed fragments that a decision's own item lists, some 50 bytes each. */
const MOVED_INLINE_MAX = 4_000;
/** 132 bits of a hash, far from any collision among one cause's pages. */
const DIGEST_CHARS = 22;

/** A profile holds more members or refused evidence than one item takes; the evidence that came last is not applied. */
export class ProfileTooLarge extends StorageError {
  constructor(profile: ProfileId) {
    super(
      'profile-too-large',
      `profile ${profile} would exceed ${HEAD_BYTES_MAX} bytes; block the identifier that so many people share`,
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

/** What of a decision grows with the profile: fragments are named once and referred to by place; members come first. */
interface Body {
  /** How many of the fragments are members. */
  readonly n: number;
  readonly f: readonly (readonly [fragment: FragmentId, type: string])[];
  readonly l?: readonly EvidenceRow[];
  readonly r?: readonly RefusalRow[];
  readonly v?: readonly RulingRow[];
  readonly m?: Record<FragmentId, ProfileId>;
  readonly i?: NonNullable<ProfileHead['isolated']>;
}

/** A decision as stored: with its body, or with the pages that hold it. */
interface Row extends Partial<Body> {
  readonly d: [version: number, recordedAt: string, kind: Decision['kind'], cause: string];
  readonly o?: readonly ProfileId[];
  readonly p: [profileId: ProfileId, mintedAt: string, mintedBy: string, rulesVersion: number];
  readonly to?: [mergedInto: ProfileId, mergedBy: string];
  /** Set where refused evidence is stored apart. */
  readonly x?: 1;
  readonly g?: [cause: string, digest: string, count: number];
  /** 1 where the profile is vacant. */
  readonly e?: 1;
}

/** A decision to store: its own bytes, and those of pages that must be there before it is. */
export interface EncodedDecision {
  readonly bytes: Uint8Array;
  readonly pages: readonly Uint8Array[];
  readonly ref?: PageRef;
}

/** Writes a decision compactly; one that was read from pages refers to them again. Throws `ProfileTooLarge`. */
export function encodeDecision(decision: Decision): EncodedDecision {
  const { head, cause, others } = decision;
  const moved = Object.keys(head.moved).length;
  const row: Mutable<Row> = {
    d: [decision.version, decision.recordedAt, decision.kind, cause],
    p: [head.profileId, head.mintedAt, head.mintedBy, head.rulesVersion],
  };
  if (others.length > 0) row.o = others;
  if (head.vacant === true) row.e = 1;
  if (head.apart === true) row.x = 1;
  if (head.mergedInto !== undefined) row.to = [head.mergedInto, head.mergedBy ?? ''];
  // Profiles' ids stay out of pages where they can, so that pages made ahead serve whichever id is minted.
  if (moved > 0 && moved <= MOVED_INLINE_MAX) row.m = head.moved;
  if (decision.pages) return { bytes: encodeJson(referring(row, decision.pages)), pages: [] };
  const body = bodyOf(head);
  const whole = encodeJson({ ...row, ...body });
  if (whole.length <= INLINE_BYTES_MAX) return { bytes: whole, pages: [] };
  const bytes = encodeJson(body);
  if (bytes.length > HEAD_BYTES_MAX) throw new ProfileTooLarge(head.profileId);
  const pages: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += PAGE_BYTES)
    pages.push(bytes.subarray(from, from + PAGE_BYTES));
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, DIGEST_CHARS);
  const ref: PageRef = { cause, digest, count: pages.length };
  return { bytes: encodeJson(referring(row, ref)), pages, ref };
}

function referring(row: Row, { cause, digest, count }: PageRef): Row {
  return { ...row, g: [cause, digest, count] };
}

/** Fragments by place, in the order in which they are first named. */
class Places {
  readonly #places = new Map<FragmentId, number>();
  readonly fragments: [FragmentId, string][] = [];

  of({ fragment, type }: GraphNode): number {
    const known = this.#places.get(fragment);
    if (known !== undefined) return known;
    const place = this.fragments.push([fragment, type]) - 1;
    this.#places.set(fragment, place);
    return place;
  }

  /** The places of fragments, -1 for one that was not named. */
  at(fragments: readonly FragmentId[]): number[] {
    return fragments.map((fragment) => this.#places.get(fragment) ?? -1);
  }

  row(piece: Evidence): EvidenceRow {
    const { rule, firstSeen, source, messageId, score, model } = piece;
    const [a, b] = [this.of(piece.a), this.of(piece.b)];
    if (score === undefined) return [a, b, rule, firstSeen, source, messageId];
    return [a, b, rule, firstSeen, source, messageId, score, model ?? ''];
  }
}

function bodyOf(head: ProfileHead): Body {
  const { members, links, refused, rulings = [], moved, isolated } = head;
  const places = new Places();
  for (const member of members) places.of(member);
  const body: Mutable<Body> = { n: members.length, f: places.fragments };
  if (links.length > 0) body.l = links.map((link) => places.row(link));
  if (refused.length > 0)
    body.r = refused.map(({ evidence, refusedBy, type, ruling }): RefusalRow => {
      const row = places.row(evidence);
      return ruling === undefined ? [row, refusedBy, type] : [row, refusedBy, type, ruling];
    });
  if (rulings.length > 0)
    body.v = rulings.map(({ id, at, rule, a, b, undoes }): RulingRow => {
      const [left, right] = [places.at(a), places.at(b)];
      return undoes === undefined ? [id, at, rule, left, right] : [id, at, rule, left, right, undoes];
    });
  if (Object.keys(moved).length > MOVED_INLINE_MAX) body.m = moved;
  if (isolated) body.i = isolated;
  return body;
}

/** A decision whose head's members are in pages. */
export interface PagedDecision {
  readonly pages: PageRef;
  /** Reads the decision with what its pages hold, joined. */
  readonly open: (paged: Uint8Array) => Decision;
}

/** Reads what `encodeDecision` wrote, as far as it is there. */
export function decodeDecision(bytes: Uint8Array): Decision | PagedDecision {
  const row = decodeJson<Row>(bytes);
  if (!row.g) return decisionOf(row, { ...row, n: row.n ?? 0, f: row.f ?? [] });
  const [cause, digest, count] = row.g;
  const pages = { cause, digest, count };
  return { pages, open: (paged) => ({ ...decisionOf(row, decodeJson<Body>(paged)), pages }) };
}

function decisionOf(row: Row, body: Body): Decision {
  const [version, recordedAt, kind, cause] = row.d;
  return { version, recordedAt, kind, cause, head: headOf(row, body), others: row.o ?? [] };
}

function headOf(row: Row, body: Body): ProfileHead {
  const nodes = body.f.map(([fragment, type]): GraphNode => ({ fragment, type }));
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
  const [profileId, mintedAt, mintedBy, rulesVersion] = row.p;
  return {
    profileId,
    mintedAt,
    mintedBy,
    members: nodes.slice(0, body.n),
    links: (body.l ?? []).map(evidenceOf),
    refused: (body.r ?? []).map(([evidence, refusedBy, type, ruling]) => ({
      evidence: evidenceOf(evidence),
      refusedBy,
      type,
      ...(ruling === undefined ? {} : { ruling }),
    })),
    ...(body.v && {
      rulings: body.v.map(([id, at, rule, a, b, undoes]) => ({
        id,
        at,
        rule,
        a: fragmentsAt(a),
        b: fragmentsAt(b),
        ...(undoes && { undoes }),
      })),
    }),
    rulesVersion,
    ...(row.x === 1 && { apart: true }),
    moved: row.m ?? body.m ?? {},
    ...(body.i && { isolated: body.i }),
    ...(row.e === 1 && { vacant: true as const }),
    ...(row.to && { mergedInto: row.to[0], mergedBy: row.to[1] }),
  };
}

/** What one write did to the number of profiles. */
export interface Effects {
  readonly minted: readonly ProfileId[];
  readonly mergedAway: readonly ProfileId[];
}
