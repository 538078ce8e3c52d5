import { IDENTIFIER_TYPES, type Identifier } from './identifier.ts';
import type { IdentityRules, Limit, Trust } from './rule-types.ts';

/** In `limits` and `trust`, speaks for whatever is not named there. */
export const OTHER_TYPES = '*';

/** What systems write where they have no value. Compared whole, in lower case. */
const PLACEHOLDERS = [
  ...['null', 'undefined', 'none', 'nil', 'nan', 'n/a', 'na', 'unknown', 'anonymous', 'guest', 'test'],
  ...['nobody', 'default', 'dummy', 'missing', 'blank', 'void', 'tbd', 'xxx', 'infinity', '<null>', '<nil>'],
  ...[
    '#n/a',
    '#ref!',
    '#value!',
    '\\n',
    '%00',
    '{{userid}}',
    '{{ userid }}',
    '${userid}',
    '[userid]',
    'userid',
  ],
  ...['(null)', '(none)', '(not set)', 'not set', 'not_set', 'notset', 'empty', 'true', 'false'],
  ...['[object object]', '[object undefined]', '[object null]', '{}', '[]', '""', "''", '-', '--', '.', '?'],
  ...['0', '00', '000', '0000', '00000', '000000', '0000000', '00000000', '000000000', '0000000000', '-1'],
  ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ...['9999999', '99999999', '999999999', '9999999999'],
  ...['+0', '+10000000000', '+1111111111', '+11111111111', '+15555555555', '+19999999999', '+12345678900'],
  ...['test@test.com', 'test@test.test', 'noemail@noemail.com', 'none@none.com', 'noemail@email.com'],
  ...[
    'no@email.com',
    'email@email.com',
    'unknown@unknown.com',
    'na@na.com',
    'null@null.com',
    'none@gmail.com',
  ],
];

/** The rules a tenant starts with. */
export const DEFAULT_IDENTITY_RULES: IdentityRules = {
  version: 1,
  priority: IDENTIFIER_TYPES,
  unique: ['userId'],
  // Orders are how refunds find their buyer; a good customer has many.
  limits: { userId: 1, email: 5, phone: 5, anonymousId: 20, deviceId: 20, orderId: 500, [OTHER_TYPES]: 10 },
  blocked: [...PLACEHOLDERS, '/noreply@*/', '/no-reply@*/', '/donotreply@*/', '/*@localhost/'],
  known: ['userId', 'crmId', 'loyaltyId', 'contactId'],
  sharedDevice: { types: ['anonymousId', 'deviceId'], after: 3 },
  junk: { after: 100 },
  alarm: { identifiers: 1_000, merges: 200 },
};

/** A type's place in the tenant's order, 0 the strongest. Types that are not in it share the last place. */
export function rank(type: string, rules: IdentityRules): number {
  const place = rules.priority.indexOf(type);
  return place < 0 ? rules.priority.length : place;
}

/** How many values of a type a profile may hold, ever or within its limit's time; Infinity where nothing is said. */
export function limitOf(type: string, rules: IdentityRules): number {
  return rules.unique.includes(type) ? 1 : (limitRule(type, rules)?.max ?? Infinity);
}

/** The limit that is set for a type, if any; uniqueness apart. */
export function limitRule(type: string, { limits }: IdentityRules): Limit | undefined {
  const limit = Object.hasOwn(limits, type) ? limits[type] : limits[OTHER_TYPES];
  return typeof limit === 'number' ? { max: limit } : limit;
}

/** Types that only a known person has. */
export function knownTypes(rules: IdentityRules): readonly string[] {
  return rules.known ?? [...rules.unique, ...Object.keys(rules.uniqueFrom ?? {})];
}

/** How far a source is believed. */
export function trustOf(source: string, { trust }: Pick<IdentityRules, 'trust'>): Trust {
  if (!trust) return 'link';
  return (Object.hasOwn(trust, source) ? trust[source] : trust[OTHER_TYPES]) ?? 'link';
}

/** True for a value that names nobody and so is never evidence. Case and outer blanks do not matter. */
export function isBlocked(identifier: Identifier, rules: IdentityRules): boolean {
  const value = identifier.value.trim().toLowerCase();
  if (value === '') return true;
  const compiled = compile(rules);
  return compiled.whole.has(value) || compiled.globs.some((glob) => matchesGlob(value, glob));
}

interface Compiled {
  readonly whole: ReadonlySet<string>;
  readonly globs: readonly string[];
}

const compiledRules = new WeakMap<readonly string[], Compiled>();

function compile(rules: IdentityRules): Compiled {
  const known = compiledRules.get(rules.blocked);
  if (known) return known;
  const isGlob = (entry: string): boolean => entry.length > 2 && entry.startsWith('/') && entry.endsWith('/');
  const lower = rules.blocked.map((entry) => entry.toLowerCase());
  const compiled = {
    whole: new Set(lower.filter((entry) => !isGlob(entry))),
    globs: lower.filter(isGlob).map((entry) => entry.slice(1, -1)),
  };
  compiledRules.set(rules.blocked, compiled);
  return compiled;
}

/**
 * `*` stands for any run of characters, everything else for itself. A tenant writes these patterns, so they are no
 * regular expressions: this takes at most length x length steps whatever the pattern.
 */
export function matchesGlob(value: string, glob: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < value.length) {
    if (glob[place] === '*') {
      star = place++;
      resume = at;
    } else if (place < glob.length && glob[place] === value[at]) {
      at++;
      place++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (glob[place] === '*') place++;
  return place === glob.length;
}
