import type { FieldChange } from './fields.ts';
import { thresholdsWith, type HealthThresholds } from './thresholds.ts';

/** What a source sent in one hour (UTC, `YYYY-MM-DDTHH`), and what became of it. */
export interface HourSeen {
  readonly hour: string;
  readonly items: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Empty where no item said. */
  readonly lastReceivedAt: string;
  /** Receipt less sending, in milliseconds, of items that say when they were sent. */
  readonly clock?: { readonly items: number; readonly sumMs: number; readonly maxMs: number };
}

/** Something about a source that somebody should look at. Holds no values. */
export interface Finding {
  readonly code:
    | 'silent'
    | 'volume-low'
    | 'volume-high'
    | 'quarantine-share'
    | 'duplicate-share'
    | 'clock-skew'
    | 'plan-violations'
    | 'field-new'
    | 'field-type'
    | 'sync-failed'
    | 'field-vanished';
  readonly detail: string;
}

/** How a source is. Shares are from 0 to 1, over the last day. */
export interface SourceHealth {
  readonly status: 'ok' | 'warning' | 'unused';
  readonly lastReceivedAt: string | null;
  readonly secondsSinceLast: number | null;
  /** Over the last complete hour. */
  readonly itemsPerMinute: number;
  readonly itemsLastDay: number;
  readonly quarantinedShare: number;
  readonly duplicateShare: number;
  readonly clock: { readonly meanSeconds: number; readonly maxSeconds: number } | null;
  /** The last complete hour, and the median of the same hour of the days before; null without enough of them. */
  readonly volume: { readonly lastHour: number; readonly usual: number | null };
  readonly fields: readonly FieldChange[];
  readonly findings: readonly Finding[];
}

/** How far back volumes are compared, and how many of those days must have had something. */
export const COMPARED_DAYS = 14;
const COMPARED_DAYS_MIN = 5;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Fields that a finding names. */
const FIELDS_NAMED = 5;

const hourAt = (ms: number): string => new Date(ms).toISOString().slice(0, 13);

/**
 * Judges a source by the hours of the last `COMPARED_DAYS`, its fields, and how many events broke its plan in the last
 * day where that is to be alarmed of. `now` is ISO 8601 UTC.
 */
export function assessHealth(
  seen: {
    readonly hours: readonly HourSeen[];
    readonly fields: readonly FieldChange[];
    readonly violations: number;
    /** What else was found, by those who know more of the source. */
    readonly findings?: readonly Finding[];
  },
  now: string,
  thresholds = thresholdsWith(),
): SourceHealth {
  const nowMs = Date.parse(now);
  const day = seen.hours.filter(({ hour }) => hour > hourAt(nowMs - DAY_MS));
  const sum = (pick: (hour: HourSeen) => number): number =>
    day.reduce((total, hour) => total + pick(hour), 0);
  const items = sum((hour) => hour.items);
  const last = seen.hours.reduce(
    (latest, { lastReceivedAt }) => (lastReceivedAt > latest ? lastReceivedAt : latest),
    '',
  );
  const clocked = sum((hour) => hour.clock?.items ?? 0);
  const volume = volumeOf(seen.hours, nowMs);
  const health = {
    lastReceivedAt: last === '' ? null : last,
    secondsSinceLast: last === '' ? null : Math.max(0, Math.round((nowMs - Date.parse(last)) / 1_000)),
    itemsPerMinute: volume.lastHour / 60,
    itemsLastDay: items,
    quarantinedShare: items === 0 ? 0 : sum((hour) => hour.quarantined) / items,
    duplicateShare: items === 0 ? 0 : sum((hour) => hour.duplicates) / items,
    clock:
      clocked === 0
        ? null
        : {
            meanSeconds: sum((hour) => hour.clock?.sumMs ?? 0) / clocked / 1_000,
            maxSeconds: Math.max(...day.map((hour) => hour.clock?.maxMs ?? 0)) / 1_000,
          },
    volume,
    fields: seen.fields,
  };
  const findings = [...findingsOf(health, seen, nowMs, thresholds), ...(seen.findings ?? [])];
  const status = findings.length > 0 ? 'warning' : seen.hours.length === 0 ? 'unused' : 'ok';
  return { status, ...health, findings };
}

/** The last complete hour beside the same hour of the days before. */
function volumeOf(hours: readonly HourSeen[], nowMs: number): SourceHealth['volume'] {
  const byHour = new Map(hours.map(({ hour, items }) => [hour, items]));
  const at = nowMs - HOUR_MS;
  const first = hours.reduce((earliest, { hour }) => (hour < earliest ? hour : earliest), '9');
  const before: number[] = [];
  for (let days = 1; days <= COMPARED_DAYS; days += 1) {
    const hour = hourAt(at - days * DAY_MS);
    // Before its first hour a source was not silent, it was not there.
    if (hour >= first) before.push(byHour.get(hour) ?? 0);
  }
  before.sort((a, b) => a - b);
  const usual = before.length < COMPARED_DAYS_MIN ? null : (before[before.length >> 1] ?? null);
  return { lastHour: byHour.get(hourAt(at)) ?? 0, usual };
}

type Figures = Omit<SourceHealth, 'status' | 'findings'>;

function findingsOf(
  health: Figures,
  seen: { readonly hours: readonly HourSeen[]; readonly violations: number },
  nowMs: number,
  thresholds: HealthThresholds,
): Finding[] {
  const findings: Finding[] = [];
  const find = (code: Finding['code'], holds: boolean, detail: string): void => {
    if (holds) findings.push({ code, detail });
  };
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const days = new Set(seen.hours.map(({ hour }) => hour.slice(0, 10))).size;
  const silentMs = health.lastReceivedAt === null ? 0 : nowMs - Date.parse(health.lastReceivedAt);
  const { silentHours, volumeFactor, itemsMin } = thresholds;
  find(
    'silent',
    silentMs > silentHours * HOUR_MS && days >= COMPARED_DAYS_MIN,
    `nothing has come for more than ${silentHours} hours`,
  );
  const { lastHour, usual } = health.volume;
  if (usual !== null && usual >= itemsMin) {
    // Beyond what chance does to a count of this size.
    const spread = 4 * Math.sqrt(usual);
    const beside = `${lastHour} items in the last hour, where ${usual} are usual at this time of day`;
    find('volume-high', lastHour > volumeFactor * usual + spread, beside);
    find('volume-low', lastHour < usual / volumeFactor - spread / 2, beside);
  }
  const enough = health.itemsLastDay >= itemsMin;
  const held = health.quarantinedShare;
  find(
    'quarantine-share',
    enough && held > thresholds.quarantinedShare,
    `${percent(held)} of the last day's items are in quarantine`,
  );
  const twice = health.duplicateShare;
  find(
    'duplicate-share',
    enough && twice > thresholds.duplicateShare,
    `${percent(twice)} of the last day's items came before`,
  );
  const off = health.clock?.meanSeconds ?? 0;
  find(
    'clock-skew',
    Math.abs(off) > thresholds.clockSkewSeconds,
    `senders' clocks are off by ${Math.round(off)} s on average`,
  );
  const broken = seen.violations;
  find('plan-violations', broken > 0, `events break the tracking plan in ${broken} ways since yesterday`);
  for (const change of ['new', 'vanished'] as const) {
    const named = health.fields.filter((field) => field.change === change);
    const shown = named.slice(0, FIELDS_NAMED).map(({ event, path }) => `${event}: ${path}`);
    find(
      `field-${change}`,
      named.length > 0,
      `${named.length} fields ${change === 'new' ? 'are new' : 'have vanished'}: ${shown.join(', ')}`,
    );
  }
  return findings;
}
