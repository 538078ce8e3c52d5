import type { Condition, MappingDefinition, RecordMapping, ValueSource } from '../types.ts';

const PAYMENT = '$.data.object.payment';
const REFUND = '$.data.object.refund';

const money = (path: string): ValueSource => ({
  minorUnits: { path: `${path}.amount` },
  currency: { path: `${path}.currency` },
});
const PAYER: RecordMapping['identifiers'] = {
  crmId: { template: `square-\${${PAYMENT}.customer_id}` },
  email: { path: `${PAYMENT}.buyer_email_address` },
  orderId: { template: `square-\${${PAYMENT}.order_id}` },
};
const IS_PAYMENT: Condition = { path: '$.type', in: ['payment.created', 'payment.updated'] };
const HAS_PAYER: Condition = {
  any: [
    { path: `${PAYMENT}.customer_id`, exists: true },
    { path: `${PAYMENT}.buyer_email_address`, exists: true },
  ],
};
const PAID: Record<string, ValueSource> = {
  order_id: { path: `${PAYMENT}.order_id` },
  payment_id: { path: `${PAYMENT}.id`, required: true },
  total: money(`${PAYMENT}.total_money`),
  revenue: money(`${PAYMENT}.amount_money`),
  tip: money(`${PAYMENT}.tip_money`),
  currency: { path: `${PAYMENT}.amount_money.currency`, required: true },
  affiliation: { path: `${PAYMENT}.location_id` },
  status: { path: `${PAYMENT}.status` },
  payment_method: { path: `${PAYMENT}.source_type` },
};

/**
 * Webhooks of Square. A payment is told of many times: each telling is an event of its own, and the first that says
 * that it is completed makes the order.
 */
export const SQUARE: MappingDefinition = {
  name: 'square',
  version: 1,
  description:
    'Square webhooks: payments as Payment Updated and Order Completed, refunds as Order Refunded, customers as traits.',
  kind: 'rules',
  rules: [
    {
      name: 'payment',
      when: { all: [IS_PAYMENT, HAS_PAYER] },
      type: 'track',
      event: { const: 'Payment Updated' },
      messageId: { template: 'square-${$.event_id}', required: true },
      timestamp: { path: '$.created_at', as: 'datetime' },
      identifiers: PAYER,
      properties: PAID,
    },
    {
      name: 'completed payment',
      when: { all: [IS_PAYMENT, HAS_PAYER, { path: `${PAYMENT}.status`, equals: 'COMPLETED' }] },
      type: 'track',
      event: { const: 'Order Completed' },
      messageId: { template: `square-payment-\${${PAYMENT}.id}`, required: true },
      timestamp: { path: `${PAYMENT}.created_at`, as: 'datetime', required: true },
      identifiers: PAYER,
      properties: PAID,
    },
    {
      name: 'refund',
      when: { path: '$.type', in: ['refund.created', 'refund.updated'] },
      type: 'track',
      event: { const: 'Refund Updated' },
      messageId: { template: 'square-${$.event_id}', required: true },
      timestamp: { path: '$.created_at', as: 'datetime' },
      identifiers: { orderId: { template: `square-\${${REFUND}.order_id}`, required: true } },
      properties: { refund_id: { path: `${REFUND}.id` }, status: { path: `${REFUND}.status` } },
    },
    {
      name: 'completed refund',
      when: {
        all: [
          { path: '$.type', in: ['refund.created', 'refund.updated'] },
          { path: `${REFUND}.status`, equals: 'COMPLETED' },
        ],
      },
      type: 'track',
      event: { const: 'Order Refunded' },
      messageId: { template: `square-refund-\${${REFUND}.id}`, required: true },
      timestamp: { path: `${REFUND}.created_at`, as: 'datetime', required: true },
      identifiers: { orderId: { template: `square-\${${REFUND}.order_id}`, required: true } },
      properties: {
        order_id: { path: `${REFUND}.order_id` },
        refund_id: { path: `${REFUND}.id`, required: true },
        payment_id: { path: `${REFUND}.payment_id` },
        total: money(`${REFUND}.amount_money`),
        currency: { path: `${REFUND}.amount_money.currency`, required: true },
        reason: { path: `${REFUND}.reason` },
      },
    },
    {
      name: 'customer',
      when: { path: '$.type', in: ['customer.created', 'customer.updated'] },
      type: 'identify',
      messageId: { template: 'square-${$.event_id}', required: true },
      timestamp: { path: '$.created_at', as: 'datetime' },
      identifiers: {
        crmId: { template: 'square-${$.data.object.customer.id}', required: true },
        email: { path: '$.data.object.customer.email_address' },
        phone: { path: '$.data.object.customer.phone_number' },
      },
      traits: {
        firstName: { path: '$.data.object.customer.given_name' },
        lastName: { path: '$.data.object.customer.family_name' },
        email: { path: '$.data.object.customer.email_address' },
        phone: { path: '$.data.object.customer.phone_number' },
        birthday: { path: '$.data.object.customer.birthday' },
        company: { path: '$.data.object.customer.company_name' },
      },
    },
  ],
  ignore: [
    { all: [IS_PAYMENT, { not: HAS_PAYER }] },
    // Orders name neither a customer nor an amount: the payment does.
    ...['order.*', 'catalog.*', 'inventory.*', 'location.*', 'terminal.*', 'invoice.*', 'payout.*'].map(
      (matches): Condition => ({ path: '$.type', matches }),
    ),
  ],
};
