import { z } from 'zod';
import { durationMs } from '../duration.ts';
import { isIdentifierType } from './normalize.ts';
import { OTHER_TYPES } from './rules.ts';

/** Entries of one list of the rules; a rule that needs more is no rule. */
const ENTRIES_MAX = 1_000;
const COUNT_MAX = 1_000_000;
const VALUE_CHARS_MAX = 128;
const TYPE_MESSAGE = 'must be an identifier type: a letter, then letters, digits, ".", "_" or "-"';

const type = z.string().refine(isIdentifierType, TYPE_MESSAGE);
const typeOrOther = z
  .string()
  .refine((text) => text === OTHER_TYPES || isIdentifierType(text), `${TYPE_MESSAGE}; or "*" for all others`);
const source = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the name of a source: lower-case letters, digits and dashes');
const sourceOrOther = z
  .string()
  .regex(/^(?:\*|[a-z0-9][a-z0-9-]{0,62})$/, 'must be the name of a source, or "*" for all others');
const atLeastOne = z.int('must be a whole number').min(1, 'must be at least 1').max(COUNT_MAX);
const distinct = (list: readonly string[]): boolean => new Set(list).size === list.length;
const types = z.array(type).max(ENTRIES_MAX).refine(distinct, 'names a type twice');
const duration = z
  .string()
  .refine(
    (text) => (durationMs(text) ?? 0) > 0,
    'must be an ISO 8601 duration above zero, such as P30D or PT12H',
  );
const limit = z.union([atLeastOne, z.strictObject({ max: atLeastOne, within: duration.optional() })], {
  error: 'must be a whole number from 1, or {"max": n, "within": an ISO 8601 duration such as "P30D"}',
});
const blocked = z
  .string()
  .min(1)
  .max(VALUE_CHARS_MAX)
  .refine((text) => !/^\/\**\/$/.test(text), 'would block every value');

/** Names of the rules that are off while they are absent. */
export const OPTIONAL_RULES = ['uniqueFrom', 'known', 'trust', 'sharedDevice', 'junk', 'alarm'] as const;

/** What a tenant may set; its version is the store's to say. */
export const identityRulesSchema = z.strictObject({
  priority: types.min(1).meta({ description: 'Strongest first; the first on an event names its fragment' }),
  unique: types.meta({ description: 'Types of which two different values never share a profile' }),
  uniqueFrom: z
    .record(type, z.array(source).min(1).max(ENTRIES_MAX))
    .optional()
    .meta({ description: 'By type, the sources declared free of duplicates' }),
  limits: z.record(typeOrOther, limit).meta({
    description: 'By type, or * for all others: at most so many in a profile, ever or within a time',
  }),
  blocked: z.array(blocked).max(ENTRIES_MAX).meta({
    description: 'Values that name nobody: whole, or /pattern/ where * stands for any run of characters',
  }),
  known: types.optional().meta({ description: 'Types that only a known person has' }),
  trust: z
    .record(
      sourceOrOther,
      z.enum(['link', 'suggest', 'none'], { error: 'must be "link", "suggest" or "none"' }),
    )
    .optional()
    .meta({ description: 'By source, or * for all others: whether its evidence may join two known people' }),
  sharedDevice: z
    .strictObject({ types: types.min(1), after: atLeastOne })
    .optional()
    .meta({
      description: 'Identifiers of these types seen with more known people than this are nobody’s own',
    }),
  junk: z
    .strictObject({ after: atLeastOne })
    .optional()
    .meta({ description: 'Any identifier seen with more others of one type than this is blocked by itself' }),
  alarm: z
    .strictObject({ identifiers: atLeastOne.optional(), merges: atLeastOne.optional() })
    .optional()
    .meta({ description: 'A profile grows no further than this until it was reviewed' }),
});
