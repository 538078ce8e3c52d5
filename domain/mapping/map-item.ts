import { asObject } from '../ingestion/consent.ts';
import type { RawItem } from '../ingestion/raw.ts';
import { checkStructure } from '../ingestion/structure.ts';
import type { CompiledMapping } from './compile.ts';
import { mapRecord } from './record.ts';
import type { MapContext, Mapped } from './result.ts';
import { mapSegment } from './segment.ts';

export { compileMapping, type CompiledMapping } from './compile.ts';
export type { MapContext, Mapped } from './result.ts';

/**
 * Turns one raw item into canonical events, or says what is wrong with it. Never throws, whatever the item: files and
 * released items come here without having passed the gateway, so the structure is checked here as well.
 */
export function mapItem(mapping: CompiledMapping, item: RawItem, context: MapContext): Mapped {
  const body = asObject(item.body);
  if (body === undefined)
    return { ok: false, code: 'not-an-object', detail: 'an item must be a JSON object' };
  const problem = checkStructure(body);
  if (problem !== undefined) return { ok: false, ...problem };
  if (mapping.record === undefined) return mapSegment(body, item, mapping.ref, context);
  return mapRecord(mapping.record, body, item, mapping.ref, context);
}
