import type { JsonObject, JsonValue } from '../json.ts';
import { ownValue } from '../record.ts';
import type { ConsentChoice } from './event.ts';
import { PURPOSE_MAX_LENGTH } from './limits.ts';

/**
 * The choices in `context.consent.categoryPreferences`, `{purpose: boolean}`, as the Segment spec has them.
 * A purpose that is neither true nor false says nothing.
 */
export function consentChoices(context: JsonObject): readonly ConsentChoice[] | undefined {
  const preferences = objectAt(objectAt(context, 'consent'), 'categoryPreferences');
  if (preferences === undefined) return undefined;
  const choices: ConsentChoice[] = [];
  for (const [purpose, granted] of Object.entries(preferences)) {
    if (typeof granted !== 'boolean' || purpose === '' || purpose.length > PURPOSE_MAX_LENGTH) continue;
    choices.push({ purpose, status: granted ? 'granted' : 'denied' });
  }
  return choices.length === 0 ? undefined : choices;
}

function objectAt(parent: JsonObject | undefined, key: string): JsonObject | undefined {
  return parent === undefined ? undefined : asObject(ownValue(parent, key));
}

/** The value if it is an object, and not a list or null. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}
