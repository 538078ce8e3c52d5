import { ABORT } from 'lmdb';
import type { RootDatabase } from 'lmdb';
import { ConditionFailed } from '../errors.ts';
import type { Expectation, WriteOp } from '../ports.ts';
import { writeUnits } from '../units.ts';
import type { TableMeter } from '../units.ts';
import { keyBytes } from '../write-rules.ts';
import { decodeHeader, encodeValue, isExpired } from './encoding.ts';
import type { Outcome } from './group-commit.ts';

/** A put that succeeds only where nothing is. */
const NO_OVERWRITE = { noOverwrite: true };
/** New items in a group from which counting entries costs less than looking for each of them before it is put. */
const COUNTED_FROM = 16;

type Db = RootDatabase<Buffer, Buffer>;

/** What lmdb's documentation says of these, and its types don't: whether it has put, and how many entries there are. */
interface Untyped {
  putSync(key: Buffer, value: Buffer, options: typeof NO_OVERWRITE): boolean;
  getStats(): { readonly entryCount: number };
}

/** A write whose keys are encoded. */
export interface PreparedWrite {
  readonly ops: readonly WriteOp[];
  readonly keys: readonly Buffer[];
  /** Bytes of each op as DynamoDB counts them, which a larger item that is there may still raise. */
  readonly sizes: number[];
}

/** Applies writes to an LMDB database, each if all that it expects holds, after those before it. */
export class Writes {
  readonly #db: Db;
  readonly #untyped: Untyped;
  readonly #meter: TableMeter;

  constructor(db: Db, meter: TableMeter) {
    this.#db = db;
    this.#untyped = db as unknown as Untyped;
    this.#meter = meter;
  }

  /** Applies a group in one transaction, which is durable then; answers for each write. `now` is epoch seconds. Throws LMDB's errors. */
  commit(group: readonly PreparedWrite[], now: number): Outcome[] {
    if (countNew(group) >= COUNTED_FROM) {
      const outcomes = this.#db.transactionSync(() => this.#applyAsNew(group, now) ?? ABORT);
      if (Array.isArray(outcomes)) return outcomes as Outcome[];
    }
    return this.#db.transactionSync(() => group.map((write) => this.#apply(write, now)));
  }

  /**
   * Applies a group as if all that it puts where nothing may be were new, and tells by the number of entries whether it was:
   * each look for what is there takes as long as the put. Undefined where it was not, with the transaction to be aborted.
   */
  #applyAsNew(group: readonly PreparedWrite[], now: number): Outcome[] | undefined {
    let entries = this.#untyped.getStats().entryCount;
    const outcomes = group.map((write): Outcome => {
      const { ops } = write;
      const failed = this.#failing(write, now, false);
      if (failed.length > 0) return refused([...failed, ...this.#failing(write, now, true)]);
      for (const [i, op] of ops.entries()) {
        if (op.kind === 'delete') {
          if (this.#db.removeSync(keyAt(write, i))) entries -= 1;
        } else if (op.kind === 'put') entries += this.#putCounted(keyAt(write, i), op);
      }
      return undefined;
    });
    if (this.#untyped.getStats().entryCount !== entries) return undefined;
    for (const write of group) this.#meterWrite(write);
    return outcomes;
  }

  /** Puts an item; answers how many entries there are more, taking it that one which is expected to be there is, and none which is not. */
  #putCounted(key: Buffer, op: WriteOp & { readonly kind: 'put' }): number {
    const value = encodeValue(op);
    if (op.expect === undefined && this.#untyped.putSync(key, value, NO_OVERWRITE)) return 1;
    this.#db.putSync(key, value);
    return op.expect === 'absent' ? 1 : 0;
  }

  #apply(write: PreparedWrite, now: number): Outcome {
    const { ops } = write;
    const failed = this.#failing(write, now, false);
    const isPut = failed.length === 0 && this.#putNew(write);
    // What is in the way may have expired, and more than one may be: each is looked at.
    if (!isPut) failed.push(...this.#failing(write, now, true));
    this.#meterWrite(write);
    if (failed.length > 0) return refused(failed);
    ops.forEach((op, i) => {
      if (op.kind === 'delete') this.#db.removeSync(keyAt(write, i));
      else if (op.kind === 'put' && !(isPut && isNew(op))) this.#db.putSync(keyAt(write, i), encodeValue(op));
    });
    return undefined;
  }

  /** The ops whose expectations don't hold; those that put something new only where that is asked for. */
  #failing(write: PreparedWrite, now: number, newToo: boolean): number[] {
    const { ops, sizes } = write;
    const failed: number[] = [];
    for (const [i, op] of ops.entries()) {
      if (op.expect === undefined || isNew(op) !== newToo) continue;
      const stored = this.#db.getBinaryFast(keyAt(write, i));
      sizes[i] = Math.max(sizes[i] ?? 0, keyBytes(op) + (stored?.length ?? 0));
      if (!holds(op.expect, stored, now)) failed.push(i);
    }
    return failed;
  }

  /** Puts what must not be there yet, in one step with looking; false where something is, and nothing was put. */
  #putNew(write: PreparedWrite): boolean {
    const { ops } = write;
    for (const [i, op] of ops.entries()) {
      if (!isNew(op) || this.#untyped.putSync(keyAt(write, i), encodeValue(op), NO_OVERWRITE)) continue;
      for (let done = 0; done < i; done += 1) {
        const before = ops[done];
        if (before !== undefined && isNew(before)) this.#db.removeSync(keyAt(write, done));
      }
      return false;
    }
    return true;
  }

  /** As on DynamoDB, where a write without a condition is a transaction even when it is alone. */
  #meterWrite({ ops, sizes }: PreparedWrite): void {
    const transactional = sizes.length > 1 || ops.some(({ expect }) => expect === undefined);
    this.#meter('write', {
      requests: 1,
      items: sizes.length,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      units: sizes.reduce((sum, size) => sum + writeUnits(size, transactional), 0),
    });
  }
}

function refused(failed: number[]): ConditionFailed {
  return new ConditionFailed(failed.sort((a, b) => a - b));
}

function countNew(group: readonly PreparedWrite[]): number {
  let count = 0;
  for (const { ops } of group) for (const op of ops) if (isNew(op)) count += 1;
  return count;
}

/** Whether the op puts something where nothing may be. */
function isNew(op: WriteOp): op is WriteOp & { readonly kind: 'put' } {
  return op.kind === 'put' && op.expect === 'absent';
}

function holds(expect: Expectation, stored: Buffer | undefined, now: number): boolean {
  const header = stored === undefined ? undefined : decodeHeader(stored);
  const live = header === undefined || isExpired(header.expiresAt, now) ? undefined : header.version;
  return expect === 'absent' ? live === undefined : live === expect;
}

function keyAt({ keys }: PreparedWrite, i: number): Buffer {
  const key = keys[i];
  if (key === undefined) throw new RangeError(`no op at ${i}`);
  return key;
}
