import type { Answer, Api } from './api.ts';
import { ApiFailure } from './failure.ts';

const POLL_MS = 250;
/** A platform that restarts is waited for this long. */
const PATIENCE_MS = 120_000;

/** Reads once, over and over while the platform is away for a moment. */
export async function patientGet(api: Api, path: string): Promise<Answer> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await api.get(path);
    } catch (error) {
      if (!(error instanceof ApiFailure) || !error.isPassing || Date.now() > end) throw error;
      await new Promise((again) => setTimeout(again, POLL_MS));
    }
  }
}

/** Asks for a run's progress until it is over; `onProgress` is shown each answer. */
export async function untilOver(
  api: Api,
  path: string,
  isOver: (progress: Answer) => boolean,
  onProgress: (progress: Answer) => void = () => undefined,
): Promise<Answer> {
  for (;;) {
    const progress = await patientGet(api, path);
    onProgress(progress);
    if (isOver(progress)) return progress;
    await new Promise((again) => setTimeout(again, POLL_MS));
  }
}

/** The path of a run's status URL, as the platform answered it. */
export function statusPathOf(started: Answer): string | undefined {
  const { statusUrl } = started;
  return typeof statusUrl === 'string' ? new URL(statusUrl, 'http://platform').pathname : undefined;
}
