import type { DataConverter } from '@temporalio/common';
import { createPayloadCodec } from '../storage/vault/payload-codec.ts';
import type { Vault } from '../storage/vault/types.ts';
import { failureConverterPath } from './bundle.ts';

/** How payloads and failures travel: encrypted under the tenant's key, messages and stacks included. */
export function dataConverter(tenant: string, vault: Vault): DataConverter {
  return { payloadCodecs: [createPayloadCodec({ tenant, vault })], failureConverterPath };
}
