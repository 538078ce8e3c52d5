import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';

/** What runs are found by in Temporal's UI. They are stored in clear: never personal data. */
export const TENANT_ATTRIBUTE = defineSearchAttributeKey('Tenant', SearchAttributeType.KEYWORD);
export const SOURCE_ATTRIBUTE = defineSearchAttributeKey('Source', SearchAttributeType.KEYWORD);
export const CAPABILITY_ATTRIBUTE = defineSearchAttributeKey('Capability', SearchAttributeType.KEYWORD);
export const STAGE_ATTRIBUTE = defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD);

/** When a schedule had a run due; Temporal sets it, in every namespace. */
export const DUE_ATTRIBUTE = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
);

/** Names and types that a namespace must know before any workflow starts. */
export const SEARCH_ATTRIBUTES = {
  Tenant: 'Keyword',
  Source: 'Keyword',
  Capability: 'Keyword',
  Stage: 'Keyword',
} as const;

/** The search attributes that a run is started with. */
export function startAttributes(run: {
  readonly tenant: string;
  readonly source?: string;
  readonly capability: string;
  readonly stage: string;
}): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: TENANT_ATTRIBUTE, value: run.tenant },
    ...(run.source === undefined ? [] : [{ key: SOURCE_ATTRIBUTE, value: run.source }]),
    { key: CAPABILITY_ATTRIBUTE, value: run.capability },
    { key: STAGE_ATTRIBUTE, value: run.stage },
  ]);
}
