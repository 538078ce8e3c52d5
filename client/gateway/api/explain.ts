import { z } from 'zod';
import { explain, type Subject } from '../../../domain/identity/explain/explain.ts';
import { explanationDot, explanationMermaid } from '../../../domain/identity/explain/graph.ts';
import { explanationText } from '../../../domain/identity/explain/text.ts';
import type { Explanation } from '../../../domain/identity/explain/types.ts';
import { parseIdentifierKey, type FragmentId } from '../../../domain/identity/identifier.ts';
import type { Moment, ProfileView } from '../../../storage/profiles/types.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import { decidedOf, waterfallsOf } from './explain-evidence.ts';
import { defined, found, NOT_FOUND } from './found.ts';
import { ok, route } from './route.ts';
import type { Answer, ApiRoute } from './route.ts';
import { identifier, instant, moment, personParams } from './schemas.ts';

const FORMATS = {
  text: { type: 'text/plain', write: explanationText },
  dot: { type: 'text/vnd.graphviz', write: explanationDot },
  mermaid: { type: 'text/vnd.mermaid', write: explanationMermaid },
} as const;

const end = z.object({ fragment: z.string(), type: z.string(), identifier: identifier.nullable() });
const link = z.object({
  a: end,
  b: end,
  rule: z.enum(['same-event', 'probabilistic', 'always', 'never']),
  rulesVersion: z.number(),
  firstSeen: instant,
  source: z.string(),
  messageId: z.string(),
  score: z.number().optional(),
  model: z.string().optional(),
  waterfall: z
    .object({
      prior: z.number(),
      steps: z.array(z.object({ comparison: z.string(), level: z.string(), weight: z.number() })),
      total: z.number(),
      probability: z.number(),
    })
    .optional()
    .meta({ description: 'How the comparisons of two records add up, in bits' }),
  decided: z.object({ recordedAt: instant, rulesVersion: z.number(), cause: z.string() }).optional(),
});
const refusal = link.extend({
  refusedBy: z.string(),
  limitedType: z.string(),
  ruling: z.string().optional(),
});
const explanation = z.object({
  profileId: z.string(),
  mintedAt: instant,
  rulesVersion: z.number(),
  isolated: z.string().optional(),
  fragments: z.array(end),
  links: z.array(link),
  refused: z.array(refusal),
  rulings: z.array(
    z.object({
      id: z.string(),
      at: instant,
      rule: z.enum(['always', 'never']),
      a: z.array(end),
      b: z.array(end),
    }),
  ),
  between: z
    .object({
      from: end,
      to: end,
      samePerson: z.boolean(),
      toProfileId: z.string(),
      path: z.array(refusal.partial({ refusedBy: true, limitedType: true })),
    })
    .optional()
    .meta({ description: 'With to: the path of links, or where it breaks off' }),
});

/** Why records are one person, link by link. */
export function explainRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/profiles/{id}/explain',
      tag: 'Profiles',
      summary: 'Why these fragments are one person, link by link, and which links were refused',
      description:
        'to: another profile id or identifier, and between says what connects or parts the two. format: json, or text, dot ' +
        '(Graphviz) or mermaid. asOf: evidence seen up to then; knownAt: the links as they stood then.',
      params: personParams,
      query: z.strictObject({
        to: personParams.shape.id.optional(),
        format: z.enum(['json', 'text', 'dot', 'mermaid']).default('json'),
        asOf: moment.optional(),
        knownAt: moment.optional(),
      }),
      answers: {
        200: {
          description: 'Members, links in force, links refused',
          schema: explanation,
          texts: Object.values(FORMATS).map(({ type }) => type),
        },
        404: NOT_FOUND,
      },
    },
    async ({ params, query: { to, format, ...given } }) =>
      answerIn(format, await explainProfile(store, params.id, to, defined(given))),
  );
}

function answerIn(format: keyof typeof FORMATS | 'json', explained: Explanation): Answer {
  if (format === 'json') return ok(explained);
  const { type, write } = FORMATS[format];
  return {
    status: 200,
    body: write(explained),
    headers: { 'content-type': `${type}; charset=utf-8` },
  };
}

async function explainProfile(
  store: TenantStore,
  id: string,
  to: string | undefined,
  at: Moment,
): Promise<Explanation> {
  const view = found(await store.profiles.read(id, at));
  const other = to === undefined ? undefined : await store.profiles.read(to, at);
  if (to !== undefined && other === undefined)
    throw new ProblemError(404, 'no-such-profile', 'to: nobody has this profile id or identifier here.');
  const { identity } = await store.registry.config();
  return explain({
    subject: await subjectOf(store, view, id),
    ...(other && to !== undefined && { other: await subjectOf(store, other, to) }),
    // Whoever asks about two people names both; anybody else's identifiers stay addresses.
    names: new Map([...namesOf(view, store), ...(other ? namesOf(other, store) : [])]),
    decided: await decidedOf(store, view.head, at.knownAt),
    waterfalls: await waterfallsOf(store, other ? [view.head, other.head] : [view.head]),
    rules: identity,
    ...(at.asOf === undefined ? {} : { asOf: at.asOf }),
  });
}

async function subjectOf(store: TenantStore, { head }: ProfileView, address: string): Promise<Subject> {
  const fragment = await store.profiles.fragment(address);
  return fragment === undefined ? { head } : { head, fragment };
}

function namesOf({ state }: ProfileView, { log }: Pick<TenantStore, 'log'>): Map<FragmentId, string> {
  const names = new Map<FragmentId, string>();
  for (const key of Object.keys(state.identifiers)) {
    const parsed = parseIdentifierKey(key);
    if (parsed !== undefined) names.set(log.address(parsed), key);
  }
  return names;
}
