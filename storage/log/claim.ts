import { ConditionFailed } from '../errors.ts';
import { jsonOf } from '../json.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import type { Key, WriteOp } from '../ports.ts';
import { writeInParts } from '../write-in-parts.ts';
import { claims } from './commits.ts';
import type { LogContext } from './context.ts';
import type { AppendEvent, ClaimRef, MessageEntry, MessageRef } from './types.ts';

function entryOf(value: Uint8Array): MessageEntry | undefined {
  const stored = jsonOf(value);
  if (!Array.isArray(stored)) return undefined;
  const [batchId, index, digest] = stored;
  if (typeof batchId !== 'string' || typeof index !== 'number' || typeof digest !== 'string')
    return undefined;
  return { batchId, index, digest };
}

/** See `EventLog.lookup`. */
export async function lookUp(
  context: LogContext,
  messages: readonly MessageRef[],
): Promise<(MessageEntry | undefined)[]> {
  const keys = messages.map((message) => context.index.messageKey(message));
  const items = await context.table.getMany(keys);
  return items.map((item) => (item === undefined ? undefined : entryOf(item.value)));
}

/**
 * See `EventLog.claim`. A claim is written ahead of the events where they are corrections: a message has its place in the
 * index whichever fragment its events come to stand on.
 */
export async function claimAll(context: LogContext, events: readonly AppendEvent[]): Promise<MessageEntry[]> {
  const refs = events.map(({ event: { source, messageId } }) => ({ source, messageId }));
  for (;;) {
    const known = await lookUp(context, refs);
    const open = events.filter((_, i) => known[i] === undefined);
    if (open.length === 0) return known.filter((entry) => entry !== undefined);
    const ops = claims(context, open);
    for (let i = 0; i < ops.length; i += WRITE_OPS_MAX) {
      try {
        await context.table.write(ops.slice(i, i + WRITE_OPS_MAX));
      } catch (error) {
        // Somebody else claimed one of them meanwhile: look who holds what, and go on with the rest.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    }
  }
}

/** See `EventLog.forget`. */
export async function forgetAll(context: LogContext, forgotten: readonly ClaimRef[]): Promise<void> {
  const entries = await lookUp(context, forgotten);
  const keys = new Map<string, Key>();
  for (const [i, claim] of forgotten.entries()) {
    const entry = entries[i];
    if (entry?.batchId !== claim.batchId || entry.index !== claim.index) continue;
    const key = context.index.messageKey(claim);
    keys.set(`${key.pk}/${key.sk}`, key);
  }
  const ops = [...keys.values()].map((key): WriteOp => ({ kind: 'delete', ...key }));
  await writeInParts(context.table, ops);
}
