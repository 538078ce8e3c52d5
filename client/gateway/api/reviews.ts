import { z } from 'zod';
import type { Review } from '../../../domain/link-records/review.ts';
import { describePair } from '../../../storage/linkage/pair.ts';
import { decideReview } from '../../../storage/linkage/decide.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { omit } from '../omit.ts';
import { ProblemError } from '../problem.ts';
import { why } from './carry-out.ts';
import { person, review, waterfall } from './link-schemas.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { pageOf, pageQuery } from './schemas.ts';
import { defined } from './profiles.ts';

const TAG = 'Linking records';
const REASON_CHARS_MAX = 1_000;
const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const NOT_FOUND = { description: 'There is no such review' };

const record = z.object({
  fragment: z.string(),
  type: z.string(),
  identifier: z.string().nullable().meta({ description: 'type:value; null where it was erased' }),
  profileId: z.string().nullable(),
  person: person.nullable(),
});
const shown = review.extend({ a: record, b: record, waterfall: waterfall.nullable() });

/** Pairs that a model could not decide: listed, shown with how they were scored, accepted or rejected by people. */
export function reviewRoutes(store: TenantStore): ApiRoute[] {
  return [
    listRoute(store),
    showRoute(store),
    ...(['accept', 'reject'] as const).map((verdict) => decideRoute(store, verdict)),
  ];
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/reviews',
      tag: TAG,
      summary: 'Pairs of records for people to decide, the likeliest first',
      query: z.strictObject({
        state: z.enum(['open', 'accepted', 'rejected']).default('open'),
        ...pageQuery,
      }),
      answers: { 200: { description: 'A page of pairs', schema: pageOf(review) } },
    },
    async ({ query: { state, ...page } }) => {
      const { items, cursor } = await store.linkage.reviews.list(state, defined(page));
      return ok({ items: items.map((item) => omit(item, 'version')), cursor });
    },
  );
}

function showRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/reviews/{id}',
      tag: TAG,
      summary: 'One pair: both records as they were compared, and what each comparison added',
      params,
      answers: { 200: { description: 'The pair', schema: shown }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = orMissing(await store.linkage.reviews.get(input.params.id));
      const pair = await describePair(store, found);
      return ok({ ...omit(found, 'version'), ...pair });
    },
  );
}

function decideRoute(store: TenantStore, verdict: 'accept' | 'reject'): ApiRoute {
  const summaries = {
    accept: 'Both are one person: linked for good, whatever a later model says',
    reject: 'They are not: never linked, whatever a later model says',
  };
  return route(
    {
      method: 'POST',
      path: `/v1/identity/reviews/{id}/${verdict}`,
      tag: TAG,
      summary: summaries[verdict],
      description:
        'A later decision stands against an earlier one; both are kept with who made them and why.',
      params,
      body: z.strictObject({ ...why, reason: z.string().trim().min(1).max(REASON_CHARS_MAX) }),
      answers: {
        200: {
          description: 'Decided, and readers see it',
          schema: review.extend({ profiles: z.array(z.string()) }),
        },
        404: NOT_FOUND,
      },
    },
    async (input) => {
      const found = orMissing(await store.linkage.reviews.get(input.params.id));
      const decided = await decideReview(store, found, {
        state: verdict === 'accept' ? 'accepted' : 'rejected',
        by: input.body.actor,
        reason: input.body.reason,
      });
      return ok({ ...omit(decided.review, 'version'), profiles: decided.profiles });
    },
  );
}

function orMissing(found: Review | undefined): Review {
  if (found === undefined) throw new ProblemError(404, 'no-such-review', 'There is no review of this id.');
  return found;
}
