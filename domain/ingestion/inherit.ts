import type { JsonObject, JsonValue } from '../json.ts';
import { asObject } from './consent.ts';

/**
 * The context of a message whose envelope has one: member by member, what the message itself says stands. Copies by spread,
 * which keeps an own `__proto__` a plain member.
 */
export function inheritedContext(own: JsonValue | undefined, envelope: JsonObject): JsonValue {
  if (own === undefined) return envelope;
  const object = asObject(own);
  return object === undefined ? own : { ...envelope, ...object };
}
