import { VENDORS, type Vendor } from '../../domain/ingestion/vendors.ts';
import { ConditionFailed } from '../errors.ts';
import { cachedRead } from '../registry/cached-read.ts';
import type { Documents } from '../registry/documents.ts';
import { InvalidConfig } from '../registry/errors.ts';
import type { WebhookConfig, WebhookRequest, WebhookSecret, WebhookStore } from './types.ts';

const COLLECTION = 'webhooks';
/** Rounds of a change against others of the same document. */
const ROUNDS_MAX = 10;
/** Secrets in force at once: the new one, the one before, and one that somebody forgot. */
const SECRETS_MAX = 3;
const SECRET = /^[\x21-\x7e][\x20-\x7e]{0,1999}$/;

/** Checks a secret and settings against what the vendor needs. Throws `InvalidConfig` that names the field. */
function checkRequest(request: WebhookRequest): void {
  const profile = VENDORS[request.vendor];
  checkSecret(request.vendor, request.secret);
  const settings = request.settings ?? {};
  for (const [name, setting] of Object.entries(profile.settings)) {
    const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (value === undefined) {
      if (setting.required) throw new InvalidConfig(`settings.${name}`, `is required: ${setting.about}`);
    } else if (!setting.pattern.test(value)) {
      throw new InvalidConfig(`settings.${name}`, `must be ${setting.about}`);
    }
  }
  for (const name of Object.keys(settings)) {
    if (!Object.hasOwn(profile.settings, name)) {
      const known = Object.keys(profile.settings).join(', ');
      throw new InvalidConfig(
        'settings',
        `${request.vendor} has ${known === '' ? 'none' : `these alone: ${known}`}`,
      );
    }
  }
}

function checkSecret(vendor: Vendor, secret: string | undefined): void {
  const { secret: wanted } = VENDORS[vendor];
  if (wanted === undefined) {
    if (secret !== undefined) throw new InvalidConfig('secret', `${vendor} has none; leave it out`);
  } else if (secret === undefined) {
    if (wanted.required) throw new InvalidConfig('secret', `is required: ${wanted.about}`);
  } else if (!SECRET.test(secret)) {
    throw new InvalidConfig('secret', 'must be 1 to 2,000 printable characters of ASCII');
  }
}

/** The configuration of webhooks: one sealed document a source. `now` is in milliseconds. */
export function createConfigs(
  documents: Documents,
  now: () => number,
): Pick<WebhookStore, 'config' | 'configs' | 'connect' | 'rotateSecret'> {
  const stored = cachedRead(async () => {
    const found = await documents.list<WebhookConfig>(COLLECTION);
    return new Map(found.map(({ name, document }) => [name, document]));
  }, now);
  const dated = (secret: string): WebhookSecret => ({ secret, addedAt: new Date(now()).toISOString() });

  async function change(
    source: string,
    apply: (before: WebhookConfig | undefined) => Omit<WebhookConfig, 'version' | 'source'>,
  ): Promise<WebhookConfig> {
    for (let round = 1; ; round++) {
      stored.forget();
      const before = (await stored.get()).get(source);
      const after = { ...apply(before), source, version: (before?.version ?? 0) + 1 };
      try {
        await documents.put(COLLECTION, source, after.version, after);
        stored.forget();
        return after;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
      }
    }
  }

  return {
    config: async (source) => (await stored.get()).get(source),
    configs: async () => [...(await stored.get()).values()],
    async connect(source, request) {
      checkRequest(request);
      return change(source, () => ({
        vendor: request.vendor,
        mapping: request.mapping ?? VENDORS[request.vendor].mapping,
        secrets: request.secret === undefined ? [] : [dated(request.secret)],
        settings: request.settings ?? {},
      }));
    },
    async rotateSecret(source, secret, { revokeOld = false } = {}) {
      return change(source, (before) => {
        if (before === undefined) {
          throw new InvalidConfig('source', 'takes no webhooks; connect it to a vendor first');
        }
        checkSecret(before.vendor, secret);
        const kept = revokeOld ? [] : before.secrets.slice(0, SECRETS_MAX - 1);
        return { ...before, secrets: [dated(secret), ...kept] };
      });
    },
  };
}
