import type { Key, Table, WriteOp } from '../ports.ts';
import { WRITE_OPS_MAX } from '../ports.ts';
import type { WebhookStore } from './types.ts';

/** Characters of a digest that name its partition, so that one busy source is spread over many. */
const SPREAD_CHARS = 1;
const NOTHING = new Uint8Array();

function keyOf(source: string, digest: string): Key {
  return { pk: `delivered/${source}/${digest.slice(0, SPREAD_CHARS)}`, sk: digest };
}

interface Question {
  readonly key: Key;
  readonly resolve: (isThere: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks for keys of one turn of the event loop in one read: on DynamoDB, one request for up to a hundred. */
function gatheredLookUp(table: Table): (key: Key) => Promise<boolean> {
  let open: Question[] = [];
  const ask = (questions: readonly Question[]): void => {
    table.getMany(questions.map(({ key }) => key)).then(
      (items) => {
        for (const [at, { resolve }] of questions.entries()) resolve(items[at] !== undefined);
      },
      (error: unknown) => {
        for (const { reject } of questions) reject(error);
      },
    );
  };
  return (key) =>
    new Promise((resolve, reject) => {
      open.push({ key, resolve, reject });
      if (open.length > 1) return;
      setImmediate(() => {
        const questions = open;
        open = [];
        ask(questions);
      });
    });
}

/** Which deliveries were taken, by digest. */
export function createDeliveries(table: Table): Pick<WebhookStore, 'wasTaken' | 'remember'> {
  const isThere = gatheredLookUp(table);
  return {
    wasTaken: (source, digest) => isThere(keyOf(source, digest)),
    async remember(deliveries) {
      const ops = new Map<string, WriteOp>();
      for (const { source, digest, expiresAt } of deliveries) {
        const key = keyOf(source, digest);
        ops.set(`${key.pk} ${key.sk}`, { kind: 'put', ...key, version: 1, value: NOTHING, expiresAt });
      }
      const all = [...ops.values()];
      const writes: Promise<void>[] = [];
      for (let from = 0; from < all.length; from += WRITE_OPS_MAX)
        writes.push(table.write(all.slice(from, from + WRITE_OPS_MAX)));
      await Promise.all(writes);
    },
  };
}
