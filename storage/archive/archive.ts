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

/** Events of one fragment, as committed; of a correction, with when it was recorded and what it took back. */
export interface ArchiveInput {
  readonly fragment: FragmentId;
  readonly events: readonly StoredEvent[];
  readonly revisedAt?: string;
  readonly superseded?: readonly StoredEvent[];
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
      const add = (archived: ArchivedEvent): void => {
        const { receivedAt, source } = archived.event;
        const key = `archive/${receivedAt.slice(0, 10)}/${source}/${id}.parquet`;
        const file = files.get(key);
        if (file === undefined) files.set(key, [archived]);
        else file.push(archived);
      };
      for (const [i, { events, revisedAt, superseded = [] }] of inputs.entries()) {
        const subject = subjects[i];
        if (subject === undefined) continue;
        const row = { subject, ...(revisedAt !== undefined && { revisedAt }) };
        for (const event of superseded) add({ ...row, event, isSuperseded: true });
        for (const event of events) add({ ...row, event, isSuperseded: false });
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
