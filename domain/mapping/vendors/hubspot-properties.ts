/** HubSpot's internal names of properties that have a name in the Segment spec; others stay as they are. */
export const HUBSPOT_PROPERTIES: Readonly<Record<string, string>> = {
  firstname: 'firstName',
  lastname: 'lastName',
  mobilephone: 'mobilePhone',
  jobtitle: 'title',
  zip: 'postalCode',
  date_of_birth: 'birthday',
  lifecyclestage: 'lifecycleStage',
};
