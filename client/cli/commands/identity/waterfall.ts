import { listOf, type Context } from '../../context.ts';

function bits(weight: unknown): string {
  return typeof weight === 'number' ? `${weight >= 0 ? '+' : ''}${weight.toFixed(2)}` : '';
}

/** How a score came about, in bits: each doubles or halves the odds. */
export function showWaterfall({ terminal }: Context, waterfall: Record<string, unknown>): void {
  if (typeof waterfall['total'] !== 'number') {
    terminal.line('How it was scored can not be shown any more: a record or the model is gone.');
    return;
  }
  terminal.table(
    ['comparison', 'level', 'bits'],
    [
      ['before any comparison', '', bits(waterfall['prior'])],
      ...listOf(waterfall['steps']).map((step) => [step['comparison'], step['level'], bits(step['weight'])]),
      [
        'all together',
        `probability ${Number(waterfall['probability']).toFixed(4)}`,
        bits(waterfall['total']),
      ],
    ],
    '',
  );
}
