import { randomBytes } from 'node:crypto';
import type { IdentityRules } from '../../domain/identity/evidence.ts';
import type { Storage } from '../ports.ts';
import type { Vault } from '../vault/types.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import { createRecords } from './records.ts';
import { resolve, retrying } from './resolve.ts';
import { readHeads } from './heads.ts';
import type { ProfileDirectory } from './types.ts';

/** Redirects followed for one profile id; each is a merge later than the one before. */
const HOPS_MAX = 1_000;
const PROFILE_ID_BYTES = 16;

/** What a directory stands on. `now` is in milliseconds, the system's clock where silent; `random` gives that many unguessable bytes. */
export interface DirectoryOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly rules: () => Promise<IdentityRules>;
  readonly now?: () => number;
  readonly random?: (bytes: number) => Uint8Array;
}

/** Opens a tenant's profiles: `f/<fragment>` pointers and `p/<profile>` heads and decisions in the log's table. */
export function createProfileDirectory(options: DirectoryOptions): ProfileDirectory {
  const { tenant, rules, vault, now = Date.now } = options;
  const table = options.storage.log;
  const random = options.random ?? randomBytes;
  const records = createRecords(tenant, table, vault);
  const resolver = {
    table,
    records,
    rules,
    now: () => new Date(now()).toISOString(),
    mint: () => `p_${Buffer.from(random(PROFILE_ID_BYTES)).toString('base64url')}`,
  };
  return {
    resolve: (input, cause) => resolve(resolver, input, cause),
    profileOf: (fragment) =>
      retrying(async () => {
        const around = createNeighbourhood(records);
        await around.locate([fragment]);
        const home = around.homeOf(fragment);
        return home === undefined ? undefined : around.decisionOf(home)?.head;
      }),
    head: async (profile) => {
      let [decision] = await records.latest([profile]);
      for (let hop = 0; decision?.head.mergedInto !== undefined && hop < HOPS_MAX; hop++)
        [decision] = await records.latest([decision.head.mergedInto]);
      return decision?.head;
    },
    heads: (options) => readHeads(table, records, options),
    decisions: (profile) => records.decisions(profile),
  };
}
