import { z } from 'zod';
import { PERSON_FIELDS } from '../../../domain/link-records/person.ts';
import { scopeName } from '../../../domain/link-records/run.ts';
import { createMatch } from '../../../storage/linkage/match.ts';
import type { CurrentScope } from '../../../storage/linkage/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { identifierType, probability, waterfall } from './link-schemas.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { name } from './schemas.ts';

const FIELD_CHARS_MAX = 500;
const CANDIDATES_MAX = 100;
const text = z.string().trim().min(1).max(FIELD_CHARS_MAX).optional();

const body = z.strictObject({
  person: z
    .strictObject({
      ...Object.fromEntries(PERSON_FIELDS.map((field) => [field, text])),
      other: z.record(z.string().max(40), z.string().max(FIELD_CHARS_MAX)).optional(),
    })
    .refine((person) => Object.values(person).some((value) => value !== undefined), {
      error: `must have at least one of ${PERSON_FIELDS.join(', ')}`,
    }),
  sources: z.array(name).min(1).max(50).optional().meta({
    description: 'As a run linked them together; the scope that was linked last where absent',
  }),
  recordType: identifierType.default('crmId'),
  limit: z.int().min(1).max(CANDIDATES_MAX).default(10),
});

const candidate = z.object({
  fragment: z.string(),
  type: z.string(),
  identifier: z.string().nullable(),
  profileId: z.string().nullable(),
  weight: z.number().meta({ description: 'log2 of the odds that they are the same person' }),
  probability,
  waterfall,
});

/** Who one new record could be, at once, among the records that a run has linked. */
export function matchRoutes(store: TenantStore): ApiRoute[] {
  const match = createMatch(store);
  return [
    route(
      {
        method: 'POST',
        path: '/v1/identity/match',
        tag: 'Linking records',
        summary: 'Who a person could be, among the records that were linked; nothing is stored',
        description:
          'Compared as a run would compare it, with the records that the last run of the same sources has seen, as they are now.',
        body,
        answers: {
          200: {
            description: 'Candidates, the likeliest first, each with how its score came about',
            schema: z.object({
              model: z.string(),
              sources: z.array(z.string()),
              candidates: z.array(candidate),
            }),
          },
          409: { description: 'These sources were not linked yet' },
        },
      },
      async (input) => {
        const { person, limit } = input.body;
        const scope = await scopeOf(store, input.body);
        return ok(await match(scope, defined(person), limit));
      },
    ),
  ];
}

async function scopeOf(
  store: TenantStore,
  asked: Pick<z.output<typeof body>, 'sources' | 'recordType'>,
): Promise<CurrentScope> {
  const scopes = (await store.linkage.runs.scopes()).filter(
    ({ scope }) => scope.recordType === asked.recordType,
  );
  const wanted = asked.sources && [...new Set(asked.sources)].sort();
  const found =
    wanted === undefined
      ? scopes.sort((x, y) => (x.updatedAt < y.updatedAt ? 1 : -1))[0]
      : scopes.find(
          ({ scope }) => scopeName(scope) === scopeName({ sources: wanted, recordType: asked.recordType }),
        );
  if (found !== undefined) return found;
  throw new ProblemError(
    409,
    'not-linked-yet',
    'There is nothing to match against: link the records of these sources first, by POST /v1/identity/runs.',
  );
}
