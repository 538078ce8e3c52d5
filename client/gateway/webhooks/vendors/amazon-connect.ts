import type { JsonObject, JsonValue } from '../../../../domain/json.ts';
import { ProblemError } from '../../problem.ts';
import { listOf, objectOf, parseVendorJson } from '../json.ts';
import { equalsAny, header, refused } from '../signature.ts';
import type { Incoming, VendorWebhook } from '../types.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Amazon Connect's contact records, as Amazon Data Firehose delivers a stream to an HTTP endpoint: the access key in
 * `X-Amz-Firehose-Access-Key`, records as base64 of their JSON, answered with the request's id and a time in milliseconds.
 * docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export const amazonConnect: VendorWebhook = {
  verify(call, { secrets }) {
    const key = header(call.headers, 'x-amz-firehose-access-key');
    if (key === undefined) return refused('no-signature');
    return equalsAny(key, secrets) ? { ok: true, signed: [call.body] } : refused('wrong-signature');
  },
  read(call) {
    const body = objectOf(parseVendorJson(call.body));
    const requestId = header(call.headers, 'x-amz-firehose-request-id') ?? body['requestId'] ?? null;
    const items = listOf(body['records'], 'records').flatMap((record, index): Incoming[] => {
      const data = objectOf(record, `records[${index}]`)['data'];
      if (typeof data !== 'string' || !BASE64.test(data)) {
        throw new ProblemError(400, 'wrong-shape', `records[${index}].data must be base64.`);
      }
      return readRecords(Buffer.from(data, 'base64')).map((item) => ({
        body: item,
        delivery: { requestId },
      }));
    });
    return { items };
  },
  reply(call) {
    const given = header(call.headers, 'x-amz-firehose-request-id') ?? requestIdOf(call.body);
    const body = { requestId: given, timestamp: call.nowMs };
    return { type: 'application/json', body: JSON.stringify(body) };
  },
};

function requestIdOf(body: Buffer): JsonValue {
  const { requestId }: JsonObject = objectOf(parseVendorJson(body));
  return requestId ?? null;
}

/** One record, or several one after the other: streams join them with or without line ends. */
function readRecords(bytes: Buffer): JsonValue[] {
  try {
    return [parseVendorJson(bytes)];
  } catch (error) {
    const parts = splitObjects(bytes.toString('utf8'));
    if (parts.length < 2) throw error;
    return parts.map((part) => parseVendorJson(Buffer.from(part)));
  }
}

/** The objects of a text that has one after the other; braces within strings do not count. */
function splitObjects(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{') {
      if (depth++ === 0) start = at;
    } else if (char === '}' && --depth === 0) parts.push(text.slice(start, at + 1));
  }
  return parts;
}
