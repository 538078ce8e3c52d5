import assert from 'node:assert/strict';
import type { StoredResolution } from '../../storage/resolutions/types.ts';
import { resumeResolutions } from '../../workers/resume.ts';

const NOW = Date.parse('2026-03-31T00:00:00Z');
const log = { info: (): void => undefined };

function decision(id: string, day: string, ended = false): StoredResolution {
  const task = { kind: 'joins', parts: 1 } as const;
  const outcome = { status: 'done', endedAt: day, profiles: [], minted: 0, mergedAway: 0 } as const;
  const request = { id, task, reason: 'r', actor: 'a', requestedAt: `${day}T00:00:00.000Z` };
  return ended ? { ...request, outcome } : request;
}

/** Newest first, two a page. */
function store(all: readonly StoredResolution[]): Parameters<typeof resumeResolutions>[0]['resolutions'] {
  return {
    list: ({ cursor } = {}) => {
      const from = Number(cursor ?? 0);
      const next = from + 2;
      return Promise.resolve({
        items: all.slice(from, next),
        cursor: next < all.length ? String(next) : null,
      });
    },
  };
}

describe('decisions that were kept and never carried out', () => {
  it('are started oldest first, those that ended or are long past left alone', async () => {
    const started: string[] = [];
    const resolutions = store([
      decision('e', '2026-03-30'),
      decision('d', '2026-03-29', true),
      decision('c', '2026-03-28'),
      decision('b', '2026-03-02'),
      decision('a', '2026-02-01'),
    ]);
    const start = (id: string): Promise<void> => {
      started.push(id);
      return Promise.resolve();
    };
    assert.equal(await resumeResolutions({ resolutions, start, log, now: () => NOW }), 3);
    assert.deepEqual(started, ['b', 'c', 'e']);
  });

  it('wait for a Temporal that does not answer', async () => {
    const start = (): Promise<void> => Promise.reject(new Error('no answer'));
    const resolutions = store([decision('a', '2026-03-30')]);
    await assert.rejects(resumeResolutions({ resolutions, start, log, now: () => NOW }), /no answer/);
  });
});
