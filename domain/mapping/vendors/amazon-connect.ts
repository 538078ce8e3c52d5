import type { Condition, MappingDefinition, RecordMapping, ValueSource } from '../types.ts';

const EVENTS = {
  VOICE: 'Call Completed',
  CHAT: 'Chat Completed',
  TASK: 'Task Completed',
  EMAIL: 'Email Exchanged',
};

const endpoint = (type: string): ValueSource => ({
  when: { path: '$.CustomerEndpoint.Type', equals: type },
  then: { path: '$.CustomerEndpoint.Address' },
});
const CUSTOMER: RecordMapping['identifiers'] = {
  crmId: { path: '$.CustomerId' },
  phone: endpoint('TELEPHONE_NUMBER'),
  email: endpoint('EMAIL_ADDRESS'),
};
const NOBODY: Condition = {
  not: {
    any: [
      { path: '$.CustomerId', exists: true },
      { path: '$.CustomerEndpoint.Type', in: ['TELEPHONE_NUMBER', 'EMAIL_ADDRESS'] },
    ],
  },
};
const IS_CONTACT: Condition = { all: [{ path: '$.ContactId', exists: true }, { not: NOBODY }] };
const UPDATED: ValueSource = {
  first: [
    { path: '$.LastUpdateTimestamp', as: 'datetime' },
    { path: '$.DisconnectTimestamp', as: 'datetime' },
  ],
};

/**
 * Contact records of Amazon Connect, from its stream or its export. A record comes again when it is updated: each
 * coming identifies the customer, and the first is the call.
 */
export const AMAZON_CONNECT: MappingDefinition = {
  name: 'amazon-connect',
  version: 1,
  description: 'Amazon Connect contact records: calls, chats and tasks of the customer at the other end.',
  kind: 'rules',
  rules: [
    {
      name: 'customer',
      when: IS_CONTACT,
      type: 'identify',
      messageId: {
        first: [
          { template: 'connect-${$.ContactId}-${$.LastUpdateTimestamp}' },
          { template: 'connect-${$.ContactId}-${$.DisconnectTimestamp}' },
        ],
        required: true,
      },
      timestamp: UPDATED,
      identifiers: CUSTOMER,
      traits: { phone: endpoint('TELEPHONE_NUMBER'), email: endpoint('EMAIL_ADDRESS') },
    },
    {
      name: 'contact',
      when: IS_CONTACT,
      type: 'track',
      event: { path: '$.Channel', lookup: EVENTS, default: 'Contact Completed' },
      messageId: { template: 'connect-${$.ContactId}', required: true },
      timestamp: {
        first: [
          { path: '$.DisconnectTimestamp', as: 'datetime' },
          { path: '$.InitiationTimestamp', as: 'datetime' },
        ],
        required: true,
      },
      identifiers: CUSTOMER,
      properties: {
        contact_id: { path: '$.ContactId', required: true },
        initial_contact_id: { path: '$.InitialContactId' },
        channel: { path: '$.Channel' },
        direction: { path: '$.InitiationMethod', as: 'lowercase' },
        started_at: { path: '$.InitiationTimestamp', as: 'datetime' },
        ended_at: { path: '$.DisconnectTimestamp', as: 'datetime' },
        disconnect_reason: { path: '$.DisconnectReason' },
        queue: { path: '$.Queue.Name' },
        queue_seconds: { path: '$.Queue.Duration', as: 'integer' },
        agent: { path: '$.Agent.Username' },
        talk_seconds: { path: '$.Agent.AgentInteractionDuration', as: 'integer' },
        hold_seconds: { path: '$.Agent.CustomerHoldDuration', as: 'integer' },
        attributes: { path: '$.Attributes' },
      },
    },
  ],
  ignore: [{ all: [{ path: '$.ContactId', exists: true }, NOBODY] }],
};
