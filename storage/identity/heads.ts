import type { ProfileId } from '../../domain/identity/identifier.ts';
import type { Table } from '../ports.ts';
import { headKey, PROFILES_PREFIX, profileOfHead } from './layout.ts';
import type { DirectoryRecords } from './records.ts';
import type { HeadsPage } from './types.ts';

/** See `ProfileDirectory.heads`. */
export async function readHeads(
  table: Pick<Table, 'scan'>,
  records: Pick<DirectoryRecords, 'latest'>,
  { after, limit }: { readonly after?: ProfileId; readonly limit: number },
): Promise<HeadsPage> {
  const found: ProfileId[] = [];
  for await (const item of table.scan(PROFILES_PREFIX, after === undefined ? undefined : headKey(after))) {
    const profile = profileOfHead(item);
    if (profile !== undefined) found.push(profile);
    if (found.length === limit) break;
  }
  const heads = (await records.latest(found)).flatMap((decision) =>
    decision === undefined || decision.head.mergedInto !== undefined || decision.head.vacant === true
      ? []
      : [decision.head],
  );
  return { heads, next: found.length < limit ? null : (found.at(-1) ?? null) };
}
