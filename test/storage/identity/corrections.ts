import type { Evidence } from '../../../domain/identity/evidence.ts';
import { aggregate } from '../../../domain/identity/order.ts';
import type { IdentityCorrection } from '../../../storage/identity/types.ts';

/** What taking pieces back comes to, and putting others in: for each pair touched, what is left of it. */
export function correctionOf(
  before: readonly Evidence[],
  after: readonly Evidence[],
  empty: readonly string[] = [],
): IdentityCorrection {
  const [stood, stands] = [aggregate(before), aggregate(after)];
  const withdrawn = [...stood].flatMap(([key, known]) =>
    stands.get(key)?.messageId === known.messageId ? [] : [known],
  );
  const evidence = [...stands].flatMap(([key, known]) =>
    stood.get(key)?.messageId === known.messageId ? [] : [known],
  );
  const nodes = [...withdrawn, ...evidence].flatMap(({ a, b }) => [a, b]);
  return { nodes, withdrawn, evidence, empty: new Set(empty), blocked: new Set() };
}
