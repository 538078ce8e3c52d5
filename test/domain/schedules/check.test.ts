import assert from 'node:assert/strict';
import fc from 'fast-check';
import { scheduleFault } from '../../../domain/schedules/check.ts';
import { cronFault } from '../../../domain/schedules/cron.ts';
import type { ScheduleSettings, ScheduleTiming } from '../../../domain/schedules/types.ts';

function settings(timing: Partial<ScheduleTiming>, catchupWindow = 'PT1H'): ScheduleSettings {
  return {
    action: { kind: 'sync' },
    timing: { timeZone: 'UTC', ...timing },
    ...{ overlap: 'skip', catchupWindow, paused: false },
  };
}

describe('settings of a schedule', () => {
  it('are an interval or cron expressions, in a time zone', () => {
    for (const good of [
      settings({ every: 'PT1H' }),
      settings({ every: 'PT1H', offset: 'PT15M', jitter: 'PT30S' }),
      settings({ cron: ['0 6 * * mon-fri', '@daily'], timeZone: 'Europe/Berlin' }),
    ])
      assert.equal(scheduleFault(good), undefined);
  });

  it('name the setting that can not be so', () => {
    const faults: [string, ScheduleSettings][] = [
      ['every', settings({})],
      ['every', settings({ every: 'PT1H', cron: ['@daily'] })],
      ['every', settings({ every: 'hourly' })],
      ['every', settings({ every: 'PT59S' })],
      ['offset', settings({ every: 'PT1H', offset: 'PT1H' })],
      ['offset', settings({ cron: ['@daily'], offset: 'PT1M' })],
      ['jitter', settings({ every: 'PT1H', jitter: '5 min' })],
      ['timeZone', settings({ cron: ['@daily'], timeZone: 'Mars/Olympus' })],
      ['cron', settings({ cron: [] })],
      ['cron', settings({ cron: ['every day'] })],
      ['catchupWindow', settings({ every: 'PT1H' }, 'PT1S')],
    ];
    for (const [field, wrong] of faults) assert.equal(scheduleFault(wrong)?.field, field);
  });
});

describe('a cron expression', () => {
  it('has five fields of values, ranges, lists and steps', () => {
    for (const good of ['* * * * *', '*/15 0-6 1,15 jan-mar SUN', '5/10 * * * 7', '0 0 31 12 0', '@hourly'])
      assert.equal(cronFault(good), undefined, good);
    for (const wrong of [
      ...['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8'],
      ...['5-1 * * * *', '*/0 * * * *', '1,, * * * *', '1-2-3 * * * *', '- * * * *', '@every 1h', '@never'],
    ])
      assert.notEqual(cronFault(wrong), undefined, wrong);
  });

  it('takes every time of day, and answers for any text', () => {
    fc.assert(
      fc.property(fc.nat(59), fc.nat(23), (minute, hour) => {
        assert.equal(cronFault(`${minute} ${hour} * * *`), undefined);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.notEqual(cronFault(`${text} * *`) ?? 'fine', '');
      }),
    );
  });
});
