import type { Life } from './life.ts';
import { createRandom } from './random.ts';

/** One lead, as Meta's Graph API gives it. */
export type Lead = Record<string, unknown> & { readonly created_time: string };

const SEED = 19_970_408;
const CAMPAIGN = { campaign_id: '23850000000000101', campaign_name: 'Record club (generated)' };
const FORM = '1240000000000077';
const ADS = [
  { ad_id: '23850000000000301', ad_name: 'Record club, sleeves', adset_id: '23850000000000201' },
  { ad_id: '23850000000000302', ad_name: 'Record club, turntable', adset_id: '23850000000000201' },
] as const;
const FIRST_LEAD = 551_000_000_000;

/** Answers to the form of an advertisement, as `GET /{form-id}/leads` gives them. In order of time. Pure. */
export function generateLeads(lives: readonly Life[]): Lead[] {
  const random = createRandom(SEED);
  const leads: Lead[] = [];
  let id = FIRST_LEAD;
  for (const { person, leadAt } of lives) {
    if (leadAt === undefined) continue;
    id += random.between(1_000, 9_000);
    const answers = {
      full_name: `${person.firstName} ${person.lastName}`,
      email: person.email,
      phone_number: person.phone,
      favourite_music: random.pick(['Rock', 'Jazz', 'Classical', 'Country', 'Folk']),
    };
    leads.push({
      id: String(id),
      created_time: `${new Date(leadAt).toISOString().slice(0, 19)}+0000`,
      ...random.pick(ADS),
      ...CAMPAIGN,
      form_id: FORM,
      is_organic: false,
      platform: random.pick(['fb', 'ig']),
      field_data: Object.entries(answers).map(([name, answer]) => ({ name, values: [answer] })),
    });
  }
  return leads.sort((a, b) => a.created_time.localeCompare(b.created_time));
}
