import type { Condition, MemberMapping, RuleMapping, ValueSource } from '../types.ts';

const object = (name: string): Condition => ({ path: '$.object', equals: name });
const has = (path: string): Condition => ({ path, exists: true });
const IS_ARCHIVED: Condition = { path: '$.record.archived', equals: true };
const live = (name: string): Condition => ({ all: [object(name), { not: IS_ARCHIVED }] });
const archived = (name: string): Condition => ({ all: [object(name), IS_ARCHIVED] });
const property = (name: string): string => `$.record.properties.${name}`;
/** Properties that have a name in an event, or are of HubSpot's own making. */
const BOOKKEEPING = ['createdate', 'lastmodifieddate', 'hs_*'];
const CONTACT_TAKEN = [
  ...['email', 'firstname', 'lastname', 'phone', 'mobilephone', 'company', 'jobtitle', 'date_of_birth'],
  ...['address', 'city', 'state', 'zip', 'country', 'lifecyclestage', ...BOOKKEEPING],
];
const COMPANY_TAKEN = [
  ...['name', 'industry', 'type', 'website', 'domain', 'phone', 'numberofemployees', 'annualrevenue'],
  ...['city', 'country', ...BOOKKEEPING],
];
const DEAL_TAKEN = [
  ...['dealname', 'dealstage', 'amount', 'deal_currency_code', 'closedate', 'dealtype'],
  ...BOOKKEEPING,
];
const others = (into: 'traits' | 'properties', except: readonly string[]): readonly MemberMapping[] => [
  { into, of: '$.record.properties', matches: ['*'], except },
];
const id: ValueSource = { path: '$.record.id', as: 'string', required: true };
const contactOfDeal = '$.record.associations.contacts.results[0].id';
const companyOfDeal = '$.record.associations.companies.results[0].id';

/** Contacts, companies and deals each have a time of modification under a name of their own. */
const CHANGED: Pick<RuleMapping, 'messageId' | 'timestamp'> = {
  messageId: {
    first: [
      { template: `hubspot-\${$.object}-\${$.record.id}-\${${property('lastmodifieddate')}}` },
      { template: `hubspot-\${$.object}-\${$.record.id}-\${${property('hs_lastmodifieddate')}}` },
      { template: 'hubspot-${$.object}-${$.record.id}-${$.record.updatedAt}' },
    ],
    required: true,
  },
  timestamp: {
    first: [
      { path: property('lastmodifieddate'), as: 'datetime' },
      { path: property('hs_lastmodifieddate'), as: 'datetime' },
      { path: '$.record.updatedAt', as: 'datetime' },
    ],
    required: true,
  },
};
const ARCHIVED: Pick<RuleMapping, 'messageId' | 'timestamp'> = {
  messageId: {
    template: 'hubspot-${$.object}-${$.record.id}-archived-${$.record.archivedAt}',
    required: true,
  },
  timestamp: { path: '$.record.archivedAt', as: 'datetime', required: true },
};
const COMPANY: ValueSource = { template: 'hubspot-${$.record.id}', required: true };

/** Records of HubSpot's CRM API, version 3, as `{object, record}`. */
export const HUBSPOT_OBJECT_RULES: readonly RuleMapping[] = [
  {
    ...CHANGED,
    name: 'contact record',
    when: live('contacts'),
    type: 'identify',
    identifiers: {
      crmId: id,
      email: { path: property('email') },
      phone: { first: [{ path: property('mobilephone') }, { path: property('phone') }] },
    },
    traits: {
      firstName: { path: property('firstname') },
      lastName: { path: property('lastname') },
      email: { path: property('email') },
      phone: { first: [{ path: property('phone') }, { path: property('mobilephone') }] },
      company: { path: property('company') },
      title: { path: property('jobtitle') },
      birthday: { path: property('date_of_birth') },
      address1: { path: property('address') },
      city: { path: property('city') },
      state: { path: property('state') },
      postalCode: { path: property('zip') },
      country: { path: property('country') },
      lifecycleStage: { path: property('lifecyclestage') },
      leadStatus: { path: property('hs_lead_status') },
    },
    members: others('traits', CONTACT_TAKEN),
  },
  {
    ...ARCHIVED,
    name: 'archived contact',
    when: archived('contacts'),
    type: 'track',
    event: { const: 'Contact Deleted' },
    identifiers: { crmId: id },
  },
  {
    ...CHANGED,
    name: 'company record',
    when: live('companies'),
    type: 'group',
    identifiers: { accountId: COMPANY },
    properties: {
      groupId: COMPANY,
      name: { path: property('name') },
      industry: { path: property('industry') },
      type: { path: property('type') },
      website: { first: [{ path: property('website') }, { path: property('domain') }] },
      phone: { path: property('phone') },
      employees: { path: property('numberofemployees'), as: 'integer' },
      annualRevenue: { path: property('annualrevenue'), as: 'decimal' },
      city: { path: property('city') },
      country: { path: property('country') },
    },
    members: others('properties', COMPANY_TAKEN),
  },
  {
    ...ARCHIVED,
    name: 'archived company',
    when: archived('companies'),
    type: 'track',
    event: { const: 'Account Deleted' },
    identifiers: { accountId: COMPANY },
  },
  {
    ...CHANGED,
    name: 'deal record',
    when: { all: [live('deals'), { any: [has(contactOfDeal), has(companyOfDeal)] }] },
    type: 'track',
    event: { const: 'Opportunity Updated' },
    identifiers: {
      crmId: { path: contactOfDeal },
      accountId: {
        when: has(contactOfDeal),
        then: { const: null },
        else: { template: `hubspot-\${${companyOfDeal}}` },
      },
    },
    properties: {
      opportunity_id: id,
      account_id: { template: `hubspot-\${${companyOfDeal}}` },
      name: { path: property('dealname') },
      stage: { path: property('dealstage') },
      amount: { path: property('amount'), as: 'decimal' },
      currency: { path: property('deal_currency_code') },
      probability: { path: property('hs_deal_stage_probability'), as: 'number' },
      close_date: { path: property('closedate'), as: 'date' },
      closed: { path: property('hs_is_closed'), as: 'boolean' },
      won: { path: property('hs_is_closed_won'), as: 'boolean' },
      type: { path: property('dealtype') },
    },
    members: others('properties', DEAL_TAKEN),
  },
];

/** A deal of nobody, and one that is archived, whose associations the vendor has cut. */
export const HUBSPOT_OBJECTS_IGNORED: readonly Condition[] = [object('deals')];
