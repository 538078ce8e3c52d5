import type { JsonObject } from '../../domain/json.ts';
import type { ObjectSchema } from '../../domain/sync/drift.ts';
import type { SyncCursor } from '../../domain/sync/cursor.ts';
import type { SchemaChange, StreamProgress, SyncManifest, SyncVendor } from '../../domain/sync/types.ts';
import type { Page, PageOptions } from '../intake/types.ts';

/** How a vendor's API is entered. Secrets: never shown, never logged. */
export type SyncAuth =
  | { readonly kind: 'client-credentials'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly kind: 'refresh-token';
      readonly clientId: string;
      readonly clientSecret: string;
      /** As it was given; the one in force is in `SyncTokens`, where the vendor rotates it. */
      readonly refreshToken: string;
    }
  | { readonly kind: 'token'; readonly token: string };

/** What a source's sync is set to. */
export interface SyncSettings {
  readonly vendor: SyncVendor;
  readonly url: string;
  readonly auth: SyncAuth;
  readonly objects: readonly string[];
  /** Fields to read, by object; all that the vendor describes where an object is not named. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly mapping: string;
  /** ISO 8601 duration. */
  readonly overlap: string;
  /** Whether deletions are read as well. */
  readonly deletions: boolean;
}

/** What is asked for, the rest by the vendor. */
export type SyncRequest = Pick<SyncSettings, 'vendor' | 'auth'> & Partial<SyncSettings>;

/** The sync of a source. Holds secrets: never shown, never logged. */
export interface SyncConfig extends SyncSettings {
  readonly source: string;
  /** Optimistic version of this configuration, from 1. */
  readonly version: number;
}

/** The tokens in force. Secrets: never shown, never logged. */
export interface SyncTokens {
  /** Of the configuration that they were had with; those of another are worth nothing. */
  readonly config: number;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Where the vendor says that its API is. */
  readonly instanceUrl?: string;
}

/** A value with its version, for optimistic writes; 0 where nothing is there. */
export interface Versioned<T> {
  readonly value: T | undefined;
  readonly version: number;
}

/** What a vendor says of an object. */
export interface DescribedObject {
  readonly types: ObjectSchema;
  /** Fields to read where none are named. */
  readonly read: readonly string[];
}

/** One stream of a run, and where its next page is. */
export interface StreamState extends StreamProgress {
  readonly object: string;
  /** The vendor's own; null at the start. */
  readonly position: JsonObject | null;
  /** Digests of the pages that came last. */
  readonly seen: readonly string[];
  /** Whether everything so far came in the order of modification. */
  readonly inOrder: boolean;
}

/** A run as it stands. */
export interface SyncRun extends RunName {
  readonly startedAt: string;
  /** Steps that are through: what a retry must not do again. */
  readonly step: number;
  readonly streams: readonly StreamState[];
  /** Objects whose fields were compared with those of the run before. */
  readonly described: readonly string[];
  readonly drift: readonly SchemaChange[];
  readonly apiUsage?: { readonly used: number; readonly of: number };
}

/** What one step leaves: the run, and with it the batch of its page and the stream's cursor. All of it or nothing. */
export interface StepRecord {
  /** As it was read, and what the step made of it. */
  readonly run: SyncRun;
  readonly after: SyncRun;
  readonly batchIds?: readonly string[];
  readonly cursor?: { readonly stream: string; readonly value: SyncCursor; readonly version: number };
  readonly schema?: { readonly object: string; readonly value: DescribedObject; readonly version: number };
}

/** Which run. Run ids sort by the time of their start. */
export interface RunName {
  readonly source: string;
  readonly runId: string;
}

/** Syncs of a tenant: configuration, tokens, cursors and runs. All of it sealed under the tenant's keys. */
export interface SyncStore {
  config(source: string): Promise<SyncConfig | undefined>;
  configs(): Promise<SyncConfig[]>;
  /** Sets how a source is synced. Throws `InvalidConfig` that names the field. */
  configure(source: string, request: SyncRequest): Promise<SyncConfig>;
  /**
   * Deletes how a source is synced, with its secrets as they are and ever were, its tokens and its cursors; manifests stay.
   * False where there is none.
   */
  remove(source: string): Promise<boolean>;

  tokens(source: string): Promise<Versioned<SyncTokens>>;
  /** Replaces the tokens that were read. Throws `ConditionFailed` where another process did so first. */
  putTokens(source: string, tokens: SyncTokens, version: number): Promise<void>;

  cursor(source: string, stream: string): Promise<Versioned<SyncCursor>>;
  cursors(source: string): Promise<Map<string, SyncCursor>>;
  schema(source: string, object: string): Promise<Versioned<DescribedObject>>;

  /** Keeps a run as it begins; one that is there stays, and is answered. */
  begin(run: SyncRun): Promise<SyncRun>;
  run(name: RunName): Promise<SyncRun | undefined>;
  /** Leaves what a step did. Throws `ConditionFailed` where another try of the step or another run was first. */
  record(step: StepRecord): Promise<void>;
  /** The batches of a run, in the order of its steps. */
  batches(name: RunName): Promise<string[]>;

  putManifest(manifest: SyncManifest): Promise<void>;
  manifest(name: RunName): Promise<SyncManifest | undefined>;
  /** Newest first. */
  manifests(source: string, options?: PageOptions): Promise<Page<SyncManifest>>;
}
