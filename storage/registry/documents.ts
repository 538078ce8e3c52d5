import { decodeJson, encodeJson } from '../json.ts';
import type { Item, Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';

const SCHEMA = 1;
const VERSION_DIGITS = 12;

/** A change to a configuration, as its stream keeps it. */
export interface ConfigEvent<T> {
  readonly version: number;
  readonly recordedAt: string;
  readonly document: T;
}

/** Versioned configuration documents, grouped in collections, each change an event of the stream `cfg/<collection>/<name>`. */
export interface Documents {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names what it put
  list<T>(collection: string): Promise<{ name: string; document: T }[]>;
  /** Stores `document` as `version`, one after the version that it replaces. Throws `ConditionFailed`. */
  put(collection: string, name: string, version: number, document: unknown): Promise<void>;
  history<T>(collection: string, name: string): Promise<ConfigEvent<T>[]>;
  /**
   * Deletes a document that stands at `version` with all that it ever was: what holds secrets must leave none behind.
   * Throws `ConditionFailed` where it changed.
   */
  erase(collection: string, name: string, version: number): Promise<void>;
}

/** What the documents stand on. `now` is in milliseconds. */
export interface DocumentsOptions {
  readonly tenant: string;
  readonly table: Table;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
  readonly now: () => number;
}

async function all(table: Table, pk: string): Promise<Item[]> {
  const items: Item[] = [];
  for (;;) {
    const after = items.at(-1)?.sk;
    const page = await table.query({ pk, ...(after === undefined ? {} : { after }) });
    items.push(...page);
    if (page.length < 1_000) return items;
  }
}

/** Keeps documents in the log table, sealed under the tenant's configuration key. */
export function createDocuments(options: DocumentsOptions): Documents {
  const { tenant, table, vault, now } = options;
  const aad = (pk: string, sk: string): string => `${tenant}|${pk}|${sk}|${String(SCHEMA)}`;

  async function read<T>(item: Item): Promise<T> {
    const key = await vault.tenantSealKey('config');
    return decodeJson<T>(open(key, item.value, aad(item.pk, item.sk)));
  }

  return {
    async list<T>(collection: string) {
      const items = await all(table, `cfg/${collection}`);
      return Promise.all(items.map(async (item) => ({ name: item.sk, document: await read<T>(item) })));
    },
    async put(collection, name, version, document) {
      const key = await vault.tenantSealKey('config');
      const head = { pk: `cfg/${collection}`, sk: name };
      const commit = {
        pk: `cfg/${collection}/${name}`,
        sk: `c/${String(version).padStart(VERSION_DIGITS, '0')}`,
      };
      const event: ConfigEvent<unknown> = { version, recordedAt: new Date(now()).toISOString(), document };
      const ops: WriteOp[] = [
        {
          kind: 'put',
          ...head,
          version,
          value: seal(key, encodeJson(document), aad(head.pk, head.sk), { compress: true }),
          expect: version === 1 ? 'absent' : version - 1,
        },
        {
          kind: 'put',
          ...commit,
          version: 1,
          value: seal(key, encodeJson(event), aad(commit.pk, commit.sk), { compress: true }),
          expect: 'absent',
        },
      ];
      await table.write(ops);
    },
    async history<T>(collection: string, name: string) {
      const items = await all(table, `cfg/${collection}/${name}`);
      return Promise.all(items.map((item) => read<ConfigEvent<T>>(item)));
    },
    async erase(collection, name, version) {
      const past = (await all(table, `cfg/${collection}/${name}`)).map(({ pk, sk }): WriteOp => ({
        kind: 'delete',
        pk,
        sk,
      }));
      // The document goes last, so that whoever is cut short finds it and goes on.
      const first = past.length - (past.length % (WRITE_OPS_MAX - 1));
      for (let from = 0; from < first; from += WRITE_OPS_MAX - 1)
        await table.write(past.slice(from, Math.min(from + WRITE_OPS_MAX - 1, first)));
      await table.write([
        { kind: 'delete', pk: `cfg/${collection}`, sk: name, expect: version },
        ...past.slice(first),
      ]);
    },
  };
}
