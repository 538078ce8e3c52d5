import type { Condition, MappingDefinition } from '../types.ts';

const IS_TICKET: Condition = { path: '$.type', matches: 'zen:event-type:ticket.*' };

/** Events of tickets by their names; others are Case Updated. */
const EVENTS = {
  'zen:event-type:ticket.created': 'Case Created',
  'zen:event-type:ticket.comment_added': 'Case Comment Added',
  'zen:event-type:ticket.status_changed': 'Case Status Changed',
  'zen:event-type:ticket.satisfaction_score_offered': 'Satisfaction Survey Offered',
};

/** Event webhooks of Zendesk: tickets as cases of their requester, users as traits. */
export const ZENDESK: MappingDefinition = {
  name: 'zendesk',
  version: 1,
  description: 'Zendesk event webhooks: tickets as cases of the requester, end users as traits.',
  kind: 'rules',
  rules: [
    {
      name: 'ticket',
      when: IS_TICKET,
      type: 'track',
      event: { path: '$.type', lookup: EVENTS, default: 'Case Updated' },
      messageId: { template: 'zendesk-${$.id}', required: true },
      timestamp: { path: '$.time', as: 'datetime', required: true },
      identifiers: { contactId: { path: '$.detail.requester_id', required: true } },
      properties: {
        case_id: { path: '$.detail.id', as: 'string', required: true },
        change: { path: '$.type' },
        subject: { path: '$.detail.subject' },
        status: { path: '$.detail.status', as: 'lowercase' },
        priority: { path: '$.detail.priority', as: 'lowercase' },
        type: { path: '$.detail.type', as: 'lowercase' },
        channel: { path: '$.detail.via.channel' },
        tags: { path: '$.detail.tags' },
        group_id: { path: '$.detail.group_id', as: 'string' },
        assignee_id: { path: '$.detail.assignee_id', as: 'string' },
        current: { path: '$.event.current' },
        previous: { path: '$.event.previous' },
      },
    },
    {
      name: 'user',
      when: {
        all: [
          { path: '$.type', matches: 'zen:event-type:user.*' },
          { path: '$.detail.role', equals: 'end-user' },
        ],
      },
      type: 'identify',
      messageId: { template: 'zendesk-${$.id}', required: true },
      timestamp: { path: '$.time', as: 'datetime', required: true },
      identifiers: { contactId: { path: '$.detail.id', required: true }, email: { path: '$.detail.email' } },
      traits: {
        email: { path: '$.detail.email' },
        name: { path: '$.detail.name' },
        externalId: { path: '$.detail.external_id' },
      },
    },
  ],
  ignore: [
    ...[
      'user.',
      'organization.',
      'article.',
      'community_post.',
      'agent.',
      'omnichannel_config.',
      'messaging.',
    ].map((domain): Condition => ({ path: '$.type', matches: `zen:event-type:${domain}*` })),
  ],
};
