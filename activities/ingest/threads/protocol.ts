import type { StorageConfig } from '../../../storage/open.ts';
import type { PumpInput, PumpTotals } from '../pump.ts';
import type { IngestObserver } from '../types.ts';

/** What a pump thread starts with: where the tenant's storage is, which it opens for itself. */
export interface PumpThreadInput {
  readonly tenant: string;
  readonly storage: StorageConfig;
  /** Ends of fragments kept in memory between appends. */
  readonly cachedTips: number;
  /** Milliseconds between looks for new batches on a lane that has none. */
  readonly pollMs: number;
}

/** To the thread. A run is one pump on one lane. */
export type ToPumpThread =
  | { readonly kind: 'pump'; readonly run: number; readonly input: PumpInput; readonly from: PumpTotals }
  | { readonly kind: 'stop'; readonly run: number }
  /** No run is under way, and none will come: close the storage and end. */
  | { readonly kind: 'close' };

/** An error as it crosses threads: a clone would lose its name and code. */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
}

/** A call of the observer. */
export type Observed =
  | { readonly kind: 'unit'; readonly args: Parameters<IngestObserver['unit']> }
  | { readonly kind: 'waiting'; readonly args: Parameters<IngestObserver['waiting']> }
  | { readonly kind: 'violations'; readonly args: Parameters<IngestObserver['violations']> }
  | {
      readonly kind: 'poison';
      readonly args: readonly [source: string, batchId: string, index: number, error: ThreadError];
    };

/** From the thread. */
export type FromPumpThread =
  | Observed
  | { readonly kind: 'ready' }
  | { readonly kind: 'beat'; readonly run: number; readonly totals: PumpTotals }
  | { readonly kind: 'ended'; readonly run: number; readonly isIdle: boolean }
  | { readonly kind: 'failed'; readonly run: number; readonly error: ThreadError }
  /** By how much the counters of its storage, and of what came on hold, grew since it last told. */
  | {
      readonly kind: 'counted';
      readonly meter: Readonly<Record<string, number>>;
      readonly holds: Readonly<Record<string, number>>;
    };

/** What crosses of an error. */
export function packError(error: unknown): ThreadError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  return { name, message, stack, ...('code' in error && { code: String(error.code) }) };
}

/** The error as it was, without its class. */
export function unpackError({ name, message, stack, code }: ThreadError): Error {
  return Object.assign(new Error(message), { name, stack }, code === undefined ? {} : { code });
}
