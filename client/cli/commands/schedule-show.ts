import { listOf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';
import { cell } from '../text.ts';

/** Policies for runs that are due while another goes on. */
export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow-all'];

/** The path of a schedule that is named `source/name`. Throws `Misuse`. */
export function schedulePath(ref: string, verb?: string): string {
  const [source = '', name = '', ...more] = ref.split('/');
  if (source === '' || name === '' || more.length > 0) {
    throw new Misuse('Name a schedule as source/name, such as crm/hourly.');
  }
  const path = ['/v1/schedules', encodeURIComponent(source), encodeURIComponent(name)];
  return [...path, ...(verb === undefined ? [] : [verb])].join('/');
}

/** When it runs, in words. */
export function timingText(schedule: Record<string, unknown>): string {
  const { every, offset, cron, timeZone } = schedule;
  if (Array.isArray(cron)) return `${cron.map(cell).join('; ')} ${cell(timeZone)}`;
  return offset === undefined ? `every ${cell(every)}` : `every ${cell(every)}, ${cell(offset)} later`;
}

/** Whether it runs, waits or is paused. */
export function stateText(schedule: Record<string, unknown>): string {
  if (schedule['live'] === null) return 'Temporal does not answer';
  const live = objectOf(schedule['live']);
  if (listOf(live['running']).length > 0) return 'running';
  return live['paused'] === true ? 'paused' : 'waiting';
}

/** One schedule, for people. */
function showSchedule(context: Context, schedule: Record<string, unknown>): void {
  const live = objectOf(schedule['live']);
  const next = Array.isArray(live['nextRuns']) ? live['nextRuns'].slice(0, 3) : [];
  context.terminal.facts([
    ['schedule', `${cell(schedule['source'])}/${cell(schedule['name'])}`],
    ['does', objectOf(schedule['action'])['kind']],
    ['when', timingText(schedule)],
    ...(schedule['jitter'] === undefined ? [] : ([['jitter', schedule['jitter']]] as const)),
    ['overlap', schedule['overlap']],
    ['catch-up within', schedule['catchupWindow']],
    ['state', stateText(schedule)],
    ...(schedule['note'] === undefined ? [] : ([['note', schedule['note']]] as const)),
    ['next', next],
    ['running', live['running']],
    ['runs', live['runs']],
    ['skipped', live['skipped']],
    ['missed', live['missed']],
    ['in Temporal', schedule['scheduleId']],
  ]);
  const recent = listOf(live['recentRuns']);
  if (recent.length > 0) {
    context.terminal.table(
      ['due', 'started', 'workflow'],
      recent.map((run) => [run['dueAt'], run['startedAt'], run['workflowId']]),
      '',
    );
  }
}

/** Shows one schedule as JSON or for people. */
export function answerSchedule(
  context: Context,
  json: boolean | undefined,
  answer: Record<string, unknown>,
): void {
  if (json === true) context.terminal.json(answer);
  else showSchedule(context, answer);
}
