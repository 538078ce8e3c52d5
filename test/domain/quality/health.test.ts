import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { assessHealth, type HourSeen } from '../../../domain/quality/health.ts';
import {
  THRESHOLD_NAMES,
  thresholdProblem,
  thresholdsWith,
  type HealthThresholds,
} from '../../../domain/quality/thresholds.ts';

const NOW = '2026-11-20T12:30:00.000Z';

/** So many items in each hour of the days before now, and in the last complete hour. */
function hours(each: number, lastHour: number, days = 10, more: Partial<HourSeen> = {}): HourSeen[] {
  const end = Date.parse(NOW) - 3_600_000;
  return Array.from({ length: days * 24 }, (_, ago) => {
    const hour = new Date(end - ago * 3_600_000).toISOString().slice(0, 13);
    const items = ago === 0 ? lastHour : each;
    return { hour, items, duplicates: 0, quarantined: 0, lastReceivedAt: `${hour}:59:00.000Z`, ...more };
  });
}

const codes = (seen: readonly HourSeen[], own: Partial<HealthThresholds> = {}): string[] =>
  assessHealth({ hours: seen, fields: [], violations: 0 }, NOW, thresholdsWith(own)).findings.map(
    ({ code }) => code,
  );

describe('the health of a source', () => {
  it('is fine where all is as usual, and unused where nothing ever came', () => {
    const health = assessHealth({ hours: hours(100, 110), fields: [], violations: 0 }, NOW);
    assert.deepEqual([health.status, health.findings], ['ok', []]);
    assert.deepEqual(health.volume, { lastHour: 110, usual: 100 });
    assert.equal(health.secondsSinceLast, 31 * 60);
    assert.equal(health.itemsPerMinute, 110 / 60);
    assert.equal(assessHealth({ hours: [], fields: [], violations: 0 }, NOW).status, 'unused');
  });

  it('tells of volumes out of the ordinary, once there are days to compare with', () => {
    assert.deepEqual(codes(hours(100, 500)), ['volume-high']);
    assert.deepEqual(codes(hours(100, 5)), ['volume-low']);
    assert.deepEqual(codes(hours(100, 500, 3)), []);
    assert.deepEqual(codes(hours(3, 15)), [], 'few items vary by chance');
  });

  it('tells of silence', () => {
    const stopped = hours(1, 1).filter(({ hour }) => hour < '2026-11-19T10');
    assert.deepEqual(codes(stopped), ['silent']);
  });

  it('tells of what is held, came twice, or was sent by a clock that is off', () => {
    assert.deepEqual(codes(hours(100, 100, 10, { quarantined: 10 })), ['quarantine-share']);
    assert.deepEqual(codes(hours(100, 100, 10, { duplicates: 30 })), ['duplicate-share']);
    const clock = { items: 10, sumMs: -10 * 3_600_000, maxMs: 3_600_000 };
    const off = assessHealth({ hours: hours(100, 100, 10, { clock }), fields: [], violations: 2 }, NOW);
    assert.deepEqual(
      off.findings.map(({ code }) => code),
      ['clock-skew', 'plan-violations'],
    );
    assert.deepEqual(off.clock, { meanSeconds: -3_600, maxSeconds: 3_600 });
  });

  it('goes by the thresholds of the source', () => {
    const busy = hours(100, 500, 10, { quarantined: 10, duplicates: 30 });
    assert.deepEqual(codes(busy), ['volume-high', 'quarantine-share', 'duplicate-share']);
    const calm = { volumeFactor: 6, quarantinedShare: 0.5, duplicateShare: 0.5 };
    assert.deepEqual(codes(busy, calm), []);
    assert.deepEqual(codes(busy, { itemsMin: 1_000_000 }), []);
    const stopped = hours(1, 1).filter(({ hour }) => hour < '2026-11-19T10');
    assert.deepEqual(codes(stopped, { silentHours: 48 }), []);
    assert.deepEqual(codes(hours(1, 1), { silentHours: 0.4 }), ['silent']);
    const clock = { items: 10, sumMs: 10 * 60_000, maxMs: 60_000 };
    assert.deepEqual(codes(hours(1, 1, 10, { clock }), { clockSkewSeconds: 30 }), ['clock-skew']);
  });

  it('has a default within its range for every threshold, and a sentence for what is not', () => {
    const standard = thresholdsWith();
    for (const name of THRESHOLD_NAMES) {
      assert.equal(thresholdProblem(name, standard[name]), undefined, name);
      for (const wrong of [-1, NaN, Infinity]) assert.match(thresholdProblem(name, wrong) ?? '', /^must be/);
    }
    assert.match(thresholdProblem('itemsMin', 1.5) ?? '', /whole number/);
  });

  it('tells of fields that are new and that vanished', () => {
    const field = { event: 'E', path: 'properties.a', at: NOW };
    const { status, findings } = assessHealth(
      {
        hours: hours(1, 1),
        fields: [
          { ...field, change: 'new' },
          { ...field, change: 'vanished' },
        ],
        violations: 0,
      },
      NOW,
    );
    assert.equal(status, 'warning');
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['field-new', 'field-vanished'],
    );
  });
});
