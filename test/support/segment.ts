import { randomUUID } from 'node:crypto';

/** A message of the Segment spec, as a sender makes it. */
export type Message = Record<string, unknown> & { readonly messageId: string; readonly type: string };

/** A `track` call; what is silent is made up. */
export function track(event: string, fields: Record<string, unknown> = {}): Message {
  return { type: 'track', event, messageId: randomUUID(), timestamp: new Date().toISOString(), ...fields };
}

/** An `identify` call. */
export function identify(fields: Record<string, unknown>): Message {
  return { type: 'identify', messageId: randomUUID(), timestamp: new Date().toISOString(), ...fields };
}

/** A short random word, so that tests that share a platform never meet. */
export function word(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}
