import { parquetWriteBuffer } from 'hyparquet-writer';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { EventLog, StoredEvent } from '../log/types.ts';
import type { Storage } from '../ports.ts';
import type { ArchivedEvent } from './columns.ts';
import { columnsOf } from './columns.ts';

/** What the archive stands on. */
export interface ArchiveOptions {
  readonly storage: Pick<Storage, 'blobs'>;
  /** Names the fragments' subjects. */
  readonly log: Pick<EventLog, 'subject'>;
}

/** Events of one fragment, as committed. */
export interface ArchiveInput {
  readonly fragment: FragmentId;
  readonly events: readonly StoredEvent[];
}

/** Committed events as Parquet without personal data, for analysis; can be deleted and written again from the log. */
export interface Archive {
  /**
   * Writes `archive/<UTC day of receipt>/<source>/<id>.parquet`, a file for each day and source among the events, and
   * answers their keys. Idempotent by `id`, which must name the same events each time. Events of a fragment whose key
   * is gone are left out. Throws `StoreUnavailable`, `StoreFull`.
   */
  append(id: string, inputs: readonly ArchiveInput[]): Promise<string[]>;
}

/** Opens a tenant's archive. */
export function createArchive({ storage, log }: ArchiveOptions): Archive {
  return {
    async append(id, inputs) {
      const files = new Map<string, ArchivedEvent[]>();
      const subjects = await Promise.all(inputs.map(({ fragment }) => log.subject(fragment)));
      for (const [i, { events }] of inputs.entries()) {
        const subject = subjects[i];
        if (subject === undefined) continue;
        for (const event of events) {
          const key = `archive/${event.receivedAt.slice(0, 10)}/${event.source}/${id}.parquet`;
          const file = files.get(key);
          if (file === undefined) files.set(key, [{ subject, event }]);
          else file.push({ subject, event });
        }
      }
      await Promise.all(
        [...files].map(([key, events]) => {
          const bytes = parquetWriteBuffer({ columnData: columnsOf(events) });
          return storage.blobs.put(key, new Uint8Array(bytes));
        }),
      );
      return [...files.keys()].sort();
    },
  };
}
