import { z } from 'zod';
import type { IdentityRules } from '../../../domain/identity/rule-types.ts';
import { diffRules } from '../../../domain/identity/rules-diff.ts';
import { OPTIONAL_RULES, identityRulesSchema } from '../../../domain/identity/schema.ts';
import type { RulesVersion } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { changedBy as changedByOf } from './rule-replays.ts';
import type { ReplayStarter } from './rule-replays.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { changedBy, instant, pageOf, shortListQuery } from './schemas.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Identity';
const { shape } = identityRulesSchema;
const version = z.coerce.number().int().min(1).max(1_000_000_000);
const stored = identityRulesSchema.extend({ version: z.number() });
const versionAnswer = z.object({
  version: z.number(),
  recordedAt: instant.nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  rules: stored,
});
const change = z.object({ path: z.string(), before: z.json().optional(), after: z.json().optional() });

/** What may be sent: all rules or some; what is left out stays as it is, and `null` takes a rule out of force. */
export const rulesBody = identityRulesSchema.partial().extend({
  uniqueFrom: shape.uniqueFrom.nullable(),
  known: shape.known.nullable(),
  trust: shape.trust.nullable(),
  sharedDevice: shape.sharedDevice.nullable(),
  junk: shape.junk.nullable(),
  alarm: shape.alarm.nullable(),
  version: z
    .number()
    .int()
    .optional()
    .meta({ description: 'The version that these were made from; refused where another is in force' }),
});

/** The rules in force with what a body changes. Throws `ProblemError` 422 where the whole can not be. */
export function rulesWith(
  current: IdentityRules,
  body: z.output<typeof rulesBody>,
): Omit<IdentityRules, 'version'> {
  const merged = { ...current, ...body };
  const isLeftOut = ([name, rule]: [string, unknown]): boolean =>
    name === 'version' || (rule === null && OPTIONAL_RULES.some((optional) => optional === name));
  const inForce = Object.fromEntries(Object.entries(merged).filter((entry) => !isLeftOut(entry)));
  // Sound: both parts were read by the same schema; `undefined` in optional members goes with the text.
  return JSON.parse(JSON.stringify(inForce)) as Omit<IdentityRules, 'version'>;
}

/** The rules by which evidence makes profiles: read, changed, and every version that there was. */
export function identityRulesRoutes(store: TenantStore, replays: ReplayStarter): ApiRoute[] {
  return [
    getRoute(store),
    putRoute(store, replays),
    versionsRoute(store),
    versionRoute(store),
    diffRoute(store),
  ];
}

function getRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/rules',
      tag: TAG,
      summary: 'The identity rules in force',
      answers: { 200: { description: 'The rules', schema: stored } },
    },
    async () => ok((await store.registry.config()).identity),
  );
}

function putRoute(store: TenantStore, replays: ReplayStarter): ApiRoute {
  return route(
    {
      method: 'PUT',
      path: '/v1/identity/rules',
      tag: TAG,
      summary: 'Make rules the version in force; history is judged by them in the background',
      description:
        'New events are judged by them at once. What is left out stays as it is; null takes a rule out of force. To see first what would change, POST them to /v1/identity/simulations.',
      query: changedBy,
      body: rulesBody,
      answers: {
        200: {
          description: 'The rules in force; rejudging says where to follow the judgement of history',
          schema: stored.extend({
            rejudging: z
              .object({ simulationId: z.string(), workflowId: z.string(), statusUrl: z.string() })
              .nullable(),
          }),
        },
        422: { description: 'The rules in force are of another version than the one given' },
      },
    },
    async ({ body, query }) => {
      const { identity } = await store.registry.config();
      const wanted = rulesWith(identity, body);
      if (diffRules(identity, wanted).length === 0) return ok({ ...identity, rejudging: null });
      const rules = await store.registry.setRules(wanted, {
        ...changedByOf(query),
        after: body.version ?? identity.version,
      });
      return ok({ ...rules, rejudging: await replays.rejudge(identity, rules, query) });
    },
  );
}

function versionsRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/rules/versions',
      tag: TAG,
      summary: 'Every version of the rules, newest first: who made it, when and why',
      query: z.strictObject(shortListQuery),
      answers: { 200: { description: 'The versions', schema: pageOf(versionAnswer) } },
    },
    async ({ query }) => {
      const versions = (await store.registry.rulesVersions()).reverse();
      const { items, cursor } = pageOfList(versions, ({ rules }) => String(rules.version), query);
      return ok({ items: items.map(present), cursor });
    },
  );
}

function versionRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/rules/versions/{version}',
      tag: TAG,
      summary: 'One version of the rules',
      params: z.strictObject({ version }),
      answers: {
        200: { description: 'The version', schema: versionAnswer },
        404: { description: 'There is no such version' },
      },
    },
    async ({ params }) => ok(present(await versionOf(store, params.version))),
  );
}

function diffRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/rules/diff',
      tag: TAG,
      summary: 'What differs between two versions of the rules',
      query: z.strictObject({ from: version, to: version.optional() }),
      answers: {
        200: {
          description: 'The differences; of a list, what went and what came',
          schema: z.object({ from: z.number(), to: z.number(), changes: z.array(change) }),
        },
        404: { description: 'There is no such version' },
      },
    },
    async ({ query }) => {
      const from = await versionOf(store, query.from);
      const to =
        query.to === undefined
          ? (await store.registry.config()).identity
          : (await versionOf(store, query.to)).rules;
      return ok({ from: query.from, to: to.version, changes: diffRules(from.rules, to) });
    },
  );
}

async function versionOf(store: TenantStore, wanted: number): Promise<RulesVersion> {
  const found = (await store.registry.rulesVersions()).find(({ rules }) => rules.version === wanted);
  if (found === undefined)
    throw new ProblemError(
      404,
      'no-such-version',
      'There is no such version of the rules; see /v1/identity/rules/versions.',
    );
  return found;
}

function present({ rules, recordedAt, by }: RulesVersion): object {
  return {
    version: rules.version,
    recordedAt,
    actor: by?.actor ?? null,
    reason: by?.reason ?? null,
    rules,
  };
}
