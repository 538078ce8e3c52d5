import type { Life } from './life.ts';
import { createRandom, type Random } from './random.ts';

/** One message of Messenger, as the page's webhook brings it. */
export type PageMessage = Record<string, unknown> & { readonly timestamp: number };

const SEED = 19_970_409;
const PAGE = '682498302938465';
const APP = 1_517_776_481_860_111;
const QUESTIONS = [
  { asked: 'Is the new one in stock?', answered: 'Yes, it came in this morning.' },
  { asked: 'Until when are you open today?', answered: 'Until eight.' },
  { asked: 'Do you take records back?', answered: 'Within two weeks, with the receipt.' },
] as const;

function messageOf(random: Random, at: number, from: string, to: string, message: object): PageMessage {
  return {
    sender: { id: from },
    recipient: { id: to },
    timestamp: at,
    message: { mid: `m_generated-${random.uuid()}`, ...message },
  };
}

/** Questions to the shop's page and its answers, as Messenger's webhook tells of them. In order of time. Pure. */
export function generateMessages(lives: readonly Life[]): PageMessage[] {
  const random = createRandom(SEED);
  const messages: PageMessage[] = [];
  for (const { person, loginAt } of lives) {
    if (!person.knownTo.messenger || loginAt === undefined) continue;
    const asked = loginAt + random.between(60, 30 * 24 * 60) * 60_000;
    const { asked: question, answered } = random.pick(QUESTIONS);
    const answeredAt = asked + random.between(1, 60) * 60_000;
    messages.push(
      messageOf(random, asked, person.socialId, PAGE, { text: question }),
      messageOf(random, answeredAt, PAGE, person.socialId, { is_echo: true, app_id: APP, text: answered }),
    );
  }
  return messages.sort((a, b) => a.timestamp - b.timestamp);
}

/** The body of one delivery of the page's webhook: an entry for each message. */
export function deliveryOf(messages: readonly PageMessage[]): object {
  return {
    object: 'page',
    entry: messages.map((message) => ({ id: PAGE, time: message.timestamp, messaging: [message] })),
  };
}
