import type { Condition, MappingDefinition, RuleMapping, ValueSource } from '../types.ts';
import {
  ACCOUNT_FIELDS,
  CASE_FIELDS,
  OPPORTUNITY_FIELDS,
  ownFields,
  personFields,
} from './salesforce-fields.ts';

const object = (...names: string[]): Condition => ({ path: '$.object', in: names });
const has = (path: string): Condition => ({ path, exists: true });
const RECORD = '$.record';
const at = (name: string): string => `${RECORD}.${name}`;

const SHARED: Pick<RuleMapping, 'messageId' | 'timestamp'> = {
  // A record that was read through the API has no notification; it is told from its other states by its modification.
  messageId: {
    first: [
      { template: 'salesforce-${$.notificationId}' },
      { template: 'salesforce-${$.record.Id}-${$.record.SystemModstamp}' },
    ],
    required: true,
  },
  timestamp: {
    first: [
      { path: at('LastModifiedDate'), as: 'datetime' },
      { path: at('SystemModstamp'), as: 'datetime' },
      { path: at('CreatedDate'), as: 'datetime' },
    ],
  },
};
const IS_PERSON_ACCOUNT: Condition = {
  all: [object('Account'), { any: [has(at('PersonContactId')), has(at('PersonEmail'))] }],
};
/** Records read through the API say whether they are in the recycle bin. */
const IS_DELETED: Condition = { path: at('IsDeleted'), in: [true, 'true'] };
const live = (...conditions: Condition[]): Condition => ({ all: [...conditions, { not: IS_DELETED }] });
const account = (path: string): Record<string, ValueSource> => ({ accountId: { path, required: true } });

function ofContactOrAccount(
  name: string,
  event: string,
  properties: Record<string, ValueSource>,
): RuleMapping[] {
  const members = ownFields('properties', RECORD);
  const shared = { ...SHARED, type: 'track', event: { const: event }, properties, members } as const;
  return [
    {
      ...shared,
      name: `${name} of a contact`,
      when: live(object(name), has(at('ContactId'))),
      identifiers: { crmId: { path: at('ContactId') } },
    },
    {
      ...shared,
      name: `${name} of an account`,
      when: live(object(name), { not: has(at('ContactId')) }, has(at('AccountId'))),
      identifiers: account(at('AccountId')),
    },
  ];
}

const CONTACT_ID: ValueSource = { path: at('Id'), required: true };

/** What became of records that are in the recycle bin; a merge puts the ones that were merged away there. */
const DELETIONS: readonly RuleMapping[] = [
  {
    ...SHARED,
    name: 'merged contact or lead',
    when: { all: [object('Contact', 'Lead'), IS_DELETED, has(at('MasterRecordId'))] },
    type: 'alias',
    event: { const: 'Contact Merged' },
    identifiers: { crmId: { list: [{ path: at('MasterRecordId') }, { path: at('Id') }] } },
    properties: { primary: { path: at('MasterRecordId') } },
  },
  {
    ...SHARED,
    name: 'deleted contact or lead',
    when: { all: [object('Contact', 'Lead'), IS_DELETED, { not: has(at('MasterRecordId')) }] },
    type: 'track',
    event: { const: 'Contact Deleted' },
    identifiers: { crmId: CONTACT_ID },
  },
  {
    ...SHARED,
    name: 'deleted person account',
    when: { all: [IS_PERSON_ACCOUNT, IS_DELETED] },
    type: 'track',
    event: { const: 'Contact Deleted' },
    identifiers: { crmId: { first: [{ path: at('PersonContactId') }, { path: at('Id') }], required: true } },
  },
  {
    ...SHARED,
    name: 'deleted account',
    when: { all: [object('Account'), IS_DELETED, { not: IS_PERSON_ACCOUNT }] },
    type: 'track',
    event: { const: 'Account Deleted' },
    identifiers: account(at('Id')),
  },
  ...(['Opportunity', 'Case'] as const).map((name): RuleMapping => ({
    ...SHARED,
    name: `deleted ${name.toLowerCase()}`,
    when: {
      all: [object(name), IS_DELETED, { any: [has(at('ContactId')), has(at('AccountId'))] }],
    },
    type: 'track',
    event: { const: `${name} Deleted` },
    identifiers: {
      crmId: { path: at('ContactId') },
      accountId: { when: has(at('ContactId')), then: { const: null }, else: { path: at('AccountId') } },
    },
    properties: { [`${name.toLowerCase()}_id`]: { path: at('Id'), required: true } },
  })),
];

/** Outbound messages and API records of Salesforce: contacts and leads, accounts, opportunities and cases. */
export const SALESFORCE: MappingDefinition = {
  name: 'salesforce',
  version: 1,
  description:
    'Salesforce outbound messages and API records: contacts, leads and person accounts as traits; accounts, opportunities, cases; deletions.',
  kind: 'rules',
  rules: [
    {
      ...SHARED,
      name: 'contact or lead',
      when: live(object('Contact', 'Lead')),
      type: 'identify',
      identifiers: {
        crmId: CONTACT_ID,
        email: { path: at('Email') },
        phone: { first: [{ path: at('MobilePhone') }, { path: at('Phone') }] },
      },
      traits: personFields(at, ''),
      members: ownFields('traits', RECORD),
    },
    {
      ...SHARED,
      name: 'person account',
      when: live(IS_PERSON_ACCOUNT),
      type: 'identify',
      identifiers: {
        crmId: { first: [{ path: at('PersonContactId') }, { path: at('Id') }], required: true },
        email: { path: at('PersonEmail') },
        phone: { first: [{ path: at('PersonMobilePhone') }, { path: at('Phone') }] },
      },
      traits: personFields(at, 'Person'),
      members: ownFields('traits', RECORD),
    },
    {
      ...SHARED,
      name: 'account',
      when: live(object('Account'), { not: IS_PERSON_ACCOUNT }),
      type: 'group',
      identifiers: account(at('Id')),
      properties: ACCOUNT_FIELDS(at),
      members: ownFields('properties', RECORD),
    },
    ...ofContactOrAccount('Opportunity', 'Opportunity Updated', OPPORTUNITY_FIELDS(at)),
    ...ofContactOrAccount('Case', 'Case Updated', CASE_FIELDS(at)),
    ...DELETIONS,
  ],
  // Of nobody: the vendor knows neither a contact nor an account of it.
  ignore: [
    { all: [object('Opportunity', 'Case'), { not: has(at('ContactId')) }, { not: has(at('AccountId')) }] },
  ],
};
