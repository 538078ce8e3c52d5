import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { Runs, Steering } from '../runs.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { started } from './schemas.ts';
import { find, NOT_FOUND, params, TAG } from './source-view.ts';

/** Steering of a source's ingestion. */
export function steeringRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [
    ...(['pause', 'resume'] as const).map((what) => steerRoute(store, runs, what)),
    drainRoute(store, runs),
  ];
}

const done = { description: 'Done', schema: z.object({ source: z.string(), done: z.literal(true) }) };
const away = { description: 'Temporal does not answer' };

function going(store: TenantStore, source: string): z.output<typeof started> {
  return {
    workflowId: `ingestion/${store.tenant}/${source}`,
    statusUrl: `/v1/sources/${source}/progress`,
  };
}

function steerRoute(store: TenantStore, runs: Runs, what: Steering): ApiRoute {
  const summaries = {
    pause: 'Stop draining; collection goes on and batches wait',
    resume: 'Go on draining',
  };
  return route(
    {
      method: 'POST',
      path: `/v1/sources/{name}/${what}`,
      tag: TAG,
      summary: summaries[what],
      params,
      answers: {
        200: done,
        202: { description: 'Not done yet', schema: started },
        404: NOT_FOUND,
        503: away,
      },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      if ((await runs.steer(found.name, what)) === 'done') return ok({ source: found.name, done: true });
      return { status: 202, body: going(store, found.name) };
    },
  );
}

function drainRoute(store: TenantStore, runs: Runs): ApiRoute {
  const drainId = z
    .string()
    .max(100)
    .meta({ description: 'By which the next call goes on waiting for the same' });
  return route(
    {
      method: 'POST',
      path: '/v1/sources/{name}/drain',
      tag: TAG,
      summary: 'Answer once all that was accepted before is in profiles',
      params,
      body: z.object({ drainId: drainId.optional() }).optional(),
      answers: {
        200: done,
        202: { description: 'Still draining', schema: started.extend({ drainId }) },
        404: NOT_FOUND,
        409: { description: 'The source is paused' },
        503: away,
      },
    },
    async (input) => {
      const { name } = await find(store, input.params.name);
      const waiting = await runs.drain(name, input.body?.drainId);
      if (waiting === undefined) return ok({ source: name, done: true });
      return { status: 202, body: { ...going(store, name), drainId: waiting } };
    },
  );
}
