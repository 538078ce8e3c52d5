import { z } from 'zod';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { mappingRef, moment, name } from './schemas.ts';

const code = z.string().regex(/^[a-z0-9-]{1,64}$/);
/** How entries are chosen; times are of `quarantinedAt`, `to` exclusive. */
export const whichEntries = {
  source: name.optional(),
  code: code.optional(),
  from: moment.optional(),
  to: moment.optional(),
};
/** The mapping that released items go through. */
export const releaseMapping = mappingRef
  .optional()
  .meta({ description: 'The newest version of the mapping that an item came with, where absent' });
/** What the routes are made of; `wake` tells a lane that a released item waits there. */
export interface QuarantineDeps {
  readonly store: TenantStore;
  readonly wake: (source: string, lane: number) => void;
  readonly runs: Pick<Runs, 'start' | 'ask'>;
}

/** Throws 422 where a mapping is named that does not exist. */
export async function checkMapping(store: TenantStore, mapping: string | undefined): Promise<void> {
  if (mapping !== undefined && (await store.registry.mapping(mapping)) === undefined)
    throw new ProblemError(422, 'no-such-mapping', 'There is no such mapping; see /v1/mappings.');
}
