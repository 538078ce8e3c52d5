import assert from 'node:assert/strict';
import type { Schedule } from '../../domain/schedules/types.ts';
import type { RemovedSchedule } from '../../storage/schedules/types.ts';
import { HOURLY } from '../support/schedules.ts';
import { ScheduleKeeper, type ScheduleCalls } from '../../workers/schedules.ts';

const log = { info: (): void => undefined, warn: (): void => undefined };
const gone: RemovedSchedule = { source: 'crm', name: 'gone', version: 2, removed: true };

/** Temporal with the schedules it was told of. */
class Told implements ScheduleCalls {
  readonly versions = new Map<string, number>();
  readonly removals: string[] = [];
  isAway = false;
  apply({ name, version }: Schedule): Promise<'created' | 'unchanged'> {
    if (this.isAway) return Promise.reject(new Error('no answer'));
    const outcome = this.versions.get(name) === version ? 'unchanged' : 'created';
    this.versions.set(name, version);
    return Promise.resolve(outcome);
  }
  remove({ name }: { readonly name: string }): Promise<void> {
    this.removals.push(name);
    return Promise.resolve();
  }
}

describe('schedules of the store', () => {
  const store = { all: () => Promise.resolve([HOURLY, gone]) };

  it('are told to a Temporal that has lost them, and removed once from it', async () => {
    const told = new Told();
    const keeper = new ScheduleKeeper(store, told, log);
    await keeper.look();
    told.versions.clear();
    await keeper.look();
    assert.deepEqual([...told.versions], [['hourly', 1]]);
    assert.deepEqual(told.removals, ['gone']);
  });

  it('are told at the next look where Temporal did not answer', async () => {
    const told = new Told();
    told.isAway = true;
    const keeper = new ScheduleKeeper(store, told, log);
    await assert.rejects(keeper.look(), /no answer/);
    told.isAway = false;
    await keeper.look();
    assert.equal(told.versions.get('hourly'), 1);
  });
});
