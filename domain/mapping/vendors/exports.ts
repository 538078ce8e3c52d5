import type { MappingDefinition, RecordMapping, ValueSource } from '../types.ts';
import { ACCOUNT_FIELDS, OPPORTUNITY_FIELDS, ownFields, personFields } from './salesforce-fields.ts';

const column = (name: string): string => name;
const first = (...names: string[]): ValueSource => ({
  first: names.map((path) => ({ path, as: 'trim' as const })),
});

function define(name: string, description: string, record: RecordMapping): MappingDefinition {
  return { name, version: 1, description, kind: 'record', record };
}

const CHANGED: ValueSource = {
  first: [
    { path: 'LastModifiedDate', as: 'datetime' },
    { path: 'SystemModstamp', as: 'datetime' },
    { path: 'CreatedDate', as: 'datetime' },
  ],
};

/** Contacts as Salesforce's data export and Data Loader write them: columns by API name. */
export const SALESFORCE_CONTACTS = define(
  'salesforce-contacts',
  'Salesforce contacts, CSV with columns by API name.',
  {
    type: 'identify',
    timestamp: CHANGED,
    identifiers: {
      crmId: { path: 'Id', as: 'trim', required: true },
      email: { path: 'Email' },
      phone: { first: [{ path: 'MobilePhone' }, { path: 'Phone' }] },
    },
    traits: personFields(column, ''),
    members: ownFields('traits', '$'),
  },
);

/** Business accounts: groups, each under its own id. */
export const SALESFORCE_ACCOUNTS = define(
  'salesforce-accounts',
  'Salesforce accounts, CSV with columns by API name.',
  {
    type: 'group',
    timestamp: CHANGED,
    identifiers: { accountId: { path: 'Id', as: 'trim', required: true } },
    properties: ACCOUNT_FIELDS(column),
    members: ownFields('properties', '$'),
  },
);

/** Opportunities, of the contact where the export has one, else of the account. */
export const SALESFORCE_OPPORTUNITIES = define(
  'salesforce-opportunities',
  'Salesforce opportunities, CSV with columns by API name.',
  {
    type: 'track',
    event: { const: 'Opportunity Updated' },
    timestamp: CHANGED,
    identifiers: {
      crmId: { path: 'ContactId' },
      accountId: { when: { path: 'ContactId', exists: false }, then: { path: 'AccountId' } },
    },
    properties: OPPORTUNITY_FIELDS(column),
    members: ownFields('properties', '$'),
  },
);

const HUBSPOT_TIME = 'YYYY-MM-DD HH:mm';
const hubspotTime = (path: string): ValueSource => ({ path, as: 'datetime', format: HUBSPOT_TIME });

/** Contacts as HubSpot's export writes them: columns by label. */
export const HUBSPOT_CONTACTS = define(
  'hubspot-contacts',
  'HubSpot contacts, CSV as exported with English labels.',
  {
    type: 'identify',
    timestamp: { first: [hubspotTime('Last Modified Date'), hubspotTime('Create Date')] },
    identifiers: {
      crmId: {
        first: [{ path: 'Record ID' }, { path: 'Record ID - Contact' }, { path: 'Contact ID' }],
        required: true,
      },
      email: { path: 'Email' },
      phone: { first: [{ path: 'Mobile Phone Number' }, { path: 'Phone Number' }] },
    },
    traits: {
      firstName: first('First Name'),
      lastName: first('Last Name'),
      email: first('Email'),
      phone: first('Phone Number', 'Mobile Phone Number'),
      company: first('Company Name', 'Associated Company'),
      title: first('Job Title'),
      city: first('City'),
      state: first('State/Region'),
      postalCode: first('Postal Code'),
      country: first('Country/Region'),
      lifecycleStage: first('Lifecycle Stage'),
      leadStatus: first('Lead Status'),
      recordSource: first('Record source detail 1', 'Record source'),
    },
  },
);

/** Who bought, in the columns of a receipt. */
const BUYER: RecordMapping['identifiers'] = {
  loyaltyId: first('loyalty_id', 'customer_id'),
  email: first('email'),
  phone: first('phone'),
  orderId: { path: 'receipt_id', as: 'trim', required: true },
};
const AMOUNT: ValueSource = { path: 'amount', as: 'decimal', required: true };
const CURRENCY: ValueSource = { path: 'currency', required: true };

/** Receipts of any till: `receipt_id, date, amount, currency`, and who bought by `loyalty_id`, `email` or `phone`. */
export const RECEIPTS = define(
  'receipts',
  'Receipts of a till, CSV or NDJSON, one a row; the buyer by loyalty_id, email or phone.',
  {
    type: 'track',
    event: { const: 'Order Completed' },
    messageId: { template: 'receipt-${receipt_id}', required: true },
    timestamp: { path: 'date', as: 'datetime', required: true },
    identifiers: BUYER,
    properties: {
      order_id: { path: 'receipt_id', as: 'trim' },
      revenue: AMOUNT,
      tax: { path: 'tax', as: 'decimal' },
      discount: { path: 'discount', as: 'decimal' },
      currency: CURRENCY,
      affiliation: first('store'),
      payment_method: first('payment_method'),
      products: { path: 'products' },
    },
  },
);

/** Refunds of receipts: as those, with `refund_id`. */
export const REFUNDS = define('refunds', 'Refunds of a till, CSV or NDJSON, one a row, each of a receipt.', {
  type: 'track',
  event: { const: 'Order Refunded' },
  messageId: { template: 'refund-${refund_id}', required: true },
  timestamp: { path: 'date', as: 'datetime', required: true },
  identifiers: BUYER,
  properties: {
    order_id: { path: 'receipt_id', as: 'trim' },
    refund_id: { path: 'refund_id', as: 'trim' },
    total: AMOUNT,
    currency: CURRENCY,
    reason: first('reason'),
  },
});
