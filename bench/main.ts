/** `npm run bench [name...] [-- --quick] [-- --runs N] [-- --records N]`: runs the benchmarks and prints what they measured. */
import { parseArgs } from 'node:util';
import { machine } from './measure/machine.ts';
import { save, table, type Report } from './report.ts';
import { accept } from './rows/accept.ts';
import { components } from './rows/components.ts';
import { endToEnd } from './rows/end-to-end.ts';
import { importParquet } from './rows/import-parquet.ts';
import { importRows } from './rows/import.ts';
import { linkage } from './rows/linkage.ts';
import { joins } from './rows/joins.ts';
import { linkRecords } from './rows/link-records.ts';
import { memory } from './rows/memory.ts';
import { peers } from './rows/peers.ts';
import { replay } from './rows/replay.ts';
import { simulate } from './rows/simulate.ts';
import { split } from './rows/split.ts';
import { start } from './rows/start.ts';
import { trackingPlan } from './rows/tracking-plan.ts';
import { visibility } from './rows/visibility.ts';
import { webhooks } from './rows/webhooks.ts';
import { writeUnits } from './rows/write-units.ts';
import type { Bench } from './types.ts';

const BENCHES: readonly Bench[] = [
  accept,
  endToEnd,
  visibility,
  importRows,
  importParquet,
  linkRecords,
  replay,
  joins,
  split,
  components,
  simulate,
  start,
  trackingPlan,
  webhooks,
  writeUnits,
  linkage,
  peers,
  memory,
];
const RUNS = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    records: { type: 'string' },
    list: { type: 'boolean' },
  },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0 || values.list === true) {
  if (unknown.length > 0) console.error(`There is no benchmark ${unknown.join(', ')}. There are:`);
  for (const bench of BENCHES) console.log(`  ${bench.name.padEnd(12)} ${bench.about}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const chosen =
  positionals.length === 0 ? BENCHES : BENCHES.filter((bench) => positionals.includes(bench.name));
const runs = Number(values.runs ?? (values.quick ? 1 : RUNS));
const reports: Report[] = [];
let failed = false;
console.log(Object.values(machine()).join(', '));
for (const bench of chosen) {
  console.log(`\n${bench.name}: ${bench.about}`);
  const began = performance.now();
  try {
    const figures = await bench.run({
      quick: values.quick,
      runs,
      ...(values.records === undefined ? {} : { records: Number(values.records) }),
      note: (text) => {
        console.log(`  ${text}`);
      },
    });
    const report = {
      bench: { name: bench.name, about: bench.about },
      seconds: (performance.now() - began) / 1_000,
      figures,
    };
    reports.push(report);
    console.log(table(report));
  } catch (error) {
    failed = true;
    console.error(`${bench.name} failed:`, error);
  }
}
console.log(`\n${save(reports, values.quick)}`);
process.exit(failed ? 1 : 0);
