import { storageSets } from '../support/storage-sets.ts';
import { keysContract } from './keys.ts';

for (const set of storageSets) keysContract(set);
