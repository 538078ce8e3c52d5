import { CDNOW_RECEIPTS } from './cdnow-receipts.ts';
import { FEBRL_PERSON } from './febrl-person.ts';
import type { MappingDefinition } from './types.ts';
import { AMAZON_CONNECT } from './vendors/amazon-connect.ts';
import {
  HUBSPOT_CONTACTS,
  RECEIPTS,
  REFUNDS,
  SALESFORCE_ACCOUNTS,
  SALESFORCE_CONTACTS,
  SALESFORCE_OPPORTUNITIES,
} from './vendors/exports.ts';
import { HUBSPOT } from './vendors/hubspot.ts';
import { META } from './vendors/meta.ts';
import { SALESFORCE } from './vendors/salesforce.ts';
import { SENDGRID } from './vendors/sendgrid.ts';
import { SES } from './vendors/ses.ts';
import { SHOPIFY } from './vendors/shopify.ts';
import { SQUARE } from './vendors/square.ts';
import { ZENDESK } from './vendors/zendesk.ts';

/** The Segment spec: identify, track, page, screen, group and alias. */
export const SEGMENT: MappingDefinition = {
  name: 'segment',
  version: 1,
  description: 'Messages of the Segment spec, as its SDKs and those of its peers send them.',
  kind: 'segment',
};

/** The mappings that every tenant has. */
export const BUILT_IN_MAPPINGS: readonly MappingDefinition[] = [
  SEGMENT,
  CDNOW_RECEIPTS,
  FEBRL_PERSON,
  SHOPIFY,
  SQUARE,
  RECEIPTS,
  REFUNDS,
  HUBSPOT,
  HUBSPOT_CONTACTS,
  SALESFORCE,
  SALESFORCE_CONTACTS,
  SALESFORCE_ACCOUNTS,
  SALESFORCE_OPPORTUNITIES,
  ZENDESK,
  AMAZON_CONNECT,
  SES,
  SENDGRID,
  META,
];
