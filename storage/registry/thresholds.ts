import { isThreshold, thresholdProblem, type HealthThresholds } from '../../domain/quality/thresholds.ts';
import { InvalidConfig } from './errors.ts';
import type { SourceConfig, ThresholdChanges } from './types.ts';

/** The source with thresholds set, or back at their defaults. Throws `InvalidConfig` that names the threshold. */
export function withThresholds(source: SourceConfig, changes: ThresholdChanges): SourceConfig {
  const { thresholds = {}, ...rest } = source;
  const set: Record<string, number> = { ...thresholds };
  for (const [name, value] of Object.entries(changes)) {
    if (!isThreshold(name)) throw new InvalidConfig(name, 'is no threshold');
    if (value === null) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a known name, checked above
      delete set[name];
      continue;
    }
    const problem = thresholdProblem(name, value);
    if (problem !== undefined) throw new InvalidConfig(name, problem);
    set[name] = value;
  }
  const own: Partial<HealthThresholds> = set;
  return Object.keys(own).length === 0 ? rest : { ...rest, thresholds: own };
}
