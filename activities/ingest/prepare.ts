import { normalizeOptions } from '../../domain/identity/normalization.ts';
import { canonicalContent } from '../../domain/ingestion/content.ts';
import { ENVELOPE_CHECKS } from '../../domain/ingestion/envelope.ts';
import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import type { BatchHeader, RawItem } from '../../domain/ingestion/raw.ts';
import { compileMapping, mapItem, type CompiledMapping } from '../../domain/mapping/map-item.ts';
import type { MappingDefinition } from '../../domain/mapping/types.ts';
import type { TenantStore } from '../../storage/tenant.types.ts';
import { judgeItem, planReason } from './keep-to-plan.ts';
import { breathe } from './pause.ts';
import type { UnitItem } from './types.ts';

/** So many items are mapped before other work may run: a few milliseconds. */
const SLICE_ITEMS = 200;

const compiled = new WeakMap<MappingDefinition, CompiledMapping>();

function compile(definition: MappingDefinition): CompiledMapping {
  const known = compiled.get(definition);
  if (known !== undefined) return known;
  const fresh = compileMapping(definition);
  compiled.set(definition, fresh);
  return fresh;
}

/** The id of a message that brings none: its place in its file, or in the batch it first came in. The same on every try. */
export function fallbackMessageId(header: BatchHeader, index: number, item: RawItem): string {
  if (item.origin !== undefined) return `${item.origin.file}-${item.origin.row}`;
  return item.place === undefined
    ? `${header.batchId}-${index}`
    : `${item.place.batchId}-${item.place.index}`;
}

/** Events of one item that share a message id get `#1`, `#2`, ... so that each has a claim of its own. */
function distinctIds(events: CanonicalEvent[]): CanonicalEvent[] {
  if (events.length < 2) return events;
  const seen = new Set<string>();
  return events.map((event, position) => {
    const messageId = seen.has(event.messageId) ? `${event.messageId}#${position}` : event.messageId;
    seen.add(messageId);
    return messageId === event.messageId ? event : { ...event, messageId };
  });
}

/** Maps the items of one batch. An item that can't be mapped is refused with its reason; nothing throws for it. */
export async function prepareBatch(
  store: TenantStore,
  header: BatchHeader,
  items: readonly RawItem[],
): Promise<UnitItem[]> {
  const [config, definition, plan] = await Promise.all([
    store.registry.config(),
    store.registry.mapping(header.mapping),
    store.registry.plans.of(header.source),
  ]);
  const refuse = (item: RawItem, index: number, code: string, detail: string): UnitItem => ({
    header,
    index,
    item,
    events: [],
    digest: '',
    refused: { code, detail },
  });
  if (definition === undefined) {
    const detail = `there is no mapping "${header.mapping}"; create it, then release the item`;
    return items.map((item, index) => refuse(item, index, 'unknown-mapping', detail));
  }
  const mapping = compile(definition);
  const isPartlyMapped = mapping.record !== undefined || mapping.rules !== undefined;
  const reading = normalizeOptions(config, header.source);
  const prepared: UnitItem[] = [];
  // One for all items: nobody keeps it once an item is mapped.
  const context = {
    ...{ source: header.source, rules: config.identity, ...reading, fallbackMessageId: '' },
    isChecked: header.checked === ENVELOPE_CHECKS,
  };
  for (const [index, item] of items.entries()) {
    if (index % SLICE_ITEMS === SLICE_ITEMS - 1) await breathe();
    if (item.reject !== undefined) {
      prepared.push(refuse(item, index, item.reject.code, item.reject.detail));
      continue;
    }
    try {
      context.fallbackMessageId = fallbackMessageId(header, index, item);
      const mapped = mapItem(mapping, item, context);
      if (!mapped.ok) {
        prepared.push(refuse(item, index, mapped.code, mapped.detail));
        continue;
      }
      const events = distinctIds(mapped.events);
      const judged = judgeItem(plan, events);
      if (judged?.mode === 'quarantine') {
        const { code, detail } = planReason(judged);
        prepared.push({ ...refuse(item, index, code, detail), judged });
        continue;
      }
      const digest = events.length === 0 ? '' : store.log.digest(canonicalContent(item.body));
      const made = { header, index, item, events, digest, isPartlyMapped };
      prepared.push(judged === undefined ? made : { ...made, judged });
    } catch (error) {
      // A mapping that throws does so for this item alone, every time: no need to search for it by halves.
      prepared.push(refuse(item, index, 'poison', poisonDetail(error)));
    }
  }
  return prepared;
}

/** What quarantine says of an error nobody foresaw: its kind and never its text, which may quote a value. */
export function poisonDetail(error: unknown): string {
  const kind = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return `processing this item fails every time (${code === '' ? kind : code}); the worker's log has the error`;
}
