/** What the generator needs to know of the receipts: per customer the days of purchase, in order, without repeats. */
export type PurchaseDays = ReadonlyMap<string, readonly string[]>;

/** Reads the sample's own plain CSV: no quotes, four columns, a header. Throws where it is something else. */
export function purchaseDays(csv: string): PurchaseDays {
  const [header, ...rows] = csv.split(/\r?\n/).filter((row) => row !== '');
  if (header !== 'customer_id,date,quantity,amount') throw new Error('This is not the CDNOW sample.');
  const days = new Map<string, Set<string>>();
  for (const row of rows) {
    const [customer = '', date = ''] = row.split(',');
    const known = days.get(customer) ?? new Set<string>();
    days.set(customer, known.add(date));
  }
  return new Map([...days].map(([customer, dates]) => [customer, [...dates].sort()]));
}
