import { storageSets } from '../support/storage-sets.ts';
import { tableContract } from './table.ts';

for (const set of storageSets) tableContract(set);
