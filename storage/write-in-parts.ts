import type { Table, WriteOp } from './ports.ts';
import { WRITE_OPS_MAX } from './ports.ts';

/** Writes operations in their order, as many in a transaction as one takes; each part stands by itself. */
export async function writeInParts(table: Pick<Table, 'write'>, ops: readonly WriteOp[]): Promise<void> {
  for (let from = 0; from < ops.length; from += WRITE_OPS_MAX)
    await table.write(ops.slice(from, from + WRITE_OPS_MAX));
}
