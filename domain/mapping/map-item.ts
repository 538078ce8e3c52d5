import { asObject } from '../ingestion/consent.ts';
import { RECORD_KEYS_MAX } from '../ingestion/limits.ts';
import type { RawItem } from '../ingestion/raw.ts';
import { checkStructure } from '../ingestion/structure.ts';
import type { CompiledMapping } from './compile.ts';
import { mapRecord } from './record.ts';
import type { MapContext, Mapped } from './result.ts';
import { mapRules } from './rules.ts';
import { mapSegment } from './segment.ts';

export { compileMapping, type CompiledMapping } from './compile.ts';
export type { MapContext, Mapped } from './result.ts';

/**
 * Turns one raw item into canonical events, or says what is wrong with it. Never throws, whatever the item: files and
 * released items come here without having passed the gateway, so the structure is checked here where it was not there.
 */
export function mapItem(mapping: CompiledMapping, item: RawItem, context: MapContext): Mapped {
  const body = asObject(item.body);
  if (body === undefined)
    return { ok: false, code: 'not-an-object', detail: 'an item must be a JSON object' };
  const { record, rules, ref } = mapping;
  const isMessage = record === undefined && rules === undefined;
  if (!isMessage || context.isChecked !== true) {
    const problem = isMessage ? checkStructure(body) : checkStructure(body, RECORD_KEYS_MAX);
    if (problem !== undefined) return { ok: false, ...problem };
  }
  if (rules !== undefined) return mapRules(rules, body, item, ref, context);
  if (record !== undefined) return mapRecord(record, body, item, ref, context);
  return mapSegment(body, item, ref, context);
}
