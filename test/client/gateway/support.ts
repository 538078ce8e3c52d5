import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportProgress, ImportRequest } from '../../../domain/ingestion/imports.ts';
import type { RawItem } from '../../../domain/ingestion/raw.ts';
import type { BatchStore } from '../../../storage/intake/types.ts';
import { openStorage } from '../../../storage/open.ts';
import { openTenant } from '../../../storage/tenant.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { createLogger } from '../../../client/gateway/log.ts';
import { provision } from '../../../client/gateway/provision.ts';
import type { Tokens } from '../../../client/gateway/provision.ts';
import type { Runs, Steering } from '../../../client/gateway/runs.ts';
import type { LiveSchedule, ScheduleRuns } from '../../../client/gateway/schedules.ts';
import { createGateway } from '../../../client/gateway/server.ts';
import type { Gateway, GatewayDeps } from '../../../client/gateway/server.ts';

/** Stands for Temporal: remembers what it was asked. */
export class RecordedRuns implements Runs {
  readonly wakes: string[] = [];
  readonly followedUp: string[] = [];
  readonly steered: string[] = [];
  readonly imports: ImportRequest[] = [];
  wake(source: string, lane: number): Promise<void> {
    this.wakes.push(`${source}/${lane}`);
    return Promise.resolve();
  }
  steer(source: string, what: Steering): Promise<'done' | 'waiting'> {
    this.steered.push(`${what} ${source}`);
    return Promise.resolve('done');
  }
  /** The id of a drain that goes on; every drain is over at once where there is none. */
  draining: string | undefined;
  drain(source: string, id?: string): Promise<string | undefined> {
    this.steered.push(id === undefined ? `drain ${source}` : `drain ${source} ${id}`);
    return Promise.resolve(this.draining);
  }
  progress(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  startImport(request: ImportRequest): Promise<string> {
    this.imports.push(request);
    return Promise.resolve(`import/demo/${request.source}/${request.importId}`);
  }
  importProgress({ importId, source }: ImportRequest): Promise<ImportProgress> {
    return Promise.resolve({
      importId,
      source,
      status: 'reading',
      bytes: 1,
      bytesTotal: 2,
      rows: 1,
      stored: 0,
      duplicates: 0,
      quarantined: 0,
    });
  }
  /** Runs that have ended, by their workflow's id. */
  readonly over = new Set<string>();
  isOver(workflowId: string): Promise<boolean> {
    return Promise.resolve(this.over.has(workflowId));
  }
  readonly started: { readonly workflow: string; readonly workflowId: string }[] = [];
  /** What runs answer to queries, by the beginning of their workflow's id. */
  readonly answers = new Map<string, unknown>();
  start(workflow: string, { workflowId }: { readonly workflowId: string }): Promise<string> {
    this.started.push({ workflow, workflowId });
    return Promise.resolve(workflowId);
  }
  signal(): Promise<boolean> {
    return Promise.resolve(false);
  }

  ask<T>(workflowId: string): Promise<T | undefined> {
    const found = [...this.answers].find(([prefix]) => workflowId.startsWith(prefix));
    return Promise.resolve(found?.[1] as T | undefined);
  }
  followUp(source: string): Promise<void> {
    this.followedUp.push(source);
    return Promise.resolve();
  }
  readonly liveSchedules = new Map<string, LiveSchedule>();
  /** What Temporal was told of schedules. */
  readonly scheduled: string[] = [];
  readonly schedules: ScheduleRuns = {
    apply: ({ source, name, version, paused }) => {
      this.scheduled.push(`${paused ? 'paused' : 'active'} ${source}/${name} version ${version}`);
      return Promise.resolve(true);
    },
    remove: ({ source, name }) => {
      this.scheduled.push(`remove ${source}/${name}`);
      return Promise.resolve(true);
    },
    live: ({ source, name }) => Promise.resolve(this.liveSchedules.get(`${source}/${name}`)),
    trigger: ({ source, name }, overlap) => {
      this.scheduled.push(`trigger ${source}/${name} ${overlap}`);
      return Promise.resolve(undefined);
    },
    backfill: ({ source, name }, { from, to, overlap }) => {
      const range = `${from.toISOString()} to ${to.toISOString()}`;
      this.scheduled.push(`backfill ${source}/${name} ${range} ${overlap}`);
      return Promise.resolve();
    },
  };
  check(): Promise<void> {
    return Promise.resolve();
  }
}

/** A gateway that listens on a free port, on embedded storage in a folder of its own. */
export interface Running {
  readonly url: string;
  readonly gateway: Gateway;
  readonly store: TenantStore;
  readonly tokens: Tokens;
  readonly runs: RecordedRuns;
  /** Posts to collection with the key of `web`. */
  post(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
  /** Asks the API with the admin token. */
  api(
    path: string,
    options?: { method?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** Every item that is durable for a source, in order of each lane. */
  items(source?: string): Promise<RawItem[]>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Starts one; `wrap` may stand between the gateway and its batch store. */
export async function startGateway(
  options: { wrap?: (batches: BatchStore) => BatchStore } & Partial<
    Pick<GatewayDeps, 'pendingCharsMax' | 'sns' | 'now' | 'temporal' | 'trustedProxies'>
  > = {},
): Promise<Running> {
  const dir = await mkdtemp(join(tmpdir(), 'tessera-gateway-'));
  const storage = await openStorage({ kind: 'embedded', dir: join(dir, 'store') });
  const opened = await openTenant({ tenant: 'demo', storage });
  const { wrap, ...limits } = options;
  const store = wrap === undefined ? opened : { ...opened, batches: wrap(opened.batches) };
  const tokens = await provision({
    tenant: 'demo',
    dataDir: dir,
    registry: store.registry,
    adminToken: undefined,
    writeKey: undefined,
  });
  const runs = new RecordedRuns();
  const log = createLogger('silent', 'demo');
  const { adminToken } = tokens;
  const gateway = await createGateway({ store, runs, log, adminToken, homeLane: 0, ...limits });
  const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const key = tokens.writeKeys['web'] ?? '';
  return {
    url,
    gateway,
    store,
    tokens,
    runs,
    post: async (path, body, headers = {}) =>
      answer(
        await fetch(url + path, {
          method: 'POST',
          body: typeof body === 'string' ? body : new Uint8Array(body),
          headers: { authorization: basic(key), 'content-type': 'application/json', ...headers },
        }),
      ),
    api: async (path, { method = 'GET', body, headers = {} } = {}) =>
      answer(
        await fetch(url + path, {
          method,
          headers: {
            authorization: `Bearer ${tokens.adminToken}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    items: async (source = 'web') => {
      const { lanes = 0 } = (await store.registry.source(source)) ?? {};
      const each = Array.from({ length: lanes }, (_, lane) => store.batches.pending(source, lane, 10_000));
      const headers = (await Promise.all(each)).flat();
      return (await Promise.all(headers.map((header) => store.batches.read(header)))).flat();
    },
    stop: async () => {
      await gateway.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A gateway on a store that a test fills itself, asked by `inject` with the token `token`. */
export function gatewayOn(store: TenantStore): Promise<Gateway> {
  const log = createLogger('silent', 'test');
  return createGateway({ store, runs: new RecordedRuns(), log, adminToken: 'token' });
}

/** A write key as basic authentication has it. */
export function basic(key: string): string {
  return `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
}

async function answer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}
