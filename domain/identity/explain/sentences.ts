import type { RefusedBy } from '../evidence.ts';
import type { ExplainedEnd, ExplainedLink, ExplainedRefusal, ExplainedStep } from './types.ts';

/** An end in words: the identifier, or for somebody else's the address, which names nobody. */
export function endText({ identifier, type, fragment }: ExplainedEnd): string {
  return identifier ?? `${type || 'identifier'} of another (${fragment})`;
}

/** The rule of a piece of evidence and what it rests on, in words. */
export function evidenceText(link: ExplainedLink): string {
  const { rule, firstSeen, source, messageId, score, model } = link;
  switch (rule) {
    case 'same-event':
      return `seen on one event: ${messageId} of ${source}, ${firstSeen}`;
    case 'probabilistic':
      return `records alike: probability ${(score ?? 0).toFixed(4)} by model ${model ?? 'unknown'}, run ${messageId}, ${firstSeen}`;
    case 'always':
      return `ruled to be one: ${messageId} by ${source}, ${firstSeen}`;
    case 'never':
      return `ruled to be apart: ${messageId} by ${source}, ${firstSeen}`;
  }
}

/** Since when and by which decision a link is in force, in words; empty where that is not told. */
export function decidedText({ decided, rulesVersion }: ExplainedLink): string {
  return decided === undefined
    ? `rules version ${rulesVersion}`
    : `in force since ${decided.recordedAt}, rules version ${decided.rulesVersion}, by ${decided.cause}`;
}

/** Why a piece of evidence does not join its ends, in words. */
export function refusalText({
  refusedBy,
  limitedType,
  ruling,
}: Pick<ExplainedRefusal, 'refusedBy' | 'limitedType' | 'ruling'>): string {
  switch (refusedBy) {
    case 'never':
      return `a person ruled that they stay apart${ruling === undefined ? '' : ` (${ruling})`}`;
    case 'unique':
      return `two values of ${limitedType} never share a profile`;
    case 'limit':
      return `the profile would hold more of ${limitedType} than the limit allows`;
    case 'source-trust':
      return 'its source may not join two people who are both known';
    case 'blocked':
      return `this ${limitedType} names nobody`;
    case 'shared-device':
      return `this ${limitedType} is shared by many people`;
    case 'junk':
      return `this ${limitedType} was seen with too many others to be anybody's`;
    case 'held':
      return 'the profile would grow beyond the size that needs a review';
    case 'too-large':
      return 'more hangs on it than can be judged at once';
  }
}

/** Whether a step is a refusal. */
export function isRefused(step: ExplainedStep): step is ExplainedRefusal {
  return step.refusedBy !== undefined;
}

/** A rule in a word or two, for the edge of a drawing. */
export function edgeLabel(step: ExplainedStep): string {
  const score = step.score === undefined ? '' : ` ${step.score.toFixed(3)}`;
  const refused: RefusedBy | '' = step.refusedBy ?? '';
  return refused === '' ? `${step.rule}${score}` : `${step.rule}${score}, refused: ${refused}`;
}
