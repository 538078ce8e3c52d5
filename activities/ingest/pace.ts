/** From so many items on, a unit's own work outweighs what every unit costs, whatever its size. */
const FULL_UNIT_ITEMS = 250;
/** The shortest time from the start of a unit that was not full to the next one's, in milliseconds. */
const PACE_MS = 100;

/**
 * How long a pump waits after a unit, in milliseconds. What every unit costs (looking up, flushing to disk, counting) is shared by its
 * items: so a lane that trickles is taken up ten times a second, and one with a backlog without a pause. The first item
 * after a pause never waits.
 */
export function pauseAfter(items: number, tookMs: number): number {
  return items >= FULL_UNIT_ITEMS ? 0 : Math.max(0, PACE_MS - tookMs);
}
