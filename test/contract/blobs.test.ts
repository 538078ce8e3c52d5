import { storageSets } from '../support/storage-sets.ts';
import { blobsContract } from './blobs.ts';

for (const set of storageSets) blobsContract(set);
