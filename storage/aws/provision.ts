import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { BucketLocationConstraint, S3Client } from '@aws-sdk/client-s3';
import { errorName, errorStatus, withRetries } from './calls.ts';

const TABLE_WAIT_S = 60;

/** Creates a table, on demand, where it is missing, and sees that it has expiry. Two processes may do so at once. */
export async function ensureTable(client: DynamoDBClient, tableName: string): Promise<void> {
  const missing = await withRetries(`table ${tableName}`, undefined, async () => {
    try {
      const answer = await client.send(new DescribeTableCommand({ TableName: tableName }));
      return answer.Table?.TableStatus === 'CREATING';
    } catch (error) {
      if (errorName(error) === 'ResourceNotFoundException') return true;
      throw error;
    }
  });
  if (missing) {
    await withRetries(`table ${tableName}`, undefined, () => createTable(client, tableName));
    await waitUntilTableExists({ client, maxWaitTime: TABLE_WAIT_S, minDelay: 1 }, { TableName: tableName });
  } else if (await hasExpiry(client, tableName)) return;
  await withRetries(`table ${tableName}`, undefined, async () => {
    try {
      const TimeToLiveSpecification = { AttributeName: 'x', Enabled: true };
      await client.send(new UpdateTimeToLiveCommand({ TableName: tableName, TimeToLiveSpecification }));
    } catch (error) {
      // Another process has switched it on.
      if (errorName(error) !== 'ValidationException') throw error;
    }
  });
}

/** Whoever made the table may have ended before expiry was on: nothing would ever be deleted. */
async function hasExpiry(client: DynamoDBClient, tableName: string): Promise<boolean> {
  return withRetries(`table ${tableName}`, undefined, async () => {
    try {
      const answer = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
      return answer.TimeToLiveDescription?.TimeToLiveStatus?.startsWith('ENABL') === true;
    } catch (error) {
      // Who may use tables and not manage them has them from somebody else, with what they need.
      if (errorName(error) === 'AccessDeniedException') return true;
      throw error;
    }
  });
}

/** Creates a table, on demand and without expiry. One that is there is no error. */
export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if (errorName(error) !== 'ResourceInUseException') throw error;
  }
}

/** Creates the bucket where it is missing. */
export async function ensureBucket(client: S3Client, bucket: string, region: string): Promise<void> {
  await withRetries(`bucket ${bucket}`, undefined, async () => {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
      return;
    } catch (error) {
      if (errorStatus(error) !== 404) throw error;
    }
    try {
      await client.send(
        new CreateBucketCommand({
          Bucket: bucket,
          // The one region that must not be named is the first.
          ...(region === 'us-east-1'
            ? {}
            : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
        }),
      );
    } catch (error) {
      if (!errorName(error).startsWith('BucketAlready')) throw error;
    }
  });
}
