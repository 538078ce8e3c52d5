import { decodeJson, encodeJson } from '../json.ts';
import type { Parts } from './parts.ts';
import type { WorkKind, Workspace } from './types.ts';

const folderOf = (runId: string): string => `linkage/runs/${runId}/`;
const nameOf = (runId: string, kind: WorkKind, part: number): string => `${folderOf(runId)}${kind}/${part}`;

/** Keeps a run's own objects under `linkage/runs/<run>/`. */
export function createWorkspace(parts: Parts): Workspace {
  return {
    put: (runId, kind, part, value) => parts.put(nameOf(runId, kind, part), encodeJson(value)),
    async get<T>(runId: string, kind: WorkKind, part: number) {
      const bytes = await parts.get(nameOf(runId, kind, part));
      return bytes === undefined ? undefined : decodeJson<T>(bytes);
    },
    has: (runId, kind, part) => parts.has(nameOf(runId, kind, part)),
    remove: (runId) => parts.remove(folderOf(runId)),
  };
}
