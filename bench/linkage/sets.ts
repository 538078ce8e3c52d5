import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PersonRecord } from '../../domain/linkage/types.ts';
import { customers, type Labelled } from '../people/customers.ts';
import { historical } from '../people/historical.ts';
import { register } from '../people/register.ts';

/** A set to link, and what should come of it. */
export interface LinkageSet {
  readonly about: string;
  readonly make: () => Iterable<Labelled>;
  readonly f1: number;
  readonly cpuSeconds?: number;
  readonly memoryMb?: number;
  /** Left out where only a quick look is asked for. */
  readonly long?: boolean;
}

const FEBRL = fileURLToPath(new URL('../data/febrl/', import.meta.url));
const SEED = 20_261_123;

/** Every set is linked by the same rule; none has settings of its own. */
export const LINKAGE_SETS: Readonly<Record<string, LinkageSet>> = {
  febrl3: { about: 'FEBRL 3', f1: 0.9995, make: () => febrl('febrl3.csv') },
  febrl4: { about: 'FEBRL 4, both files', f1: 0.9995, make: () => febrl('febrl4a.csv', 'febrl4b.csv') },
  historical: {
    ...{ about: '50,000 records of historical people', f1: 0.92 },
    make: () => historical({ records: 50_000, seed: SEED }),
  },
  register: {
    ...{ about: '50,000 records of registers: middle names, marriages, twins, scans', f1: 0.92 },
    make: () => register({ records: 50_000, seed: SEED }),
  },
  households: {
    ...{ about: '31,000 records of customers in households', f1: 0.955 },
    make: () => customers({ records: 31_000, seed: SEED + 1, contact: true }),
  },
  'customers-100k': {
    ...{ about: '100,000 records of customers', f1: 0.93, cpuSeconds: 6, memoryMb: 400 },
    make: () => customers({ records: 100_000, seed: SEED, contact: true }),
  },
  'bare-100k': {
    ...{ about: 'the same without email and phone', f1: 0.825 },
    make: () => customers({ records: 100_000, seed: SEED, contact: false }),
  },
  'customers-1m': {
    ...{ about: '1,000,000 records of customers', f1: 0.9, cpuSeconds: 45, memoryMb: 1_500, long: true },
    make: () => customers({ records: 1_000_000, seed: SEED, contact: true }),
  },
  'bare-1m': {
    ...{ about: 'the same without email and phone', f1: 0.825, cpuSeconds: 45, memoryMb: 1_500, long: true },
    make: () => customers({ records: 1_000_000, seed: SEED, contact: false }),
  },
};

function* febrl(...files: string[]): Generator<Labelled> {
  for (const file of files) {
    const rows: Record<string, string>[] = parse(readFileSync(FEBRL + file), { columns: true, trim: true });
    for (const row of rows) yield { person: Number(row['rec_id']?.split('-')[1]), record: personOf(row) };
  }
}

function personOf(row: Readonly<Record<string, string>>): PersonRecord {
  return {
    ...{ id: row['rec_id'] ?? '', given: row['given_name'], surname: row['surname'] },
    ...{ birthDate: row['date_of_birth'], nationalId: row['soc_sec_id'] },
    ...{ houseNumber: row['street_number'], street: row['address_1'], street2: row['address_2'] },
    ...{ postcode: row['postcode'], city: row['suburb'], state: row['state'] },
  };
}
