import type { GraphNode, IdentityRules, ProfileHead } from '../../../domain/identity/evidence.ts';
import { rank } from '../../../domain/identity/rules.ts';
import type { ResolutionTask } from '../../../domain/identity/resolution.ts';
import { fragmentOf } from '../../../storage/profiles/membership.ts';
import type { TenantStore } from '../../../storage/tenant.types.ts';
import { ProblemError } from '../problem.ts';

type Split = Extract<ResolutionTask, { kind: 'split' }>;

interface Found {
  readonly node: GraphNode;
  readonly head: ProfileHead;
}

/** Reads which identifiers of a profile are to go. Throws `ProblemError` 404 and 422, naming the field at fault. */
export async function splitOf(store: TenantStore, id: string, away: readonly string[]): Promise<Split> {
  const { head } = await find(store, id, 'id', 404);
  const members = new Map(head.members.map((member) => [member.fragment, member]));
  const gone = new Map<string, GraphNode>();
  for (const [index, key] of away.entries()) {
    const field = `away.${String(index)}`;
    const fragment = await fragmentOf(store, key);
    if (fragment === undefined)
      throw refusal(field, 'not-an-identifier', 'must be an identifier as type:value');
    const member = members.get(fragment);
    if (member) gone.set(fragment, member);
    else if (await store.directory.profileOf(fragment))
      throw refusal(field, 'not-of-this-profile', "is another profile's; name identifiers of this one");
    else throw refusal(field, 'unknown-identifier', 'is an identifier that nobody has here');
  }
  const rules = (await store.registry.config()).identity;
  const [stay] = strongestFirst(
    head.members.filter((member) => !gone.has(member.fragment)),
    rules,
  );
  if (!stay)
    throw refusal(
      'away',
      'everything-away',
      'names every identifier of the profile; leave out those that are to stay',
    );
  return { kind: 'split', away: [...gone.values()], stay };
}

/** Reads the two that a decision is about; a profile id stands for its strongest identifier. Throws `ProblemError` 422. */
export async function pairOf(
  store: TenantStore,
  a: string,
  b: string,
): Promise<{ a: GraphNode; b: GraphNode }> {
  const [left, right] = [await find(store, a, 'a', 422), await find(store, b, 'b', 422)];
  if (left.node.fragment === right.node.fragment)
    throw refusal('b', 'same-identifier', 'is the same identifier as a');
  return { a: left.node, b: right.node };
}

/** Reads the one that a field of the body names; a profile id stands for its strongest identifier. Throws `ProblemError` 422. */
export async function nodeOf(store: TenantStore, key: string, field: string): Promise<GraphNode> {
  return (await find(store, key, field, 422)).node;
}

async function find(store: TenantStore, key: string, field: string, status: 404 | 422): Promise<Found> {
  const fragment = await fragmentOf(store, key);
  const head = await (fragment === undefined
    ? store.directory.head(key)
    : store.directory.profileOf(fragment));
  const [strongest] = strongestFirst(head?.members ?? [], (await store.registry.config()).identity);
  const node =
    fragment === undefined ? strongest : head?.members.find((member) => member.fragment === fragment);
  if (head && node) return { node, head };
  if (status === 404)
    throw new ProblemError(404, 'no-such-profile', 'Nobody has this profile id or identifier here.');
  throw refusal(field, 'unknown-identifier', 'is a profile or identifier that nobody has here');
}

function strongestFirst(members: readonly GraphNode[], rules: IdentityRules): GraphNode[] {
  return [...members].sort((x, y) => rank(x.type, rules) - rank(y.type, rules));
}

/** A body's field that does not do, and why. */
export function refusal(field: string, code: string, what: string): ProblemError {
  return new ProblemError(422, code, `body ${field}: ${what}.`, {
    extensions: { errors: [{ in: 'body', field, message: what }] },
  });
}
