import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const POM = fileURLToPath(new URL('dynamodb-local/pom.xml', import.meta.url));
const DYNAMODB_LOCAL = join(CACHE, 'dynamodb-local', '2.6.1');
const MINISTACK_VERSION = '1.5.33';
const OPT_OUT = 'or set TESSERA_TEST_AWS=off to leave out the tests against emulators of AWS';

/** Programs that stand in for AWS in tests. */
export interface AwsTools {
  /** The folder of DynamoDB Local's jars and native libraries. */
  readonly dynamodbLocal: string;
  /** The command of ministack, which plays S3 and KMS. */
  readonly ministack: string;
}

let tools: Promise<AwsTools> | undefined;

/** Finds the tools, fetching them into `.cache/` at the first time. Throws an error that says what to install. */
export async function awsTools(): Promise<AwsTools> {
  tools ??= Promise.all([findDynamodbLocal(), findMinistack()]).then(([dynamodbLocal, ministack]) => ({
    dynamodbLocal,
    ministack,
  }));
  return tools;
}

async function findDynamodbLocal(): Promise<string> {
  await need('java', ['-version'], 'Java 17 or newer');
  if (existsSync(DYNAMODB_LOCAL)) return DYNAMODB_LOCAL;
  await need('mvn', ['-v'], 'Maven');
  const fresh = `${DYNAMODB_LOCAL}-${process.pid}`;
  await mkdir(fresh, { recursive: true });
  await fetchOrExplain('DynamoDB Local', 'mvn', [
    ...['-q', '-B', '-f', POM, 'dependency:copy-dependencies'],
    ...['-DincludeScope=runtime', `-DoutputDirectory=${fresh}`],
  ]);
  await moveInto(fresh, DYNAMODB_LOCAL);
  return DYNAMODB_LOCAL;
}

async function findMinistack(): Promise<string> {
  if (await works('ministack', ['--help'])) return 'ministack';
  const home = join(CACHE, 'ministack', MINISTACK_VERSION);
  const command = join(home, 'bin', 'ministack');
  if (existsSync(command)) return command;
  await need('python3', ['--version'], 'Python 3.10 or newer, or ministack itself');
  // A virtual environment holds its own path, so it is made where it stays.
  await fetchOrExplain('ministack', 'python3', ['-m', 'venv', '--clear', home]);
  await fetchOrExplain('ministack', join(home, 'bin', 'pip'), [
    ...['install', '-q', `ministack==${MINISTACK_VERSION}`],
  ]);
  return command;
}

async function need(command: string, args: readonly string[], what: string): Promise<void> {
  if (!(await works(command, args))) {
    throw new Error(`${command} can't be run: install ${what}, ${OPT_OUT}`);
  }
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, [...args]);
    return true;
  } catch {
    return false;
  }
}

async function fetchOrExplain(what: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, [...args]);
  } catch (cause) {
    throw new Error(`${what} could not be fetched by ${command}: allow access to its registry, ${OPT_OUT}`, {
      cause,
    });
  }
}

async function moveInto(fresh: string, place: string): Promise<void> {
  try {
    await rename(fresh, place);
  } catch (error) {
    // Another run was first.
    if (!existsSync(place)) throw error;
    await rm(fresh, { recursive: true });
  }
}
