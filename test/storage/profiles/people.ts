import { mkdtemp, rm } from 'node:fs/promises';
import { eventAt } from '../../../storage/log/encode.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence, GraphNode } from '../../../domain/identity/evidence.ts';
import type { Identifier } from '../../../domain/identity/identifier.ts';
import { parseIdentifierKey } from '../../../domain/identity/identifier.ts';
import { DEFAULT_IDENTITY_RULES, isBlocked } from '../../../domain/identity/rules.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { openEmbedded } from '../../../storage/embedded/open.ts';
import type { IdentityOutcome } from '../../../storage/identity/types.ts';
import type { StoredEvent } from '../../../storage/log/types.ts';
import type { Storage } from '../../../storage/ports.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { openTenant } from '../../../storage/tenant.ts';

/** What happened, in short: who (strongest first, `type:value`), when, what. */
export interface Happening {
  readonly who: readonly string[];
  /** `DD` or `DDTHH:MM` of January 2026. */
  readonly at: string;
  readonly event?: string;
  readonly source?: string;
  readonly traits?: JsonObject;
  readonly consent?: StoredEvent['consent'];
  /** Seen, but no evidence that those it names are one: what a person's life looks like without a link. */
  readonly unlinked?: boolean;
}

/** A tenant of its own, with a clock that a test sets. */
export interface People extends TenantStore {
  /** Stores what happened and resolves it as one batch, recorded at `recordedAt` of January 2026. */
  tell(recordedAt: string, ...happenings: Happening[]): Promise<IdentityOutcome>;
  /** The profile id that answers for an address. */
  id(address: string): Promise<string | undefined>;
}

export const january = (at: string): string =>
  new Date(`2026-01-${at.includes('T') ? at : `${at}T00:00`}:00.000Z`).toISOString();

/** On embedded storage in a folder of its own. */
export async function openPeople(): Promise<People> {
  const dir = await mkdtemp(join(tmpdir(), 'tessera-people-'));
  const people = await openPeopleOn(await openEmbedded({ kind: 'embedded', dir }));
  return {
    ...people,
    close: async () => {
      await people.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** On a storage, which is closed with it. */
export async function openPeopleOn(storage: Storage): Promise<People> {
  let now = Date.parse(january('01'));
  const store = await openTenant({ tenant: 'test', storage, now: () => now });
  let batches = 0;
  let messages = 0;

  const eventOf = (happening: Happening, index: number): StoredEvent => {
    const identifiers = happening.who
      .map((key): Identifier => parseIdentifierKey(key) ?? { type: 'userId', value: key })
      .filter((identifier) => !isBlocked(identifier, DEFAULT_IDENTITY_RULES));
    return {
      messageId: `m${String(++messages).padStart(4, '0')}`,
      type: 'track',
      event: happening.event ?? 'Page Viewed',
      timestamp: january(happening.at),
      receivedAt: new Date(now).toISOString(),
      source: happening.source ?? 'web',
      identifiers,
      properties: {},
      traits: happening.traits ?? {},
      ...(happening.consent && { consent: happening.consent }),
      normalizer: 1,
      mapping: 'test@1',
      batchId: `b${batches}`,
      index,
    };
  };

  return {
    ...store,
    id: async (address) => (await store.profiles.read(address))?.head.profileId,
    tell: async (recordedAt, ...happenings) => {
      now = Date.parse(january(recordedAt));
      batches++;
      const nodes: GraphNode[] = [];
      const evidence: Evidence[] = [];
      for (const [index, happening] of happenings.entries()) {
        const event = eventOf(happening, index);
        const ends = event.identifiers.map((identifier): GraphNode => ({
          fragment: store.log.address(identifier),
          type: identifier.type,
        }));
        const [strongest, ...others] = ends;
        if (!strongest) continue;
        const [loaded] = await store.log.load([strongest.fragment]);
        const digest = store.log.digest(event.messageId);
        const [result] = await store.log.append([{ tip: loaded!, events: [{ ...eventAt(event), digest }] }]);
        if (result?.status !== 'appended') throw new Error('the append met a conflict');
        const { timestamp: firstSeen, source, messageId } = event;
        nodes.push(...ends);
        for (const other of happening.unlinked === true ? [] : others)
          evidence.push({ a: strongest, b: other, rule: 'same-event', firstSeen, source, messageId });
      }
      return store.directory.resolve({ nodes, evidence }, `b${batches}`);
    },
  };
}
