import { decidedText, endText, evidenceText, isRefused, refusalText } from './sentences.ts';
import type {
  ExplainedPair,
  ExplainedRefusal,
  ExplainedRuling,
  ExplainedStep,
  Explanation,
} from './types.ts';

/** Bits of evidence with their sign, in a column. */
const WEIGHT_CHARS = 8;
const NAME_CHARS = 16;
const LEVEL_CHARS = 26;

/** An explanation as lines for people; of two identifiers, what connects or parts them. */
export function explanationText(explanation: Explanation): string {
  const { between } = explanation;
  return `${(between ? pairLines(explanation, between) : profileLines(explanation)).join('\n')}\n`;
}

function profileLines({ profileId, mintedAt, rulesVersion, ...rest }: Explanation): string[] {
  const { isolated, fragments, links, refused, rulings } = rest;
  return [
    `${profileId}, known since ${mintedAt}, rules version ${rulesVersion}`,
    ...(isolated === undefined ? [] : [`  stands by itself: ${isolated}`]),
    ...fragments.map((fragment) => `  ${endText(fragment)}`),
    '',
    links.length === 0 ? 'One record alone: there is nothing to link.' : `Links in force: ${links.length}`,
    ...links.flatMap(stepLines),
    '',
    refused.length === 0 ? 'No link was refused.' : `Links refused: ${refused.length}`,
    ...refused.flatMap(stepLines),
    ...(rulings.length === 0 ? [] : ['', `Rulings: ${rulings.length}`]),
    ...rulings.map(rulingLine),
  ];
}

/** A side without members here is somebody else's. */
function rulingLine({ id, at, rule, a, b }: ExplainedRuling): string {
  const sides = [a, b].filter((side) => side.length > 0).map((side) => side.map(endText).join(', '));
  const named = sides.join(rule === 'always' ? ' with ' : ' apart from ');
  return `  ${rule === 'always' ? 'always one' : 'never one'}: ${named} (${id}, ${at})`;
}

function pairLines({ profileId }: Explanation, between: ExplainedPair): string[] {
  const { from, to, samePerson, toProfileId, path } = between;
  const [one, two] = [endText(from), endText(to)];
  if (samePerson)
    return [
      `${one} and ${two} are one person, ${profileId}${path.length === 0 ? '.' : ':'}`,
      ...path.flatMap(stepLines),
    ];
  return [
    `${one} (${profileId}) and ${two} (${toProfileId}) are two people: ${reasonOf(path)}`,
    ...path.flatMap(stepLines),
  ];
}

function reasonOf(path: readonly ExplainedStep[]): string {
  const broken = path.filter(isRefused);
  if (broken.length === 0) return 'nothing connects them.';
  const reasons = new Set(broken.map((step: ExplainedRefusal) => refusalText(step)));
  return `${[...reasons].join('; ')}.`;
}

function stepLines(step: ExplainedStep): string[] {
  const refused = isRefused(step);
  return [
    `  ${endText(step.a)} ${refused ? '-/-' : '---'} ${endText(step.b)}`,
    `      ${evidenceText(step)}`,
    `      ${refused ? `refused by ${step.refusedBy}: ${refusalText(step)}` : decidedText(step)}`,
    ...waterfallLines(step),
  ];
}

/** Each comparison with the bits it adds, as in a bill. */
function waterfallLines({ waterfall }: ExplainedStep): string[] {
  if (waterfall === undefined) return [];
  const line = (name: string, level: string, weight: number): string =>
    `        ${name.padEnd(NAME_CHARS)} ${level.padEnd(LEVEL_CHARS)} ${weight.toFixed(2).padStart(WEIGHT_CHARS)}`;
  return [
    line('before any', '', waterfall.prior),
    ...waterfall.steps.map(({ comparison, level, weight }) => line(comparison, level, weight)),
    line('in all (bits)', '', waterfall.total),
  ];
}
