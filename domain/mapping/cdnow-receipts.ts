import type { MappingDefinition } from './types.ts';

/** Receipts of the CDNOW sample: `customer_id,date,quantity,amount`, one order a row. Equal rows are distinct orders. */
export const CDNOW_RECEIPTS: MappingDefinition = {
  name: 'cdnow-receipts',
  version: 1,
  description:
    'CDNOW point-of-sale receipts: each row is one Order Completed of a loyalty card holder, in US dollars.',
  kind: 'record',
  record: {
    type: 'track',
    event: { const: 'Order Completed' },
    timestamp: { path: 'date', as: 'date', required: true },
    identifiers: { loyaltyId: { path: 'customer_id', as: 'trim', required: true } },
    properties: {
      revenue: { path: 'amount', as: 'decimal', required: true },
      quantity: { path: 'quantity', as: 'integer', required: true },
      currency: { const: 'USD' },
    },
  },
};
