/** Every workflow that a worker registers: an export's name is the workflow's type. */
export { ingestion } from './ingestion.ts';
export { resolution } from './resolution.ts';
export { importFile } from './import-file.ts';
export { importFolder } from './import-folder.ts';
export { releaseQuarantine } from './release-quarantine.ts';
export { linkRecords } from './link-records.ts';
export { rehearseMapping } from './rehearse-mapping.ts';
export { followUps } from './follow-ups.ts';
export { syncSource } from './sync-source.ts';
export { replayRules } from './replay-rules.ts';
export { replayMapping } from './replay-mapping.ts';
