import { ApplicationFailure } from '@temporalio/activity';
import type { FolderActivities } from '../../activities/import-folder/index.ts';
import type { ImportActivities } from '../../activities/import/index.ts';
import type { FinishInput } from '../../activities/import/types.ts';
import type { FolderProgress } from '../../domain/ingestion/folders.ts';

/** Imports of files that are not there, as a test wants them: of a folder, or each by itself. */
export class FakeImports {
  /** The imports of the folder's files. */
  files: readonly string[] = [];
  /** Calls, such as `read i1`, that last until `release`. */
  readonly slow = new Set<string>();
  /** Imports whose file can't be read on. */
  readonly failing = new Set<string>();
  readonly calls: string[] = [];
  readonly finished: FinishInput[] = [];
  readonly finishedFolders: FolderProgress[] = [];
  release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  async #note(call: string, importId: string): Promise<void> {
    const named = `${call} ${importId}`;
    this.calls.push(named);
    if (this.slow.has(named)) await this.#released;
  }

  /** As the worker registers them. */
  get activities(): ImportActivities & FolderActivities {
    const start = { byte: 10, row: 0, chunk: 0, done: false };
    return {
      prepareImport: () =>
        Promise.resolve({
          ...{ digest: 'digest', bytesTotal: 100, modifiedMs: 0, format: 'csv', encoding: 'utf8' },
          ...{ delimiter: ',', lanes: 1, spreadBy: [], mapping: 'cdnow-receipts@1', dryRun: false },
          ...{ requestedAt: '2026-01-01T00:00:00.000Z', start },
        }),
      readSlice: async ({ importId }) => {
        if (this.failing.has(importId))
          throw ApplicationFailure.nonRetryable('the file changed', 'FileChanged', start);
        await this.#note('read', importId);
        return { byte: 100, row: 9, chunk: 1, done: true };
      },
      drainSlice: async ({ importId }) => {
        await this.#note('drain', importId);
        return { done: true, counts: { stored: 9, duplicates: 0, quarantined: 0 } };
      },
      finishImport: (input) => {
        this.finished.push(input);
        return Promise.resolve();
      },
      listFolder: () => Promise.resolve({ files: this.files.length, pages: 1 }),
      planFolderPage: () => Promise.resolve([...this.files]),
      finishFolderPage: ({ progress }) => Promise.resolve(progress),
      finishFolder: ({ progress }) => {
        this.finishedFolders.push(progress);
        return Promise.resolve();
      },
    };
  }
}
