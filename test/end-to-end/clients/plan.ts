/** The events that every client sends: the same ones each time it is asked, so that a second sending changes nothing. */
export interface ClientPlan {
  readonly host: string;
  readonly writeKey: string;
  readonly count: number;
  readonly users: number;
  /** Begins every message id and user id. */
  readonly prefix: string;
  /** ISO 8601; event n happened n milliseconds later. */
  readonly startedAt: string;
}

/** Message n of a plan. */
export function planned(plan: ClientPlan, index: number) {
  return {
    userId: `${plan.prefix}-u${index % plan.users}`,
    event: index % 10 === 0 ? 'Order Completed' : 'Product Viewed',
    messageId: `${plan.prefix}-m${index}`,
    timestamp: new Date(Date.parse(plan.startedAt) + index),
    properties: { sku: `SKU-${index % 97}`, revenue: 1.1, currency: 'EUR' },
  };
}
