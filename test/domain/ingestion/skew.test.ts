import assert from 'node:assert/strict';
import fc from 'fast-check';
import { correctTime } from '../../../domain/ingestion/skew.ts';
import { formatTime, parseDate, parseTime } from '../../../domain/ingestion/time.ts';

const receivedAt = '2026-11-23T12:00:00.000Z';

describe('the correction of clocks', () => {
  it('puts an event as long before its receipt as it was before its sending', () => {
    assert.deepEqual(
      correctTime({ original: '2025-11-23T12:00:00.000Z', sentAt: '2025-11-23T12:00:10.000Z', receivedAt }),
      {
        timestamp: '2026-11-23T11:59:50.000Z',
        originalTimestamp: '2025-11-23T12:00:00.000Z',
      },
    );
  });

  it('sets right a clock that is a year ahead', () => {
    const corrected = correctTime({
      original: '2027-11-23T12:00:00Z',
      sentAt: '2027-11-23T12:00:01Z',
      receivedAt,
    });
    assert.equal(corrected?.timestamp, '2026-11-23T11:59:59.000Z');
  });

  it('takes the sender at its word where it does not say when it sent', () => {
    assert.deepEqual(correctTime({ original: '2020-01-01T00:00:00.000Z', receivedAt }), {
      timestamp: '2020-01-01T00:00:00.000Z',
    });
    assert.equal(
      correctTime({ original: '2020-01-01', sentAt: 'nonsense', receivedAt })?.timestamp,
      '2020-01-01T00:00:00.000Z',
    );
  });

  it('takes the time of receipt where there is no other', () => {
    assert.deepEqual(correctTime({ sentAt: '2020-01-01', receivedAt }), { timestamp: receivedAt });
  });

  it('never answers a time after the receipt, and remembers what the sender said', () => {
    assert.deepEqual(correctTime({ original: '2030-01-01T00:00:00.000Z', receivedAt }), {
      timestamp: receivedAt,
      originalTimestamp: '2030-01-01T00:00:00.000Z',
    });
    assert.equal(
      correctTime({ original: '2026-01-02', sentAt: '2026-01-01', receivedAt })?.timestamp,
      receivedAt,
    );
  });

  it('refuses a time that is none', () => {
    assert.equal(correctTime({ original: 'soon', receivedAt }), undefined);
  });

  it('answers a time of the fixed form, whatever the clocks say', () => {
    const time = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, time, (original, sentAt) => {
        const corrected = correctTime({
          original: original.toISOString(),
          sentAt: sentAt.toISOString(),
          receivedAt,
        });
        assert.match(corrected?.timestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.ok((corrected?.timestamp ?? 'z') <= receivedAt);
      }),
    );
  });
});

describe('reading a time', () => {
  for (const [given, expected] of [
    ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00.5+02:00', '2026-01-31T10:00:00.500Z'],
    ['2026-01-31T12:00:00-0530', '2026-01-31T17:30:00.000Z'],
    ['2026-01-31 12:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    [1769860800, '2026-01-31T12:00:00.000Z'],
    [1769860800000, '2026-01-31T12:00:00.000Z'],
    [1769860800.25, '2026-01-31T12:00:00.250Z'],
    ['1769860800', '2026-01-31T12:00:00.000Z'],
    ['1769860800123', '2026-01-31T12:00:00.123Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-02-29', undefined],
    ['2026-02-30T00:00:00.000Z', undefined],
    ['2026-13-01', undefined],
    ['2026-01-31T25:00:00Z', undefined],
    ['31.01.2026', undefined],
    ['12', undefined],
    ['', undefined],
    [Infinity, undefined],
    [1e300, undefined],
    [true, undefined],
    [null, undefined],
  ] as const) {
    it(`reads ${JSON.stringify(given)} as ${expected ?? 'no time'}`, () => {
      const time = parseTime(given);
      assert.equal(time === undefined ? undefined : formatTime(time), expected);
    });
  }

  it('reads a date in either form', () => {
    assert.equal(parseDate('19970101'), '1997-01-01');
    assert.equal(parseDate('1997-01-01'), '1997-01-01');
    assert.equal(parseDate('19970231'), undefined);
  });

  it('reads a date as it reads the midnight that the date begins with', () => {
    const digits = (max: number, width: number) =>
      fc.integer({ min: 0, max }).map((number) => String(number).padStart(width, '0'));
    const dates = fc.tuple(digits(9_999, 4), digits(13, 2), digits(32, 2)).map((parts) => parts.join('-'));
    fc.assert(
      fc.property(dates, (date) => {
        const midnight = parseTime(`${date}T00:00:00Z`);
        assert.equal(parseTime(date), midnight);
        assert.equal(parseDate(date), midnight === undefined ? undefined : date);
      }),
    );
  });
});
