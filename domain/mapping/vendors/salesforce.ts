import type { Condition, MappingDefinition, RuleMapping, ValueSource } from '../types.ts';
import { ACCOUNT_FIELDS, CASE_FIELDS, OPPORTUNITY_FIELDS, personFields } from './salesforce-fields.ts';

const object = (...names: string[]): Condition => ({ path: '$.object', in: names });
const has = (path: string): Condition => ({ path, exists: true });
const at = (name: string): string => `$.record.${name}`;

const SHARED: Pick<RuleMapping, 'messageId' | 'timestamp'> = {
  messageId: { template: 'salesforce-${$.notificationId}', required: true },
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
const account = (path: string): Record<string, ValueSource> => ({ accountId: { path, required: true } });

function ofContactOrAccount(
  name: string,
  event: string,
  properties: Record<string, ValueSource>,
): RuleMapping[] {
  const shared = { ...SHARED, type: 'track', event: { const: event }, properties } as const;
  return [
    {
      ...shared,
      name: `${name} of a contact`,
      when: { all: [object(name), has(at('ContactId'))] },
      identifiers: { crmId: { path: at('ContactId') } },
    },
    {
      ...shared,
      name: `${name} of an account`,
      when: { all: [object(name), { not: has(at('ContactId')) }, has(at('AccountId'))] },
      identifiers: account(at('AccountId')),
    },
  ];
}

/** Outbound messages of Salesforce: contacts and leads, accounts, opportunities and cases. */
export const SALESFORCE: MappingDefinition = {
  name: 'salesforce',
  version: 1,
  description:
    'Salesforce outbound messages: contacts, leads and person accounts as traits; accounts, opportunities, cases.',
  kind: 'rules',
  rules: [
    {
      ...SHARED,
      name: 'contact or lead',
      when: object('Contact', 'Lead'),
      type: 'identify',
      identifiers: {
        crmId: { path: at('Id'), required: true },
        email: { path: at('Email') },
        phone: { first: [{ path: at('MobilePhone') }, { path: at('Phone') }] },
      },
      traits: personFields(at, ''),
    },
    {
      ...SHARED,
      name: 'person account',
      when: IS_PERSON_ACCOUNT,
      type: 'identify',
      identifiers: {
        crmId: { first: [{ path: at('PersonContactId') }, { path: at('Id') }], required: true },
        email: { path: at('PersonEmail') },
        phone: { first: [{ path: at('PersonMobilePhone') }, { path: at('Phone') }] },
      },
      traits: personFields(at, 'Person'),
    },
    {
      ...SHARED,
      name: 'account',
      when: { all: [object('Account'), { not: IS_PERSON_ACCOUNT }] },
      type: 'group',
      identifiers: account(at('Id')),
      properties: ACCOUNT_FIELDS(at),
    },
    ...ofContactOrAccount('Opportunity', 'Opportunity Updated', OPPORTUNITY_FIELDS(at)),
    ...ofContactOrAccount('Case', 'Case Updated', CASE_FIELDS(at)),
  ],
};
