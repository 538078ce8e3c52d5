import { decodeJson, encodeJson } from '../json.ts';
import type { Parts } from './parts.ts';
import type { KeptModel, ModelStore } from './types.ts';

const nameOf = (version: string): string => `linkage/models/${version}`;

/** Keeps models as sealed objects that never change; the one that was used last stays in memory. */
export function createModelStore(parts: Parts): ModelStore {
  let last: KeptModel | undefined;
  return {
    put: (kept) => parts.put(nameOf(kept.version), encodeJson(kept)),
    async get(version) {
      if (last?.version === version) return last;
      const bytes = await parts.get(nameOf(version));
      if (bytes === undefined) return undefined;
      last = decodeJson<KeptModel>(bytes);
      return last;
    },
  };
}
