/** One threshold: what it is about, its default, and what it may be set to. */
interface Threshold {
  readonly about: string;
  readonly standard: number;
  readonly min: number;
  readonly max: number;
  readonly whole?: true;
}

/** From when on something about a source wants looking at. Shares are from 0 to 1. */
export const THRESHOLDS = {
  silentHours: {
    ...{ about: 'silence: hours without an item', standard: 24, min: 1, max: 336 },
  },
  volumeFactor: {
    about: 'volume: so many times the usual, or the usual divided by it, beyond chance',
    ...{ standard: 2, min: 1.1, max: 1_000 },
  },
  itemsMin: {
    about:
      'fewer items than this, in an hour for volume and in a day for shares, are never out of the ordinary',
    ...{ standard: 20, min: 1, max: 1_000_000_000, whole: true },
  },
  quarantinedShare: {
    ...{ about: "share of the last day's items in quarantine", standard: 0.05, min: 0, max: 1 },
  },
  duplicateShare: {
    ...{ about: "share of the last day's items that came before", standard: 0.2, min: 0, max: 1 },
  },
  clockSkewSeconds: {
    ...{ about: 'seconds that clocks of senders are off on average', standard: 300, min: 1, max: 86_400 },
  },
  newFieldEvents: {
    about: 'a field is new where so many events came without it before',
    ...{ standard: 100, min: 1, max: 1_000_000_000, whole: true },
  },
  newFieldDays: {
    ...{ about: 'days for which a new field is told of', standard: 7, min: 1, max: 365 },
  },
  vanishedFieldEvents: {
    about: 'a field has vanished where so many events in a row came without it',
    ...{ standard: 100, min: 1, max: 1_000_000_000, whole: true },
  },
  vanishedFieldShare: {
    about: 'share of the events before that had it; a rarer field may well be absent for a while',
    ...{ standard: 0.2, min: 0, max: 1 },
  },
} as const satisfies Record<string, Threshold>;

/** Names of the thresholds. */
export type ThresholdName = keyof typeof THRESHOLDS;

/** A value for each threshold. */
export type HealthThresholds = Readonly<Record<ThresholdName, number>>;

/** The names of all thresholds, in the order in which they are shown. */
export const THRESHOLD_NAMES = Object.keys(THRESHOLDS) as ThresholdName[];

/** The values of a source that sets `own`: the defaults for the others. */
export function thresholdsWith(own: Partial<HealthThresholds> = {}): HealthThresholds {
  const values = THRESHOLD_NAMES.map((name) => [name, own[name] ?? THRESHOLDS[name].standard]);
  return Object.fromEntries(values) as HealthThresholds;
}

/** What a value of a threshold must be; undefined where it is fine. */
export function thresholdProblem(name: ThresholdName, value: number): string | undefined {
  const { min, max, whole }: Threshold = THRESHOLDS[name];
  const isFine = value >= min && value <= max && (whole !== true || Number.isInteger(value));
  return isFine ? undefined : `must be a ${whole === true ? 'whole ' : ''}number from ${min} to ${max}`;
}

/** Whether a text names a threshold. */
export function isThreshold(name: string): name is ThresholdName {
  return Object.hasOwn(THRESHOLDS, name);
}
