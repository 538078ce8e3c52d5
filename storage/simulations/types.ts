import type { Simulation } from '../../domain/identity/replay.ts';
import type { SimulationReport } from '../../domain/identity/whole/report.ts';
import type { Page, PageOptions } from '../intake/types.ts';

/** Fragments that are judged together: all that any profile of a changing set holds, before and after. */
export interface RegionWork {
  readonly fragments: readonly string[];
  /** Those among them, and those seen with them, that are to stand by themselves, with the reason. */
  readonly isolated: readonly (readonly [fragment: string, reason: string])[];
}

/** Runs of candidate rules over history: what was asked, what came of it, and the work of a promotion. */
export interface SimulationStore {
  /** Adds a run. Throws `ConditionFailed` if it is there. */
  add(simulation: Simulation): Promise<void>;
  get(simulationId: string): Promise<Simulation | undefined>;
  /** Applies a change to the newest state, again where somebody else was faster; undefined where there is no such run. */
  change(
    simulationId: string,
    apply: (simulation: Simulation) => Simulation,
  ): Promise<Simulation | undefined>;
  /** Newest first. */
  list(options?: PageOptions): Promise<Page<Simulation>>;
  putReport(simulationId: string, report: SimulationReport): Promise<void>;
  report(simulationId: string): Promise<SimulationReport | undefined>;
  /** Keeps one batch of a round's work; `work` names the round. */
  putWork(simulationId: string, work: string, batch: number, regions: readonly RegionWork[]): Promise<void>;
  work(simulationId: string, work: string, batch: number): Promise<readonly RegionWork[] | undefined>;
  /** Forgets the work of all rounds. */
  dropWork(simulationId: string): Promise<void>;
}
