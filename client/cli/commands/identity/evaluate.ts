import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import type { Command } from 'commander';
import { evaluate } from '../../../../domain/linkage/evaluate.ts';
import type { Api } from '../../api.ts';
import { itemsOf, leaf, type Context } from '../../context.ts';
import { CliFailure } from '../../failure.ts';

const PAGE_ITEMS = 1_000;

interface Options {
  readonly json?: boolean;
  readonly labels: string;
  readonly type: string;
}

/** Labels by value, from a CSV with the columns `value` and `label`. */
async function readLabels(file: string): Promise<Map<string, string>> {
  const labels = new Map<string, string>();
  try {
    const rows = createReadStream(file).pipe(
      parse({ columns: true, bom: true, trim: true, skip_empty_lines: true }),
    );
    for await (const row of rows) {
      const { value, label } = row as { value?: string; label?: string };
      if (value === undefined || label === undefined)
        throw new CliFailure(
          `${file} has no columns value and label.`,
          'Its first line must be value,label.',
        );
      labels.set(value, label);
    }
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(
      `${file} can't be read as CSV.`,
      'Name a CSV file with the columns value and label.',
    );
  }
  return labels;
}

async function* profilesOf(api: Api, type: string): AsyncGenerator<{ value: string; profileId: string }> {
  let cursor: string | undefined;
  do {
    const page = await api.get('/v1/profiles/ids', { type, limit: PAGE_ITEMS, cursor });
    for (const { value, profileId } of itemsOf(page))
      yield { value: String(value), profileId: String(profileId) };
    cursor = typeof page['cursor'] === 'string' ? page['cursor'] : undefined;
  } while (cursor !== undefined);
}

/** `tessera identity evaluate`: profiles against labels, counted in pairs. The labels stay on this machine. */
export function registerEvaluate(noun: Command, context: Context): void {
  leaf(
    noun,
    'evaluate',
    'score who is who now against labels: precision, recall and F1 over pairs of records',
  )
    .requiredOption(
      '--labels <file>',
      'CSV with the columns value and label: the same label, the same person',
    )
    .option('--type <type>', 'the type of identifier of the values', 'crmId')
    .action(async ({ json, labels: file, type }: Options) => {
      const labels = await readLabels(file);
      const numbers = new Map<string, number>();
      const clusters: number[] = [];
      const known: string[] = [];
      const api = await context.api();
      for await (const { value, profileId } of profilesOf(api, type)) {
        const label = labels.get(value);
        if (label === undefined) continue;
        labels.delete(value);
        const cluster = numbers.get(profileId) ?? numbers.size;
        numbers.set(profileId, cluster);
        clusters.push(cluster);
        known.push(label);
      }
      if (known.length === 0)
        throw new CliFailure(
          `None of the values in ${file} is a ${type} here.`,
          'Name their type with --type.',
        );
      const answer = { ...evaluate(clusters, known), records: known.length, missing: labels.size };
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      const { precision, recall, f1, pairs, records, missing } = answer;
      context.terminal.facts([
        ['records', records],
        ['labels without a record', missing],
        ['pairs found', pairs.found],
        ['pairs labelled', pairs.labelled],
        ['pairs in both', pairs.both],
        ['precision', precision.toFixed(6)],
        ['recall', recall.toFixed(6)],
        ['F1', f1.toFixed(6)],
      ]);
    });
}
