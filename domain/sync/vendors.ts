import type { SyncVendor } from './types.ts';

/** How the vendor's API is entered. */
export const AUTH_KINDS = ['client-credentials', 'refresh-token', 'token'] as const;

/** One of `AUTH_KINDS`. */
export type AuthKind = (typeof AUTH_KINDS)[number];

/** What reading a vendor's API needs; the guide says where to find each value. */
export interface SyncVendorProfile {
  readonly about: string;
  /** The address of its API; undefined where each customer has one of its own. */
  readonly url?: string;
  readonly auth: readonly AuthKind[];
  /** What can be read. */
  readonly objects: readonly string[];
  /** The built-in mapping of its records. */
  readonly mapping: string;
}

/** Everything that is known of the vendors. */
export const SYNC_VENDORS: Readonly<Record<SyncVendor, SyncVendorProfile>> = {
  salesforce: {
    about: 'the My Domain address, such as https://acme.my.salesforce.com',
    auth: ['client-credentials', 'refresh-token'],
    objects: ['Contact', 'Account', 'Opportunity', 'Lead', 'Case'],
    mapping: 'salesforce',
  },
  hubspot: {
    about: 'the address of the API',
    url: 'https://api.hubapi.com',
    auth: ['token', 'refresh-token'],
    objects: ['contacts', 'companies', 'deals'],
    mapping: 'hubspot',
  },
};

/** What is read where nothing is named. */
export const SYNC_OBJECTS_DEFAULT: Readonly<Record<SyncVendor, readonly string[]>> = {
  salesforce: ['Account', 'Contact', 'Opportunity'],
  hubspot: ['companies', 'contacts', 'deals'],
};

/** How far before the cursor modifications are read again, ISO 8601. */
export const SYNC_OVERLAP_DEFAULT = 'PT5M';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether an address may be called: https, or http on this very machine; no credentials, query or fragment in it. */
export function isCallable(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(address);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
