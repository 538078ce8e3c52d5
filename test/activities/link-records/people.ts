import { pumpAll, SOURCE, TENANT } from '../tenant.ts';
import { NOTHING_COUNTED, type LinkProgress, type LinkRequest } from '../../../domain/link-records/run.ts';
import { runTask } from '../../../activities/link-records/engine/tasks.ts';
import { createLinkActivities } from '../../../activities/link-records/index.ts';
import type { ComputeResult, ReadResult } from '../../../activities/link-records/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { between, pick, seeded, type Random } from '../../support/random.ts';
import { runActivity } from '../tenant.ts';

/** A row as the mapping `febrl-person` takes it. */
export type PersonRow = Record<string, string>;

const GIVEN = [
  'anna',
  'bruno',
  'carla',
  'david',
  'elena',
  'felix',
  'greta',
  'hugo',
  'irene',
  'jonas',
  'klara',
  'lukas',
];
const SURNAMES = [
  'meier',
  'keller',
  'huber',
  'frei',
  'baumann',
  'graf',
  'roth',
  'suter',
  'weber',
  'vogt',
  'zbinden',
];
const STREETS = [
  'bahnhofstrasse',
  'seeweg',
  'dorfplatz',
  'lindenallee',
  'kirchgasse',
  'muehleweg',
  'rosenweg',
];
const CITIES = ['bern', 'basel', 'chur', 'genf', 'zug', 'thun', 'wil'];

function typo(random: Random, text: string): string {
  const at = between(random, 1, text.length - 2);
  return `${text.slice(0, at)}${text.slice(at + 1)}`;
}

/** People, each with one to three records that differ by a typo; `rec_id` tells who is who. */
export function peopleRows(seed: number, people: number): PersonRow[] {
  const random = seeded(seed);
  return Array.from({ length: people }, (_, person) => {
    const row = {
      given_name: pick(random, GIVEN),
      surname: `${pick(random, SURNAMES)}${pick(random, ['', 'son', 'berg', 'mann'])}`,
      street_number: String(between(random, 1, 99)),
      address_1: pick(random, STREETS),
      suburb: pick(random, CITIES),
      postcode: String(between(random, 1000, 9999)),
      date_of_birth: `19${between(random, 30, 99)}${pick(random, ['01', '05', '11'])}${between(random, 10, 28)}`,
    };
    return Array.from({ length: between(random, 1, 3) }, (__, copy): PersonRow => ({
      rec_id: `p${person}-${copy}`,
      ...row,
      ...(copy === 1 && { surname: typo(random, row.surname) }),
      ...(copy === 2 && { given_name: typo(random, row.given_name), street_number: '' }),
    }));
  }).flat();
}

/** Takes rows in as a file of a source would be, until they show. */
export async function takeIn(store: TenantStore, rows: readonly PersonRow[], batch: string): Promise<void> {
  const receivedAt = new Date().toISOString();
  await store.batches.append(
    { source: SOURCE, lane: 0, mapping: 'febrl-person@1', items: rows.length, receivedAt },
    rows.map((body, row) => JSON.stringify({ body, receivedAt, origin: { file: batch, row } })),
  );
  await pumpAll(store);
}

/** What was asked, with what is usual. */
export function requestOf(runId: string, given: Partial<LinkRequest> = {}): LinkRequest {
  return {
    runId,
    sources: [SOURCE],
    recordType: 'crmId',
    mode: 'full',
    dryRun: false,
    thresholdLink: 0.5,
    thresholdReview: 0.2,
    requestedAt: new Date().toISOString(),
    requestedBy: 'admin',
    ...given,
  };
}

/** Runs all steps of a run as its workflow would, the engine's in this process. */
export async function runAll(
  store: TenantStore,
  request: LinkRequest,
): Promise<{ read: ReadResult; computed: ComputeResult }> {
  const { runId } = request;
  const input = { tenant: TENANT, runId };
  const activities = createLinkActivities({ store });
  await store.linkage.runs.putRequest(request);
  const { sources, dryRun } = await runActivity(() => activities.planLinkRun(input));
  const task = (name: 'read' | 'compute' | 'index'): Promise<unknown> =>
    runTask(store, { task: name, runId }, () => undefined);
  const read = (await task('read')) as ReadResult;
  const computed = (await task('compute')) as ComputeResult;
  const start = { part: 0, written: 0, done: false };
  const counts = { ...NOTHING_COUNTED, fragments: read.fragments, records: read.records };
  let progress: LinkProgress = { ...counts, runId, sources, dryRun, stage: 'failed' };
  if (computed.refused === undefined) {
    progress = { ...progress, stage: 'done', links: computed.links };
    if (!dryRun) {
      const slice = { ...input, position: start, sliceMs: 60_000 };
      const linked = await runActivity(() => activities.linkSlice({ ...slice, parts: computed.linkParts }));
      const reviews = await runActivity(() =>
        activities.reviewSlice({ ...slice, parts: computed.reviewParts }),
      );
      await task('index');
      progress = { ...progress, linked: linked.written, reviews: reviews.written };
    }
  } else progress = { ...progress, problem: computed.refused };
  await runActivity(() => activities.finishLinkRun({ ...input, progress }));
  return { read, computed };
}

/** Who is whom: record ids by profile, sorted. */
export async function partitionOf(store: TenantStore): Promise<string[][]> {
  const groups = new Map<string, string[]>();
  let cursor: string | undefined;
  do {
    const page = await store.profiles.identifiers('crmId', {
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value, profileId } of page.items)
      groups.set(profileId, [...(groups.get(profileId) ?? []), value]);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return [...groups.values()].map((group) => group.sort()).sort(([x = ''], [y = '']) => (x < y ? -1 : 1));
}
