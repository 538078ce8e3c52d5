import type { StorageConfig } from '../../../storage/open.ts';

/** What the engine's process can be asked to do for a run. */
export type EngineTask = 'read' | 'compute' | 'index';

/** The first and only thing that the process is told. */
export interface EngineOrder {
  readonly task: EngineTask;
  readonly tenant: string;
  readonly runId: string;
  readonly storage: StorageConfig;
}

/** What the process says: that it gets on, and in the end what came of it. `transient` is worth another try. */
export type EngineReport =
  | { readonly kind: 'beat' }
  | { readonly kind: 'done'; readonly result: unknown }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly transient: boolean;
    };
