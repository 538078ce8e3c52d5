import { z } from 'zod';
import type { RawItem } from '../../../domain/ingestion/raw.ts';
import type { StoredEvent } from '../../../storage/log/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { defined, found } from './found.ts';
import { presentEvent } from './profile-view.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { anyObject, event, instant, name, personParams } from './schemas.ts';

const raw = z
  .object({
    body: z.unknown().meta({ description: 'As its source sent it' }),
    receivedAt: instant,
    delivery: anyObject.optional().meta({ description: 'What a vendor’s delivery said beside the body' }),
    origin: z
      .object({ file: z.string(), row: z.number() })
      .optional()
      .meta({ description: 'Digest of the file that was imported, and the row in it' }),
  })
  .nullable()
  .meta({ description: 'null once the record is gone' });

/** One event of a person, with the record that it was made of. */
export function rawRecordRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/profiles/{id}/events/{messageId}',
      tag: 'Profiles',
      summary: 'One event with the raw record that it was made of',
      description: 'Of two sources that use the same message id, the later event where source is silent.',
      params: personParams.extend({ messageId: z.string().min(1).max(1_024) }),
      query: z.strictObject({ source: name.optional() }),
      answers: {
        200: { description: 'The event', schema: event.extend({ raw }) },
        404: { description: 'Nobody has this id or identifier, or the person has no such event' },
      },
    },
    async ({ params: { id, messageId }, query }) => {
      const filter = defined({ messageId, ...query });
      const [stored] = found(await store.profiles.timeline(id, filter, { limit: 1 })).items;
      if (stored === undefined) {
        throw new ProblemError(404, 'no-such-event', 'This person has no event of this message id.');
      }
      const item = await itemOf(store, stored);
      return ok({ ...presentEvent(stored), raw: item === undefined ? null : shown(item) });
    },
  );
}

/** The item that an event was made of. An event does not say its lane: batch ids are unique among a source's lanes. */
async function itemOf(
  { registry, batches }: TenantStore,
  { source, batchId, index }: StoredEvent,
): Promise<RawItem | undefined> {
  const lanes = (await registry.source(source))?.lanes ?? 0;
  for (let lane = 0; lane < lanes; lane += 1) {
    const item = await batches.readItem(source, lane, batchId, index);
    if (item !== undefined) return item;
  }
  return undefined;
}

function shown({ body, receivedAt, delivery, origin }: RawItem): z.output<typeof raw> {
  return { body, receivedAt, ...defined({ delivery, origin }) };
}
