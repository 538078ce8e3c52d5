import type { Code } from './code.ts';
import { StartFailure } from './failure.ts';
import type { Reporter } from './console.ts';
import type { StartOptions } from './options.ts';
import { LogFile } from './supervise/log-file.ts';
import type { PidFile } from './supervise/pids.ts';
import { Supervised, type ProcessSpec } from './supervise/supervised.ts';
import { ensureCluster, serves, type ClusterAccess } from './temporal/cluster.ts';
import { hasDatabase, serverArgs, setAside } from './temporal/server.ts';
import { serveUi, type UiFront } from './temporal/ui.ts';

const ROTATE_EVERY_MS = 15_000;
const READY_WITHIN_MS = 60_000;
const GRACE_MS = 15_000;
const PROBE_TIMEOUT_MS = 2_000;

/** What the processes are started with, ports decided. */
export interface StackPlan {
  readonly options: StartOptions;
  readonly cluster: ClusterAccess;
  /** The Temporal server to start; absent where an existing cluster is used. */
  readonly temporal?: {
    /** Path of the program. */
    readonly program: string;
    /** Where its UI listens; people open it on the options' `uiPort`. */
    readonly uiPort: number;
  };
  readonly workerMetricsPort: number;
  readonly temporalMetricsPort: number;
  readonly env: NodeJS.ProcessEnv;
  /** What Node runs as each of our processes. */
  readonly code: Readonly<Record<'gateway' | 'worker', Code>>;
}

/** The address of the gateway, for people and programs on this machine. */
export function gatewayUrl(options: StartOptions): string {
  const host = ['0.0.0.0', '::'].includes(options.host) ? '127.0.0.1' : options.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${options.port}`;
}

/** The address of the Temporal UI that is served here; undefined where an existing cluster is used. */
export function temporalUiUrl(plan: StackPlan): string | undefined {
  return plan.temporal && `http://127.0.0.1:${plan.options.uiPort}`;
}

/** A mark on our children's command lines, by which a later start knows them. */
export function processMark(data: string): string {
  return `${data}/`;
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.ok;
}

/**
 * V8 takes a heap's cap for a sign of how much room to leave between collections: the worker, whose units outlive several of
 * them, needs a cap above what it holds, and the gateway's keeps it small. See decision 0024.
 */
const GATEWAY_HEAP = ['--max-old-space-size=160'];
const WORKER_HEAP = ['--max-old-space-size=768'];

/** A Node process of ours; the data folder on the command line is the mark. */
function nodeSpec(
  plan: StackPlan,
  what: { name: keyof StackPlan['code']; heap: readonly string[]; healthUrl: string },
): ProcessSpec {
  const { options } = plan;
  return {
    name: what.name,
    command: process.execPath,
    args: [
      ...what.heap,
      '--enable-source-maps',
      ...plan.code[what.name],
      `--data=${processMark(options.data)}`,
    ],
    env: {
      ...plan.env,
      TESSERA_DATA: options.data,
      TESSERA_TENANT: options.tenant,
      TESSERA_STORAGE: options.storage,
      TESSERA_HOST: options.host,
      PORT: String(options.port),
      TEMPORAL_ADDRESS: plan.cluster.address,
      TEMPORAL_NAMESPACE: plan.cluster.namespace,
      TESSERA_TEMPORAL_UI: temporalUiUrl(plan) ?? plan.env['TESSERA_TEMPORAL_UI'],
      TESSERA_WORKER_METRICS_PORT: String(plan.workerMetricsPort),
      TESSERA_TEMPORAL_METRICS_PORT: String(plan.temporalMetricsPort),
      NODE_ENV: 'production',
    },
    log: new LogFile(options.data, what.name),
    isHealthy: () => answers(what.healthUrl),
    readyWithinMs: READY_WITHIN_MS,
    graceMs: GRACE_MS,
  };
}

/** The processes of the local stack: started in order, kept running, stopped in the reverse order of dependence. */
export class Stack {
  readonly #plan: StackPlan;
  readonly #report: Reporter;
  readonly #pids: PidFile;
  readonly #temporal: Supervised | undefined;
  readonly #gateway: Supervised;
  readonly #worker: Supervised;
  readonly #logs: LogFile[] = [];
  #rotation: NodeJS.Timeout | undefined;
  #ui: UiFront | undefined;
  #stopped = false;

  constructor(plan: StackPlan, report: Reporter, pids: PidFile) {
    this.#plan = plan;
    this.#report = report;
    this.#pids = pids;
    const temporal = plan.temporal && this.#temporalSpec(plan.temporal);
    this.#temporal = temporal && this.#supervise(temporal);
    this.#gateway = this.#supervise(
      nodeSpec(plan, {
        name: 'gateway',
        heap: GATEWAY_HEAP,
        healthUrl: `${gatewayUrl(plan.options)}/health`,
      }),
    );
    this.#worker = this.#supervise(
      nodeSpec(plan, {
        name: 'worker',
        heap: WORKER_HEAP,
        healthUrl: `http://127.0.0.1:${plan.workerMetricsPort}/health`,
      }),
    );
  }

  #supervise(spec: ProcessSpec): Supervised {
    this.#logs.push(spec.log);
    return new Supervised(spec, (name, pid) => {
      this.#pids.set(name, pid).catch((error: unknown) => {
        this.#report.warn(`pids.json can't be written: ${String(error)}`);
      });
    });
  }

  #temporalSpec({ program, uiPort }: NonNullable<StackPlan['temporal']>): ProcessSpec {
    const { options } = this.#plan;
    return {
      name: 'temporal',
      command: program,
      args: serverArgs(options, uiPort),
      env: this.#plan.env,
      log: new LogFile(options.data, 'temporal'),
      isHealthy: () => serves(this.#plan.cluster),
      readyWithinMs: READY_WITHIN_MS,
      graceMs: GRACE_MS,
      beforeRestart: async () => {
        if (await hasDatabase(options.data)) return;
        // The server comes up empty. A worker that starts anew starts all workflows that should run.
        this.#report.warn("Temporal's database is gone; starting an empty one. No accepted event is in it.");
        this.#worker.restart();
      },
    };
  }

  /** Brings everything up. Throws `StartFailure`; what had been started then still wants `stop`. */
  async start(): Promise<void> {
    this.#rotation = setInterval(() => {
      Promise.all(this.#logs.map((log) => log.rotate())).catch(() => undefined);
    }, ROTATE_EVERY_MS);
    this.#rotation.unref();
    await this.#startTemporal();
    await this.#startUi();
    for (const warning of await ensureCluster(this.#plan.cluster)) this.#report.warn(warning);
    this.#report.step(
      `Temporal answers at ${this.#plan.cluster.address}, namespace ${this.#plan.cluster.namespace}`,
    );
    if (this.#isStopped()) return;
    // Side by side, the worker first, so that whoever finds the gateway ready finds every process in pids.json.
    const worker = this.#worker.start().then(() => {
      if (!this.#isStopped()) this.#report.step('worker polls');
    });
    const gateway = this.#gateway.start().then(() => {
      if (!this.#isStopped()) this.#report.step(`gateway listens on ${gatewayUrl(this.#plan.options)}`);
    });
    await Promise.all([gateway, worker]);
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  async #startTemporal(): Promise<void> {
    if (this.#temporal === undefined) return;
    const { data } = this.#plan.options;
    const had = await hasDatabase(data);
    try {
      await this.#temporal.start();
    } catch (error) {
      if (!had || this.#isStopped() || !(error instanceof StartFailure)) throw error;
      const aside = await setAside(data);
      this.#report.warn(
        `Temporal could not open its database; starting an empty one. The old one is at ${aside}.`,
      );
      await this.#temporal.start();
    }
  }

  async #startUi(): Promise<void> {
    const { temporal, options } = this.#plan;
    if (temporal === undefined || this.#isStopped()) return;
    const { uiPort } = temporal;
    this.#ui = await serveUi({ port: options.uiPort, uiPort, gateway: gatewayUrl(options) });
  }

  /** Stops in order: no new events, then no work in flight, then the orchestrator. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#rotation);
    await this.#gateway.stop();
    await this.#worker.stop();
    await this.#ui?.close();
    await this.#temporal?.stop();
    await this.#pids.remove();
  }
}
