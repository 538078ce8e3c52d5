import type { JsonValue } from './json.ts';

/** Orders strings by code unit: the same on every machine and in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** JSON text with the keys of every object sorted: equal values give equal bytes. For states and reports, not for hot paths. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const record = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(record).sort(compareText)) {
    if (record[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  }
  return `{${parts.join(',')}}`;
}

const KINDS = ['boolean', 'number', 'string'];

/**
 * A total order over JSON values: null, then booleans, numbers, strings by code unit, then lists and objects by their
 * canonical text. Zero only for equal values.
 */
export function compareJson(a: JsonValue, b: JsonValue): number {
  const kinds = kindOf(a) - kindOf(b);
  if (kinds !== 0) return kinds;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return compareText(canonicalJson(a), canonicalJson(b));
}

function kindOf(value: JsonValue): number {
  return value === null ? -1 : typeof value === 'object' ? KINDS.length : KINDS.indexOf(typeof value);
}
