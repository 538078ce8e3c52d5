import type { Meter } from './ports.ts';

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** DynamoDB write units of one item: one per started KB, at least one, doubled in a transaction. */
export function writeUnits(bytes: number, transactional: boolean): number {
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES)) * (transactional ? 2 : 1);
}

/** DynamoDB read units of a strongly consistent read of `bytes`: one per started 4 KB, at least one. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
}

/** What a read or a write of a table amounted to. */
export interface Usage {
  readonly requests: number;
  readonly items: number;
  readonly bytes: number;
  readonly units: number;
}

/** Adds a table's usage under `<table>.read.*` or `<table>.write.*`. */
export type TableMeter = (direction: 'read' | 'write', usage: Usage) => void;

/** Binds the counter names of one table once, so that the hot path builds no strings. */
export function tableMeter(meter: Meter, table: string): TableMeter {
  const names = {
    read: counters(table, 'read'),
    write: counters(table, 'write'),
  };
  return (direction, usage) => {
    const to = names[direction];
    meter.add(to.requests, usage.requests);
    meter.add(to.items, usage.items);
    meter.add(to.bytes, usage.bytes);
    meter.add(to.units, usage.units);
  };
}

function counters(table: string, direction: string): Record<keyof Usage, string> {
  const name = (what: string): string => `${table}.${direction}.${what}`;
  return { requests: name('requests'), items: name('items'), bytes: name('bytes'), units: name('units') };
}
