import type { SourceKind } from './source-kind.ts';

/** A vendor whose webhooks are taken in its own shape. */
export type Vendor =
  | 'shopify'
  | 'square'
  | 'hubspot'
  | 'salesforce'
  | 'zendesk'
  | 'amazon-connect'
  | 'ses'
  | 'sendgrid'
  | 'meta';

/** One setting of a vendor's webhook. */
export interface VendorSetting {
  readonly about: string;
  readonly required: boolean;
  /** Never shown again once it is stored. */
  readonly hidden?: boolean;
  readonly pattern: RegExp;
}

/** What taking a vendor's webhooks needs. */
export interface VendorProfile {
  readonly kind: SourceKind;
  /** The built-in mapping of its payloads. */
  readonly mapping: string;
  /** What its secret is called there; absent where its deliveries are signed with none of ours. */
  readonly secret?: { readonly about: string; readonly required: boolean };
  readonly settings: Readonly<Record<string, VendorSetting>>;
}

const URL_SETTING: VendorSetting = {
  about: 'the address as entered there, where a proxy changes it: it is part of what is signed',
  required: false,
  pattern: /^https?:\/\/[^\s]{1,1000}$/,
};
const TOKEN = /^[\x21-\x7e]{1,2000}$/;

/** Everything that is known of the vendors; the guides of the sources say where to find each value. */
export const VENDORS: Readonly<Record<Vendor, VendorProfile>> = {
  shopify: {
    kind: 'pos',
    mapping: 'shopify',
    secret: { about: "the app's client secret", required: true },
    settings: {},
  },
  square: {
    kind: 'pos',
    mapping: 'square',
    secret: { about: "the subscription's signature key", required: true },
    settings: { url: URL_SETTING },
  },
  hubspot: {
    kind: 'crm',
    mapping: 'hubspot',
    secret: { about: "the app's client secret", required: true },
    settings: { url: URL_SETTING },
  },
  salesforce: {
    kind: 'crm',
    mapping: 'salesforce',
    secret: { about: 'a token of your own, sent as ?token= of the endpoint URL', required: true },
    settings: {
      organizationId: {
        about: 'the organization whose outbound messages are taken',
        required: true,
        pattern: /^00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/,
      },
    },
  },
  zendesk: {
    kind: 'contact-center',
    mapping: 'zendesk',
    secret: { about: "the webhook's signing secret", required: true },
    settings: {},
  },
  'amazon-connect': {
    kind: 'contact-center',
    mapping: 'amazon-connect',
    secret: { about: "the access key of the Firehose stream's HTTP endpoint", required: true },
    settings: {},
  },
  ses: {
    kind: 'email',
    mapping: 'ses',
    settings: {
      topicArn: {
        about: 'the SNS topic of the configuration set',
        required: true,
        pattern: /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$/,
      },
    },
  },
  sendgrid: {
    kind: 'email',
    mapping: 'sendgrid',
    secret: { about: 'the verification key of the signed event webhook', required: true },
    settings: {},
  },
  meta: {
    kind: 'social',
    mapping: 'meta',
    secret: { about: "the app's secret", required: true },
    settings: {
      verifyToken: { about: 'the verify token entered there', required: true, hidden: true, pattern: TOKEN },
      accessToken: {
        about: 'a page access token with leads_retrieval, to fetch the data of leads',
        required: false,
        hidden: true,
        pattern: TOKEN,
      },
      graphUrl: {
        about: 'the Graph API with its version',
        required: false,
        pattern: /^https?:\/\/[^\s?#]{1,500}$/,
      },
    },
  },
};

/** Whether a text names a vendor. */
export function isVendor(name: string): name is Vendor {
  return Object.hasOwn(VENDORS, name);
}
