import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DescribeTimeToLiveCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { createTable, ensureTable } from '../../../storage/aws/provision.ts';
import { awsTestConfig, storageSets } from '../../support/storage-sets.ts';

const describeAws = storageSets.some((set) => set.name === 'aws') ? describe : describe.skip;

describeAws('tables that are made where they are missing', function () {
  this.timeout(120_000);
  let client: DynamoDBClient;

  before(async () => {
    const { endpoints, region, credentials } = await awsTestConfig();
    client = new DynamoDBClient({
      region,
      ...(endpoints.dynamodb === undefined ? {} : { endpoint: endpoints.dynamodb }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  });
  after(() => {
    client.destroy();
  });

  const expiry = async (TableName: string): Promise<string | undefined> => {
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    return TimeToLiveDescription?.TimeToLiveStatus;
  };

  it('have expiry, also where whoever made the table ended before that was on', async () => {
    const TableName = `left-${randomUUID()}`;
    await createTable(client, TableName);
    await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
    assert.equal(await expiry(TableName), 'DISABLED');
    await ensureTable(client, TableName);
    assert.equal(await expiry(TableName), 'ENABLED');
    await ensureTable(client, TableName);
    const made = `made-${randomUUID()}`;
    await ensureTable(client, made);
    assert.equal(await expiry(made), 'ENABLED');
  });
});
