import type { FieldChange } from '../quality/fields.ts';
import type { Finding } from '../quality/health.ts';
import type { SyncManifest } from './types.ts';

/** A change of fields is told of for so long. */
const TOLD_FOR_MS = 7 * 86_400_000;
/** Fields that a finding names. */
const FIELDS_NAMED = 5;

/**
 * What the runs of a source's sync tell of its health: the changes of fields of the last week, and whether the last run
 * failed. `runs` are newest first, `now` is ISO 8601 UTC.
 */
export function syncHealth(
  runs: readonly Pick<SyncManifest, 'status' | 'detail' | 'drift'>[],
  now: string,
): { readonly fields: readonly FieldChange[]; readonly findings: readonly Finding[] } {
  const since = new Date(Date.parse(now) - TOLD_FOR_MS).toISOString();
  const drift = runs.flatMap((run) => run.drift).filter(({ at }) => at >= since);
  const findings: Finding[] = [];
  const last = runs[0];
  if (last?.status === 'failed') {
    findings.push({
      code: 'sync-failed',
      detail: `the last sync failed: ${last.detail ?? 'no reason is known'}`,
    });
  }
  const retyped = drift.filter(({ change }) => change === 'type');
  if (retyped.length > 0) {
    const named = retyped
      .slice(0, FIELDS_NAMED)
      .map(({ object, field, before, after }) => `${object}: ${field} (${before ?? ''} to ${after ?? ''})`);
    findings.push({
      code: 'field-type',
      detail: `${retyped.length} fields have changed their type: ${named.join(', ')}`,
    });
  }
  const fields = drift.flatMap(({ object, field, change, at }): FieldChange[] =>
    change === 'type' ? [] : [{ event: object, path: field, change, at }],
  );
  return { fields, findings };
}
