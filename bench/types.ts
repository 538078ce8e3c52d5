/** One measured quantity: a value for each run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** What it should be, where that is decided. */
  readonly target?: { readonly atLeast?: number; readonly atMost?: number };
}

/** How a benchmark is asked to run. */
export interface BenchOptions {
  /** Shorter and fewer runs: shows that it works, and roughly where it stands. */
  readonly quick: boolean;
  readonly runs: number;
  /** How many records to take, where a row has no fixed number. */
  readonly records?: number;
  /** Says what is going on, for the person who waits. */
  readonly note: (text: string) => void;
}

/** A row of the table of figures. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): Promise<Figure[]>;
}
