import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PersonRecord } from '../../domain/linkage/types.ts';
import { startPlatform, type Platform } from '../../test/support/platform.ts';
import { cpuPerEvent, cpuSeconds } from '../measure/processes.ts';
import { customers, type Labelled } from '../people/customers.ts';
import type { Bench, Figure } from '../types.ts';

const RECORDS = 100_000;
const QUICK_RECORDS = 20_000;
const MATCHES = 1_000;
/** Matches that are not counted: the model and the first pages of the index are read. */
const WARM_UP = 50;
const SEED = 7;

const TRAITS = {
  given: 'firstName',
  surname: 'lastName',
  birthDate: 'birthday',
  email: 'emailAddress',
  phone: 'phoneNumber',
  houseNumber: 'houseNumber',
  street: 'street',
  postcode: 'postalCode',
  city: 'city',
} as const;
const FIELDS = Object.keys(TRAITS) as (keyof typeof TRAITS)[];

/** Email and phone stay traits: as identifiers they would join records before any model is asked. */
const MAPPING = {
  name: 'bench-person',
  description: 'made-up customers',
  kind: 'record',
  record: {
    type: 'identify',
    identifiers: { crmId: { path: 'id', required: true } },
    traits: Object.fromEntries(FIELDS.map((field) => [TRAITS[field], { path: field, as: 'trim' }])),
  },
  person: { email: ['emailAddress'], phone: ['phoneNumber'] },
};

interface Answer {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

async function cli(platform: Platform, ...args: string[]): Promise<string> {
  const done = await platform.cli(...args);
  if (done.code !== 0) throw new Error(`tessera ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function writeSet(dir: string, set: readonly Labelled[]): { records: string; labels: string } {
  const [records, labels] = [join(dir, 'records.csv'), join(dir, 'labels.csv')];
  const row = ({ record }: Labelled): string =>
    [record.id, ...FIELDS.map((field) => record[field] ?? '')].join(',');
  writeFileSync(records, [['id', ...FIELDS].join(','), ...set.map(row)].join('\n'));
  writeFileSync(
    labels,
    ['value,label', ...set.map(({ record, person }) => `${record.id},${person}`)].join('\n'),
  );
  return { records, labels };
}

/** One new record after the other through the API, as a caller would wait for each. In milliseconds. */
async function matchLatencies(platform: Platform, set: readonly Labelled[]): Promise<number[]> {
  const latencies: number[] = [];
  for (let at = 0; at < MATCHES + WARM_UP; at += 1) {
    const record: PersonRecord | undefined = set[(at * 7_919) % set.length]?.record;
    const person = Object.fromEntries(
      FIELDS.flatMap((field) => (record?.[field] ? [[field, record[field]] as const] : [])),
    );
    const began = performance.now();
    const answer = await platform.api('/v1/identity/match', { method: 'POST', body: { person } });
    if (answer.status !== 200) throw new Error(`a match answered ${answer.status}`);
    if (at >= WARM_UP) latencies.push(performance.now() - began);
  }
  return latencies.sort((x, y) => x - y);
}

/** Records of made-up customers: imported, linked without labels, scored, and new ones matched at once. */
export const linkRecords: Bench = {
  name: 'link-records',
  about: '100,000 customers imported and linked by the command line; one record matched through the API',
  async run({ quick, records = quick ? QUICK_RECORDS : RECORDS, note }) {
    const set = [...customers({ records, seed: SEED, contact: true })];
    const dir = mkdtempSync(join(tmpdir(), 'tessera-bench-link-'));
    const platform = await startPlatform();
    try {
      const files = writeSet(dir, set);
      const put = await platform.api('/v1/mappings', { method: 'POST', body: MAPPING });
      if (put.status !== 201) throw new Error(JSON.stringify(put.body));
      const importing = performance.now();
      await cli(platform, 'import', files.records, '--source', 'crm', '--mapping', 'bench-person');
      const imported = (performance.now() - importing) / 1_000;
      note(`imported in ${imported.toFixed(1)} s`);
      const [before, began] = [cpuSeconds(platform), performance.now()];
      await cli(platform, 'identity', 'link', '--source', 'crm');
      const seconds = (performance.now() - began) / 1_000;
      const cpu = cpuPerEvent(before, cpuSeconds(platform), 1).ours / 1e6;
      note(`linked in ${seconds.toFixed(1)} s`);
      const score = JSON.parse(
        await cli(platform, 'identity', 'evaluate', '--labels', files.labels, '--json'),
      ) as Answer;
      const exporting = performance.now();
      await cli(platform, 'profile', 'ids', '--type', 'crmId', '--out', join(dir, 'ids.csv'));
      const exported = (performance.now() - exporting) / 1_000;
      note(`${records} records exported in ${exported.toFixed(1)} s`);
      const latencies = await matchLatencies(platform, set);
      const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
      return [
        { name: 'imported', unit: 's', values: [imported] },
        { name: 'linked, from command to end', unit: 's', values: [seconds] },
        { name: 'ids exported', unit: 's', values: [exported] },
        { name: 'CPU of gateway and worker, the engine left out', unit: 's', values: [cpu] },
        { name: 'F1 of pairs', unit: '', values: [score.f1], target: { atLeast: 0.93 } },
        { name: 'match p50', unit: 'ms', values: [at(0.5)], target: { atMost: 10 } },
        { name: 'match p99', unit: 'ms', values: [at(0.99)], target: { atMost: 40 } },
      ] satisfies Figure[];
    } finally {
      await platform.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
