import { FakeVendor, type VendorCall, type VendorReply } from './vendor.ts';

/** A record; `attributes` is added as the vendor does. */
export interface SalesforceRecord {
  readonly Id: string;
  readonly SystemModstamp: string;
  readonly IsDeleted?: boolean;
  readonly [field: string]: unknown;
}

const MODSTAMP = /SystemModstamp >= (\S+)/;

/** The part of Salesforce's REST API that syncs use: tokens, describe, queryAll and its locators. */
export class FakeSalesforce extends FakeVendor {
  readonly objects = new Map<string, SalesforceRecord[]>();
  /** Types by field, by object. */
  readonly fields = new Map<string, Record<string, string>>();
  pageSize = 2;
  used = 0;
  readonly #locators = new Map<string, { readonly object: string; readonly records: SalesforceRecord[] }>();
  protected readonly tokenPath = '/services/oauth2/token';
  protected readonly expired: VendorReply = {
    status: 401,
    body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
  };
  protected readonly refusedGrant: VendorReply = {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'expired access/refresh token' },
  };

  /** Contacts with ids and modifications, one each minute from noon on. */
  contacts(count: number, from = 0): SalesforceRecord[] {
    return Array.from({ length: count }, (_, at) => contact(from + at));
  }

  /** Forgets the pages of queries under way. */
  forgetLocators(): void {
    this.#locators.clear();
  }

  protected api({ url }: VendorCall): VendorReply {
    this.used += 1;
    const path = url.pathname.replace(/^\/services\/data\/v[\d.]+/, '');
    const described = /^\/sobjects\/(\w+)\/describe$/.exec(path)?.[1];
    if (described !== undefined) return this.#describe(described);
    if (path === '/queryAll') return this.#query(url.searchParams.get('q') ?? '');
    const locator = /^\/query\/(\S+)$/.exec(path)?.[1];
    if (locator !== undefined) return this.#more(locator);
    return { status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'no such resource' }] };
  }

  #describe(object: string): VendorReply {
    const own = this.fields.get(object) ?? {};
    const types = { Id: 'id', IsDeleted: 'boolean', SystemModstamp: 'datetime', ...own };
    return { body: { name: object, fields: Object.entries(types).map(([name, type]) => ({ name, type })) } };
  }

  #query(soql: string): VendorReply {
    const [, names = '', object = ''] = /^SELECT (.+?) FROM (\w+)/.exec(soql) ?? [];
    const since = Date.parse(MODSTAMP.exec(soql)?.[1] ?? '1970-01-01T00:00:00Z');
    const fields = names.split(', ');
    const found = (this.objects.get(object) ?? [])
      .filter((record) => !(Date.parse(record.SystemModstamp) < since))
      .filter(({ IsDeleted }) => IsDeleted !== true || !soql.includes('IsDeleted = false'))
      .sort((a, b) => (`${a.SystemModstamp}${a.Id}` < `${b.SystemModstamp}${b.Id}` ? -1 : 1))
      .map((record) => ({
        attributes: { type: object, url: `/services/data/v62.0/sobjects/${object}/${record.Id}` },
        ...Object.fromEntries(fields.map((field) => [field, record[field] ?? null])),
        IsDeleted: record.IsDeleted === true,
      }));
    return this.#page(object, found as unknown as SalesforceRecord[], found.length);
  }

  #page(object: string, records: SalesforceRecord[], totalSize: number): VendorReply {
    const rest = records.slice(this.pageSize);
    const locator = `01g0000${this.used}-${this.pageSize}`;
    if (rest.length > 0) this.#locators.set(locator, { object, records: rest });
    const page = {
      totalSize,
      done: rest.length === 0,
      ...(rest.length === 0 ? {} : { nextRecordsUrl: `/services/data/v62.0/query/${locator}` }),
      records: records.slice(0, this.pageSize),
    };
    const headers = { 'sforce-limit-info': `api-usage=${this.used}/15000` };
    return { headers, body: this.mangle(page) };
  }

  #more(locator: string): VendorReply {
    const kept = this.#locators.get(locator);
    return kept === undefined
      ? { status: 400, body: [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }] }
      : this.#page(kept.object, kept.records, kept.records.length);
  }
}

/** The n-th contact of a test, modified n minutes after noon of 2026-03-01. */
export function contact(n: number, fields: Record<string, unknown> = {}): SalesforceRecord {
  const at = new Date(Date.parse('2026-03-01T12:00:00.000Z') + n * 60_000).toISOString();
  return {
    Id: `0030000000${String(n).padStart(5, '0')}AAA`,
    SystemModstamp: at.replace('Z', '+0000'),
    FirstName: `Person ${n}`,
    Email: `person-${n}@example.com`,
    ...fields,
  };
}
