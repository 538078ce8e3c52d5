const NAMED = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of its values, the first of which is `min`. */
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'weekday', min: 0, max: 7, names: WEEKDAYS },
];

function valueOf(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named !== -1) return named + field.min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= field.min && value <= field.max ? value : undefined;
}

function isPart(part: string, field: Field): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false;
  if (range === '*') return true;
  const [from, to, ...rest] = range.split('-').map((text) => valueOf(text, field));
  if (from === undefined || rest.length > 0) return false;
  return range.includes('-') ? to !== undefined && from <= to : true;
}

/**
 * What is wrong with a cron expression of five fields (minute, hour, day of month, month, weekday; lists, ranges, steps and
 * English names) or a name such as `@hourly`; undefined where nothing is.
 */
export function cronFault(expression: string): string | undefined {
  const text = expression.trim();
  if (text.startsWith('@')) {
    return NAMED.includes(text) ? undefined : `of the names there are ${NAMED.join(', ')}`;
  }
  const parts = text.split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return 'must have five fields: minute, hour, day of month, month, weekday';
  }
  const wrong = FIELDS.find(
    (field, at) => !(parts[at] ?? '').split(',').every((part) => isPart(part, field)),
  );
  return wrong === undefined
    ? undefined
    : `${wrong.name} must be *, values from ${wrong.min} to ${wrong.max}, ranges or steps of them`;
}
