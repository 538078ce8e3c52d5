import { hkdfSync, randomBytes } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import type { KMSClient } from '@aws-sdk/client-kms';
import { EpochKeys } from '../epoch-keys.ts';
import { epochOf, KEY_BYTES, unwrap, wrap } from '../epochs.ts';
import { ConditionFailed, KeyGone, StoreUnavailable } from '../errors.ts';
import type { DataKey, Item, Keys, Meter, Table } from '../ports.ts';
import { errorName, withRetries } from './calls.ts';

const PARTITION = 'master';
const INDEX = 'index';
const EPOCHS = 'epoch/';
const DESTROYED = new Uint8Array();
/** What KMS says of a key that will not come back or bytes that are not its own. */
const GONE = new Set(['InvalidCiphertextException', 'IncorrectKeyException', 'NotFoundException']);

/** What keys on KMS need. `table` is the tenant's `keys` table, where KMS-wrapped epoch keys lie in `master`. */
export interface AwsKeysOptions {
  readonly client: KMSClient;
  readonly kmsKey: string;
  readonly tenant: string;
  readonly table: Table;
  readonly meter: Meter;
  readonly attempts: number | undefined;
  readonly now: () => number;
}

/**
 * Keys under a KMS key. KMS wraps one key per epoch, and one secret for indexes; data keys are wrapped here, under their
 * epoch's, so that KMS is asked once an epoch and process and not once a person. A destroyed epoch leaves an empty item.
 */
export class AwsKeys implements Keys {
  readonly #options: AwsKeysOptions;
  readonly #epochKeys: EpochKeys;
  #index: Promise<Uint8Array> | undefined;

  constructor(options: AwsKeysOptions) {
    this.#options = options;
    const store = {
      newest: () => this.#newestEpoch(),
      key: (epoch: string) => this.#readKey(epoch),
    };
    this.#epochKeys = new EpochKeys(store, options.now);
  }

  async generate(context: string): Promise<DataKey> {
    this.#options.meter.add('keys.generates', 1);
    const { epoch, key } = await this.#epochKeys.current();
    const plaintext = randomBytes(KEY_BYTES);
    return { plaintext, wrapped: wrap(plaintext, epoch, key, context) };
  }

  async unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array> {
    this.#options.meter.add('keys.unwraps', 1);
    const epoch = epochOf(wrapped);
    const key = await this.#epochKeys.key(epoch);
    if (key === undefined) throw new KeyGone(`the keys of epoch ${epoch} were destroyed`);
    return unwrap(wrapped, key, context);
  }

  /** Starts a new epoch, under which keys are generated from now on (in other processes within 10 s). Answers its name. */
  async rotate(): Promise<string> {
    const epoch = await this.#createEpoch(await this.#epochs());
    this.#epochKeys.start(epoch);
    return epoch;
  }

  /** Other processes forget the epoch within 10 s. Destroying what is gone already is no error. */
  async destroy(epoch: string): Promise<void> {
    const sk = EPOCHS + epoch;
    if ((await this.#options.table.get({ pk: PARTITION, sk })) === undefined) return;
    await this.#options.table.write([{ kind: 'put', pk: PARTITION, sk, version: 1, value: DESTROYED }]);
    this.#epochKeys.forget(epoch);
  }

  async indexKey(purpose: string): Promise<Uint8Array> {
    this.#index ??= this.#loadIndex();
    try {
      const secret = await this.#index;
      return new Uint8Array(hkdfSync('sha256', secret, 'tessera', `index ${purpose}`, KEY_BYTES));
    } catch (error) {
      this.#index = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#epochKeys.clear();
    await Promise.resolve();
  }

  async #newestEpoch(): Promise<string> {
    const epochs = await this.#epochs();
    const live = epochs.filter((item) => item.value.length > 0).map(numberOf);
    return live.length > 0 ? String(Math.max(...live)) : this.#createEpoch(epochs);
  }

  #epochs(): Promise<Item[]> {
    return this.#options.table.query({ pk: PARTITION, from: EPOCHS, to: `${EPOCHS}~` });
  }

  async #createEpoch(known: readonly Item[]): Promise<string> {
    for (let number = Math.max(0, ...known.map(numberOf)) + 1; ; number += 1) {
      const { wrapped } = await this.#generateByKms(`epoch ${number}`);
      if (await this.#storeOnce(`${EPOCHS}${number}`, wrapped)) return String(number);
    }
  }

  async #readKey(epoch: string): Promise<Uint8Array | undefined> {
    const item = await this.#options.table.get({ pk: PARTITION, sk: EPOCHS + epoch });
    if (item === undefined || item.value.length === 0) return undefined;
    return this.#decryptByKms(item.value, `epoch ${epoch}`);
  }

  async #loadIndex(): Promise<Uint8Array> {
    const key = { pk: PARTITION, sk: INDEX };
    let item = await this.#options.table.get(key);
    if (item === undefined) {
      // Two processes may start at once: one of them stores its secret, both read that one.
      const { wrapped } = await this.#generateByKms(INDEX);
      await this.#storeOnce(INDEX, wrapped);
      item = await this.#options.table.get(key);
    }
    if (item === undefined) throw new StoreUnavailable('the index secret');
    return this.#decryptByKms(item.value, INDEX);
  }

  async #storeOnce(sk: string, value: Uint8Array): Promise<boolean> {
    try {
      await this.#options.table.write([
        { kind: 'put', pk: PARTITION, sk, version: 1, value, expect: 'absent' },
      ]);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const stored = await this.#options.table.get({ pk: PARTITION, sk });
      return stored !== undefined && Buffer.compare(stored.value, value) === 0;
    }
  }

  async #generateByKms(purpose: string): Promise<{ wrapped: Uint8Array }> {
    const input = {
      KeyId: this.#options.kmsKey,
      KeySpec: 'AES_256' as const,
      EncryptionContext: this.#context(purpose),
    };
    const answer = await this.#kms(() => this.#options.client.send(new GenerateDataKeyCommand(input)));
    if (answer.CiphertextBlob === undefined) throw new StoreUnavailable('KMS');
    return { wrapped: answer.CiphertextBlob };
  }

  async #decryptByKms(wrapped: Uint8Array, purpose: string): Promise<Uint8Array> {
    const input = {
      KeyId: this.#options.kmsKey,
      CiphertextBlob: wrapped,
      EncryptionContext: this.#context(purpose),
    };
    const answer = await this.#kms(() => this.#options.client.send(new DecryptCommand(input)));
    if (answer.Plaintext === undefined) throw new StoreUnavailable('KMS');
    return answer.Plaintext;
  }

  #context(purpose: string): Record<string, string> {
    return { tenant: this.#options.tenant, purpose };
  }

  #kms<T>(call: () => Promise<T>): Promise<T> {
    return withRetries('KMS', this.#options.attempts, async () => {
      this.#options.meter.add('kms.calls', 1);
      try {
        return await call();
      } catch (cause) {
        if (GONE.has(errorName(cause))) {
          throw new KeyGone('KMS does not know the key, or did not wrap these bytes', { cause });
        }
        throw cause;
      }
    });
  }
}

function numberOf(item: Item): number {
  return Number(item.sk.slice(EPOCHS.length));
}
