import { readFileSync } from 'node:fs';
import { runName, template } from './event.ts';
import type { LoadSpec } from './spec.ts';

/** What one connection sends: filled anew for each request, in place. */
export interface Form {
  /** The next request; undefined where there are no more. */
  next(): readonly Buffer[] | undefined;
}

/** What connections send, each by a form of its own. */
export function createForms(spec: LoadSpec): () => Form {
  return spec.requests === undefined ? eventForms(spec) : requestForms(spec.requests);
}

/** Events of users, numbered over all connections. */
function eventForms(spec: LoadSpec): () => Form {
  const run = runName();
  let sequence = 0;
  let sessionLeft = 0;
  let user = -1;
  const nextUser = (): number => {
    if (sessionLeft <= 0) {
      sessionLeft = spec.session;
      user = spec.inTurn === true ? (user + 1) % spec.users : Math.floor(Math.random() * spec.users);
    }
    sessionLeft -= 1;
    return (spec.firstUser ?? 0) + user;
  };
  return () => {
    const form = template(spec.perRequest, spec.perRequest > 1, run);
    const head = Buffer.from(
      `POST ${spec.perRequest > 1 ? '/v1/batch' : '/v1/track'} HTTP/1.1\r\nhost: ${spec.host}:${spec.port}\r\n` +
        `authorization: Basic ${Buffer.from(`${spec.writeKey}:`).toString('base64')}\r\n` +
        `content-type: application/json\r\ncontent-length: ${form.bytes.length}\r\n\r\n`,
    );
    return {
      next() {
        for (let index = 0; index < spec.perRequest; index += 1) form.set(index, sequence++, nextUser());
        return [head, form.bytes];
      },
    };
  };
}

/** Whole requests made before, in their order over all connections; see `writeWebhooks` for the file. */
function requestForms(path: string): () => Form {
  const bytes = readFileSync(path);
  let at = 0;
  const form: Form = {
    next() {
      if (at >= bytes.length) return undefined;
      const from = at + 4;
      at = from + bytes.readUInt32LE(at);
      return [bytes.subarray(from, at)];
    },
  };
  return () => form;
}
