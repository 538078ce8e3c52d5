import { compareText } from '../canonical.ts';
import type { Stamp } from './state.ts';

/** Orders facts: event time, then source, then message id. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return compareText(a.at, b.at) || compareText(a.source, b.source) || compareText(a.messageId, b.messageId);
}
