import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue, setOwn } from '../record.ts';

/**
 * Applies a JSON Merge Patch (RFC 7396): members of the patch replace those of the target, `null` removes one, objects
 * are merged member by member. A target that is no object is replaced. The target stays as it is.
 */
export function mergePatch(target: JsonValue, patch: JsonObject): JsonObject {
  const result: JsonObject = {};
  if (typeof target === 'object' && target !== null && !Array.isArray(target)) {
    for (const [name, value] of Object.entries(target)) setOwn(result, name, value);
  }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else if (typeof value === 'object' && !Array.isArray(value))
      setOwn(result, name, mergePatch(ownValue(result, name) ?? null, value));
    else setOwn(result, name, value);
  }
  return result;
}
