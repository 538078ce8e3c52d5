/** `ours.ts RECORDS.csv CLUSTERS.csv`: what `link.py` does for peers, by our engine. Prints CPU seconds and peak memory as JSON. */
import { parse } from 'csv-parse/sync';
import { readFileSync, writeFileSync } from 'node:fs';
import { Preparer } from '../../domain/linkage/prepare.ts';
import { cluster, score, train } from '../../domain/linkage/index.ts';
import { recordOf } from './csv.ts';

const [records = '', clusters = ''] = process.argv.slice(2);
const preparer = new Preparer();
const rows: Record<string, string>[] = parse(readFileSync(records), { columns: true });
for (const row of rows) preparer.add(recordOf(row));
const prepared = preparer.finish();
const training = train(prepared);
if (!training.ok) throw new Error(training.refusal.message);
const { cluster: roots } = cluster(prepared, training.model, score(prepared, training.model));
const lines = prepared.ids.map((id, at) => `${id},${roots[at] ?? at}`);
writeFileSync(clusters, `id,cluster\n${lines.join('\n')}\n`);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, memoryMb: maxRSS / 1024 }));
