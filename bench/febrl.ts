/**
 * `node --import tsx bench/febrl.ts DIR`: the FEBRL sets 3 and 4 (`febrl3.csv`, `febrl4a.csv`, `febrl4b.csv` in DIR) through
 * the public way, without labels: imported, linked, exported, and scored by the record ids, which tell who is who.
 */
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform, type Platform } from '../test/support/platform.ts';
import { evaluate } from '../domain/linkage/index.ts';

const dir = process.argv[2];
if (dir === undefined) {
  console.error('Name the folder of febrl3.csv, febrl4a.csv and febrl4b.csv.');
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'tessera-febrl-'));

async function run(platform: Platform, ...args: string[]): Promise<string> {
  const done = await platform.cli(...args);
  if (done.code !== 0) throw new Error(`tessera ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function score(file: string): void {
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  const clusters = new Map<string, number>();
  const found = rows.map((row) => {
    const [value = '', profile = ''] = row.split(',');
    const cluster = clusters.get(profile) ?? clusters.size;
    clusters.set(profile, cluster);
    return { cluster, label: /^rec-(\d+)-/.exec(value)?.[1] ?? value };
  });
  const { precision, recall, f1, pairs } = evaluate(
    found.map(({ cluster }) => cluster),
    found.map(({ label }) => label),
  );
  console.log(
    `  ${rows.length} records, ${pairs.labelled} pairs: precision ${precision.toFixed(6)}, recall ${recall.toFixed(6)}, F1 ${f1.toFixed(6)}`,
  );
}

async function measure(name: string, sources: readonly (readonly [string, string])[]): Promise<void> {
  console.log(name);
  const platform = await startPlatform();
  try {
    for (const [source, file] of sources) {
      if (source !== 'crm') await run(platform, 'source', 'add', source, '--kind', 'crm');
      const began = performance.now();
      await run(platform, 'import', join(dir ?? '', file), '--source', source, '--mapping', 'febrl-person');
      console.log(`  ${file} imported in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    }
    const began = performance.now();
    await run(platform, 'identity', 'link', ...sources.flatMap(([source]) => ['--source', source]));
    console.log(`  linked in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    const out = join(scratch, `${name}.csv`);
    await run(platform, 'profile', 'ids', '--type', 'crmId', '--out', out);
    score(out);
    const labels = join(scratch, `${name}-labels.csv`);
    const values = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',')[0] ?? '');
    writeFileSync(
      labels,
      ['value,label', ...values.map((value) => `${value},${value.split('-')[1] ?? ''}`)].join('\n'),
    );
    console.log(await run(platform, 'identity', 'evaluate', '--labels', labels));
  } finally {
    await platform.stop();
  }
}

try {
  await measure('febrl3', [['crm', 'febrl3.csv']]);
  await measure('febrl4', [
    ['crm', 'febrl4a.csv'],
    ['erp', 'febrl4b.csv'],
  ]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
