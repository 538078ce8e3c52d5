/** What the load generator is asked for, as JSON on its command line. */
export interface LoadSpec {
  readonly host: string;
  readonly port: number;
  readonly writeKey: string;
  readonly connections: number;
  /** Events a request; 1 goes to `/v1/track`, more to `/v1/batch`. */
  readonly perRequest: number;
  readonly seconds: number;
  /** Dropped from the figures, sent before the measured time. */
  readonly warmupSeconds: number;
  /** Ends after this many events, however long it takes. */
  readonly events?: number;
  /** Users are numbered from `firstUser`; each is one profile. */
  readonly users: number;
  readonly firstUser?: number;
  /** Events of one user in a row, as in a visit. */
  readonly session: number;
  /** Each user in turn instead of at random, for filling. */
  readonly inTurn?: boolean;
  /** Events a second over all connections; as fast as it is answered where absent. */
  readonly rate?: number;
  /** Holds back while more items than this are pending, as told by `/v1/status`. */
  readonly maxPending?: number;
  readonly adminToken?: string;
  /** A file of whole requests that are sent instead of events, `perRequest` 1 each. */
  readonly requests?: string;
}

/** What the load generator saw; times in milliseconds. */
export interface LoadResult {
  readonly events: number;
  readonly requests: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Answers that were not 200, by status; 0 where the connection broke. */
  readonly failures: Record<string, number>;
  /** Epoch milliseconds of the measured time. */
  readonly from: number;
  readonly to: number;
  /** Events sent in all, warm-up included. */
  readonly sent: number;
}
