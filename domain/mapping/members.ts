import { matchesGlob } from '../identity/rules.ts';
import type { JsonObject } from '../json.ts';
import { setOwn } from '../record.ts';
import { isThere } from './condition.ts';
import { compilePath, type Getter } from './path.ts';
import type { DefinitionError } from './record.ts';
import type { Scope } from './scope.ts';
import type { MemberMapping } from './types.ts';

/** Members that are taken of one object; no vendor allows as many fields of a customer's own. */
const MEMBERS_MAX = 1_000;
const NAME_MAX_LENGTH = 200;

/** A member mapping made ready to run. */
export interface Members extends MemberMapping {
  readonly get: Getter;
}

/** Compiles a member mapping; what is wrong with it is added to `errors`. */
export function compileMembers(mapping: MemberMapping, errors: DefinitionError[], at: string): Members {
  const get = compilePath(mapping.of);
  if (get === undefined) errors.push({ path: `${at}.of`, expected: 'a path such as $.properties' });
  return { ...mapping, get: get ?? (() => undefined) };
}

/** Adds texts, numbers and booleans under their own names; names that other fields have set stay as they are. */
export function readMembers(
  { into, of, get, matches, except = [] }: Members,
  scope: Scope,
  object: JsonObject,
  errors: string[],
): void {
  const found = get(scope);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return;
  let taken = 0;
  for (const [name, value] of Object.entries(found)) {
    const isWanted = matches.some((pattern) => matchesGlob(name, pattern));
    if (!isWanted || except.some((pattern) => matchesGlob(name, pattern))) continue;
    if (!isThere(value) || typeof value === 'object' || name.length > NAME_MAX_LENGTH) continue;
    if (name === '__proto__' || Object.hasOwn(object, name)) continue;
    if ((taken += 1) > MEMBERS_MAX) {
      errors.push(`${into}: ${of} has more than ${MEMBERS_MAX} members to take`);
      return;
    }
    setOwn(object, name, value);
  }
}
