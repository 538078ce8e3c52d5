import { StoreUnavailable } from '../../storage/errors.ts';
import type { Storage } from '../../storage/ports.ts';

/** A storage that fails once, and what to ask it. */
export interface FaultyStorage {
  readonly storage: Storage;
  /** Calls of port methods so far. A test that never reached the n-th call has tested nothing. */
  readonly calls: () => number;
  /** Whether the fault came, and of which method, such as `log.write`. */
  readonly failed: () => string | undefined;
}

const PORTS = ['log', 'keys', 'intake', 'blobs', 'master'] as const;

/**
 * Wraps a storage so that the n-th call (from 1) of any method of its tables, blobs and keys fails, `before` its effect or
 * `after` it, as when the answer is lost. Closing never fails and is not counted; every other call passes through.
 */
export function faulty(
  storage: Storage,
  n: number,
  when: 'before' | 'after',
  error: Error = new StoreUnavailable('a port that was made to fail'),
): FaultyStorage {
  let calls = 0;
  let failed: string | undefined;
  const isDue = (name: string): boolean => {
    calls += 1;
    if (calls === n) failed = name;
    return calls === n;
  };
  const wrap = <P extends object>(port: P, portName: string): P =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        const call = (args: unknown[]): unknown => Reflect.apply(member, target, args);
        if (property === 'close') return (...args: unknown[]) => call(args);
        const name = `${portName}.${String(property)}`;
        return property === 'scan'
          ? (...args: unknown[]) => scanOnce(call(args) as AsyncIterable<unknown>, isDue(name), when, error)
          : async (...args: unknown[]) => {
              const due = isDue(name);
              if (due && when === 'before') throw error;
              const result = await call(args);
              if (due) throw error;
              return result;
            };
      },
    });
  const wrapped = Object.fromEntries(PORTS.map((port) => [port, wrap(storage[port], port)]));
  return {
    storage: { ...storage, ...wrapped },
    calls: () => calls,
    failed: () => failed,
  };
}

async function* scanOnce(
  items: AsyncIterable<unknown>,
  due: boolean,
  when: 'before' | 'after',
  error: Error,
): AsyncIterable<unknown> {
  if (due && when === 'before') throw error;
  yield* items;
  if (due) throw error;
}
