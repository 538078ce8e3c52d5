import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { registerDecisionRecord } from './decisions.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerHolds } from './holds.ts';
import { registerLink } from './link.ts';
import { registerMatch } from './match.ts';
import { registerReviews } from './reviews.ts';
import { registerRules } from './rules.ts';
import { registerRuns } from './runs.ts';
import { registerSimulations } from './simulations.ts';

/** `tessera identity ...`: who is who, by rules, by likeness, and by people's decisions. */
export function registerIdentity(program: Command, context: Context): void {
  const noun = program
    .command('identity')
    .description('who is who: link records, review pairs, match, score');
  for (const register of [
    registerRules,
    registerSimulations,
    registerLink,
    registerRuns,
    registerReviews,
    registerDecisionRecord,
    registerHolds,
    registerMatch,
    registerEvaluate,
  ])
    register(noun, context);
}
