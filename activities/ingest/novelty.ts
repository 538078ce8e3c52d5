/**
 * Lanes whose last unit brought nothing but new messages. Their next is claimed without being looked up first, which spares a read of
 * the message index for each: a claim that is refused shows what was there already, and only then is it looked up.
 */
export class Novelty {
  readonly #lanes = new Set<string>();

  /** Whether the lane's next unit is likely to be new; until `seen` says so again it is not, so that a try that failed is not repeated blindly. */
  take(source: string, lane: number): boolean {
    return this.#lanes.delete(`${source}/${lane}`);
  }

  /** Tells of a unit that was written whether all its messages were new. */
  seen(source: string, lane: number, allNew: boolean): void {
    if (allNew) this.#lanes.add(`${source}/${lane}`);
  }
}
