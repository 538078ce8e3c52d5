import { compareText } from '../../canonical.ts';
import type { Waterfall } from '../../linkage/types.ts';
import type { Evidence, GraphNode, IdentityRules, ProfileHead, Refusal } from '../evidence.ts';
import type { FragmentId, IdentifierKey } from '../identifier.ts';
import { pairKey } from '../order.ts';
import { rank } from '../rules.ts';
import { shortestPath } from './path.ts';
import type {
  Decided,
  ExplainedEnd,
  ExplainedLink,
  ExplainedPair,
  ExplainedRefusal,
  ExplainedStep,
  Explanation,
} from './types.ts';

/** One end of a question: a profile as it stood, and the identifier by which it was asked for, if it was. */
export interface Subject {
  readonly head: ProfileHead;
  readonly fragment?: FragmentId;
}

/** What an explanation is made from. */
export interface ExplainInput {
  readonly subject: Subject;
  /** Whom it is compared with. */
  readonly other?: Subject;
  /** Identifiers that may be shown, by fragment. */
  readonly names: ReadonlyMap<FragmentId, IdentifierKey>;
  /** The decisions that brought links in, by `pairKey`, as far as they are known. */
  readonly decided: ReadonlyMap<string, Decided>;
  /** How scores add up, by `pairKey`, as far as that can still be told. */
  readonly waterfalls: ReadonlyMap<string, Waterfall>;
  readonly rules: IdentityRules;
  /** Leaves out what events showed only later; ISO 8601 UTC. */
  readonly asOf?: string;
}

/** Explains a profile link by link and, where two are given, what connects or parts them. */
export function explain(input: ExplainInput): Explanation {
  const { subject, asOf } = input;
  const { head } = subject;
  const { links, refused } = explainHead(head, input);
  const isMember = (fragment: FragmentId): boolean => asOf === undefined || input.names.has(fragment);
  const member = nodesIn(head);
  const sides = (fragments: readonly FragmentId[]): ExplainedEnd[] =>
    fragments.map((fragment) => endOf(member.get(fragment) ?? { fragment, type: '' }, input));
  const [isolated] = Object.values(head.isolated ?? {});
  return {
    profileId: head.profileId,
    mintedAt: head.mintedAt,
    rulesVersion: head.rulesVersion,
    ...(isolated !== undefined && { isolated }),
    fragments: head.members.filter(({ fragment }) => isMember(fragment)).map((node) => endOf(node, input)),
    links,
    refused,
    rulings: (head.rulings ?? []).map(({ id, at, rule, a, b }) => ({
      id,
      at,
      rule,
      a: sides(a),
      b: sides(b),
    })),
    ...(input.other && { between: between(subject, input.other, input) }),
  };
}

function nodesIn(head: ProfileHead): Map<FragmentId, GraphNode> {
  return new Map(head.members.map((node) => [node.fragment, node]));
}

function endOf({ fragment, type }: GraphNode, { names }: ExplainInput): ExplainedEnd {
  return { fragment, type, identifier: names.get(fragment) ?? null };
}

function explainHead(
  head: ProfileHead,
  input: ExplainInput,
): { links: ExplainedLink[]; refused: ExplainedRefusal[] } {
  const isThen = ({ firstSeen }: Evidence): boolean => input.asOf === undefined || firstSeen <= input.asOf;
  return {
    links: head.links.filter(isThen).map((link) => linkOf(link, head, input)),
    refused: head.refused
      .filter(({ evidence }) => isThen(evidence))
      .map((refusal) => refusalOf(refusal, head, input)),
  };
}

function linkOf(piece: Evidence, head: ProfileHead, input: ExplainInput): ExplainedLink {
  const { rule, firstSeen, source, messageId, score, model } = piece;
  const key = pairKey(piece);
  const decided = input.decided.get(key);
  const waterfall = input.waterfalls.get(key);
  return {
    a: endOf(piece.a, input),
    b: endOf(piece.b, input),
    rule,
    rulesVersion: decided?.rulesVersion ?? head.rulesVersion,
    firstSeen,
    source,
    messageId,
    ...(score === undefined ? {} : { score }),
    ...(model === undefined ? {} : { model }),
    ...(waterfall && { waterfall }),
    ...(decided && { decided }),
  };
}

function refusalOf(refusal: Refusal, head: ProfileHead, input: ExplainInput): ExplainedRefusal {
  const { refusedBy, type, ruling } = refusal;
  return {
    ...linkOf(refusal.evidence, head, input),
    refusedBy,
    limitedType: type,
    ...(ruling === undefined ? {} : { ruling }),
  };
}

function between(subject: Subject, other: Subject, input: ExplainInput): ExplainedPair {
  const [from, to] = [startOf(subject, input), startOf(other, input)];
  const samePerson = subject.head.profileId === other.head.profileId;
  const [mine, theirs] = [explainHead(subject.head, input), explainHead(other.head, input)];
  // In the order of preference: what joins before what was refused.
  const steps: ExplainedStep[] = samePerson
    ? mine.links
    : [...mine.links, ...theirs.links, ...mine.refused, ...theirs.refused];
  return {
    from: endOf(from, input),
    to: endOf(to, input),
    samePerson,
    toProfileId: other.head.profileId,
    path: inOrder(shortestPath(steps, from.fragment, to.fragment) ?? [], from.fragment),
  };
}

/** Each step from where the one before ended. */
function inOrder(path: readonly ExplainedStep[], from: FragmentId): ExplainedStep[] {
  let at = from;
  return path.map((step) => {
    const onward = step.a.fragment === at ? step : { ...step, a: step.b, b: step.a };
    at = onward.b.fragment;
    return onward;
  });
}

/** What a profile is asked for by: the identifier that was given, else its strongest. */
function startOf({ head, fragment }: Subject, { rules }: ExplainInput): GraphNode {
  const given = head.members.find((node) => node.fragment === fragment);
  const [strongest] = [...head.members].sort(
    (x, y) => rank(x.type, rules) - rank(y.type, rules) || compareText(x.fragment, y.fragment),
  );
  return given ?? strongest ?? { fragment: '', type: '' };
}
