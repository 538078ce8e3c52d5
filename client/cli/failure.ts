/** Why a command could not do what was asked: a sentence and what to do about it. Exit 1. */
export class CliFailure extends Error {
  override readonly name: string = 'CliFailure';
  readonly remedy: string | undefined;

  constructor(sentence: string, remedy?: string) {
    super(sentence);
    this.remedy = remedy;
  }
}

/** The command was used in a way that can't work. Exit 2. */
export class Misuse extends CliFailure {
  override readonly name = 'Misuse';
}

/** The platform did not answer, or refused; `status` is HTTP's, 0 where there was no answer. */
export class ApiFailure extends CliFailure {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(status: number, sentence: string, remedy?: string) {
    super(sentence, remedy);
    this.status = status;
  }

  /** Whether it may work a moment later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}
