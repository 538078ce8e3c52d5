import type { Life } from './life.ts';
import type { Person } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** One contact record of Amazon Connect. */
export type ContactRecord = Record<string, unknown> & { readonly DisconnectTimestamp: string };

const SEED = 19_970_406;
const DAY_MS = 86_400_000;
const INSTANCE = 'arn:aws:connect:us-east-1:123456789012:instance/11111111-2222-3333-4444-555555555555';
const SHOP = '+18005550199';
const REASONS = ['delivery', 'wrong record', 'scratched record', 'opening hours', 'gift card'] as const;
const AGENTS = ['dana', 'ravi', 'louise', 'tom'] as const;
/** Callers whose number the agent found in the CRM. */
const RECOGNIZED_SHARE = 0.5;

function recordOf({ crmId, phone, knownTo }: Person, start: number, random: Random): ContactRecord {
  const later = (ms: number): string => `${new Date(start + ms).toISOString().slice(0, 19)}Z`;
  const waited = random.between(5, 180);
  const talked = random.between(40, 700);
  const ended = (waited + talked) * 1_000;
  const isRecognized = random.chance(RECOGNIZED_SHARE) && knownTo.crm;
  return {
    AWSAccountId: '123456789012',
    AWSContactTraceRecordFormatVersion: '2017-03-10',
    ContactId: random.uuid(),
    InitialContactId: null,
    Channel: 'VOICE',
    InitiationMethod: 'INBOUND',
    InstanceARN: INSTANCE,
    InitiationTimestamp: later(0),
    ConnectedToSystemTimestamp: later(0),
    DisconnectTimestamp: later(ended),
    LastUpdateTimestamp: later(ended + random.between(30, 300) * 1_000),
    DisconnectReason: random.pick(['CUSTOMER_DISCONNECT', 'AGENT_DISCONNECT']),
    CustomerEndpoint: { Address: phone, Type: 'TELEPHONE_NUMBER' },
    SystemEndpoint: { Address: SHOP, Type: 'TELEPHONE_NUMBER' },
    CustomerId: isRecognized ? crmId : null,
    Attributes: { reason: random.pick(REASONS), generated: 'true' },
    Queue: {
      ARN: `${INSTANCE}/queue/1`,
      Name: 'Orders',
      EnqueueTimestamp: later(0),
      DequeueTimestamp: later(waited * 1_000),
      Duration: waited,
    },
    Agent: {
      Username: random.pick(AGENTS),
      ConnectedToAgentTimestamp: later(waited * 1_000),
      AgentInteractionDuration: talked,
      CustomerHoldDuration: 0,
      NumberOfHolds: 0,
      AfterContactWorkDuration: random.between(5, 60),
    },
    AgentConnectionAttempts: 1,
    Recording: null,
  };
}

/** Calls in the days after a purchase, as Amazon Connect exports its contact records. In order of time. Pure. */
export function generateCalls(lives: readonly Life[]): ContactRecord[] {
  const random = createRandom(SEED);
  const records: ContactRecord[] = [];
  for (const { person, days } of lives) {
    const [first, ...others] = days;
    if (!person.knownTo.calls || first === undefined) continue;
    const day = random.pick([first, ...others]) + random.between(1, 10) * DAY_MS;
    records.push(recordOf(person, day + random.between(9 * 3600, 18 * 3600) * 1_000, random));
  }
  return records.sort((a, b) => a.DisconnectTimestamp.localeCompare(b.DisconnectTimestamp));
}
