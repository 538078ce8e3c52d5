import type { LinkProgress, LinkRequest, LinkScope } from '../../domain/link-records/run.ts';
import { scopeName } from '../../domain/link-records/run.ts';
import { ConditionFailed } from '../errors.ts';
import type { Page, PageOptions } from '../intake/types.ts';
import type { Item, Key, Table } from '../ports.ts';
import { decodeCursor, encodeCursor, pageLimit } from '../page.ts';
import type { LinkageSeal } from './context.ts';
import type { CurrentScope, LinkRun, RunStore } from './types.ts';

/** Run ids ascend with time, so that their order is the list's. */
const RUNS = 'link-runs';
const OUTCOMES = 'link-outcomes';
const SCOPES = 'link-scopes';

const requestKey = (runId: string): Key => ({ pk: RUNS, sk: runId });
const outcomeKey = (runId: string): Key => ({ pk: OUTCOMES, sk: runId });
const scopeKey = (scope: LinkScope): Key => ({ pk: SCOPES, sk: scopeName(scope) });

/** Opens the tenant's runs: what was asked, what came of it, and what each scope uses now. */
export function createRunStore(table: Table, sealer: LinkageSeal): RunStore {
  const read = async <T>(key: Key): Promise<T | undefined> => {
    const item = await table.get(key);
    return item === undefined ? undefined : sealer.document<T>(item);
  };

  async function runOf(item: Item): Promise<LinkRun> {
    const request = await sealer.document<LinkRequest>(item);
    const outcome = await read<Omit<LinkRun, 'request'>>(outcomeKey(item.sk));
    return { request, ...outcome };
  }

  return {
    async putRequest(request) {
      const item = await sealer.item(requestKey(request.runId), 1, request);
      try {
        await table.write([{ kind: 'put', expect: 'absent', ...item }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
    request: (runId) => read<LinkRequest>(requestKey(runId)),
    async run(runId) {
      const item = await table.get(requestKey(runId));
      return item === undefined ? undefined : runOf(item);
    },
    async putOutcome(progress: LinkProgress, rest) {
      const outcome: Omit<LinkRun, 'request'> = { progress, ...rest };
      await table.write([{ kind: 'put', ...(await sealer.item(outcomeKey(progress.runId), 1, outcome)) }]);
    },
    async list(options: PageOptions = {}): Promise<Page<LinkRun>> {
      const limit = pageLimit(options.limit);
      const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, 1)[0];
      const items = await table.query({
        pk: RUNS,
        reverse: true,
        limit: limit + 1,
        ...(after === undefined ? {} : { after }),
      });
      const page = items.slice(0, limit);
      const last = page.at(-1);
      const cursor = items.length > limit && last !== undefined ? encodeCursor([last.sk]) : null;
      return { items: await Promise.all(page.map(runOf)), cursor };
    },
    current: (scope) => read<CurrentScope>(scopeKey(scope)),
    async scopes() {
      const items = await table.query({ pk: SCOPES });
      return Promise.all(items.map((item) => sealer.document<CurrentScope>(item)));
    },
    async setCurrent(current) {
      await table.write([{ kind: 'put', ...(await sealer.item(scopeKey(current.scope), 1, current)) }]);
    },
  };
}
