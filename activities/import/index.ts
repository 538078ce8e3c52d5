import { drainSlice, finishImport } from './outcomes.ts';
import { prepareImport } from './prepare.ts';
import { readSlice } from './read-slice.ts';
import type {
  DrainInput,
  DrainResult,
  FinishInput,
  ImportDeps,
  ImportInput,
  ImportPlan,
  ImportPosition,
  SliceInput,
} from './types.ts';

/** Activities of the `importFile` workflow. Their names are a wire contract. */
export interface ImportActivities {
  prepareImport(input: ImportInput): Promise<ImportPlan>;
  readSlice(input: SliceInput): Promise<ImportPosition>;
  drainSlice(input: DrainInput): Promise<DrainResult>;
  finishImport(input: FinishInput): Promise<void>;
}

/** Closes the activities over what they work with. */
export function createImportActivities(deps: ImportDeps): ImportActivities {
  return {
    prepareImport: (input) => prepareImport(deps, input),
    readSlice: (input) => readSlice(deps, input),
    drainSlice: (input) => drainSlice(deps, input),
    finishImport: (input) => finishImport(deps, input),
  };
}
