import type { Vendor } from '../../../domain/ingestion/vendors.ts';
import type { JsonValue } from '../../../domain/json.ts';
import { parseVendorJson } from './json.ts';
import type { Incoming } from './types.ts';
import { createVendors } from './vendors/index.ts';

/** A sample must have no effect: no subscription is confirmed for it. */
const NO_CALLS = (): Promise<never> => Promise.reject(new Error('a sample calls nobody'));
const VENDOR_WEBHOOKS = createVendors({ certificate: NO_CALLS, confirm: NO_CALLS });

/** What wraps a vendor's records on their way; without it, a payload is the record itself. */
const WRAPPERS: Readonly<Partial<Record<Vendor, string>>> = {
  ses: 'Message',
  'amazon-connect': 'records',
  meta: 'entry',
};

/** The records of a webhook's body, or of a record alone, read as if its signature had been checked. Throws `ProblemError`. */
export async function readSample(
  vendor: Vendor,
  payload: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Incoming[]> {
  const body = Buffer.from(payload);
  const wrapper = WRAPPERS[vendor];
  if (wrapper !== undefined) {
    const record = parseVendorJson(body);
    if (!hasMember(record, wrapper)) return [{ body: record }];
  }
  const lowered = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const delivery = await VENDOR_WEBHOOKS[vendor].read({
    method: 'POST',
    url: '',
    headers: lowered,
    query: new URLSearchParams(),
    body,
    nowMs: 0,
  });
  return [...delivery.items];
}

function hasMember(value: JsonValue, name: string): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name);
}
