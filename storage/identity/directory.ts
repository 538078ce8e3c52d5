import type { IdentityRules } from '../../domain/identity/evidence.ts';
import type { HoldKind } from '../../domain/identity/holds.ts';
import type { ProfileId } from '../../domain/identity/identifier.ts';
import type { Storage } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { randomBytes } from '../random.ts';
import type { Vault } from '../vault/types.ts';
import { isStorable } from '../write-rules.ts';
import { headKey } from './layout.ts';
import { createNeighbourhood } from './neighbourhood.ts';
import { createRecords } from './records.ts';
import { releasePrepared } from './prepared.ts';
import { correct } from './correct.ts';
import { rejudge } from './rejudge.ts';
import { prepare, repointAll, resolve, retrying } from './resolve.ts';
import { readHeads } from './heads.ts';
import type { ProfileDirectory } from './types.ts';

/** Redirects followed for one profile id; each is a merge later than the one before. */
const HOPS_MAX = 1_000;
/** Of a profile id: the millisecond it was minted in, then what nobody can guess. */
const ID_TIME_BYTES = 6;
const ID_RANDOM_BYTES = 10;

/** Ids of one time begin alike, so that an ordered table writes new profiles side by side. */
function mintProfileId(nowMs: number, random: (bytes: number) => Uint8Array): ProfileId {
  const bytes = Buffer.alloc(ID_TIME_BYTES + ID_RANDOM_BYTES);
  bytes.writeUIntBE(nowMs, 0, ID_TIME_BYTES);
  bytes.set(random(ID_RANDOM_BYTES), ID_TIME_BYTES);
  return `p_${bytes.toString('base64url')}`;
}

/** Callers ask for what they were given, which may be longer than a key can be. */
function couldBe(profile: ProfileId): boolean {
  return isStorable(headKey(profile));
}

/** What a directory stands on. `now` is in milliseconds, the system's clock where silent; `random` gives that many unguessable bytes. */
export interface DirectoryOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly rules: () => Promise<IdentityRules>;
  readonly now?: () => number;
  readonly random?: (bytes: number) => Uint8Array;
  /** Most operations of a transaction that changes profiles; the table's own limit where silent. */
  readonly opsMax?: number;
}

/** Opens a tenant's profiles: `f/<fragment>` pointers and `p/<profile>` heads and decisions in the log's table. */
export function createProfileDirectory(options: DirectoryOptions): ProfileDirectory {
  const { tenant, rules, vault, now = Date.now, opsMax = WRITE_OPS_MAX } = options;
  const table = options.storage.log;
  const random = options.random ?? randomBytes;
  const records = createRecords(tenant, table, vault);
  const holds: Record<HoldKind, number> = { held: 0, suggested: 0, 'shared-device': 0, junk: 0 };
  const resolver = {
    table,
    records,
    rules,
    opsMax,
    now: () => new Date(now()).toISOString(),
    mint: () => mintProfileId(now(), random),
    onHold: (kind: HoldKind) => {
      holds[kind]++;
    },
  };
  return {
    resolve: (input, cause) => resolve(resolver, input, cause),
    rejudge: (region, cause) => rejudge(resolver, region, cause),
    correct: (correction, cause) => correct(resolver, correction, cause),
    prepare: (input, cause) => prepare(resolver, input, cause),
    release: (cause) => releasePrepared(table, records, cause),
    repoint: (fragments, cause) => repointAll(resolver, fragments, cause),
    profileOf: (fragment) =>
      retrying(async () => {
        const around = createNeighbourhood(records);
        await around.locate([fragment]);
        const home = around.homeOf(fragment);
        return home === undefined ? undefined : around.decisionOf(home)?.head;
      }),
    head: async (profile) => {
      if (!couldBe(profile)) return undefined;
      let [decision] = await records.latest([profile]);
      for (let hop = 0; decision?.head.mergedInto !== undefined && hop < HOPS_MAX; hop++)
        [decision] = await records.latest([decision.head.mergedInto]);
      return decision?.head;
    },
    heads: (options) => readHeads(table, records, options),
    decisions: async (profile) => (couldBe(profile) ? records.decisions(profile) : []),
    holdsSince: () => ({ ...holds }),
  };
}
