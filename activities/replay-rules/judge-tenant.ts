import { Worker } from 'node:worker_threads';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { IdentityRules } from '../../domain/identity/rule-types.ts';
import type { SimulationReport } from '../../domain/identity/whole/report.ts';
import { APART_PREFIX, HEAD_SORT_KEY, PROFILES_PREFIX } from '../../storage/identity/layout.ts';
import type { RegionWork } from '../../storage/simulations/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import type { FromThread, JudgingInput, SealedHead, SealedPiece, ToThread } from './protocol.ts';
import { blockedUnder } from './values.ts';

/** Heads of a portion: some hundred KB, which the thread opens in a few milliseconds. */
const PORTION = 500;
/** Portions on their way to the thread; memory stays bounded where it is slower than the store. */
const IN_FLIGHT_MAX = 4;

/** What a judgement is asked for. */
export interface JudgeOptions {
  readonly rules: IdentityRules;
  readonly signal: AbortSignal;
  /** Told now and then how many profiles were read. */
  readonly onRead: (profiles: number) => void;
}

/** What rules would change of all profiles. Reads only; throws `StoreUnavailable`. */
export async function reportOn(store: TenantStore, options: JudgeOptions): Promise<SimulationReport> {
  const answer = await judge(store, options, 'report');
  if (answer.kind !== 'report') throw new TypeError(`the judging thread answered ${answer.kind}`);
  return answer.report;
}

/** The sets of profiles that stand differently under the rules. Reads only; throws `StoreUnavailable`. */
export async function workFor(store: TenantStore, options: JudgeOptions): Promise<readonly RegionWork[]> {
  const answer = await judge(store, options, 'work');
  if (answer.kind !== 'work') throw new TypeError(`the judging thread answered ${answer.kind}`);
  return answer.regions;
}

async function judge(
  store: TenantStore,
  { rules, signal, onRead }: JudgeOptions,
  wanted: 'report' | 'work',
): Promise<FromThread> {
  const key = await store.vault.tenantSealKey('directory');
  const input: JudgingInput = { tenant: store.tenant, key, rules };
  const thread = new JudgingThread(input);
  const stop = (): void => {
    thread.stop();
  };
  signal.addEventListener('abort', stop);
  try {
    await sendHeads(store, thread, onRead);
    await sendApart(store, thread);
    thread.send({ kind: 'end' });
    const read = await thread.next();
    if (read.kind !== 'read') throw new TypeError(`the judging thread answered ${read.kind}`);
    const blocked = await blockedUnder(store, rules, read, signal);
    thread.send({ kind: 'judge', blocked, wanted });
    return await thread.next();
  } finally {
    signal.removeEventListener('abort', stop);
    thread.stop();
  }
}

async function sendHeads(
  store: TenantStore,
  thread: JudgingThread,
  onRead: (profiles: number) => void,
): Promise<void> {
  let portion: SealedHead[] = [];
  let inFlight = 0;
  const take = async (): Promise<void> => {
    const answer = await thread.next();
    if (answer.kind !== 'taken') throw new TypeError(`the judging thread answered ${answer.kind}`);
    inFlight--;
    onRead(answer.profiles);
    for (const pk of answer.paged) await sendPaged(store, thread, pk.slice(PROFILES_PREFIX.length));
  };
  const flush = (): void => {
    thread.send({ kind: 'heads', heads: portion });
    portion = [];
    inFlight++;
  };
  for await (const { pk, sk, value } of store.storage.log.scan(PROFILES_PREFIX)) {
    if (sk !== HEAD_SORT_KEY) continue;
    portion.push({ pk, value });
    if (portion.length < PORTION) continue;
    flush();
    if (inFlight >= IN_FLIGHT_MAX) await take();
  }
  if (portion.length > 0) flush();
  while (inFlight > 0) await take();
}

/** What heads have no room for. It is rare, so that one portion at a time is on its way. */
async function sendApart(store: TenantStore, thread: JudgingThread): Promise<void> {
  let items: SealedPiece[] = [];
  const flush = async (): Promise<FromThread> => {
    thread.send({ kind: 'apart', items });
    items = [];
    return thread.next();
  };
  // Asked first: on DynamoDB looking for it reads the whole log once more.
  const asked = await flush();
  if (asked.kind !== 'taken' || !asked.apart) return;
  for await (const { pk, sk, value } of store.storage.log.scan(APART_PREFIX)) {
    items.push({ pk, sk, value });
    if (items.length === PORTION) await flush();
  }
  if (items.length > 0) await flush();
}

/** A head in pages is put together here, where the table is. */
async function sendPaged(store: TenantStore, thread: JudgingThread, profile: string): Promise<void> {
  const head = await store.directory.head(profile);
  if (head?.profileId === profile && head.mergedInto === undefined) thread.send({ kind: 'open-head', head });
}

/** The thread, its answers in the order in which it gives them. */
class JudgingThread {
  readonly #worker: Worker;
  readonly #answers: FromThread[] = [];
  #waiting: { resolve: (answer: FromThread) => void; reject: (error: Error) => void } | undefined;
  #failed: Error | undefined;

  constructor(workerData: JudgingInput) {
    this.#worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData, execArgv: [] });
    this.#worker.on('message', (answer: FromThread) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting) waiting.resolve(answer);
      else this.#answers.push(answer);
    });
    this.#worker.on('error', (error: Error) => {
      this.#fail(error);
    });
    this.#worker.on('exit', () => {
      this.#fail(new Error('the judging thread was stopped'));
    });
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  next(): Promise<FromThread> {
    const answer = this.#answers.shift();
    if (answer) return Promise.resolve(answer);
    if (this.#failed) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  stop(): void {
    // It has nothing to finish: what it knows is of use to nobody.
    this.#worker.terminate().catch(() => undefined);
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    this.#waiting?.reject(this.#failed);
    this.#waiting = undefined;
  }
}

/** What the thread said of values, once all heads are in. */
export interface ReadAnswer {
  readonly blocked: readonly { readonly fragment: FragmentId }[];
  readonly fragments: readonly FragmentId[];
}
