import type { JsonObject, JsonValue } from '../../domain/json.ts';
import type { ReadRecord } from '../../domain/sync/cursor.ts';
import type { StreamCounts } from '../../domain/sync/types.ts';
import type { DescribedObject, StreamState, SyncConfig } from '../../storage/syncs/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';

/** What is told of syncs, for metrics. */
export interface SyncObserver {
  page(source: string, counts: StreamCounts): void;
  waiting(source: string, why: 'rate-limit' | 'trouble'): void;
  ended(source: string, status: 'done' | 'failed'): void;
}

/** What syncs work with. `now` is in milliseconds; the system's clock where silent. */
export interface SyncDeps {
  readonly store: TenantStore;
  /** Wakes the pump of a lane that has none. */
  readonly wake: (source: string, lane: number) => Promise<void>;
  readonly observer: SyncObserver;
  readonly now?: () => number;
}

/**
 * What a call of a vendor came to. `wait`: it asks to be left alone. `trouble`: it may work a moment later. `expired`: the
 * access token is not taken. `restart`: the page's address is too old. `refused`: somebody has to change something.
 */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'wait'; readonly ms: number; readonly why: string }
  | { readonly kind: 'trouble'; readonly why: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'refused'; readonly why: string };

/** An answer of a vendor. */
export interface VendorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined where it is no JSON. */
  readonly body: JsonValue | undefined;
}

/** One request to a vendor, without its token. */
export interface VendorRequest {
  readonly method: 'GET' | 'POST';
  /** Begins with a slash, within the vendor's API. */
  readonly path: string;
  readonly json?: JsonObject;
}

/** Sends a request with the access token, and says what came of it. */
export type VendorCall = (request: VendorRequest) => Promise<Outcome<VendorAnswer>>;

/** One page of a stream. */
export interface VendorPage {
  readonly records: readonly JsonValue[];
  /** Where the next page is; undefined after the last. */
  readonly next: JsonObject | undefined;
  /** How it was read: the same records read another way are another page. */
  readonly way?: string;
  readonly apiUsage?: { readonly used: number; readonly of: number };
}

/** What is read of a record to take it in; or what keeps it from being one, with its path within the record. */
export type RecordFacts =
  (ReadRecord & { readonly deleted: boolean }) | { readonly path: string; readonly detail: string };

/** What a page is read with. */
export interface PageAsk {
  readonly config: SyncConfig;
  readonly stream: Pick<StreamState, 'stream' | 'object' | 'from' | 'position'>;
  readonly fields: readonly string[];
}

/** A vendor's REST API. */
export interface VendorApi {
  /** Streams of an object, in the order in which they are read. */
  streams(object: string, deletions: boolean): readonly string[];
  /** Where tokens are had, below the configured address. */
  readonly tokenPath: string;
  /** What an answer that is no success means. */
  classify(answer: VendorAnswer, nowMs: number): Outcome<never>;
  describe(call: VendorCall, object: string): Promise<Outcome<DescribedObject>>;
  page(call: VendorCall, ask: PageAsk): Promise<Outcome<VendorPage>>;
  facts(record: JsonObject, stream: string): RecordFacts;
}
