import { compareText } from '../../domain/canonical.ts';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import type { CanonicalEvent } from '../../domain/ingestion/event.ts';
import { overlay, personOf, type PersonFields, type PersonTraits } from '../../domain/link-records/person.ts';
import type { LinkScope } from '../../domain/link-records/run.ts';
import type { EventLog } from '../log/types.ts';
import type { Registry } from '../registry/types.ts';

/** What records are read from. */
export interface RecordSources {
  readonly log: Pick<EventLog, 'read'>;
  readonly registry: Pick<Registry, 'mapping'>;
}

/** The names of traits that the mappings of events give, read once for each mapping. */
function traitNames(store: Pick<RecordSources, 'registry'>): (mapping: string) => Promise<PersonTraits> {
  const known = new Map<string, Promise<PersonTraits>>();
  return (mapping) => {
    let names = known.get(mapping);
    if (names === undefined) {
      names = store.registry.mapping(mapping).then((definition) => definition?.person ?? {});
      known.set(mapping, names);
    }
    return names;
  };
}

/** What of a fragment's stream is a record of some sources: undefined where they sent nothing of it. */
export interface ReadRecord {
  readonly fragment: FragmentId;
  readonly source: string;
  readonly version: number;
  readonly person: PersonFields;
}

/**
 * The record that a fragment is to these sources (all where none are named): their events laid over each other in the
 * order of time. `knownAt` leaves out what was recorded after it.
 */
async function readRecord(
  store: Pick<RecordSources, 'log'>,
  fragment: FragmentId,
  sources: ReadonlySet<string>,
  namesOf: (mapping: string) => Promise<PersonTraits>,
  knownAt?: string,
): Promise<ReadRecord | undefined> {
  const commits = (await store.log.read(fragment)).filter(
    ({ recordedAt }) => knownAt === undefined || recordedAt <= knownAt,
  );
  const events: CanonicalEvent[] = commits.flatMap((commit) =>
    commit.events.filter(({ source }) => sources.size === 0 || sources.has(source)),
  );
  if (events.length === 0) return undefined;
  events.sort(
    (x, y) =>
      compareText(x.timestamp, y.timestamp) ||
      compareText(x.source, y.source) ||
      compareText(x.messageId, y.messageId),
  );
  let person: PersonFields = {};
  for (const event of events) person = overlay(person, await personIn(event, namesOf));
  return { fragment, source: events.at(-1)?.source ?? '', version: commits.at(-1)?.version ?? 0, person };
}

/** What one event says of a person: its traits, and the addresses among its identifiers. */
async function personIn(
  event: CanonicalEvent,
  namesOf: (mapping: string) => Promise<PersonTraits>,
): Promise<PersonFields> {
  const person = personOf(event.traits, await namesOf(event.mapping));
  for (const { type, value } of event.identifiers) {
    if (type === 'email') person.email ??= value;
    if (type === 'phone') person.phone ??= value;
  }
  return person;
}

/** Reads the record that a fragment is. */
export type RecordReader = (fragment: FragmentId) => Promise<ReadRecord | undefined>;

/** A reader of a scope's records as they were known at a moment. */
export function recordReader(
  store: RecordSources,
  scope: Pick<LinkScope, 'sources'>,
  knownAt?: string,
): RecordReader {
  const sources = new Set(scope.sources);
  const namesOf = traitNames(store);
  return (fragment) => readRecord(store, fragment, sources, namesOf, knownAt);
}
