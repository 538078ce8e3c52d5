import type { MappingDefinition } from './types.ts';

/** Person records of the FEBRL sets. Birth dates are kept as written: the sets hold wrong ones on purpose. */
export const FEBRL_PERSON: MappingDefinition = {
  name: 'febrl-person',
  version: 1,
  description: 'FEBRL person records: each row identifies one CRM record, whose columns become traits.',
  kind: 'record',
  record: {
    type: 'identify',
    identifiers: { crmId: { path: 'rec_id', as: 'trim', required: true } },
    traits: {
      firstName: { path: 'given_name', as: 'trim' },
      lastName: { path: 'surname', as: 'trim' },
      birthday: { path: 'date_of_birth', as: 'trim' },
      streetNumber: { path: 'street_number', as: 'trim' },
      address1: { path: 'address_1', as: 'trim' },
      address2: { path: 'address_2', as: 'trim' },
      city: { path: 'suburb', as: 'trim' },
      postalCode: { path: 'postcode', as: 'trim' },
      state: { path: 'state', as: 'trim' },
      customerNumber: { path: 'soc_sec_id', as: 'trim' },
    },
  },
};
