import { ApplicationFailure } from '@temporalio/activity';

/** A fault of the file or of what was asked: trying again would not help. The sentence holds no value of the file. */
export function importFailure(type: string, sentence: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(sentence, type);
}
