import type { Answer } from '../../api.ts';
import { objectOf, type Context } from '../../context.ts';
import { cell } from '../../text.ts';

function percent(share: unknown): string {
  return typeof share === 'number' ? `${(share * 100).toFixed(2)} %` : '';
}

/** A run's outcome for people: what it did, or why it did nothing. */
export function showRun({ terminal }: Context, run: Answer): void {
  const problem = objectOf(run['problem']);
  if (run['stage'] === 'failed')
    terminal.line(`Nothing was linked: ${cell(problem['detail'] ?? 'no reason was given')}`);
  const report = objectOf(run['report']);
  terminal.facts([
    ['run', run['runId']],
    ['stage', run['stage']],
    ...(run['dryRun'] === true ? [['dry run', 'nothing was linked'] as const] : []),
    ['records', run['records']],
    ['pairs scored', run['pairs']],
    ['clusters', run['clusters']],
    ['links', run['links']],
    ['for review', run['reviews']],
    ['model', run['model']],
    ...('precision' in report
      ? [
          ['precision, estimated', percent(report['precision'])] as const,
          ['recall, estimated', percent(report['recall'])] as const,
        ]
      : []),
  ]);
  if (Number(run['reviews'] ?? 0) > 0 && run['dryRun'] !== true)
    terminal.line('See the pairs: npx tessera identity reviews list');
}
