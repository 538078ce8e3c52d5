import { hkdfSync, randomBytes } from 'node:crypto';
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { EpochKeys } from '../epoch-keys.ts';
import { epochOf, KEY_BYTES, unwrap, wrap } from '../epochs.ts';
import { KeyGone } from '../errors.ts';
import type { DataKey, Keys, Meter } from '../ports.ts';
import { errorCode, storageFault } from './faults.ts';
import { createOnce, makeDirectory, syncDirectory } from './files.ts';

const EPOCH_CONTEXT = 'tessera epoch key';

/** What opening takes: the tenant's folder, a meter, and a clock in epoch milliseconds. */
export interface EmbeddedKeysOptions {
  readonly dir: string;
  readonly meter: Meter;
  readonly now?: () => number;
}

/**
 * Keys under `master.key`, a file of 32 random bytes that its owner alone can read. Each epoch has a key of its own in
 * `epochs/<n>.key`, wrapped under the master key; destroying an epoch removes that file and leaves `<n>.gone`, so that
 * its number is never used again. Losing `master.key` loses the data.
 */
export class EmbeddedKeys implements Keys {
  readonly #dir: string;
  readonly #master: Uint8Array;
  readonly #epochRoot: Uint8Array;
  readonly #meter: Meter;
  readonly #epochKeys: EpochKeys;

  constructor(options: EmbeddedKeysOptions & { readonly master: Uint8Array }) {
    this.#dir = join(options.dir, 'epochs');
    this.#master = options.master;
    this.#epochRoot = derive(options.master, 'epochs');
    this.#meter = options.meter;
    const store = {
      newest: () => this.#newestEpoch(),
      key: (epoch: string) => this.#readKey(epoch),
    };
    this.#epochKeys = new EpochKeys(store, options.now ?? Date.now);
  }

  async generate(context: string): Promise<DataKey> {
    this.#meter.add('keys.generates', 1);
    const { epoch, key } = await this.#guard(() => this.#epochKeys.current());
    const plaintext = randomBytes(KEY_BYTES);
    return { plaintext, wrapped: wrap(plaintext, epoch, key, context) };
  }

  async unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array> {
    this.#meter.add('keys.unwraps', 1);
    const epoch = epochOf(wrapped);
    const key = await this.#guard(() => this.#epochKeys.key(epoch));
    if (key === undefined) throw new KeyGone(`the keys of epoch ${epoch} were destroyed`);
    return unwrap(wrapped, key, context);
  }

  /** Starts a new epoch, under which keys are generated from now on (in other processes within 10 s). Answers its name. */
  async rotate(): Promise<string> {
    return this.#guard(async () => {
      const epoch = await this.#createEpoch();
      this.#epochKeys.start(epoch);
      return epoch;
    });
  }

  /** Other processes forget the epoch within 10 s. Destroying what is gone already is no error. */
  async destroy(epoch: string): Promise<void> {
    await this.#guard(async () => {
      if (!(await this.#epochs()).has(epoch)) return;
      // The mark comes first: were it to come second, a crash between would let the number be used again.
      await createOnce(join(this.#dir, `${epoch}.gone`), new Uint8Array(), temporaryName());
      await unlinkIfThere(join(this.#dir, `${epoch}.key`));
      await syncDirectory(this.#dir);
      this.#epochKeys.forget(epoch);
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, deriving is not
  async indexKey(purpose: string): Promise<Uint8Array> {
    return derive(this.#master, `index ${purpose}`);
  }

  async close(): Promise<void> {
    this.#epochKeys.clear();
    await Promise.resolve();
  }

  async #newestEpoch(): Promise<string> {
    const live = [...(await this.#epochs())].filter(([, isLive]) => isLive).map(([epoch]) => Number(epoch));
    return live.length > 0 ? String(Math.max(...live)) : this.#createEpoch();
  }

  /** Every epoch that there ever was, and whether its key is still there. */
  async #epochs(): Promise<Map<string, boolean>> {
    const epochs = new Map<string, boolean>();
    for (const name of await readdir(this.#dir)) {
      const match = /^(\d+)\.(key|gone)$/.exec(name);
      if (match?.[1] === undefined) continue;
      epochs.set(match[1], match[2] === 'key' && epochs.get(match[1]) !== false);
    }
    return epochs;
  }

  async #createEpoch(): Promise<string> {
    for (;;) {
      const numbers = [...(await this.#epochs()).keys()].map(Number);
      const epoch = String(Math.max(0, ...numbers) + 1);
      const wrapped = wrap(randomBytes(KEY_BYTES), epoch, this.#epochRoot, EPOCH_CONTEXT);
      if (await createOnce(join(this.#dir, `${epoch}.key`), wrapped, temporaryName())) return epoch;
    }
  }

  async #readKey(epoch: string): Promise<Uint8Array | undefined> {
    if (!/^\d+$/.test(epoch) || (await this.#epochs()).get(epoch) !== true) return undefined;
    const wrapped = await readIfThere(join(this.#dir, `${epoch}.key`));
    if (wrapped === undefined) return undefined;
    return unwrap(wrapped, this.#epochRoot, EPOCH_CONTEXT);
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw storageFault('the key folder', this.#dir, error);
    }
  }
}

/** Opens the keys of `dir`, making `master.key` at the first start. Throws `StoreUnavailable`, `StoreFull`, `KeyGone`. */
export async function openEmbeddedKeys(options: EmbeddedKeysOptions): Promise<EmbeddedKeys> {
  const path = join(options.dir, 'master.key');
  try {
    await makeDirectory(join(options.dir, 'epochs'));
    let master = await readIfThere(path);
    if (master === undefined) {
      // Two processes may start at once: one of them creates the file, both read it.
      await createOnce(path, randomBytes(KEY_BYTES), temporaryName());
      master = await readFile(path);
    }
    if (master.length !== KEY_BYTES) throw new KeyGone(`${path} must hold ${KEY_BYTES} bytes; restore it`);
    return new EmbeddedKeys({ ...options, master });
  } catch (error) {
    throw storageFault('the master key', options.dir, error);
  }
}

function derive(secret: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'tessera', info, KEY_BYTES));
}

function temporaryName(): string {
  return `.${randomBytes(8).toString('hex')}.new`;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
