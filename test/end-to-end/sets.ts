import type { PlatformOptions } from '../support/platform.ts';
import { emulatorEnvironment } from './emulators.ts';

/** A way to store: on this machine, or as on AWS. */
export type StorageSet = 'embedded' | 'aws';

/** The storage sets to test; `TESSERA_E2E_STORAGE` narrows them to one. */
export const STORAGE_SETS: readonly StorageSet[] = (['embedded', 'aws'] as const).filter((set) =>
  [set, undefined, ''].includes(process.env['TESSERA_E2E_STORAGE']),
);

/** What a storage set adds to the start of a platform; the same answer starts again on the same data. */
export async function storageOptions(set: StorageSet): Promise<PlatformOptions> {
  return set === 'embedded' ? {} : { storage: 'aws', env: await emulatorEnvironment() };
}
