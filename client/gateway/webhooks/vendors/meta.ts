import type { JsonObject, JsonValue } from '../../../../domain/json.ts';
import { listOf, objectOf, parseVendorJson } from '../json.ts';
import { equals, header, verifyHmac } from '../signature.ts';
import type { Delivery, Incoming, VendorWebhook } from '../types.ts';

const PREFIX = 'sha256=';
const LEADGEN = 'leadgen';

/**
 * Meta: `X-Hub-Signature-256` is `sha256=` and hex(HMAC-SHA-256(app secret, body)); the address is proven by answering
 * `hub.challenge` where `hub.verify_token` is ours. One item for each change and each message; of a lead the webhook
 * brings the id alone, and its data is fetched.
 * developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
export const meta: VendorWebhook = {
  verify(call, { secrets }) {
    const given = header(call.headers, 'x-hub-signature-256');
    const digest = given?.startsWith(PREFIX) === true ? given.slice(PREFIX.length) : undefined;
    return verifyHmac(digest, secrets, [call.body], 'hex');
  },
  read(call) {
    const body = objectOf(parseVendorJson(call.body));
    const object = body['object'] ?? null;
    const parts = listOf(body['entry'], 'entry').map((entry) => readEntry(object, objectOf(entry, 'entry')));
    return {
      items: parts.flatMap(({ items }) => items),
      followUps: parts.flatMap(({ followUps = [] }) => followUps),
    };
  },
  challenge({ query }, { settings }) {
    const token = query.get('hub.verify_token');
    const challenge = query.get('hub.challenge');
    const wanted = settings['verifyToken'];
    if (query.get('hub.mode') !== 'subscribe' || token === null || challenge === null) return undefined;
    if (wanted === undefined || !equals(token, wanted)) return undefined;
    return { type: 'text/plain; charset=utf-8', body: challenge };
  },
};

function readEntry(object: JsonValue, entry: JsonObject): Delivery {
  const shared = { object, id: entry['id'] ?? null, time: entry['time'] ?? null };
  const items: Incoming[] = [];
  const followUps: { id: string; facts: Record<string, string> }[] = [];
  for (const change of optionalList(entry['changes'])) {
    const { field, value } = objectOf(change, 'changes');
    const lead = field === LEADGEN ? leadOf(value) : undefined;
    if (lead !== undefined) followUps.push(lead);
    items.push({ body: { ...shared, field: field ?? null, value: value ?? null } });
  }
  for (const list of ['messaging', 'standby'] as const) {
    for (const message of optionalList(entry[list])) items.push({ body: { ...shared, [list]: message } });
  }
  return { items, followUps };
}

/** The lead that a change is about, with what the change says of it. */
function leadOf(value: JsonValue | undefined): { id: string; facts: Record<string, string> } | undefined {
  const facts: Record<string, string> = {};
  for (const [name, fact] of Object.entries(objectOf(value, 'value'))) {
    if (typeof fact === 'string' || typeof fact === 'number') facts[name] = String(fact);
  }
  const id = facts['leadgen_id'];
  // An id goes into the path of the call that fetches the lead.
  return id !== undefined && /^\d{1,40}$/.test(id) ? { id, facts } : undefined;
}

function optionalList(value: JsonValue | undefined): JsonValue[] {
  return value === undefined || value === null ? [] : listOf(value, 'entry');
}
