import { CDNOW_RECEIPTS } from './cdnow-receipts.ts';
import { FEBRL_PERSON } from './febrl-person.ts';
import type { MappingDefinition } from './types.ts';

/** The Segment spec: identify, track, page, screen, group and alias. */
export const SEGMENT: MappingDefinition = {
  name: 'segment',
  version: 1,
  description: 'Messages of the Segment spec, as its SDKs and those of its peers send them.',
  kind: 'segment',
};

/** The mappings that every tenant has. */
export const BUILT_IN_MAPPINGS: readonly MappingDefinition[] = [SEGMENT, CDNOW_RECEIPTS, FEBRL_PERSON];
