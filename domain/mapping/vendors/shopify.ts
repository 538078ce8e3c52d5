import type { Condition, MappingDefinition, RecordMapping, RuleMapping, ValueSource } from '../types.ts';

const topic = (name: string): Condition => ({ path: '$delivery.topic', equals: name });
const NO_TOPIC: Condition = { path: '$delivery.topic', exists: false };
const IS_REFUND: Condition = { path: '$.refund_line_items', exists: true };
const IS_ORDER: Condition = { all: [{ path: '$.line_items', exists: true }, { not: IS_REFUND }] };

/** Customers of a shop are numbered by it alone, and so are orders. */
const CUSTOMER: ValueSource = { template: 'shopify-${$.customer.id}' };
const ORDER_IDENTIFIERS: RecordMapping['identifiers'] = {
  crmId: CUSTOMER,
  email: { first: [{ path: '$.email' }, { path: '$.contact_email' }, { path: '$.customer.email' }] },
  phone: { first: [{ path: '$.phone' }, { path: '$.customer.phone' }] },
  orderId: { template: 'shopify-${$.id}' },
};
const NOBODY: Condition = {
  not: {
    any: ['$.customer.id', '$.email', '$.contact_email', '$.phone'].map((path) => ({ path, exists: true })),
  },
};

const ORDER: Record<string, ValueSource> = {
  order_id: { path: '$.id', as: 'string', required: true },
  order_number: { path: '$.name' },
  total: { path: '$.total_price', as: 'decimal' },
  revenue: { path: '$.subtotal_price', as: 'decimal' },
  shipping: { path: '$.total_shipping_price_set.shop_money.amount', as: 'decimal' },
  tax: { path: '$.total_tax', as: 'decimal' },
  discount: { path: '$.total_discounts', as: 'decimal' },
  coupon: { path: '$.discount_codes[0].code' },
  currency: { path: '$.currency', required: true },
  affiliation: { path: '$.source_name' },
  status: { path: '$.financial_status' },
  products: {
    each: '$.line_items',
    item: {
      object: {
        product_id: { path: '$.product_id', as: 'string' },
        variant_id: { path: '$.variant_id', as: 'string' },
        sku: { path: '$.sku' },
        name: { path: '$.title' },
        brand: { path: '$.vendor' },
        price: { path: '$.price', as: 'decimal' },
        quantity: { path: '$.quantity', as: 'integer' },
      },
    },
  },
};

const TRAITS: Record<string, ValueSource> = {
  firstName: { path: '$.customer.first_name' },
  lastName: { path: '$.customer.last_name' },
  email: { first: [{ path: '$.email' }, { path: '$.customer.email' }] },
  phone: { first: [{ path: '$.phone' }, { path: '$.customer.phone' }] },
};

function orderEvent(name: string, event: string, when: Condition, id: string, at: string): RuleMapping {
  return {
    name,
    when,
    type: 'track',
    event: { const: event },
    messageId: { template: id, required: true },
    timestamp: { path: at, as: 'datetime', required: true },
    identifiers: ORDER_IDENTIFIERS,
    properties: ORDER,
    traits: TRAITS,
  };
}

const CUSTOMER_RULE: RuleMapping = {
  name: 'customer',
  when: { path: '$delivery.topic', in: ['customers/create', 'customers/update'] },
  type: 'identify',
  messageId: { template: 'shopify-customer-${$.id}-${$.updated_at}', required: true },
  timestamp: { path: '$.updated_at', as: 'datetime' },
  identifiers: {
    crmId: { template: 'shopify-${$.id}', required: true },
    email: { path: '$.email' },
    phone: { path: '$.phone' },
  },
  traits: {
    firstName: { path: '$.first_name' },
    lastName: { path: '$.last_name' },
    email: { path: '$.email' },
    phone: { path: '$.phone' },
    tags: { path: '$.tags', split: ',' },
    city: { path: '$.default_address.city' },
    postalCode: { path: '$.default_address.zip' },
    country: { path: '$.default_address.country_code' },
  },
};

/** A refund names no customer: it is the order's, by the order's id. */
const REFUND: RuleMapping = {
  name: 'refund',
  when: { any: [topic('refunds/create'), { all: [NO_TOPIC, IS_REFUND] }] },
  type: 'track',
  event: { const: 'Order Refunded' },
  messageId: { template: 'shopify-refund-${$.id}', required: true },
  timestamp: {
    first: [
      { path: '$.processed_at', as: 'datetime' },
      { path: '$.created_at', as: 'datetime' },
    ],
  },
  identifiers: { orderId: { template: 'shopify-${$.order_id}', required: true } },
  properties: {
    order_id: { path: '$.order_id', as: 'string', required: true },
    refund_id: { path: '$.id', as: 'string', required: true },
    total: { sum: [{ path: '$.transactions[*].amount' }] },
    currency: { path: '$.transactions[0].currency' },
    reason: { path: '$.note' },
    products: {
      each: '$.refund_line_items',
      item: {
        object: {
          product_id: { path: '$.line_item.product_id', as: 'string' },
          sku: { path: '$.line_item.sku' },
          name: { path: '$.line_item.title' },
          price: { path: '$.line_item.price', as: 'decimal' },
          quantity: { path: '$.quantity', as: 'integer' },
        },
      },
    },
  },
};

/** Webhooks of Shopify: orders, refunds, customers. */
export const SHOPIFY: MappingDefinition = {
  name: 'shopify',
  version: 1,
  description:
    'Shopify webhooks: orders as Order Completed and what follows, refunds as Order Refunded, customers as traits.',
  kind: 'rules',
  rules: [
    orderEvent(
      'order',
      'Order Completed',
      { all: [{ any: [topic('orders/create'), { all: [NO_TOPIC, IS_ORDER] }] }, { not: NOBODY }] },
      'shopify-order-${$.id}',
      '$.created_at',
    ),
    orderEvent(
      'order update',
      'Order Updated',
      { all: [topic('orders/updated'), { not: NOBODY }] },
      'shopify-order-${$.id}-${$.updated_at}',
      '$.updated_at',
    ),
    orderEvent(
      'order cancellation',
      'Order Cancelled',
      { all: [topic('orders/cancelled'), { not: NOBODY }] },
      'shopify-cancelled-${$.id}',
      '$.cancelled_at',
    ),
    orderEvent(
      'order fulfilment',
      'Order Fulfilled',
      { all: [topic('orders/fulfilled'), { not: NOBODY }] },
      'shopify-fulfilled-${$.id}',
      '$.updated_at',
    ),
    REFUND,
    CUSTOMER_RULE,
  ],
  ignore: [
    // A sale to nobody in particular, and what says the same as another webhook.
    { all: [{ path: '$delivery.topic', matches: 'orders/*' }, NOBODY] },
    { all: [NO_TOPIC, IS_ORDER, NOBODY] },
    { path: '$delivery.topic', in: ['orders/paid', 'orders/partially_fulfilled'] },
    ...['products/*', 'inventory*', 'app/*', 'shop/*', 'collections/*', 'themes/*', 'locations/*'].map(
      (matches): Condition => ({ path: '$delivery.topic', matches }),
    ),
  ],
};
