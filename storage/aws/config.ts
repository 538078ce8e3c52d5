/** Where a tenant's storage on AWS lives. Tables are named `<tablePrefix>-<tenant>-<log|keys|intake>`. */
export interface AwsConfig {
  readonly kind: 'aws';
  readonly tenant: string;
  readonly tablePrefix: string;
  /** Shared by tenants: each keeps to keys that start with its name. */
  readonly bucket: string;
  /** Id, ARN or alias of a symmetric KMS key. */
  readonly kmsKey: string;
  readonly region: string;
  /** Other addresses than AWS's own, for emulators and private links. */
  readonly endpoints: {
    readonly dynamodb?: string | undefined;
    readonly s3?: string | undefined;
    readonly kms?: string | undefined;
  };
  /** Where silent, the AWS SDK's own chain finds them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How often a throttled or failed request is tried again before `StoreUnavailable`; 8 where silent. */
  readonly attempts?: number;
  /** The tables' clock for expiry, epoch milliseconds. */
  readonly now?: () => number;
}
