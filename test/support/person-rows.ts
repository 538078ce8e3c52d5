import { between, pick, seeded, type Random } from './random.ts';

/** A row as the mapping `febrl-person` takes it. */
export type PersonRow = Record<string, string>;

const GIVEN = [
  'anna',
  'bruno',
  'carla',
  'david',
  'elena',
  'felix',
  'greta',
  'hugo',
  'irene',
  'jonas',
  'klara',
  'lukas',
];
const SURNAMES = [
  'meier',
  'keller',
  'huber',
  'frei',
  'baumann',
  'graf',
  'roth',
  'suter',
  'weber',
  'vogt',
  'zbinden',
];
const STREETS = [
  'bahnhofstrasse',
  'seeweg',
  'dorfplatz',
  'lindenallee',
  'kirchgasse',
  'muehleweg',
  'rosenweg',
];
const CITIES = ['bern', 'basel', 'chur', 'genf', 'zug', 'thun', 'wil'];

function typo(random: Random, text: string): string {
  const at = between(random, 1, text.length - 2);
  return `${text.slice(0, at)}${text.slice(at + 1)}`;
}

/** People, each with one to three records that differ by a typo; `rec_id` tells who is who. */
export function peopleRows(seed: number, people: number): PersonRow[] {
  const random = seeded(seed);
  return Array.from({ length: people }, (_, person) => {
    const row = {
      given_name: pick(random, GIVEN),
      surname: `${pick(random, SURNAMES)}${pick(random, ['', 'son', 'berg', 'mann'])}`,
      street_number: String(between(random, 1, 99)),
      address_1: pick(random, STREETS),
      suburb: pick(random, CITIES),
      postcode: String(between(random, 1000, 9999)),
      date_of_birth: `19${between(random, 30, 99)}${pick(random, ['01', '05', '11'])}${between(random, 10, 28)}`,
    };
    return Array.from({ length: between(random, 1, 3) }, (__, copy): PersonRow => ({
      rec_id: `p${person}-${copy}`,
      ...row,
      ...(copy === 1 && { surname: typo(random, row.surname) }),
      ...(copy === 2 && { given_name: typo(random, row.given_name), street_number: '' }),
    }));
  }).flat();
}

/** Rows as a CSV file, with every column that any of them has. */
export function csvOf(rows: readonly PersonRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}
