import type { Vendor } from '../../../../domain/ingestion/vendors.ts';
import type { SnsCalls } from '../sns.ts';
import type { VendorWebhook } from '../types.ts';
import { amazonConnect } from './amazon-connect.ts';
import { hubspot } from './hubspot.ts';
import { meta } from './meta.ts';
import { salesforce } from './salesforce.ts';
import { sendgrid } from './sendgrid.ts';
import { createSes } from './ses.ts';
import { shopify } from './shopify.ts';
import { square } from './square.ts';
import { zendesk } from './zendesk.ts';

/** How each vendor's webhooks are checked and read. */
export function createVendors(sns: SnsCalls): Readonly<Record<Vendor, VendorWebhook>> {
  return {
    shopify,
    square,
    hubspot,
    salesforce,
    zendesk,
    'amazon-connect': amazonConnect,
    ses: createSes(sns),
    sendgrid,
    meta,
  };
}
