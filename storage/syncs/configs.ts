import { durationMs } from '../../domain/duration.ts';
import {
  isCallable,
  SYNC_OBJECTS_DEFAULT,
  SYNC_OVERLAP_DEFAULT,
  SYNC_VENDORS,
} from '../../domain/sync/vendors.ts';
import { ConditionFailed } from '../errors.ts';
import { cachedRead } from '../registry/cached-read.ts';
import type { Documents } from '../registry/documents.ts';
import { checkName, InvalidConfig } from '../registry/errors.ts';
import type { SyncAuth, SyncConfig, SyncRequest, SyncSettings, SyncStore } from './types.ts';

const COLLECTION = 'syncs';
/** Rounds of a change against others of the same document. */
const ROUNDS_MAX = 10;
/** An overlap beyond this reads whole days again and again. */
const OVERLAP_MAX_MS = 24 * 3_600_000;
const FIELDS_MAX = 500;
/** Names that go into queries as they are. */
const FIELD = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const SECRET = /^[\x21-\x7e]{1,4000}$/;

function secretsOf(auth: SyncAuth): Readonly<Record<string, string>> {
  switch (auth.kind) {
    case 'token':
      return { token: auth.token };
    case 'client-credentials':
      return { clientId: auth.clientId, clientSecret: auth.clientSecret };
    case 'refresh-token':
      return { clientId: auth.clientId, clientSecret: auth.clientSecret, refreshToken: auth.refreshToken };
    default:
      return auth satisfies never;
  }
}

function checkAuth({ vendor, auth }: SyncSettings): void {
  const allowed = SYNC_VENDORS[vendor].auth;
  if (!allowed.includes(auth.kind)) {
    throw new InvalidConfig('auth.kind', `${vendor} takes ${allowed.join(' or ')}`);
  }
  for (const [name, secret] of Object.entries(secretsOf(auth))) {
    if (!SECRET.test(secret)) {
      throw new InvalidConfig(`auth.${name}`, 'must be 1 to 4,000 printable characters of ASCII');
    }
  }
}

function checkReading({ vendor, objects, fields, overlap }: SyncSettings): void {
  const known = SYNC_VENDORS[vendor].objects;
  const stranger = objects.find((object) => !known.includes(object));
  if (objects.length === 0 || stranger !== undefined || new Set(objects).size < objects.length) {
    throw new InvalidConfig('objects', `must be some of ${known.join(', ')}, each once`);
  }
  for (const [object, names] of Object.entries(fields)) {
    if (!objects.includes(object)) {
      throw new InvalidConfig(`fields.${object}`, 'is of an object that is not read');
    }
    if (names.length === 0 || names.length > FIELDS_MAX || !names.every((name) => FIELD.test(name))) {
      throw new InvalidConfig(`fields.${object}`, `must be 1 to ${FIELDS_MAX} names of fields`);
    }
  }
  const overlapMs = durationMs(overlap);
  if (overlapMs === undefined || overlapMs > OVERLAP_MAX_MS) {
    throw new InvalidConfig('overlap', 'must be an ISO 8601 duration of at most a day, such as PT5M');
  }
}

/** The settings in full. Throws `InvalidConfig` that names the field. */
function settingsOf(request: SyncRequest): SyncSettings {
  const profile = SYNC_VENDORS[request.vendor];
  const url = request.url ?? profile.url;
  if (url === undefined) throw new InvalidConfig('url', `is required: ${profile.about}`);
  if (!isCallable(url)) {
    throw new InvalidConfig('url', `must be an https address (http on this machine alone): ${profile.about}`);
  }
  const settings: SyncSettings = {
    vendor: request.vendor,
    url: url.replace(/\/+$/, ''),
    auth: request.auth,
    objects: request.objects ?? SYNC_OBJECTS_DEFAULT[request.vendor],
    fields: request.fields ?? {},
    mapping: request.mapping ?? profile.mapping,
    overlap: request.overlap ?? SYNC_OVERLAP_DEFAULT,
    deletions: request.deletions ?? true,
  };
  checkAuth(settings);
  checkReading(settings);
  return settings;
}

/** The configuration of syncs: one sealed document a source. `now` is in milliseconds. */
export function createSyncConfigs(
  documents: Documents,
  now: () => number,
): Pick<SyncStore, 'config' | 'configs' | 'configure'> & { erase(source: string): Promise<boolean> } {
  const stored = cachedRead(async () => {
    const found = await documents.list<SyncConfig>(COLLECTION);
    return new Map(found.map(({ name, document }) => [name, document]));
  }, now);
  return {
    config: async (source) => (await stored.get()).get(source),
    configs: async () => [...(await stored.get()).values()],
    async configure(source, request) {
      checkName('source', source);
      const settings = settingsOf(request);
      for (let round = 1; ; round++) {
        stored.forget();
        const before = (await stored.get()).get(source);
        const after: SyncConfig = { ...settings, source, version: (before?.version ?? 0) + 1 };
        try {
          await documents.put(COLLECTION, source, after.version, after);
          stored.forget();
          return after;
        } catch (error) {
          if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
        }
      }
    },
    async erase(source) {
      for (let round = 1; ; round++) {
        stored.forget();
        const before = (await stored.get()).get(source);
        if (before === undefined) return false;
        try {
          await documents.erase(COLLECTION, source, before.version);
          stored.forget();
          return true;
        } catch (error) {
          if (!(error instanceof ConditionFailed) || round === ROUNDS_MAX) throw error;
        }
      }
    },
  };
}
