import type { MemberMapping, ValueSource } from '../types.ts';

/** Names that Salesforce gives to fields of a customer's own; those of a person account's contact among them. */
const OWN_FIELDS = ['*__c', '*__pc'];

/** Fields of the customer's own, under their API names. */
export function ownFields(into: MemberMapping['into'], of: string): readonly MemberMapping[] {
  return [{ into, of, matches: OWN_FIELDS }];
}

type At = (name: string) => string;
type Fields = Record<string, ValueSource>;

/** Traits of a person; `prefix` is that of a person account's own fields. */
export function personFields(at: At, prefix: '' | 'Person'): Fields {
  const mailing = `${prefix}Mailing`;
  return {
    firstName: { path: at('FirstName') },
    lastName: { path: at('LastName') },
    email: { path: at(`${prefix}Email`) },
    phone: { first: [{ path: at('Phone') }, { path: at(`${prefix}MobilePhone`) }] },
    title: { path: at(`${prefix}Title`) },
    birthday: { path: at(`${prefix}Birthdate`), as: 'date' },
    address1: { first: [{ path: at(`${mailing}Street`) }, { path: at('Street') }] },
    city: { first: [{ path: at(`${mailing}City`) }, { path: at('City') }] },
    state: { first: [{ path: at(`${mailing}State`) }, { path: at('State') }] },
    postalCode: { first: [{ path: at(`${mailing}PostalCode`) }, { path: at('PostalCode') }] },
    country: { first: [{ path: at(`${mailing}Country`) }, { path: at('Country') }] },
    company: { path: at('Company') },
    accountId: { path: at('AccountId') },
    leadSource: { path: at('LeadSource') },
    status: { path: at('Status') },
    emailOptOut: { path: at('HasOptedOutOfEmail'), as: 'boolean' },
  };
}

/** What is kept of a business account. */
export const ACCOUNT_FIELDS = (at: At): Fields => ({
  groupId: { path: at('Id') },
  name: { path: at('Name') },
  industry: { path: at('Industry') },
  type: { path: at('Type') },
  website: { path: at('Website') },
  phone: { path: at('Phone') },
  employees: { path: at('NumberOfEmployees'), as: 'integer' },
  annualRevenue: { path: at('AnnualRevenue'), as: 'decimal' },
  city: { path: at('BillingCity') },
  country: { path: at('BillingCountry') },
});

/** What is kept of an opportunity. */
export const OPPORTUNITY_FIELDS = (at: At): Fields => ({
  opportunity_id: { path: at('Id'), required: true },
  account_id: { path: at('AccountId') },
  name: { path: at('Name') },
  stage: { path: at('StageName') },
  amount: { path: at('Amount'), as: 'decimal' },
  currency: { path: at('CurrencyIsoCode') },
  probability: { path: at('Probability'), as: 'number' },
  close_date: { path: at('CloseDate'), as: 'date' },
  closed: { path: at('IsClosed'), as: 'boolean' },
  won: { path: at('IsWon'), as: 'boolean' },
  type: { path: at('Type') },
});

/** What is kept of a case. */
export const CASE_FIELDS = (at: At): Fields => ({
  case_id: { path: at('Id'), required: true },
  number: { path: at('CaseNumber') },
  subject: { path: at('Subject') },
  status: { path: at('Status') },
  priority: { path: at('Priority') },
  channel: { path: at('Origin') },
  closed: { path: at('IsClosed'), as: 'boolean' },
});
