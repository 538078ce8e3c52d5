import type {
  AttributeValue,
  Delete,
  Put,
  QueryCommandInput,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Expectation, Item, Key, RangeQuery, WriteOp } from '../ports.ts';

/** A stored item as DynamoDB gives and takes it: `pk`, `sk`, `v` the version, `d` the bytes, `x` the expiry (its TTL). */
export type Attributes = Record<string, AttributeValue>;

/** The condition of an op, in DynamoDB's words. `now` is epoch seconds. */
interface Condition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Attributes;
}

/** A key's attributes. */
export function toKey(key: Key): Attributes {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}

/** An item's attributes. */
export function toAttributes(item: Item): Attributes {
  return {
    pk: { S: item.pk },
    sk: { S: item.sk },
    v: { N: String(item.version) },
    d: { B: item.value },
    ...(item.expiresAt === undefined ? {} : { x: { N: String(item.expiresAt) } }),
  };
}

/** The item of its attributes; undefined where they are absent or have expired: DynamoDB deletes days later. */
export function fromAttributes(attributes: Attributes | undefined, now: number): Item | undefined {
  if (attributes === undefined) return undefined;
  const x = attributes['x']?.N;
  const expiresAt = x === undefined ? undefined : Number(x);
  if (expiresAt !== undefined && expiresAt <= now) return undefined;
  return {
    pk: attributes['pk']?.S ?? '',
    sk: attributes['sk']?.S ?? '',
    version: Number(attributes['v']?.N),
    value: attributes['d']?.B ?? new Uint8Array(),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function toCondition(expect: Expectation, now: number): Condition {
  const time = { ':now': { N: String(now) } };
  if (expect === 'absent') {
    return { ConditionExpression: 'attribute_not_exists(pk) OR x <= :now', ExpressionAttributeValues: time };
  }
  return {
    ConditionExpression: 'v = :v AND (attribute_not_exists(x) OR x > :now)',
    ExpressionAttributeValues: { ':v': { N: String(expect) }, ...time },
  };
}

/**
 * One op as a request of its own, which costs half of what a transaction does. A check has none; nor has a write without
 * a condition: sent again because its answer was lost, it would undo what others wrote in between.
 */
export function toSingle(
  table: string,
  op: WriteOp,
  now: number,
): { readonly put: Put } | { readonly remove: Delete } | undefined {
  if (op.kind === 'check' || op.expect === undefined) return undefined;
  const condition = toCondition(op.expect, now);
  return op.kind === 'put'
    ? { put: { TableName: table, Item: toAttributes(op), ...condition } }
    : { remove: { TableName: table, Key: toKey(op), ...condition } };
}

/** One op as a part of a transaction. */
export function toTransactItem(table: string, op: WriteOp, now: number): TransactWriteItem {
  if (op.kind === 'check') {
    return { ConditionCheck: { TableName: table, Key: toKey(op), ...toCondition(op.expect, now) } };
  }
  const condition = op.expect === undefined ? {} : toCondition(op.expect, now);
  return op.kind === 'put'
    ? { Put: { TableName: table, Item: toAttributes(op), ...condition } }
    : { Delete: { TableName: table, Key: toKey(op), ...condition } };
}

/**
 * A range as a query; undefined where no `sk` can lie in it. A key condition takes one comparison or one BETWEEN, whose
 * ends are inclusive: the caller drops the ends that the range excludes, `inRange` tells which.
 */
export function toQuery(table: string, range: RangeQuery): QueryCommandInput | undefined {
  const reverse = range.reverse === true;
  const low = greatest(range.from, reverse ? undefined : range.after);
  const high = least(range.to, reverse ? range.after : undefined);
  const values: Attributes = { ':pk': { S: range.pk } };
  let condition = 'pk = :pk';
  if (low !== undefined && high !== undefined) {
    if (compare(low, high) >= 0) return undefined;
    condition += ' AND sk BETWEEN :low AND :high';
  } else if (low !== undefined) condition += ' AND sk >= :low';
  else if (high !== undefined) condition += ' AND sk < :high';
  if (low !== undefined) values[':low'] = { S: low };
  if (high !== undefined) values[':high'] = { S: high };
  return {
    TableName: table,
    KeyConditionExpression: condition,
    ExpressionAttributeValues: values,
    ScanIndexForward: !reverse,
    ConsistentRead: true,
    ReturnConsumedCapacity: 'TOTAL',
  };
}

/** True where a range excludes neither of its ends. */
export function inRange(range: RangeQuery, sk: string): boolean {
  return sk !== range.after && sk !== range.to;
}

function greatest(a: string | undefined, b: string | undefined): string | undefined {
  const [left, right] = [a === '' ? undefined : a, b === '' ? undefined : b];
  if (left === undefined || right === undefined) return left ?? right;
  return compare(left, right) > 0 ? left : right;
}

function least(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compare(a, b) < 0 ? a : b;
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
