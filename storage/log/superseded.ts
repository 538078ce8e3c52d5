import type { Commit, StoredEvent, SupersededEvent } from './types.ts';

/** When each item's events so far were taken back, by item, oldest first. */
type Takings = ReadonlyMap<string, readonly { readonly version: number; readonly recordedAt: string }[]>;

/** Names a raw item within a tenant. */
export function itemKey({ batchId, index }: { readonly batchId: string; readonly index: number }): string {
  return `${batchId}-${index}`;
}

function takingsOf(corrections: readonly Commit[]): Takings {
  const takings = new Map<string, { version: number; recordedAt: string }[]>();
  for (const { version, recordedAt, correction } of corrections) {
    for (const item of correction?.supersedes ?? []) {
      const key = itemKey(item);
      const known = takings.get(key);
      if (known === undefined) takings.set(key, [{ version, recordedAt }]);
      else known.push({ version, recordedAt });
    }
  }
  return takings;
}

/**
 * Parts the events of commits by `corrections`, oldest first: those in force, and those that a correction after their own
 * commit took back.
 */
export function partBy(commits: readonly Commit[], corrections: readonly Commit[]): Commit[] {
  const takings = takingsOf(corrections);
  if (takings.size === 0) return [...commits];
  return commits.map((commit) => {
    const events: StoredEvent[] = [];
    const superseded: SupersededEvent[] = [];
    for (const event of commit.events) {
      const taken = takings.get(itemKey(event))?.find(({ version }) => version > commit.version);
      if (taken === undefined) events.push(event);
      else superseded.push({ event, until: taken.recordedAt });
    }
    return superseded.length === 0 ? commit : { ...commit, events, superseded };
  });
}

/** The commits of a whole history with the events in force. */
export function inForce(commits: readonly Commit[]): Commit[] {
  return partBy(
    commits,
    commits.filter(({ correction }) => correction !== undefined),
  );
}
