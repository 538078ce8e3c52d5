import type { SyncVendor } from '../../domain/sync/types.ts';
import { hubspot } from './hubspot.ts';
import { salesforce } from './salesforce.ts';
import type { VendorApi } from './types.ts';

/** The APIs that can be read. */
export const VENDOR_APIS: Readonly<Record<SyncVendor, VendorApi>> = { salesforce, hubspot };
