import { z } from 'zod';
import { isIdentifierType } from '../../../domain/identity/normalize.ts';

/** A most of items of one page. */
export const PAGE_MAX = 1_000;
const PAGE_DEFAULT = 100;

const ISO =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d))?$/;

/** `Date` takes the 31st of February for a day of March. */
function isOnCalendar(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate() && !Number.isNaN(Date.parse(text));
}

/** A moment; a date alone means its first instant in UTC. Answered as ISO 8601 UTC with milliseconds. */
export const moment = z
  .string()
  .max(40)
  .regex(ISO, 'must be ISO 8601, such as 2026-03-01 or 2026-03-01T12:00:00Z')
  .refine(isOnCalendar, 'is no day of the calendar')
  .transform((text) => new Date(text).toISOString())
  .meta({ description: 'ISO 8601; a date alone means its first instant in UTC', format: 'date-time' });

/** A moment as answered. */
export const instant = z.string().meta({ format: 'date-time' });

const limit = z.coerce.number().int().min(1).max(PAGE_MAX);
const cursor = z
  .string()
  .max(2_000)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be a cursor as the page before answered it')
  .optional();

/** How a page is asked for. */
export const pageQuery = { limit: limit.default(PAGE_DEFAULT), cursor };

/** The same of lists that are short as a rule: all of them is one page where nobody says otherwise. */
export const shortListQuery = { limit: limit.default(PAGE_MAX), cursor };

/** A page of items. */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item), cursor: z.string().nullable() });
}

/** Name of a source or mapping. */
export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes, at most 63 characters');

/** Name of a mapping, with or without its version. */
export const mappingRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}(?:@\d{1,9})?$/, 'must be a mapping as name or name@version');

/** How a person is named: a profile id or `type:value`. */
export const personParams = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(1_024)
    .meta({ description: 'A profile id, or any identifier as type:value, such as email:jane@example.com' }),
});

/** A JSON object of any shape. */
export const anyObject = z.record(z.string(), z.unknown());

/** A type of identifiers. */
export const identifierType = z
  .string()
  .refine(isIdentifierType, 'must be a type of identifiers, such as email, crmId or one of your own')
  .meta({ description: 'A type of identifiers', example: 'crmId' });

/** An identifier, `type:value`. */
export const identifier = z.string().meta({ description: 'type:value', example: 'email:jane@example.com' });

/** A customer's event. */
export const event = z.object({
  messageId: z.string(),
  type: z.enum(['identify', 'track', 'page', 'screen', 'group', 'alias']),
  event: z.string(),
  timestamp: instant,
  receivedAt: instant,
  originalTimestamp: z.string().optional(),
  source: z.string(),
  identifiers: z.array(identifier),
  properties: anyObject,
  traits: anyObject,
  mapping: z.string().optional().meta({ description: 'name@version of the mapping that made the event' }),
  context: anyObject.optional(),
});

const counter = z.object({
  count: z.number(),
  first: instant,
  last: instant,
  sums: z.record(z.string(), z.number()),
  days: z.record(z.string(), z.object({ count: z.number(), sums: z.record(z.string(), z.number()) })),
});

const stamp = { at: instant, source: z.string(), messageId: z.string() };

/** The names of trait policies. */
export const traitPolicyName = z.enum([
  'latest',
  'first',
  'min',
  'max',
  'union',
  'most-frequent',
  'source-priority',
]);

const traitSource = z
  .object({
    policy: traitPolicyName,
    sources: z.array(z.string()).optional(),
    ...stamp,
    values: z.array(z.object({ value: z.unknown(), count: z.number(), ...stamp })).optional(),
  })
  .meta({
    description: 'The event that told the value; of union and most-frequent, the values it is made of',
  });

/** A profile as read. */
export const profile = z.object({
  profileId: z.string(),
  identifiers: z.array(identifier).meta({ description: 'Strongest type first' }),
  traits: anyObject,
  traitSources: z.record(z.string(), traitSource),
  computed: z.object({
    events: z.number(),
    firstSeen: instant.nullable(),
    lastSeen: instant.nullable(),
    byEvent: z.record(z.string(), counter),
    byIdentifier: z.record(z.string(), z.object({ first: instant, last: instant, count: z.number() })),
  }),
  segments: z.array(z.string()),
  consent: z.record(
    z.string(),
    z.object({ status: z.enum(['granted', 'denied']), at: instant, source: z.string() }),
  ),
  fragments: z.array(z.object({ fragment: z.string(), type: z.string() })),
  completeSince: instant.nullable(),
});

/** Problem details, RFC 9457. */
export const problem = z.looseObject({
  type: z.string().meta({ description: 'Stable: urn:tessera:error:<code>' }),
  title: z.string(),
  status: z.number(),
  detail: z.string().meta({ description: 'What is wrong and what to change' }),
});

/** Long work that was started. */
export const started = z.object({ workflowId: z.string(), statusUrl: z.string() });

/** Who changes something and why, as query parameters; the token's holder where nobody is named. */
export const changedBy = z.strictObject({
  actor: z.string().min(1).max(200).default('administrator').meta({ description: 'Who does this' }),
  reason: z.string().min(1).max(1_000).optional().meta({ description: 'Why' }),
});
