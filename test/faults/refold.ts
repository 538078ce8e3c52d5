import assert from 'node:assert/strict';
import { emptyFragment, evolveFragment } from '../../domain/profile/fold.ts';
import { openStorage, storageConfigFromEnv } from '../../storage/open.ts';
import { openTenant } from '../../storage/tenant.ts';

const TENANT = 'demo';
const FRAGMENTS_AT_ONCE = 50;
const FRAGMENT = 'f/';
const SNAPSHOT_SK = 's';

/** What was found in a log that was folded again. */
export interface Refolded {
  readonly fragments: number;
  readonly snapshots: number;
  readonly events: number;
}

/**
 * Opens a stopped platform's data folder, folds every fragment again from its first commit, one event at a time, and
 * expects byte for byte what is loaded through snapshots; each event once, and each fragment in one profile.
 */
export async function assertRefolds(data: string): Promise<Refolded> {
  const storage = await openStorage(storageConfigFromEnv({ TESSERA_DATA: data, TESSERA_TENANT: TENANT }));
  const store = await openTenant({ tenant: TENANT, storage });
  try {
    const policy = (await store.registry.config()).fold;
    const fragments = new Set<string>();
    let snapshots = 0;
    for await (const item of storage.log.scan(FRAGMENT)) {
      fragments.add(item.pk.slice(FRAGMENT.length));
      if (item.sk === SNAPSHOT_SK) snapshots += 1;
    }
    const all = [...fragments];
    const places = new Set<string>();
    let events = 0;
    for (let start = 0; start < all.length; start += FRAGMENTS_AT_ONCE) {
      for (const loaded of await store.log.load(all.slice(start, start + FRAGMENTS_AT_ONCE))) {
        const commits = await store.log.read(loaded.fragment);
        const stored = commits.flatMap((commit) => commit.events);
        const folded = stored.reduce((state, event) => evolveFragment(state, event, policy), emptyFragment);
        assert.equal(JSON.stringify(folded), JSON.stringify(loaded.state), 'the log folds to another state');
        assert.deepEqual(
          commits.map(({ version }) => version),
          Array.from({ length: loaded.version }, (_, index) => index + 1),
          'a fragment has every version once',
        );
        for (const { source, messageId } of stored) places.add(`${source} ${messageId}`);
        events += stored.length;
        const home = await store.directory.profileOf(loaded.fragment);
        const members = home?.members.filter(({ fragment }) => fragment === loaded.fragment);
        assert.equal(members?.length, 1, 'a fragment belongs to one profile');
      }
    }
    assert.equal(places.size, events, 'an event is in one commit of one fragment');
    assert.equal((await store.batches.counts()).events, events, 'the counts are those of the log');
    return { fragments: all.length, snapshots, events };
  } finally {
    await store.close();
  }
}
