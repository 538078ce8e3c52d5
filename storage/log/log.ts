import type { FoldPolicy } from '../../domain/profile/state.ts';
import type { Storage } from '../ports.ts';
import { KEY_LIFETIME_MS } from '../vault/epochs.ts';
import type { Vault } from '../vault/types.ts';
import { appendAll } from './append.ts';
import type { LogContext } from './context.ts';
import { claimAll, forgetAll, lookUp } from './claim.ts';
import { correctAll } from './correct.ts';
import { openIndexKeys } from './index-keys.ts';
import { readIdentifiers } from './identifiers.ts';
import { loadFragments } from './load.ts';
import { readCommits } from './read.ts';
import { scanCommits } from './scan.ts';
import { createTipCache } from './tip-cache.ts';
import { readTips } from './tips.ts';
import type { EventLog } from './types.ts';

/** What an event log stands on. `now` is in milliseconds; the system's clock where silent. */
export interface EventLogOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log' | 'master'>;
  readonly vault: Vault;
  readonly policy: FoldPolicy | (() => Promise<FoldPolicy>);
  readonly now?: () => number;
  /** Ends of fragments kept in memory for the next append, some 300 bytes each; 0 where silent. */
  readonly cachedTips?: number;
}

/** Opens a tenant's event log. Throws `StoreUnavailable`. */
export async function createEventLog(options: EventLogOptions): Promise<EventLog> {
  const { tenant, storage, vault, policy } = options;
  const now = options.now ?? Date.now;
  const context: LogContext = {
    tenant,
    table: storage.log,
    vault,
    index: await openIndexKeys(storage.master, now),
    policy: typeof policy === 'function' ? policy : () => Promise.resolve(policy),
    now,
    tips: createTipCache({ max: options.cachedTips ?? 0, ttlMs: KEY_LIFETIME_MS, now }),
  };
  return {
    address: (identifier) => context.index.address(identifier),
    digest: (canonical) => context.index.digest(canonical),
    load: (fragments) => loadFragments(context, fragments),
    tips: (fragments) => readTips(context, fragments),
    doubtTips: () => {
      context.tips.doubtAll();
    },
    identifiers: (fragments) => readIdentifiers(context, fragments),
    append: (requests) => appendAll(context, requests),
    correct: (requests) => correctAll(context, requests),
    claim: (events) => claimAll(context, events),
    forget: (claims) => forgetAll(context, claims),
    lookup: (messages) => lookUp(context, messages),
    read: (fragment, range) => readCommits(context, fragment, range),
    scan: () => scanCommits(context),
    subject: async (fragment) => (await vault.keys([fragment]))[0]?.subject,
  };
}
