import { z } from 'zod';
import {
  THRESHOLD_NAMES,
  THRESHOLDS,
  thresholdsWith,
  type ThresholdName,
} from '../../../domain/quality/thresholds.ts';
import type { SourceConfig } from '../../../storage/registry/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { defined } from './profiles.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { name } from './schemas.ts';
import { find } from './source-view.ts';

const TAG = 'Sources';
const PATH = '/v1/sources/{name}/health/thresholds';
const params = z.strictObject({ name });
const NOT_FOUND = { description: 'There is no such source' };

/** A field for each threshold. */
function fields<T extends z.ZodType>(of: (about: string) => T): Record<ThresholdName, T> {
  return Object.fromEntries(
    THRESHOLD_NAMES.map((threshold) => [threshold, of(THRESHOLDS[threshold].about)]),
  ) as Record<ThresholdName, T>;
}

const changes = z.strictObject(
  fields((description) => z.number().nullable().optional().meta({ description })),
);
const answer = z.object({
  source: z.string(),
  version: z.number().meta({ description: 'Of the configuration of the source' }),
  thresholds: z.object(fields((description) => z.number().meta({ description }))),
  set: z.array(z.string()).meta({ description: 'Those that are not the default' }),
});

/** From when on a source wants looking at: read and set. */
export function thresholdRoutes(store: TenantStore): ApiRoute[] {
  return [
    route(
      {
        method: 'GET',
        path: PATH,
        tag: TAG,
        summary: 'From when on a source wants looking at',
        params,
        answers: { 200: { description: 'The thresholds', schema: answer }, 404: NOT_FOUND },
      },
      async (input) => ok(present(await find(store, input.params.name))),
    ),
    route(
      {
        method: 'PUT',
        path: PATH,
        tag: TAG,
        summary: 'Set from when on a source wants looking at; null is the default again',
        description: 'What is left out stays as it is. The next look at the source goes by them.',
        params,
        body: changes,
        answers: {
          200: { description: 'The thresholds', schema: answer },
          404: NOT_FOUND,
          422: { description: 'A threshold is out of its range' },
        },
      },
      async (input) => {
        const found = await find(store, input.params.name);
        return ok(present(await store.registry.setThresholds(found.name, defined(input.body))));
      },
    ),
  ];
}

function present({ name: source, version, thresholds: own = {} }: SourceConfig): z.output<typeof answer> {
  const set = THRESHOLD_NAMES.filter((threshold) => own[threshold] !== undefined);
  return { source, version, thresholds: thresholdsWith(own), set };
}
