const DURATION =
  /^P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;
/** Of years, months, weeks, days, hours, minutes and seconds; a year has 365 days and a month 30. */
const PARTS_MS = [
  365 * DAY_MS,
  30 * DAY_MS,
  7 * DAY_MS,
  DAY_MS,
  3_600 * SECOND_MS,
  60 * SECOND_MS,
  SECOND_MS,
];

/**
 * Milliseconds of an ISO 8601 duration such as `P30D` or `PT12H`, in whole numbers; undefined where it is none. Years
 * and months count 365 and 30 days, so that the answer depends on no calendar.
 */
export function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  return PARTS_MS.reduce((sum, ms, part) => sum + ms * Number(match[part + 1] ?? 0), 0);
}
