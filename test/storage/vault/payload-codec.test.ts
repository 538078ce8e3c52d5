import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { KeyGone, StoreUnavailable } from '../../../storage/errors.ts';
import { createPayloadCodec } from '../../../storage/vault/payload-codec.ts';
import type { SealKey } from '../../../storage/vault/seal.ts';

const key = (byte: number): SealKey => ({
  bytes: new Uint8Array(32).fill(byte),
  tag: new Uint8Array(4).fill(byte),
});
const codecOf = (byte: number, tenant = 'acme') =>
  createPayloadCodec({ tenant, vault: { tenantSealKey: () => Promise.resolve(key(byte)) } });
const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"secret"') };
const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

describe('payload codec', () => {
  it('gives back what it encrypted, and shows nothing of it', async () => {
    const [sealed] = await codecOf(1).encode([payload]);
    assert.ok(sealed);
    assert.ok(!textOf(sealed.data).includes('secret'));
    const [opened] = await codecOf(1).decode([sealed]);
    assert.equal(textOf(opened?.data), '"secret"');
    assert.equal(textOf(opened?.metadata?.['encoding']), 'json/plain');
  });

  it('leaves what it did not encrypt as it is', async () => {
    assert.deepEqual(await codecOf(1).decode([payload]), [payload]);
  });

  it('answers a tombstone for another key, another tenant, changed bytes and a destroyed key', async () => {
    const [sealed] = await codecOf(1).encode([payload]);
    assert.ok(sealed?.data);
    const changed = { ...sealed, data: Buffer.from(sealed.data).fill(0, 20) };
    const gone = createPayloadCodec({
      tenant: 'acme',
      vault: { tenantSealKey: () => Promise.reject(new KeyGone('destroyed')) },
    });
    for (const [codec, given] of [
      [codecOf(2), sealed],
      [codecOf(1, 'other'), sealed],
      [codecOf(1), changed],
      [gone, sealed],
    ] as const) {
      const [read] = await codec.decode([given]);
      assert.match(textOf(read?.data), /can no longer be read/u);
    }
  });

  it('throws while the key service is away, so that the call is tried again', async () => {
    const away = createPayloadCodec({
      tenant: 'acme',
      vault: { tenantSealKey: () => Promise.reject(new StoreUnavailable('the key service')) },
    });
    await assert.rejects(away.encode([payload]), StoreUnavailable);
  });
});
