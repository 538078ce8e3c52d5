import { z } from 'zod';
import { instant } from './schemas.ts';

/** A run's id, as it was answered. */
export const runId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** A type of identifier, as a word. */
export const identifierType = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'must be a type of identifier, such as crmId');

export const probability = z.number().min(0).max(1);

/** What a record says of a person. */
export const person = z.looseObject({
  given: z.string().optional(),
  surname: z.string().optional(),
  birthDate: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
});

/** How a score came about, bar by bar, in bits: log2 of the odds. */
export const waterfall = z.object({
  prior: z.number(),
  steps: z.array(z.object({ comparison: z.string(), level: z.string(), weight: z.number() })),
  total: z.number(),
  probability,
});

/** How far a run is. */
export const linkProgress = z.looseObject({
  runId: z.string(),
  sources: z.array(z.string()),
  dryRun: z.boolean(),
  stage: z.enum(['listing', 'reading', 'computing', 'linking', 'reviewing', 'indexing', 'done', 'failed']),
  fragments: z.number(),
  records: z.number(),
  pairs: z.number(),
  clusters: z.number(),
  links: z.number(),
  linked: z.number(),
  reviews: z.number(),
  model: z.string().optional(),
  problem: z.object({ code: z.string(), detail: z.string() }).optional(),
});

const shares = z.record(z.string(), z.number());

/** What came of a run. */
export const linkReport = z.looseObject({
  records: z.number(),
  pairs: z.number(),
  blocking: z
    .array(
      z.object({
        rule: z.string(),
        records: z.number(),
        pairs: z.number(),
        refusedKeys: z.number(),
        refusedPairs: z.number(),
      }),
    )
    .meta({
      description: 'Candidate pairs by rule; what a key shared by too many would have made is refused',
    }),
  precision: probability.meta({ description: 'Estimated by the model, over the pairs that were scored' }),
  recall: probability,
  clusterSizes: shares.meta({ description: 'How many clusters there are of each size' }),
  prior: z.object({ same: z.number(), household: z.number() }),
  comparisons: z
    .array(
      z.object({
        name: z.string(),
        levels: z.array(
          z.object({
            level: z.string(),
            same: z.number(),
            household: z.number(),
            unrelated: z.number(),
          }),
        ),
      }),
    )
    .meta({
      description: 'The m/u chart: probability of each level among pairs of one person, household, strangers',
    }),
  iterations: z.number(),
  converged: z.boolean(),
});

/** A run as it was asked for, and what came of it. */
export const linkRun = linkProgress.extend({
  recordType: z.string(),
  mode: z.enum(['full', 'incremental']),
  thresholdLink: probability,
  thresholdReview: probability,
  requestedAt: instant,
  finishedAt: instant.optional(),
  report: linkReport.optional(),
});

/** One pair for review; addresses of fragments name nobody. */
export const review = z.object({
  id: z.string(),
  state: z.enum(['open', 'accepted', 'rejected']),
  probability,
  weight: z.number(),
  model: z.string(),
  runId: z.string(),
  createdAt: instant,
  comparedAt: instant,
  a: z.object({ fragment: z.string(), type: z.string() }),
  b: z.object({ fragment: z.string(), type: z.string() }),
  decisions: z.array(
    z.object({ state: z.enum(['accepted', 'rejected']), by: z.string(), reason: z.string(), at: instant }),
  ),
});
