import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import type { Runs, Steering } from '../runs.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { started } from './schemas.ts';
import { find, NOT_FOUND, params, TAG } from './source-view.ts';

/** Steering of a source's ingestion. */
export function steeringRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return (['pause', 'resume', 'drain'] as const).map((what) => steerRoute(store, runs, what));
}

function steerRoute(store: TenantStore, runs: Runs, what: Steering): ApiRoute {
  const summaries = {
    pause: 'Stop draining; collection goes on and batches wait',
    resume: 'Go on draining',
    drain: 'Answer once all that was accepted before is in profiles',
  };
  return route(
    {
      method: 'POST',
      path: `/v1/sources/{name}/${what}`,
      tag: TAG,
      summary: summaries[what],
      params,
      answers: {
        200: { description: 'Done', schema: z.object({ source: z.string(), done: z.literal(true) }) },
        202: { description: 'Still draining', schema: started },
        404: NOT_FOUND,
        503: { description: 'Temporal does not answer' },
      },
    },
    async (input) => {
      const found = await find(store, input.params.name);
      if ((await runs.steer(found.name, what)) === 'done') return ok({ source: found.name, done: true });
      return {
        status: 202,
        body: {
          workflowId: `ingestion/${store.tenant}/${found.name}`,
          statusUrl: `/v1/sources/${found.name}/progress`,
        },
      };
    },
  );
}
