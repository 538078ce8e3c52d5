import { createNeighbourhood } from './neighbourhood.ts';
import { apartLoader } from './resolve.ts';
import type { Resolver } from './resolve.ts';
import { carryOut } from './steps.ts';
import type { RejudgedRegion } from './types.ts';
import { applyRegion, createView } from './view.ts';
import type { View } from './view.ts';

/** See `ProfileDirectory.rejudge`. */
export async function rejudge(resolver: Resolver, region: RejudgedRegion, cause: string): Promise<boolean> {
  const rules = await resolver.rules();
  const judged = async (): Promise<View> => {
    const view = createView(rules, createNeighbourhood(resolver.records), new Map(), apartLoader(resolver));
    await applyRegion(view, region);
    return view;
  };
  return carryOut(resolver, { judged }, cause);
}
