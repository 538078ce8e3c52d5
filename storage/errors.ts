/** Base of every error that storage throws on purpose. `code` is stable; messages hold no data of a person. */
export class StorageError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An expectation of a write did not hold; nothing was written. */
export class ConditionFailed extends StorageError {
  /** Positions, in the write's ops, of those that failed, as far as the store tells. */
  readonly failed: readonly number[];
  constructor(failed: readonly number[]) {
    super('condition-failed', `the write's condition did not hold for op ${failed.join(', ')}`);
    this.failed = failed;
  }
}

/** The store can't answer now; the call may or may not have had its effect. Wait and try again. */
export class StoreUnavailable extends StorageError {
  constructor(what: string, options?: ErrorOptions) {
    super('store-unavailable', `${what} is not available`, options);
  }
}

/** There is no room left; nothing was written. */
export class StoreFull extends StorageError {
  constructor(what: string, options?: ErrorOptions) {
    super('store-full', `${what} has no room left`, options);
  }
}

/** An item or a write beyond the port's limits; a fault of the caller, never retried. */
export class ItemTooLarge extends StorageError {
  constructor(what: string) {
    super('item-too-large', what);
  }
}

/** A key that was destroyed, or bytes that were not written under it. Not retried. */
export class KeyGone extends StorageError {
  constructor(what: string, options?: ErrorOptions) {
    super('key-gone', what, options);
  }
}

/** True for what waiting can mend: the store is down, throttled, or full. */
export function isTransient(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof StoreFull;
}
