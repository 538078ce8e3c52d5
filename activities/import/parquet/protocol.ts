/** What the process that reads Parquet is told, first and only. Rows follow on its output, a JSON object a line. */
export interface ParquetOrder {
  /** On this machine. */
  readonly path: string;
  /** Rows before this one are left out. Undefined where only the file's rows are to be counted. */
  readonly fromRow?: number;
}

/** What it says in the end. `transient` is worth another try; a message holds no value of the file. */
export type ParquetReport =
  | { readonly kind: 'done'; readonly rows: number }
  | { readonly kind: 'failed'; readonly message: string; readonly transient: boolean };
