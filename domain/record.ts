/**
 * Own-property access to records whose keys come from outside. `__proto__`, `constructor` and the like are names as
 * any other: never read from, never written to, the prototype.
 */

/** The own property `key`, or undefined. */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Sets the own property `key`, whatever its name. */
export function setOwn<T>(record: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    // Plain assignment would change the prototype instead of adding a property.
    Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    record[key] = value;
  }
}
