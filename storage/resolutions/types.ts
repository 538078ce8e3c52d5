import type { Evidence } from '../../domain/identity/evidence.ts';
import type { ResolutionOutcome, ResolutionRequest } from '../../domain/identity/resolution.ts';
import type { Page, PageOptions } from '../intake/types.ts';

/** A resolution and, once it has ended, how. */
export interface StoredResolution extends ResolutionRequest {
  readonly outcome?: ResolutionOutcome;
}

/** What people and programs asked to resolve, with who, when and why. Nothing of it is changed or taken away. */
export interface ResolutionStore {
  /** A new id, later than any before it. */
  newId(): string;
  /** Keeps a request, and the evidence of `joins` in the parts it will be applied in. Once is enough. */
  put(request: ResolutionRequest, parts?: readonly (readonly Evidence[])[]): Promise<void>;
  get(id: string): Promise<StoredResolution | undefined>;
  /** One part of the evidence of `joins`, from 0; empty where there is none. */
  part(id: string, part: number): Promise<readonly Evidence[]>;
  /** Keeps how it ended; the first to say so stands. */
  end(id: string, outcome: ResolutionOutcome): Promise<void>;
  /** Ids of those that have not ended, oldest first, up to so many after `after`. */
  open(options: { readonly limit: number; readonly after?: string }): Promise<string[]>;
  /** Newest first. Throws `InvalidCursor`. */
  list(page?: PageOptions): Promise<Page<StoredResolution>>;
}
