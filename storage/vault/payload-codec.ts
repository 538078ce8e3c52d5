import type { Payload, PayloadCodec } from '@temporalio/common';
// A CommonJS module whose names Node can't see: the default import is the whole of it.
import proto from '@temporalio/proto';
import { KeyGone } from '../errors.ts';
import { open, seal, type SealKey } from './seal.ts';
import type { Vault } from './types.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const ENCODING = 'binary/encrypted';
const CIPHER = 'AES-256-GCM';
const PLAIN_NULL = 'binary/null';
const TOMBSTONE = {
  tessera: 'this payload can no longer be read: its key is gone or it was written elsewhere',
};

const text = (value: string): Uint8Array => Buffer.from(value);
const metadataText = (payload: Payload, name: string): string =>
  Buffer.from(payload.metadata?.[name] ?? []).toString();

/** What stands in for a payload that can't be decrypted, so that histories stay readable after a key is destroyed. */
function tombstone(): Payload {
  return { metadata: { encoding: text('json/plain') }, data: text(JSON.stringify(TOMBSTONE)) };
}

function encrypt(payload: Payload, key: SealKey, aad: string): Payload {
  const bytes = PayloadMessage.encode(payload).finish();
  return {
    metadata: {
      encoding: text(ENCODING),
      'encryption-cipher': text(CIPHER),
      'encryption-key-id': text(Buffer.from(key.tag).toString('hex')),
    },
    data: seal(key, bytes, aad),
  };
}

function decrypt(payload: Payload, key: SealKey | undefined, aad: string): Payload {
  if (metadataText(payload, 'encoding') !== ENCODING) return payload;
  if (key === undefined || !payload.data) return tombstone();
  try {
    return PayloadMessage.decode(open(key, payload.data, aad));
  } catch {
    return tombstone();
  }
}

/**
 * Encrypts every payload that Temporal keeps of a tenant, under the tenant's key for payloads. Histories hold ids and
 * counts alone even so. What can't be decrypted becomes a tombstone; only `StoreUnavailable` is thrown.
 */
export function createPayloadCodec(options: {
  readonly tenant: string;
  readonly vault: Pick<Vault, 'tenantSealKey'>;
}): PayloadCodec {
  const aad = `${options.tenant}|payload|1`;
  return {
    async encode(payloads) {
      if (payloads.length === 0) return [];
      const key = await options.vault.tenantSealKey('payloads');
      return payloads.map((payload) =>
        metadataText(payload, 'encoding') === PLAIN_NULL ? payload : encrypt(payload, key, aad),
      );
    },
    async decode(payloads) {
      if (!payloads.some((payload) => metadataText(payload, 'encoding') === ENCODING)) return [...payloads];
      const key = await options.vault.tenantSealKey('payloads').catch((error: unknown) => {
        if (error instanceof KeyGone) return undefined;
        throw error;
      });
      return payloads.map((payload) => decrypt(payload, key, aad));
    },
  };
}
