import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { CancellationReason, ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mapBounded } from '../concurrency.ts';
import { ConditionFailed, StorageError } from '../errors.ts';
import type { Item, Key, Meter, RangeQuery, Table, WriteOp } from '../ports.ts';
import { tableMeter } from '../units.ts';
import type { TableMeter } from '../units.ts';
import { checkKey, checkWrite, itemBytes, opBytes } from '../write-rules.ts';
import { errorName, TryAgain, withRetries } from './calls.ts';
import { fromAttributes, inRange, toKey, toQuery, toSingle, toTransactItem } from './items.ts';
import type { Attributes } from './items.ts';

const QUERY_LIMIT = 1_000;
/** A most of keys in one BatchGetItem, as DynamoDB has it. */
const BATCH_KEYS_MAX = 100;
const PARALLEL_REQUESTS = 16;
/** What of a transaction's cancellation waiting can mend. */
const LATER_REASONS = new Set([
  'TransactionConflict',
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'RequestLimitExceeded',
]);

/** What a table on DynamoDB needs. `name` is the port's (`log`), `tableName` DynamoDB's. */
export interface AwsTableOptions {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly tableName: string;
  readonly meter: Meter;
  readonly attempts: number | undefined;
  readonly now: () => number;
}

/**
 * A table on DynamoDB. A write whose answer was lost is sent again: transactions carry a token that makes that
 * harmless, a single conditional op does not, and may then fail by `ConditionFailed` though it was this call that
 * wrote. Callers of conditional writes read back and compare.
 */
export class AwsTable implements Table {
  readonly #options: AwsTableOptions;
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #meter: TableMeter;

  constructor(options: AwsTableOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#table = options.tableName;
    this.#meter = tableMeter(options.meter, options.name);
  }

  async get(key: Key): Promise<Item | undefined> {
    checkKey(key);
    const answer = await this.#retry(() =>
      this.#client.send(
        new GetItemCommand({
          TableName: this.#table,
          Key: toKey(key),
          ConsistentRead: true,
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
    const item = this.#item(answer.Item);
    this.#meterRead([answer.ConsumedCapacity], item === undefined ? [] : [item]);
    return item;
  }

  async getMany(keys: readonly Key[]): Promise<(Item | undefined)[]> {
    keys.forEach(checkKey);
    const distinct = new Map(keys.map((key) => [identity(key), key]));
    const found = new Map<string, Item>();
    const batches = chunk([...distinct.values()], BATCH_KEYS_MAX);
    await mapBounded(batches, PARALLEL_REQUESTS, (batch) => this.#getBatch(batch, found));
    return keys.map((key) => found.get(identity(key)));
  }

  async query(range: RangeQuery): Promise<Item[]> {
    const input = toQuery(this.#table, range);
    const limit = range.limit ?? QUERY_LIMIT;
    const items: Item[] = [];
    let from: Attributes | undefined;
    if (input === undefined) return items;
    while (items.length < limit) {
      // Two more than are missing, for the ends that the range excludes.
      const page = { ...input, Limit: limit - items.length + 2, ...startingAt(from) };
      const answer = await this.#retry(() => this.#client.send(new QueryCommand(page)));
      const read = this.#items(answer.Items);
      this.#meterRead([answer.ConsumedCapacity], read);
      items.push(...read.filter((item) => inRange(range, item.sk)));
      from = answer.LastEvaluatedKey;
      if (from === undefined) break;
    }
    return items.slice(0, limit);
  }

  async queryMany(ranges: readonly RangeQuery[]): Promise<Item[][]> {
    return mapBounded(ranges, PARALLEL_REQUESTS, (range) => this.query(range));
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    const [first] = ops;
    if (first === undefined) return;
    checkWrite(ops);
    const single = ops.length === 1 ? toSingle(this.#table, first, this.#seconds()) : undefined;
    const capacity = single === undefined ? await this.#transact(ops) : await this.#writeOne(single);
    this.#meter('write', {
      requests: 1,
      items: ops.length,
      bytes: ops.reduce((sum, op) => sum + opBytes(op), 0),
      units: unitsOf(capacity),
    });
  }

  async *scan(prefix: string, after?: Key): AsyncIterable<Item> {
    // The place of a key in DynamoDB's order follows from the key alone.
    let from: Attributes | undefined = after === undefined ? undefined : toKey(after);
    do {
      const filter =
        prefix === ''
          ? {}
          : {
              FilterExpression: 'begins_with(pk, :prefix)',
              ExpressionAttributeValues: { ':prefix': { S: prefix } },
            };
      const input = {
        TableName: this.#table,
        ConsistentRead: true,
        ReturnConsumedCapacity: 'TOTAL' as const,
        ...filter,
        ...startingAt(from),
      };
      const answer = await this.#retry(() => this.#client.send(new ScanCommand(input)));
      const items = this.#items(answer.Items);
      this.#meterRead([answer.ConsumedCapacity], items);
      yield* items;
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
  }

  async close(): Promise<void> {
    // The client is shared by the three tables and closed with them.
  }

  async #getBatch(batch: readonly Key[], found: Map<string, Item>): Promise<void> {
    let pending: Attributes[] = batch.map(toKey);
    await this.#retry(async () => {
      // A page of 16 MB may leave keys unread without being throttled: go on at once while it makes progress.
      while (pending.length > 0) {
        const answer = await this.#client.send(
          new BatchGetItemCommand({
            RequestItems: { [this.#table]: { Keys: pending, ConsistentRead: true } },
            ReturnConsumedCapacity: 'TOTAL',
          }),
        );
        const items = this.#items(answer.Responses?.[this.#table]);
        this.#meterRead(answer.ConsumedCapacity ?? [], items);
        for (const item of items) found.set(identity(item), item);
        const left = answer.UnprocessedKeys?.[this.#table]?.Keys ?? [];
        const progress = left.length < pending.length;
        pending = left;
        if (!progress) throw new TryAgain('no key of the batch was read');
      }
    });
  }

  async #writeOne(single: NonNullable<ReturnType<typeof toSingle>>): Promise<ConsumedCapacity[]> {
    const answer = await this.#retry(async () => {
      try {
        return 'put' in single
          ? await this.#client.send(new PutItemCommand({ ...single.put, ReturnConsumedCapacity: 'TOTAL' }))
          : await this.#client.send(
              new DeleteItemCommand({ ...single.remove, ReturnConsumedCapacity: 'TOTAL' }),
            );
      } catch (error) {
        if (errorName(error) === 'ConditionalCheckFailedException') throw new ConditionFailed([0]);
        throw error;
      }
    });
    return answer.ConsumedCapacity === undefined ? [] : [answer.ConsumedCapacity];
  }

  async #transact(ops: readonly WriteOp[]): Promise<ConsumedCapacity[]> {
    const items = ops.map((op) => toTransactItem(this.#table, op, this.#seconds()));
    // One token for all attempts: one that had its effect unseen is answered again, not repeated.
    const token = randomUUID();
    const answer = await this.#retry(async () => {
      try {
        return await this.#client.send(
          new TransactWriteItemsCommand({
            TransactItems: items,
            ClientRequestToken: token,
            ReturnConsumedCapacity: 'TOTAL',
          }),
        );
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        throw verdictOf(error.CancellationReasons ?? []);
      }
    });
    return answer.ConsumedCapacity ?? [];
  }

  #retry<T>(call: () => Promise<T>): Promise<T> {
    return withRetries(`table ${this.#table}`, this.#options.attempts, call);
  }

  #item(attributes: Attributes | undefined): Item | undefined {
    return fromAttributes(attributes, this.#seconds());
  }

  #items(rows: readonly Attributes[] | undefined): Item[] {
    return (rows ?? []).flatMap((row) => this.#item(row) ?? []);
  }

  #meterRead(capacity: readonly (ConsumedCapacity | undefined)[], items: readonly Item[]): void {
    this.#meter('read', {
      requests: 1,
      items: items.length,
      bytes: items.reduce((sum, item) => sum + itemBytes(item), 0),
      units: unitsOf(capacity),
    });
  }

  #seconds(): number {
    return Math.floor(this.#options.now() / 1000);
  }
}

/** What a cancelled transaction means: its conditions, something that passes, or a fault of the caller. */
function verdictOf(reasons: readonly CancellationReason[]): Error {
  const failed = reasons.flatMap((reason, i) => (reason.Code === 'ConditionalCheckFailed' ? [i] : []));
  if (failed.length > 0) return new ConditionFailed(failed);
  const codes = reasons.map((reason) => reason.Code ?? 'None').filter((code) => code !== 'None');
  if (codes.length === 0 || codes.some((code) => LATER_REASONS.has(code))) {
    return new TryAgain(`the transaction was cancelled: ${codes.join(', ')}`);
  }
  return new StorageError('invalid-write', `the transaction was refused: ${codes.join(', ')}`);
}

function unitsOf(capacity: readonly (ConsumedCapacity | undefined)[]): number {
  return capacity.reduce((sum, part) => sum + (part?.CapacityUnits ?? 0), 0);
}

function startingAt(key: Attributes | undefined): { readonly ExclusiveStartKey?: Attributes } {
  return key === undefined ? {} : { ExclusiveStartKey: key };
}

function identity(key: Key): string {
  return `${key.pk}\u0000${key.sk}`;
}

function chunk<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
  return chunks;
}
