import type { Platform } from '../../support/platform.ts';

/** The platform under test; a function, because a case that restarts it puts another in its place. */
export type Running = () => Platform;
