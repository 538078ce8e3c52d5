import type { FragmentId, ProfileId } from '../../domain/identity/identifier.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { BatchHeader } from '../../domain/ingestion/raw.ts';
import { ROW_ERRORS_MAX, type RowError } from '../../domain/ingestion/imports.ts';
import type {
  BatchOutcome,
  ClockCounts,
  DuplicateEntry,
  QuarantineEntry,
  QuarantineReason,
} from '../../storage/intake/types.ts';
import { ownValue } from '../../domain/record.ts';
import type { Part } from './bisect.ts';
import { poisonDetail } from './prepare.ts';
import type { UnitItem } from './types.ts';
import type { Written } from './write-unit.ts';
import type { Verdict } from './classify.ts';

interface Tally {
  readonly header: BatchHeader;
  stored: number;
  duplicates: number;
  quarantined: number;
  events: number;
  fragments: number;
  reasons: Record<string, number> | undefined;
  clock: ClockCounts | undefined;
  lastReceivedAt: string;
  file: string | undefined;
  readonly errors: RowError[];
}

/** What a unit leaves behind besides the log. */
export interface UnitResult {
  readonly outcomes: readonly BatchOutcome[];
  readonly quarantine: readonly QuarantineEntry[];
  readonly duplicates: readonly DuplicateEntry[];
  /** For batches that came from a file, by batch: the file and the rows that were turned away. */
  readonly files: readonly {
    readonly file: string;
    readonly outcome: BatchOutcome;
    readonly errors: readonly RowError[];
  }[];
}

/** Why an item whose message id another message has is held. */
export const CONFLICT: QuarantineReason = {
  code: 'message-conflict',
  detail:
    'another message with this messageId and different content is stored already; give the message an id of its own',
};

/** Beyond this, an id is no id but a payload. */
const MESSAGE_ID_CHARS_MAX = 256;

/** An item that never became an event is still found by the id that its sender gave it. */
function sentMessageId(body: JsonValue): string | undefined {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return undefined;
  const id = body['messageId'];
  return typeof id === 'string' && id.length <= MESSAGE_ID_CHARS_MAX ? id : undefined;
}

/** Adds what an item tells of its sender's clock, where it says when it was sent. */
function clockWith(clock: ClockCounts | undefined, { item }: UnitItem): ClockCounts | undefined {
  const { body, receivedAt } = item;
  const own =
    typeof body === 'object' && body !== null && !Array.isArray(body) ? ownValue(body, 'sentAt') : undefined;
  const sentAt = own ?? item.sentAt;
  const offMs = typeof sentAt === 'string' ? Date.parse(receivedAt) - Date.parse(sentAt) : NaN;
  if (Number.isNaN(offMs)) return clock;
  const { items, sumMs, maxMs } = clock ?? { items: 0, sumMs: 0, maxMs: 0 };
  return { items: items + 1, sumMs: sumMs + offMs, maxMs: Math.max(maxMs, Math.abs(offMs)) };
}

/** Adds up what became of a unit's items. The same items and verdicts give the same result on every try. */
class Tallies {
  readonly #byBatch: ReadonlyMap<string, Tally>;
  readonly #quarantine: QuarantineEntry[] = [];
  readonly #duplicates: DuplicateEntry[] = [];
  readonly #now: string;

  constructor(headers: readonly BatchHeader[], now: string) {
    this.#now = now;
    this.#byBatch = new Map(
      headers.map((header) => [
        header.batchId,
        {
          header,
          stored: 0,
          duplicates: 0,
          quarantined: 0,
          events: 0,
          fragments: 0,
          reasons: undefined,
          clock: undefined,
          lastReceivedAt: '',
          file: undefined,
          errors: [],
        },
      ]),
    );
  }

  #tally({ header, item }: UnitItem): Tally {
    const tally = this.#byBatch.get(header.batchId);
    if (tally === undefined) throw new TypeError(`batch ${header.batchId} is not of this unit`);
    if (item.receivedAt > tally.lastReceivedAt) tally.lastReceivedAt = item.receivedAt;
    return tally;
  }

  add(item: UnitItem, verdict: Verdict): void {
    const tally = this.#tally(item);
    tally.file ??= item.item.origin?.file;
    tally.clock = clockWith(tally.clock, item);
    switch (verdict.kind) {
      case 'stored':
        tally.stored += 1;
        tally.events += verdict.fresh.length + verdict.kept.length;
        return;
      case 'duplicate':
        tally.duplicates += 1;
        this.#duplicates.push({
          source: item.header.source,
          messageId: item.events[0]?.messageId ?? '',
          batchId: item.header.batchId,
          index: item.index,
          receivedAt: item.item.receivedAt,
          first: verdict.first,
        });
        return;
      case 'conflict':
        this.hold(item, CONFLICT);
        return;
      case 'refused':
        this.hold(item, item.refused ?? CONFLICT);
        return;
    }
  }

  hold(item: UnitItem, reason: QuarantineReason): void {
    const { header, index } = item;
    const tally = this.#tally(item);
    const { origin } = item.item;
    const messageId = item.events[0]?.messageId ?? sentMessageId(item.item.body);
    tally.file ??= origin?.file;
    tally.quarantined += 1;
    const reasons = (tally.reasons ??= {});
    reasons[reason.code] = (reasons[reason.code] ?? 0) + 1;
    if (origin !== undefined && tally.errors.length < ROW_ERRORS_MAX)
      tally.errors.push({ row: origin.row, ...reason });
    this.#quarantine.push({
      id: `${header.batchId}-${index}`,
      source: header.source,
      lane: header.lane,
      batchId: header.batchId,
      index,
      ...(messageId === undefined ? {} : { messageId }),
      reason,
      quarantinedAt: this.#now,
      status: 'held',
      ...(origin === undefined ? {} : { origin }),
    });
  }

  born(fragments: ReadonlyMap<FragmentId, string>): void {
    for (const batchId of fragments.values()) {
      const tally = this.#byBatch.get(batchId);
      if (tally !== undefined) tally.fragments += 1;
    }
  }

  result(profiles: { readonly cause: string; readonly change: number }): UnitResult {
    const files: { file: string; outcome: BatchOutcome; errors: readonly RowError[] }[] = [];
    const outcomes = [...this.#byBatch.values()].map(({ file, errors, reasons, clock, ...counts }) => {
      const outcome = {
        ...counts,
        ...(reasons === undefined ? {} : { reasons }),
        ...(clock === undefined ? {} : { clock }),
        profiles: counts.header.batchId === profiles.cause ? profiles.change : 0,
      };
      if (file !== undefined) files.push({ file, outcome, errors });
      return outcome;
    });
    return { outcomes, quarantine: this.#quarantine, duplicates: this.#duplicates, files };
  }
}

/** What a run did to profiles. */
export type Effects = Pick<Written, 'minted' | 'mergedAway'>;

/** Adds up the parts of a unit. `cause` is the batch that the change in profiles is counted with, `bornIn` the batch that a fragment is. */
export function settle(
  headers: readonly BatchHeader[],
  parts: readonly Part<UnitItem, Written>[],
  run: {
    readonly cause: string;
    readonly earlier: readonly Effects[];
    readonly bornIn: ReadonlyMap<FragmentId, string>;
    readonly now: string;
  },
): UnitResult {
  const { cause, now } = run;
  const tallies = new Tallies(headers, now);
  const minted = new Set<ProfileId>();
  const mergedAway = new Set<ProfileId>();
  for (const part of parts) {
    if (part.kind === 'poison') {
      tallies.hold(part.item, { code: 'poison', detail: poisonDetail(part.error) });
      continue;
    }
    for (const [position, item] of part.items.entries()) {
      const verdict = part.result.verdicts[position];
      if (verdict !== undefined) tallies.add(item, verdict);
    }
  }
  const done = parts.flatMap((part) => (part.kind === 'done' ? [part.result] : []));
  for (const effects of [...run.earlier, ...done]) {
    for (const profile of effects.minted) minted.add(profile);
    for (const profile of effects.mergedAway) mergedAway.add(profile);
  }
  tallies.born(run.bornIn);
  return tallies.result({ cause, change: minted.size - mergedAway.size });
}
