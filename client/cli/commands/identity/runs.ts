import type { Command } from 'commander';
import { itemsOf, leaf, listOf, objectOf, type Context } from '../../context.ts';
import { showRun } from './show-run.ts';

interface Options {
  readonly json?: boolean;
  readonly limit: string;
  readonly cursor?: string;
}

/** A probability in few digits, however small. */
function share(value: unknown): string {
  return typeof value === 'number' ? value.toPrecision(3) : '';
}

function showReport(context: Context, report: Record<string, unknown>): void {
  const { terminal } = context;
  terminal.line();
  terminal.table(
    ['blocking rule', 'records', 'pairs', 'keys refused', 'pairs refused'],
    listOf(report['blocking']).map((rule) =>
      ['rule', 'records', 'pairs', 'refusedKeys', 'refusedPairs'].map((key) => rule[key]),
    ),
    'No blocking rule applied.',
  );
  terminal.line();
  terminal.table(
    ['records in a cluster', 'clusters'],
    Object.entries(objectOf(report['clusterSizes'])),
    'No clusters.',
  );
  terminal.line();
  terminal.table(
    ['comparison', 'level', 'm: one person', 'u: strangers', 'household'],
    listOf(report['comparisons']).flatMap((comparison) =>
      listOf(comparison['levels']).map((level) => [
        comparison['name'],
        level['level'],
        share(level['same']),
        share(level['unrelated']),
        share(level['household']),
      ]),
    ),
    'No comparisons.',
  );
}

/** `tessera identity runs` and `report`: what was linked, when, how well. */
export function registerRuns(noun: Command, context: Context): void {
  leaf(noun, 'runs', 'runs that linked records, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async ({ json, limit, cursor }: Options) => {
      const answer = await (await context.api()).get('/v1/identity/runs', { limit, cursor });
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['run', 'asked', 'sources', 'mode', 'stage', 'records', 'links', 'reviews', 'model'],
        itemsOf(answer).map((run) =>
          ['runId', 'requestedAt', 'sources', 'mode', 'stage', 'records', 'links', 'reviews', 'model'].map(
            (key) => run[key],
          ),
        ),
        'Nothing was linked yet.',
      );
      if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
    });
  leaf(noun, 'report <run>', 'what a run did and how well, as far as can be told without labels').action(
    async (run: string, { json }: Options) => {
      const answer = await (await context.api()).get(`/v1/identity/runs/${encodeURIComponent(run)}`);
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      showRun(context, answer);
      if (answer['report'] !== undefined) showReport(context, objectOf(answer['report']));
    },
  );
}
