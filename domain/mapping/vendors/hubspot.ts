import type { Condition, MappingDefinition, RuleMapping, ValueSource } from '../types.ts';
import { HUBSPOT_OBJECT_RULES, HUBSPOT_OBJECTS_IGNORED } from './hubspot-objects.ts';
import { HUBSPOT_PROPERTIES } from './hubspot-properties.ts';

/** Subscriptions name the kind of object (`contact.creation`), generic ones its type's id (`object.creation`, `0-1`). */
function about(object: string, typeId: string, what: string): Condition {
  return {
    any: [
      { path: '$.subscriptionType', equals: `${object}.${what}` },
      {
        all: [
          { path: '$.subscriptionType', equals: `object.${what}` },
          { path: '$.objectTypeId', equals: typeId },
        ],
      },
    ],
  };
}

const property = (...names: string[]): ValueSource => ({
  when: { path: '$.propertyName', in: names },
  then: { path: '$.propertyValue' },
});

const SHARED: Pick<RuleMapping, 'messageId' | 'timestamp'> = {
  // HubSpot does not promise that event ids are unique by themselves.
  messageId: { template: 'hubspot-${$.eventId}-${$.objectId}-${$.occurredAt}', required: true },
  timestamp: { path: '$.occurredAt', as: 'epoch-millis', required: true },
};
const CONTACT: ValueSource = { path: '$.objectId', as: 'string', required: true };

/** Webhooks and API records of HubSpot: contacts created, changed, deleted and merged; companies as accounts; deals. */
export const HUBSPOT: MappingDefinition = {
  name: 'hubspot',
  version: 1,
  description:
    'HubSpot webhooks and API records: contacts as traits; their deletion and merging; companies as accounts; deals.',
  kind: 'rules',
  rules: [
    {
      ...SHARED,
      name: 'contact change',
      when: { any: [about('contact', '0-1', 'propertyChange'), about('contact', '0-1', 'creation')] },
      type: 'identify',
      identifiers: { crmId: CONTACT, email: property('email'), phone: property('phone', 'mobilephone') },
      pairs: [
        {
          into: 'traits',
          name: { path: '$.propertyName', lookup: HUBSPOT_PROPERTIES, orKeep: true },
          value: { path: '$.propertyValue' },
        },
      ],
    },
    {
      ...SHARED,
      name: 'contact deletion',
      when: {
        any: [
          about('contact', '0-1', 'deletion'),
          { path: '$.subscriptionType', equals: 'contact.privacyDeletion' },
        ],
      },
      type: 'track',
      event: { const: 'Contact Deleted' },
      identifiers: { crmId: CONTACT },
      properties: {
        privacy: {
          when: { path: '$.subscriptionType', equals: 'contact.privacyDeletion' },
          then: { const: true },
        },
      },
    },
    {
      ...SHARED,
      name: 'contact merge',
      when: about('contact', '0-1', 'merge'),
      type: 'alias',
      event: { const: 'Contact Merged' },
      identifiers: {
        crmId: {
          list: [
            { path: '$.newObjectId', as: 'string' },
            { path: '$.primaryObjectId', as: 'string' },
            { each: '$.mergedObjectIds', item: { path: '$', as: 'string' } },
          ],
        },
      },
      properties: { primary: { path: '$.primaryObjectId', as: 'string' } },
    },
    {
      ...SHARED,
      name: 'company change',
      when: { any: [about('company', '0-2', 'propertyChange'), about('company', '0-2', 'creation')] },
      type: 'group',
      identifiers: { accountId: { template: 'hubspot-${$.objectId}', required: true } },
      properties: { groupId: { template: 'hubspot-${$.objectId}' } },
      pairs: [{ into: 'properties', name: { path: '$.propertyName' }, value: { path: '$.propertyValue' } }],
    },
    ...HUBSPOT_OBJECT_RULES,
  ],
  ignore: [
    // Of these the webhook says no person: they come with the scheduled sync.
    ...['deal.*', 'ticket.*', 'product.*', 'line_item.*', 'conversation.*', 'company.*', 'object.*'].map(
      (matches): Condition => ({ path: '$.subscriptionType', matches }),
    ),
    { path: '$.subscriptionType', in: ['contact.restore', 'contact.associationChange'] },
    ...HUBSPOT_OBJECTS_IGNORED,
  ],
};
