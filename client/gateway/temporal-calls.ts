import type { AsyncLocalStorage } from 'node:async_hooks';

/** Runs calls to Temporal, and knows when none is under way. */
export interface TemporalCalls {
  run<T>(call: () => Promise<T>): Promise<T>;
}

/**
 * Calls over one connection, which holds their deadlines in an `AsyncLocalStorage`. Once used, such a store makes Node
 * follow every promise of the process, which costs each accepted event a tenth of its time; it is switched off
 * whenever no call needs it. Connections that hold no such store just run the calls.
 */
export function temporalCalls(connection: object): TemporalCalls {
  let running = 0;
  return {
    async run(call) {
      running += 1;
      try {
        return await call();
      } finally {
        running -= 1;
        if (running === 0) contextOf(connection)?.disable();
      }
    },
  };
}

function contextOf(connection: object): Pick<AsyncLocalStorage<unknown>, 'disable'> | undefined {
  return 'callContextStorage' in connection
    ? (connection.callContextStorage as AsyncLocalStorage<unknown>)
    : undefined;
}
