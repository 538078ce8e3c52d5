import { z } from 'zod';
import { normalizeOptions } from '../../../domain/identity/normalization.ts';
import { InvalidMapping, compileMapping } from '../../../domain/mapping/compile.ts';
import { mapItem, type CompiledMapping, type Mapped } from '../../../domain/mapping/map-item.ts';
import type { JsonObject, JsonValue } from '../../../domain/json.ts';
import { VENDORS, type Vendor } from '../../../domain/ingestion/vendors.ts';
import { readSample } from '../webhooks/sample.ts';
import type { Incoming } from '../webhooks/types.ts';
import type { RawItem } from '../../../domain/ingestion/raw.ts';
import { mappingParts } from '../../../domain/mapping/schema.ts';
import type { MappingDefinition } from '../../../domain/mapping/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { mappingRef, name, pageOf, shortListQuery } from './schemas.ts';
import { pageOfList } from './whole-list.ts';

const TAG = 'Mappings';
const params = z.strictObject({ ref: mappingRef });
const NOT_FOUND = { description: 'There is no such mapping' };
const DRY_RUN_ITEMS_MAX = 100;
const PAYLOAD_CHARS_MAX = 500_000;

/** Its version is the store's to say, and the Segment spec is no tenant's own. */
const definition = z.strictObject({
  name: mappingParts.name,
  description: mappingParts.description.default(''),
  kind: z.enum(['record', 'rules']).default('record'),
  record: mappingParts.record.optional(),
  rules: mappingParts.rules.optional(),
  ignore: mappingParts.ignore.optional(),
  samples: z
    .array(z.json())
    .max(DRY_RUN_ITEMS_MAX)
    .default([])
    .meta({ description: 'Records that the mapping must be able to map; it is not stored otherwise' }),
  person: mappingParts.person.optional(),
});
const mapping = z.looseObject({
  name: z.string(),
  version: z.number(),
  description: z.string(),
  kind: z.enum(['segment', 'record', 'rules']),
});

/** Mappings from a source's format to canonical events: data, versioned, tried out before they are used. */
export function mappingRoutes(store: TenantStore): ApiRoute[] {
  return [listRoute(store), getRoute(store), putRoute(store), dryRunRoute(store)];
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/mappings',
      tag: TAG,
      summary: 'All mappings, the built-in ones included',
      query: z.strictObject(shortListQuery),
      answers: { 200: { description: 'The mappings', schema: pageOf(mapping) } },
    },
    async ({ query }) => ok(pageOfList(await store.registry.mappings(), (one) => one.name, query)),
  );
}

function getRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/mappings/{ref}',
      tag: TAG,
      summary: 'One mapping, the newest version or name@version',
      params,
      answers: { 200: { description: 'The mapping', schema: mapping }, 404: NOT_FOUND },
    },
    async (input) => ok(await find(store, input.params.ref)),
  );
}

function putRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/mappings',
      tag: TAG,
      summary: 'Store a new version of a mapping',
      body: definition,
      answers: {
        201: { description: 'The new version', schema: mapping },
        413: { description: 'The mapping is larger than what is stored as one' },
        422: { description: 'The mapping can not work, and why' },
      },
    },
    async ({ body: { samples, ...body } }) => {
      // Sound: the schema is the definition's own shape, but for `undefined` in optional members.
      const given = JSON.parse(JSON.stringify(body)) as Omit<MappingDefinition, 'version'>;
      const used = compiled({ ...given, version: 1 });
      const wrong = (
        await tryOut(
          store,
          used,
          'sample',
          samples.map((item) => ({ body: item })),
        )
      ).flatMap((mapped, sample) =>
        mapped.ok ? [] : [{ sample, code: mapped.code, detail: mapped.detail }],
      );
      if (wrong.length > 0) {
        throw new ProblemError(422, 'sample-refused', 'The mapping can not map its samples; see errors.', {
          extensions: { errors: wrong },
        });
      }
      const stored = await store.registry.putMapping(given);
      return {
        status: 201,
        body: stored,
        headers: { location: `/v1/mappings/${stored.name}@${stored.version}` },
      };
    },
  );
}

function dryRunRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/mappings/{ref}/dry-run',
      tag: TAG,
      summary: 'What events a mapping would make of these items; nothing is stored',
      params,
      body: z.strictObject({
        items: z.array(z.json()).min(1).max(DRY_RUN_ITEMS_MAX).optional(),
        payload: z.string().min(1).max(PAYLOAD_CHARS_MAX).optional().meta({
          description: 'In place of items: the body of a webhook as its vendor sends it; no signature needed',
        }),
        vendor: z
          .enum(Object.keys(VENDORS) as [Vendor, ...Vendor[]])
          .optional()
          .meta({ description: 'Whose payload it is; the vendor that the mapping is for where left out' }),
        headers: z
          .record(z.string(), z.string())
          .default({})
          .meta({ description: 'Headers of that webhook, such as {"x-shopify-topic": "orders/create"}' }),
        source: name.default('web'),
        delivery: z
          .record(z.string(), z.json())
          .optional()
          .meta({ description: 'What came beside each item, such as {"topic": "orders/create"}' }),
      }),
      answers: {
        200: { description: 'One result an item', schema: z.object({ items: z.array(z.looseObject({})) }) },
        404: NOT_FOUND,
      },
    },
    async (input) => {
      const used = compiled(await find(store, input.params.ref));
      const given = await dryRunItems(input.params.ref, input.body);
      const items = await tryOut(store, used, input.body.source, given);
      return ok({ items });
    },
  );
}

interface DryRun {
  readonly items?: JsonValue[] | undefined;
  readonly payload?: string | undefined;
  readonly vendor?: Vendor | undefined;
  readonly headers: Record<string, string>;
  readonly delivery?: JsonObject | undefined;
}

async function dryRunItems(ref: string, given: DryRun): Promise<Incoming[]> {
  const { items = [], payload, delivery } = given;
  if (payload === undefined) {
    return items.map((body) => ({ body, ...(delivery === undefined ? {} : { delivery }) }));
  }
  const [mapping = ''] = ref.split('@');
  const vendor =
    given.vendor ?? (Object.keys(VENDORS) as Vendor[]).find((name) => VENDORS[name].mapping === mapping);
  if (vendor === undefined) {
    throw new ProblemError(
      422,
      'unknown-vendor',
      'vendor: say whose payload it is; the mapping does not tell.',
    );
  }
  return readSample(vendor, payload, given.headers);
}

/** What a mapping makes of items, under the tenant's rules; nothing is stored. */
async function tryOut(
  store: TenantStore,
  mapping: CompiledMapping,
  source: string,
  items: readonly Omit<RawItem, 'receivedAt'>[],
): Promise<Mapped[]> {
  const config = await store.registry.config();
  const receivedAt = new Date().toISOString();
  return items.map((item, index) =>
    mapItem(
      mapping,
      { ...item, receivedAt },
      {
        source,
        rules: config.identity,
        fallbackMessageId: `dry-run-${index}`,
        ...normalizeOptions(config, source),
      },
    ),
  );
}

async function find(store: TenantStore, ref: string): Promise<MappingDefinition> {
  const found = await store.registry.mapping(ref);
  if (found === undefined) throw new ProblemError(404, 'no-such-mapping', 'There is no such mapping.');
  return found;
}

function compiled(given: MappingDefinition): ReturnType<typeof compileMapping> {
  try {
    return compileMapping(given);
  } catch (error) {
    if (!(error instanceof InvalidMapping)) throw error;
    throw new ProblemError(422, error.code, `${error.message}.`, {
      extensions: { errors: error.errors },
      cause: error,
    });
  }
}
