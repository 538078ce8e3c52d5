import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { mappingRef } from './schemas.ts';
import { connection, find, mustHave, NOT_FOUND, params, present, source, TAG } from './source-view.ts';

/** A source's connection to a vendor: made, and given new secrets. */
export function sourceWebhookRoutes(store: TenantStore): ApiRoute[] {
  return [connectRoute(store), rotateSecretRoute(store)];
}

function connectRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/sources/{name}/connect',
      tag: TAG,
      summary: 'Take the webhooks of a vendor on a source that is there, in place of those it took before',
      params,
      body: z.strictObject({ ...connection, mapping: mappingRef.optional() }),
      answers: {
        200: { description: 'The source', schema: source },
        404: NOT_FOUND,
        422: { description: 'There is no such mapping, or the vendor needs something else' },
      },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      const { vendor, ...rest } = input.body;
      if (rest.mapping !== undefined) await mustHave(store, rest.mapping);
      return ok(present(found, await store.webhooks.connect(found.name, { vendor, ...defined(rest) })));
    },
  );
}

function rotateSecretRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/sources/{name}/rotate-secret',
      tag: TAG,
      summary: "Add a vendor's new secret; the one before stays valid unless revokeOld",
      params,
      body: z.strictObject({
        secret: connection.secret.unwrap(),
        revokeOld: z.boolean().default(false),
      }),
      answers: { 200: { description: 'The source', schema: source }, 404: NOT_FOUND },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      const { secret, revokeOld } = input.body;
      return ok(present(found, await store.webhooks.rotateSecret(found.name, secret, { revokeOld })));
    },
  );
}
