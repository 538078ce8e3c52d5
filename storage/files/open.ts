import { isObjectLocation } from '../../domain/ingestion/imports.ts';
import { localFiles } from './local.ts';
import { createS3Files, type S3FilesConfig } from './s3.ts';
import type { Files } from './types.ts';

/** Where S3 is, from the environment, by the names that the AWS SDKs use. */
export function s3FilesConfigFromEnv(env: Readonly<Record<string, string | undefined>>): S3FilesConfig {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  return {
    region: given('AWS_REGION') ?? given('AWS_DEFAULT_REGION') ?? 'us-east-1',
    endpoint: given('AWS_ENDPOINT_URL_S3') ?? given('AWS_ENDPOINT_URL'),
  };
}

/** Opens files by location: a path on this machine, or `s3://`. Nothing of S3 is set up before it is first named. */
export function openFiles(config: S3FilesConfig): Files {
  let s3: Files | undefined;
  const of = (location: string): Omit<Files, 'close'> => {
    if (!isObjectLocation(location)) return localFiles;
    return (s3 ??= createS3Files(config));
  };
  return {
    stamp: (location) => of(location).stamp(location),
    read: (location, stamp, from) => of(location).read(location, stamp, from),
    list: (folder) => of(folder).list(folder),
    close: () => s3?.close(),
  };
}
