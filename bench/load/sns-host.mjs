/**
 * Imported into a platform's processes by `NODE_OPTIONS`: answers for Amazon SNS with the certificate that the benchmark
 * signs by. Plain JavaScript, as it is loaded before TypeScript can be.
 */
import { isMainThread } from 'node:worker_threads';
import { MockAgent, setGlobalDispatcher } from 'undici';

const { BENCH_SNS_URL: url, BENCH_SNS_CERTIFICATE: certificate } = process.env;
if (isMainThread && url !== undefined && certificate !== undefined) {
  const { origin, pathname } = new URL(url);
  const agent = new MockAgent();
  agent.enableNetConnect();
  agent.get(origin).intercept({ path: pathname }).reply(200, certificate).persist();
  setGlobalDispatcher(agent);
}
