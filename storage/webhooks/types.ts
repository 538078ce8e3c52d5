import type { Vendor } from '../../domain/ingestion/vendors.ts';

/** A vendor's secret in force; rotation keeps the one before until it is revoked. */
export interface WebhookSecret {
  readonly secret: string;
  /** ISO 8601 UTC. */
  readonly addedAt: string;
}

/** How a source takes a vendor's webhooks. Holds secrets: never shown, never logged. */
export interface WebhookConfig {
  readonly source: string;
  readonly vendor: Vendor;
  /** The mapping of what its webhooks bring. */
  readonly mapping: string;
  readonly secrets: readonly WebhookSecret[];
  readonly settings: Readonly<Record<string, string>>;
  /** Optimistic version of this configuration, from 1. */
  readonly version: number;
}

/** What connecting a source to a vendor takes. */
export interface WebhookRequest {
  readonly vendor: Vendor;
  /** The vendor's built-in mapping where silent. */
  readonly mapping?: string;
  readonly secret?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Requests that were turned away, by reason. */
export type RefusedCounts = Readonly<Record<string, number>>;

/** A vendor's record that is to be fetched, since its webhook brings a reference alone. */
export interface FollowUp {
  readonly source: string;
  /** The vendor's id of the record. */
  readonly id: string;
  /** What the webhook said of it. */
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * What webhooks need stored: their configuration, sealed under the tenant's key; which deliveries were taken, so that a
 * replay is known; how many requests were refused; what is still to be fetched.
 */
export interface WebhookStore {
  /** Read at most once a second. */
  config(source: string): Promise<WebhookConfig | undefined>;
  configs(): Promise<WebhookConfig[]>;
  /** Connects a source to a vendor, in place of what it was connected to. Throws `InvalidConfig`. */
  connect(source: string, request: WebhookRequest): Promise<WebhookConfig>;
  /** Adds a secret; the ones before stay valid unless `revokeOld`. Throws `InvalidConfig`. */
  rotateSecret(
    source: string,
    secret: string,
    options?: { readonly revokeOld?: boolean },
  ): Promise<WebhookConfig>;

  /** Whether a delivery of this digest was taken before. */
  wasTaken(source: string, digest: string): Promise<boolean>;
  /** Remembers deliveries until `expiresAt` (epoch seconds). */
  remember(
    deliveries: readonly { readonly source: string; readonly digest: string; readonly expiresAt: number }[],
  ): Promise<void>;

  /** Adds to the counts of refused requests, by source and reason. */
  addRefused(counts: ReadonlyMap<string, RefusedCounts>): Promise<void>;
  /** By source. */
  refused(): Promise<Map<string, RefusedCounts>>;

  /** Notes what is to be fetched; durable when it returns, idempotent by id. */
  addFollowUps(followUps: readonly FollowUp[]): Promise<void>;
  /** In the order of their ids. */
  followUps(source: string, limit: number): Promise<FollowUp[]>;
  removeFollowUps(source: string, ids: readonly string[]): Promise<void>;
}
