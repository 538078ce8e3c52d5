import { createHash } from 'node:crypto';
import { joinShapes, type EventShape } from '../../domain/quality/shape.ts';
import { ConditionFailed, StoreUnavailable } from '../errors.ts';
import { intakeSeal } from '../intake/context.ts';
import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Key, Storage, Table } from '../ports.ts';
import type { Vault } from '../vault/types.ts';
import type { QualityStore, ViolationCount } from './types.ts';

/** Names of events that are kept of one source, and ways of one event to break its plan: senders may make up more. */
const EVENTS_MAX = 500;
const VIOLATIONS_MAX = 200;
/** Items written in one transaction; each may be large. */
const ITEMS_PER_WRITE = 10;
/** Rounds against other writers of the same items. */
const ROUNDS_MAX = 30;
const ID_CHARS = 16;

/** What quality stands on. */
export interface QualityOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'intake'>;
  readonly vault: Vault;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, ID_CHARS);
}

/** Which violation: the event, the place and the rule. */
function violationId({ event, path, rule }: Pick<ViolationCount, 'event' | 'path' | 'rule'>): string {
  return digest(JSON.stringify([event, path, rule]));
}

function joinViolations(
  before: readonly ViolationCount[],
  after: readonly ViolationCount[],
): ViolationCount[] {
  const joined = new Map(before.map((violation) => [violationId(violation), violation]));
  for (const violation of after) {
    const id = violationId(violation);
    const known = joined.get(id);
    if (known === undefined && joined.size >= VIOLATIONS_MAX) continue;
    const count = violation.count + (known?.count ?? 0);
    const first = known !== undefined && known.first < violation.first ? known.first : violation.first;
    const last = known !== undefined && known.last > violation.last ? known.last : violation.last;
    joined.set(id, { ...violation, count, first, last });
  }
  return [...joined.values()];
}

/** A list kept by event, one item each, merged with what is there. */
interface Merged<T> {
  readonly prefix: string;
  readonly eventOf: (part: T) => string;
  readonly join: (before: readonly T[], after: readonly T[]) => T[];
}

const SHAPES: Merged<EventShape> = {
  prefix: 'shape',
  eventOf: ({ event }) => event,
  join: (before, after) => {
    const [first, ...rest] = [...before, ...after];
    return first === undefined ? [] : [rest.reduce(joinShapes, first)];
  },
};
const PAYLOADS: Merged<EventShape> = { ...SHAPES, prefix: 'payload' };
const VIOLATIONS: Merged<ViolationCount> = {
  prefix: 'violation',
  eventOf: ({ event }) => event,
  join: joinViolations,
};

async function all(table: Table, pk: string): Promise<Item[]> {
  const items: Item[] = [];
  for (;;) {
    const after = items.at(-1)?.sk;
    const page = await table.query({ pk, ...(after === undefined ? {} : { after }) });
    items.push(...page);
    if (page.length < 1_000) return items;
  }
}

/** Opens a tenant's quality. Its calls throw `StoreUnavailable` and `StoreFull`. */
export function createQualityStore({ tenant, storage, vault }: QualityOptions): QualityStore {
  const table = storage.intake;
  const sealer = intakeSeal(tenant, vault);
  const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;

  async function read<T>(item: Item): Promise<T[]> {
    return decodeJson<T[]>(await sealer.open(nameOf(item), item.value));
  }

  async function mergeSome<T>(kind: Merged<T>, groups: readonly (readonly [Key, T[]])[]): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const items = await table.getMany(groups.map(([key]) => key));
      const ops = await Promise.all(
        groups.map(async ([key, parts], at) => {
          const item = items[at];
          const joined = kind.join(item === undefined ? [] : await read<T>(item), parts);
          const value = await sealer.seal(nameOf(key), encodeJson(joined), { compress: true });
          const expect = item === undefined ? ('absent' as const) : item.version;
          return { kind: 'put' as const, ...key, version: (item?.version ?? 0) + 1, value, expect };
        }),
      );
      try {
        await table.write(ops);
        return;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    }
    throw new StoreUnavailable(
      'what is known of the quality of a source, which other writers keep changing,',
    );
  }

  async function merge<T>(kind: Merged<T>, source: string, parts: readonly T[]): Promise<void> {
    if (parts.length === 0) return;
    const pk = `${kind.prefix}/${source}`;
    const byKey = new Map<string, T[]>();
    for (const part of parts) {
      const sk = digest(kind.eventOf(part));
      byKey.set(sk, [...(byKey.get(sk) ?? []), part]);
    }
    const keys = [...byKey.keys()].map((sk): Key => ({ pk, sk }));
    const known = await table.getMany(keys);
    let room = known.includes(undefined) ? EVENTS_MAX - (await all(table, pk)).length : 0;
    const groups = keys.flatMap((key, at): (readonly [Key, T[]])[] => {
      if (known[at] === undefined && room-- <= 0) return [];
      return [[key, byKey.get(key.sk) ?? []]];
    });
    for (let at = 0; at < groups.length; at += ITEMS_PER_WRITE)
      await mergeSome(kind, groups.slice(at, at + ITEMS_PER_WRITE));
  }

  async function list<T>(kind: Merged<T>, source: string): Promise<T[]> {
    const items = await all(table, `${kind.prefix}/${source}`);
    return (await Promise.all(items.map((item) => read<T>(item)))).flat();
  }

  return {
    async add(source, { shapes, payloads, violations }) {
      await merge(SHAPES, source, shapes);
      await merge(PAYLOADS, source, payloads);
      await merge(VIOLATIONS, source, violations);
    },
    shapes: (source) => list(SHAPES, source),
    payloads: (source) => list(PAYLOADS, source),
    violations: async (source) =>
      (await list(VIOLATIONS, source))
        .map((violation) => ({ ...violation, id: violationId(violation) }))
        .sort((a, b) => b.count - a.count),
  };
}
