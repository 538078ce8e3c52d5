import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { JsonObject } from '../../../domain/json.ts';
import { compilePlan } from '../../../domain/tracking/compile.ts';
import { convertSegmentPlan } from '../../../domain/tracking/segment-plan.ts';
import { eventOf, planOf } from './events.ts';

const DRAFT = 'http://json-schema.org/draft-07/schema#';
const message = (of: JsonObject, required: string[] = []): JsonObject => ({
  $schema: DRAFT,
  type: 'object',
  labels: {},
  properties: { context: {}, traits: {}, properties: { type: 'object', properties: of, required } },
});

/** As the Public API lists the rules of a plan. */
const PUBLIC = {
  data: {
    rules: [
      { type: 'TRACK', key: 'Order Completed', version: 1, jsonSchema: message({}) },
      {
        type: 'TRACK',
        key: 'Order Completed',
        version: 2,
        jsonSchema: message({ revenue: { type: ['number'] } }, ['revenue']),
      },
      { type: 'PAGE', key: 'Home', version: 1, jsonSchema: message({ path: { type: 'string' } }, ['path']) },
      {
        type: 'IDENTIFY',
        version: 1,
        jsonSchema: { type: 'object', properties: { traits: { required: ['email'] } } },
      },
      { type: 'COMMON', version: 1, jsonSchema: { type: 'object', required: ['context'] } },
      { type: 'TRACK', version: 1, jsonSchema: {} },
    ],
    pagination: { current: 'MA==' },
  },
};

/** As the Config API had plans. */
const CONFIG = {
  name: 'workspaces/w/tracking-plans/rs_1',
  display_name: 'Shop',
  rules: {
    global: {},
    identify: { properties: { traits: { type: 'object', required: ['email'] } } },
    group: {},
    events: [
      {
        name: 'Order Completed',
        description: 'An order',
        version: 1,
        rules: message({ revenue: { type: 'number' } }, ['revenue']),
      },
    ],
  },
};

describe('a Segment tracking plan', () => {
  it('is read as the Public API exports it, the newest version of each event', () => {
    const converted = convertSegmentPlan(PUBLIC);
    assert.deepEqual(
      converted?.rules.map(({ event, page }) => [event, page]),
      [
        ['Order Completed', undefined],
        ['Page Viewed', 'Home'],
        ['Identify', undefined],
      ],
    );
    assert.equal(converted.notes.length, 2);
    const plan = compilePlan(planOf({}, { ...converted, description: '' }));
    const context = { ip: '10.0.0.1' };
    assert.equal(plan.judge(eventOf({ properties: { revenue: 1 }, context })), undefined);
    const broken = plan.judge(eventOf({ type: 'identify', event: 'Identify' }));
    assert.deepEqual(
      broken?.violations.map(({ path }) => path),
      ['traits.email', 'context'],
    );
  });

  it('is read as the Config API had it', () => {
    const converted = convertSegmentPlan(CONFIG);
    assert.equal(converted?.description, 'Shop');
    assert.deepEqual(
      converted.rules.map(({ event, description }) => [event, description]),
      [
        ['Order Completed', 'An order'],
        ['Identify', undefined],
      ],
    );
    assert.equal(converted.common, undefined);
  });

  it('is not taken for one where it is something else', () => {
    for (const given of [null, 'plan', 7, {}, { rules: 'none' }])
      assert.equal(convertSegmentPlan(given), undefined);
    assert.deepEqual(convertSegmentPlan({ rules: [7, { type: 'X', jsonSchema: {} }] })?.rules, []);
  });
});
