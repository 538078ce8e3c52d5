import type { Condition, MappingDefinition, RuleMapping, ValueSource } from '../types.ts';
import { EMAIL_EVENTS } from './email-events.ts';

const ABOUT_EMAIL: Record<string, ValueSource> = {
  email_id: { path: '$root.mail.messageId' },
  email_subject: {
    first: [
      { path: '$root.mail.commonHeaders.subject' },
      { path: "$root.mail.headers[name='Subject'].value" },
    ],
  },
  from: { path: '$root.mail.source' },
  campaign_name: { path: '$root.mail.tags.campaign[0]' },
  configuration_set: { path: "$root.mail.tags['ses:configuration-set'][0]" },
};

/** Events of one kind, one for each address that it is about. `what` is the member of the notification that tells of it. */
function rule(
  name: string,
  event: string,
  recipients: string,
  what: string,
  properties: Record<string, ValueSource> = {},
): RuleMapping {
  return {
    name,
    // Event publishing says eventType, the older notifications of an identity notificationType.
    when: {
      any: [
        { path: '$.eventType', equals: name },
        { path: '$.notificationType', equals: name },
      ],
    },
    each: recipients,
    type: 'track',
    event: { const: event },
    messageId: { template: 'ses-${$delivery.messageId}-${$index}' },
    timestamp: {
      first: [
        { path: `$root.${what}.timestamp`, as: 'datetime' },
        { path: '$root.mail.timestamp', as: 'datetime' },
      ],
      required: true,
    },
    identifiers: { email: { first: [{ path: '$.emailAddress' }, { path: '$' }], required: true } },
    properties: { ...ABOUT_EMAIL, ...properties },
  };
}

/** Opens and clicks tell of the email, not of who of its recipients it was: known where there is one alone. */
const ONE_RECIPIENT: Condition = { path: '$.mail.destination[1]', exists: false };
const alone = (of: RuleMapping): RuleMapping => ({
  ...of,
  when: { all: [of.when ?? ONE_RECIPIENT, ONE_RECIPIENT] },
});
const TO = '$.mail.destination';

/** Events of Amazon SES through SNS. */
export const SES: MappingDefinition = {
  name: 'ses',
  version: 1,
  description: 'Amazon SES event notifications through SNS: what became of an email, for each recipient.',
  kind: 'rules',
  rules: [
    rule('Send', EMAIL_EVENTS.sent, TO, 'mail'),
    rule('Delivery', EMAIL_EVENTS.delivered, '$.delivery.recipients', 'delivery'),
    rule('Bounce', EMAIL_EVENTS.bounced, '$.bounce.bouncedRecipients', 'bounce', {
      bounce_type: { path: '$root.bounce.bounceType' },
      bounce_subtype: { path: '$root.bounce.bounceSubType' },
      status: { path: '$.status' },
    }),
    rule('Complaint', EMAIL_EVENTS.complained, '$.complaint.complainedRecipients', 'complaint', {
      feedback_type: { path: '$root.complaint.complaintFeedbackType' },
    }),
    rule('DeliveryDelay', EMAIL_EVENTS.delayed, '$.deliveryDelay.delayedRecipients', 'deliveryDelay', {
      delay_type: { path: '$root.deliveryDelay.delayType' },
    }),
    rule('Reject', EMAIL_EVENTS.dropped, TO, 'mail', { reason: { path: '$root.reject.reason' } }),
    rule('Rendering Failure', EMAIL_EVENTS.dropped, TO, 'mail', { reason: { const: 'rendering failure' } }),
    alone(rule('Open', EMAIL_EVENTS.opened, TO, 'open')),
    alone(
      rule('Click', EMAIL_EVENTS.clicked, TO, 'click', {
        link_url: { path: '$root.click.link' },
        link_tags: { path: '$root.click.linkTags' },
      }),
    ),
    alone(
      rule('Subscription', EMAIL_EVENTS.unsubscribed, TO, 'subscription', {
        contact_list: { path: '$root.subscription.contactList' },
      }),
    ),
  ],
  ignore: [
    { path: '$.eventType', in: ['Open', 'Click', 'Subscription'] },
    { path: '$.notificationType', equals: 'AmazonSnsSubscriptionSucceeded' },
  ],
};
