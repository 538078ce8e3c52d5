import { ApplicationFailure } from '@temporalio/activity';
import { FileProblem } from '../../storage/files/types.ts';

/** A fault of the file or of what was asked: trying again would not help. The sentence holds no value of the file. */
export function importFailure(type: string, sentence: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(sentence, type);
}

/** An error as the import ends with it: a problem with the file for good, others to be tried again. */
export function asImportFailure(error: unknown): unknown {
  if (!(error instanceof FileProblem)) return error;
  return importFailure(error.code === 'file-changed' ? 'FileChanged' : 'FileUnreadable', error.message);
}
