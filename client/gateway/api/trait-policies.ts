import { z } from 'zod';
import { canonicalJson, compareText } from '../../../domain/canonical.ts';
import { namedPolicy, traitPolicy } from '../../../domain/profile/policy.ts';
import type { FoldPolicy, TraitPolicy } from '../../../domain/profile/state.ts';
import type { FoldChange } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, name, pageOf, shortListQuery, traitPolicyName } from './schemas.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Trait policies';
const SOURCES_MAX = 100;
/** Traits with a policy of their own: they are one document of the configuration. */
const POLICIES_MAX = 1_000;
const TRAIT_CHARS_MAX = 200;

const trait = z
  .string()
  .min(1)
  .max(TRAIT_CHARS_MAX)
  .meta({ description: 'Name of a trait', example: 'city' });
const policy = { policy: traitPolicyName, sources: z.array(name).min(1).max(SOURCES_MAX).optional() };

const wanted = z
  .strictObject({ trait, ...policy })
  .refine((given) => (given.policy === 'source-priority') === (given.sources !== undefined), {
    path: ['sources'],
    message: 'names the sources, best first, where the policy is source-priority, and is left out elsewhere',
  });
const shown = z.object({ trait: z.string(), ...policy });
const change = z.object({
  version: z.number(),
  recordedAt: instant,
  trait: z.string(),
  before: z.object(policy),
  after: z.object(policy),
});

/** How a trait's values on many events become one, per trait: configuration, versioned. */
export function traitPolicyRoutes(store: TenantStore): ApiRoute[] {
  return [listRoute(store), setRoute(store), changesRoute(store)];
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/trait-policies',
      tag: TAG,
      summary: 'Traits with a policy of their own; every other one is latest',
      query: z.strictObject(shortListQuery),
      answers: {
        200: {
          description: 'The policies, and the version of all of them together',
          schema: z.object({
            version: z.number(),
            default: traitPolicyName,
            items: z.array(shown),
            cursor: z.string().nullable(),
          }),
        },
      },
    },
    async ({ query }) => {
      const { fold } = await store.registry.config();
      const traits = Object.keys(fold.traits).sort(compareText);
      const { items, cursor } = pageOfList(traits, (one) => one, query);
      const shownItems = items.map((wantedTrait) => present(wantedTrait, fold));
      return ok({ version: fold.version, default: 'latest', items: shownItems, cursor });
    },
  );
}

function setRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/trait-policies',
      tag: TAG,
      summary: 'Set the policy of a trait; it holds for all history, from the next read on',
      description:
        'latest: by event time, and null unsets. first, min, max. union: all values, as a list. most-frequent: what most ' +
        'events told, the latest among equals. source-priority: the latest of the first of the sources that tells it.',
      body: wanted,
      answers: {
        200: {
          description: 'The policy, and the version that it is of',
          schema: shown.extend({ version: z.number() }),
        },
        422: {
          description: 'A source that is not there, or more traits than can have a policy of their own',
        },
      },
    },
    async ({ body }) => {
      await check(store, body.trait, body.sources ?? []);
      const { fold } = await store.registry.setTraitPolicy(body.trait, policyOf(body));
      return ok({ ...present(body.trait, fold), version: fold.version });
    },
  );
}

function changesRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/trait-policies/changes',
      tag: TAG,
      summary: 'Every change of a policy, newest first',
      query: z.strictObject(shortListQuery),
      answers: { 200: { description: 'The changes', schema: pageOf(change) } },
    },
    async ({ query }) => {
      const changes = (await store.registry.foldChanges()).flatMap(changesOf).reverse();
      return ok(pageOfList(changes, (one) => `${one.version}/${one.trait}`, query));
    },
  );
}

async function check(store: TenantStore, wantedTrait: string, sources: readonly string[]): Promise<void> {
  const [known, { fold }] = await Promise.all([store.registry.sources(), store.registry.config()]);
  const missing = sources.find((source) => !known.some((config) => config.name === source));
  if (missing !== undefined) {
    throw new ProblemError(
      422,
      'no-such-source',
      `sources: there is no source ${missing}; add it first, or leave it out.`,
    );
  }
  if (!Object.hasOwn(fold.traits, wantedTrait) && Object.keys(fold.traits).length >= POLICIES_MAX) {
    throw new ProblemError(
      422,
      'too-many-policies',
      `trait: ${POLICIES_MAX} traits have a policy of their own; set one of them back to latest first.`,
    );
  }
}

function policyOf({ policy: named, sources }: z.output<typeof wanted>): TraitPolicy {
  return named === 'source-priority' ? { sources: sources ?? [] } : named;
}

function present(wantedTrait: string, fold: FoldPolicy): object {
  return { trait: wantedTrait, ...namedPolicy(traitPolicy(wantedTrait, fold)) };
}

function changesOf({ recordedAt, before, after }: FoldChange) {
  const names = new Set([...Object.keys(before.traits), ...Object.keys(after.traits)]);
  return [...names].sort(compareText).flatMap((wantedTrait) => {
    const [was, is] = [before, after].map((fold) => namedPolicy(traitPolicy(wantedTrait, fold)));
    if (canonicalJson(was) === canonicalJson(is)) return [];
    return [{ version: after.version, recordedAt, trait: wantedTrait, before: was, after: is }];
  });
}
