import type { PersonRecord } from '../../domain/linkage/types.ts';

const FIELDS: readonly string[] = [
  ...['given', 'surname', 'birthDate', 'email', 'phone', 'houseNumber', 'street', 'street2', 'address'],
  ...['postcode', 'city', 'state', 'nationalId'],
];
const OTHER = ['middleName', 'birthPlace', 'occupation', 'gender'];

/** Records as the lines of a CSV that every tool is given. */
export function linesOf(records: readonly PersonRecord[]): string[] {
  const quoted = (value: string | undefined): string => `"${(value ?? '').replaceAll('"', '""')}"`;
  return [
    ['id', ...FIELDS, ...OTHER].join(','),
    ...records.map((record) =>
      [
        record.id,
        ...FIELDS.map((field) => quoted((record as unknown as Record<string, string | undefined>)[field])),
        ...OTHER.map((name) => quoted(record.other?.[name])),
      ].join(','),
    ),
  ];
}

/** The record in a row of it. */
export function recordOf(row: Readonly<Record<string, string>>): PersonRecord {
  const there = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      names.flatMap((name) => (row[name] === undefined || row[name] === '' ? [] : [[name, row[name]]])),
    );
  return { ...there(FIELDS), id: row['id'] ?? '', other: there(OTHER) };
}
