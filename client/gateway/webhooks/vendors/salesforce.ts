import { XMLParser } from 'fast-xml-parser';
import type { JsonObject, JsonValue } from '../../../../domain/json.ts';
import { ProblemError } from '../../problem.ts';
import { listOf, objectOf } from '../json.ts';
import { equals, equalsAny, refused } from '../signature.ts';
import type { VendorWebhook } from '../types.ts';

/** Ids of 15 characters and the same with a checksum of three name the same thing. */
const ID_LENGTH = 15;
const NESTING_MAX = 20;
const COMPLETE = /<\/(?:[\w.-]+:)?Envelope>\s*$/;
const ACK =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>' +
  '</soapenv:Body></soapenv:Envelope>';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // The five of XML alone: a document type, which could define others, is refused before.
  processEntities: true,
  htmlEntities: false,
  maxNestedTags: NESTING_MAX,
  isArray: (name) => name === 'Notification',
});

/**
 * Salesforce's outbound messages: SOAP that carries no signature, only the organization it comes from, whose id is no secret:
 * a token of our own in the endpoint's URL is. A connection that is stored without one goes by the organization alone. Up to 100 notifications a message, taken once they are acknowledged.
 * developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm
 */
export const salesforce: VendorWebhook = {
  verify(call, { secrets, settings }) {
    if (secrets.length > 0) {
      const token = call.query.get('token');
      if (token === null) return refused('no-signature');
      if (!equalsAny(token, secrets)) return refused('wrong-signature');
    }
    const organization = messageOf(call.body)['OrganizationId'];
    const wanted = settings['organizationId'] ?? '';
    const isOurs =
      typeof organization === 'string' &&
      wanted !== '' &&
      equals(organization.slice(0, ID_LENGTH), wanted.slice(0, ID_LENGTH));
    return isOurs ? { ok: true, signed: [call.body] } : refused('wrong-sender');
  },
  read(call) {
    const message = messageOf(call.body);
    const delivery = {
      organizationId: message['OrganizationId'] ?? null,
      actionId: message['ActionId'] ?? null,
    };
    const items = listOf(message['Notification'], 'notifications').map((given) => {
      const notification = objectOf(given, 'Notification');
      const record = objectOf(notification['sObject'], 'sObject');
      const type = record['@type'];
      return {
        body: {
          notificationId: notification['Id'] ?? null,
          object: typeof type === 'string' ? type.replace(/^.*:/, '') : null,
          record: plain(record),
        },
        delivery,
      };
    });
    return { items };
  },
  reply: () => ({ type: 'text/xml; charset=utf-8', body: ACK }),
};

/** The `notifications` element. Throws `ProblemError` 400. */
function messageOf(bytes: Buffer): JsonObject {
  const text = bytes.toString('utf8');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    throw new ProblemError(
      400,
      'doctype-refused',
      'The XML has a document type; outbound messages have none.',
    );
  }
  let parsed: JsonObject;
  try {
    if (!COMPLETE.test(text)) throw new SyntaxError('cut short');
    parsed = parser.parse(text) as JsonObject;
  } catch {
    // The parser's message may quote the input.
    throw new ProblemError(400, 'malformed-xml', 'The body is not well-formed XML of an outbound message.');
  }
  const body = objectOf(objectOf(parsed['Envelope'], 'Envelope')['Body'], 'Body');
  return objectOf(body['notifications'], 'notifications');
}

/** A record's fields as texts; nil ones, and what is no field, left out. */
function plain(record: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const [name, value] of Object.entries(record)) {
    if (name.startsWith('@') || isNil(value)) continue;
    fields[name] = value;
  }
  return fields;
}

function isNil(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value['@nil'] === 'true';
}
