import { z } from 'zod';
import { HOLD_KINDS } from '../../../domain/identity/holds.ts';
import type { Hold } from '../../../domain/identity/holds.ts';
import type { GraphNode } from '../../../domain/identity/evidence.ts';
import { findHold, pageOfHolds } from '../../../storage/identity/holds.ts';
import type { PlacedHold } from '../../../storage/identity/holds.ts';
import { valuesOf } from '../../../storage/profiles/fragment-values.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';
import type { Runs } from '../runs.ts';
import { carryOut, DECISION_ANSWERS, decisionQuery, why } from './carry-out.ts';
import { nodeOf, refusal } from './decided-nodes.ts';
import { defined } from './found.ts';
import { ok, route } from './route.ts';
import type { ApiRoute } from './route.ts';
import { instant, pageOf, pageQuery, personParams } from './schemas.ts';

const TAG = 'Identity';
const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64})?$/) });
const NOT_FOUND = { description: 'There is no such hold, or it is decided' };

const shown = z.object({
  holdId: z.string(),
  kind: z.enum(HOLD_KINDS),
  profileId: z.string().meta({ description: 'Where it was found' }),
  identifiers: z
    .array(z.object({ fragment: z.string(), type: z.string(), identifier: z.string().nullable() }))
    .meta({ description: 'Both ends of a held piece, or the identifier that stands by itself' }),
  evidence: z
    .object({ rule: z.string(), source: z.string(), messageId: z.string(), firstSeen: instant })
    .nullable()
    .meta({ description: 'Of held and suggested: what would join them' }),
  seenWith: z
    .number()
    .nullable()
    .meta({ description: 'Of the others: how many of those it was seen with are remembered' }),
});

/** What the rules hold back until a person has looked at it: listed, shown, released or dismissed. */
export function holdRoutes(store: TenantStore, runs: Runs): ApiRoute[] {
  return [listRoute(store), showRoute(store), releaseRoute(store, runs), dismissRoute(store, runs)];
}

function listRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/holds',
      tag: TAG,
      summary: 'What the rules hold back: joins beyond the alarm or only suggested, shared devices, junk',
      description: 'Read off the profiles: a page may hold less than its limit and still have a next one.',
      query: z.strictObject({ kind: z.enum(HOLD_KINDS).optional(), ...pageQuery }),
      answers: { 200: { description: 'A page of holds', schema: pageOf(shown) } },
    },
    async ({ query }) => {
      const { identity } = await store.registry.config();
      const { items, cursor } = await pageOfHolds(store.directory, identity, defined(query));
      return ok({ items: await present(store, items), cursor });
    },
  );
}

function showRoute(store: TenantStore): ApiRoute {
  return route(
    {
      method: 'GET',
      path: '/v1/identity/holds/{id}',
      tag: TAG,
      summary: 'One hold',
      params,
      answers: { 200: { description: 'The hold', schema: shown }, 404: NOT_FOUND },
    },
    async (input) => {
      const [item] = await present(store, [await heldOr404(store, input.params.id)]);
      return ok(item);
    },
  );
}

function releaseRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/identity/holds/{id}/release',
      tag: TAG,
      summary: 'These are one person all the same: linked for good, whatever the rules say',
      description:
        'Both ends of a held piece are linked. An identifier that stands by itself is given to the person whom `to` names.',
      params,
      query: decisionQuery,
      body: z.strictObject({
        to: personParams.shape.id
          .optional()
          .meta({ description: 'Of a shared device or junk: whose it is, a profile id or type:value' }),
        ...why,
      }),
      answers: { ...DECISION_ANSWERS, 404: NOT_FOUND },
    },
    async ({ params: { id }, query, body: { to, ...because } }) => {
      const { hold } = await heldOr404(store, id);
      const pair = await pairToLink(store, hold, to);
      return carryOut({ store, runs, wait: query.wait }, { kind: 'link', ...pair }, because);
    },
  );
}

function dismissRoute(store: TenantStore, runs: Runs): ApiRoute {
  return route(
    {
      method: 'POST',
      path: '/v1/identity/holds/{id}/dismiss',
      tag: TAG,
      summary: 'The ends of a held piece are two people, for good',
      params,
      query: decisionQuery,
      body: z.strictObject(why),
      answers: { ...DECISION_ANSWERS, 404: NOT_FOUND },
    },
    async ({ params: { id }, query, body }) => {
      const { hold } = await heldOr404(store, id);
      if (!('evidence' in hold))
        throw new ProblemError(
          422,
          'stands-by-itself',
          'This identifier stands by itself and stays so: there is nothing to dismiss. Release it to somebody, or change the rules.',
        );
      const { a, b } = hold.evidence;
      return carryOut({ store, runs, wait: query.wait }, { kind: 'never-link', a, b }, body);
    },
  );
}

async function pairToLink(
  store: TenantStore,
  hold: Hold,
  to: string | undefined,
): Promise<{ a: GraphNode; b: GraphNode }> {
  if ('evidence' in hold) {
    if (to !== undefined) throw refusal('to', 'not-needed', 'is for an identifier that stands by itself');
    const { a, b } = hold.evidence;
    return { a, b };
  }
  if (to === undefined) throw refusal('to', 'missing', 'must name the person whom the identifier belongs to');
  const a = await nodeOf(store, to, 'to');
  if (a.fragment === hold.node.fragment)
    throw refusal('to', 'same-identifier', 'is the identifier on hold itself');
  return { a, b: hold.node };
}

async function heldOr404(store: TenantStore, id: string): Promise<PlacedHold> {
  const { identity } = await store.registry.config();
  const found = await findHold(store.directory, identity, id);
  if (found === undefined)
    throw new ProblemError(404, 'no-such-hold', 'There is no hold of this id, or it is decided.');
  return found;
}

async function present(store: TenantStore, holds: readonly PlacedHold[]): Promise<object[]> {
  const values = await valuesOf(
    store.log,
    holds.flatMap(({ head, hold }) => nodesOf(hold).map((node) => ({ head, node }))),
  );
  const identifierOf = ({ fragment, type }: GraphNode): object => {
    const value = values.get(fragment);
    return { fragment, type, identifier: value === undefined ? null : `${type}:${value}` };
  };
  return holds.map(({ head, hold }) => ({
    holdId: hold.id,
    kind: hold.kind,
    profileId: head.profileId,
    identifiers: nodesOf(hold).map(identifierOf),
    evidence: 'evidence' in hold ? saidBy(hold) : null,
    seenWith: 'evidence' in hold ? null : hold.seenWith,
  }));
}

function nodesOf(hold: Hold): GraphNode[] {
  return 'evidence' in hold ? [hold.evidence.a, hold.evidence.b] : [hold.node];
}

function saidBy({ evidence }: Extract<Hold, { evidence: object }>): object {
  const { rule, source, messageId, firstSeen } = evidence;
  return { rule, source, messageId, firstSeen };
}
