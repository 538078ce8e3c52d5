import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { ProblemError } from '../problem.ts';

/** Payloads of one request: Temporal's UI asks for those of an event or of a page. */
const PAYLOADS_MAX = 10_000;
const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/;

/** Payloads as Temporal's remote codecs exchange them: the JSON form of its protocol, bytes as base64. */
export const payloadsBody = z.object({
  payloads: z
    .array(
      z.object({
        metadata: z.record(z.string(), z.string()).nullish(),
        data: z.string().nullish(),
      }),
    )
    .max(PAYLOADS_MAX),
});

/** Reads the body of a request. Throws `ProblemError` that says where it is wrong, and nothing of what stands there. */
export function readPayloads(body: unknown): Payload[] {
  const parsed = payloadsBody.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const at = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.map(String).join('.');
    throw new ProblemError(400, 'invalid-request', `${at}: ${issue?.message ?? 'is not valid'}.`);
  }
  return parsed.data.payloads.map(({ metadata, data }, index) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [
        name,
        bytes(value, `payloads.${index}.metadata`),
      ]),
    ),
    data: bytes(data ?? '', `payloads.${index}.data`),
  }));
}

/** Payloads as the body of an answer. */
export function writePayloads(payloads: readonly Payload[]): z.input<typeof payloadsBody> {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
      ),
      data: Buffer.from(data ?? []).toString('base64'),
    })),
  };
}

function bytes(text: string, at: string): Buffer {
  // Node takes whatever it can for base64 and drops the rest.
  if (!BASE64.test(text)) throw new ProblemError(422, 'not-base64', `${at}: is not base64.`);
  return Buffer.from(text, 'base64');
}
