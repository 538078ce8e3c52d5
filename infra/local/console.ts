import { SingleBar } from 'cli-progress';

/** Tells the person at the terminal what happens; silent with `--quiet` but for what must be known. */
export interface Reporter {
  /** A step that is done. */
  step(text: string): void;
  /** Something to know that stops nothing. */
  warn(text: string): void;
  /** Shown whatever the settings. */
  say(text: string): void;
  /** A bar from 0 to `total`; a line at the end where there is no terminal. */
  bar(label: string, total: number): ProgressBar;
}

export interface ProgressBar {
  update(value: number): void;
  done(): void;
}

type Out = NodeJS.WritableStream & { readonly isTTY?: boolean };

function terminalBar(label: string, total: number, stream: Out): ProgressBar {
  const bar = new SingleBar({
    format: `  ${label} [{bar}] {percentage}%`,
    stream,
    hideCursor: null,
    clearOnComplete: true,
    barsize: 30,
  });
  bar.start(total, 0);
  return {
    update: (value) => {
      bar.update(Math.min(value, total));
    },
    done: () => {
      bar.stop();
    },
  };
}

/** A reporter on a stream. A terminal that is gone is no reason to stop. */
export function createReporter(out: Out, quiet: boolean): Reporter {
  const line = (text: string) => out.write(`${text}\n`);
  out.on('error', () => undefined);
  return {
    step: (text) => {
      if (!quiet) line(`  ✓ ${text}`);
    },
    warn: (text) => {
      line(`  ! ${text}`);
    },
    say: line,
    bar: (label, total) =>
      out.isTTY === true && !quiet
        ? terminalBar(label, total, out)
        : { update: () => undefined, done: () => undefined },
  };
}
