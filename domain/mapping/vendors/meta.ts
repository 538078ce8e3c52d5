import type { Condition, MappingDefinition, RecordMapping, ValueSource } from '../types.ts';

const answer = (name: string): ValueSource => ({ path: `$.field_data[name='${name}'].values[0]` });
/** The names that Meta gives its own questions, by those of the Segment spec; others stay as they are. */
const QUESTIONS = {
  first_name: 'firstName',
  last_name: 'lastName',
  full_name: 'name',
  phone_number: 'phone',
  street_address: 'address1',
  post_code: 'postalCode',
  zip_code: 'postalCode',
  date_of_birth: 'birthday',
  job_title: 'title',
  company_name: 'company',
};
const IS_LEAD: Condition = { path: '$.field_data', exists: true };
const LEAD: Pick<RecordMapping, 'timestamp' | 'identifiers'> = {
  timestamp: { path: '$.created_time', as: 'datetime', required: true },
  identifiers: {
    email: answer('email'),
    phone: { first: [answer('phone_number'), answer('phone')] },
  },
};
const IS_ECHO: Condition = { path: '$.messaging.message.is_echo', equals: true };

/** Webhooks of Meta: leads, once their data is fetched, and messages of Messenger, Instagram and WhatsApp. */
export const META: MappingDefinition = {
  name: 'meta',
  version: 1,
  description: 'Meta webhooks: leads of lead ads, once their data is fetched, and messages.',
  kind: 'rules',
  rules: [
    {
      ...LEAD,
      name: 'lead',
      when: IS_LEAD,
      type: 'track',
      event: { const: 'Lead Submitted' },
      messageId: { template: 'meta-lead-${$.id}', required: true },
      properties: {
        lead_id: { path: '$.id', as: 'string', required: true },
        form_id: { path: '$.form_id', as: 'string' },
        ad_id: { path: '$.ad_id', as: 'string' },
        ad_name: { path: '$.ad_name' },
        adset_id: { path: '$.adset_id', as: 'string' },
        campaign_id: { path: '$.campaign_id', as: 'string' },
        campaign_name: { path: '$.campaign_name' },
        platform: { path: '$.platform' },
        organic: { path: '$.is_organic' },
        page_id: { path: '$delivery.page_id' },
      },
      pairs: [
        {
          into: 'traits',
          each: '$.field_data',
          name: { path: '$.name', lookup: QUESTIONS, orKeep: true },
          value: { path: '$.values[0]' },
        },
      ],
    },
    {
      name: 'message',
      when: { all: [{ path: '$.messaging.message', exists: true }, { not: IS_ECHO }] },
      type: 'track',
      event: { const: 'Message Received' },
      messageId: { template: 'meta-${$.messaging.sender.id}-${$.messaging.timestamp}', required: true },
      timestamp: { path: '$.messaging.timestamp', as: 'epoch-millis', required: true },
      identifiers: { socialId: { path: '$.messaging.sender.id', as: 'string', required: true } },
      properties: {
        message_id: { path: '$.messaging.message.mid' },
        channel: { path: '$.object', lookup: { page: 'messenger' }, orKeep: true },
        account_id: { path: '$.messaging.recipient.id', as: 'string' },
        text: { path: '$.messaging.message.text' },
        attachments: { path: '$.messaging.message.attachments[*].type' },
        reply_to: { path: '$.messaging.message.reply_to.mid' },
      },
    },
    {
      name: 'answer',
      when: IS_ECHO,
      type: 'track',
      event: { const: 'Message Sent' },
      messageId: {
        template: 'meta-${$.messaging.recipient.id}-${$.messaging.timestamp}-sent',
        required: true,
      },
      timestamp: { path: '$.messaging.timestamp', as: 'epoch-millis', required: true },
      identifiers: { socialId: { path: '$.messaging.recipient.id', as: 'string', required: true } },
      properties: {
        message_id: { path: '$.messaging.message.mid' },
        channel: { path: '$.object', lookup: { page: 'messenger' }, orKeep: true },
        text: { path: '$.messaging.message.text' },
      },
    },
    {
      name: 'postback',
      when: { path: '$.messaging.postback', exists: true },
      type: 'track',
      event: { const: 'Message Button Clicked' },
      messageId: {
        template: 'meta-${$.messaging.sender.id}-${$.messaging.timestamp}-button',
        required: true,
      },
      timestamp: { path: '$.messaging.timestamp', as: 'epoch-millis', required: true },
      identifiers: { socialId: { path: '$.messaging.sender.id', as: 'string', required: true } },
      properties: {
        title: { path: '$.messaging.postback.title' },
        payload: { path: '$.messaging.postback.payload' },
      },
    },
    {
      name: 'WhatsApp message',
      when: {
        all: [
          { path: '$.object', equals: 'whatsapp_business_account' },
          { path: '$.value.messages', exists: true },
        ],
      },
      each: '$.value.messages',
      type: 'track',
      event: { const: 'Message Received' },
      messageId: { template: 'meta-${$.from}-${$.timestamp}-${$index}', required: true },
      timestamp: { path: '$.timestamp', as: 'epoch-seconds', required: true },
      identifiers: { phone: { template: '+${$.from}', required: true } },
      properties: {
        message_id: { path: '$.id' },
        channel: { const: 'whatsapp' },
        type: { path: '$.type' },
        text: { path: '$.text.body' },
      },
      traits: { name: { path: '$root.value.contacts[0].profile.name' } },
    },
  ],
  ignore: [
    // A lead's webhook brings its id alone; its data is fetched and comes as an item of its own.
    { path: '$.field', exists: true },
    ...['read', 'delivery', 'reaction', 'optin', 'referral', 'account_linking', 'message_edit'].map(
      (what): Condition => ({ path: `$.messaging.${what}`, exists: true }),
    ),
    { path: '$.standby', exists: true },
  ],
};
