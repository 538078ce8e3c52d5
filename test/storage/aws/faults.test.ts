import assert from 'node:assert/strict';
import type { AwsConfig } from '../../../storage/aws/config.ts';
import { openAws } from '../../../storage/aws/open.ts';
import { ConditionFailed, StoreUnavailable } from '../../../storage/errors.ts';
import type { Storage, WriteOp } from '../../../storage/ports.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { Fault, FaultProxy } from '../../support/fault-proxy.ts';
import { awsTestConfig, storageSets } from '../../support/storage-sets.ts';

const type = (name: string): string => `com.amazonaws.dynamodb.v20120810#${name}`;
const error = (name: string, status = 400, more: object = {}): Fault => ({
  kind: 'answer',
  status,
  body: JSON.stringify({ __type: type(name), message: 'injected', ...more }),
});
const put = (sk: string): WriteOp => ({
  kind: 'put',
  pk: 'p',
  sk,
  version: 1,
  value: Buffer.from('x'),
  expect: 'absent',
});

const describeAws = storageSets.some((set) => set.name === 'aws') ? describe : describe.skip;

describeAws('a table on DynamoDB under faults', () => {
  let config: AwsConfig;
  let proxy: FaultProxy;
  let storage: Storage;
  let count = 0;
  const fresh = (): string => {
    count += 1;
    return `k${count}`;
  };

  before(async function () {
    this.timeout(120_000);
    config = await awsTestConfig();
    proxy = await startFaultProxy(config.endpoints.dynamodb ?? '');
    storage = await openAws({
      ...config,
      attempts: 4,
      endpoints: { ...config.endpoints, dynamodb: proxy.url },
    });
  });
  after(async () => {
    await storage.close();
    await proxy.close();
  });
  afterEach(() => {
    assert.equal(proxy.pending(), 0, 'every fault was met');
  });

  it('tries again when throttled, conflicting, or answered by an internal error', async () => {
    const sk = fresh();
    proxy.inject(error('ProvisionedThroughputExceededException'), error('InternalServerError', 500));
    await storage.log.write([put(sk)]);
    proxy.inject(
      error('TransactionCanceledException', 400, {
        CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict', Message: 'x' }],
      }),
      error('ThrottlingException'),
    );
    await storage.log.write([put(`${sk}a`), put(`${sk}b`)]);
    proxy.inject(error('ProvisionedThroughputExceededException'));
    assert.equal((await storage.log.query({ pk: 'p', from: sk, to: `${sk}z` })).length, 3);
  });

  it('writes a transaction once whose answer was lost', async () => {
    const sk = fresh();
    proxy.inject({ kind: 'lost' });
    await storage.log.write([put(`${sk}a`), put(`${sk}b`)]);
    assert.equal((await storage.log.query({ pk: 'p', from: sk, to: `${sk}z` })).length, 2);
  });

  it('may call a single conditional put, whose answer was lost, a conflict; the item is there', async () => {
    const sk = fresh();
    proxy.inject({ kind: 'lost' });
    await assert.rejects(storage.log.write([put(sk)]), ConditionFailed);
    assert.ok(await storage.log.get({ pk: 'p', sk }));
  });

  it('writes once what has no condition, so that a lost answer undoes nothing that others wrote since', async () => {
    const key = { pk: 'p', sk: fresh() };
    const other = await openAws(config);
    try {
      proxy.inject({ kind: 'lost' });
      const written = storage.log.write([{ kind: 'put', ...key, version: 1, value: Buffer.from('x') }]);
      while ((await other.log.get(key)) === undefined);
      await other.log.write([{ kind: 'delete', ...key }]);
      await written;
      assert.equal(await other.log.get(key), undefined);
    } finally {
      await other.close();
    }
  });

  it('reads again when an answer is lost or cut short', async () => {
    const sk = fresh();
    await storage.log.write([put(sk)]);
    proxy.inject({ kind: 'cut' }, { kind: 'lost' });
    assert.ok(await storage.log.get({ pk: 'p', sk }));
    proxy.inject({ kind: 'cut' });
    assert.equal((await storage.log.getMany([{ pk: 'p', sk }]))[0]?.sk, sk);
  });

  it('says that it is not available when waiting does not help', async () => {
    proxy.inject(...Array.from({ length: 4 }, () => error('ProvisionedThroughputExceededException')));
    await assert.rejects(storage.log.get({ pk: 'p', sk: 'x' }), StoreUnavailable);
  });

  it('says that it is not available, at once, when it is refused', async () => {
    proxy.inject(error('AccessDeniedException'));
    await assert.rejects(storage.log.get({ pk: 'p', sk: 'x' }), StoreUnavailable);
  });
});
