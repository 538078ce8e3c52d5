import type { Simulation } from '../../domain/identity/replay.ts';
import type { SimulationReport } from '../../domain/identity/whole/report.ts';
import { ConditionFailed } from '../errors.ts';
import { decodeJson, encodeJson } from '../json.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { Item, Storage, Table } from '../ports.ts';
import { open, seal } from '../vault/seal.ts';
import type { Vault } from '../vault/types.ts';
import type { RegionWork, SimulationStore } from './types.ts';

const PARTITION = 'simulations';
const SCHEMA = 1;
/** Rounds of a change against others. */
const ROUNDS_MAX = 10;
const LIST_PAGE = 1_000;

/** What the store stands on. */
export interface SimulationStoreOptions {
  readonly tenant: string;
  readonly storage: Pick<Storage, 'log' | 'blobs'>;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
}

interface Sealing {
  readonly sealed: (name: string, value: unknown) => Promise<Uint8Array>;

  readonly opened: <T>(name: string, bytes: Uint8Array) => Promise<T>;
}

function sealing({ tenant, vault }: SimulationStoreOptions): Sealing {
  const aad = (name: string): string => `${tenant}|simulations|${name}|${SCHEMA}`;
  const sealed = async (name: string, value: unknown): Promise<Uint8Array> =>
    seal(await vault.tenantSealKey('directory'), encodeJson(value), aad(name), { compress: true });
  const opened = async <T>(name: string, bytes: Uint8Array): Promise<T> =>
    decodeJson<T>(open(await vault.tenantSealKey('directory'), bytes, aad(name)));
  return { sealed, opened };
}

/** Opens the tenant's runs: their state in the log's table, reports and work as objects, all sealed. */
export function createSimulationStore(options: SimulationStoreOptions): SimulationStore {
  const { log: table, blobs } = options.storage;
  const { sealed, opened } = sealing(options);
  const blobKey = (simulationId: string, name: string): string => `simulations/${simulationId}/${name}`;

  async function putBlob(key: string, value: unknown): Promise<void> {
    const bytes = await sealed(key, value);
    // A retry finds what an earlier try left; it may be of an earlier moment, so it is replaced.
    if (await blobs.put(key, bytes, { ifAbsent: true })) return;
    await blobs.delete(key);
    await blobs.put(key, bytes);
  }

  async function blob<T>(key: string): Promise<T | undefined> {
    const bytes = await blobs.get(key);
    return bytes && opened<T>(key, bytes);
  }

  async function write(simulation: Simulation, version: number): Promise<void> {
    const { simulationId } = simulation;
    const value = await sealed(simulationId, simulation);
    const expect = version === 1 ? 'absent' : version - 1;
    await table.write([{ kind: 'put', pk: PARTITION, sk: simulationId, version, value, expect }]);
  }

  return {
    add: (simulation) => write(simulation, 1),
    async get(simulationId) {
      const item = await table.get({ pk: PARTITION, sk: simulationId });
      return item && opened<Simulation>(simulationId, item.value);
    },
    async change(simulationId, apply) {
      for (let round = 1; ; round++) {
        const item = await table.get({ pk: PARTITION, sk: simulationId });
        if (!item) return undefined;
        const after = apply(await opened<Simulation>(simulationId, item.value));
        try {
          await write(after, item.version + 1);
          return after;
        } catch (error) {
          if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
        }
      }
    },
    async list(page = {}) {
      const limit = pageLimit(page.limit);
      const [before] = page.cursor === undefined ? [] : decodeCursor(page.cursor, 1);
      const found = await Promise.all(
        (await allItems(table)).map((item) => opened<Simulation>(item.sk, item.value)),
      );
      const placeOf = ({ requestedAt, simulationId }: Simulation): string => `${requestedAt} ${simulationId}`;
      const older = found
        .sort((x, y) => (placeOf(x) < placeOf(y) ? 1 : -1))
        .filter((simulation) => before === undefined || placeOf(simulation) < before);
      const items = older.slice(0, limit);
      const last = items.at(-1);
      return { items, cursor: last && older.length > limit ? encodeCursor([placeOf(last)]) : null };
    },
    putReport: (simulationId, report) => putBlob(blobKey(simulationId, 'report'), report),
    report: (simulationId) => blob<SimulationReport>(blobKey(simulationId, 'report')),
    putWork: (simulationId, work, batch, regions) =>
      putBlob(blobKey(simulationId, `work/${work}/${batch}`), regions),
    work: (simulationId, work, batch) =>
      blob<readonly RegionWork[]>(blobKey(simulationId, `work/${work}/${batch}`)),
    async dropWork(simulationId) {
      for (;;) {
        const keys = await blobs.list(blobKey(simulationId, 'work/'));
        if (keys.length === 0) return;
        for (const key of keys) await blobs.delete(key);
      }
    },
  };
}

async function allItems(table: Table): Promise<Item[]> {
  const items: Item[] = [];
  for (;;) {
    const after = items.at(-1)?.sk;
    const page = await table.query({ pk: PARTITION, ...(after === undefined ? {} : { after }) });
    items.push(...page);
    if (page.length < LIST_PAGE) return items;
  }
}
