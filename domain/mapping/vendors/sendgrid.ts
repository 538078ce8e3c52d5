import type { MappingDefinition } from '../types.ts';
import { EMAIL_EVENTS } from './email-events.ts';

const EVENTS = {
  processed: EMAIL_EVENTS.sent,
  delivered: EMAIL_EVENTS.delivered,
  deferred: EMAIL_EVENTS.delayed,
  bounce: EMAIL_EVENTS.bounced,
  dropped: EMAIL_EVENTS.dropped,
  open: EMAIL_EVENTS.opened,
  click: EMAIL_EVENTS.clicked,
  spamreport: EMAIL_EVENTS.complained,
  unsubscribe: EMAIL_EVENTS.unsubscribed,
  group_unsubscribe: EMAIL_EVENTS.unsubscribed,
  group_resubscribe: EMAIL_EVENTS.resubscribed,
};

/** Events of SendGrid's event webhook, one an item. */
export const SENDGRID: MappingDefinition = {
  name: 'sendgrid',
  version: 1,
  description: "SendGrid's event webhook: what became of an email.",
  kind: 'rules',
  rules: [
    {
      name: 'email',
      when: { path: '$.event', in: Object.keys(EVENTS) },
      type: 'track',
      event: { path: '$.event', lookup: EVENTS, required: true },
      messageId: { template: 'sendgrid-${$.sg_event_id}', required: true },
      timestamp: { path: '$.timestamp', as: 'epoch-seconds', required: true },
      identifiers: { email: { path: '$.email', required: true } },
      properties: {
        email_id: { path: '$.sg_message_id' },
        campaign_id: { first: [{ path: '$.singlesend_id' }, { path: '$.marketing_campaign_id' }] },
        campaign_name: { first: [{ path: '$.singlesend_name' }, { path: '$.marketing_campaign_name' }] },
        category: { path: '$.category' },
        link_url: { path: '$.url' },
        bounce_type: { path: '$.type' },
        bounce_subtype: { path: '$.bounce_classification' },
        status: { path: '$.status' },
        reason: { path: '$.reason' },
        attempt: { path: '$.attempt', as: 'integer' },
        unsubscribe_group: { path: '$.asm_group_id' },
        machine_open: { path: '$.sg_machine_open' },
      },
    },
  ],
  ignore: [{ path: '$.event', matches: 'account_status_change' }],
};
