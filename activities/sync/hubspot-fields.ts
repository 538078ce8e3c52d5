/** Properties of HubSpot's own that are read where none are named; properties of the customer's own are read all. */
export const HUBSPOT_READ: Readonly<Record<string, readonly string[]>> = {
  contacts: [
    ...['email', 'firstname', 'lastname', 'phone', 'mobilephone', 'company', 'jobtitle', 'date_of_birth'],
    ...['address', 'city', 'state', 'zip', 'country', 'lifecyclestage', 'hs_lead_status', 'createdate'],
  ],
  companies: [
    ...['name', 'domain', 'website', 'industry', 'type', 'phone', 'numberofemployees', 'annualrevenue'],
    ...['city', 'country', 'createdate'],
  ],
  deals: [
    ...['dealname', 'amount', 'deal_currency_code', 'dealstage', 'pipeline', 'dealtype', 'closedate'],
    ...['hs_deal_stage_probability', 'hs_is_closed', 'hs_is_closed_won', 'createdate'],
  ],
};
