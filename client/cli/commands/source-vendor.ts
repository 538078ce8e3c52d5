import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { VENDORS } from '../../../domain/ingestion/vendors.ts';
import { leaf, objectOf, type Context } from '../context.ts';
import { Misuse } from '../failure.ts';

/** What a vendor's webhooks need, as it is written on the command line. */
export interface VendorOptions {
  readonly vendor?: string;
  readonly secret?: string;
  readonly secretFile?: string;
  readonly set?: Record<string, string>;
}

/** What an API call needs to connect a source to its vendor. */
export interface Connection {
  readonly vendor: string;
  readonly secret?: string;
  readonly settings?: Record<string, string>;
}

/** Adds the options that say whose webhooks a source takes. */
export function vendorOptions(command: Command): Command {
  const vendor = new Option('--vendor <vendor>', "takes this vendor's webhooks").choices(
    Object.keys(VENDORS),
  );
  return secretOptions(command.addOption(vendor)).option(
    '--set <name=value>',
    'a setting of the vendor; can be given several times',
    addSetting,
  );
}

function secretOptions(command: Command): Command {
  return command
    .option('--secret-file <file>', "a file with the vendor's secret, or - to read it from the input")
    .option(
      '--secret <secret>',
      'the secret itself; others on this machine can see it while the command runs',
    );
}

function addSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new Misuse('--set takes name=value, such as --set organizationId=00D...');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

async function secretOf({ secret, secretFile }: VendorOptions): Promise<string | undefined> {
  if (secretFile === undefined) return secret;
  if (secret !== undefined) throw new Misuse('Give --secret-file or --secret, not both.');
  try {
    const text = secretFile === '-' ? await readAll(process.stdin) : await readFile(secretFile, 'utf8');
    return text.trim();
  } catch {
    throw new Misuse('The file of --secret-file can not be read.');
  }
}

/** The connection that the options ask for. Throws `Misuse`. */
export async function connectionOf(options: VendorOptions, vendor: string): Promise<Connection> {
  const secret = await secretOf(options);
  return {
    vendor,
    ...(secret === undefined ? {} : { secret }),
    ...(options.set === undefined ? {} : { settings: options.set }),
  };
}

/** Says where the vendor is to send. */
export function showWebhook(context: Context, source: Record<string, unknown>): void {
  const webhook = objectOf(source['webhook']);
  if (webhook['path'] === undefined) return;
  context.terminal.facts([
    ['vendor', webhook['vendor']],
    ['mapping', webhook['mapping']],
    ['webhooks to', webhook['path']],
  ]);
}

/** `tessera source connect` and `rotate-secret`. */
export function registerConnection(noun: Command, context: Context): void {
  const path = (name: string, verb: string): string => `/v1/sources/${encodeURIComponent(name)}/${verb}`;
  vendorOptions(leaf(noun, 'connect <name>', 'take the webhooks of a vendor on a source that is there'))
    .option('--mapping <name>', "how they become events (default: the vendor's)")
    .action(async (name: string, options: VendorOptions & { json?: boolean; mapping?: string }) => {
      if (options.vendor === undefined) throw new Misuse('Say whose webhooks: --vendor.');
      const { mapping } = options;
      const body = {
        ...(await connectionOf(options, options.vendor)),
        ...(mapping === undefined ? {} : { mapping }),
      };
      const answer = await (await context.api()).post(path(name, 'connect'), body);
      if (options.json === true) context.terminal.json(answer);
      else showWebhook(context, answer);
    });
  secretOptions(
    leaf(noun, 'rotate-secret <name>', "give a source its vendor's new secret; the old one stays valid"),
  )
    .option('--revoke-old', 'make the old secrets invalid at once')
    .action(async (name: string, options: VendorOptions & { json?: boolean; revokeOld?: boolean }) => {
      const secret = await secretOf(options);
      if (secret === undefined) throw new Misuse('Give the new secret by --secret-file.');
      const body = { secret, revokeOld: options.revokeOld === true };
      const answer = await (await context.api()).post(path(name, 'rotate-secret'), body);
      if (options.json === true) context.terminal.json(answer);
      else context.terminal.line(`${name} has its new secret.`);
    });
}
