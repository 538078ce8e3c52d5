/** `node --import tsx bench/people/write.ts SET RECORDS SEED`: prints a made-up set as CSV, with whose record it is. */
import { customers, type Labelled } from './customers.ts';
import { historical } from './historical.ts';

const SETS: Readonly<Record<string, (records: number, seed: number) => Iterable<Labelled>>> = {
  customers: (records, seed) => customers({ records, seed, contact: true }),
  'customers-bare': (records, seed) => customers({ records, seed, contact: false }),
  historical: (records, seed) => historical({ records, seed }),
};
const FIELDS = 'given surname birthDate email phone houseNumber street postcode city'.split(' ');

const [name = '', count = '1000', seed = '1'] = process.argv.slice(2);
const make = SETS[name];
if (!make) {
  console.error(`usage: write.ts ${Object.keys(SETS).join('|')} RECORDS SEED`);
  process.exit(2);
}
const other = name === 'historical' ? ['birthPlace', 'occupation'] : [];
const lines = [['id', 'label', ...FIELDS, ...other].join(',')];
const flush = (): void => {
  process.stdout.write(`${lines.splice(0).join('\n')}\n`);
};
for (const { record, person } of make(Number(count), Number(seed))) {
  const values = record as unknown as Readonly<Record<string, string | undefined>>;
  const own = FIELDS.map((field) => values[field] ?? '');
  lines.push(
    [record.id, String(person), ...own, ...other.map((field) => record.other?.[field] ?? '')].join(','),
  );
  if (lines.length >= 10_000) flush();
}
flush();
