import { z } from 'zod';
import { normalizeOptions } from '../../../domain/identity/normalization.ts';
import { NORMALIZER_VERSION } from '../../../domain/identity/normalize.ts';
import type { TenantConfig } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { name } from './schemas.ts';

const TAG = 'Normalization';
const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be a country as ISO 3166 has it, such as CH')
  .meta({ description: 'ISO 3166, two capital letters' });

const shown = z.object({
  version: z.number().meta({ description: 'Of the normalizer that makes addresses; set once, for good' }),
  newest: z
    .number()
    .meta({ description: 'Of the newest normalizer; where it differs it only adds evidence' }),
  mailboxes: z.boolean(),
  defaultCountry: z.string().nullable(),
  countries: z.record(z.string(), z.string()),
});

/** How the identifiers of events to come are read. */
export function normalizationRoutes(store: TenantStore): ApiRoute[] {
  return [
    route(
      {
        method: 'GET',
        path: '/v1/normalization',
        tag: TAG,
        summary: 'How identifiers are read',
        answers: { 200: { description: 'The settings', schema: shown } },
      },
      async () => ok(present(await store.registry.config())),
    ),
    route(
      {
        method: 'POST',
        path: '/v1/normalization',
        tag: TAG,
        summary: 'Change how the identifiers of events to come are read; what is left out stays',
        description:
          'mailboxes: adds the mailbox that an address is delivered to by its provider (dots, plus tags) as an identifier ' +
          'of the type mailbox. countries: of phone numbers without a prefix, by source; null takes a source’s own away.',
        body: z.strictObject({
          mailboxes: z.boolean().optional(),
          defaultCountry: country.optional(),
          countries: z.record(name, country.nullable()).optional(),
        }),
        answers: {
          200: { description: 'The settings as they are now', schema: shown },
          422: { description: 'A source that is not there' },
        },
      },
      async ({ body }) => {
        const known = new Set((await store.registry.sources()).map((source) => source.name));
        const missing = Object.keys(body.countries ?? {}).find((source) => !known.has(source));
        if (missing !== undefined) {
          const detail = `countries: there is no source ${missing}; add it first, or leave it out.`;
          throw new ProblemError(422, 'no-such-source', detail);
        }
        return ok(present(await store.registry.setNormalization(defined(body))));
      },
    ),
  ];
}

function present(config: TenantConfig): object {
  const { version, mailboxes } = normalizeOptions(config);
  return {
    version,
    newest: NORMALIZER_VERSION,
    mailboxes,
    defaultCountry: config.defaultCountry ?? null,
    countries: config.normalization?.countries ?? {},
  };
}
