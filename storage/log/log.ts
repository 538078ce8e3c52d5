import type { FoldPolicy } from '../../domain/profile/state.ts';
import { createLru } from '../lru.ts';
import { jsonOf } from '../json.ts';
import type { Storage } from '../ports.ts';
import { KEY_LIFETIME_MS } from '../vault/epochs.ts';
import type { Vault } from '../vault/types.ts';
import { appendAll } from './append.ts';
import type { LogContext } from './context.ts';
import { openCommit } from './context.ts';
import { openIndexKeys } from './index-keys.ts';
import { COMMITS_END, COMMITS_START, commitSk, partitionOf } from './layout.ts';
import { readIdentifiers } from './identifiers.ts';
import { loadFragments } from './load.ts';
import { readTips } from './tips.ts';
import type { Commit, EventLog, MessageEntry } from './types.ts';

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

/** Commits read at once where no limit is given. */
const READ_PAGE = 500;

function entryOf(value: Uint8Array): MessageEntry | undefined {
  const stored = jsonOf(value);
  if (!Array.isArray(stored)) return undefined;
  const [batchId, index, digest] = stored;
  if (typeof batchId !== 'string' || typeof index !== 'number' || typeof digest !== 'string')
    return undefined;
  return { batchId, index, digest };
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
    tips: createLru({ max: options.cachedTips ?? 0, ttlMs: KEY_LIFETIME_MS, now }),
  };
  return {
    address: (identifier) => context.index.address(identifier),
    digest: (canonical) => context.index.digest(canonical),
    load: (fragments) => loadFragments(context, fragments),
    tips: (fragments) => readTips(context, fragments),
    identifiers: (fragments) => readIdentifiers(context, fragments),
    append: (requests) => appendAll(context, requests),
    lookup: async (messages) => {
      const keys = messages.map((message) => context.index.messageKey(message));
      const items = await context.table.getMany(keys);
      return items.map((item) => (item === undefined ? undefined : entryOf(item.value)));
    },
    read: (fragment, range) => readCommits(context, fragment, range),
    subject: async (fragment) => (await vault.keys([fragment]))[0]?.subject,
  };
}

async function readCommits(
  context: LogContext,
  fragment: string,
  range: Parameters<EventLog['read']>[1] = {},
): Promise<Commit[]> {
  const [key] = await context.vault.keys([fragment]);
  if (key === undefined) return [];
  const { after, reverse = false, limit = Infinity } = range;
  const commits: Commit[] = [];
  let cursor = after === undefined ? undefined : commitSk(after);
  while (commits.length < limit) {
    const page = Math.min(READ_PAGE, limit - commits.length);
    const items = await context.table.query({
      pk: partitionOf(fragment),
      from: COMMITS_START,
      to: COMMITS_END,
      limit: page,
      reverse,
      ...(cursor === undefined ? {} : { after: cursor }),
    });
    for (const item of items) {
      const commit = openCommit(context, fragment, key, item);
      if (commit !== undefined) commits.push(commit);
      cursor = item.sk;
    }
    if (items.length < page) break;
  }
  return commits;
}
