import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { EvidenceRule, GraphNode } from '../../domain/identity/evidence.ts';
import { parseIdentifierKey } from '../../domain/identity/identifier.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ProfileView } from '../../storage/profiles/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { append, pumpAll, tenantOn } from '../activities/tenant.ts';
import { storageSets } from '../support/storage-sets.ts';

/** A company whose web shop sends what happens, through the same pump as ever. */
export interface Company {
  readonly store: TenantStore;
  /** Sends Segment messages as one batch and waits until they show. */
  happens(...messages: JsonObject[]): Promise<void>;
  /** The person that answers for an identifier. */
  person(address: string): Promise<ProfileView>;
  /** What an operator rules about two identifiers. */
  rules(rule: Extract<EvidenceRule, 'always' | 'never'>, a: string, b: string): Promise<void>;
  close(): Promise<void>;
}

/** A message of an event on a day of January 2026. */
export function told(day: number, who: JsonObject, more: JsonObject = {}): JsonObject {
  const timestamp = new Date(Date.UTC(2026, 0, day, 12)).toISOString();
  return { type: 'track', event: 'Page Viewed', messageId: randomUUID(), timestamp, ...who, ...more };
}

/** A message of what somebody says of themselves. */
export function identified(day: number, who: JsonObject, traits: JsonObject): JsonObject {
  return told(day, who, { type: 'identify', traits });
}

/** `type:value` of everybody in a profile, sorted. */
export function identifiersOf({ state }: ProfileView): string[] {
  return Object.keys(state.identifiers).sort();
}

export async function openCompany(): Promise<Company> {
  const set = storageSets[0];
  assert.ok(set);
  const store = await tenantOn(await set.open(), 1_000);
  const nodeOf = (address: string): GraphNode => {
    const identifier = parseIdentifierKey(address);
    assert.ok(identifier);
    return { fragment: store.log.address(identifier), type: identifier.type };
  };
  return {
    store,
    happens: async (...messages) => {
      await append(store, messages);
      const { totals } = await pumpAll(store);
      assert.equal(totals.items, messages.length);
    },
    person: async (address) => {
      const view = await store.profiles.read(address);
      assert.ok(view, `nobody is ${address}`);
      return view;
    },
    rules: async (rule, a, b) => {
      const [x, y] = [nodeOf(a), nodeOf(b)];
      const [first, second] = x.fragment < y.fragment ? [x, y] : [y, x];
      const ruling = randomUUID();
      const piece = { a: first, b: second, rule, firstSeen: new Date().toISOString(), source: 'operator' };
      await store.directory.resolve(
        { nodes: [first, second], evidence: [{ ...piece, messageId: ruling }] },
        `ruling/${ruling}`,
      );
    },
    close: () => store.close(),
  };
}
