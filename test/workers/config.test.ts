import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'mocha';
import { workerConfig } from '../../workers/config.ts';

describe('configuration of the worker', () => {
  it('has two pump threads, or one on one core, or as many as it is told', () => {
    assert.equal(workerConfig({}).pumpThreads, Math.min(2, availableParallelism()));
    assert.equal(workerConfig({ TESSERA_PUMP_THREADS: '5' }).pumpThreads, 5);
  });

  it('names the variable that is wrong', () => {
    for (const value of ['0', '65', 'two', '1.5'])
      assert.throws(() => workerConfig({ TESSERA_PUMP_THREADS: value }), /TESSERA_PUMP_THREADS/);
    assert.throws(() => workerConfig({ TESSERA_WORKER_METRICS_PORT: 'x' }), /TESSERA_WORKER_METRICS_PORT/);
  });
});
