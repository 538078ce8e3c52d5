import { FakeVendor, type VendorCall, type VendorReply } from './vendor.ts';

/** A record as the vendor keeps it. */
export interface HubspotRecord {
  readonly id: string;
  readonly properties: Record<string, string | null>;
  readonly archivedAt?: string;
}

interface Search {
  readonly filterGroups: { readonly filters: Filter[] }[];
  readonly sorts: { readonly propertyName: string }[];
  readonly limit: number;
  readonly properties: string[];
}

interface Filter {
  readonly propertyName: string;
  readonly operator: 'GTE' | 'GT' | 'EQ';
  readonly value: string;
}

/** The part of HubSpot's CRM API, version 3, that syncs use: tokens, properties, search, archived records, associations. */
export class FakeHubspot extends FakeVendor {
  readonly objects = new Map<string, HubspotRecord[]>();
  readonly archived = new Map<string, HubspotRecord[]>();
  readonly properties = new Map<string, { name: string; type: string; hubspotDefined?: boolean }[]>();
  /** Ids of contacts and companies by deal. */
  readonly associations = new Map<string, { contacts?: number[]; companies?: number[] }>();
  pageSize = 200;
  protected readonly tokenPath = '/oauth/v1/token';
  protected readonly expired: VendorReply = {
    status: 401,
    body: { status: 'error', category: 'EXPIRED_AUTHENTICATION', message: 'The OAuth token has expired' },
  };
  protected readonly refusedGrant: VendorReply = {
    status: 400,
    body: { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' },
  };

  protected api({ url, method, text }: VendorCall): VendorReply {
    const [, what, object = '', verb] = /^\/crm\/v3\/(\w+)\/(\w+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (what === 'properties') {
      return { body: { results: this.properties.get(object) ?? [] } };
    }
    if (what === 'objects' && verb === 'search' && method === 'POST') {
      return this.#search(object, JSON.parse(text) as Search);
    }
    if (what === 'objects' && verb === undefined) return this.#list(object, url.searchParams);
    const to = /^\/crm\/v4\/associations\/deals\/(contacts|companies)\/batch\/read$/.exec(url.pathname)?.[1];
    if (to !== undefined)
      return this.#associated(to as 'contacts', JSON.parse(text) as { inputs: { id: string }[] });
    return { status: 404, body: { status: 'error', category: 'OBJECT_NOT_FOUND' } };
  }

  #search(object: string, { filterGroups, sorts, limit, properties }: Search): VendorReply {
    const filters = filterGroups[0]?.filters ?? [];
    const sort = sorts[0]?.propertyName ?? 'hs_object_id';
    const found = (this.objects.get(object) ?? [])
      .filter((record) => filters.every((filter) => matches(record, filter)))
      .sort((a, b) => numberOf(a, sort) - numberOf(b, sort));
    const page = found.slice(0, Math.min(limit, this.pageSize));
    return this.#page(
      page.map((record) => shown(record, properties)),
      found.length > page.length,
      String(page.length),
      found.length,
    );
  }

  #list(object: string, query: URLSearchParams): VendorReply {
    const all = this.archived.get(object) ?? [];
    const start = Number(query.get('after') ?? 0);
    const end = start + Math.min(Number(query.get('limit')), this.pageSize);
    const page = all
      .slice(start, end)
      .map((record) => ({ ...shown(record, []), archived: true, archivedAt: record.archivedAt }));
    return this.#page(page, end < all.length, String(end));
  }

  #page(results: unknown[], more: boolean, after: string, total?: number): VendorReply {
    const paging = more ? { paging: { next: { after, link: `?after=${after}` } } } : {};
    return { body: this.mangle({ ...(total === undefined ? {} : { total }), results, ...paging }) };
  }

  #associated(to: 'contacts' | 'companies', { inputs }: { inputs: { id: string }[] }): VendorReply {
    const results = inputs.flatMap(({ id }) => {
      const ids = this.associations.get(id)?.[to] ?? [];
      return ids.length === 0
        ? []
        : [{ from: { id }, to: ids.map((toObjectId) => ({ toObjectId, associationTypes: [] })) }];
    });
    return { status: results.length === 0 ? 207 : 200, body: { status: 'COMPLETE', results } };
  }
}

function numberOf({ id, properties }: HubspotRecord, name: string): number {
  if (name === 'hs_object_id') return Number(id);
  const value = properties[name] ?? '';
  return /^\d+$/.test(value) ? Number(value) : Date.parse(value);
}

function matches(record: HubspotRecord, { propertyName, operator, value }: Filter): boolean {
  const own = numberOf(record, propertyName);
  const other = Number(value);
  return operator === 'EQ' ? own === other : operator === 'GT' ? own > other : own >= other;
}

function shown({ id, properties }: HubspotRecord, wanted: readonly string[]): Record<string, unknown> {
  const own = Object.entries(properties).filter(([name]) => wanted.includes(name));
  const modified =
    properties['lastmodifieddate'] ?? properties['hs_lastmodifieddate'] ?? '2026-03-01T00:00:00Z';
  return {
    id,
    properties: { hs_object_id: id, ...Object.fromEntries(own) },
    createdAt: modified,
    updatedAt: modified,
    archived: false,
  };
}

/** The n-th contact of a test, modified n minutes after noon of 2026-03-01. */
export function hubspotContact(n: number, modified?: string): HubspotRecord {
  const at = new Date(Date.parse('2026-03-01T12:00:00.000Z') + n * 60_000).toISOString();
  return {
    id: String(1_000 + n),
    properties: {
      email: `person-${n}@example.com`,
      firstname: `Person ${n}`,
      lastmodifieddate: modified ?? at,
    },
  };
}
