import { StorageError } from '../errors.ts';

/** A configuration that can't be; `field` names what to change. A fault of the caller. */
export class InvalidConfig extends StorageError {
  readonly field: string;
  constructor(field: string, detail: string) {
    super('invalid-config', `${field}: ${detail}`);
    this.field = field;
  }
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Throws `InvalidConfig` where `name` can't name a source or a mapping. */
export function checkName(field: string, name: string): void {
  if (!NAME.test(name)) {
    throw new InvalidConfig(field, 'must be 1 to 63 of a-z, 0-9 and "-", beginning with a letter or digit');
  }
}
