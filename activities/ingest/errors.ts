import { CancelledFailure } from '@temporalio/activity';
import { ConditionFailed, isTransient } from '../../storage/errors.ts';

/** Thrown out of a wait for the store when the pump's time is over or it is asked to stop; nothing is lost. */
export class Interrupted extends Error {
  constructor() {
    super('the pump was asked to stop while it waited for the store');
    this.name = 'Interrupted';
  }
}

/** True for what waiting can mend: a store that is down or full, and writers that got in each other's way. */
export function canWait(error: unknown): boolean {
  return isTransient(error) || error instanceof ConditionFailed;
}

/** True for errors that say something about the items themselves: they come back however often they are tried. */
export function isDeterministic(error: unknown): boolean {
  return !canWait(error) && !(error instanceof Interrupted) && !(error instanceof CancelledFailure);
}
