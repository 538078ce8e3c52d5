import { chmod, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { createMeter } from '../meter.ts';
import type { Storage } from '../ports.ts';
import { openEmbeddedBlobs } from './blobs.ts';
import { storageFault } from './faults.ts';
import { makeDirectory } from './files.ts';
import { openEmbeddedKeys } from './keys.ts';
import { keepMappedSmall } from './mapped.ts';
import { EmbeddedTable } from './table.ts';

/** Where a tenant's embedded storage lives. `now` (epoch milliseconds) is for tests of expiry. */
export interface EmbeddedConfig {
  readonly kind: 'embedded';
  readonly dir: string;
  readonly now?: () => number;
}

/**
 * Opens, or creates, a tenant's storage in one folder: `tables/`, `blobs/`, `master.key` and `epochs/`, readable by
 * the owner alone. Throws `StoreUnavailable`, `StoreFull`, `KeyGone`.
 */
export async function openEmbedded(config: EmbeddedConfig): Promise<Storage> {
  const { dir } = config;
  const meter = createMeter();
  const clock = config.now === undefined ? {} : { now: config.now };
  try {
    await makeDirectory(dir);
    await chmod(dir, 0o700);
  } catch (error) {
    throw storageFault('the data folder', dir, error);
  }
  const master = await openEmbeddedKeys({ dir, meter, ...clock });
  const blobs = await openEmbeddedBlobs(join(dir, 'blobs'), meter);
  const tables = join(dir, 'tables');
  const table = (name: string): EmbeddedTable =>
    new EmbeddedTable({ dir: join(tables, name), name, meter, ...clock });
  const [log, keys, intake] = [table('log'), table('keys'), table('intake')];
  const leaveMapped = await keepMappedSmall(await realpath(tables));
  return {
    log,
    keys,
    intake,
    blobs,
    master,
    meter,
    async close() {
      leaveMapped();
      await Promise.all([log.close(), keys.close(), intake.close(), blobs.close(), master.close()]);
    },
  };
}
